using System.Text.Json;

namespace Fovea.Tests;

public class AuditCommandTests
{
    private const string Table = "docs/examples/lenet5-claim.csv";

    private static readonly string s_table = Path.Combine(Fovea.Tests.Repository.Source.Root, Table);

    [Fact]
    public void Wrong_figures_are_named_with_their_reasons_and_exit_code_1()
    {
        CommandLineRun run = CommandLineRun.Of("audit", s_table, "--input", "1x32x32");
        Assert.Equal((1, ""), (run.Code, run.Error));
        Assert.EndsWith("""
            LogSoftmax-12: parameters 0, not 110. LogSoftmax was counted like a linear layer of 10 inputs and 10 outputs, (10*10) + 10 = 110; it computes a fixed function and has nothing to learn.
            Total params: 61,706, not 61,816. It is the sum of the rows, of which LogSoftmax-12 is wrong.

            """, run.Output[..run.Output.IndexOf("Note: ", StringComparison.Ordinal)]);
        Assert.Contains("\nNote: row 10 is missing before Linear-11; taken to be without parameters and to keep the shape.\n", run.Output);
        Assert.EndsWith("\n2 figures are wrong.\n", run.Output);
    }

    [Fact]
    public void A_row_that_the_table_leaves_out_is_shown_and_not_wrong()
    {
        CommandLineRun run = CommandLineRun.Of("audit", s_table, "lenet5", "--json");
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(["flatten", "relu"], json.RootElement.GetProperty("rows").EnumerateArray()
            .Where(row => row.GetProperty("verdict").GetString() == "missing").Select(row => row.GetProperty("layer").GetString()));
        Assert.Equal(["LogSoftmax-12", "Total params"], json.RootElement.GetProperty("findings").EnumerateArray()
            .Select(finding => finding.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("stride1", "1x28x28")]
    [InlineData("stride2", "1x28x28")]
    [InlineData("lenet5", "1x32x32")]
    public void What_fovea_summary_prints_is_right(string model, string input)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "claim.txt");
        File.WriteAllText(path, CommandLineRun.OutputOf("summary", model, "--style", "torchsummary", "--hide", "flatten"));
        Assert.EndsWith("All figures are right.\n", CommandLineRun.OutputOf("audit", path, "--input", input));
        Assert.EndsWith("All figures are right.\n", CommandLineRun.OutputOf("audit", path, model));
    }

    [Theory]
    [InlineData("line 2: expected 3 cells (layer, output, parameters), got 2.", "layer,output,parameters\nConv2d-1,156\n")]
    [InlineData("line 1: parameters \"many\" is not a number.", "Conv2d-1,6x28x28,many\n")]
    [InlineData("line 1: output \"0x28x28\" is not a shape.", "Conv2d-1,0x28x28,156\n")]
    [InlineData("line 1: there is no layer \"Attention\".", "Attention-1,6x28x28,156\n")]
    [InlineData(": there is no layer in it.", "")]
    public void A_table_that_cannot_be_read_is_refused(string message, string text)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "claim.csv");
        File.WriteAllText(path, text);
        CommandLineRun.AssertRefused(path + (message[0] == ':' ? "" : " ") + message, "audit", path, "--input", "1x32x32");
    }

    [Fact]
    public void What_is_missing_on_the_command_line_is_said()
    {
        CommandLineRun.AssertRefused("audit: without MODEL the shape of the input must be known. Give --input, such as --input 1x32x32.",
            "audit", s_table);
        CommandLineRun.AssertRefused("nothing.csv: there is no such file.", "audit", "nothing.csv", "lenet5");
        using var folder = new TemporaryFolder();
        CommandLineRun.AssertRefused($"{folder.Path}: this is a folder. Give a table in a file", "audit", folder.Path, "lenet5");
    }
}
