using System.Globalization;

namespace Fovea;

/// <summary>
/// Datasets in .npz archives of NumPy: x_train, y_train, x_test and y_test as Keras names them, train_images, train_labels, test_images and test_labels, or one pair
/// of x and y, images and labels, data and labels, arr_0 and arr_1. Images are [samples, height, width], [samples, height, width, 1 or 3] or [samples, channels,
/// height, width]: uint8, or floats that are taken as they are. Labels are whole numbers.
/// </summary>
public static class NpzDataset
{
    private static readonly (string Images, string Labels)[]
        s_training = [("x_train", "y_train"), ("train_images", "train_labels"), ("x", "y"), ("images", "labels"), ("data", "labels"), ("arr_0", "arr_1")],
        s_test = [("x_test", "y_test"), ("test_images", "test_labels")];

    /// <summary>Reads an archive.</summary>
    /// <param name="path">The file.</param>
    /// <param name="normalization">How bytes become floats.</param>
    /// <returns>The samples to train on and those to test on; null for these where the archive does not divide them.</returns>
    /// <exception cref="DataFormatException">The file is no archive of arrays, or they are not such data.</exception>
    public static (Dataset Training, Dataset? Test) Read(string path, Normalization normalization)
    {
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path, normalization);
    }

    /// <summary>Reads an archive from a stream; the path is for messages.</summary>
    /// <exception cref="DataFormatException">The stream is no archive of arrays, or they are not such data.</exception>
    public static (Dataset Training, Dataset? Test) Read(Stream stream, string path, Normalization normalization)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Dictionary<string, NumpyArray> arrays = NpyFile.ReadArchive(stream, path);
        (string Images, string Labels)? Pair((string Images, string Labels)[] names) =>
            names.Cast<(string Images, string Labels)?>().FirstOrDefault(pair => arrays.ContainsKey(pair!.Value.Images) && arrays.ContainsKey(pair.Value.Labels));
        if (Pair(s_training) is not { } training)
            throw new DataFormatException($"{path}: expected the arrays x_train, y_train, x_test and y_test, or x and y, but there {(arrays.Count == 0 ? "are none" : $"is {string.Join(", ", arrays.Keys.Order(StringComparer.Ordinal).Take(20))}")}.");
        var test = Pair(s_test);
        // What is made of an array of bytes lies in its own memory; floats and labels are copied.
        long copied = new[] { training, test }.Where(pair => pair is not null).Sum(pair => Copied(arrays[pair!.Value.Images]) + 2 * sizeof(int) * (long)arrays[pair.Value.Labels].Count);
        if (arrays.Values.Sum(array => (long)array.Data.Length) + copied > 2 * stream.Length + IdxFile.Allowance)
            throw new DataFormatException($"{path}: its arrays would take far more memory than the file is long. Store the images as uint8, or without compression (numpy.savez).");
        var classes = new ClassLabels();
        int[] trainingLabels = Labels(arrays, training, path, classes), testLabels = test is { } pair ? Labels(arrays, pair, path, classes) : [];
        var (names, numbers) = classes.Sort();
        if (names.Length < 2) throw new DataFormatException($"{path}: all samples are of one class, {names[0]}. Give samples of at least two.");
        Dataset Part((string Images, string Labels) from, int[] labels)
        {
            foreach (ref int label in labels.AsSpan()) label = numbers[label];
            return Images(arrays[from.Images], $"{path}: {from.Images}", path, labels, names, normalization);
        }
        Dataset data = Part(training, trainingLabels);
        Dataset? held = test is { } other ? Part(other, testLabels) : null;
        if (held is not null && held.Shape != data.Shape) throw new DataFormatException($"{path}: the samples of {training.Images} are {data.Shape}, those of {test!.Value.Images} {held.Shape}. They must be of one shape.");
        return (data, held);
    }

    private static long Copied(NumpyArray images) => images.Type == "u1" ? 0 : sizeof(float) * (long)images.Count;

    private static int[] Labels(Dictionary<string, NumpyArray> arrays, (string Images, string Labels) pair, string path, ClassLabels classes)
    {
        NumpyArray labels = arrays[pair.Labels];
        if (labels.Type[0] is not ('i' or 'u' or 'b') || labels.Shape.Count is not (1 or 2) || (labels.Shape.Count == 2 && labels.Shape[1] != 1))
            throw new DataFormatException($"{path}: {pair.Labels} is an array of {labels.Type} and shape {NumpyArray.Text(labels.Shape)}. Give the number of a class for each sample (numpy.argmax(y, axis=1) of one-hot rows), as integers.");
        if (labels.Count == 0 || arrays[pair.Images].Shape is not [var samples, ..] || samples != labels.Count)
            throw new DataFormatException($"{path}: {labels.Count} labels in {pair.Labels}, but {pair.Images} has the shape {NumpyArray.Text(arrays[pair.Images].Shape)}. Give one for each sample.");
        int[] numbers = new int[labels.Count];
        float[] values = labels.ToSingles();
        for (int i = 0; i < numbers.Length; i++) numbers[i] = classes.Add(values[i].ToString("F0", CultureInfo.InvariantCulture), path);
        return numbers;
    }

    private static Dataset Images(NumpyArray array, string where, string name, int[] labels, IReadOnlyList<string> classNames, Normalization normalization)
    {
        bool last = array.Shape is [_, _, _, 1 or 3];
        Shape shape = array.Shape switch
        {
            [_, > 0 and var height, > 0 and var width] => new Shape(1, height, width),
            [_, > 0 and var height, > 0 and var width, var channels] when last => new Shape(channels, height, width),
            [_, > 0 and var channels, > 0 and var height, > 0 and var width] => new Shape(channels, height, width),
            _ => throw new DataFormatException($"{where} has the shape {NumpyArray.Text(array.Shape)}. Expected [samples, height, width], [samples, height, width, 1 or 3] or [samples, channels, height, width]."),
        };
        if (array.Type == "u1")
        {
            if (last) ChannelsFirst(array.Data, shape);
            return Dataset.FromBytes(name, shape, array.Data, labels, classNames, normalization);
        }
        float[] values = array.ToSingles();
        if (last) ChannelsFirst<float>(values, shape);
        return Dataset.FromTensor(new Tensor(labels.Length, shape, values), labels, classNames, name);
    }

    // Sample by sample, in their own memory.
    private static void ChannelsFirst<T>(Span<T> values, Shape shape)
    {
        if (shape.Channels == 1) return;
        int pixels = shape.Height * shape.Width;
        T[] image = new T[shape.Count];
        for (int start = 0; start < values.Length; start += image.Length)
        {
            Span<T> sample = values.Slice(start, image.Length);
            sample.CopyTo(image);
            for (int pixel = 0; pixel < pixels; pixel++)
                for (int channel = 0; channel < shape.Channels; channel++) sample[channel * pixels + pixel] = image[pixel * shape.Channels + channel];
        }
    }
}
