using System.Text.Json;

namespace Fovea.Tests;

public class DataCommandTests
{
    [Fact]
    public void The_list_names_shapes_samples_and_licences()
    {
        string[] lines = CommandLineRun.OutputOf("data", "list").Split('\n');
        Assert.Equal(["mnist", "handwritten", "digits", "1x28x28", "10", "60,000", "10,000", "yes"],
            lines.Single(line => line.TrimStart().StartsWith("mnist ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("mnist: embedded. Yann LeCun and Corinna Cortes, CC BY-SA 3.0.", lines);
        Assert.Contains(lines, line => line.StartsWith("fashion-mnist: ", StringComparison.Ordinal) && line.Contains(" (Debian package dataset-fashion-mnist)", StringComparison.Ordinal));
    }

    [Fact]
    public void Json_lists_the_same()
    {
        using JsonDocument document = JsonDocument.Parse(CommandLineRun.OutputOf("data", "list", "--json"));
        JsonElement mnist = document.RootElement.GetProperty("datasets")[0];
        Assert.Equal(("mnist", "[1,28,28]", 60000, true), (mnist.GetProperty("name").GetString(), mnist.GetProperty("shape").GetRawText(),
            mnist.GetProperty("trainingSamples").GetInt32(), mnist.GetProperty("isAvailable").GetBoolean()));
    }

    [Fact]
    public void What_comes_with_the_program_need_not_be_fetched()
    {
        Assert.Equal("mnist comes with the program: there is nothing to get\n", CommandLineRun.OutputOf("data", "get", "mnist"));
        using JsonDocument document = JsonDocument.Parse(CommandLineRun.OutputOf("data", "get", "mnist", "--json"));
        Assert.Equal(("mnist", JsonValueKind.Null, 0), (document.RootElement.GetProperty("name").GetString(), document.RootElement.GetProperty("folder").ValueKind, document.RootElement.GetProperty("fetched").GetInt32()));
    }
}
