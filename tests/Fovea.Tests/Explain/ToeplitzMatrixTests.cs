using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;

namespace Fovea.Tests;

public class ToeplitzMatrixTests
{
    private static readonly Planes s_image = Planes.Parse("10 10 0 0; 10 10 0 0; 10 10 0 0; 10 10 0 0", 1, "test");
    private static readonly ImageConvolution s_example = new(s_image, Planes.Parse("-1 0 1; -2 0 2; -1 0 1", 1, "test"));

    [Fact]
    public void The_matrix_of_a_three_by_three_kernel_on_four_by_four_pixels_is_doubly_blocked()
    {
        // Each output's row has the kernel where its window lies: at pixels 0, 1, 4 and 5.
        double[][] expected =
        [
            [-1, 0, 1, 0, -2, 0, 2, 0, -1, 0, 1, 0, 0, 0, 0, 0],
            [0, -1, 0, 1, 0, -2, 0, 2, 0, -1, 0, 1, 0, 0, 0, 0],
            [0, 0, 0, 0, -1, 0, 1, 0, -2, 0, 2, 0, -1, 0, 1, 0],
            [0, 0, 0, 0, 0, -1, 0, 1, 0, -2, 0, 2, 0, -1, 0, 1],
        ];
        var matrix = ToeplitzMatrix.Of(s_example);
        Assert.Equal((4, 16, 36, 24), (matrix.Rows, matrix.Columns, matrix.Entries, matrix.NonZeros));
        Assert.Equal(0.625, matrix.Sparsity);
        for (int row = 0; row < 4; row++) Assert.Equal(expected[row], Enumerable.Range(0, 16).Select(column => matrix[row, column]));
        Assert.Equal([-40, -40, -40, -40], matrix.Multiply(s_image.Values));
        // The sums of the columns above: the middle rows of pixels lie under two rows of windows, with the weights -2 and -1.
        Assert.Equal([-1, -1, 1, 1, -3, -3, 3, 3, -3, -3, 3, 3, -1, -1, 1, 1], matrix.MultiplyTransposed([1, 1, 1, 1]));
        Assert.Equal(string.Concat(expected.Select(row => string.Join(',', row) + "\n")), matrix.ToCsv());
    }

    [Fact]
    public void Transposed_its_rows_are_the_columns()
    {
        var matrix = ToeplitzMatrix.Of(s_example);
        ToeplitzMatrix transposed = matrix.Transpose();
        Assert.Equal((16, 4, 36, 24), (transposed.Rows, transposed.Columns, transposed.Entries, transposed.NonZeros));
        Assert.Equal((matrix.Output, matrix.Input), (transposed.Input, transposed.Output));
        // The column of the sixth pixel in the rows above.
        Assert.Equal([(0, 0), (1, -2), (2, 0), (3, -1)], transposed.Row(5));
        // The sums of its rows, as by hand above.
        Assert.Equal([-1, -1, 1, 1, -3, -3, 3, 3, -3, -3, 3, 3, -1, -1, 1, 1], transposed.Multiply([1, 1, 1, 1]));
    }

    [Fact]
    public void Matrix_market_lists_the_cells_that_are_not_zero_from_one()
    {
        string[] lines = MatrixMarket(ToeplitzMatrix.Of(s_example)).TrimEnd().Split('\n');
        Assert.Equal(["%%MatrixMarket matrix coordinate real general", "4 16 24", "1 1 -1", "1 3 1", "1 5 -2"], lines[..5]);
        Assert.Equal("4 16 1", lines[^1]);
        Assert.Equal(2 + 24, lines.Length);
    }

    [Fact]
    public void Matrix_market_read_back_is_the_matrix() => ImageConvolutionTests.Convolutions.Sample(convolution =>
    {
        var matrix = ToeplitzMatrix.Of(convolution);
        string[] lines = MatrixMarket(matrix).TrimEnd().Split('\n');
        Assert.Equal("%%MatrixMarket matrix coordinate real general", lines[0]);
        int[] sizes = [.. lines[1].Split(' ').Select(int.Parse)];
        double[,] cells = new double[sizes[0], sizes[1]];
        foreach (string[] entry in lines[2..].Select(line => line.Split(' ')))
        {
            ref double cell = ref cells[int.Parse(entry[0], CultureInfo.InvariantCulture) - 1, int.Parse(entry[1], CultureInfo.InvariantCulture) - 1];
            Assert.Equal(0, cell);
            cell = double.Parse(entry[2], CultureInfo.InvariantCulture);
        }
        Assert.Equal((matrix.Rows, matrix.Columns, lines.Length - 2), (sizes[0], sizes[1], sizes[2]));
        for (int row = 0; row < matrix.Rows; row++)
        {
            for (int column = 0; column < matrix.Columns; column++) Assert.Equal(matrix[row, column], cells[row, column]);
        }
    }, iter: 30);

