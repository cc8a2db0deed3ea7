using System.Text.Json;

namespace Fovea.Tests;

public class ShapeTests
{
    [Fact]
    public void An_image_is_written_and_read_back()
    {
        var shape = new Shape(3, 7, 5);
        Assert.Equal("3x7x5", shape.ToString());
        Assert.Equal("[3,7,5]", JsonSerializer.Serialize(shape));
        Assert.Equal(shape, Shape.Parse("3x7x5"));
        Assert.Equal(shape, JsonSerializer.Deserialize<Shape>("[3,7,5]"));
        Assert.Equal(105, shape.Count);
        Assert.False(shape.IsFlat);
    }

    [Fact]
    public void A_flat_vector_is_not_an_image_of_one_pixel()
    {
        Shape flat = Shape.Flat(128), image = new(128, 1, 1);
        Assert.NotEqual(image, flat);
        Assert.Equal("128", flat.ToString());
        Assert.Equal("128x1x1", image.ToString());
        Assert.Equal("[128]", JsonSerializer.Serialize(flat));
        Assert.Equal(flat, Shape.Parse("128"));
        Assert.Equal(flat, JsonSerializer.Deserialize<Shape>("[128]"));
        Assert.Equal(image, JsonSerializer.Deserialize<Shape>("[128,1,1]"));
        Assert.Equal(128, flat.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("28x28")]
    [InlineData("1x28x28x1")]
    [InlineData("1x0x28")]
    [InlineData("1x-28x28")]
    [InlineData("1 x 28 x 28")]
    [InlineData("1X28X28")]
    [InlineData("1x28x3000000000")]
    [InlineData("1,28,28")]
    [InlineData("0")]
    public void Other_text_is_refused(string text)
    {
        Assert.False(Shape.TryParse(text, out _));
        var exception = Assert.Throws<FormatException>(() => Shape.Parse(text));
        Assert.Equal($"shape: expected CHANNELSxHEIGHTxWIDTH such as 1x28x28, or a number of features such as 128; got \"{text}\".", exception.Message);
    }

    [Fact]
    public void No_text_is_no_shape() => Assert.False(Shape.TryParse(null, out _));

    [Theory]
    [InlineData("[]")]
    [InlineData("[28,28]")]
    [InlineData("[1,28,28,1]")]
    [InlineData("[1,0,28]")]
    [InlineData("[1,28.5,28]")]
    [InlineData("\"1x28x28\"")]
    [InlineData("[1,\"28\",28]")]
    [InlineData("[[1,28,28]]")]
    public void Other_json_is_refused(string json)
    {
        var exception = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Shape>(json));
        Assert.StartsWith("a shape is [channels, height, width] or [features]", exception.Message);
    }

    [Fact]
    public void Extents_below_one_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shape(0, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shape(1, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shape(1, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Shape.Flat(0));
    }

    [Fact]
    public void A_count_past_an_int_is_an_error_and_not_another_number() =>
        Assert.Throws<OverflowException>(() => new Shape(1 << 11, 1 << 10, 1 << 10).Count);
}
