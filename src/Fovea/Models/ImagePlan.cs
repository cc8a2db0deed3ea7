using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// A network that answers for a single image, whose channels, not samples, fill the lanes: [block of channels][row][column][lane]. Layers that take each
/// channel by itself run as ever, a block in the place of a channel; convolutions and linear layers have a kernel of their own. A network
/// with other layers has no such plan.
/// </summary>
internal abstract class ImagePlan
{
    /// <summary>The most images that are better taken one by one than side by side.</summary>
    public const int MostImages = 3;

    /// <summary>The plan of a network; null where one of its layers is not among those that have one.</summary>
    public static ImagePlan? Create(Network network, int threads)
    {
        if (ExecutionPlan.UseReference || !IsPossible(network.Model)) return null;
        return ExecutionPlan.MostLanes switch
        {
            16 => new ImagePlan<Lanes16>(network, threads),
            8 => new ImagePlan<Lanes8>(network, threads),
            _ => new ImagePlan<Lanes4>(network, threads),
        };
    }

    /// <summary>The output for an image, C x H x W, in evaluation mode.</summary>
    public abstract void Predict(ReadOnlySpan<float> image, Span<float> output);

    private static bool IsPossible(ModelSpec model)
    {
        bool flattened = false;
        for (int i = 0; i < model.Layers.Count; i++)
        {
            bool possible = model.Layers[i] switch
            {
                Conv2D { Groups: 1 } or Linear or Activation or Dropout => true,
                MaxPool2D or AvgPool2D or GlobalAvgPool2D or Flatten => !flattened,
                // Across the channels, and therefore at the end only.
                Softmax or LogSoftmax => i == model.Layers.Count - 1 && model.Output.IsFlat && model.Output.Count == model.Shapes[i].Channels,
                _ => false,
            };
            if (!possible) return false;
            flattened |= model.Layers[i] is Flatten;
        }
        return true;
    }
}

/// <summary>See <see cref="ImagePlan"/>.</summary>
internal sealed unsafe class ImagePlan<V> : ImagePlan where V : struct, ILanes<V>
{
    // What a thread takes at a time: less is done before another thread has woken up.
    private const int MultiplyAddsPerItem = 1 << 18, MostItems = 16;

    private readonly Network _network;
    private readonly int _threads;
    private readonly Memory _memory = new();
    private readonly List<(int Items, WorkItem Run)> _stages = [];
    private readonly LaneTensor _input, _output;

    // What the last image of layers is; flat vectors that come of it keep its shape here.
    private readonly Shape _outputShape;

    // The outputs, all lanes alike, where a softmax follows.
    private readonly LaneTensor _logits;

    // Of each worker, for the layer that needs most.
    private readonly WorkerScratch _scratch;
    private nint _scratchSize;

    public ImagePlan(Network network, int threads)
    {
        (_network, _threads) = (network, threads);
        ModelSpec model = network.Model;
        var context = new PlanContext
        {
            Memory = _memory,
            Step = new StepState { Groups = 1, Chunks = Split.Into(1, 1), Samples = 1 },
            Groups = 1,
            LargestOutput = 0,
            Threads = threads,
            Fuse = false,
            Contribute = (_, _, _) => { },
        };
        IReadOnlyList<ParameterBlock> parameters = network.ParameterMemory.AllBlocks;
        int parameter = 0;
        Shape shape = model.Input;
        LaneTensor x = _input = Blocks(context, shape, model.Layers.Count > 0 ? model.Layers[0].InputMargin(shape) : Margin.None);
        for (int i = 0; i < model.Layers.Count; i++)
        {
            Layer layer = model.Layers[i];
            IReadOnlyList<ParameterBlock> own = [.. parameters.Skip(parameter).Take(layer.Parameters(model.Shapes[i]).Count)];
            parameter += own.Count;
            if (layer is Softmax or LogSoftmax)
            {
                _logits = new LaneTensor(_memory.Floats((nint)model.Output.Count * Lanes4.Count), model.Output, Lanes4.Count, Margin.None);
                continue;
            }
            if (layer is Flatten) continue;
            ConvGeometry? window = layer switch
            {
                Conv2D convolution => convolution.Geometry(shape),
                Linear linear => new ConvGeometry(Image(shape), linear.Features, new Size2D(shape.Height, shape.Width), 1, 0, 1, groups: 1),
                _ => null,
            };
            bool rectified = window is not null && i + 1 < model.Layers.Count && model.Layers[i + 1] is ReLU;
            Shape output = window?.Output ?? layer.OutputShape(Image(shape));
            int next = i + (rectified ? 2 : 1);
            LaneTensor y = Blocks(context, output, next < model.Layers.Count && !output.IsFlat ? model.Layers[next].InputMargin(output) : Margin.None);
            if (window is { } geometry) Add(new ConvWalk(geometry), own, x, y, rectified ? 0 : float.NegativeInfinity);
            else Add(context, layer, x, y);
            (x, shape, i) = (y, output, next - 1);
        }
        (_output, _outputShape) = (x, shape);
        _scratch = new WorkerScratch(_memory.Floats(_scratchSize * threads), _scratchSize);
    }

