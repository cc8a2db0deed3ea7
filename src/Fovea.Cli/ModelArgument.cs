using System.CommandLine;

namespace Fovea.Cli;

/// <summary>The MODEL of a command line: a name of the zoo, a JSON file or a line of text.</summary>
internal static class ModelArgument
{
    /// <summary>The argument, for a verb.</summary>
    public static Argument<string> Create() => new("MODEL")
    {
        Description = $"A name ({string.Join(", ", Zoo.Models.Select(model => model.Name))}), a JSON file, or a line of text such as \"conv 32 k5 | relu | flatten | linear 10\".",
    };

    /// <summary>The model that is meant.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="input">The shape of its input; null takes the model's own, which a line of text does not have.</param>
    /// <param name="inputOfText">The shape of the input of a line of text, when <paramref name="input"/> is null.</param>
    /// <exception cref="ModelFormatException">There is no such model, or it cannot be read.</exception>
    public static ModelSpec Read(string text, Shape? input, Shape inputOfText)
    {
        ModelSpec model = Zoo.Find(text) ?? (IsFile(text) ? ReadFile(text) : ReadText(text, inputOfText));
        if (model.Layers.Count == 0) throw new ModelFormatException($"{text}: the model has no layers. Give it at least one.");
        return input is { } shape ? new ModelSpec(shape, model.Layers) { Name = model.Name } : model;
    }

    private static bool IsFile(string text) => File.Exists(text) || text.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static ModelSpec ReadFile(string path)
    {
        if (!File.Exists(path)) throw new ModelFormatException($"{path}: there is no such file. {What}");
        try
        {
            return ModelSpec.FromJson(File.ReadAllText(path));
        }
        catch (ModelFormatException exception)
        {
            throw new ModelFormatException($"{path}: {exception.Message}", exception);
        }
    }

    private static ModelSpec ReadText(string text, Shape input)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new ModelFormatException($"the model is empty. {What}");
        string name = text.Trim();
        bool isLayers = name.Contains('|') || name.Contains(' ') || ModelSpec.LayerNames.Contains(name, StringComparer.OrdinalIgnoreCase);
        if (isLayers) return ModelSpec.Parse(text, input);
        throw new ModelFormatException($"there is no model \"{name}\" and no file of this name. {Nearest.Hint(name, Zoo.Models.Select(model => model.Name))}{What}");
    }

    private static string What => $"MODEL is one of {string.Join(", ", Zoo.Models.Select(model => model.Name))}, a JSON file, or a line of text such as \"conv 8 k3 | relu | flatten | linear 10\".";
}
