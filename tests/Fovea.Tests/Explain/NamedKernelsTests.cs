namespace Fovea.Tests;

public class NamedKernelsTests
{
    [Fact]
    public void Kernels_that_find_edges_sum_to_zero_and_those_that_smooth_to_one()
    {
        string[] smooth = ["identity", "box", "gaussian", "sharpen", "emboss"];
        foreach (string name in NamedKernels.Names) Assert.Equal(smooth.Contains(name) ? 1 : 0, NamedKernels.Create(name).Values.Sum(), 1e-12);
    }

    [Fact]
    public void Gaussian_holds_binomial_coefficients() =>
        // (1 4 6 4 1) / 16, row times column.
        Assert.Equal([1, 4, 6, 4, 1, 4, 16, 24, 16, 4, 6, 24, 36, 24, 6], NamedKernels.Create("gaussian", 5).Values[..15].Select(value => value * 256));

    [Fact]
    public void A_gradient_without_a_direction_is_that_along_x()
    {
        foreach (string name in (string[])["sobel", "prewitt", "scharr"])
            Assert.Equal(NamedKernels.Create(name + "-x").Values, NamedKernels.Create(name).Values);
    }

    [Fact]
    public void Gabor_turns_with_its_angle()
    {
        Planes lying = NamedKernels.Create("gabor"), upright = NamedKernels.Create("gabor", angle: 90);
        for (int row = 0; row < 7; row++)
        {
            for (int column = 0; column < 7; column++) Assert.Equal(upright[0, row, column], lying[0, column, row], 1e-12);
        }
        // Across the wave the sign changes, along it not.
        Assert.True(upright[0, 3, 3] > 0 && upright[0, 3, 5] < 0 && upright[0, 5, 3] > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(45)]
    [InlineData(90)]
    [InlineData(135)]
    public void The_angle_of_a_kernel_is_that_of_the_lines_to_which_it_answers(int angle)
    {
        // A line through the middle of 9x9 pixels: 45 degrees go down to the right.
        double[] image = new double[81];
        for (int i = -4; i <= 4; i++)
        {
            var (row, column) = angle switch { 0 => (0, i), 45 => (i, i), 90 => (i, 0), _ => (-i, i) };
            image[(4 + row) * 9 + 4 + column] = 1;
        }
        int[] angles = [0, 45, 90, 135];
        Assert.Equal(angle, angles.MaxBy(other => Answer(NamedKernels.Create($"edge-{other}"))));
        Assert.Equal(angle, angles.MaxBy(other => Answer(NamedKernels.Create("gabor", angle: other))));

        double Answer(Planes kernel)
        {
            Planes result = new ImageConvolution(new Planes(new Shape(1, 9, 9), image), kernel).Apply();
            return result[0, result.Shape.Height / 2, result.Shape.Width / 2];
        }
    }

    [Theory]
    [InlineData("gaussian", 99999, null, "kernel gaussian: the size must be at most 999, got 99999.")]
    [InlineData("sobel-z", null, null, "there is no kernel \"sobel-z\". Did you mean sobel-x or sobel-y? Kernels: identity, box,")]
    [InlineData("sobel-x", 5, null, "kernel sobel-x: it is 3x3, but size 5 is asked for.")]
    [InlineData("box", 4, null, "kernel box: the size must be odd, so that there is a middle, got 4.")]
    [InlineData("box", null, 45.0, "kernel box: only gabor takes an angle.")]
    public void What_a_kernel_is_not_is_refused(string name, int? size, double? angle, string message) =>
        Assert.StartsWith(message, Assert.Throws<FoveaException>(() => NamedKernels.Create(name, size, angle)).Message);
}
