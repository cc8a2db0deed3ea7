using System.CommandLine;
using System.Text;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea receptive-field</c>: what the outputs of each layer see of the input, and how strongly.</summary>
internal static class ReceptiveFieldCommand
{
    // From nothing to the largest gradient, in equal steps of its square root, as the outer pixels are faint.
    private const string Shades = " .:-=+*#%@";
    private const int WidestMap = 64;

    public static Verb Create(Terminal terminal)
    {
        Argument<string> model = ModelArgument.Create();
        Option<Shape?> input = Options.Shape("--input", "The shape of a sample: the model's own unless given; of a line of text, 1x28x28.");
        Option<Size2D?> at = Options.Size("--at", "Row and column of the output to look at, from 0; in the table of the last one where a layer has fewer. The one in the middle unless given.");
        var effective = new Option<bool>("--effective") { Description = "Measure how strongly an output of a layer depends on each pixel, by gradients over random weights and inputs. Pixels count whose gradient reaches 4.55% of the largest." };
        Option<int?> layer = Options.Whole("--layer", "The layer to measure, from 1; the last one with an image as its output unless given.", least: 1);
        Option<int?> draws = Options.Whole("--draws", "Over how many random weights and inputs.", least: 1, usual: 10);
        Option<ulong?> seed = Options.Seed("--seed", "What they are drawn by.", usual: 0);
        var working = new DerivationOptions();
        var verb = new Verb("receptive-field", "Show which input pixels the outputs of each layer see, and how strongly.") { model, input, at, effective, layer, draws, seed };
        working.AddTo(verb);
        verb.Examples = ["fovea receptive-field lenet5 --explain", "fovea receptive-field stride2 --at 0x0", "fovea receptive-field vgg-small --effective --layer 4"];
        verb.SetAction(result =>
        {
            ModelSpec spec = ModelArgument.Read(result.GetRequiredValue(model), result.GetValue(input), new Shape(1, 28, 28));
            ReceptiveFields fields = ReceptiveFields.Of(spec, result.GetValue(at));
            if (result.GetValue(effective))
                fields = fields with
                {
                    Effective = EffectiveReceptiveField.Measure(spec, result.GetValue(layer) - 1, result.GetValue(draws)!.Value, result.GetValue(seed)!.Value, result.GetValue(at)),
                };
            else if (new Option[] { layer, draws, seed }.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } wrong)
                throw new UsageException($"{verb.Name}: {wrong.Name} says what to measure. Add --effective.", verb);
            working.Write(result, terminal, () => fields.Derivation, fields.ToJson, () => Write(terminal, fields),
                () => [.. fields.Answer, new("", Picture: Pictures.Of(ReceptiveFieldPicture.Draw(fields), ReceptiveFieldPicture.Describe(fields)))]);
        });
        return verb;
    }

    private static void Write(Terminal terminal, ReceptiveFields fields)
    {
        terminal.Write(fields.Answer);
        if (fields.Effective is not { } effective || effective.Columns > WidestMap) return;
        terminal.WriteLine();
        for (int row = 0; row < effective.Rows; row++)
        {
            if (effective.Map.Skip(row * effective.Columns).Take(effective.Columns).All(share => share == 0)) continue;
            var line = new StringBuilder();
            for (int column = 0; column < effective.Columns; column++)
                line.Append(Shades[(int)Math.Ceiling(Math.Sqrt(effective.Map[row * effective.Columns + column]) * (Shades.Length - 1))], 2);
            terminal.Out.WriteLine(line.ToString().TrimEnd());
        }
    }
}