    [Fact]
    public void Every_row_of_the_latex_has_as_many_cells_as_its_array_has_columns() => ImageConvolutionTests.Convolutions.Sample(convolution =>
    {
        var matrix = ToeplitzMatrix.Of(convolution);
        Match array = Regex.Match(matrix.ToLatex(), @"^\\left\[ \\begin\{array\}\{([r|]+)\} (.*) \\end\{array\} \\right\]$");
        Assert.True(array.Success, matrix.ToLatex());
        Assert.Equal(matrix.Columns, array.Groups[1].Value.Count(letter => letter == 'r'));
        Assert.Equal(matrix.Columns / matrix.Input.Width - 1, array.Groups[1].Value.Count(letter => letter == '|'));
        string[] rows = array.Groups[2].Value.Split("\\\\");
        Assert.Equal(matrix.Rows, rows.Length);
        Assert.All(rows, row => Assert.Equal(matrix.Columns, row.Split('&').Length));
        Assert.Equal(matrix.Rows / matrix.Output.Width - 1, rows.Count(row => row.Contains("\\hline")));
    }, iter: 30);

    [Fact]
    public void Of_stride_one_the_matrix_is_toeplitz_block_by_block_and_in_each_block() => ImageConvolutionTests.Convolutions.Sample(convolution =>
    {
        var matrix = ToeplitzMatrix.Of(convolution with { Stride = 1 });
        Shape output = matrix.Output, input = matrix.Input;
        // A cell depends on how far pixel and output are apart alone.
        var diagonals = new Dictionary<(int, int, int, int), double>();
        for (int row = 0; row < matrix.Rows; row++)
        {
            for (int column = 0; column < matrix.Columns; column++)
            {
                var (filter, y, x) = Place(row, output);
                var (channel, down, across) = Place(column, input);
                double cell = matrix[row, column];
                if (!diagonals.TryAdd((filter, channel, down - y, across - x), cell)) Assert.Equal(diagonals[(filter, channel, down - y, across - x)], cell);
            }
        }
    }, iter: 30);

    [Fact]
    public void A_greater_stride_keeps_every_so_many_rows_of_the_matrix_of_stride_one() => ImageConvolutionTests.Convolutions.Sample(convolution =>
    {
        ToeplitzMatrix kept = ToeplitzMatrix.Of(convolution), whole = ToeplitzMatrix.Of(convolution with { Stride = 1 });
        for (int row = 0; row < kept.Rows; row++)
        {
            var (filter, y, x) = Place(row, kept.Output);
            int from = (filter * whole.Output.Height + y * convolution.Stride.Height) * whole.Output.Width + x * convolution.Stride.Width;
            Assert.Equal(whole.Row(from), kept.Row(row));
        }
    }, iter: 100);

    [Fact]
    public void What_is_said_to_be_doubly_circulant_is_moved_around_the_ring_from_row_to_row() =>
        Gen.Select(Gen.Int[1, 7], Gen.Int[1, 7], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[1, 2]).Sample((height, width, down, across, dilation) =>
        {
            var kernel = new Planes(new Shape(1, 2 * down + 1, 2 * across + 1), [.. Enumerable.Range(1, (2 * down + 1) * (2 * across + 1)).Select(i => (double)i)]);
            var matrix = ToeplitzMatrix.Of(new ImageConvolution(Planes.Ones(new Shape(1, height, width)), kernel)
            {
                Padding = new Size2D(dilation * down, dilation * across),
                Dilation = dilation,
                PaddingMode = PaddingMode.Circular,
            });
            Assert.True(matrix.IsDoublyCirculant);
            for (int row = 0; row < matrix.Rows; row++)
            {
                for (int column = 0; column < matrix.Columns; column++)
                {
                    int y = ((column / width - row / width) % height + height) % height, x = ((column - row) % width + width) % width;
                    Assert.Equal(matrix[0, y * width + x], matrix[row, column]);
                }
            }
        }, iter: 100);

