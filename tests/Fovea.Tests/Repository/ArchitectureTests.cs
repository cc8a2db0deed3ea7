using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Fovea.Tests.Repository;

/// <summary>The house keeps its plan: who may know whom, and what lives in one place only.</summary>
public partial class ArchitectureTests
{
    // Which folders of the library a folder may mention the types of, beside its own and the base files of the root.
    private static readonly Dictionary<string, string[]> s_mayKnow = new()
    {
        ["Geometry"] = [],
        ["Formats"] = [],
        ["Kernels"] = ["Geometry"],
        ["Kernels/Reference"] = ["Geometry", "Kernels"],
        ["Data"] = ["Kernels", "Formats"],
        ["Layers"] = ["Geometry", "Kernels", "Kernels/Reference"],
        ["Losses"] = ["Kernels", "Kernels/Reference"],
        ["Optimizers"] = ["Kernels", "Kernels/Reference"],
        ["Models"] = ["Geometry", "Kernels", "Kernels/Reference", "Data", "Formats", "Layers", "Losses", "Optimizers"],
        ["Analysis"] = ["Geometry", "Kernels", "Data", "Layers", "Losses", "Models", "Explain"],
        ["Explain"] = ["Geometry", "Layers", "Models", "Losses", "Kernels/Reference"],
        ["Training"] = ["Kernels", "Data", "Formats", "Layers", "Losses", "Optimizers", "Models", "Analysis"],
        ["Export"] = ["Geometry", "Kernels", "Data", "Formats", "Layers", "Losses", "Models", "Training"],
    };

    // The files that know a folder which does not lie below them, each with its reason.
    private static readonly Dictionary<(string File, string Folder), string> s_exceptions = new()
    {
        [("src/Fovea/Layers/Layer.cs", "Models")] = "a layer is named in messages as a model's text names it",
        [("src/Fovea/ShapeException.cs", "Layers")] = "a shape that does not fit is placed at a layer",
        [("src/Fovea/Kernels/InputKernels.cs", "Data")] = "bytes become floats by the numbers of a normalization",
        [("src/Fovea/Explain/LineFits.cs", "Kernels")] = "points are drawn by a seed, as everything random",
        [("src/Fovea/Losses/Loss.cs", "Models")] = "a loss must suit what a model ends with",
        [("src/Fovea/Losses/Loss.cs", "Layers")] = "a loss must suit what a model ends with",
    };

    // The root's files on the JSON of records know all records; geometry and kernels know nothing of JSON.
    private static readonly string[] s_json = ["src/Fovea/FoveaJson.cs", "src/Fovea/JsonDefaults.cs"];

    private static readonly Dictionary<string, string> s_widths = new()
    {
        ["src/Fovea/Kernels/Lanes.cs"] = "the vectors themselves",
        ["src/Fovea/Kernels/DotTile.cs"] = "four sums over lanes at once",
        ["src/Fovea/Kernels/Prefetch.cs"] = "an instruction of the machine",
        ["src/Fovea/Geometry/WinogradCosts.cs"] = "asks the processor who made it",
        ["src/Fovea/Models/ExecutionPlan.cs"] = "chooses the lanes for the machine and the batch",
    };

    private static readonly Dictionary<string, string> s_longFiles = new()
    {
        ["src/Fovea/Kernels/Tile.cs"] = "a register tile is written out: its accumulators must be locals",
    };

