using System.Numerics;
using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// In training, sets whole channels to zero with a probability and scales the others by 1 / (1 - probability); in evaluation, passes its
/// input on (Tompson et al. 2015). Neighbouring pixels say much the same, so that dropping single ones hides little.
/// </summary>
/// <param name="Probability">The probability of a channel to be dropped: at least 0 and below 1.</param>
public sealed record Dropout2D(float Probability = 0.5f) : Layer
{
    /// <summary>The probability of a channel to be dropped.</summary>
    public float Probability { get; init => field = Checked(value); } = Checked(Probability);

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input.IsFlat
        ? throw new ShapeException($"dropout2d drops channels of an image, but its input is a flat vector of {input}", "Use dropout")
        : input;

    internal override string TorchName => "Dropout2d";

    internal override void Plan<V>(LayerPlan<V> plan)
    {
        LaneTensor x = plan.Input, y = plan.Output;
        StepState step = plan.Step;
        uint layer = (uint)plan.Index;
        plan.ForwardEachGroup((group, _) => Apply<V>(step, layer, group, x, y));
        if (plan.InputGradient is not { } dx || plan.OutputGradient is not { } dy) return;
        plan.BackwardEachGroup((group, _) => Apply<V>(step, layer, group, dy, dx));
    }

    private unsafe void Apply<V>(StepState step, uint layer, int group, LaneTensor source, LaneTensor target) where V : struct, ILanes<V>
    {
        var random = new Philox(step.Seed, RandomPurpose.Dropout, layer);
        float* scales = stackalloc float[V.Count];
        for (int channel = 0; channel < source.Shape.Channels; channel++)
        {
            for (int lane = 0; lane < V.Count; lane++)
                scales[lane] = step.Training ? DropoutKernels.Scale<float>(random, (uint)(step.FirstSample + group * V.Count + lane), step.Step, Probability, channel) : 1;
            for (int row = 0; row < source.Shape.Height; row++)
                DropoutKernels.ScaleLanes<V>(scales, source.At(group, channel) + row * source.Row, target.At(group, channel) + row * target.Row, source.RowCount);
        }
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass) => Apply(pass, pass.X, pass.Y);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass)
    {
        if (pass.DX.Length > 0) Apply(pass, pass.DY, pass.DX);
    }

    private void Apply<T>(ReferencePass<T> pass, T[] source, T[] target) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new Philox(pass.Key.Seed, RandomPurpose.Dropout, pass.Key.Layer);
        int pixels = pass.Input.Height * pass.Input.Width;
        for (int i = 0; i < source.Length; i++)
        {
            var (sample, channel) = Math.DivRem(i / pixels, pass.Input.Channels);
            target[i] = pass.Training ? source[i] * DropoutKernels.Scale<T>(random, (uint)sample, pass.Key.Step, Probability, channel) : source[i];
        }
    }

    private static float Checked(float value) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(nameof(Probability), value, "dropout2d: the probability must be at least 0 and below 1");
}
