using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// A network that answers for a single image, whose channels, not samples, fill the lanes: [block of channels][row][column][lane]. Layers that take each
/// channel by itself and alike run as ever, a block in the place of a channel; convolutions, linear layers and batch normalization have kernels of their own. A
/// network with other layers has no such plan.
/// </summary>
internal abstract class ImagePlan
{
    /// <summary>The most images that are better taken one by one than side by side.</summary>
    public const int MostImages = 5;

    /// <summary>The plan of a network; null where one of its layers is not among those that have one.</summary>
    public static ImagePlan? Create(Network network, int threads)
    {
        if (ExecutionPlan.UseReference || !IsPossible(network.Model.Layers, network.Model.Shapes, isInner: false)) return null;
        return ExecutionPlan.MostLanes switch
        {
            16 => new ImagePlan<Lanes16>(network, threads),
            8 => new ImagePlan<Lanes8>(network, threads),
            _ => new ImagePlan<Lanes4>(network, threads),
        };
    }

    /// <summary>The output for an image, C x H x W, in evaluation mode.</summary>
    public abstract void Predict(ReadOnlySpan<float> image, Span<float> output);

    /// <summary>Whether each filter of a convolution sees the one channel in its place.</summary>
    protected static bool IsDepthwise(in ConvGeometry geometry) => geometry.Groups == geometry.Filters && geometry.Groups == geometry.Input.Channels;

