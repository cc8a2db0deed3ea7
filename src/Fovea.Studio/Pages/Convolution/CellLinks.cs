namespace Fovea.Studio.Pages.Convolution;

/// <summary>
/// What belongs together in the views of a convolution: a pixel has a row and a column, a number of the result the rows and the columns that its
/// window reaches. Whichever is pointed at, the browser finds the others by these names.
/// </summary>
public sealed class CellLinks
{
    private readonly Dictionary<int, int> _rows = [], _columns = [];
    private readonly string[] _rowsOf, _columnsOf;
    private readonly int _width;

    private CellLinks(ImageConvolution convolution)
    {
        Shape result = convolution.Geometry.Output;
        _width = result.Width;
        int width = convolution.Image.Shape.Width;
        _rowsOf = [.. Enumerable.Range(0, result.Height).Select(row => Names(ConvolutionWindow.Of(convolution, row * result.Width).Taps, _rows, tap => tap.Row, pixel => pixel / width))];
        _columnsOf = [.. Enumerable.Range(0, result.Width).Select(column => Names(ConvolutionWindow.Of(convolution, column).Taps, _columns, tap => tap.Column, pixel => pixel % width))];
    }

    /// <summary>The names in the views of a convolution of one channel.</summary>
    public static CellLinks Of(ImageConvolution convolution)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        return new CellLinks(convolution);
    }

    /// <summary>A place of the image or of its padding; on a ring, what lies around the image is the image.</summary>
    public string Pixel(int row, int column) => $"{_rows.GetValueOrDefault(row, row)} {_columns.GetValueOrDefault(column, column)}";

    /// <summary>The rows that the window of a number of the result reaches.</summary>
    public string RowsOf(int index) => _rowsOf[index / _width];

    /// <summary>The columns that it reaches.</summary>
    public string ColumnsOf(int index) => _columnsOf[index % _width];

    // Of padding with zeros there is no pixel, and a place is called by itself.
    private static string Names(IReadOnlyList<WindowTap> taps, Dictionary<int, int> known, Func<WindowTap, int> place, Func<int, int> ofPixel)
    {
        foreach (WindowTap tap in taps)
        {
            if (tap.Pixel is { } pixel) known[place(tap)] = ofPixel(pixel);
        }
        return string.Join(' ', taps.Select(tap => known.GetValueOrDefault(place(tap), place(tap))).Distinct());
    }
}
