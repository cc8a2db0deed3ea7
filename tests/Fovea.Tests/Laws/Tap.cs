using Fovea.Kernels;

namespace Fovea.Tests.Laws;

/// <summary>What a <see cref="Tap"/> saw: sample by sample, N x C x H x W.</summary>
internal sealed record TapMemory(float[] Values, float[] Gradients);

/// <summary>
/// A layer that passes everything on and writes down what goes through it: values forward, gradients backward. In front of a layer it
/// shows the gradient of that layer's input, behind it the layer's output in training. It claims a parameter, as the engine computes the
/// gradient of an input only where something before it learns; none where it shall not be computed.
/// </summary>
internal sealed record Tap(TapMemory Memory, bool Learns = true) : Layer
{
    public override Shape OutputShape(Shape input) => input;

    public override IReadOnlyList<ParameterSpec> Parameters(Shape input) => Learns ? [new("unused", [1], 1, Constant: 0)] : [];

    internal override string TorchName => "Tap";

    internal override void Plan<V>(LayerPlan<V> plan)
    {
        StepState step = plan.Step;
        LaneTensor x = plan.Input, y = plan.Output;
        plan.ForwardEachGroup((group, _) => Pass<V>(step, x, y, group, Memory.Values));
        if (plan.OutputGradient is not { } dy) return;
        plan.BackwardEachGroup((group, _) => Pass<V>(step, dy, plan.InputGradient ?? dy, group, Memory.Gradients));
    }

    private static unsafe void Pass<V>(StepState step, LaneTensor source, LaneTensor target, int group, float[] memory) where V : struct, ILanes<V>
    {
        int count = source.Shape.Count;
        for (int lane = 0; lane < V.Count && group * V.Count + lane < step.Samples; lane++)
            InputKernels<V>.Store(source, group, lane, memory.AsSpan((step.FirstSample + group * V.Count + lane) * count, count));
        for (int channel = 0; channel < source.Shape.Channels; channel++)
        {
            for (int row = 0; row < source.Shape.Height; row++)
            {
                new ReadOnlySpan<float>(source.At(group, channel) + row * source.Row, source.RowCount)
                    .CopyTo(new Span<float>(target.At(group, channel) + row * target.Row, target.RowCount));
            }
        }
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass) => pass.X.CopyTo(pass.Y, 0);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) => pass.DY.CopyTo(pass.DX, 0);
}

/// <summary>The mean of output times target: its gradient is the target, whatever the output. It lets a law choose the gradient that goes back.</summary>
internal sealed record DotLoss : Loss
{
    public override bool TargetsAreClasses => false;

    internal override void Run<V>(in LossCall call) => LossKernels<V>.Terms(call, default(Term));

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient)
    {
        double sum = 0;
        for (int i = 0; i < output.Length; i++)
        {
            sum += output[i] * targets[i];
            gradient[i] = targets[i];
        }
        return sum;
    }

    private readonly struct Term : ILossTerm
    {
        public V Value<V>(V x, V t) where V : struct, ILanes<V> => x * t;
        public V Derivative<V>(V x, V t) where V : struct, ILanes<V> => t;
    }
}
