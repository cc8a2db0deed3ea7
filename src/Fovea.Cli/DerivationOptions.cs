using System.CommandLine;

namespace Fovea.Cli;

/// <summary>Where a derivation goes: onto the terminal, or into files.</summary>
internal sealed class DerivationOptions
{
    private readonly Option<bool> _explain = new("--explain") { Description = "Show how the numbers come about, step by step." };
    private readonly Option<string> _latex = File("--latex", "Write the working as a part of a LaTeX document (package amsmath).");
    private readonly Option<string> _html = File("--html", "Write the working as a web page.");
    private readonly Option<string> _markdown = File("--markdown", "Write the working as Markdown.");

    public void AddTo(Verb verb)
    {
        foreach (Option option in (Option[])[_explain, _latex, _html, _markdown]) verb.Add(option);
    }

    /// <summary>Whether the terminal is to show it.</summary>
    public bool Explains(ParseResult result) => result.GetValue(_explain);

    /// <summary>Writes the files that were asked for.</summary>
    public void Write(ParseResult result, Derivation derivation)
    {
        if (result.GetValue(_latex) is { } latex) System.IO.File.WriteAllText(latex, derivation.ToLatex());
        if (result.GetValue(_html) is { } html) System.IO.File.WriteAllText(html, derivation.ToHtmlPage());
        if (result.GetValue(_markdown) is { } markdown) System.IO.File.WriteAllText(markdown, derivation.ToMarkdown());
    }

    private static Option<string> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };
}
