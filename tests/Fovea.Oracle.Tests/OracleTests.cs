using Fovea.Bench;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Torch = TorchSharp.torch.Tensor;

namespace Fovea.Oracle.Tests;

/// <summary>
/// Tests against libtorch. It computes in double precision, so that what a tolerance allows is this engine's own rounding, in float32.
/// Where libtorch cannot be loaded all these tests are skipped, with the reason.
/// </summary>
public abstract class OracleTests
{
    protected OracleTests() => Assert.SkipWhen(LibTorch.Unavailable is not null, LibTorch.Unavailable ?? "");

    /// <summary>A network in libtorch, in double precision.</summary>
    internal static Sequential Create(Network network)
    {
        Sequential model = TorchModel.Create(network);
        model.to(ScalarType.Float64);
        return model;
    }

    /// <summary>Samples of one shape as libtorch has them.</summary>
    internal static Torch Samples(ReadOnlySpan<float> values, Shape shape, int samples)
    {
        long[] extents = shape.IsFlat ? [samples, shape.Count] : [samples, shape.Channels, shape.Height, shape.Width];
        return tensor([.. values], extents, ScalarType.Float64);
    }

    /// <summary>All numbers, row by row.</summary>
    internal static double[] Values(Torch values)
    {
        using Torch rows = values.detach().contiguous();
        return [.. rows.data<double>()];
    }
}
