using System.Text;

namespace Fovea.Tests.Data;

public class PixelCsvTests
{
    private static Dataset Read(string text, Shape? shape = null) => PixelCsv.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "t.csv", shape, Normalization.None);

    private static string Refusal(string text) => Assert.Throws<DataFormatException>(() => Read(text)).Message;

    private static int[] Pixels(Dataset data, int sample)
    {
        float[] pixels = new float[data.Shape.Count];
        data.CopySample(sample, pixels);
        return [.. pixels.Select(value => (int)Math.Round(value * 255))];
    }

    [Theory]
    [InlineData("7,0,1,2,255\n3,9,8,7,6\n")]
    [InlineData("7;0;1;2;255\r\n3;9;8;7;6")]
    [InlineData("label,p0,p1,p2,p3\n7,0,1,2,255\n\n3,9,8,7,6\n\n")]
    [InlineData("p0\tp1\tclass\tp2\tp3\n0\t1\t7\t2\t255\n9\t8\t3\t7\t6\n")]
    [InlineData("\uFEFF\"Label\", p0, p1, p2, p3\n7.0, 0, 1, 2.0, 255\n3.0, 9, 8, 7, 6\n")]
    public void Rows_are_a_label_and_pixels(string text)
    {
        Dataset data = Read(text);
        Assert.Equal((2, new Shape(1, 2, 2)), (data.Count, data.Shape));
        Assert.Equal(["3", "7"], data.ClassNames);
        Assert.Equal((1, 0), (data.Label(0), data.Label(1)));
        Assert.Equal([0, 1, 2, 255], Pixels(data, 0));
        Assert.Equal([9, 8, 7, 6], Pixels(data, 1));
    }

    [Fact]
    public void Classes_may_have_names()
    {
        Dataset data = Read("dog,1,2,3,4\ncat,5,6,7,8\ndog,9,10,11,12\n");
        Assert.Equal(["cat", "dog"], data.ClassNames);
        Assert.Equal([1, 0, 1], Enumerable.Range(0, 3).Select(data.Label));
    }

    [Fact]
    public void Numbers_of_classes_are_put_in_their_order_not_that_of_their_digits() => Assert.Equal(["2", "10"], Read("10,0\n2,0").ClassNames);

    [Theory]
    [InlineData(12, null, "3x2x2")]
    [InlineData(9, null, "1x3x3")]
    [InlineData(6, "1x2x3", "1x2x3")]
    [InlineData(9, "9", "9")]
    [InlineData(4, "1x5x5", "1x2x2")]
    public void Pixels_make_a_square_or_the_shape_asked_for(int pixels, string? wanted, string shape)
    {
        string row = string.Join(',', Enumerable.Range(0, pixels));
        Assert.Equal(Shape.Parse(shape), Read($"0,{row}\n1,{row}\n", wanted is null ? null : Shape.Parse(wanted)).Shape);
    }

    [Fact]
    public void What_is_no_such_table_is_refused_with_its_line()
    {
        Assert.Equal("t.csv: expected rows of a label and pixels, divided by commas, semicolons or tabs, but there is nothing in it.", Refusal("\n\n"));
        Assert.Equal("t.csv: expected rows of a label and pixels, divided by commas, semicolons or tabs, but there is one column.", Refusal("1\n2\n"));
        Assert.Equal("t.csv: there is a line of heads, but no samples.", Refusal("label,p0\n"));
        Assert.Equal("t.csv: line 2, column 3: expected a pixel, a whole number from 0 to 255, got \"256\".", Refusal("1,0,0,0,0\n2,0,256,0,0\n"));
        Assert.Equal("t.csv: line 3, column 2: expected a pixel, a whole number from 0 to 255, got \"0.5\".", Refusal("label,p\n1,0\n2,0.5\n"));
        Assert.Equal("t.csv: line 2, column 2: expected a pixel, a whole number from 0 to 255, got \"\".", Refusal("1,0,1\n2,,1\n"));
        Assert.Equal("t.csv: line 1, column 2: expected a pixel, a whole number from 0 to 255, got \"-1\".", Refusal("1,-1\n2,1\n"));
        Assert.Equal("t.csv: line 2, column 1: expected a label, got nothing.", Refusal("1,0\n,0\n"));
        Assert.Equal("t.csv: line 2, column 2: the row ends after 2 fields, but the first has 3.", Refusal("1,0,0\n2,0\n"));
        Assert.Equal("t.csv: all samples are of one class, \"1\". Give samples of at least two; the class is in the column label, or else in the first.", Refusal("1,0\n1,0\n"));
        Assert.Equal("t.csv: 7 pixels a row make no square image of one channel or three. Say the shape, as in --input 1x7x1.", Refusal("1,0,0,0,0,0,0,0\n2,0,0,0,0,0,0,0\n"));
        Assert.Equal("t.csv: line 1, column 1: a field is longer than 256 bytes: this is no table of pixels.", Refusal(new string('x', 300)));
        Assert.StartsWith("t.csv: there are more than 10,000 different labels: these are no classes.", Refusal(string.Concat(Enumerable.Range(0, 10_001).Select(i => $"{i},0\n"))));
    }

    [Fact]
    public void Two_files_share_their_classes()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.csv"], "dog,1\ncat,2\n");
        File.WriteAllText(folder["b.csv"], "emu,3\ndog,4\n");
        IReadOnlyList<Dataset> both = PixelCsv.Read([folder["a.csv"], folder["b.csv"]], null, Normalization.None);
        Assert.All(both, data => Assert.Equal(["cat", "dog", "emu"], data.ClassNames));
        Assert.Equal([1, 0, 2, 1], both.SelectMany(data => Enumerable.Range(0, 2).Select(data.Label)));
        File.WriteAllText(folder["b.csv"], "emu,3,3,3,3\ndog,4,4,4,4\n");
        Assert.Equal($"{folder["b.csv"]}: 4 pixels a row, but {folder["a.csv"]} has 1. Give files that belong together.",
            Assert.Throws<DataFormatException>(() => PixelCsv.Read([folder["a.csv"], folder["b.csv"]], null, Normalization.None)).Message);
    }
}
