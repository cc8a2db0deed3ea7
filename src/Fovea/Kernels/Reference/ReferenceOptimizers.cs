namespace Fovea.Kernels.Reference;

/// <summary>The plain twins of the optimizers' updates: one parameter at a time, in double, the state rounded to float between steps.</summary>
internal static class ReferenceOptimizers
{
    /// <summary>See <see cref="OptimizerKernels{V}.Sgd"/>.</summary>
    public static unsafe void Sgd(in UpdateCall call, double momentum, double dampening, bool nesterov, double weightDecay)
    {
        for (int i = 0; i < call.Count; i++)
        {
            double g = call.Gradients[i] + weightDecay * call.Values[i];
            if (momentum != 0)
            {
                double v = call.Step == 1 ? g : momentum * call.State0[i] + (1 - dampening) * g;
                call.State0[i] = (float)v;
                g = nesterov ? g + momentum * v : v;
            }
            call.Values[i] = (float)(call.Values[i] - call.LearningRate * g);
        }
    }

    /// <summary>See <see cref="OptimizerKernels{V}.Adam"/>.</summary>
    public static unsafe void Adam(in UpdateCall call, double beta1, double beta2, double epsilon, double weightDecay, bool decoupled)
    {
        for (int i = 0; i < call.Count; i++)
        {
            double w = call.Values[i] * (decoupled ? 1 - call.LearningRate * weightDecay : 1);
            double g = call.Gradients[i] + (decoupled ? 0 : weightDecay * w);
            double m = beta1 * call.State0[i] + (1 - beta1) * g, v = beta2 * call.State1[i] + (1 - beta2) * g * g;
            call.State0[i] = (float)m;
            call.State1[i] = (float)v;
            double mean = m / (1 - Math.Pow(beta1, call.Step)), square = v / (1 - Math.Pow(beta2, call.Step));
            call.Values[i] = (float)(w - call.LearningRate * mean / (Math.Sqrt(square) + epsilon));
        }
    }

    /// <summary>See <see cref="OptimizerKernels{V}.RmsProp"/>.</summary>
    public static unsafe void RmsProp(in UpdateCall call, double alpha, double epsilon, double momentum, bool centered, double weightDecay)
    {
        float* means = momentum != 0 ? call.State2 : call.State1;
        for (int i = 0; i < call.Count; i++)
        {
            double g = call.Gradients[i] + weightDecay * call.Values[i];
            double v = alpha * call.State0[i] + (1 - alpha) * g * g;
            call.State0[i] = (float)v;
            if (centered)
            {
                double a = alpha * means[i] + (1 - alpha) * g;
                means[i] = (float)a;
                v = Math.Max(0, v - a * a);
            }
            double step = g / (Math.Sqrt(v) + epsilon);
            if (momentum != 0) call.State1[i] = (float)(step += momentum * call.State1[i]);
            call.Values[i] = (float)(call.Values[i] - call.LearningRate * step);
        }
    }

    /// <summary>See <see cref="OptimizerKernels{V}.Shrink"/>.</summary>
    public static unsafe void Shrink(in UpdateCall call, double l1)
    {
        double step = call.LearningRate * l1;
        for (int i = 0; i < call.Count; i++)
        {
            double w = call.Values[i];
            call.Values[i] = Math.Abs(w) <= step ? 0 : (float)(w - Math.Sign(w) * step);
        }
    }
}
