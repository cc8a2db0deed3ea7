using System.Text.Json;
using Fovea.Lab;

namespace Fovea.Tests;

public sealed class PredictCommandTests(TrainedModel trained) : IClassFixture<TrainedModel>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Photos_are_taken_for_what_the_digits_are_that_they_show()
    {
        // The first ten test images: 7, 2, 1, 0, 4, 1, 4, 9, 5, 9.
        string[] photos = [.. Enumerable.Range(0, 10).Select(i => TestImages.WritePhoto(_folder[$"{i}.png"], sample: i))];
        using JsonDocument document = JsonDocument.Parse(CommandLineRun.OutputOf(["predict", trained.Folder, .. photos, "--json"]));
        JsonElement[] predictions = [.. document.RootElement.GetProperty("predictions").EnumerateArray()];
        Assert.Equal(photos, predictions.Select(prediction => prediction.GetProperty("image").GetString()));
        string[] classes = [.. predictions.Select(prediction => prediction.GetProperty("class").GetString()!)];
        Assert.Equal(["7", "2", "1", "0"], classes[..4]);
        Assert.True(classes.Zip((string[])["7", "2", "1", "0", "4", "1", "4", "9", "5", "9"]).Count(pair => pair.First == pair.Second) >= 8, string.Join(", ", classes));
        foreach (JsonElement prediction in predictions)
        {
            JsonProperty[] probabilities = [.. prediction.GetProperty("probabilities").EnumerateObject()];
            Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], probabilities.Select(p => p.Name));
            Assert.Equal(1, probabilities.Sum(p => p.Value.GetDouble()), 1e-5);
            Assert.Equal(prediction.GetProperty("class").GetString(), probabilities.MaxBy(p => p.Value.GetDouble()).Name);
            Assert.Equal("inverted, as it is dark on light", prediction.GetProperty("prepared")[0].GetString());
        }
    }

    [Fact]
    public void It_is_said_what_was_done_to_a_photo()
    {
        string photo = TestImages.WritePhoto(_folder["seven.png"], sample: 0);
        string output = CommandLineRun.OutputOf("predict", trained.Folder, photo);
        Assert.Contains($"{photo} was inverted, as it is dark on light, cropped to the digit, scaled to 20x", output);
        Assert.EndsWith(", centred by its centre of mass in 28x28.\n", output);
        Assert.DoesNotContain(" was ", CommandLineRun.OutputOf("predict", trained.Folder, photo, "--as-is"));
    }

    [Fact]
    public void The_probabilities_are_those_of_the_network()
    {
        TestImages.WriteDigit(_folder["digit.png"], sample: 0);
        using JsonDocument document = JsonDocument.Parse(CommandLineRun.OutputOf("predict", trained.Folder, _folder["digit.png"], "--json"));
        JsonElement prediction = document.RootElement.GetProperty("predictions")[0];
        // An image as MNIST's is left alone: the network's log-probabilities of the test image, exponentiated.
        Assert.Empty(prediction.GetProperty("prepared").EnumerateArray());
        Dataset test = Datasets.Load("mnist", DatasetPart.Test);
        var sample = new Tensor(1, test.Shape);
        test.CopySample(0, sample[0]);
        float[] expected = [.. TrainedNetwork.Load(trained.Folder).Network.Predict(sample).Values.Select(MathF.Exp)];
        float[] printed = [.. prediction.GetProperty("probabilities").EnumerateObject().Select(p => p.Value.GetSingle())];
        Assert.Equal(expected, printed, (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Images_that_are_missing_or_unreadable_are_refused()
    {
        File.WriteAllText(_folder["text.png"], "no image");
        CommandLineRun.AssertRefused("predict: IMAGE is missing.", "predict", trained.Folder);
        CommandLineRun.AssertRefused("nowhere.png: there is no such file.", "predict", trained.Folder, "nowhere.png");
        CommandLineRun.AssertRefused($"{_folder["text.png"]}: expected a PNG or JPEG image, ", "predict", trained.Folder, _folder["text.png"]);
    }

    [Fact]
    public void A_network_of_images_by_class_is_trained_and_asked_end_to_end()
    {
        string images = _folder["images"], run = _folder["run"];
        TestImages.WriteFolder(images, images: 20);
        string output = CommandLineRun.OutputOf("train", "flatten | linear 2", "--data", images, "--input", "3x4x4", "--validation", "0", "--batch-size", "8",
            "--epochs", "30", "--lr", "0.01", "--out", run);
        Assert.Contains("accuracy 100.00% on 8 samples", output);
        Assert.Contains("going on", CommandLineRun.OutputOf("train", "--resume", run, "--data", images).Replace("all 30 epochs are done already", "going on", StringComparison.Ordinal));
        string[] lines = CommandLineRun.OutputOf("predict", run, TestImages.Write(_folder["d.png"], 6, 9, (_, _) => 20), TestImages.Write(_folder["l.png"], 6, 9, (_, _) => 230)).Split('\n');
        Assert.Contains(lines, line => line.Contains("d.png", StringComparison.Ordinal) && line.Contains(" dark ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("l.png", StringComparison.Ordinal) && line.Contains(" light ", StringComparison.Ordinal));
    }
}
