using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// In training, sets each number to zero with a probability and scales the others by 1 / (1 - probability); in evaluation, passes its
/// input on (Srivastava et al. 2014).
/// </summary>
/// <param name="Probability">The probability of a number to be dropped: at least 0 and below 1.</param>
public sealed record Dropout(float Probability = 0.5f) : Layer
{
    /// <summary>The probability of a number to be dropped.</summary>
    public float Probability { get; init => field = Checked(value); } = Checked(Probability);

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input;

    internal override string TorchName => "Dropout";

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
        for (int channel = 0; channel < source.Shape.Channels; channel++)
        {
            for (int row = 0; row < source.Shape.Height; row++)
            {
                var x = new ReadOnlySpan<float>(source.At(group, channel) + row * source.Row, source.RowCount);
                var y = new Span<float>(target.At(group, channel) + row * target.Row, target.RowCount);
                if (!step.Training)
                {
                    x.CopyTo(y);
                    continue;
                }
                int first = (channel * source.Shape.Height + row) * source.Shape.Width;
                for (int lane = 0; lane < V.Count; lane++)
                    DropoutKernels.Apply(random, (uint)(step.FirstSample + group * V.Count + lane), step.Step, Probability, x[lane..], y[lane..], V.Count, first);
            }
        }
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass)
    {
        if (pass.Training) Apply(pass, pass.X, pass.Y);
        else pass.X.CopyTo(pass.Y, 0);
    }

    internal override void ReferenceBackward<T>(ReferencePass<T> pass)
    {
        if (pass.DX.Length > 0) Apply(pass, pass.DY, pass.DX);
    }

    private void Apply<T>(ReferencePass<T> pass, T[] source, T[] target) where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var random = new Philox(pass.Key.Seed, RandomPurpose.Dropout, pass.Key.Layer);
        int count = pass.Input.Count;
        for (int n = 0; n < pass.Samples; n++)
            DropoutKernels.Apply<T>(random, (uint)n, pass.Key.Step, Probability, source.AsSpan(n * count, count), target.AsSpan(n * count, count), 1, 0);
    }

    private static float Checked(float value) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(nameof(Probability), value, "dropout: the probability must be at least 0 and below 1");
}
