using System.CommandLine;

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
            Audit audit = Audit.Check(Claim.Read(path), spec, shape ?? spec!.Input, path);
            working.Write(result, terminal, audit.Derivation, audit.ToJson, audit.Answer);
            return audit.IsRight ? Program.Done : Program.Failed;
        });
        return verb;
    }
}
