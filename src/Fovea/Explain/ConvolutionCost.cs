using System.Numerics;

namespace Fovea;

/// <summary>What a method of convolving takes, estimated before it is begun: what would not come to an end is refused or left out.</summary>
internal static class ConvolutionCost
{
    // About a second for a method that is only compared, half a minute for the one that is asked for.
    private const double MostCompared = 2e8, MostAsked = 5e9;

    // A method's matrix: 1 GB.
    private const double LargestMatrix = 125_000_000;

    /// <summary>Why a method is not run: "324,360,144 multiply-adds, more than 200,000,000"; null when it is.</summary>
    public static string? Excess(ConvolutionMethod method, ImageConvolution convolution, bool isAskedFor)
    {
        ConvGeometry geometry = convolution.Geometry;
        double most = isAskedFor ? MostAsked : MostCompared;
        return method switch
        {
            ConvolutionMethod.Direct => Above(geometry.MultiplyAdds, most, "multiply-adds"),
            ConvolutionMethod.Im2Col => Above(geometry.MultiplyAdds, most, "multiply-adds")
                ?? Above((double)geometry.PatchSize * geometry.Output.Width, LargestMatrix, "numbers in the matrix of a row of windows"),
            ConvolutionMethod.Toeplitz => Above(geometry.MultiplyAdds, ToeplitzMatrix.LargestEntries, "entries in the matrix"),
            _ => Above(FourierSteps(geometry), most, "steps"),
        };
    }

    // The transforms of every image, every kernel and every sum: n log n each.
    private static double FourierSteps(in ConvGeometry geometry)
    {
        double count = (double)BitOperations.RoundUpToPowerOf2((ulong)geometry.Vertical.Padded) * BitOperations.RoundUpToPowerOf2((ulong)geometry.Horizontal.Padded);
        double transforms = geometry.Input.Channels + geometry.Filters * (geometry.GroupChannels + 1.0);
        return transforms * count * Math.Max(1, Math.Log2(count));
    }

    private static string? Above(double count, double most, string what) => count <= most ? null : $"{count:N0} {what}, more than {most:N0}";
}
