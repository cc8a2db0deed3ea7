namespace Fovea;

/// <summary>
/// What one output pixel sees of the input, along one axis: how many pixels, and how far the views of two neighbouring outputs lie
/// apart (Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019).
/// </summary>
/// <param name="Size">Input pixels that one output depends on, those on padding included.</param>
/// <param name="Jump">Input pixels between the views of neighbouring outputs.</param>
public readonly record struct ReceptiveField(int Size, int Jump)
{
    /// <summary>The view of the input itself: one pixel, one apart.</summary>
    public static ReceptiveField Pixel => new(1, 1);

    /// <summary>The view through one more layer with this window.</summary>
    public ReceptiveField Through(WindowAxis window) =>
        checked(new(Size + (window.Extent - 1) * Jump, Jump * window.Stride));
}
