namespace Fovea;

/// <summary>
/// What the output pixels of a layer see of the input, along one axis (Araujo, Norris and Sim, "Computing Receptive Fields of
/// Convolutional Neural Networks", Distill 2019).
/// </summary>
/// <param name="Size">Input pixels that one output depends on, those on padding included.</param>
/// <param name="Jump">Input pixels between the views of neighbouring outputs.</param>
/// <param name="Start">The input pixel at which the view of the first output begins; negative when it begins on padding.</param>
public readonly record struct ReceptiveField(int Size, int Jump, int Start = 0)
{
    /// <summary>The view of the input itself: one pixel, one apart.</summary>
    public static ReceptiveField Pixel => new(1, 1);

    /// <summary>The view through one more layer with this window.</summary>
    public ReceptiveField Through(WindowAxis window) =>
        checked(new(Size + (window.Extent - 1) * Jump, Jump * window.Stride, Start - window.Padding * Jump));

    /// <summary>The first and the last input pixel that an output sees; outside of the input they are on padding.</summary>
    public (int First, int Last) View(int output) => checked((Start + output * Jump, Start + output * Jump + Size - 1));

    /// <summary>The view of an output that two views were joined for: from the first pixel of either to the last of either.</summary>
    public ReceptiveField Union(ReceptiveField other)
    {
        int start = Math.Min(Start, other.Start), end = Math.Max(checked(Start + Size), checked(other.Start + other.Size));
        return new(end - start, Math.Max(Jump, other.Jump), start);
    }
}
