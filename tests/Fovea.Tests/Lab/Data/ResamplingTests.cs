using Fovea.Lab;

namespace Fovea.Tests;

public class ResamplingTests
{
    [Fact]
    public void A_plain_image_stays_plain()
    {
        float[] result = Resampling.Resize([.. Enumerable.Repeat(7f, 5 * 3)], 5, 3, 2, 7);
        Assert.Equal(14, result.Length);
        Assert.All(result, value => Assert.Equal(7, value, 1e-5));
    }

    [Fact]
    public void An_image_of_the_same_size_stays_as_it_is()
    {
        float[] image = [1, 5, 2, 9, 4, 3];
        Assert.Equal(image, Resampling.Resize(image, 2, 3, 2, 3));
    }

    [Fact]
    public void Half_the_size_weighs_pixels_by_their_distance()
    {
        // The middle of the first new pixel lies at 1; a triangle reaches 2 pixels to each side. Old middles at 0.5, 1.5, 2.5 have the heights
        // 0.75, 0.75, 0.25: weights 3/7, 3/7, 1/7. The second one is its mirror image.
        float[] result = Resampling.Resize([7, 14, 21, 70], 1, 4, 1, 2);
        Assert.Equal([(3 * 7 + 3 * 14 + 21) / 7f, (14 + 3 * 21 + 3 * 70) / 7f], result, (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void Twice_the_size_interpolates()
    {
        // New middles lie at 0.25, 0.75, 1.25, 1.75 of old pixels, whose middles are 0.5 and 1.5.
        float[] result = Resampling.Resize([0, 100], 2, 1, 4, 1);
        Assert.Equal([0, 25, 75, 100], result, (a, b) => Math.Abs(a - b) < 1e-4);
    }
}
