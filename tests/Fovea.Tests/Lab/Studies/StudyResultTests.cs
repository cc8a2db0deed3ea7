using System.Text.Json;
using System.Text.Json.Nodes;
using Fovea.Lab;

namespace Fovea.Tests;

public class StudyResultTests
{
    private static readonly StudyResult s_result = MadeUpStudy.Result(
        MadeUpStudy.Variant("stride 1", "stride1", (0.988, 14, 200), (0.989, 14, 200), (0.987, 14, 200)),
        MadeUpStudy.Variant("stride 2", "stride2", (0.984, 2, 100), (0.984, 2, 100), (0.984, 2, 100)));

    [Fact]
    public void On_a_full_disk_the_older_result_stays_and_nothing_is_left_half_written()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has a device that is always full.");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["study.json"], "older");
        File.CreateSymbolicLink(folder["study.json.tmp"], "/dev/full");
        string message = Assert.Throws<FoveaException>(() => MadeUpStudy.Result().Save(folder.Path)).Message;
        Assert.StartsWith($"{folder["study.json"]}: the file cannot be written: No space left on device", message);
        Assert.EndsWith("What was there before is as it was: make room or the folder writable, and go on.", message);
        Assert.Equal("older", File.ReadAllText(folder["study.json"]));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void The_json_has_the_documented_properties()
    {
        JsonObject study = JsonNode.Parse(s_result.ToJson())!.AsObject();
        AssertStartsWith(study, ("study", JsonValueKind.String), ("data", JsonValueKind.String), ("variants", JsonValueKind.Array));
        Assert.Equal(2, study["variants"]!.AsArray().Count);
        foreach (JsonObject variant in study["variants"]!.AsArray().Cast<JsonObject>())
        {
            AssertStartsWith(variant, ("name", JsonValueKind.String), ("model", JsonValueKind.String), ("parameters", JsonValueKind.Number),
                ("summary", JsonValueKind.String), ("runs", JsonValueKind.Array));
            foreach (JsonObject run in variant["runs"]!.AsArray().Cast<JsonObject>())
            {
                AssertStartsWith(run, ("seed", JsonValueKind.Number), ("trainSeconds", JsonValueKind.Number),
                    ("samplesPerSecond", JsonValueKind.Number), ("peakMemoryMegabytes", JsonValueKind.Number),
                    ("testLoss", JsonValueKind.Number), ("testAccuracy", JsonValueKind.Number), ("history", JsonValueKind.Array));
                foreach (JsonObject epoch in run["history"]!.AsArray().Cast<JsonObject>())
                {
                    AssertStartsWith(epoch, ("epoch", JsonValueKind.Number), ("trainLoss", JsonValueKind.Number),
                        ("trainAccuracy", JsonValueKind.Number), ("validationLoss", JsonValueKind.Number),
                        ("validationAccuracy", JsonValueKind.Number), ("seconds", JsonValueKind.Number));
                }
            }
        }
    }

    [Fact]
    public void The_json_carries_the_figures()
    {
        JsonNode study = JsonNode.Parse(s_result.ToJson())!;
        Assert.Equal("stride", (string)study["study"]!);
        Assert.Equal("stride2", (string)study["variants"]![1]!["model"]!);
        Assert.Equal(2_361_546, (long)study["variants"]![0]!["parameters"]!);
        Assert.Contains("Total params: 104,650\n", (string)study["variants"]![1]!["summary"]!);
        Assert.Equal(0.989, (double)study["variants"]![0]!["runs"]![1]!["testAccuracy"]!);
        Assert.Equal(0.22, (double)study["variants"]![0]!["runs"]![1]!["history"]![1]!["validationLoss"]!);
        Assert.StartsWith("stride 2: 22.6 times fewer parameters, accuracy lower by 0.40 points", (string)study["conclusions"]![0]!);
    }

    [Fact]
    public void A_file_is_replaced_as_a_whole()
    {
        string folder = Directory.CreateTempSubdirectory("fovea-study-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "study.json"), "an earlier study");
            s_result.Save(folder);
            Assert.Equal(["study.json"], Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName));
            Assert.Equal(s_result.ToJson() + "\n", File.ReadAllText(Path.Combine(folder, "study.json")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused()
    {
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        string message = Assert.Throws<FoveaException>(() => s_result.Save(folder)).Message;
        Assert.StartsWith($"{Path.Combine(folder, "study.json")}: the file cannot be written: ", message);
    }

    private static void AssertStartsWith(JsonObject node, params (string Name, JsonValueKind Kind)[] properties) =>
        Assert.Equal(properties, node.Take(properties.Length).Select(p => (p.Key, p.Value!.GetValueKind())));

    [Fact]
    public void Only_settings_that_differ_are_shown_and_none_that_are_usual_where_others_have_none()
    {
        static VariantResult With(string name, TrainingSettings settings) => MadeUpStudy.Variant(name, "stride2", (0.98, 2, 100)) with { Settings = settings.Describe() };
        StudyResult result = MadeUpStudy.Result(With("a", new() { Optimizer = new Adam { Beta1 = 0.8f } }), With("b", new() { Optimizer = new Sgd(0.1f), BatchSize = 8 }));
        Assert.Equal([("optimizer", "adam", "sgd"), ("lr", "0.001", "0.1"), ("optimizer.beta1", "0.8", "")],
            StudyRow.Differing(result).Select(row => (row.Name, row.Cells[0].Figure, row.Cells[1].Figure)).OrderBy(row => row.Name == "optimizer" ? 0 : row.Name == "lr" ? 1 : 2));
    }
}