    [Fact]
    public void Folders_of_the_library_know_only_what_lies_below_them()
    {
        IReadOnlyList<string> files = Source.Files("src/Fovea", "*.cs");
        Assert.Equal([], files.Select(Folder).Where(folder => folder.Length > 0 && !s_mayKnow.ContainsKey(folder)).Distinct());
        var declared = files.SelectMany(file => Declarations().Matches(Source.Code(file)).Select(match => (Type: match.Groups[1].Value, File: file)))
            .DistinctBy(type => type.Type).ToDictionary(type => type.Type, type => type.File);
        var used = new HashSet<(string, string)>();
        var wrong = new List<string>();
        foreach (string file in files.Except(s_json))
        {
            string[] known = s_mayKnow.GetValueOrDefault(Folder(file), []);
            foreach (string word in Words().Matches(Source.Code(file)).Select(match => match.Value).Distinct())
            {
                if (!declared.TryGetValue(word, out string? owner) || Folder(owner) == Folder(file) || known.Contains(Folder(owner))) continue;
                if (Folder(owner).Length == 0 && !(s_json.Contains(owner) && Folder(file) is "Geometry" or "Kernels" or "Kernels/Reference")) continue;
                if (s_exceptions.ContainsKey((file, Folder(owner)))) used.Add((file, Folder(owner)));
                else wrong.Add($"{file} mentions {word} of {owner}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        // An exception that is no longer one goes.
        Assert.Equal(s_exceptions.Keys.Order(), used.Order());

        static string Folder(string file) => Path.GetDirectoryName(file["src/Fovea/".Length..])!.Replace('\\', '/');
    }

    [Fact]
    public void Projects_refer_only_to_what_lies_below_them()
    {
        string[] References(string project, string kind) =>
            [.. XDocument.Parse(Source.Read(project)).Descendants(kind).Select(e => Path.GetFileNameWithoutExtension(e.Attribute("Include")!.Value.Replace('\\', '/'))).Order()];

        Assert.Equal(["System.Numerics"], References("src/Fovea/Fovea.csproj", "PackageReference"));
        Assert.Equal([], References("src/Fovea/Fovea.csproj", "ProjectReference"));
        Assert.Equal(["Fovea"], References("src/Fovea.Onnx/Fovea.Onnx.csproj", "ProjectReference"));
        Assert.Equal(["Google", "Grpc"], References("src/Fovea.Onnx/Fovea.Onnx.csproj", "PackageReference"));
        Assert.Equal(["Fovea"], References("src/Fovea.Lab/Fovea.Lab.csproj", "ProjectReference"));
        Assert.Equal(["Fovea", "Fovea.Lab"], References("src/Fovea.Queue/Fovea.Queue.csproj", "ProjectReference"));
        Assert.Equal(["Fovea", "Fovea.Lab"], References("src/Fovea.Studio/Fovea.Studio.csproj", "ProjectReference"));
        Assert.Equal([], References("src/Fovea.Studio/Fovea.Studio.csproj", "PackageReference"));
        Assert.Equal(["Fovea", "Fovea.Lab", "Fovea.Onnx", "Fovea.Queue", "Fovea.Studio"], References("src/Fovea.Cli/Fovea.Cli.csproj", "ProjectReference"));
    }

    [Fact]
    public void Widths_of_vectors_are_named_in_few_files() => Assert.Equal(s_widths.Keys.Order(), FilesWith(@"Runtime\.Intrinsics|\bVector(64|128|256|512)\b"));

    [Fact]
    public void Threads_are_started_in_one_file() =>
        Assert.Equal(["src/Fovea/Kernels/Work.cs"], FilesWith(@"\bParallel\.|\bTask\.(Run|Factory)|\bnew (Thread|Task)\b|\bThreadPool\b|\bAsParallel\b"));

    [Fact]
    public void Strides_are_divided_by_in_the_geometry_alone() =>
        Assert.All(FilesWith(@"[/%]\s*\(?[\w.]*[Ss]tride(\.(Height|Width))?\b|2L?\s*\*\s*[\w.]*[Pp]adding\b|[Pp]adding(\.(Height|Width))?\s*\*\s*2"), file =>
            Assert.StartsWith("src/Fovea/Geometry/", file));

    [Fact]
    public void Kernels_read_and_write_nothing_but_memory() =>
        Assert.DoesNotContain(FilesWith(@"\bConsole\.|\bFile\.|\bDirectory\.|\bStream\b|\bEnvironment\."), file => file.StartsWith("src/Fovea/Kernels/", StringComparison.Ordinal));

    [Fact]
    public void The_library_prints_nothing() => Assert.Equal([], FilesWith(@"\bConsole\."));

    [Fact]
    public void Long_files_have_a_reason() =>
        Assert.Equal(s_longFiles.Keys.Order(), Source.Files("src", "*.cs").Where(file => Source.Read(file).AsSpan().Count('\n') > 400).Order());

    // A builder of strings takes interpolated ones with a handler of its own, which writes numbers as the culture has them.
    [Fact]
    public void What_is_appended_to_a_builder_of_strings_names_its_culture() =>
        Assert.Equal([], Source.Files("src", "*.cs").Where(file => Regex.IsMatch(Source.Read(file), @"\.Append(Line)?\(\$")));

    // A message stays whole, so that it can be searched for: what stands in quotes is not counted, and neither is the indentation.
    [Fact]
    public void Lines_are_no_longer_than_the_editor_is_told()
    {
        int most = int.Parse(Regex.Match(Source.Read(".editorconfig"), @"(?<=max_line_length = )\d+").Value, CultureInfo.InvariantCulture);
        Assert.Equal([], ((string[])["src", "tests", "bench"]).SelectMany(folder => Source.Files(folder, "*.cs"))
            .SelectMany(file => Source.WithoutTexts(file).Split('\n').Select(line => line.Trim()).Where(line => line.Length > most).Select(line => $"{file}: {line}")));
    }

    [Fact]
    public void A_file_is_named_after_a_type_that_it_declares()
    {
        // Interfaces with their implementations: ICount with N1, N2 ..., ILanes with Lanes4 ...
        string[] families = ["src/Fovea/Kernels/Count.cs", "src/Fovea/Kernels/Lanes.cs"];
        Assert.All(Source.Files("src", "*.cs").Where(file => !file.EndsWith("/Program.cs", StringComparison.Ordinal)), file =>
        {
            string name = Path.GetFileNameWithoutExtension(file);
            Assert.Contains(families.Contains(file) ? "I" + name : name, Declarations().Matches(Source.Code(file)).Select(match => match.Groups[1].Value));
        });
    }

    [Fact]
    public void Types_are_named_after_what_they_are_and_public_ones_share_a_namespace()
    {
        Type[] types = [.. typeof(Network).Assembly.GetTypes().Where(type => !type.Name.Contains('<'))];
        Assert.All(types, type => Assert.DoesNotMatch("(Manager|Helper|Helpers|Utils|Utilities)$", type.Name));
        Assert.All(types.Where(type => type.IsPublic), type => Assert.Equal("Fovea", type.Namespace));
        // No interface for one implementation.
        Assert.All(types.Where(type => type.IsInterface), type => Assert.InRange(types.Count(other => other.GetInterfaces().Any(i => i.Name == type.Name)), 2, int.MaxValue));
    }

    /// <summary>The files of the library whose code has something.</summary>
    private static string[] FilesWith(string pattern) => [.. Source.Files("src/Fovea", "*.cs").Where(file => Regex.IsMatch(Source.Code(file), pattern))];

    // Types that are not nested.
    [GeneratedRegex(@"^(?:public |internal |static |sealed |abstract |readonly |unsafe |partial |ref )*(?:class|struct|record struct|record|interface|enum|delegate [\w<>\[\]]+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declarations();

    // Names that may be types': not members (after a point), not methods (before a bracket) but for what is made by new, and not what is
    // given a value.
    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*(?!\w|\(|\s*=[^=>])|(?<=\bnew )[A-Z]\w*")]
    private static partial Regex Words();
}
