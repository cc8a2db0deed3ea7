using System.Globalization;
using System.Text;

namespace Fovea;

/// <summary>
/// A convolution written as a matrix: y = W v(x), with a row for each output and a column for each pixel of the input. Between the pixels of
/// a channel and the outputs of a filter it is, for a stride of one, doubly blocked Toeplitz: its blocks, one for each pair of rows, repeat
/// along the diagonals, and so do the numbers in each block. A greater stride s keeps only every s-th of these rows, which is no Toeplitz
/// matrix any more. It is sparse: a row holds the taps of one window.
/// </summary>
public sealed class ToeplitzMatrix
{
    /// <summary>As many as can be held: 360 MB.</summary>
    internal const long LargestEntries = 30_000_000;

    // A table of some megabytes: what a spreadsheet still opens.
    private const long LargestDense = 1_000_000;

    private readonly int[] _starts, _columns;
    private readonly double[] _values;

    private ToeplitzMatrix(Shape input, Shape output, int[] starts, int[] columns, double[] values, bool isDoublyCirculant) =>
        (Input, Output, _starts, _columns, _values, IsDoublyCirculant) = (input, output, starts, columns, values, isDoublyCirculant);

    /// <summary>What a column is a pixel of.</summary>
    public Shape Input { get; }

    /// <summary>What a row is a number of.</summary>
    public Shape Output { get; }

    /// <summary>As many as the output has numbers.</summary>
    public int Rows => Output.Count;

    /// <summary>As many as the input has numbers.</summary>
    public int Columns => Input.Count;

    /// <summary>Cells in which a weight stands, be it zero.</summary>
    public int Entries => _values.Length;

    /// <summary>Cells that are not zero.</summary>
    public int NonZeros => _values.Count(value => value != 0);

    /// <summary>The share of the cells that are zero.</summary>
    public double Sparsity => 1 - NonZeros / ((double)Rows * Columns);

    /// <summary>Whether it is block circulant with circulant blocks: a convolution of one channel on a ring, of which circular padding keeps the size.</summary>
    public bool IsDoublyCirculant { get; }

    /// <summary>Whether the cells, zeros and all, are few enough for <see cref="ToCsv"/>.</summary>
    public bool FitsDense => (long)Rows * Columns <= LargestDense;

    /// <summary>One cell.</summary>
    public double this[int row, int column]
    {
        get
        {
            int at = Array.IndexOf(_columns, column, _starts[row], _starts[row + 1] - _starts[row]);
            return at < 0 ? 0 : _values[at];
        }
    }

