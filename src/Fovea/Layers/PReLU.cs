using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// x where x is positive, a learned slope times x elsewhere (He et al. 2015). Parameters: weight [channels], or [1] where all channels share
/// one slope.
/// </summary>
/// <param name="Slope">The initial slope.</param>
public sealed record PReLU(float Slope = 0.25f) : Layer
{
    /// <summary>Whether each channel has a slope of its own.</summary>
    public bool PerChannel { get; init; }

    /// <summary>The initial slope.</summary>
    public float Slope { get; init => field = Checked(value); } = Checked(Slope);

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input;

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(Shape input) => [new("weight", [PerChannel ? input.Channels : 1], 1, Constant: Slope)];

    internal override string TorchName => "PReLU";

    internal override unsafe void Plan<V>(LayerPlan<V> plan)
    {
        LaneTensor x = plan.Input, y = plan.Output;
        int channels = x.Shape.Channels;
        float* slopes = plan.Parameters[0].Values;
        plan.ForwardEachGroup((group, _) =>
        {
            for (int channel = 0; channel < channels; channel++)
            {
                float slope = slopes[PerChannel ? channel : 0];
                for (int row = 0; row < x.Shape.Height; row++)
                    ActivationKernels<V>.Parametric(x.At(group, channel) + row * x.Row, y.At(group, channel) + row * y.Row, x.RowCount, slope);
            }
        });
        if (plan.OutputGradient is not { } dy) return;
        StepState step = plan.Step;
        LaneTensor? dx = plan.InputGradient;
        PartialSums dSlopes = plan.Partials(0);
        plan.BackwardEachGroup((group, _) =>
        {
            int chunk = step.Chunks.PartOf(group);
            float* sums = dSlopes.At(chunk);
            if (group == step.Chunks.Start(chunk)) new Span<float>(sums, dSlopes.Parameter.Count).Clear();
            for (int channel = 0; channel < channels; channel++)
            {
                int index = PerChannel ? channel : 0;
                float sum = 0;
                for (int row = 0; row < x.Shape.Height; row++)
                {
                    float* target = dx is { } input ? input.At(group, channel) + row * input.Row : null;
                    sum += ActivationKernels<V>.ParametricBackward(x.At(group, channel) + row * x.Row, dy.At(group, channel) + row * dy.Row, target, x.RowCount, slopes[index]);
                }
                sums[index] += sum;
            }
        });
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass)
    {
        for (int i = 0; i < pass.X.Length; i++) pass.Y[i] = pass.X[i] > T.Zero ? pass.X[i] : pass.X[i] * pass.Parameters[0][Index(pass.Input, i)];
    }

    internal override void ReferenceBackward<T>(ReferencePass<T> pass)
    {
        double[] sums = new double[pass.Gradients[0].Length];
        for (int i = 0; i < pass.X.Length; i++)
        {
            int index = Index(pass.Input, i);
            bool positive = pass.X[i] > T.Zero;
            if (!positive) sums[index] += double.CreateChecked(pass.X[i]) * double.CreateChecked(pass.DY[i]);
            if (pass.DX.Length > 0) pass.DX[i] = positive ? pass.DY[i] : pass.DY[i] * pass.Parameters[0][index];
        }
        for (int i = 0; i < sums.Length; i++) pass.Gradients[0][i] = T.CreateChecked(sums[i]);
    }

    // The slope that a number of a batch meets.
    private int Index(Shape input, int number) => PerChannel ? number / (input.Height * input.Width) % input.Channels : 0;

    private static float Checked(float value) => float.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(nameof(Slope), value, "prelu: the slope must be finite");
}
