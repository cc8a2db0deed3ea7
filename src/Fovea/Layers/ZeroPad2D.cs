namespace Fovea;

/// <summary>Zeros around an image.</summary>
/// <param name="Padding">Rows above and columns to the left; below and to the right as many, unless told otherwise.</param>
public sealed record ZeroPad2D(Size2D Padding) : Pad2D(Padding)
{
    internal override string TorchName => "ZeroPad2d";

    private protected override int Outside(int pixel, int extent) => -1;

    private protected override int? Most(int extent) => null;
}
