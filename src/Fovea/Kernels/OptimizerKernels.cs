using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// One block of parameters to be updated: its values, gradients and state, all of <see cref="Count"/> floats, a multiple of 16.
/// </summary>
internal unsafe struct UpdateCall
{
    public float* Values, Gradients;

    /// <summary>The optimizer's numbers per parameter, in the order in which it names them; null past the last.</summary>
    public float* State0, State1, State2;
    /// <summary>The running mean of the values; null where none is kept.</summary>
    public float* Average;
    public int Count;

    /// <summary>Whether it is the whole of a parameter that has more than one dimension.</summary>
    public bool IsWeight;

    /// <summary>The number of this update, from 1.</summary>
    public long Step;
    public float LearningRate;

    /// <summary>Takes the place of the optimizer's own momentum, or beta1, when given.</summary>
    public float? Momentum;
}

/// <summary>
/// Updates of the optimizers, as PyTorch defines them. Moments that decay towards zero become denormal numbers, which slow the
/// arithmetic manyfold: they are set to zero. The JIT is asked to do its best at once: in the first half second of a training an update would otherwise take longer
/// than all the rest of the step.
/// </summary>
internal static unsafe class OptimizerKernels<V> where V : struct, ILanes<V>
{
    private const float SmallestNormal = 1.17549435e-38f;

    private static V Flush(V value) => V.SelectGreater(V.Abs(value), V.Broadcast(SmallestNormal), value, V.Zero);

    /// <summary>v = momentum v + (1 - dampening) g (v = g at first), w -= rate v; Nesterov takes g + momentum v in the place of v. The gradient, weight
    /// decay included, is multiplied by <paramref name="trust"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sgd(in UpdateCall call, float momentum, float dampening, bool nesterov, float weightDecay, float trust)
    {
        V ratio = V.Broadcast(trust);
        V rate = V.Broadcast(-call.LearningRate), mu = V.Broadcast(momentum), decay = V.Broadcast(weightDecay);
        V share = V.Broadcast(call.Step == 1 ? 1 : 1 - dampening);
        for (int i = 0; i < call.Count; i += V.Count)
        {
            V w = V.Load(call.Values + i);
            V g = ratio * V.MultiplyAdd(decay, w, V.Load(call.Gradients + i));
            if (momentum != 0)
            {
                V v = Flush(V.MultiplyAdd(mu, V.Load(call.State0 + i), share * g));
                v.Store(call.State0 + i);
                g = nesterov ? V.MultiplyAdd(mu, v, g) : v;
            }
            V.MultiplyAdd(rate, g, w).Store(call.Values + i);
        }
    }

    /// <summary>m and v are running means of g and g^2; w -= rate / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon).
    /// Weight decay is added to g, or, decoupled, taken off w beforehand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Adam(in UpdateCall call, float beta1, float beta2, float epsilon, float weightDecay, bool decoupled)
    {
        double correction1 = 1 - Math.Pow(beta1, call.Step), correction2 = Math.Sqrt(1 - Math.Pow(beta2, call.Step));
        V rate = V.Broadcast((float)(-call.LearningRate / correction1)), scale = V.Broadcast((float)(1 / correction2));
        V mu1 = V.Broadcast(beta1), nu1 = V.Broadcast(1 - beta1), mu2 = V.Broadcast(beta2), nu2 = V.Broadcast(1 - beta2);
        V tiny = V.Broadcast(epsilon);
        V decay = V.Broadcast(decoupled ? 0 : weightDecay), keep = V.Broadcast(decoupled ? 1 - call.LearningRate * weightDecay : 1);
        for (int i = 0; i < call.Count; i += V.Count)
        {
            V w = V.Load(call.Values + i);
            V g = V.MultiplyAdd(decay, w, V.Load(call.Gradients + i));
            V m = Flush(V.MultiplyAdd(mu1, V.Load(call.State0 + i), nu1 * g));
            V v = Flush(V.MultiplyAdd(mu2, V.Load(call.State1 + i), nu2 * g * g));
            m.Store(call.State0 + i);
            v.Store(call.State1 + i);
            V.MultiplyAdd(rate, V.Quotient(m, V.MultiplyAdd(V.Sqrt(v), scale, tiny)), w * keep).Store(call.Values + i);
        }
    }

    /// <summary>v is a running mean of g^2 (and a of g, when centered: v - a^2 takes v's place); b = momentum b + g / (sqrt(v) + epsilon),
    /// w -= rate b. The state is v, b where there is momentum, and a where it is centered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RmsProp(in UpdateCall call, float alpha, float epsilon, float momentum, bool centered, float weightDecay)
    {
        V rate = V.Broadcast(-call.LearningRate), keep = V.Broadcast(alpha), share = V.Broadcast(1 - alpha);
        V tiny = V.Broadcast(epsilon), mu = V.Broadcast(momentum), decay = V.Broadcast(weightDecay);
        float* means = momentum != 0 ? call.State2 : call.State1;
        for (int i = 0; i < call.Count; i += V.Count)
        {
            V w = V.Load(call.Values + i);
            V g = V.MultiplyAdd(decay, w, V.Load(call.Gradients + i));
            V v = Flush(V.MultiplyAdd(keep, V.Load(call.State0 + i), share * g * g));
            v.Store(call.State0 + i);
            if (centered)
            {
                V a = Flush(V.MultiplyAdd(keep, V.Load(means + i), share * g));
                a.Store(means + i);
                v = V.Max(V.Zero, v - a * a);
            }
            V step = V.Quotient(g, V.Sqrt(v) + tiny);
            if (momentum != 0)
            {
                step = Flush(V.MultiplyAdd(mu, V.Load(call.State1 + i), step));
                step.Store(call.State1 + i);
            }
            V.MultiplyAdd(rate, step, w).Store(call.Values + i);
        }
    }

