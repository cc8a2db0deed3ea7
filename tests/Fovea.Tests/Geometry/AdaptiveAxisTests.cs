namespace Fovea.Tests.Geometry;

public class AdaptiveAxisTests
{
    [Fact]
    public void The_window_is_as_wide_as_the_widest()
    {
        for (int pixels = 1; pixels <= 24; pixels++)
        {
            for (int outputs = 1; outputs <= 30; outputs++)
            {
                // PyTorch's start_index and end_index.
                int widest = Enumerable.Range(0, outputs)
                    .Max(i => (int)Math.Ceiling((i + 1) * (decimal)pixels / outputs) - (int)Math.Floor(i * (decimal)pixels / outputs));
                Assert.Equal(widest, new AdaptiveAxis(pixels, outputs).Window().Kernel);
            }
        }
        // Pixel 28 i / m for each of so many outputs: at most two of them meet in one.
        Assert.Equal(2, new AdaptiveAxis(28, int.MaxValue).Window().Kernel);
    }

    [Fact]
    public void A_layer_without_outputs_has_no_window() =>
        Assert.Throws<ShapeException>(() => new AdaptiveAvgPool2D(new Size2D(0, 3)).Window(new Shape(1, 4, 5)));
}
