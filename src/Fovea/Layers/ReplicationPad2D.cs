namespace Fovea;

/// <summary>The border pixels, repeated, around an image: 1 1 | 1 2 3 | 3 3.</summary>
/// <param name="Padding">Rows above and columns to the left; below and to the right as many, unless told otherwise.</param>
public sealed record ReplicationPad2D(Size2D Padding) : Pad2D(Padding)
{
    internal override string TorchName => "ReplicationPad2d";

    private protected override int Outside(int pixel, int extent) => Math.Clamp(pixel, 0, extent - 1);

    private protected override int? Most(int extent) => null;
}
