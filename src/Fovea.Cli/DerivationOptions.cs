using System.CommandLine;

namespace Fovea.Cli;

/// <summary>
/// The options of every verb that shows its working: on the terminal, and as documents. A document holds the whole answer, whatever was
/// asked for on the terminal: what that shows, the pictures that it cannot show, and the working.
/// </summary>
/// <param name="steps">What more there is to show where the answer itself is a working: then the option is --steps, or --explain.</param>
internal sealed class DerivationOptions(string? steps = null)
{
    private readonly Option<bool> _explain = steps is null ? new("--explain") { Description = "Show the working, step by step." } : new("--steps", "--explain") { Description = steps };
    private readonly Option<bool> _json = Options.Json();
    private readonly Option<OutputFile?> _markdown = OutputFile.Option("--markdown", "Write answer and working as Markdown, pictures beside it.");
    private readonly Option<OutputFile?> _latex = OutputFile.Option("--latex", "Write answer and working as a part of a LaTeX document (amsmath, graphicx), pictures beside it.");
    private readonly Option<OutputFile?> _html = OutputFile.Option("--html", "Write answer and working as a page that stands alone.");

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Verb verb)
    {
        foreach (Option option in (Option[])[_explain, _json, _markdown, _latex, _html]) verb.Options.Add(option);
    }

    /// <summary>Whether the working is asked for beside the answer.</summary>
    public bool IsAskedFor(ParseResult result) => result.GetValue(_explain);

    /// <summary>Writes an answer as it was asked for: documents first, then text or JSON.</summary>
    /// <param name="result">What was asked for.</param>
    /// <param name="terminal">Where to write.</param>
    /// <param name="working">The working; it is asked for where it is shown.</param>
    /// <param name="json">The answer in JSON.</param>
    /// <param name="text">Writes the answer in text.</param>
    /// <param name="answer">The answer in texts, tables and pictures, as far as the working does not hold it: what documents begin with.</param>
    public void Write(ParseResult result, Terminal terminal, Func<Derivation> working, Func<string> json, Action text, Func<IReadOnlyList<DerivationStep>> answer)
    {
        WriteDocuments(result, working, answer);
        if (result.GetValue(_json))
        {
            terminal.Out.WriteLine(json());
            return;
        }
        text();
        if (!IsAskedFor(result)) return;
        terminal.WriteLine();
        terminal.Out.Write(working().ToText(terminal.WidthOfWorking));
    }

    /// <summary>Writes an answer that is the same on the terminal and in documents.</summary>
    public void Write(ParseResult result, Terminal terminal, Derivation derivation, Func<string> json, IReadOnlyList<DerivationStep> answer) =>
        Write(result, terminal, () => derivation, json, () => terminal.Write(answer), () => answer);

    /// <summary>Writes an answer whose text is its working.</summary>
    /// <param name="result">What was asked for.</param>
    /// <param name="terminal">Where to write.</param>
    /// <param name="derivation">The working.</param>
    /// <param name="json">The answer in JSON.</param>
    /// <param name="picture">What documents begin with.</param>
    public void Write(ParseResult result, Terminal terminal, Derivation derivation, Func<string> json, Func<DerivationPicture>? picture = null)
    {
        WriteDocuments(result, () => derivation, () => picture is null ? [] : [new("", Picture: picture())]);
        if (result.GetValue(_json)) terminal.Out.WriteLine(json());
        else terminal.Out.Write(derivation.ToText(terminal.WidthOfWorking));
    }

    private void WriteDocuments(ParseResult result, Func<Derivation> working, Func<IReadOnlyList<DerivationStep>> answer)
    {
        OutputFile?[] files = [result.GetValue(_markdown), result.GetValue(_latex), result.GetValue(_html)];
        if (files.All(file => file is null)) return;
        if (files.OfType<OutputFile>().GroupBy(file => Path.GetFullPath(file.Path)).FirstOrDefault(group => group.Count() > 1) is { } same)
            throw new FoveaException($"{same.First().Path} is named for two documents. Give each a name of its own.");
        Derivation derivation = working(), document = derivation with { Steps = [.. answer(), .. derivation.Steps] };
        if (files[0] is { } markdown) markdown.Write(document.ToMarkdown(pictureName: PicturesBeside(markdown, document)));
        if (files[1] is { } latex) latex.Write(document.ToLatex(PicturesBeside(latex, document)));
        if (files[2] is { } html) html.Write(document.ToHtmlPage());
    }

    // Writes the pictures and says how they are called.
    private static Func<DerivationPicture, string> PicturesBeside(OutputFile file, Derivation document)
    {
        var names = new Dictionary<DerivationPicture, string>(ReferenceEqualityComparer.Instance);
        foreach (DerivationPicture picture in document.Pictures)
        {
            OutputFile beside = file.Beside($"-{names.Count + 1}{picture.Extension}");
            beside.Write(picture.Data);
            names.Add(picture, Path.GetFileName(beside.Path));
        }
        return picture => names[picture];
    }
}