    [Theory]
    [InlineData(1, 1, "zeros", "$W$ is a doubly blocked Toeplitz matrix: Toeplitz blocks that stand as in a Toeplitz matrix.")]
    [InlineData(2, 2, "zeros", "$W$ holds every second row of blocks, and in these every second row, of the matrix of stride 1, which is a doubly blocked Toeplitz matrix")]
    [InlineData(1, 3, "zeros", "$W$ holds in each block every third row of the matrix of stride 1, which is a doubly blocked")]
    [InlineData(1, 1, "circular", "$W$ is block circulant with circulant blocks (doubly circulant). Every row is the one above it moved on around a ring")]
    [InlineData(2, 1, "circular", "$W$ holds every second row of blocks of the matrix of stride 1, which is block circulant with circulant blocks (doubly circulant). With rows left out")]
    public void The_working_says_what_kind_of_matrix_it_is(int down, int across, string padding, string sentence)
    {
        ImageConvolution convolution = s_example with { Padding = 1, Stride = new Size2D(down, across), PaddingMode = padding == "zeros" ? PaddingMode.Zeros : PaddingMode.Circular };
        Assert.Single(ToeplitzAnswer.Of(convolution).Derivation.Steps, step => step.Text.StartsWith(sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void A_ring_that_keeps_the_size_along_the_rows_only_is_block_toeplitz_with_circulant_blocks()
    {
        ImageConvolution convolution = s_example with { Padding = new Size2D(0, 1), PaddingMode = PaddingMode.Circular };
        Assert.Single(ToeplitzAnswer.Of(convolution).Derivation.Steps, step => step.Text == "$W$ is block Toeplitz with circulant blocks.");
        convolution = convolution with { Padding = new Size2D(1, 0) };
        Assert.Single(ToeplitzAnswer.Of(convolution).Derivation.Steps, step => step.Text == "$W$ is block circulant with Toeplitz blocks.");
    }

    [Fact]
    public void Latex_has_lines_between_the_blocks()
    {
        var matrix = ToeplitzMatrix.Of(new ImageConvolution(Planes.Parse("1 2 3; 4 5 6", 1, "test"), Planes.Parse("7 8", 1, "test")));
        Assert.Equal(
            "\\left[ \\begin{array}{rrr|rrr} 7 & 8 & 0 & 0 & 0 & 0 \\\\ 0 & 7 & 8 & 0 & 0 & 0 \\\\ \\hline 0 & 0 & 0 & 7 & 8 & 0 \\\\ 0 & 0 & 0 & 0 & 7 & 8 \\end{array} \\right]",
            matrix.ToLatex());
        Assert.Equal(
            "\\left[ \\begin{array}{rr|rr} 7 & 0 & 0 & 0 \\\\ 8 & 7 & 0 & 0 \\\\ 0 & 8 & 0 & 0 \\\\ \\hline 0 & 0 & 7 & 0 \\\\ 0 & 0 & 8 & 7 \\\\ 0 & 0 & 0 & 8 \\end{array} \\right]",
            matrix.ToLatex(transposed: true));
    }

    [Fact]
    public void The_transposed_matrix_is_the_engines_gradient_of_the_image() => ImageConvolutionTests.Convolutions.Sample(convolution =>
    {
        var matrix = ToeplitzMatrix.Of(convolution);
        double[] gradient = [.. Enumerable.Range(0, matrix.Rows).Select(i => Math.Sin(i + 1))];
        double[] expected = convolution.Backward(new Planes(matrix.Output, gradient)).Values, actual = matrix.MultiplyTransposed(gradient);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-9);
    }, iter: 300);

    [Fact]
    public void Circular_padding_that_keeps_the_size_gives_a_doubly_circulant_matrix()
    {
        ImageConvolution ring = s_example with { Padding = 1, PaddingMode = PaddingMode.Circular };
        Assert.True(ToeplitzMatrix.Of(ring).IsDoublyCirculant);
        Assert.False(ToeplitzMatrix.Of(ring with { PaddingMode = PaddingMode.Zeros }).IsDoublyCirculant);
        Assert.False(ToeplitzMatrix.Of(ring with { Padding = 2 }).IsDoublyCirculant);
    }

    [Fact]
    public void Taps_that_meet_in_a_pixel_of_a_small_ring_add_up()
    {
        // On a ring of one pixel all nine taps see the same pixel: 1 + 2 + ... + 9 = 45.
        var ring = new ImageConvolution(Planes.Parse("2", 1, "test"), Planes.Parse("1 2 3; 4 5 6; 7 8 9", 1, "test")) { Padding = 1, PaddingMode = PaddingMode.Circular };
        var matrix = ToeplitzMatrix.Of(ring);
        Assert.Equal((1, 45.0), (matrix.Entries, matrix[0, 0]));
        Assert.Equal([90.0], ring.Apply().Values);
    }

    [Fact]
    public void A_large_matrix_stays_sparse()
    {
        // 60 x 60 windows of 25 taps on 64 x 64 pixels.
        var matrix = ToeplitzMatrix.Of(new ImageConvolution(new Planes(new Shape(1, 64, 64), new double[4096]), NamedKernels.Create("gaussian", 5)));
        Assert.Equal((3600, 4096, 90_000), (matrix.Rows, matrix.Columns, matrix.NonZeros));
    }

    [Fact]
    public void A_matrix_that_does_not_fit_the_memory_is_refused()
    {
        var convolution = new ImageConvolution(new Planes(new Shape(1, 4000, 4000), new double[16_000_000]), NamedKernels.Create("box"));
        Assert.StartsWith("the Toeplitz matrix of 1x4000x4000 has 143,856,036 entries, more than 30,000,000.", Assert.Throws<FoveaException>(() => ToeplitzMatrix.Of(convolution)).Message);
    }

    private static (int Channel, int Row, int Column) Place(int index, Shape shape) =>
        (index / (shape.Height * shape.Width), index / shape.Width % shape.Height, index % shape.Width);

    private static string MatrixMarket(ToeplitzMatrix matrix)
    {
        using var writer = new StringWriter();
        matrix.WriteMatrixMarket(writer);
        return writer.ToString();
    }
}
