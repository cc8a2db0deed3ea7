using System.Globalization;
using System.Text.Json;

namespace Fovea.Tests;

public class EvaluateCommandTests(TrainedModel trained) : IClassFixture<TrainedModel>
{
    [Fact]
    public void Loss_accuracy_and_confusions_are_shown_class_by_class()
    {
        string[] lines = CommandLineRun.OutputOf("evaluate", trained.Folder, "--data", "mnist").Split('\n');
        string test = trained.Output.Split('\n').Single(line => line.StartsWith("test: ", StringComparison.Ordinal));
        string loss = test.Split(' ')[2].TrimEnd(','), accuracy = test.Split(' ')[4];
        Assert.Equal($"{TrainedModel.Model} on 10,000 samples of mnist: loss {loss}, accuracy {accuracy}", lines[0]);
        string[][] rows = [.. lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length == 13 && words[0] != "class")];
        // How often each digit occurs among the test images is known.
        Assert.Equal(["980", "1,135", "1,032", "1,010", "982", "892", "958", "1,028", "974", "1,009"], rows.Select(row => row[1]));
        for (int digit = 0; digit < 10; digit++)
        {
            int[] counts = [.. rows[digit][3..].Select(text => text == "." ? 0 : int.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture))];
            double samples = counts.Sum();
            Assert.Equal(rows[digit][1], samples.ToString("N0", CultureInfo.InvariantCulture));
            Assert.Equal(rows[digit][2], string.Create(CultureInfo.InvariantCulture, $"{100 * counts[digit] / samples:F2}%"));
        }
    }

    [Fact]
    public void Json_holds_the_whole_confusion_matrix()
    {
        using JsonDocument document = JsonDocument.Parse(CommandLineRun.OutputOf("evaluate", trained.Folder, "--limit", "500", "--part", "training", "--json"));
        JsonElement report = document.RootElement;
        Assert.Equal(["model", "data", "samples", "loss", "accuracy", "classes", "confusion"], report.EnumerateObject().Select(property => property.Name));
        int[][] counts = [.. report.GetProperty("confusion").EnumerateArray().Select(row => row.EnumerateArray().Select(count => count.GetInt32()).ToArray())];
        Assert.Equal((500, 500), (report.GetProperty("samples").GetInt32(), counts.Sum(row => row.Sum())));
        Assert.Equal(report.GetProperty("accuracy").GetDouble(), Enumerable.Range(0, 10).Sum(i => counts[i][i]) / 500.0, 1e-12);
        JsonElement seven = report.GetProperty("classes")[7];
        Assert.Equal(("7", counts[7].Sum()), (seven.GetProperty("name").GetString(), seven.GetProperty("samples").GetInt32()));
        Assert.Equal((double)counts[7][7] / counts[7].Sum(), seven.GetProperty("accuracy").GetDouble(), 1e-12);
    }

    [Fact]
    public void The_surest_mistakes_are_listed_where_they_are_asked_for()
    {
        string[] lines = CommandLineRun.OutputOf("evaluate", trained.Folder, "--mistakes", "5").TrimEnd().Split('\n');
        string[][] rows = [.. lines[^5..].Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        // Each is what the network, asked for that image alone, takes for something else than it is.
        TrainedNetwork network = TrainedNetwork.Load(trained.Folder);
        Dataset test = Lab.Datasets.Load("mnist", Lab.DatasetPart.Test);
        double before = 1;
        foreach (string[] row in rows)
        {
            int sample = int.Parse(row[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
            Classification alone = network.Classify(test.Subset([sample]))[0];
            Assert.Equal([$"{test.Label(sample)}", $"{alone.Label}", string.Create(CultureInfo.InvariantCulture, $"{100 * alone.Probabilities[alone.Label]:F2}%")], row[1..]);
            Assert.NotEqual(row[1], row[2]);
            Assert.True(alone.Probabilities[alone.Label] <= before + 1e-6);
            before = alone.Probabilities[alone.Label];
        }
        using JsonDocument document = JsonDocument.Parse(CommandLineRun.OutputOf("evaluate", trained.Folder, "--mistakes", "5", "--json"));
        Assert.Equal(rows.Select(row => row[0].Replace(",", "", StringComparison.Ordinal)),
            document.RootElement.GetProperty("mistakes").EnumerateArray().Select(mistake => mistake.GetProperty("sample").GetRawText()));
    }

    [Fact]
    public void Data_of_other_classes_are_refused()
    {
        using var folder = new TemporaryFolder();
        TestImages.WriteFolder(folder.Path, images: 5);
        CommandLineRun.AssertRefused($"the network was trained on the classes 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 of mnist, but {folder.Path} has dark, light. ",
            "evaluate", trained.Folder, "--data", folder.Path);
    }

    [Theory]
    [InlineData("evaluate: DIR is missing.")]
    [InlineData("nowhere: there is no checkpoint. Give the folder that a training wrote (its --out).", "nowhere")]
    [InlineData("evaluate: --part: expected test or training, got \"validation\".", "nowhere", "--part", "validation")]
    public void Wrong_input_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, ["evaluate", .. args]);
}
