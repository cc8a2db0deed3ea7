using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// The passes of a convolution and of what is fused into it: an activation, a max-pooling, or both. Filter by filter, the unpooled output
/// exists only in a few scratch planes that fit the cache; backward, its gradient likewise. Passes by Winograd's algorithm, in tiles, work on all filters at
/// once.
/// </summary>
internal static unsafe class ConvolutionPlan
{
    public static void Add<V>(LayerPlan<V> plan, ConvGeometry geometry) where V : struct, ILanes<V>
    {
        var activation = plan.Fused<Activation>();
        PoolWalk? pooling = plan.Fused<MaxPool2D>() is { } layer ? new PoolWalk(layer.Geometry(geometry.Output)) : null;
        nint winnersPlane = pooling is null ? 0 : PoolingKernels<V>.WinnersSize(pooling.Geometry);
        byte* winners = plan.Memory.ByteBlock(winnersPlane * geometry.Filters * (plan.OutputGradient is null ? 0 : plan.Groups));

        var walk = new ConvWalk(geometry);
        WinogradPlan<V>? winograd = WinogradGeometry.Of(geometry) is { } winogradTiles ? new(plan, winogradTiles) : null;
        AddForward(plan, walk, winograd, activation, pooling, winners, winnersPlane);
        if (plan.OutputGradient is { } gradient) AddBackward(plan, walk, winograd, activation, pooling, winners, winnersPlane, gradient);
    }

    private static void AddForward<V>(LayerPlan<V> plan, ConvWalk walk, WinogradPlan<V>? winograd, Activation? activation, PoolWalk? pooling,
        byte* winners, nint winnersPlane) where V : struct, ILanes<V>
    {
        ConvGeometry geometry = walk.Geometry;
        LaneTensor input = plan.Input, y = plan.Output;
        ParameterBlock weight = plan.Parameters[0];
        float* bias = plan.Parameters.Count > 1 ? plan.Parameters[1].Values : null;
        Shape image = geometry.Output;
        // The tiles of a convolution can raise their results to 0, which is a ReLU; other activations take a pass over the plane.
        float floor = activation is ReLU ? 0 : float.NegativeInfinity;
        Activation? pass = activation is ReLU ? null : activation;

        bool inTiles = winograd is { HasForward: true };
        bool atOnce = inTiles || (pooling is null && pass is null);
        FilterTiles tiles = new(geometry, atOnce ? Split.Into(geometry.GroupFilters, 1) : Tile<V>.Choose(geometry.GroupFilters, image.Width).Rows);
        nint unpooledRow = (nint)image.Width * V.Count, unpooledPlane = image.Height * unpooledRow;
        WorkerScratch unpooled = plan.Scratch(pooling is null ? 0 : tiles.Largest * unpooledPlane);
        WorkerScratch scratch = plan.Scratch(pooling is null ? 0 : PoolingKernels<V>.ScratchSize(pooling.Geometry));

        plan.ForwardEachGroup((group, worker) =>
        {
            LaneTensor x = input.Of(worker);
            for (int tile = 0; tile < tiles.Count; tile++)
            {
                var (first, count) = tiles[tile];
                float* target = pooling is null ? y.At(group, first) : unpooled.At(worker);
                nint plane = pooling is null ? y.Plane : unpooledPlane, row = pooling is null ? y.Row : unpooledRow;
                if (inTiles) winograd!.Forward(group, worker, bias, target, plane, row, floor);
                else ConvolutionKernels<V>.Forward(walk, x, group, weight.Values, weight.RowSize, bias, target, plane, row, first, count, floor);
                for (int i = 0; i < count; i++)
                {
                    for (int oy = 0; oy < image.Height && pass is not null; oy++)
                        pass.Apply<V>(target + i * plane + oy * row, target + i * plane + oy * row, (int)unpooledRow);
                    if (pooling is null) continue;
                    byte* won = plan.Step.Training ? winners + ((nint)group * geometry.Filters + first + i) * winnersPlane : null;
                    PoolingKernels<V>.MaxForward(pooling, target + i * plane, row, y.At(group, first + i), y.Row, won, scratch.At(worker));
                }
            }
        });
    }

