using Fovea.Studio.State;

namespace Fovea.Studio.Layout;

/// <summary>A square of a <see cref="CellGrid"/>.</summary>
/// <param name="Fill">Its colour; null for a square without one.</param>
/// <param name="Text">What stands in it.</param>
/// <param name="Mark">A class for how it is drawn: "window", "current", "outside".</param>
public readonly record struct Cell(Shade? Fill, string Text = "", string Mark = "")
{
    /// <summary>The pixel that it is of, by row and column: lights up with all of the same pixel, and with the numbers whose windows reach it.</summary>
    public string? Pixel { get; init; }

    /// <summary>The rows that a number's window reaches.</summary>
    public string? Rows { get; init; }

    /// <summary>The columns that a number's window reaches.</summary>
    public string? Columns { get; init; }
}
