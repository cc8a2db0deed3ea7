using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Fovea.Tests.Repository;

/// <summary>The programs in docs/examples do what they say.</summary>
public partial class ExampleTests
{
    [Fact]
    public async Task The_program_that_uses_the_library_alone_trains_saves_loads_and_predicts()
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Digits.dll"), folder["digits"]])
        {
            WorkingDirectory = Source.Root,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        Match accuracy = Accuracy().Match(output);
        Assert.True(accuracy.Success, output);
        Assert.InRange(double.Parse(accuracy.Groups[1].Value, CultureInfo.InvariantCulture), 94, 100);
        // The labels of the first five test images, as published.
        Assert.Equal(["7", "2", "1", "0", "4"], Digits().Matches(output).Select(digit => digit.Groups[1].Value));
        Assert.True(TrainedNetwork.Exists(folder["digits"]));
    }

    [Fact]
    public void The_program_of_the_readme_is_a_part_of_it()
    {
        string shown = ReadmeProgram().Match(Source.Read("README.md").ReplaceLineEndings("\n")).Groups[1].Value;
        Assert.NotEmpty(shown);
        Assert.Contains(shown, Source.Read("docs/examples/digits/Program.cs").ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ReadmeProgram();

    [GeneratedRegex(@"test accuracy ([\d.]+) ?%")]
    private static partial Regex Accuracy();

    [GeneratedRegex(@"that is a (\d),")]
    private static partial Regex Digits();
}
