namespace Fovea.Tests.Data;

public class NpzDatasetTests
{
    private static readonly byte[] s_pixels = [.. Enumerable.Range(0, 24).Select(i => (byte)i)];

    private static (Dataset Training, Dataset? Test) Read(params (string Name, NumpyArray Array)[] arrays)
    {
        using var stream = new MemoryStream();
        NpyFile.WriteArchive(stream, arrays.ToDictionary(array => array.Name, array => array.Array));
        stream.Position = 0;
        return NpzDataset.Read(stream, "d.npz", Normalization.None);
    }

    private static NumpyArray Bytes(params int[] shape) => new("u1", shape, s_pixels[..shape.Aggregate(1, (a, b) => a * b)]);

    private static NumpyArray Labels(params byte[] labels) => new("u1", [labels.Length], labels);

    private static string Refusal(params (string Name, NumpyArray Array)[] arrays) => Assert.Throws<DataFormatException>(() => Read(arrays)).Message;

    private static int[] Pixels(Dataset data, int sample)
    {
        float[] pixels = new float[data.Shape.Count];
        data.CopySample(sample, pixels);
        return [.. pixels.Select(value => (int)Math.Round(value * 255))];
    }

    [Theory]
    [InlineData("x_train", "y_train", "x_test", "y_test")]
    [InlineData("train_images", "train_labels", "test_images", "test_labels")]
    public void Archives_may_be_divided(string images, string labels, string testImages, string testLabels)
    {
        var (training, test) = Read((images, Bytes(2, 2, 3)), (labels, Labels(4, 2)), (testImages, Bytes(1, 2, 3)), (testLabels, Labels(9)));
        Assert.Equal((2, new Shape(1, 2, 3), 1), (training.Count, training.Shape, test!.Count));
        Assert.Equal(["2", "4", "9"], training.ClassNames);
        Assert.Equal(["2", "4", "9"], test.ClassNames);
        Assert.Equal((1, 0, 2), (training.Label(0), training.Label(1), test.Label(0)));
        Assert.Equal([6, 7, 8, 9, 10, 11], Pixels(training, 1));
    }

    [Theory]
    [InlineData("x", "y")]
    [InlineData("images", "labels")]
    [InlineData("data", "labels")]
    [InlineData("arr_0", "arr_1")]
    public void Or_not(string images, string labels) => Assert.Null(Read((images, Bytes(2, 2, 3)), (labels, Labels(0, 1))).Test);

    [Fact]
    public void Channels_may_come_first_or_last()
    {
        Assert.Equal([12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23], Pixels(Read(("x", Bytes(2, 3, 2, 2)), ("y", Labels(0, 1))).Training, 1));
        Dataset last = Read(("x", Bytes(2, 2, 2, 3)), ("y", Labels(0, 1))).Training;
        Assert.Equal(new Shape(3, 2, 2), last.Shape);
        Assert.Equal([12, 15, 18, 21, 13, 16, 19, 22, 14, 17, 20, 23], Pixels(last, 1));
        Assert.Equal(new Shape(1, 3, 4), Read(("x", Bytes(2, 3, 4, 1)), ("y", Labels(0, 1))).Training.Shape);
    }

    [Fact]
    public void Floats_are_taken_as_they_are_and_labels_may_be_a_column_of_any_integers()
    {
        var labels = new NumpyArray("i8", [2, 1], [5, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]);
        Dataset data = Read(("x", NumpyArray.Of([2, 1, 2], [0.5f, -2, 3, 4])), ("y", labels)).Training;
        float[] sample = new float[2];
        data.CopySample(0, sample);
        Assert.Equal([0.5f, -2], sample);
        Assert.Equal(["-1", "5"], data.ClassNames);
    }

    [Fact]
    public void What_are_no_such_arrays_is_refused()
    {
        Assert.Equal("d.npz: expected the arrays x_train, y_train, x_test and y_test, or x and y, but there is a, b.", Refusal(("b", Labels(1)), ("a", Labels(1))));
        Assert.Equal("d.npz: 3 labels in y, but x has the shape (2, 2, 3). Give one for each sample.", Refusal(("x", Bytes(2, 2, 3)), ("y", Labels(1, 2, 3))));
        Assert.Equal("d.npz: x has the shape (2, 6). Expected [samples, height, width], [samples, height, width, 1 or 3] or [samples, channels, height, width].", Refusal(("x", Bytes(2, 6)), ("y", Labels(1, 2))));
        Assert.StartsWith("d.npz: y is an array of f4 and shape (2, 2). Give the number of a class for each sample", Refusal(("x", Bytes(2, 2, 3)), ("y", NumpyArray.Of([2, 2], [1, 0, 0, 1]))));
        Assert.Equal("d.npz: all samples are of one class, 3. Give samples of at least two.", Refusal(("x", Bytes(2, 2, 3)), ("y", Labels(3, 3))));
        Assert.Equal("d.npz: the samples of x_train are 1x2x3, those of x_test 1x3x2. They must be of one shape.",
            Refusal(("x_train", Bytes(2, 2, 3)), ("y_train", Labels(0, 1)), ("x_test", Bytes(1, 3, 2)), ("y_test", Labels(0))));
    }
}