    public override void Predict(ReadOnlySpan<float> image, Span<float> output)
    {
        ImageKernels<V>.Load(image, Image(_network.Input), _input);
        foreach (var (items, run) in _stages) Work.For(_threads, items, run);
        ImageKernels<V>.Store(_output, _outputShape, output);
        if (_logits.Data == null) return;
        for (int i = 0; i < output.Length; i++) Lanes4.Broadcast(output[i]).Store(_logits.Data + i * Lanes4.Count);
        SoftmaxKernels<Lanes4>.Forward(_logits, _logits, 0, logarithm: _network.Model.Layers[^1] is LogSoftmax);
        for (int i = 0; i < output.Length; i++) output[i] = _logits.Data[i * Lanes4.Count];
    }

    private void Add(ConvWalk walk, IReadOnlyList<ParameterBlock> parameters, LaneTensor x, LaneTensor y, float floor)
    {
        ParameterBlock weight = parameters[0];
        float* bias = parameters.Count > 1 ? parameters[1].Values : null;
        int wanted = (int)Math.Clamp(walk.Geometry.MultiplyAdds / MultiplyAddsPerItem, 1, MostItems);
        if (WinogradGeometry.Of(walk.Geometry) is { IsImageQuicker: true } tiles && tiles.Input.Channels % V.Count == 0)
        {
            _scratchSize = Math.Max(_scratchSize, Memory.Align(WinogradImageKernels<V>.Scratch(tiles)));
            var (blocks, areas) = WinogradImageKernels<V>.Cut(tiles, Math.Min(wanted, _threads));
            _stages.Add((blocks.Parts * areas.Parts, (item, worker) =>
            {
                var (block, area) = Math.DivRem(item, areas.Parts);
                WinogradImageKernels<V>.Convolve(tiles, x, weight.Values, weight.RowSize, bias, y,
                    blocks.Start(block), blocks.Size(block), areas.Start(area), areas.End(area), floor, _scratch.At(worker));
            }
            ));
            return;
        }
        // Cut along the rows, or along the filters where there are few.
        bool byRows = y.Shape.Height >= wanted;
        Split parts = Split.Into(byRows ? y.Shape.Height : y.Shape.Channels, wanted);
        _stages.Add((parts.Parts, (part, _) => ImageKernels<V>.Convolve(walk, x, weight.Values, weight.RowSize, bias, y,
            byRows ? parts.Start(part) : 0, byRows ? parts.End(part) : y.Shape.Height, byRows ? 0 : parts.Start(part), byRows ? y.Shape.Channels : parts.End(part), floor)));
    }

    private void Add(PlanContext context, Layer layer, LaneTensor x, LaneTensor y)
    {
        var plan = new LayerPlan<V>
        {
            Context = context,
            Index = 0,
            Depth = 0,
            Input = x,
            Output = y,
            InputGradient = null,
            OutputGradient = null,
            Parameters = [],
            Buffers = [],
            Followers = [],
        };
        layer.Plan(plan);
        foreach (Stage stage in plan.Forward) _stages.Add((stage.Items?.Invoke(1) ?? 1, stage.Run));
    }

    private static LaneTensor Blocks(PlanContext context, Shape shape, Margin margin) =>
        context.Tensor<V>(new Shape((shape.Channels + V.Count - 1) / V.Count, shape.Height, shape.Width), margin);

    // A flat vector as an image of single pixels.
    private static Shape Image(Shape shape) => new(shape.Channels, shape.Height, shape.Width);
}
