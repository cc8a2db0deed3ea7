using Fovea.Lab;

namespace Fovea.Tests;

public sealed class DigitImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static (double Row, double Column) CentreOfMass(byte[] pixels)
    {
        double mass = pixels.Sum(value => value);
        return (pixels.Select((value, i) => value * (i / 28 + 0.5)).Sum() / mass, pixels.Select((value, i) => value * (i % 28 + 0.5)).Sum() / mass);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void A_photo_becomes_the_digit_that_it_shows(int sample)
    {
        DigitImage image = DigitImage.Read(TestImages.WritePhoto(_folder["photo.png"], sample));
        byte[] digit = TestImages.Digit(sample);
        // The photo was made of a digit that MNIST's makers had scaled and centred: the same must come out but for some blur.
        double difference = digit.Zip(image.Pixels).Average(pair => Math.Abs(pair.First - pair.Second));
        Assert.True(difference < 12, $"the pixels differ by {difference:F1} on average");
        var (row, column) = CentreOfMass(image.Pixels);
        Assert.InRange(row, 14, 15);
        Assert.InRange(column, 14, 15);
        Assert.Equal(255, image.Pixels.Max());
        // Paper is black all around, and the digit lies in a box of 20x20.
        int[] inked = [.. Enumerable.Range(0, 784).Where(i => image.Pixels[i] > 0)];
        Assert.InRange(inked.Max(i => i / 28) - inked.Min(i => i / 28) + 1, 1, 20);
        Assert.InRange(inked.Max(i => i % 28) - inked.Min(i => i % 28) + 1, 1, 20);
    }

    [Fact]
    public void Proportions_are_kept()
    {
        // A bar 90 high and 18 wide is scaled by 20/90: to 20 x 4, and its middle to the middle.
        DigitImage image = DigitImage.Read(TestImages.Write(_folder["one.png"], 200, 150, (row, column) => row is >= 5 and < 95 && column is >= 100 and < 118 ? 30 : 240));
        Assert.Equal(["inverted, as it is dark on light", "cropped to the digit", "scaled to 20x4", "centred by its centre of mass in 28x28"], image.Steps);
        for (int i = 0; i < 784; i++) Assert.Equal(i / 28 is >= 4 and < 24 && i % 28 is >= 12 and < 16 ? 255 : 0, image.Pixels[i]);
    }

    [Fact]
    public void A_light_digit_on_dark_is_not_inverted()
    {
        DigitImage image = DigitImage.Read(TestImages.Write(_folder["one.png"], 200, 150, (row, column) => row is >= 5 and < 95 && column is >= 100 and < 118 ? 240 : 30));
        Assert.Equal("cropped to the digit", image.Steps[0]);
        Assert.Equal((255, 0), (image.Pixels[14 * 28 + 13], image.Pixels[0]));
    }

    [Fact]
    public void An_image_as_in_mnist_is_left_alone()
    {
        DigitImage image = DigitImage.Read(TestImages.WriteDigit(_folder["digit.png"], sample: 5));
        Assert.Empty(image.Steps);
        Assert.Equal(TestImages.Digit(5), image.Pixels);
    }

    [Fact]
    public void Specks_of_dust_are_not_part_of_the_digit()
    {
        double Paper(int row, int column) => row is >= 40 and < 160 && column is >= 60 and < 84 ? 30 : 240;
        DigitImage clean = DigitImage.Read(TestImages.Write(_folder["clean.png"], 200, 150, Paper));
        DigitImage dusty = DigitImage.Read(TestImages.Write(_folder["dusty.png"], 200, 150, (row, column) => row is >= 190 and < 194 && column < 4 ? 0 : Paper(row, column)));
        Assert.Equal(clean.Pixels, dusty.Pixels);
    }

    [Fact]
    public void A_large_photo_shows_the_same_as_a_small_one()
    {
        DigitImage small = DigitImage.Read(TestImages.Write(_folder["small.png"], 200, 150, (row, column) => row is >= 40 and < 160 && column is >= 60 and < 84 ? 30 : 240));
        DigitImage large = DigitImage.Read(TestImages.Write(_folder["large.png"], 2000, 1500, (row, column) => row is >= 400 and < 1600 && column is >= 600 and < 840 ? 30 : 240));
        Assert.True(small.Pixels.Zip(large.Pixels).Average(pair => Math.Abs(pair.First - pair.Second)) < 3);
    }

    [Fact]
    public void An_empty_sheet_is_refused()
    {
        var random = new Random(1);
        string path = TestImages.Write(_folder["empty.png"], 60, 80, (_, column) => 200 + column / 4.0 + 4 * random.NextDouble());
        Assert.Equal($"{path}: there is no digit to be seen: the image is of one shade. Give a photo of a dark digit on white paper.",
            Assert.Throws<DataFormatException>(() => DigitImage.Read(path)).Message);
        string plain = TestImages.Write(_folder["plain.png"], 28, 28, (_, _) => 255);
        Assert.Throws<DataFormatException>(() => DigitImage.Read(plain));
    }
}
