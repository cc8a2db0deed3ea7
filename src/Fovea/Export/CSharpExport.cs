using System.Globalization;
using System.Reflection;
using System.Text;

namespace Fovea;

/// <summary>
/// Writes a trained network as a program for this library: Program.cs, which builds the model, loads weights.safetensors, and compares what it makes of
/// input.npy with output.npy; Network.csproj, which refers to the library's package.
/// </summary>
public static class CSharpExport
{
    /// <summary>The files of the folder.</summary>
    public static IReadOnlyList<ExportedFile> Of(TrainedNetwork trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        return [File("Program.cs", Program(trained)), File("Network.csproj", Project), new ExportedFile("weights.safetensors", SafetensorsModel.Write(trained)), .. new ExportSample(trained.Network).Files()];
    }

    private static string Program(TrainedNetwork trained)
    {
        ModelSpec model = trained.Network.Model;
        string layers = string.Join("\n| ", model.Layers.Select(layer => LayerText.FormatAll([layer])));
        string shape = model.Input.IsFlat ? $"Shape.Flat({model.Input})" : $"new Shape({model.Input.Channels}, {model.Input.Height}, {model.Input.Width})";
        return $$""""
            // A network that was trained with Fovea: builds it, loads its weights, and compares what it gives with what it gave then.
            using Fovea;

            ModelSpec model = ModelSpec.Parse(
                """
                  {{layers.Replace("\n", "\n    ")}}
                """,
                {{shape}});
            var network = new Network(model);
            StateDict.Load(network, Path.Combine(AppContext.BaseDirectory, "weights.safetensors"));

            // What the classes are called, and how pixels become the numbers that the network takes.
            string[] classes = [{{string.Join(", ", trained.Data.ClassNames.Select(Quoted))}}];
            var normalization = new Normalization(Mean: [{{Numbers(trained.Data.Normalization.Mean)}}], Deviation: [{{Numbers(trained.Data.Normalization.Deviation)}}]);
            var trained = new TrainedNetwork(network, new TrainingSettings { Loss = Loss.For(model) }, new DataDescription("data", model.Input, 0, normalization, classes), []);

            // Images of bytes go in so, and what they are taken for comes out.
            Dataset images = Dataset.FromBytes("one black image", model.Input, new byte[model.Input.Count], [0], classes, normalization);
            Classification black = trained.Classify(images)[0];
            Console.WriteLine($"a black image is taken for {trained.Data.ClassName(black.Label)}");

            NumpyArray input = Read("input.npy"), expected = Read("output.npy");
            Tensor output = network.Predict(new Tensor(input.Shape[0], model.Input, input.ToSingles()));
            float difference = output.Values.Zip(expected.ToSingles()).Max(pair => Math.Abs(pair.First - pair.Second));
            float allowed = 1e-4f * Math.Max(1, expected.ToSingles().Max(Math.Abs));
            Console.WriteLine($"{output.Samples} samples: largest difference {difference:G3}, allowed {allowed:G3}");
            return difference <= allowed ? 0 : 1;

            static NumpyArray Read(string name) => NpyFile.Read(Path.Combine(AppContext.BaseDirectory, name));
            """";
    }

    private static string Project { get; } = $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Fovea" Version="{typeof(CSharpExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}" />
            <None Update="*.safetensors;*.npy" CopyToOutputDirectory="PreserveNewest" />
          </ItemGroup>
        </Project>
        """;

    private static string Numbers(IEnumerable<float> values) => string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture) + "f"));

    // A text in quotes; whatever it holds, it ends where it should.
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char letter in text)
        {
            if (letter is '"' or '\\') quoted.Append('\\').Append(letter);
            else if (char.IsControl(letter) || letter is '\u2028' or '\u2029' or '\u0085') quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else quoted.Append(letter);
        }
        return quoted.Append('"').ToString();
    }

    private static ExportedFile File(string name, string text) => new(name, Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n") + "\n"));
}
