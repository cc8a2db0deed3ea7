using System.Text.Json;
using System.Text.Json.Serialization;
using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// How the weights of convolutions and linear layers begin, by the definitions and names of PyTorch's torch.nn.init: numbers whose spread
/// follows from the inputs (fan-in) and outputs (fan-out) of a weight, so that signals keep their size from layer to layer (Glorot and
/// Bengio 2010, "xavier"; He, Zhang, Ren and Sun 2015, "kaiming"). Biases begin as in PyTorch's layers, uniform within 1 / sqrt(fan-in).
/// </summary>
[JsonConverter(typeof(InitializationJsonConverter))]
public sealed record Initialization
{
    private const string PyTorchName = "pytorch";

    // The gains that PyTorch recommends.
    private static readonly Dictionary<string, double> s_gains = new()
    {
        ["linear"] = 1,
        ["sigmoid"] = 1,
        ["tanh"] = 5.0 / 3,
        ["relu"] = Math.Sqrt(2),
        ["leaky-relu"] = Math.Sqrt(2 / (1 + 0.01 * 0.01)),
        ["selu"] = 0.75,
    };

    private Initialization(string name, bool fanOut, string nonlinearity) => (Name, FanOut, Nonlinearity) = (name, fanOut, nonlinearity);

    /// <summary>What PyTorch's layers do by themselves: uniform within 1 / sqrt(fan-in).</summary>
    public static Initialization PyTorch { get; } = new(PyTorchName, false, "linear");

    /// <summary>The names: the layers' own, and the two families, each drawn uniformly or normally.</summary>
    public static IReadOnlyList<string> Names { get; } = [PyTorchName, "kaiming-uniform", "kaiming-normal", "xavier-uniform", "xavier-normal"];

    /// <summary>Which of <see cref="Names"/> it is.</summary>
    public string Name { get; }

    /// <summary>Whether the spread follows from the outputs, so that gradients keep their size, instead of the inputs. Kaiming only.</summary>
    public bool FanOut { get; }

    /// <summary>The activation that follows, whose loss of signal is made up for: relu for kaiming and linear for xavier unless said otherwise.</summary>
    public string Nonlinearity { get; }

    /// <summary>By how much the numbers are wider for that activation.</summary>
    [JsonIgnore]
    public double Gain => s_gains[Nonlinearity];

    /// <summary>Reads a name, perhaps with "fan-out" and an activation: "kaiming-normal", "kaiming-uniform fan-out tanh".</summary>
    /// <exception cref="FoveaException">It is no initialization.</exception>
    public static Initialization Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] words = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        string name = words.Length > 0 ? words[0] : "";
        if (!Names.Contains(name)) throw new FoveaException($"there is no initialization \"{name}\". {Nearest.Hint(name, Names)}There are: {string.Join(", ", Names)}.");
        bool fanOut = false;
        string? nonlinearity = null;
        foreach (string word in words[1..])
        {
            if (word is "fan-in" or "fan-out" && name.StartsWith("kaiming", StringComparison.Ordinal)) fanOut = word == "fan-out";
            else if (s_gains.ContainsKey(word) && name != PyTorchName && nonlinearity is null) nonlinearity = word;
            else
            {
                string known = name == PyTorchName ? "none" : (name.StartsWith("kaiming", StringComparison.Ordinal) ? "fan-in, fan-out, or " : "") + "an activation: " + string.Join(", ", s_gains.Keys);
                throw new FoveaException($"{name}: \"{word}\" is none of its properties. It has {known}.");
            }
        }
        return name == PyTorchName ? PyTorch : new Initialization(name, fanOut, nonlinearity ?? Usual(name));
    }

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public override string ToString() => Name + (FanOut ? " fan-out" : "") + (Name != PyTorchName && Nonlinearity != Usual(Name) ? $" {Nonlinearity}" : "");

    /// <summary>Draws the initial values of a parameter.</summary>
    internal void Fill(ParameterSpec spec, Philox random, Span<float> values)
    {
        if (spec.Constant is { } constant) values.Fill(constant);
        else if (Name == PyTorchName || spec.Shape.Count < 2) random.Uniform(values, 1 / MathF.Sqrt(spec.FanIn));
        else if (Name.EndsWith("normal", StringComparison.Ordinal)) random.Normal(values, (float)Deviation(spec));
        // A uniform distribution reaches as far as the square root of three of its deviations.
        else random.Uniform(values, (float)(Math.Sqrt(3) * Deviation(spec)));
    }

    private double Deviation(ParameterSpec spec)
    {
        double taps = spec.Shape.Skip(2).Aggregate(1.0, (product, extent) => product * extent), fanIn = spec.Shape[1] * taps, fanOut = spec.Shape[0] * taps;
        return Name.StartsWith("xavier", StringComparison.Ordinal) ? Gain * Math.Sqrt(2 / (fanIn + fanOut)) : Gain / Math.Sqrt(FanOut ? fanOut : fanIn);
    }

    private static string Usual(string name) => name.StartsWith("kaiming", StringComparison.Ordinal) ? "relu" : "linear";
}

/// <summary>An initialization as its line of text.</summary>
public sealed class InitializationJsonConverter : JsonConverter<Initialization>
{
    /// <inheritdoc/>
    public override Initialization Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return Initialization.Parse(reader.TokenType == JsonTokenType.String ? reader.GetString()! : "");
        }
        catch (FoveaException exception)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Initialization value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
