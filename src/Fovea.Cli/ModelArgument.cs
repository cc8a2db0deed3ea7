using System.CommandLine;

namespace Fovea.Cli;

/// <summary>The MODEL of a command line: a name of the zoo, a JSON file or a line of text.</summary>
internal static class ModelArgument
{
    private static string Names => string.Join(", ", Zoo.Names);

    private static string Description => $"A name ({Names}), a JSON file, or a line of text such as \"conv 32 k5 | relu | flatten | linear 10\".";

    /// <summary>The argument, for a verb.</summary>
    public static Argument<string> Create() => new("MODEL") { Description = Description };

    /// <summary>The argument, for a verb that can do without.</summary>
    public static Argument<string?> CreateOptional() => new("MODEL") { Description = Description, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Whether a line of text is meant, which says nothing on the shape of its input.</summary>
    public static bool IsLine(string text) => Zoo.Find(text) is null && !IsFile(text) && HasLayers(text.Trim());

    /// <summary>The model that is meant.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="input">The shape of its input; null takes the model's own, which a line of text does not have.</param>
    /// <param name="inputOfLine">The shape of the input of a line of text, when <paramref name="input"/> is null.</param>
    /// <exception cref="ModelFormatException">There is no such model, or it cannot be read.</exception>
    public static ModelSpec Read(string text, Shape? input, Shape inputOfLine)
    {
        ModelSpec model = Zoo.Find(text) ?? (IsFile(text) ? ReadFile(text) : ReadLine(text, inputOfLine));
        if (model.Layers.Count == 0) throw new ModelFormatException($"{text}: the model has no layers. Give it at least one.");
        return input is { } shape ? new ModelSpec(shape, model.Layers) { Name = model.Name } : model;
    }

    private static bool IsFile(string text) => File.Exists(text) || text.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static bool HasLayers(string line) => line.Contains('|') || line.Any(char.IsWhiteSpace) || ModelSpec.LayerNames.Contains(line, StringComparer.OrdinalIgnoreCase);

    private static ModelSpec ReadFile(string path)
    {
        if (!File.Exists(path)) throw new ModelFormatException($"{path}: there is no such file. {What}");
        try
        {
            ModelSpec model = ModelSpec.FromJson(TextFile.Read(path));
            return model.Name is null ? model with { Name = Path.GetFileNameWithoutExtension(path) } : model;
        }
        catch (ModelFormatException exception)
        {
            throw new ModelFormatException($"{path}: {exception.Message}", exception);
        }
    }

    private static ModelSpec ReadLine(string text, Shape input)
    {
        string line = text.Trim();
        if (line.Length == 0) throw new ModelFormatException($"the model is empty. {What}");
        return HasLayers(line) ? ModelSpec.Parse(line, input)
            : throw new ModelFormatException($"there is no model \"{line}\" and no file of this name. {Nearest.Hint(line, Zoo.Names)}{What}");
    }

    private static string What => $"MODEL is one of {Names}, a JSON file, or a line of text such as \"conv 8 k3 | relu | flatten | linear 10\".";
}
