namespace Fovea;

/// <summary>
/// Which runs of layers are run as one: the first takes the others into its own passes. A run must give what its layers give one by
/// one, up to rounding; a test holds each to that. <c>FOVEA_FUSION=off</c> turns all of it off.
/// </summary>
internal static class Fusion
{
    /// <summary>Whether runs are fused, unless a plan says otherwise.</summary>
    public static bool Enabled { get; } = Environment.GetEnvironmentVariable("FOVEA_FUSION") != "off";

    /// <summary>How many of these layers, from the first, run as one.</summary>
    public static int RunLength(ReadOnlySpan<Layer> layers) => layers switch
    {
        [Conv2D, Activation { DerivativeNeedsInput: false }, MaxPool2D, ..] => 3,
        [Conv2D, MaxPool2D, ..] => 2,
        [Conv2D, Activation { DerivativeNeedsInput: false }, ..] => 2,
        [Linear, Activation { DerivativeNeedsInput: false }, ..] => 2,
        [BatchNorm2D, Activation { DerivativeNeedsInput: false }, ..] => 2,
        [Residual { Activation: null }, Activation { DerivativeNeedsInput: false }, ..] => 2,
        _ => 1,
    };
}
