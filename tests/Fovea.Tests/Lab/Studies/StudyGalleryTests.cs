using Fovea.Lab;
using SkiaSharp;

namespace Fovea.Tests;

public class StudyGalleryTests
{
    [Fact]
    public void The_trained_networks_are_shown_with_their_mistakes_filters_and_feature_maps()
    {
        using var folder = new TemporaryFolder();
        StudyPlan plan = new()
        {
            Name = "two",
            Model = "conv 8 k5 s2 | relu | flatten | linear 10 | logsoftmax",
            Limit = 200,
            Seeds = [1],
            Budgets = ["epochs=1"],
            Vary = [StudyAxis.Parse("lr=0.001,0.01")],
        };
        Study study = plan.ToStudy();
        StudyResult result = StudyRunner.Run(study, new StudyOptions { Threads = 1, Folder = folder.Path });

        StudyGallery gallery = StudyGallery.Of(study, folder.Path);

        Assert.Equal(["lr 0.001", "lr 0.01"], gallery.Variants.Select(v => v.Name));
        Dataset test = Datasets.Load("mnist", DatasetPart.Test);
        foreach (VariantPictures pictures in gallery.Variants)
        {
            // After so little training there are more than enough.
            Assert.Equal(12, pictures.Mistakes.Count);
            Assert.All(pictures.Mistakes, m => Assert.Equal(m.Class, test.ClassNames[test.Label(m.Sample)]));
            Assert.All(pictures.Mistakes, m => Assert.NotEqual(m.Class, m.TakenFor));
            Assert.Equal(pictures.Mistakes.Select(m => m.Probability).OrderDescending(), pictures.Mistakes.Select(m => m.Probability));
            Assert.Equal((28, 28), Size(pictures.Mistakes[0].Image));
            // Eight filters of 5x5 and eight maps of 12x12 in a row, a pixel between them.
            Assert.Equal((47, 5), Size(pictures.Filters!));
            Assert.Equal(["7", "2", "1"], pictures.FeatureMaps.Select(m => m.Class));
            Assert.All(pictures.FeatureMaps, m => Assert.Equal((103, 12), Size(m.Maps)));
        }
        // The first test image, a seven, as MNIST has it: its pixel in row 7, column 7 is 185 bright.
        using SKBitmap seven = SKBitmap.Decode(gallery.Variants[0].FeatureMaps[0].Image);
        Assert.Equal(185, seven.GetPixel(7, 7).Red, tolerance: 1.0);

        string page = StudyReport.ToHtml(result, gallery);
        Assert.Equal(2 * (12 + 1 + 3 * 2), System.Text.RegularExpressions.Regex.Count(page, "<img "));
        Assert.Contains("How these numbers come about", page);
        Assert.DoesNotContain("<img ", StudyReport.ToHtml(result));
    }

    private static (int Width, int Height) Size(byte[] png)
    {
        using SKBitmap bitmap = SKBitmap.Decode(png);
        return (bitmap.Width, bitmap.Height);
    }

    [Theory]
    [InlineData(0.87, "87.0%")]
    [InlineData(1.11, "output 1.11")]
    public void What_is_no_probability_is_not_called_so(double sure, string shown)
    {
        var pictures = new VariantPictures("stride 2", "2 epochs", [new MistakePicture(3, "2", "7", sure, [])], null, []);
        Assert.Contains($"<span class=\"spread\">{shown}</span>", StudyReport.ToHtml(MadeUpStudy.Result(MadeUpStudy.Variant("stride 2", "stride2", (0.9, 1, 100))), new StudyGallery([pictures])));
    }

    [Theory]
    [InlineData(5, "5")]
    [InlineData(6, "3 3")]
    [InlineData(12, "4 4 4")]
    public void Variants_stand_side_by_side_in_tables_that_a_page_has_room_for(int variants, string columns)
    {
        string page = StudyReport.ToHtml(MadeUpStudy.Result([.. Enumerable.Range(1, variants).Select(i => MadeUpStudy.Variant($"variant {i}", "stride2", (0.9, 1, 100)))]));
        var heads = page.Split("<div class=\"scroll side\">").Skip(1).Select(table => table[..table.IndexOf("</thead>", StringComparison.Ordinal)].Split("<th>").Length - 1);
        Assert.Equal(columns, string.Join(' ', heads.Select(cells => cells - 1)));
    }
}
