using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Fovea.Kernels;

namespace Fovea.Bench;

/// <summary>The kernels of a convolution by themselves, on one group of samples and one thread, with the widest vectors of this machine.</summary>
public abstract unsafe class KernelBenchmarks
{
    private readonly Memory _memory = new();

    private protected Action ForwardPass { get; set; } = null!;
    private protected Action InputGradient { get; set; } = null!;
    private protected Action WeightGradient { get; set; } = null!;

    /// <summary>Runs them, in this process.</summary>
    public static void Run(string[] args) => BenchmarkSwitcher.FromTypes([typeof(WindowBenchmarks), typeof(WinogradBenchmarks)])
        .Run(args.Any(word => word is "--filter" or "-f" or "--list") ? args : [.. args, "--filter", "*"], DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));

    /// <summary>Fills tensors with random numbers.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        if (Vector512.IsHardwareAccelerated) SetUp<Lanes16>();
        else if (Vector256.IsHardwareAccelerated) SetUp<Lanes8>();
        else SetUp<Lanes4>();
    }

    /// <summary>The outputs.</summary>
    [Benchmark]
    public void Forward() => ForwardPass();

    /// <summary>The gradient of the input.</summary>
    [Benchmark]
    public void BackwardData() => InputGradient();

    /// <summary>The gradient of the weights.</summary>
    [Benchmark]
    public void BackwardFilter() => WeightGradient();

    private protected abstract void SetUp<V>() where V : struct, ILanes<V>;

    private protected static (ConvGeometry Geometry, Margin Margin) Read(string example)
    {
        string[] words = example.Split(' ', 2);
        var model = ModelSpec.Parse(words[1], Shape.Parse(words[0]));
        var layer = (Conv2D)model.Layers[0];
        return (layer.Geometry(model.Input), layer.InputMargin(model.Input));
    }

    // The margins stay zero.
    private protected LaneTensor Tensor<V>(Shape shape, Margin margin) where V : struct, ILanes<V>
    {
        var tensor = new LaneTensor(_memory.Floats(LaneTensor.Size(shape, V.Count, margin, groups: 1)), shape, V.Count, margin);
        var random = new Random(1);
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            for (int row = 0; row < shape.Height; row++)
            {
                for (int i = 0; i < tensor.RowCount; i++) tensor.At(0, channel)[row * tensor.Row + i] = random.NextSingle() - 0.5f;
            }
        }
        return tensor;
    }

    private protected float* Numbers(nint count)
    {
        float* numbers = _memory.Floats(count);
        var random = new Random(2);
        for (nint i = 0; i < count; i++) numbers[i] = random.NextSingle() - 0.5f;
        return numbers;
    }
}

/// <summary>Window by window.</summary>
public unsafe class WindowBenchmarks : KernelBenchmarks
{
    /// <summary>Input and layer.</summary>
    [Params("1x32x32 conv 6 k5", "6x14x14 conv 16 k5", "1x28x28 conv 32 k5 s2 p2", "16x32x32 conv 16 k3 p1", "64x32x32 conv 64 k3 p1", "32x28x28 conv 32 k3 s2 p1 g32")]
    public string Layer { get; set; } = "";

    private protected override void SetUp<V>()
    {
        var (geometry, margin) = Read(Layer);
        var walk = new ConvWalk(geometry);
        LaneTensor x = Tensor<V>(geometry.Input, margin), y = Tensor<V>(geometry.Output, Margin.None), dx = Tensor<V>(geometry.Input, Margin.None);
        LaneTensor dy = Tensor<V>(geometry.Output, ConvolutionKernels<V>.BackwardMargin(geometry));
        nint row = (geometry.Filters + 15) / 16 * 16;
        float* w = Numbers(geometry.PatchSize * row), dw = Numbers(geometry.PatchSize * row);
        ConvolutionPlan.FilterTiles tiles = new(geometry, Tile<V>.Choose(geometry.GroupFilters, geometry.Output.Width).Rows);
        ConvolutionPlan.FilterTiles dotTiles = new(geometry, DotTile<V>.Choose(geometry.GroupFilters, geometry.PatchSize).Rows);
        ForwardPass = () =>
        {
            for (int tile = 0; tile < tiles.Count; tile++)
            {
                var (first, count) = tiles[tile];
                ConvolutionKernels<V>.Forward(walk, x, 0, w, row, null, y.At(0, first), y.Plane, y.Row, first, count, 0);
            }
        };
        InputGradient = () => ConvolutionKernels<V>.BackwardData(walk, dy.At(0), dy.Plane, dy.Row, w, row, dx, 0);
        WeightGradient = () =>
        {
            for (int tile = 0; tile < dotTiles.Count; tile++)
            {
                var (first, count) = dotTiles[tile];
                ConvolutionKernels<V>.BackwardFilter(geometry, x, 0, dy.At(0, first), dy.Plane, dy.Row, dw, row, false, first, count);
            }
        };
    }
}

/// <summary>By Winograd's algorithm, the same layers where it can be used: the transforms of the inputs, of the outputs and of the gradient counted, not those of
/// the weights, which are done once a batch.</summary>
public unsafe class WinogradBenchmarks : KernelBenchmarks
{
    /// <summary>Input and layer.</summary>
    [Params("6x14x14 conv 16 k5", "16x32x32 conv 16 k3 p1", "64x32x32 conv 64 k3 p1")]
    public string Layer { get; set; } = "";

    private protected override void SetUp<V>()
    {
        var (geometry, margin) = Read(Layer);
        WinogradGeometry tiles = WinogradGeometry.Of(geometry)!.Value, transposed = tiles.Transposed();
        LaneTensor x = Tensor<V>(geometry.Input, margin), y = Tensor<V>(geometry.Output, Margin.None), dx = Tensor<V>(geometry.Input, Margin.None);
        LaneTensor dy = Tensor<V>(geometry.Output, Margin.None);
        nint channel = (geometry.Filters + 15) / 16 * 16, position = WinogradKernels<V>.Position(geometry.Input.Channels * channel);
        float* u = Numbers(WinogradGeometry.Positions * position), du = Numbers(WinogradGeometry.Positions * position);
        float* scratch = Numbers(Math.Max(WinogradKernels<V>.BackwardScratch(tiles), Math.Max(WinogradKernels<V>.ForwardScratch(tiles), WinogradKernels<V>.ForwardScratch(transposed))));
        ForwardPass = () => WinogradKernels<V>.Forward(tiles, x.At(0), x.Plane, x.Row, tiles.Padding, u, position, channel, 1, null, y.At(0), y.Plane, y.Row, 0, scratch);
        InputGradient = () => WinogradKernels<V>.Forward(transposed, dy.At(0), dy.Plane, dy.Row, default, u, position, 1, channel, null, dx.At(0), dx.Plane, dx.Row, float.NegativeInfinity, scratch);
        WeightGradient = () => WinogradKernels<V>.BackwardFilter(tiles, x.At(0), x.Plane, x.Row, dy.At(0), dy.Plane, dy.Row, du, position, channel, false, scratch);
    }
}
