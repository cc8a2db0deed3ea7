namespace Fovea;

/// <summary>The image, mirrored at its border pixels, around itself: 3 2 | 1 2 3 | 2 1.</summary>
/// <param name="Padding">Rows above and columns to the left; below and to the right as many, unless told otherwise.</param>
public sealed record ReflectionPad2D(Size2D Padding) : Pad2D(Padding)
{
    internal override string TorchName => "ReflectionPad2d";

    private protected override int Outside(int pixel, int extent) => pixel < 0 ? -pixel : 2 * (extent - 1) - pixel;

    private protected override int? Most(int extent) => extent - 1;
}
