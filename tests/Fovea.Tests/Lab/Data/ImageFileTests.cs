using Fovea.Lab;
using SkiaSharp;

namespace Fovea.Tests;

public sealed class ImageFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Refusal(string path) => Assert.Throws<DataFormatException>(() => ImageFile.Read(path, new Shape(1, 4, 4))).Message;

    [Fact]
    public void Grey_pixels_are_read_as_they_are()
    {
        string path = TestImages.Write(_folder["grey.png"], 2, 3, (row, column) => 100 * row + column);
        Assert.Equal(new Shape(1, 2, 3), ImageFile.ReadShape(path));
        Assert.Equal([0, 1, 2, 100, 101, 102], ImageFile.Read(path, new Shape(1, 2, 3)));
        Assert.Equal([0, 1, 2, 100, 101, 102, 0, 1, 2, 100, 101, 102, 0, 1, 2, 100, 101, 102], ImageFile.Read(path, new Shape(3, 2, 3)));
    }

    [Fact]
    public void Colours_are_read_channel_by_channel_or_as_their_luma()
    {
        string path = TestImages.Write(_folder["colour.png"], 1, 2, SKColorType.Rgba8888, (_, column) => column == 0 ? new SKColor(200, 100, 50) : new SKColor(0, 0, 255));
        Assert.Equal(new Shape(3, 1, 2), ImageFile.ReadShape(path));
        Assert.Equal([200, 0, 100, 0, 50, 255], ImageFile.Read(path, new Shape(3, 1, 2)));
        // 0.299 x 200 + 0.587 x 100 + 0.114 x 50 = 124.2, and 0.114 x 255 = 29.07.
        Assert.Equal([124, 29], ImageFile.Read(path, new Shape(1, 1, 2)));
    }

    [Fact]
    public void What_is_transparent_is_laid_on_white()
    {
        string path = TestImages.Write(_folder["clear.png"], 1, 2, SKColorType.Rgba8888, (_, column) => new SKColor(0, 0, 0, (byte)(column * 51)));
        // Black of 51/255 = a fifth on white.
        Assert.Equal([255, 204], ImageFile.Read(path, new Shape(1, 1, 2)));
    }

    [Fact]
    public void Images_are_resized_without_regard_to_their_proportions()
    {
        string path = TestImages.Write(_folder["wide.png"], 2, 8, (_, column) => column < 4 ? 0 : 200);
        byte[] pixels = ImageFile.Read(path, new Shape(1, 4, 2));
        // As in Half_the_size...: the middle of the first new pixel lies at 2 and reaches 4 pixels: heights 5/8, 7/8, 7/8, 5/8, 3/8, 1/8 of which
        // the last two are on the light side: 200 x 4 / 28 = 28.6.
        Assert.Equal([29, 171, 29, 171, 29, 171, 29, 171], pixels);
    }

    [Theory]
    // Where the dark left half of the stored image belongs when the camera was held so.
    [InlineData(1, 20, 40, "left")]
    [InlineData(2, 20, 40, "right")]
    [InlineData(3, 20, 40, "right")]
    [InlineData(4, 20, 40, "left")]
    [InlineData(5, 40, 20, "top")]
    [InlineData(6, 40, 20, "top")]
    [InlineData(7, 40, 20, "bottom")]
    [InlineData(8, 40, 20, "bottom")]
    public void Images_are_turned_as_their_camera_says(byte orientation, int height, int width, string dark)
    {
        // A dark left half, and a corner at its top that is darker still.
        string path = TestImages.Write(_folder["photo.jpg"], 20, 40, (row, column) => column >= 20 ? 220 : row < 8 && column < 8 ? 0 : 90);
        File.WriteAllBytes(path, TestImages.WithOrientation(File.ReadAllBytes(path), orientation));
        Assert.Equal(new Shape(1, height, width), ImageFile.ReadShape(path));
        byte[] pixels = ImageFile.Read(path, new Shape(1, height, width));
        byte At(double down, double across) => pixels[(int)(down * height) * width + (int)(across * width)];
        var (darkSide, lightSide) = dark switch
        {
            "left" => (At(0.5, 0.35), At(0.5, 0.75)),
            "right" => (At(0.5, 0.65), At(0.5, 0.25)),
            "top" => (At(0.35, 0.5), At(0.75, 0.5)),
            _ => (At(0.65, 0.5), At(0.25, 0.5)),
        };
        Assert.InRange(darkSide, 80, 100);
        Assert.InRange(lightSide, 210, 230);
        // The first row and column of the file lie at the top and left, top and right, bottom and right, bottom and left, left and top, right and
        // top, right and bottom, left and bottom.
        var (down, across) = orientation switch { 1 or 5 => (0.05, 0.05), 2 or 6 => (0.05, 0.95), 3 or 7 => (0.95, 0.95), _ => (0.95, 0.05) };
        Assert.InRange(At(down, across), 0, 20);
    }

    [Fact]
    public void Files_that_are_no_whole_images_are_refused()
    {
        Assert.Equal("nowhere.png: there is no such file.", Refusal("nowhere.png"));
        File.WriteAllText(_folder["text.png"], "no image at all");
        Assert.StartsWith($"{_folder["text.png"]}: expected a PNG or JPEG image, but the file is of another kind. Copy it anew", Refusal(_folder["text.png"]));
        // The first bytes of a PNG, and then what belongs to no file at all.
        File.WriteAllBytes(_folder["random.png"], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, .. Enumerable.Range(0, 3000).Select(i => (byte)(i * 167 % 251))]);
        Assert.StartsWith($"{_folder["random.png"]}: expected a PNG or JPEG image, but the file is damaged or cut off (", Refusal(_folder["random.png"]));
        string folder = Directory.CreateDirectory(_folder["folder.png"]).FullName;
        Assert.StartsWith($"{folder}: this is a folder.", Refusal(folder));
        File.WriteAllText(_folder["empty.jpg"], "");
        Assert.StartsWith($"{_folder["empty.jpg"]}: expected a PNG or JPEG image, ", Refusal(_folder["empty.jpg"]));
        string path = TestImages.Write(_folder["cut.png"], 64, 64, (row, column) => row * column % 251);
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
        Assert.StartsWith($"{path}: the image is damaged or cut off", Refusal(path));
    }

    [Fact]
    public void Absurd_sizes_are_refused_before_memory_is_taken()
    {
        File.WriteAllBytes(_folder["huge.png"], TestImages.PngOfSize(30000, 20000));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal($"{_folder["huge.png"]}: 30000 x 20000 pixels are more than 64 million. Scale the image down.", Refusal(_folder["huge.png"]));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    [Fact]
    public void Images_that_would_take_far_more_memory_than_their_file_is_long_are_refused()
    {
        File.WriteAllBytes(_folder["large.png"], TestImages.PngOfSize(8000, 8000));
        Assert.Matches(@"^.*large\.png: 8000 x 8000 pixels would take 244 MB, too much for a file of \d+ bytes\. Scale the image down, or save it without interlacing or progressive coding\.$", Refusal(_folder["large.png"]));
        // A baseline JPEG is decoded row by row, and may be of any size.
        string jpeg = TestImages.Write(_folder["large.jpg"], 5000, 5000, (_, _) => 90);
        Assert.InRange(new FileInfo(jpeg).Length, 0, 1_000_000);
        Assert.All(ImageFile.Read(jpeg, new Shape(3, 4, 4)), pixel => Assert.InRange(pixel, 88, 92));
        // Its frame marked as progressive (T.81, table B.1): such a one is kept as a whole, and this one is none.
        byte[] file = File.ReadAllBytes(jpeg);
        file[file.AsSpan().IndexOf((byte[])[0xFF, 0xC0]) + 1] = 0xC2;
        File.WriteAllBytes(_folder["progressive.jpg"], file);
        Assert.Contains("5000 x 5000 pixels would take 190 MB", Refusal(_folder["progressive.jpg"]));
    }

    [Fact]
    public void Images_of_another_kind_are_refused()
    {
        using var bitmap = new SKBitmap(4, 4);
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Webp, 90);
        File.WriteAllBytes(_folder["image.png"], data.ToArray());
        Assert.StartsWith($"{_folder["image.png"]}: expected a PNG or JPEG image, but the file is of another kind.", Refusal(_folder["image.png"]));
    }

    [Fact]
    public void Shapes_that_no_image_has_are_refused()
    {
        string path = TestImages.Write(_folder["grey.png"], 2, 2, (_, _) => 0);
        Assert.Equal($"{path}: an image has 1 channel or 3, but 4x2x2 is asked for. Use a model that takes 1xHxW or 3xHxW.",
            Assert.Throws<DataFormatException>(() => ImageFile.Read(path, new Shape(4, 2, 2))).Message);
        Assert.Throws<DataFormatException>(() => ImageFile.Read(path, Shape.Flat(4)));
    }
}
