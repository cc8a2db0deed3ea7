using CsCheck;

namespace Fovea.Tests.Geometry;

public class ReceptiveFieldTests
{
    [Fact]
    public void Two_layers_see_what_their_windows_touch() => Gen.Select(Windows, Windows).Sample((first, second) =>
    {
        ReceptiveField field = ReceptiveField.Pixel.Through(first).Through(second);
        for (int output = 0; output < 3; output++)
        {
            var pixels = from outer in Enumerable.Range(0, second.Kernel)
                         from inner in Enumerable.Range(0, first.Kernel)
                         select first.Pixel(second.Pixel(output, outer), inner);
            Assert.Equal((pixels.Min(), pixels.Max()), field.View(output));
        }
        Assert.Equal(first.Stride * second.Stride, field.Jump);
    }, iter: 300);

    [Fact]
    public void A_padded_convolution_starts_before_the_image()
    {
        // 5x5 with padding 2: output 0 sees pixels -2 to 2.
        ReceptiveField field = ReceptiveField.Pixel.Through(new WindowAxis(28, 5, padding: 2));
        Assert.Equal(new ReceptiveField(5, 1, -2), field);
        Assert.Equal((-2, 2), field.View(0));
    }

    private static Gen<WindowAxis> Windows => Gen.Select(Gen.Int[1, 5], Gen.Int[1, 3], Gen.Int[0, 3], Gen.Int[1, 3],
        (kernel, stride, padding, dilation) => new WindowAxis(50, kernel, stride, padding, dilation));
}
