using System.Globalization;

namespace Fovea.Studio.State;

/// <summary>Texts as a shell and as C# want them.</summary>
internal static class Snippet
{
    /// <summary>An argument for a shell: in quotes where that is needed.</summary>
    public static string Argument(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or ',' or '/' or ':' or '=') ? text
            : text.AsSpan().ContainsAny("\"$`\\!") ? $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'" : $"\"{text}\"";

    /// <summary>A text in C#.</summary>
    public static string Text(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    /// <summary>A model of the zoo, or as a line of text for <c>data</c>, in C#.</summary>
    public static string Model(string text) => Zoo.Find(text) is not null ? $"Zoo.Get({Text(text)})" : $"ModelSpec.Parse({Text(text)}, data.Shape)";

    /// <summary>A shape in C#.</summary>
    public static string Shape(Shape shape) => shape.IsFlat
        ? $"Shape.Flat({shape.Channels})"
        : $"new Shape({shape.Channels}, {shape.Height}, {shape.Width})";

    /// <summary>A number as both take it: 0.001, although the next float is a little more.</summary>
    public static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A number as both take it.</summary>
    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
