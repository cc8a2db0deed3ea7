using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fovea.Cli;

/// <summary>
/// Where a command writes: results to <see cref="Out"/>, problems to <see cref="Error"/>. Bars are drawn on a terminal only; everywhere
/// else it is quiet.
/// </summary>
internal sealed class Terminal(TextWriter output, TextWriter error, bool isInteractive)
{
    // Wide enough for the widest table: without a terminal nothing should be wrapped.
    private const int WidthOfFiles = 160;

    // A text in longer lines is hard to read.
    private const int WidestWorking = 100;

    private readonly int? _width;
    private IAnsiConsole? _screen;

    /// <summary>The terminal, file or pipe that the program was started with.</summary>
    public static Terminal Standard() =>
        new(Console.Out, Console.Error, !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb");

    /// <summary>Results.</summary>
    public TextWriter Out { get; } = output;

    /// <summary>Problems, and what is worth knowing beside the results.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>Whether somebody watches: then there are bars and colours.</summary>
    public bool IsInteractive { get; } = isInteractive;

    /// <summary>Characters that a line holds.</summary>
    public int Width
    {
        get => _width ?? (IsInteractive ? Screen.Profile.Width : WidthOfFiles);
        init => _width = value;
    }

    /// <summary>Where lines of working are broken: a narrower terminal breaks them earlier.</summary>
    public int WidthOfWorking => IsInteractive ? Math.Clamp(Width - 1, 40, WidestWorking) : WidestWorking;

    // For those who watch: it lays out lines, and keeps bars below them.
    private IAnsiConsole Screen => _screen ??= AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Out), Interactive = InteractionSupport.Yes });

    /// <summary>Writes a line of results, above a bar where there is one.</summary>
    public void WriteLine(string line = "")
    {
        if (IsInteractive) Screen.WriteLine(line);
        else Out.WriteLine(line);
    }

    /// <summary>Writes a sentence on as many lines as it takes.</summary>
    public void WriteParagraph(string text)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > WidthOfWorking)
            {
                WriteLine(line);
                line = "";
            }
            line += line.Length == 0 ? word : $" {word}";
        }
        WriteLine(line);
    }

    /// <summary>Writes a table.</summary>
    public void Write(TextTable table)
    {
        foreach (string line in table.Lines(Width)) WriteLine(line);
    }

    /// <summary>Writes an answer's texts and tables; pictures are for documents.</summary>
    public void Write(IEnumerable<DerivationStep> answer)
    {
        foreach (DerivationStep step in answer)
        {
            if (step.Text.Length > 0) WriteLine(step.Text);
            if (step.Table is not { } numbers) continue;
            var table = new TextTable();
            for (int i = 0; i < numbers.Columns.Count; i++) table.AddColumn(numbers.Columns[i], isRight: numbers.IsNumeric(i));
            foreach (IReadOnlyList<string> row in numbers.Rows) table.AddRow(row);
            Write(table);
        }
    }

    /// <summary>Does some work under a bar. The work is given null where no bar is to be drawn, and need not report then.</summary>
    /// <param name="quiet">Asks for no bar.</param>
    /// <param name="work">What to do.</param>
    public T WithBar<T>(bool quiet, Func<Bar?, T> work)
    {
        if (quiet || !IsInteractive) return work(null);
        var bar = new Bar();
        return Screen.Progress().AutoClear(true)
            .Columns(new TextColumn(() => bar.Title), new ProgressBarColumn { Width = 30 }, new PercentageColumn(), new TextColumn(() => bar.Speed))
            .Start(context =>
            {
                bar.Task = context.AddTask("work", maxValue: 1);
                return work(bar);
            });
    }

    private sealed class TextColumn(Func<string> text) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(text());
    }
}
