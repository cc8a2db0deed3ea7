using Fovea.Lab;

namespace Fovea.Tests;

public class ShapeImagesTests
{
    private static readonly ShapeImages s_few = new() { Count = 60, Size = 24 };

    [Fact]
    public void Images_are_written_by_class_with_a_sheet_and_read_back_the_same()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(folder["sheet.png"], s_few.Save(folder.Path));
        Assert.Equal([30, 30], ShapeImages.Classes.Select(name => Directory.GetFiles(folder[name], "*.png").Length));
        Dataset data = s_few.ToDataset();
        int first = Enumerable.Range(0, 60).First(image => s_few.Label(image) == 1);
        byte[] read = ImageFile.Read(Path.Combine(folder["odd"], $"{first:D6}.png"), data.Shape);
        float[] drawn = new float[data.Shape.Count];
        data.CopySample(first, drawn);
        // Bytes are normalized to (b / 255 - 0.5) / 0.5.
        Assert.Equal(read.Select(b => (int)b), drawn.Select(x => (int)MathF.Round((x * 0.5f + 0.5f) * 255)));
    }

    [Fact]
    public void The_same_seed_draws_the_same_and_another_seed_something_else()
    {
        float[] Sample(ulong seed)
        {
            Dataset data = (s_few with { Seed = seed }).ToDataset();
            float[] values = new float[data.Shape.Count];
            data.CopySample(3, values);
            return values;
        }
        Assert.Equal(Sample(5), Sample(5));
        Assert.NotEqual(Sample(5), Sample(6));
    }

    [Theory]
    [InlineData(100, 9, 10)]
    [InlineData(100, 1, 50)]
    [InlineData(40, 3, 10)]
    public void Of_an_imbalance_of_n_to_1_one_in_n_plus_1_is_odd(int count, double imbalance, int odd)
    {
        var images = new ShapeImages { Count = count, Imbalance = imbalance };
        Assert.Equal(odd, Enumerable.Range(0, count).Sum(images.Label));
    }

    [Fact]
    public void A_silhouette_stands_out_from_its_ground()
    {
        // Without noise: the middle pixel belongs to the fruit of a round one, the corner does not.
        Dataset data = (s_few with { Noise = 0 }).ToDataset();
        float[] values = new float[data.Shape.Count];
        int different = 0;
        for (int image = 0; image < data.Count; image++)
        {
            data.CopySample(image, values);
            if (Enumerable.Range(0, 3).Any(c => Math.Abs(values[c * 576 + 12 * 24 + 12] - values[c * 576]) > 0.1f)) different++;
        }
        Assert.InRange(different, 50, 60);
    }

    [Fact]
    public void A_network_learns_to_tell_them_apart()
    {
        Dataset data = new ShapeImages { Count = 400, Size = 16, Noise = 0.02 }.ToDataset();
        ModelSpec model = ModelSpec.Parse("conv 8 k5 | relu | maxpool 2 | flatten | linear 16 | relu | linear 1 | sigmoid", data.Shape);
        var trainer = new Trainer(model, data, new TrainingSettings { Epochs = 30, BatchSize = 32, Loss = new BceLoss(), ValidationFraction = 0 });
        trainer.Run();
        Assert.True(trainer.History[^1].TrainAccuracy > 0.8, $"{trainer.History[^1].TrainAccuracy}");
    }

    [Fact]
    public void Numbers_out_of_their_range_are_refused()
    {
        Assert.Equal("shapes: 20 images leave 2 of a class; at least 5 are needed.", Assert.Throws<FoveaException>((s_few with { Count = 20, Imbalance = 9 }).Check).Message);
        // In its own folder the drawn data "shapes" would be loaded by that name, not the images.
        Assert.True(Datasets.IsNamed("shapes") && Datasets.IsNamed("mnist") && !Datasets.IsNamed("./shapes"));
        CommandLineRun.AssertRefused("shapes: --imbalance: expected two numbers above 0 as in 9:1, got \"9\".", "data", "make", "shapes", "--imbalance", "9");
    }

    [Fact]
    public void Drawn_data_can_have_a_rare_class()
    {
        Dataset data = Datasets.Load("shapes:9:1", DatasetPart.Test);
        Assert.Equal((1000, "shapes:9:1"), (data.Count, data.Name));
        Assert.Equal(100, Enumerable.Range(0, data.Count).Count(i => data.Label(i) == 1));
        Assert.Equal(new Shape(3, 32, 32), Datasets.ShapeOf("shapes:9:1"));
        Assert.Equal("expected drawn shapes as in shapes or, with nine round ones for each odd one, shapes:9:1, got \"shapes:9\".",
            Assert.Throws<DataFormatException>(() => Datasets.Load("shapes:9", DatasetPart.Test)).Message);
    }
}