    /// <summary>The matrix of a convolution.</summary>
    /// <exception cref="FoveaException">The kernel does not fit the image, or the matrix not the memory.</exception>
    public static ToeplitzMatrix Of(ImageConvolution convolution)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        ConvGeometry geometry = convolution.Geometry;
        if (geometry.MultiplyAdds > LargestEntries)
            throw new FoveaException($"the Toeplitz matrix of {geometry.Input} has {geometry.MultiplyAdds:N0} entries, more than {LargestEntries:N0}. Use a smaller image or kernel, or another method.");
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        double[] weights = convolution.Weights.Values;
        Shape output = geometry.Output;
        int[] starts = new int[output.Count + 1];
        var columns = new List<int>((int)geometry.MultiplyAdds);
        var values = new List<double>((int)geometry.MultiplyAdds);
        for (int row = 0; row < output.Count; row++)
        {
            int filter = row / (output.Height * output.Width), outputRow = row / output.Width % output.Height, outputColumn = row % output.Width;
            int channel = filter / geometry.GroupFilters * geometry.GroupChannels, weight = filter * geometry.PatchSize;
            for (int c = channel; c < channel + geometry.GroupChannels; c++)
            {
                for (int i = 0; i < vertical.Kernel; i++)
                {
                    int y = convolution.Pixel(vertical, outputRow, i);
                    for (int j = 0; j < horizontal.Kernel; j++, weight++)
                    {
                        int x = convolution.Pixel(horizontal, outputColumn, j);
                        if (y < 0 || x < 0) continue;
                        int column = (c * vertical.Input + y) * horizontal.Input + x;
                        // On a ring smaller than the kernel, several taps meet in a pixel.
                        int at = convolution.PaddingMode == PaddingMode.Circular ? columns.IndexOf(column, starts[row]) : -1;
                        if (at >= 0) values[at] += weights[weight];
                        else
                        {
                            columns.Add(column);
                            values.Add(weights[weight]);
                        }
                    }
                }
            }
            starts[row + 1] = columns.Count;
        }
        return new ToeplitzMatrix(geometry.Input, output, starts, [.. columns], [.. values], convolution.IsDoublyCirculant);
    }

    /// <summary>The entries of a row, zeros outside of the kernel left out.</summary>
    public IEnumerable<(int Column, double Value)> Row(int row)
    {
        for (int i = _starts[row]; i < _starts[row + 1]; i++) yield return (_columns[i], _values[i]);
    }

    /// <summary>W^T: the same cells with a row for each pixel and a column for each number of the output, the entries of a row by their column.</summary>
    public ToeplitzMatrix Transpose()
    {
        int[] starts = new int[Columns + 1], columns = new int[Entries];
        double[] values = new double[Entries];
        foreach (int column in _columns) starts[column + 1]++;
        for (int column = 0; column < Columns; column++) starts[column + 1] += starts[column];
        int[] next = starts[..Columns];
        for (int row = 0; row < Rows; row++)
        {
            for (int i = _starts[row]; i < _starts[row + 1]; i++)
            {
                int at = next[_columns[i]]++;
                (columns[at], values[at]) = (row, _values[i]);
            }
        }
        return new ToeplitzMatrix(Output, Input, starts, columns, values, IsDoublyCirculant);
    }

    /// <summary>W v: the convolution.</summary>
    public double[] Multiply(ReadOnlySpan<double> vector)
    {
        double[] result = new double[Rows];
        for (int row = 0; row < result.Length; row++)
        {
            for (int i = _starts[row]; i < _starts[row + 1]; i++) result[row] += _values[i] * vector[_columns[i]];
        }
        return result;
    }

    /// <summary>W^T v: the gradient of the image from that of the result, which is the transposed convolution.</summary>
    public double[] MultiplyTransposed(ReadOnlySpan<double> vector)
    {
        double[] result = new double[Columns];
        for (int row = 0; row < Rows; row++)
        {
            for (int i = _starts[row]; i < _starts[row + 1]; i++) result[_columns[i]] += _values[i] * vector[row];
        }
        return result;
    }

    /// <summary>All cells, with a line for each row.</summary>
    /// <exception cref="FoveaException">That would be too many.</exception>
    public string ToCsv()
    {
        if (!FitsDense)
            throw new FoveaException($"a CSV file of all {(long)Rows * Columns:N0} cells is too large. Use the Matrix Market file, which leaves the zeros out.");
        var text = new StringBuilder();
        for (int row = 0; row < Rows; row++) text.AppendJoin(',', Dense(row).Select(value => value.ToString("R", CultureInfo.InvariantCulture))).Append('\n');
        return text.ToString();
    }

    /// <summary>The cells that are not zero in the coordinate format of Matrix Market, counted from 1 (math.nist.gov/MatrixMarket/formats.html).</summary>
    public void WriteMatrixMarket(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write("%%MatrixMarket matrix coordinate real general\n");
        writer.Write($"{Rows} {Columns} {NonZeros}\n");
        for (int row = 0; row < Rows; row++)
        {
            foreach (var (column, value) in Row(row).Where(entry => entry.Value != 0).OrderBy(entry => entry.Column))
                writer.Write($"{row + 1} {column + 1} {value:R}\n");
        }
    }

    /// <summary>The matrix in LaTeX, with lines between its blocks.</summary>
    /// <param name="transposed">Whether its rows become columns.</param>
    public string ToLatex(bool transposed = false)
    {
        string[][] cells = Cells();
        var (wide, high) = (Input.Width, Output.Width);
        if (transposed) (cells, wide, high) = ([.. Enumerable.Range(0, Columns).Select(column => cells.Select(row => row[column]).ToArray())], high, wide);
        var text = new StringBuilder("\\left[ \\begin{array}{");
        for (int column = 0; column < cells[0].Length; column++) text.Append(column > 0 && column % wide == 0 ? "|r" : "r");
        text.Append("} ");
        for (int row = 0; row < cells.Length; row++)
        {
            if (row > 0) text.Append(row % high == 0 ? " \\\\ \\hline " : " \\\\ ");
            text.AppendJoin(" & ", cells[row]);
        }
        return text.Append(" \\end{array} \\right]").ToString();
    }

    /// <summary>All cells in LaTeX.</summary>
    internal string[][] Cells() => [.. Enumerable.Range(0, Rows).Select(row => Dense(row).Select(value => Tex.Number(value, 4)).ToArray())];

    private double[] Dense(int row)
    {
        double[] cells = new double[Columns];
        foreach (var (column, value) in Row(row)) cells[column] = value;
        return cells;
    }
}
