using System.Text.Json;

namespace Fovea.Tests.Geometry;

public class Size2DTests
{
    [Theory]
    [InlineData(5, 5, "5", "5")]
    [InlineData(5, 3, "5x3", "[5,3]")]
    public void A_square_is_one_number(int height, int width, string text, string json)
    {
        var size = new Size2D(height, width);
        Assert.Equal(text, size.ToString());
        Assert.Equal(json, JsonSerializer.Serialize(size));
        Assert.Equal(size, JsonSerializer.Deserialize<Size2D>(json));
    }

    [Fact]
    public void A_number_converts_to_a_square() => Assert.Equal(new Size2D(3, 3), 3);

    [Theory]
    [InlineData("\"5\"")]
    [InlineData("1.5")]
    [InlineData("[5]")]
    [InlineData("[5,3,1]")]
    [InlineData("[5,\"3\"]")]
    [InlineData("[5,3.5]")]
    [InlineData("{}")]
    [InlineData("3000000000")]
    public void Other_json_is_refused(string json)
    {
        var exception = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Size2D>(json));
        Assert.StartsWith("a size is a number, or [height, width]", exception.Message);
    }
}