    /// <summary>s is the sum of g^2; w -= rate / (1 + (t - 1) decay) g / (sqrt(s) + epsilon).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Adagrad(in UpdateCall call, float rateDecay, float initial, float epsilon, float weightDecay)
    {
        V rate = V.Broadcast((float)(-call.LearningRate / (1 + (call.Step - 1) * (double)rateDecay)));
        V tiny = V.Broadcast(epsilon), decay = V.Broadcast(weightDecay), start = V.Broadcast(call.Step == 1 ? initial : 0);
        for (int i = 0; i < call.Count; i += V.Count)
        {
            V w = V.Load(call.Values + i);
            V g = V.MultiplyAdd(decay, w, V.Load(call.Gradients + i));
            V s = Flush(V.MultiplyAdd(g, g, start + V.Load(call.State0 + i)));
            s.Store(call.State0 + i);
            V.MultiplyAdd(rate, V.Quotient(g, V.Sqrt(s) + tiny), w).Store(call.Values + i);
        }
    }

    /// <summary>As Adam, with the decay mu(t) = beta1 (1 - 0.96^(t decay) / 2) in the corrections: the step takes (1 - mu(t)) g and mu(t + 1) m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void NAdam(in UpdateCall call, float beta1, float beta2, float epsilon, float weightDecay, float momentumDecay)
    {
        double now = MomentumOf(beta1, momentumDecay, call.Step), next = MomentumOf(beta1, momentumDecay, call.Step + 1);
        double before = call.Step == 1 ? 1 : call.State2[0], product = before * now;
        V scale = V.Broadcast((float)(1 / Math.Sqrt(1 - Math.Pow(beta2, call.Step))));
        V ofGradient = V.Broadcast((float)(-call.LearningRate * (1 - now) / (1 - product)));
        V ofMean = V.Broadcast((float)(-call.LearningRate * next / (1 - product * next)));
        V mu1 = V.Broadcast(beta1), nu1 = V.Broadcast(1 - beta1), mu2 = V.Broadcast(beta2), nu2 = V.Broadcast(1 - beta2);
        V tiny = V.Broadcast(epsilon), decay = V.Broadcast(weightDecay), kept = V.Broadcast((float)product);
        for (int i = 0; i < call.Count; i += V.Count)
        {
            V w = V.Load(call.Values + i);
            V g = V.MultiplyAdd(decay, w, V.Load(call.Gradients + i));
            V m = Flush(V.MultiplyAdd(mu1, V.Load(call.State0 + i), nu1 * g));
            V v = Flush(V.MultiplyAdd(mu2, V.Load(call.State1 + i), nu2 * g * g));
            m.Store(call.State0 + i);
            v.Store(call.State1 + i);
            kept.Store(call.State2 + i);
            V size = V.MultiplyAdd(V.Sqrt(v), scale, tiny);
            V.MultiplyAdd(ofGradient, V.Quotient(g, size), V.MultiplyAdd(ofMean, V.Quotient(m, size), w)).Store(call.Values + i);
        }
    }

    /// <summary>w -= rate sign(beta1 m + (1 - beta1) g), after weight decay was taken off w; then m is the running mean of g by beta2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Lion(in UpdateCall call, float beta1, float beta2, float weightDecay)
    {
        V rate = V.Broadcast(call.LearningRate), keep = V.Broadcast(1 - call.LearningRate * weightDecay);
        V mu1 = V.Broadcast(beta1), nu1 = V.Broadcast(1 - beta1), mu2 = V.Broadcast(beta2), nu2 = V.Broadcast(1 - beta2);
        for (int i = 0; i < call.Count; i += V.Count)
        {
            V g = V.Load(call.Gradients + i), m = V.Load(call.State0 + i), direction = V.MultiplyAdd(mu1, m, nu1 * g);
            V step = V.SelectGreater(direction, V.Zero, rate, V.SelectGreater(V.Zero, direction, V.Zero - rate, V.Zero));
            (V.Load(call.Values + i) * keep - step).Store(call.Values + i);
            Flush(V.MultiplyAdd(mu2, m, nu2 * g)).Store(call.State0 + i);
        }
    }

    /// <summary>The decay of NAdam's running mean at an update.</summary>
    internal static double MomentumOf(double beta1, double decay, long step) => beta1 * (1 - 0.5 * Math.Pow(0.96, step * decay));

    /// <summary>g is kept between -bound and bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Clip(in UpdateCall call, float bound)
    {
        V high = V.Broadcast(bound), low = V.Broadcast(-bound);
        for (int i = 0; i < call.Count; i += V.Count)
        {
            V above = V.Max(low, V.Load(call.Gradients + i));
            V.SelectGreater(above, high, high, above).Store(call.Gradients + i);
        }
    }

    /// <summary>a += (1 - decay) (w - a), and a = w after the first update.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Average(in UpdateCall call, float decay)
    {
        V share = V.Broadcast(call.Step == 1 ? 1 : 1 - decay);
        for (int i = 0; i < call.Count; i += V.Count)
        {
            V a = V.Load(call.Average + i);
            V.MultiplyAdd(share, V.Load(call.Values + i) - a, a).Store(call.Average + i);
        }
    }

    /// <summary>w moves towards 0 by rate l1 and stops there: sign(w) max(0, |w| - rate l1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Shrink(in UpdateCall call, float l1)
    {
        V step = V.Broadcast(call.LearningRate * l1);
        for (int i = 0; i < call.Count; i += V.Count)
        {
            V w = V.Load(call.Values + i);
            V left = V.Max(V.Zero, V.Abs(w) - step);
            V.SelectGreater(w, V.Zero, left, V.Zero - left).Store(call.Values + i);
        }
    }
}