    private static void AddBackward<V>(LayerPlan<V> plan, ConvWalk walk, WinogradPlan<V>? winograd, Activation? activation, PoolWalk? pooling,
        byte* winners, nint winnersPlane, LaneTensor outputGradient) where V : struct, ILanes<V>
    {
        ConvGeometry geometry = walk.Geometry;
        LaneTensor input = plan.Input, y = plan.Output;
        LaneTensor? inputGradient = plan.InputGradient;
        ParameterBlock weight = plan.Parameters[0];
        bool bias = plan.Parameters.Count > 1;
        StepState step = plan.Step;
        PartialSums dw = plan.Partials(0), dbias = bias ? plan.Partials(1) : default;

        // The gradient of the convolution's own output: all planes where the gradient of the input needs them, a tile's otherwise.
        bool weightsInTiles = winograd is { HasFilterGradient: true }, inputInTiles = winograd is { HasInputGradient: true };
        FilterTiles tiles = new(geometry, weightsInTiles ? Split.Into(geometry.Filters, 1) : DotTile<V>.Choose(geometry.GroupFilters, geometry.PatchSize).Rows);
        Shape kept = new(inputGradient is null ? tiles.Largest : geometry.Filters, geometry.Output.Height, geometry.Output.Width);
        Margin margin = inputGradient is null || inputInTiles ? Margin.None : ConvolutionKernels<V>.BackwardMargin(geometry);
        // Where nothing is fused and no margin is needed, it is read where it lies.
        bool inPlace = pooling is null && activation is null && margin == Margin.None;
        WorkerScratch gradients = plan.Scratch(inPlace ? 0 : LaneTensor.Size(kept, V.Count, margin, groups: 1));
        int pooledCount = y.Shape.Height * y.RowCount;
        WorkerScratch pooledGradient = plan.Scratch(pooling is null ? 0 : pooledCount);
        WorkerScratch scratch = plan.Scratch(pooling is null ? 0 : PoolingKernels<V>.ScratchSize(pooling.Geometry));

        plan.BackwardEachGroup((group, worker) =>
        {
            LaneTensor x = input.Of(worker), dy = outputGradient.Of(worker);
            int chunk = step.Chunks.PartOf(group);
            bool accumulate = group > step.Chunks.Start(chunk);
            LaneTensor gradient = inPlace ? dy.From(group) : new LaneTensor(gradients.At(worker), kept, V.Count, margin);
            for (int tile = 0; tile < tiles.Count; tile++)
            {
                var (first, count) = tiles[tile];
                float* planes = gradient.At(0, inputGradient is null && !inPlace ? 0 : first);
                for (int i = 0; i < count && !inPlace; i++)
                {
                    float* plane = planes + i * gradient.Plane;
                    // Where it is pooled, y is the winner's activation, from which its derivative follows.
                    float* target = pooling is null ? plane : pooledGradient.At(worker);
                    nint targetRow = pooling is null ? gradient.Row : y.RowCount;
                    Activation.BackwardPlane<V>(activation, y.At(group, first + i), y.Row, dy.At(group, first + i), dy.Row, target, targetRow,
                        y.Shape.Height, y.RowCount);
                    if (pooling is null) continue;
                    // Each window's gradient goes to one winner: the sums are the same, and quicker taken here.
                    if (bias) ConvolutionKernels<V>.BackwardBias(y.Shape, target, 0, targetRow, dbias.At(chunk), accumulate, first + i, 1);
                    byte* won = winners + ((nint)group * geometry.Filters + first + i) * winnersPlane;
                    PoolingKernels<V>.MaxBackward(pooling, target, targetRow, won, plane, gradient.Row, scratch.At(worker));
                }
                if (weightsInTiles) winograd!.BackwardFilter(group, worker, planes, gradient.Plane, gradient.Row, dw.At(chunk));
                else ConvolutionKernels<V>.BackwardFilter(geometry, x, group, planes, gradient.Plane, gradient.Row, dw.At(chunk), weight.RowSize, accumulate, first, count);
                if (bias && pooling is null)
                    ConvolutionKernels<V>.BackwardBias(geometry.Output, planes, gradient.Plane, gradient.Row, dbias.At(chunk), accumulate, first, count);
            }
            if (inputGradient?.Of(worker) is not { } dx) return;
            if (inputInTiles) winograd!.BackwardData(group, worker, gradient.At(0), gradient.Plane, gradient.Row);
            else ConvolutionKernels<V>.BackwardData(walk, gradient.At(0), gradient.Plane, gradient.Row, weight.Values, weight.RowSize, dx, group);
        });
    }

    /// <summary>The filters of a convolution, cut into tiles that do not cross its groups.</summary>
    internal readonly struct FilterTiles(ConvGeometry geometry, Split split)
    {
        public int Count => geometry.Groups * split.Parts;
        public int Largest => split.Largest;

        public (int First, int Count) this[int tile]
        {
            get
            {
                var (group, part) = Math.DivRem(tile, split.Parts);
                return (group * geometry.GroupFilters + split.Start(part), split.Size(part));
            }
        }
    }
}
