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
    static abstract V Value<V>(V x, V t) where V : struct, ILanes<V>;
    static abstract V Derivative<V>(V x, V t) where V : struct, ILanes<V>;
}

/// <summary>Losses on lanes.</summary>
internal static unsafe class LossKernels<V> where V : struct, ILanes<V>
{
    /// <summary>Sums and differentiates the terms of a loss.</summary>
    public static void Terms<TTerm>(in LossCall call) where TTerm : struct, ILossTerm
    {
        V sum = V.Zero, scale = V.Broadcast(call.Scale) * V.Load(call.Mask);
        for (int i = 0; i < call.Features; i++)
        {
            V x = V.Load(call.Output + i * V.Count), t = V.Load(call.Targets + i * V.Count);
            sum += TTerm.Value(x, t);
            if (call.Gradient != null) (TTerm.Derivative(x, t) * scale).Store(call.Gradient + i * V.Count);
        }
        sum.Store(call.Losses);
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

    /// <summary>Minus the log-softmax of the label: x holds logits.</summary>
    public static void CrossEntropy(in LossCall call)
    {
        var (largest, logSum) = SoftmaxKernels<V>.LogSumExp(call.Output, V.Count, call.Features);
        logSum.Store(call.Losses);
        float* peaks = stackalloc float[V.Count];
        largest.Store(peaks);
        if (call.Gradient != null)
        {
            V scale = V.Broadcast(call.Scale) * V.Load(call.Mask);
            for (int i = 0; i < call.Features; i++)
                (V.Exp(V.Load(call.Output + i * V.Count) - largest - logSum) * scale).Store(call.Gradient + i * V.Count);
        }
        for (int lane = 0; lane < V.Count; lane++)
        {
            int label = call.Labels[lane];
            if (label < 0) continue;
            // The difference first: large logits would swallow the logarithm.
            call.Losses[lane] += peaks[lane] - call.Output[label * V.Count + lane];
            if (call.Gradient != null) call.Gradient[label * V.Count + lane] -= call.Scale;
        }
    }

    /// <summary>The feature with the largest output, for each lane; the first of equals.</summary>
    public static void Largest(float* x, int features, int* result)
    {
        V largest = V.Load(x), index = V.Index(0);
        for (int i = 1; i < features; i++)
        {
            V value = V.Load(x + i * V.Count), greater = V.Greater(value, largest);
            largest = V.Select(greater, value, largest);
            index = V.Select(greater, V.Index(i), index);
        }
        index.Store((float*)result);
    }
}
