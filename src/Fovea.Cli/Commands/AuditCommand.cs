using System.CommandLine;
using Spectre.Console;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea audit</c>: checks a table of layers, outputs and parameters that somebody claims.</summary>
internal static class AuditCommand
{
    public static Verb Create(Terminal terminal)
    {
        var table = new Argument<string>("CLAIM")
        {
            Description = "A table: CSV with the columns layer, output, parameters, such as LogSoftmax-12,\"[-1, 10]\",110 and Total,,61816; or the text of torchsummary.",
        };
        var model = new Argument<string?>("MODEL")
        {
            Description = "The network that the table describes, as for fovea summary; rebuilt from the table unless given.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<Shape?> input = Options.Shape("--input", "The shape of a sample: MODEL's own unless given; needed without MODEL.");
        var working = new DerivationOptions();
        var verb = new Verb("audit", "Check a claimed summary row by row: the right figures, and the likely mistakes.") { table, model, input };
        working.AddTo(verb);
        verb.Examples = ["fovea audit claim.csv --input 1x32x32", "fovea audit claim.csv lenet5 --explain", "fovea audit torchsummary.txt --input 1x28x28 --html audit.html"];
        verb.SetAction(result =>
        {
            string path = result.GetRequiredValue(table);
            Shape? shape = result.GetValue(input);
            ModelSpec? spec = result.GetValue(model) is { } text ? ModelArgument.Read(text, shape, new Shape(1, 28, 28)) : null;
            if (spec is null && shape is null) throw new UsageException($"{verb.Name}: without MODEL the shape of the input must be known. Give --input, such as --input 1x32x32.", verb);
            if (!File.Exists(path)) throw new DataFormatException($"{path}: there is no such file.");
            Audit audit = Audit.Check(Claim.Parse(File.ReadAllText(path), path), spec, shape ?? spec!.Input, path);
            working.Write(result, terminal, audit.Derivation, audit.ToJson, () => Write(terminal, audit));
            return audit.IsRight ? Program.Done : Program.Failed;
        });
        return verb;
    }

    private static void Write(Terminal terminal, Audit audit)
    {
        terminal.WriteLine($"{(audit.IsRebuilt ? "Rebuilt from the table" : "Against")}: {audit.Model}, input {audit.Input}");
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("row").AddColumn("claimed output").AddColumn("right");
        table.AddColumn(new TableColumn("claimed parameters").RightAligned()).AddColumn(new TableColumn("right").RightAligned()).AddColumn("");
        foreach (AuditRow row in audit.Rows)
        {
            table.AddRow(new Text(row.Name), new Text(row.ClaimedOutput?.ToString() ?? ""), new Text(row.Output?.ToString() ?? ""),
                new Text(row.ClaimedParameters is { } claimed ? Format.Number(claimed) : ""), new Text(row.Parameters is { } right ? Format.Number(right) : ""),
                new Text(row.Verdict switch { AuditVerdict.Wrong => "wrong", AuditVerdict.Missing => "not in the table", _ => "" }));
        }
        terminal.Write(table);
        foreach (AuditFinding finding in audit.Findings)
        {
            terminal.WriteLine(finding.Figure == "layer" ? $"{finding.Name}: the network has no such layer here."
                : $"{finding.Name}: {(finding.Figure == "total" ? "" : finding.Figure + " ")}{finding.Right}, not {finding.Claimed}." + (finding.Mistake is { } mistake ? $" {Sentence(mistake)}" : ""));
        }
        terminal.WriteLine(audit.IsRight ? "All figures are right." : audit.Findings.Count == 1 ? "1 figure is wrong." : $"{Format.Number(audit.Findings.Count)} figures are wrong.");
    }

    private static string Sentence(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..]}.";
}
