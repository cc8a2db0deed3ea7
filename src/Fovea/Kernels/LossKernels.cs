namespace Fovea.Kernels;

/// <summary>
/// What a loss works on: the network's output of one group, x [F][L], and where its gradient goes (null: none is asked for).
/// </summary>
internal unsafe struct LossCall
{
    public float* Output, Gradient;
    public int Features;

    /// <summary>The class of each lane's sample, -1 where there is no sample.</summary>
    public int* Labels;

    /// <summary>The wanted output [F][L], for losses that have one number a feature.</summary>
    public float* Targets;

    /// <summary>1 for a lane with a sample, 0 for one without.</summary>
    public float* Mask;

    /// <summary>By what each gradient is multiplied: 1 over the number of terms of the whole batch.</summary>
    public float Scale;

    /// <summary>Receives the sum of each sample's terms.</summary>
    public float* Losses;
}

/// <summary>A loss with one number per feature: its terms and their derivatives by the output x, given the target t.</summary>
internal interface ILossTerm
{
    V Value<V>(V x, V t) where V : struct, ILanes<V>;
    V Derivative<V>(V x, V t) where V : struct, ILanes<V>;
}

/// <summary>Losses on lanes.</summary>
internal static unsafe class LossKernels<V> where V : struct, ILanes<V>
{
    /// <summary>Sums and differentiates the terms of a loss.</summary>
    public static void Terms<TTerm>(in LossCall call, TTerm term) where TTerm : struct, ILossTerm
    {
        V sum = V.Zero, scale = V.Broadcast(call.Scale) * V.Load(call.Mask);
        for (int i = 0; i < call.Features; i++)
        {
            V x = V.Load(call.Output + i * V.Count), t = V.Load(call.Targets + i * V.Count);
            sum += term.Value(x, t);
            if (call.Gradient != null) (term.Derivative(x, t) * scale).Store(call.Gradient + i * V.Count);
        }
        sum.Store(call.Losses);
    }

    /// <summary>Multiplies losses and gradients by a weight for each lane.</summary>
    public static void Weigh(in LossCall call, float* weights)
    {
        V weight = V.Load(weights);
        (V.Load(call.Losses) * weight).Store(call.Losses);
        if (call.Gradient == null) return;
        for (int i = 0; i < call.Features; i++) (V.Load(call.Gradient + i * V.Count) * weight).Store(call.Gradient + i * V.Count);
    }

    /// <summary>Minus the output of the label: x holds log-probabilities.</summary>
    public static void NegativeLogLikelihood(in LossCall call)
    {
        if (call.Gradient != null) new Span<float>(call.Gradient, call.Features * V.Count).Clear();
        for (int lane = 0; lane < V.Count; lane++)
        {
            int label = call.Labels[lane];
            call.Losses[lane] = label < 0 ? 0 : -call.Output[label * V.Count + lane];
            if (call.Gradient != null && label >= 0) call.Gradient[label * V.Count + lane] = -call.Scale;
        }
    }

    /// <summary>Minus the log-softmax of the label, and, to a share, its mean over all classes: x holds logits.</summary>
    /// <param name="call">What it works on.</param>
    /// <param name="smoothing">The share.</param>
    /// <param name="weights">How much each class counts, in the mean too; null where all count alike.</param>
    public static void CrossEntropy(in LossCall call, float smoothing, IReadOnlyList<double>? weights)
    {
        var (largest, logSum) = SoftmaxKernels<V>.LogSumExp(call.Output, V.Count, call.Features);
        V spread = V.Zero;
        float share = 1 - smoothing, each = smoothing / call.Features, all = 0;
        // What a class gets of each label, in parts of an even share.
        float Weight(int i) => weights is null || i >= weights.Count ? 1 : (float)weights[i];
        for (int i = 0; i < call.Features && smoothing > 0; i++)
        {
            spread = V.MultiplyAdd(V.Broadcast(Weight(i)), largest - V.Load(call.Output + i * V.Count), spread);
            all += Weight(i);
        }
        // All that a label weighs: 1 where all classes count alike.
        float* masses = stackalloc float[V.Count];
        for (int lane = 0; lane < V.Count; lane++) masses[lane] = weights is null || call.Labels[lane] < 0 ? 1 : share * Weight(call.Labels[lane]) + each * all;
        V mass = V.Load(masses);
        V.MultiplyAdd(V.Broadcast(each), spread, mass * logSum).Store(call.Losses);
        float* peaks = stackalloc float[V.Count];
        largest.Store(peaks);
        if (call.Gradient != null)
        {
            V scale = V.Broadcast(call.Scale) * V.Load(call.Mask);
            for (int i = 0; i < call.Features; i++)
                ((mass * V.Exp(V.Load(call.Output + i * V.Count) - largest - logSum) - V.Broadcast(each * Weight(i))) * scale).Store(call.Gradient + i * V.Count);
        }
        for (int lane = 0; lane < V.Count; lane++)
        {
            int label = call.Labels[lane];
            if (label < 0) continue;
            // The difference first: large logits would swallow the logarithm.
            call.Losses[lane] += share * Weight(label) * (peaks[lane] - call.Output[label * V.Count + lane]);
            if (call.Gradient != null) call.Gradient[label * V.Count + lane] -= share * Weight(label) * call.Scale;
        }
    }

    /// <summary>By how much other classes come nearer to the label's than the margin, on average.</summary>
    public static void MultiMargin(in LossCall call, float margin)
    {
        // What an output must stay below; far above all where there is no sample.
        float* bounds = stackalloc float[V.Count];
        for (int lane = 0; lane < V.Count; lane++)
            bounds[lane] = call.Labels[lane] < 0 ? float.MaxValue : call.Output[call.Labels[lane] * V.Count + lane] - margin;
        V bound = V.Load(bounds), sum = V.Zero, count = V.Zero, each = V.Broadcast(1f / call.Features), scale = V.Broadcast(call.Scale) * each;
        for (int i = 0; i < call.Features; i++)
        {
            V x = V.Load(call.Output + i * V.Count), hit = V.SelectGreater(x, bound, V.Broadcast(1), V.Zero);
            sum += V.Max(V.Zero, x - bound);
            count += hit;
            if (call.Gradient != null) (hit * scale).Store(call.Gradient + i * V.Count);
        }
        (sum * each).Store(call.Losses);
        float* counts = stackalloc float[V.Count];
        count.Store(counts);
        for (int lane = 0; lane < V.Count; lane++)
        {
            int label = call.Labels[lane];
            if (label < 0) continue;
            // The class itself is ahead of itself by nothing, which the sums counted.
            float own = Math.Max(0, call.Output[label * V.Count + lane] - bounds[lane]);
            call.Losses[lane] -= own / call.Features;
            if (call.Gradient != null) call.Gradient[label * V.Count + lane] -= counts[lane] * call.Scale / call.Features;
        }
    }

    /// <summary>The feature with the largest output, for each lane; the first of equals.</summary>
    public static void Largest(float* x, int features, int* result)
    {
        V largest = V.Load(x), index = V.Index(0);
        for (int i = 1; i < features; i++)
        {
            V value = V.Load(x + i * V.Count);
            index = V.SelectGreater(value, largest, V.Index(i), index);
            largest = V.Max(value, largest);
        }
        index.Store((float*)result);
    }
}
