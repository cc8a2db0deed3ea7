using Fovea.Kernels;

namespace Fovea;

/// <summary>Where a parameter lies in the network's memory: rows of <see cref="RowSize"/> floats, one row an input, one column an output.</summary>
internal readonly unsafe struct ParameterBlock(float* values, int offset, int rows, int rowSize)
{
    public float* Values { get; } = values;

    /// <summary>The first float in the arenas of parameters, gradients and optimizer state.</summary>
    public int Offset { get; } = offset;
    public int Rows { get; } = rows;

    /// <summary>Outputs, padded to a multiple of 16.</summary>
    public int RowSize { get; } = rowSize;
    public int Count => Rows * RowSize;
}

/// <summary>Scratch memory that each worker has for itself.</summary>
internal readonly unsafe struct WorkerScratch(float* memory, nint size)
{
    public float* At(int worker) => memory + worker * size;
}

/// <summary>A parameter's gradient in parts, one for each chunk of the micro-batch, that are added up in order after the backward pass.</summary>
internal readonly unsafe struct PartialSums(float* memory, ParameterBlock parameter, bool perChunk)
{
    public ParameterBlock Parameter => parameter;

    /// <summary>True when there is a part for each chunk, false when there is one for all.</summary>
    public bool PerChunk => perChunk;
    public float* At(int chunk) => memory + (nint)chunk * parameter.Count;
}

/// <summary>What changes from step to step; layers' passes read it.</summary>
internal sealed unsafe class StepState
{
    /// <summary>The most chunks of a micro-batch. It must not depend on the number of threads: the sums of a gradient follow it.</summary>
    public const int MaximumChunks = 32;

    /// <summary>Groups of the current micro-batch, the last of which may have lanes without a sample.</summary>
    public int Groups;

    /// <summary>The groups, cut into the chunks that are worked on at once; backward, one chunk's groups follow one another on one thread.</summary>
    public Split Chunks;

    /// <summary>Samples of the current micro-batch.</summary>
    public int Samples;

    /// <summary>The place in the batch of the micro-batch's first sample.</summary>
    public int FirstSample;
    public bool Training;

    /// <summary>1 for a lane that holds a sample, 0 for one that does not: [group][lane].</summary>
    public float* Mask;
    public ulong Seed;
    public uint Step;
}

/// <summary>One stage of a pass: numbered items that may run at once. All items of a stage are done before the next stage starts.</summary>
/// <param name="Items">How many there are, given the number of groups; null when there is one for each group, so that neighbouring stages
/// can run one after the other on each group while it is in the cache.</param>
/// <param name="Run">Runs one item.</param>
internal sealed record Stage(Func<int, int>? Items, WorkItem Run);

/// <summary>What the plans of all layers of a network share.</summary>
internal sealed class PlanContext
{
    /// <summary>What the plan's memory comes from.</summary>
    public required Memory Memory { get; init; }
    public required StepState Step { get; init; }

    /// <summary>The most groups of a micro-batch.</summary>
    public required int Groups { get; init; }
    public required int Threads { get; init; }

    /// <summary>Whether runs of layers are run as one.</summary>
    public required bool Fuse { get; init; }

    /// <summary>What Winograd's algorithm costs.</summary>
    public required WinogradCosts Winograd { get; init; }

    /// <summary>When given, receives the time of each layer's passes.</summary>
    public LayerTimes? Times { get; init; }

    /// <summary>Receives a finished gradient: (offset in the arenas, floats, gradient).</summary>
    public required ContributeGradient Contribute { get; init; }

    /// <summary>What is read when the gradient of a block that begins at this offset is contributed.</summary>
    public Func<int, Upcoming> Upcoming { get; init; } = _ => default;

    /// <summary>The numbers of the largest output of a layer, for one sample.</summary>
    public required int LargestOutput { get; init; }

    private const int SmallGradient = 16;

    private readonly Dictionary<(Shape Shape, Margin Margin, GradientPlace? Place), nint> _ofWorkers = [];

    // What lies in one place, group by group, is as far apart for all shapes: a thread may write the gradient of a layer for its group while another reads
    // that of a later layer for another group.
    private readonly Dictionary<(int Depth, GradientPlace Place), nint> _gradients = [];

    /// <summary>Memory for the gradient of an output of this shape. All gradients of a place share it: passes backward need few at once.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="depth">How many layers it lies inside of: those around have gradients of their own.</param>
    /// <param name="place">What it is.</param>
    public unsafe LaneTensor Gradient<V>(Shape shape, int depth, GradientPlace place) where V : struct, ILanes<V>
    {
        // A small one has memory of its own, which takes less than its share of a place for large ones.
        if (shape.Count < LargestOutput / SmallGradient) return Tensor<V>(shape, Margin.None);
        // A line more, so that the groups do not lie at the same place of the caches.
        nint group = (nint)(LargestOutput + 1) * V.Count;
        if (!_gradients.TryGetValue((depth, place), out nint memory)) _gradients[(depth, place)] = memory = (nint)Memory.Floats(group * Groups);
        return new LaneTensor((float*)memory, shape, V.Count, group);
    }

    /// <summary>Memory for one group a worker, of an output or, at a place, of a gradient, that the next stage alone reads: all of a shape and margin share it.</summary>
    public unsafe LaneTensor OfWorkers<V>(Shape shape, Margin margin, GradientPlace? place) where V : struct, ILanes<V>
    {
        nint size = Memory.Align(LaneTensor.Size(shape, V.Count, margin, groups: 1));
        if (!_ofWorkers.TryGetValue((shape, margin, place), out nint memory)) _ofWorkers[(shape, margin, place)] = memory = (nint)Memory.Floats(size * Threads);
        return LaneTensor.OfWorkers((float*)memory, shape, V.Count, margin, size);
    }

