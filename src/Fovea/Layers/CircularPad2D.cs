namespace Fovea;

/// <summary>The image, repeated, around itself: 2 3 | 1 2 3 | 1 2.</summary>
/// <param name="Padding">Rows above and columns to the left; below and to the right as many, unless told otherwise.</param>
public sealed record CircularPad2D(Size2D Padding) : Pad2D(Padding)
{
    internal override string TorchName => "CircularPad2d";

    private protected override int Outside(int pixel, int extent) => (pixel + extent) % extent;

    private protected override int? Most(int extent) => extent;
}
