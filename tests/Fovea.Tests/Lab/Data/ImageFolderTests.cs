using Fovea.Lab;

namespace Fovea.Tests;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Dataset Load(DatasetPart part = DatasetPart.Training, Shape? shape = null) => ImageFolder.Load(_folder.Path, part, shape);

    private string Refusal() => Assert.Throws<DataFormatException>(() => Load()).Message;

    // The shade of each image's first pixel.
    private static int[] Shades(Dataset data)
    {
        float[] pixels = new float[data.Shape.Count];
        return [.. Enumerable.Range(0, data.Count).Select(i =>
        {
            data.With(Normalization.None).CopySample(i, pixels);
            return (int)Math.Round(pixels[0] * 255);
        })];
    }

    [Fact]
    public void Every_fifth_image_of_a_class_is_for_testing()
    {
        TestImages.WriteFolder(_folder.Path, images: 11);
        File.WriteAllText(_folder["notes.txt"], "left alone");
        File.WriteAllText(Path.Combine(_folder["dark"], "notes.txt"), "left alone");
        Directory.CreateDirectory(_folder[".cache"]);
        Dataset training = Load(), test = Load(DatasetPart.Test);
        Assert.Equal(["dark", "light"], training.ClassNames);
        Assert.Equal((new Shape(1, 5, 7), _folder.Path), (training.Shape, training.Name));
        Assert.Equal([10, 11, 12, 13, 15, 16, 17, 18, 20, 200, 201, 202, 203, 205, 206, 207, 208, 210], Shades(training));
        Assert.Equal([14, 19, 204, 209], Shades(test));
        Assert.Equal([0, 0, 1, 1], Enumerable.Range(0, 4).Select(test.Label));
        // From -1 to 1: 14 / 255 x 2 - 1.
        float[] pixels = new float[35];
        test.CopySample(0, pixels);
        Assert.Equal(14 / 255f * 2 - 1, pixels[34], 1e-6);
    }

    [Fact]
    public void Images_in_the_folders_train_and_test_are_divided_already()
    {
        TestImages.WriteFolder(_folder["train"], images: 2);
        TestImages.WriteFolder(_folder["test"], images: 1);
        Assert.Equal([10, 11, 200, 201], Shades(Load()));
        Assert.Equal([10, 200], Shades(Load(DatasetPart.Test)));
    }

    [Fact]
    public void Images_are_resized_as_asked()
    {
        TestImages.WriteFolder(_folder.Path, images: 5);
        Dataset data = Load(shape: new Shape(3, 2, 2));
        Assert.Equal((new Shape(3, 2, 2), 8), (data.Shape, data.Count));
        Assert.Equal([10, 11, 12, 13, 200, 201, 202, 203], Shades(data));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("3x4x4")]
    public void Images_that_do_not_fit_into_memory_are_read_as_they_are_needed(string? wanted)
    {
        TestImages.WriteFolder(_folder.Path, images: 11);
        Shape? shape = wanted is null ? null : Shape.Parse(wanted);
        Dataset inMemory = Load(shape: shape), streamed = ImageFolder.Load(_folder.Path, DatasetPart.Training, shape, memory: 100);
        Assert.Equal((inMemory.Shape, inMemory.Count, inMemory.Name), (streamed.Shape, streamed.Count, streamed.Name));
        float[] expected = new float[inMemory.Shape.Count], actual = new float[inMemory.Shape.Count];
        for (int i = 0; i < streamed.Count; i++)
        {
            Assert.Equal(inMemory.Label(i), streamed.Label(i));
            inMemory.CopySample(i, expected);
            streamed.CopySample(i, actual);
            Assert.Equal(expected, actual);
        }
        // Trained on, they give the same bits, whatever the threads; framed, too.
        foreach (Shape input in (Shape[])[inMemory.Shape, new Shape(3, 8, 9)])
        {
            ModelSpec model = ModelSpec.Parse("conv 4 k3 p1 | relu | flatten | linear 2 | logsoftmax", input);
            var settings = new TrainingSettings { Epochs = 2, BatchSize = 5 };
            float[][] weights = [.. ((Dataset Data, int Threads)[])[(inMemory, 1), (streamed, 1), (streamed, 2), (streamed, 8)] is var runs ? runs.Select(run =>
            {
                var trainer = new Trainer(model, run.Data.Fit(input), settings, run.Threads);
                trainer.Run();
                return trainer.Network.GetParameter("0.weight");
            }) : []];
            foreach (float[] other in weights) Laws.Numbers.AssertSameBits(weights[0], other, $"{input}");
        }
        // They are files: what is damaged is found when it is read.
        string path = Path.Combine(_folder["dark"], "00.png");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..45]);
        Assert.StartsWith($"{path}: ", Assert.Throws<DataFormatException>(() => streamed.CopySample(0, actual)).Message);
    }

    [Fact]
    public void A_folder_without_classes_is_refused()
    {
        Assert.Equal($"{_folder.Path}: expected one sub-folder of images for each class, four IDX files, the binary files of CIFAR, or train.csv and test.csv, but there is none of these.", Refusal());
        Directory.CreateDirectory(_folder["cats"]);
        Assert.Equal($"{_folder.Path}: there is one class only, cats. Give at least two sub-folders of images.", Refusal());
        Directory.CreateDirectory(_folder["dogs"]);
        Assert.Equal($"{_folder["cats"]}: there are no images. Put PNG or JPEG files there, or remove the folder.", Refusal());
    }

    [Fact]
    public void Too_few_images_to_divide_are_refused()
    {
        TestImages.WriteFolder(_folder.Path, images: 4);
        Assert.StartsWith($"{_folder["dark"]}: 4 images are too few to keep one of 5 for testing. ", Refusal());
    }

    [Fact]
    public void Parts_of_different_classes_are_refused()
    {
        TestImages.WriteFolder(_folder["train"], images: 1);
        TestImages.WriteFolder(_folder["test"], images: 1);
        Directory.Move(Path.Combine(_folder["test"], "light"), Path.Combine(_folder["test"], "white"));
        Assert.StartsWith($"{_folder.Path}: the sub-folders of train and test differ: dark, light against dark, white. ", Refusal());
    }

    [Fact]
    public void Images_of_different_shapes_are_refused_unless_a_shape_is_asked_for()
    {
        TestImages.WriteFolder(_folder.Path, images: 5);
        string odd = TestImages.Write(Path.Combine(_folder["light"], "02.png"), 6, 7, (_, _) => 0);
        Assert.Equal($"{odd}: the image is 1x6x7, but {Path.Combine(_folder["dark"], "00.png")} is 1x5x7. Give the shape that all are to be resized to, such as 3x32x32.", Refusal());
        Assert.Equal(8, Load(shape: new Shape(1, 5, 7)).Count);
    }

    [Fact]
    public void An_unreadable_image_is_named()
    {
        TestImages.WriteFolder(_folder.Path, images: 5);
        string path = Path.Combine(_folder["light"], "03.png");
        File.WriteAllText(path, "no image");
        Assert.StartsWith($"{path}: expected a PNG or JPEG image, ", Refusal());
    }
}
