using CsCheck;

namespace Fovea.Tests.Geometry;

public class ReceptiveFieldTests
{
    [Fact]
    public void LeNet5_sees_its_whole_input_after_the_third_convolution()
    {
        // By hand: a window of k, seen through a jump of j, adds (k - 1) j pixels; a stride of s makes the jump s times as long.
        (WindowAxis Window, int Size, int Jump)[] layers =
        [
            (new(32, 5), 1 + 4 * 1, 1),
            (new(28, 2, stride: 2), 5 + 1 * 1, 2),
            (new(14, 5), 6 + 4 * 2, 2),
            (new(10, 2, stride: 2), 14 + 1 * 2, 4),
            (new(5, 5), 16 + 4 * 4, 4),
        ];
        ReceptiveField view = ReceptiveField.Pixel;
        foreach (var (window, size, jump) in layers)
        {
            view = view.Through(window);
            Assert.Equal(new ReceptiveField(size, jump), view);
        }
        Assert.Equal(32, view.Size);
    }

    [Fact]
    public void Dilation_widens_the_view() =>
        Assert.Equal(new ReceptiveField(1 + (3 * (3 - 1)) * 2, 4), new ReceptiveField(1, 2).Through(new WindowAxis(20, 3, stride: 2, dilation: 3)));

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
