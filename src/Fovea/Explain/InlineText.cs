using System.Text;

namespace Fovea;

/// <summary>A text with formulas between dollar signs.</summary>
internal static class InlineText
{
    /// <summary>Writes a text, its words by one function and its formulas by another.</summary>
    /// <exception cref="FormatException">A dollar sign has no partner.</exception>
    public static string Render(string text, Func<string, string> words, Func<string, string> formula)
    {
        string[] pieces = text.Split('$');
        if (pieces.Length % 2 == 0) throw new FormatException($"text \"{text}\": a dollar sign has no partner.");
        var result = new StringBuilder();
        for (int i = 0; i < pieces.Length; i++) result.Append(i % 2 == 0 ? words(pieces[i]) : formula(pieces[i]));
        return result.ToString();
    }
}
