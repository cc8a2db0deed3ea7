namespace Fovea.Kernels.Reference;

/// <summary>The plain twins of the optimizers' updates: one parameter at a time, in double, the state rounded to float between steps.</summary>
internal static class ReferenceOptimizers
{
    /// <summary>See <see cref="OptimizerKernels{V}.Sgd"/>.</summary>
    public static unsafe void Sgd(in UpdateCall call, double momentum, double dampening, bool nesterov, double weightDecay, double trust)
    {
        for (int i = 0; i < call.Count; i++)
        {
            double g = trust * (call.Gradients[i] + weightDecay * call.Values[i]);
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

    /// <summary>See <see cref="OptimizerKernels{V}.Adagrad"/>.</summary>
    public static unsafe void Adagrad(in UpdateCall call, double rateDecay, double initial, double epsilon, double weightDecay)
    {
        double rate = call.LearningRate / (1 + (call.Step - 1) * rateDecay);
        for (int i = 0; i < call.Count; i++)
        {
            double g = call.Gradients[i] + weightDecay * call.Values[i];
            double sum = call.State0[i] + (call.Step == 1 ? initial : 0) + g * g;
            call.State0[i] = (float)sum;
            call.Values[i] = (float)(call.Values[i] - rate * g / (Math.Sqrt(sum) + epsilon));
        }
    }

    /// <summary>See <see cref="OptimizerKernels{V}.NAdam"/>.</summary>
    public static unsafe void NAdam(in UpdateCall call, double beta1, double beta2, double epsilon, double weightDecay, double momentumDecay)
    {
        double now = beta1 * (1 - 0.5 * Math.Pow(0.96, call.Step * momentumDecay)), next = beta1 * (1 - 0.5 * Math.Pow(0.96, (call.Step + 1) * momentumDecay));
        for (int i = 0; i < call.Count; i++)
        {
            double g = call.Gradients[i] + weightDecay * call.Values[i];
            double m = beta1 * call.State0[i] + (1 - beta1) * g, v = beta2 * call.State1[i] + (1 - beta2) * g * g;
            double product = (call.Step == 1 ? 1 : call.State2[i]) * now, size = Math.Sqrt(v / (1 - Math.Pow(beta2, call.Step))) + epsilon;
            (call.State0[i], call.State1[i], call.State2[i]) = ((float)m, (float)v, (float)product);
            call.Values[i] = (float)(call.Values[i] - call.LearningRate * ((1 - now) / (1 - product) * g + next / (1 - product * next) * m) / size);
        }
    }

    /// <summary>See <see cref="OptimizerKernels{V}.Lion"/>.</summary>
    public static unsafe void Lion(in UpdateCall call, double beta1, double beta2, double weightDecay)
    {
        for (int i = 0; i < call.Count; i++)
        {
            double g = call.Gradients[i], m = call.State0[i];
            call.Values[i] = (float)(call.Values[i] * (1 - call.LearningRate * weightDecay) - call.LearningRate * Math.Sign(beta1 * m + (1 - beta1) * g));
            call.State0[i] = (float)(beta2 * m + (1 - beta2) * g);
        }
    }

    /// <summary>See <see cref="OptimizerKernels{V}.Clip"/>.</summary>
    public static unsafe void Clip(in UpdateCall call, float bound)
    {
        for (int i = 0; i < call.Count; i++) call.Gradients[i] = Math.Clamp(call.Gradients[i], -bound, bound);
    }

    /// <summary>See <see cref="OptimizerKernels{V}.Average"/>.</summary>
    public static unsafe void Average(in UpdateCall call, double decay)
    {
        for (int i = 0; i < call.Count; i++) call.Average[i] = call.Step == 1 ? call.Values[i] : (float)(decay * call.Average[i] + (1 - decay) * call.Values[i]);
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
