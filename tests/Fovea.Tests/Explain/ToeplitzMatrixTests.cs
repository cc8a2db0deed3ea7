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
        Assert.Equal(string.Concat(expected.Select(row => string.Join(',', row) + "\n")), matrix.ToCsv());
    }

    [Fact]
    public void Matrix_market_lists_the_cells_that_are_not_zero_from_one()
    {
        string[] lines = ToeplitzMatrix.Of(s_example).ToMatrixMarket().TrimEnd().Split('\n');
        Assert.Equal(["%%MatrixMarket matrix coordinate real general", "4 16 24", "1 1 -1", "1 3 1", "1 5 -2"], lines[..5]);
        Assert.Equal("4 16 1", lines[^1]);
        Assert.Equal(2 + 24, lines.Length);
    }

    [Fact]
    public void Latex_has_lines_between_the_blocks()
    {
        var matrix = ToeplitzMatrix.Of(new ImageConvolution(Planes.Parse("1 2 3; 4 5 6", 1, "test"), Planes.Parse("7 8", 1, "test")));
        Assert.Equal(
            "\\left[ \\begin{array}{rrr|rrr} 7 & 8 & 0 & 0 & 0 & 0 \\\\ 0 & 7 & 8 & 0 & 0 & 0 \\\\ \\hline 0 & 0 & 0 & 7 & 8 & 0 \\\\ 0 & 0 & 0 & 0 & 7 & 8 \\end{array} \\right]",
            matrix.ToLatex());
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
        Assert.StartsWith("the Toeplitz matrix of 1x4000x4000 has 143,856,036 entries, more than 100,000,000.", Assert.Throws<FoveaException>(() => ToeplitzMatrix.Of(convolution)).Message);
    }
}
