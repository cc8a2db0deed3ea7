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
}
