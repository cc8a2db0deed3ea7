using System.CommandLine;
using System.Globalization;
using Fovea.Lab;

namespace Fovea.Cli;

/// <summary>Options whose values are checked as they are read, with messages that say what was expected and what came.</summary>
internal static class Options
{
    /// <summary>A whole number of at least <paramref name="least"/>.</summary>
    public static Option<int?> Whole(string name, string description, int least, int? usual = null) =>
        Create(name, description, "N", usual, $"a whole number of at least {least}",
            text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least ? value : null);

    /// <summary>A seed: a whole number that is not negative.</summary>
    public static Option<ulong?> Seed(string name, string description, ulong? usual = null) =>
        Create(name, description, "N", usual, "a whole number that is not negative",
            text => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : (ulong?)null);

    /// <summary>A finite number in a range that is told in words.</summary>
    public static Option<double?> Number(string name, string description, string range, Func<double, bool> isInRange, double? usual = null) =>
        Create(name, description, "X", usual, range, text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) && isInRange(value)
                ? value : (double?)null);

    /// <summary>Numbers with commas between them; none where the option is not given.</summary>
    public static Option<float[]> Numbers(string name, string description, string expected, Func<float, bool> isInRange) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.ExactlyOne,
        DefaultValueFactory = _ => [],
        HelpName = "X,X,...",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            var numbers = new List<float>();
            foreach (string part in text.Split(','))
            {
                if (float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && float.IsFinite(number) && isInRange(number)) numbers.Add(number);
                else
                {
                    result.AddError($"{name}: expected {expected}, got \"{text}\".");
                    return [];
                }
            }
            return [.. numbers];
        },
    };

    /// <summary>The shape of a sample.</summary>
    public static Option<Shape?> Shape(string name, string description) =>
        Create<Shape>(name, description, "CxHxW", null, "CHANNELSxHEIGHTxWIDTH such as 1x28x28, or a number of features such as 128",
            text => Fovea.Shape.TryParse(text, out Shape shape) ? shape : null);

    /// <summary>A height and a width.</summary>
    public static Option<Size2D?> Size(string name, string description, Size2D? usual = null) =>
        Create(name, description, "N|HxW", usual, "a whole number such as 5, or HEIGHTxWIDTH such as 5x3",
            text => Size2D.TryParse(text, out Size2D size) ? size : (Size2D?)null);

    /// <summary>One of some words.</summary>
    public static Option<string> Choice(string name, string description, string? usual, params IReadOnlyList<string> choices)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', choices),
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (choices.Contains(text)) return text;
                result.AddError($"{name}: expected {(choices.Count > 1 ? $"{string.Join(", ", choices.SkipLast(1))} or " : "")}{choices[^1]}, got \"{text}\". {Nearest.Hint(text, choices)}".TrimEnd());
                return null;
            },
        };
        if (usual is not null) option.DefaultValueFactory = _ => usual;
        return option;
    }

    /// <summary>A schedule of the learning rate.</summary>
    public static Option<Schedule?> Schedule(string name, string description) => Named(name, description, Fovea.Schedule.Names, Fovea.Schedule.Parse);

    /// <summary>How weights begin, by its name and properties.</summary>
    public static Option<Initialization?> Initialization(string name, string description) =>
        Named(name, description, Fovea.Initialization.Names, Fovea.Initialization.Parse);

    /// <summary>How much a sample of each class counts.</summary>
    public static Option<ClassWeights?> ClassWeights(string name, string description) => Named(name, description, ["balanced", "N:N:..."], Fovea.ClassWeights.Parse);

    /// <summary>How training images are changed, by words and numbers.</summary>
    public static Option<Augmentation?> Augmentation(string name, string description) => Named(name, description, ["CHANGES"], Fovea.Augmentation.Parse);

    private static Option<T?> Named<T>(string name, string description, IEnumerable<string> names, Func<string, T> parse) where T : class => new(name)
    {
        Description = description,
        HelpName = string.Join('|', names),
        CustomParser = result =>
        {
            try
            {
                return parse(result.Tokens[0].Value);
            }
            catch (FoveaException exception)
            {
                result.AddError($"{name}: {exception.Message}");
                return null;
            }
        },
    };

    /// <summary>How many threads to use.</summary>
    public static Option<int?> Threads() => Whole("--threads", "Threads to use; all processors unless given. The result does not depend on it.", least: 1);

    /// <summary>The store of a workspace.</summary>
    public static Option<string> Store() => new("--store")
    {
        Description = $"The database of runs: $FOVEA_STORE, or {RunStore.FileName} in the current folder, unless given.",
        HelpName = "FILE",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("FOVEA_STORE") is { Length: > 0 } file ? file : RunStore.FileName,
    };

    /// <summary>Asks for every update in the store.</summary>
    public static Option<bool> RecordSteps() => new("--record-steps")
    {
        Description = "Keep loss, accuracy and learning rate of every update in the database of runs, not of every epoch alone.",
    };

    /// <summary>A database from which workers take trials.</summary>
    public static Option<string?> Queue(string description) => new("--queue")
    {
        Description = $"{description}: a connection string as in \"Host=server;Database=fovea;Username=me\"; a password is better kept in ~/.pgpass or $PGPASSWORD.",
        HelpName = "CONNECTION",
    };

    /// <summary>Asks for one JSON document and nothing else on the standard output.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document and nothing else." };

    private static Option<T?> Create<T>(string name, string description, string helpName, T? usual, string expected, Func<string, T?> parse)
        where T : struct
    {
        var option = new Option<T?>(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                T? value = parse(result.Tokens[0].Value);
                if (value is null) result.AddError($"{name}: expected {expected}, got \"{result.Tokens[0].Value}\".");
                return value;
            },
        };
        if (usual is not null) option.DefaultValueFactory = _ => usual;
        return option;
    }
}
