using System.Text.Json;

namespace Fovea.Tests;

public class BatchCommandTests
{
    private const string Model = "conv 4 k5 s2 | batchnorm | relu | flatten | linear 10 | logsoftmax";

    [Fact]
    public void Each_size_has_its_figures()
    {
        using var lab = JsonDocument.Parse(CommandLineRun.OutputOf("batch", Model, "--data", "shapes", "--limit", "200", "--seed", "3", "--json"));
        // Of 200 samples 5% are set aside: 190 hold batches of up to 128.
        Assert.Equal(190, lab.RootElement.GetProperty("samples").GetInt32());
        JsonElement[] rows = [.. lab.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.Equal([2, 4, 8, 16, 32, 64, 128], rows.Select(row => row.GetProperty("size").GetInt32()));
        // 190 / size, rounded up.
        Assert.Equal([95, 48, 24, 12, 6, 3, 2], rows.Select(row => row.GetProperty("updatesPerEpoch").GetInt32()));
        // Every batch is counted but a smaller last one.
        Assert.Equal([95, 47, 23, 11, 5, 2, 1], rows.Select(row => row.GetProperty("composition").GetProperty("batches").EnumerateArray().Sum(count => count.GetInt32())));
        Assert.All(rows, row => Assert.InRange(row.GetProperty("spread").GetProperty("statistics").GetProperty("trainingModeAccuracy").GetDouble(), 0, 1));
    }

    [Fact]
    public void The_table_names_the_rarest_class()
    {
        string[] lines = CommandLineRun.OutputOf("batch", Model, "--data", "shapes", "--limit", "200").Split('\n');
        Assert.Contains(" on 190 samples of shapes", lines[0]);
        Assert.Equal(7, lines.Count(line => line.TrimStart() is [>= '1' and <= '9', ..]));
    }

    [Fact]
    public void Too_few_samples_for_any_batch_are_refused() =>
        CommandLineRun.AssertRefused("mnist: 1 sample is left to train on", "batch", Model, "--limit", "1");
}
