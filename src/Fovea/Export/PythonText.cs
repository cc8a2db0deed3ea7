using System.Globalization;
using System.Text;

namespace Fovea;

/// <summary>Values as Python writes them.</summary>
internal static class PythonText
{
    public static string Of(bool value) => value ? "True" : "False";

    public static string Of(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Of(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Of(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>"3" for a square, "(3, 2)" otherwise.</summary>
    public static string Of(Size2D size) => size.Height == size.Width ? Of(size.Height) : $"({Of(size.Height)}, {Of(size.Width)})";

    public static string List(IEnumerable<int> values) => $"[{string.Join(", ", values.Select(Of))}]";

    public static string List(IEnumerable<float> values) => $"[{string.Join(", ", values.Select(Of))}]";

    public static string List(IEnumerable<string> values) => $"[{string.Join(", ", values.Select(Of))}]";

    /// <summary>A text in quotes; whatever it holds, it ends where it should.</summary>
    public static string Of(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\') quoted.Append('\\').Append((char)rune.Value);
            else if (Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029) quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else quoted.Append(rune);
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>The arguments of a call: first those by place, then those by name that are not at their usual values.</summary>
    public static string Call(string function, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value, string Usual)> named) =>
        $"{function}({string.Join(", ", [.. arguments, .. named.Where(argument => argument.Value != argument.Usual).Select(argument => $"{argument.Name}={argument.Value}")])})";

    /// <summary>Moves all lines to the right.</summary>
    public static string Indent(string lines, int columns) => string.Join('\n', lines.Split('\n').Select(line => line.Length == 0 ? line : new string(' ', columns) + line));

    /// <summary>What a program and its data say of a network: its name, its classes, and how pixels become its input.</summary>
    public static string Facts(TrainedNetwork trained) => $"""
        NAME = {Of(trained.Network.Model.ToString())}
        CLASSES = {List(trained.Data.ClassNames)}
        # Pixels from 0 to 255 are divided by 255, less the mean, divided by the deviation: a number for each channel, or one for all.
        MEAN = {List(trained.Data.Normalization.Mean)}
        DEVIATION = {List(trained.Data.Normalization.Deviation)}
        """;

    /// <summary>A file of Python.</summary>
    public static ExportedFile File(string name, string text) => new(name, Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n") + "\n"));
}
