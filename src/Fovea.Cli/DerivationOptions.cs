using System.CommandLine;

namespace Fovea.Cli;

/// <summary>The options of every verb that shows its working: on the terminal, and as files.</summary>
/// <param name="steps">What more there is to show where the answer itself is a working: then the option is --steps, or --explain.</param>
internal sealed class DerivationOptions(string? steps = null)
{
    private readonly Option<bool> _explain = steps is null ? new("--explain") { Description = "Show the working, step by step." } : new("--steps", "--explain") { Description = steps };
    private readonly Option<bool> _json = Options.Json();
    private readonly Option<string> _markdown = File("--markdown", "Write the working as Markdown.");
    private readonly Option<string> _latex = File("--latex", "Write the working as a part of a LaTeX document (amsmath).");
    private readonly Option<string> _html = File("--html", "Write the working as a page.");

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Verb verb)
    {
        foreach (Option option in (Option[])[_explain, _json, _markdown, _latex, _html]) verb.Options.Add(option);
    }

    /// <summary>Whether the working is asked for beside the answer.</summary>
    public bool IsAskedFor(ParseResult result) => result.GetValue(_explain);

    /// <summary>Writes an answer as it was asked for: files first, then text or JSON.</summary>
    /// <param name="result">What was asked for.</param>
    /// <param name="terminal">Where to write.</param>
    /// <param name="derivation">The working.</param>
    /// <param name="json">The answer in JSON.</param>
    /// <param name="text">Writes the answer in text.</param>
    public void Write(ParseResult result, Terminal terminal, Derivation derivation, Func<string> json, Action text)
    {
        if (result.GetValue(_markdown) is { } markdown) System.IO.File.WriteAllText(markdown, derivation.ToMarkdown());
        if (result.GetValue(_latex) is { } latex) System.IO.File.WriteAllText(latex, derivation.ToLatex());
        if (result.GetValue(_html) is { } html) System.IO.File.WriteAllText(html, derivation.ToHtmlPage());
        if (result.GetValue(_json))
        {
            terminal.Out.WriteLine(json());
            return;
        }
        text();
        if (steps is null && !IsAskedFor(result)) return;
        if (steps is null) terminal.WriteLine();
        terminal.Out.Write(derivation.ToText());
    }

    /// <summary>Writes an answer whose text is its working.</summary>
    public void Write(ParseResult result, Terminal terminal, Derivation derivation, Func<string> json) =>
        Write(result, terminal, derivation, json, () => { });

    private static Option<string> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };
}
