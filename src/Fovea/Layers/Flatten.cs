namespace Fovea;

/// <summary>Sees an image as a flat vector: channel by channel, row by row.</summary>
public sealed record Flatten : Layer
{
    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Shape.Flat(input.Count);

    internal override string TorchName => "Flatten";

    internal override bool IsView => true;

    internal override void Plan<V>(LayerPlan<V> plan)
    {
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass) => pass.X.CopyTo(pass.Y, 0);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) => pass.DY.AsSpan(0, pass.DX.Length).CopyTo(pass.DX);
}