    /// <summary>Memory for a micro-batch of this shape.</summary>
    public unsafe LaneTensor Tensor<V>(Shape shape, Margin margin) where V : struct, ILanes<V> =>
        new(Memory.Floats(LaneTensor.Size(shape, V.Count, margin, Groups)), shape, V.Count, margin);
}

/// <summary>Gradients that are needed at once lie in places of their own. In a row of layers those of neighbours do, in turn; around rows, the gradient of
/// a sum, or before an activation that a normalization takes in, and those that are added to the gradient of an input.</summary>
internal enum GradientPlace
{
    Even, Odd, Sum, Added,
}

/// <summary>
/// What a layer is given to add its passes to a network's plan: where its input and output lie, its parameters, and memory. Everything
/// is allocated here, once; the passes allocate nothing.
/// </summary>
internal sealed unsafe class LayerPlan<V> where V : struct, ILanes<V>
{
    public required PlanContext Context { get; init; }

    /// <summary>The layer's number in its model, which keys its random numbers. The layers inside a layer are numbered after it.</summary>
    public required int Index { get; init; }

    /// <summary>How many layers it lies inside of.</summary>
    public required int Depth { get; init; }
    public required LaneTensor Input { get; init; }
    public required LaneTensor Output { get; init; }

    /// <summary>Where the gradient of the input goes; null where no layer before this one learns.</summary>
    public required LaneTensor? InputGradient { get; init; }

    /// <summary>The gradient of the output, which is only read, unless the layer owns it; null in a plan that does not train.</summary>
    public required LaneTensor? OutputGradient { get; init; }

    /// <summary>Whether nothing else reads it, so that it may be written over.</summary>
    public bool OwnsOutputGradient { get; init; }
    public required IReadOnlyList<ParameterBlock> Parameters { get; init; }
    public required IReadOnlyList<ParameterBlock> Buffers { get; init; }

    /// <summary>The layers after this one that it runs itself.</summary>
    public required IReadOnlyList<Layer> Followers { get; init; }

    public Memory Memory => Context.Memory;
    public StepState Step => Context.Step;
    public int Groups => Context.Groups;
    public ContributeGradient Contribute => Context.Contribute;
    public Func<int, Upcoming> Upcoming => Context.Upcoming;

    /// <summary>What is done once before the passes of a batch, in any order: what depends on the parameters alone.</summary>
    public List<Stage> Preparation { get; } = [];
    public List<Stage> Forward { get; } = [];
    public List<Stage> Backward { get; } = [];

    /// <summary>Makes the output again, where it was a worker's: before the pass backward of the layer that reads it.</summary>
    public Stage? Restoration { get; private set; }
    public List<PartialSums> Sums { get; } = [];

    /// <summary>The outputs of the layers inside of it, by their numbers.</summary>
    public List<(int Layer, LaneTensor Output)> Outputs { get; } = [];

    /// <summary>The fused layer of this type, if there is one.</summary>
    public TLayer? Fused<TLayer>() where TLayer : Layer => Followers.OfType<TLayer>().FirstOrDefault();

    public void Prepare(int items, WorkItem run) => Preparation.Add(new Stage(_ => items, Timed(backward: false, run)));
    public void ForwardEachGroup(WorkItem run) => Forward.Add(new Stage(null, Timed(backward: false, run)));
    public void ForwardItems(Func<int, int> items, WorkItem run) => Forward.Add(new Stage(items, Timed(backward: false, run)));
    public void BackwardEachGroup(WorkItem run) => Backward.Add(new Stage(null, Timed(backward: true, run)));
    public void RestoreEachGroup(WorkItem run) => Restoration = new Stage(null, Timed(backward: true, run));
    public void BackwardItems(Func<int, int> items, WorkItem run) => Backward.Add(new Stage(items, Timed(backward: true, run)));

    /// <summary>Memory for a batch of this shape, without a margin.</summary>
    public LaneTensor Tensor(Shape shape) => Context.Tensor<V>(shape, Margin.None);

    /// <summary>Memory for a gradient, as long as the pass backward of this layer takes.</summary>
    public LaneTensor Gradient(Shape shape, GradientPlace place) => Context.Gradient<V>(shape, Depth, place);

    /// <summary>Scratch of so many floats for each worker.</summary>
    public WorkerScratch Scratch(nint count)
    {
        nint size = Memory.Align(count);
        return new WorkerScratch(Memory.Floats(size * Context.Threads), size);
    }

    /// <summary>Memory for a parameter's gradient in parts: one a chunk, or one for the whole batch.</summary>
    public PartialSums Partials(int index, bool perChunk = true)
    {
        int parts = perChunk ? Math.Min(Groups, StepState.MaximumChunks) : 1;
        var sums = new PartialSums(Memory.Floats((nint)parts * Parameters[index].Count), Parameters[index], perChunk);
        Sums.Add(sums);
        return sums;
    }

    private WorkItem Timed(bool backward, WorkItem run) => Context.Times?.Timed(Index, backward, run) ?? run;
}

/// <summary>Takes the gradient of a block of the parameters' arena, for the current micro-batch.</summary>
internal unsafe delegate void ContributeGradient(int offset, int count, float* gradient);
