namespace Fovea.Tests;

public class PlanesTests
{
    [Theory]
    [InlineData("1 2; 3 4")]
    [InlineData("1,2\n3,4\n")]
    [InlineData("1, 2 ;\r\n 3, 4")]
    public void Rows_are_parted_by_semicolons_or_lines_and_numbers_by_blanks_or_commas(string text)
    {
        var planes = Planes.Parse(text, 1, "test");
        Assert.Equal(new Shape(1, 2, 2), planes.Shape);
        Assert.Equal([1, 2, 3, 4], planes.Values);
    }

    [Fact]
    public void Channels_lie_below_each_other()
    {
        var planes = Planes.Parse("1 2; 3 4; 5 6; 7 8", 2, "test");
        Assert.Equal(new Shape(2, 2, 2), planes.Shape);
        Assert.Equal(6, planes[1, 0, 1]);
        Assert.Equal("1,2\n3,4\n5,6\n7,8\n", planes.ToCsv());
    }

    [Theory]
    [InlineData("1 2; 3", 1, "test, row 2: expected 2 numbers as in row 1, got 1. Give every row the same length.")]
    [InlineData("1 2; 3 x", 1, "test, row 2, column 2: expected a number, got \"x\".")]
    [InlineData("1,,2", 1, "test, row 1, column 2: expected a number, got \"\".")]
    [InlineData("1 NaN", 1, "test, row 1, column 2: expected a number, got \"NaN\".")]
    [InlineData(" ; ", 1, "test: expected rows of numbers, got nothing.")]
    [InlineData("1; 2; 3", 2, "test: 3 rows do not divide into 2 planes below each other. Give every plane as many rows.")]
    public void What_is_no_matrix_is_refused(string text, int channels, string message) =>
        Assert.Equal(message, Assert.Throws<DataFormatException>(() => Planes.Parse(text, channels, "test")).Message);
}
