using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// The plan of layers that run one after another: what lies between them, and their passes. A model's layers are planned by it, and so is
/// each row inside a <see cref="Composite"/>.
/// </summary>
internal sealed class SequencePlan<V> where V : struct, ILanes<V>
{
    private SequencePlan(LaneTensor output, LaneTensor? gradient) => (Output, OutputGradient) = (output, gradient);

    public LaneTensor Output { get; private set; }

    /// <summary>The gradient of the output; null where nothing learns.</summary>
    public LaneTensor? OutputGradient { get; private set; }
    public List<Stage> Preparation { get; } = [];
    public List<Stage> Forward { get; } = [];
    public List<Stage> Backward { get; } = [];
    public List<PartialSums> Sums { get; } = [];

    /// <summary>The output of each layer, by its number in the model, those inside a block before it; of a fused run, of its last.</summary>
    public List<(int Layer, LaneTensor Output)> Outputs { get; } = [];

    /// <summary>Plans layers.</summary>
    /// <param name="context">What all plans share.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="shapes">The shapes between them.</param>
    /// <param name="first">The number of the first in the model.</param>
    /// <param name="parameters">The parameters of all layers, in order.</param>
    /// <param name="buffers">Their buffers.</param>
    /// <param name="ends">Where they begin and end.</param>
    public static SequencePlan<V> Create(PlanContext context, IReadOnlyList<Layer> layers, IReadOnlyList<Shape> shapes, int first,
        IReadOnlyList<ParameterBlock> parameters, IReadOnlyList<ParameterBlock> buffers, SequenceEnds ends)
    {
        var sequence = new SequencePlan<V>(ends.Input, ends.InputGradient);
        var plans = new List<LayerPlan<V>>();
        LaneTensor x = ends.Input;
        LaneTensor? dx = ends.InputGradient;
        bool learns = dx is not null;
        GradientPlace place = GradientPlace.Even;
        int number = first, parameter = 0, buffer = 0;
        for (int i = 0; i < layers.Count;)
        {
            ReadOnlySpan<Layer> rest = [.. layers.Skip(i)];
            int run = context.Fuse ? Fusion.RunLength(rest) : 1, next = i + run;
            bool last = next == layers.Count;
            Layer layer = rest[0];
            Shape shape = shapes[next];
            int parameterCount = layer.Parameters(shapes[i]).Count, bufferCount = layer.Buffers(shapes[i]).Count;
            learns |= parameterCount > 0;
            // Unfused, all is left to be looked at; and memory for each worker is to be less than for each group.
            bool atOnce = context.Fuse && !last && context.Groups > context.Threads;
            bool isView = layer.IsView && x.IsContiguous;
            LaneTensor y = last && ends.Output is { } output ? output
                : isView ? x.As(shape)
                : atOnce && layer.RestoresOutput(rest[1..run]) && layers[next].IsOneStage(shape) ? context.OfWorkers<V>(shape, layers[next].InputMargin(shape), place: null)
                : context.Tensor<V>(shape, last ? Margin.None : layers[next].InputMargin(shape));
            LaneTensor? dy = !ends.Trains ? null
                : last && ends.OutputGradient is { } gradient ? gradient
                : isView && dx is { } d ? d.As(shape)
                : !learns && !last ? null
                : atOnce && layer.IsOneStage(shapes[i]) && (layers[next].EndsByGroup || layers[next].IsOneStage(shape)) ? context.OfWorkers<V>(shape, Margin.None, Turn())
                : context.Gradient<V>(shape, ends.Depth, Turn());
            var plan = new LayerPlan<V>
            {
                Context = context,
                Index = number,
                Depth = ends.Depth,
                Input = x,
                Output = y,
                InputGradient = dx,
                OutputGradient = dy,
                OwnsOutputGradient = !last || ends.OutputGradient is null,
                Parameters = [.. parameters.Skip(parameter).Take(parameterCount)],
                Buffers = [.. buffers.Skip(buffer).Take(bufferCount)],
                Followers = [.. rest[1..run]],
            };
            layer.Plan(plan);
            plans.Add(plan);
            sequence.Preparation.AddRange(plan.Preparation);
            sequence.Forward.AddRange(plan.Forward);
            sequence.Outputs.AddRange(plan.Outputs);
            for (int k = i; k < next - 1; k++) number += layers[k].LayerCount;
            sequence.Outputs.Add((number, y));
            number += layers[next - 1].LayerCount;
            (parameter, buffer) = (parameter + parameterCount, buffer + bufferCount);
            (x, dx, i) = (y, dy, next);
        }
        for (int i = plans.Count - 1; i >= 0; i--)
        {
            if (i > 0 && plans[i].Input.Worker > 0) sequence.Backward.Add(plans[i - 1].Restoration!);
            sequence.Backward.AddRange(plans[i].Backward);
        }
        sequence.Sums.AddRange(plans.SelectMany(plan => plan.Sums));
        (sequence.Output, sequence.OutputGradient) = (x, dx);
        return sequence;

        GradientPlace Turn() => place = place == GradientPlace.Even ? GradientPlace.Odd : GradientPlace.Even;
    }
}

/// <summary>Where a row of layers begins and ends.</summary>
internal readonly record struct SequenceEnds
{
    public required LaneTensor Input { get; init; }

    /// <summary>Where the gradient of the input goes; null where nothing before learns.</summary>
    public required LaneTensor? InputGradient { get; init; }

    /// <summary>Where the output goes; null leaves it to the plan.</summary>
    public LaneTensor? Output { get; init; }

    /// <summary>Where the gradient of the output comes from; null leaves it to the plan.</summary>
    public LaneTensor? OutputGradient { get; init; }
    public required bool Trains { get; init; }

    /// <summary>How many layers it lies inside of.</summary>
    public int Depth { get; init; }
}