    private static bool IsPossible(IReadOnlyList<Layer> layers, IReadOnlyList<Shape> shapes, bool isInner)
    {
        bool flattened = false;
        for (int i = 0; i < layers.Count; i++)
        {
            Shape input = shapes[i];
            bool possible = layers[i] switch
            {
                Conv2D convolution => convolution.Groups == 1 || IsDepthwise(convolution.Geometry(input)),
                Linear or Activation or Dropout => true,
                BatchNorm2D or MaxPool2D or AvgPool2D or GlobalAvgPool2D or GlobalMaxPool2D or AdaptiveAvgPool2D or AdaptiveMaxPool2D or Upsample or Pad2D or Dropout2D => !flattened,
                Residual residual => !flattened && residual.Sequences.All(row => IsPossible(row.Layers, row.Shapes(input), isInner: true)),
                Flatten => !flattened && !isInner,
                // Across the channels, and therefore at the end only.
                Softmax or LogSoftmax => !isInner && i == layers.Count - 1 && shapes[^1].IsFlat && shapes[^1].Count == input.Channels,
                _ => false,
            };
            if (!possible) return false;
            flattened |= layers[i] is Flatten;
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

    private readonly PlanContext _context;

    // Those of the layers that are planned next.
    private readonly Queue<ParameterBlock> _parameters, _buffers;

    /// <summary>A plan for this network and so many threads; by which costs Winograd's algorithm is chosen, null takes those of this processor.</summary>
    public ImagePlan(Network network, int threads, WinogradCosts? winograd = null)
    {
        (_network, _threads) = (network, Math.Min(threads, Work.MaximumThreads));
        (_parameters, _buffers) = (new(network.ParameterMemory.AllBlocks), new(network.BufferMemory.AllBlocks));
        ModelSpec model = network.Model;
        _context = new PlanContext
        {
            Memory = _memory,
            Step = new StepState { Groups = 1, Chunks = Split.Into(1, 1), Samples = 1 },
            Groups = 1,
            LargestOutput = 0,
            Threads = _threads,
            Fuse = false,
            Winograd = winograd ?? WinogradCosts.Of(V.Registers),
            Contribute = (_, _, _) => { },
        };
        _input = Blocks(model.Input, MarginAt(model.Layers, 0, model.Input));
        (_output, _outputShape) = AddLayers(model.Layers, _input, model.Input);
        if (model.Layers.Count > 0 && model.Layers[^1] is Softmax or LogSoftmax)
            _logits = new LaneTensor(_memory.Floats((nint)model.Output.Count * Lanes4.Count), model.Output, Lanes4.Count, Margin.None);
        _scratch = new WorkerScratch(_memory.Floats(_scratchSize * _threads), _scratchSize);
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

    // Layers that run one after another: where their output lies, and as what image.
    private (LaneTensor Output, Shape Shape) AddLayers(IReadOnlyList<Layer> layers, LaneTensor x, Shape shape)
    {
        for (int i = 0; i < layers.Count;)
        {
            Layer layer = layers[i];
            bool takesFloor = layer is Conv2D or Linear or BatchNorm2D or Residual { Activation: null };
            bool rectified = takesFloor && i + 1 < layers.Count && layers[i + 1] is ReLU;
            int next = i + (rectified ? 2 : 1);
            float floor = rectified ? 0 : float.NegativeInfinity;
            if (layer is not (Flatten or Softmax or LogSoftmax))
                (x, shape) = AddLayer(layer, x, shape, floor, output => Blocks(output, MarginAt(layers, next, output)));
            i = next;
        }
        return (x, shape);
    }

    private (LaneTensor Output, Shape Shape) AddLayer(Layer layer, LaneTensor x, Shape shape, float floor, Func<Shape, LaneTensor> memory)
    {
        if (layer is Residual residual) return AddResidual(residual, x, shape, floor, memory);
        ParameterBlock[] parameters = Take(_parameters, layer.Parameters(shape)), buffers = Take(_buffers, layer.Buffers(shape));
        ConvGeometry? window = layer switch
        {
            Conv2D convolution => convolution.Geometry(shape),
            Linear linear => new ConvGeometry(Image(shape), linear.Features, new Size2D(shape.Height, shape.Width), 1, 0, 1, groups: 1),
            _ => null,
        };
        Shape output = window?.Output ?? layer.OutputShape(Image(shape));
        LaneTensor y = memory(output);
        if (window is { } geometry) AddConvolution(geometry, parameters, x, y, floor);
        else if (layer is BatchNorm2D norm)
        {
            float* weight = parameters[0].Values, bias = parameters[1].Values, mean = buffers[0].Values, variance = buffers[1].Values;
            _stages.Add((1, (_, _) => ImageKernels<V>.Normalize(x, weight, bias, mean, variance, norm.Epsilon, y, floor)));
        }
        else AddEachChannel(layer, x, y);
        return (y, output);
    }

    private (LaneTensor Output, Shape Shape) AddResidual(Residual residual, LaneTensor x, Shape shape, float floor, Func<Shape, LaneTensor> memory)
    {
        IReadOnlyList<LayerSequence> rows = residual.Sequences;
        var (body, output) = AddLayers(rows[0].Layers, x, shape);
        LaneTensor shortcut = rows.Count > 1 ? AddLayers(rows[1].Layers, x, shape).Output : x, y = memory(output);
        var activation = residual.Activation as Activation;
        if (activation is ReLU) floor = 0;
        _stages.Add((1, (_, _) =>
        {
            SumKernels<V>.Add(body, shortcut, y, group: 0, floor);
            if (activation is not (null or ReLU)) activation.ApplyPlanes<V>(y, y, group: 0);
        }
        ));
        return (y, output);
    }

    private void AddConvolution(ConvGeometry geometry, ParameterBlock[] parameters, LaneTensor x, LaneTensor y, float floor)
    {
        ParameterBlock weight = parameters[0];
        float* bias = parameters.Length > 1 ? parameters[1].Values : null;
        int wanted = (int)Math.Clamp(geometry.MultiplyAdds / MultiplyAddsPerItem, 1, MostItems);
        if (WinogradGeometry.Of(geometry) is { } tiles && tiles.IsImageQuicker(_context.Winograd) && tiles.Input.Channels % V.Count == 0)
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
        var walk = new ConvWalk(geometry);
        bool isDepthwise = geometry.Groups > 1;
        // Cut along the rows, or along the filters where there are few.
        bool byRows = y.Shape.Height >= wanted;
        Split parts = Split.Into(byRows ? y.Shape.Height : y.Shape.Channels, wanted);
        _stages.Add((parts.Parts, (part, _) =>
        {
            int firstRow = byRows ? parts.Start(part) : 0, endRow = byRows ? parts.End(part) : y.Shape.Height;
            int firstBlock = byRows ? 0 : parts.Start(part), endBlock = byRows ? y.Shape.Channels : parts.End(part);
            if (isDepthwise) ImageKernels<V>.ConvolveDepthwise(geometry, x, weight.Values, weight.RowSize, bias, y, firstRow, endRow, firstBlock, endBlock, floor);
            else ImageKernels<V>.Convolve(walk, x, weight.Values, weight.RowSize, bias, y, firstRow, endRow, firstBlock, endBlock, floor);
        }
        ));
    }

    // A layer that takes each channel by itself.
    private void AddEachChannel(Layer layer, LaneTensor x, LaneTensor y)
    {
        var plan = new LayerPlan<V>
        {
            Context = _context,
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

    private static ParameterBlock[] Take(Queue<ParameterBlock> blocks, IReadOnlyList<ParameterSpec> specs) => [.. specs.Select(_ => blocks.Dequeue())];

    // What is read around an output by the layer at a place.
    private static Margin MarginAt(IReadOnlyList<Layer> layers, int place, Shape output) =>
        place < layers.Count && !output.IsFlat ? layers[place].InputMargin(output) : Margin.None;

    private LaneTensor Blocks(Shape shape, Margin margin) =>
        _context.Tensor<V>(new Shape((shape.Channels + V.Count - 1) / V.Count, shape.Height, shape.Width), margin);

    // A flat vector as an image of single pixels.
    private static Shape Image(Shape shape) => new(shape.Channels, shape.Height, shape.Width);
}
