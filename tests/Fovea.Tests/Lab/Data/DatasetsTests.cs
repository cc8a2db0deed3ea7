using System.Buffers.Binary;
using Fovea.Lab;

namespace Fovea.Tests;

public sealed class DatasetsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Three images of 2x3 for training, two for testing.
    private void WriteIdx(byte largestLabel)
    {
        Write("train-images-idx3-ubyte", 0x803, [3, 2, 3], [.. Enumerable.Range(0, 18).Select(i => (byte)i)]);
        Write("train-labels-idx1-ubyte", 0x801, [3], [0, 1, 0]);
        Write("t10k-images-idx3-ubyte", 0x803, [2, 2, 3], [.. Enumerable.Range(100, 12).Select(i => (byte)i)]);
        Write("t10k-labels-idx1-ubyte", 0x801, [2], [largestLabel, 1]);

        void Write(string name, int magic, int[] sizes, byte[] data)
        {
            byte[] file = new byte[4 + 4 * sizes.Length + data.Length];
            BinaryPrimitives.WriteInt32BigEndian(file, magic);
            for (int i = 0; i < sizes.Length; i++) BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + 4 * i), sizes[i]);
            data.CopyTo(file, 4 + 4 * sizes.Length);
            File.WriteAllBytes(_folder[name], file);
        }
    }

    [Fact]
    public void Mnist_is_embedded_and_whole()
    {
        Dataset training = Datasets.Load("mnist", DatasetPart.Training), test = Datasets.Load("mnist", DatasetPart.Test);
        Assert.Equal((60000, 10000, new Shape(1, 28, 28)), (training.Count, test.Count, training.Shape));
        Assert.Equal([5, 0, 4, 1, 9, 2, 1, 3, 1, 4], Enumerable.Range(0, 10).Select(training.Label));
        Assert.Equal([7, 2, 1, 0, 4, 1, 4, 9, 5, 9], Enumerable.Range(0, 10).Select(test.Label));
        // The means of all training pixels, as published: 0.1307 and 0.3081. What is normalized with them has mean 0 and deviation 1.
        double sum = 0, squares = 0;
        float[] pixels = new float[784];
        for (int i = 0; i < training.Count; i++)
        {
            training.CopySample(i, pixels);
            sum += pixels.Sum(value => (double)value);
            squares += pixels.Sum(value => (double)value * value);
        }
        double mean = sum / (60000.0 * 784), deviation = Math.Sqrt(squares / (60000.0 * 784) - mean * mean);
        Assert.Equal((0, 1), (mean, deviation), (a, b) => Math.Abs(a.Item1 - b.Item1) < 0.001 && Math.Abs(a.Item2 - b.Item2) < 0.001);
    }

    [Fact]
    public void Digits_are_centred_on_the_background_of_a_larger_shape()
    {
        Dataset small = Datasets.Load("mnist", DatasetPart.Test), large = Datasets.Load("mnist", DatasetPart.Test, new Shape(1, 32, 32));
        float[] digit = new float[784], framed = new float[1024];
        small.CopySample(0, digit);
        large.CopySample(0, framed);
        for (int row = 0; row < 32; row++)
        {
            for (int column = 0; column < 32; column++)
            {
                bool isInside = row is >= 2 and < 30 && column is >= 2 and < 30;
                // Black, normalized: -0.1307 / 0.3081.
                Assert.Equal(isInside ? digit[(row - 2) * 28 + column - 2] : -0.1307f / 0.3081f, framed[row * 32 + column], 1e-6);
            }
        }
    }

    [Fact]
    public void A_folder_of_idx_files_is_a_dataset()
    {
        WriteIdx(largestLabel: 2);
        Dataset training = Datasets.Load(_folder.Path + "/", DatasetPart.Training), test = Datasets.Load(_folder.Path, DatasetPart.Test);
        Assert.Equal((_folder.Path, 3, 2), (training.Name, training.Count, test.Count));
        // Class 2 occurs among the test samples only, and is a class of both parts.
        Assert.Equal(["0", "1", "2"], training.ClassNames);
        Assert.Equal(["0", "1", "2"], test.ClassNames);
        Assert.Equal(new Shape(1, 4, 4), Datasets.Load(_folder.Path, DatasetPart.Test, new Shape(1, 4, 4)).Shape);
    }

    [Fact]
    public void A_named_dataset_is_taken_from_another_folder_when_asked_to()
    {
        WriteIdx(largestLabel: 9);
        Dataset data = Datasets.Load("fashion-mnist", DatasetPart.Test, folder: _folder.Path);
        Assert.Equal(("fashion-mnist", 2, "Ankle boot"), (data.Name, data.Count, data.ClassNames[data.Label(0)]));
        Assert.Equal(2, Datasets.Load("mnist", DatasetPart.Test, folder: _folder.Path).Count);
    }

    [Fact]
    public void Files_that_are_missing_or_cut_off_are_refused()
    {
        WriteIdx(largestLabel: 1);
        string images = _folder["t10k-images-idx3-ubyte"];
        File.WriteAllBytes(images, File.ReadAllBytes(images)[..^1]);
        Assert.StartsWith($"{images}: ", Assert.Throws<DataFormatException>(() => Datasets.Load(_folder.Path, DatasetPart.Test)).Message);
        File.Copy(_folder["train-labels-idx1-ubyte"], images, overwrite: true);
        Assert.Contains("the files are mislabelled or swapped", Assert.Throws<DataFormatException>(() => Datasets.Load(_folder.Path, DatasetPart.Test)).Message);
        File.Delete(images);
        Assert.StartsWith($"{_folder.Path}: there is no t10k-images-idx3-ubyte.gz and no t10k-images-idx3-ubyte.",
            Assert.Throws<DataFormatException>(() => Datasets.Load(_folder.Path, DatasetPart.Test)).Message);
    }

    [Fact]
    public void What_is_not_there_is_refused_with_what_to_do()
    {
        Assert.Equal("there is no dataset \"mnits\" and no file or folder of this name. Did you mean mnist? Give one of mnist, fashion-mnist, kmnist, emnist-balanced, emnist-byclass, emnist-bymerge, emnist-letters, emnist-digits, emnist-mnist, cifar-10, cifar-100, shapes, a .csv or .npz file, or a folder with one sub-folder of images for each class.",
            Assert.Throws<DataFormatException>(() => Datasets.Load("mnits", DatasetPart.Test)).Message);
        Assert.Equal($"fashion-mnist: {_folder["x"]} is not there. Get it with fovea data get fashion-mnist, install the Debian package dataset-fashion-mnist (apt-get install dataset-fashion-mnist), or give the folder that holds its files.",
            Assert.Throws<DataFormatException>(() => Datasets.Load("fashion-mnist", DatasetPart.Test, folder: _folder["x"])).Message);
        Assert.StartsWith($"{_folder.Path}: there is no t10k-images-idx3-ubyte.gz", Assert.Throws<DataFormatException>(() => Datasets.Load("fashion-mnist", DatasetPart.Test, folder: _folder.Path)).Message);
        Assert.Equal("mnist: the samples are 1x28x28 and do not fit into 1x27x30. Use a model whose input is 1x28x28 or larger.",
            Assert.Throws<DataFormatException>(() => Datasets.Load("mnist", DatasetPart.Test, new Shape(1, 27, 30))).Message);
    }

    [Fact]
    public void Tables_and_archives_of_arrays_are_data_of_which_every_fifth_sample_is_for_testing()
    {
        File.WriteAllText(_folder["t.csv"], string.Concat(Enumerable.Range(0, 10).Select(i => $"{i % 2},{i},0,0,0\n")));
        AssertDivided(_folder["t.csv"], new Shape(1, 2, 2));
        var arrays = new Dictionary<string, NumpyArray>
        {
            ["x"] = new("u1", [10, 2, 2], [.. Enumerable.Range(0, 40).Select(i => (byte)(i / 4))]),
            ["y"] = new("u1", [10], [.. Enumerable.Range(0, 10).Select(i => (byte)(i % 2))]),
        };
        using (FileStream stream = File.Create(_folder["a.npz"])) NpyFile.WriteArchive(stream, arrays);
        AssertDivided(_folder["a.npz"], new Shape(1, 2, 2));
        Assert.Equal(new Shape(3, 4, 4), Datasets.Load(_folder["a.npz"], DatasetPart.Test, new Shape(3, 4, 4)).Shape);
        File.WriteAllText(_folder["few.csv"], "0,1\n1,1\n");
        Assert.Equal($"{_folder["few.csv"]}: 2 samples are too few to keep one of 5 for testing. Add samples.", Assert.Throws<DataFormatException>(() => Datasets.Load(_folder["few.csv"], DatasetPart.Test)).Message);
        File.WriteAllText(_folder["notes.txt"], "");
        Assert.StartsWith($"{_folder["notes.txt"]}: a file of data is a table of pixels (.csv) or an archive of NumPy's arrays (.npz).", Assert.Throws<DataFormatException>(() => Datasets.Load(_folder["notes.txt"], DatasetPart.Test)).Message);

        static void AssertDivided(string path, Shape shape)
        {
            Dataset training = Datasets.Load(path, DatasetPart.Training).With(Normalization.None), test = Datasets.Load(path, DatasetPart.Test).With(Normalization.None);
            Assert.Equal((path, shape, 8, 2), (training.Name, training.Shape, training.Count, test.Count));
            float[] pixels = new float[4];
            Assert.Equal([4, 9], Enumerable.Range(0, 2).Select(i =>
            {
                test.CopySample(i, pixels);
                return (int)Math.Round(pixels[0] * 255);
            }));
        }
    }

    [Fact]
    public void A_folder_of_two_tables_is_divided_by_them()
    {
        File.WriteAllText(_folder["digits_train.csv"], "0,1\n1,2\n0,3\n");
        File.WriteAllText(_folder["digits_test.csv"], "1,4\n");
        Dataset training = Datasets.Load(_folder.Path, DatasetPart.Training), test = Datasets.Load(_folder.Path, DatasetPart.Test);
        Assert.Equal((_folder.Path, 3, _folder.Path, 1), (training.Name, training.Count, test.Name, test.Count));
    }

    [Fact]
    public void A_folder_of_cifar_is_known_by_its_files()
    {
        byte[] record = new byte[3073];
        record[0] = 3;
        for (int i = 1; i <= 5; i++) File.WriteAllBytes(_folder[$"data_batch_{i}.bin"], record);
        File.WriteAllBytes(_folder["test_batch.bin"], record);
        Dataset training = Datasets.Load(_folder.Path, DatasetPart.Training);
        Assert.Equal((5, "cat", _folder.Path), (training.Count, training.ClassNames[training.Label(0)], training.Name));
        Assert.Equal(("cifar-10", 1), (Datasets.Load("cifar-10", DatasetPart.Test, folder: _folder.Path).Name, Datasets.Load("cifar-10", DatasetPart.Test, folder: _folder.Path).Count));
    }

    [Fact]
    public void Files_of_emnist_must_be_asked_for_by_their_split()
    {
        File.WriteAllText(_folder["emnist-letters-train-images-idx3-ubyte"], "");
        Assert.StartsWith($"{_folder.Path}: these are files of EMNIST, which has several splits. Give one of emnist-balanced, ", Assert.Throws<DataFormatException>(() => Datasets.Load(_folder.Path, DatasetPart.Test)).Message);
    }

    [Fact]
    public void The_catalogue_says_what_the_data_are()
    {
        DatasetEntry mnist = Datasets.Catalogue.Single(entry => entry.Name == "mnist");
        Dataset training = Datasets.Load("mnist", DatasetPart.Training);
        Assert.Equal((training.Shape, training.Count, true), (mnist.Shape, mnist.TrainingSamples, mnist.IsAvailable));
        Assert.Equal(training.ClassNames, mnist.ClassNames);
        foreach (DatasetEntry entry in Datasets.Catalogue)
        {
            Assert.NotEmpty(entry.Licence);
            Assert.Equal(entry.ClassNames.Count, entry.ClassNames.Distinct().Count());
            Assert.Equal(entry.Name == "mnist", entry.Files.Count == 0);
            Assert.All(entry.Files, file => Assert.Matches("^[0-9a-f]{64}$", file.Sha256));
            Assert.All(entry.Mirrors, mirror => Assert.True(Uri.IsWellFormedUriString(mirror, UriKind.Absolute) && mirror.EndsWith('/')));
        }
        // As their pages say: 47 classes of digits and letters that are told apart, 62 with all small letters, 26 letters; 100 kinds of things.
        Assert.Equal([47, 62, 47, 26, 10, 10, 10, 100], Datasets.Catalogue.Skip(3).Select(entry => entry.ClassNames.Count));
    }
}
