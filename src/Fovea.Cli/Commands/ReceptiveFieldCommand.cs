using System.CommandLine;
using System.Globalization;
using System.Text;
using Spectre.Console;

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
        Option<Size2D?> at = Options.Size("--at", "Row and column of the output to look at, from 0; the one in the middle unless given.");
        var effective = new Option<bool>("--effective") { Description = "Measure how strongly the middle output of a layer depends on each pixel, by gradients over random weights and inputs." };
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
                fields = fields with { Effective = EffectiveReceptiveField.Measure(spec, result.GetValue(layer) - 1, result.GetValue(draws)!.Value, result.GetValue(seed)!.Value) };
            else if (result.GetValue(layer) is not null) throw new UsageException($"{verb.Name}: --layer says what to measure. Add --effective.", verb);
            working.Write(result, terminal, fields.Derivation, fields.ToJson, () => Write(terminal, fields));
        });
        return verb;
    }

    private static void Write(Terminal terminal, ReceptiveFields fields)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("layer").AddColumn("as text").AddColumn("output");
        foreach (string column in (string[])["size", "jump", "start", "output at", "sees rows", "and columns"]) table.AddColumn(new TableColumn(column).RightAligned());
        foreach (LayerReceptiveField layer in fields.Layers)
        {
            table.AddRow(layer.Name, layer.Layer, layer.OutputShape.ToString(), Both(layer, field => field.Size), Both(layer, field => field.Jump), Both(layer, field => field.Start),
                $"({layer.At.Height}, {layer.At.Width})", Range(layer.SeenRows), Range(layer.SeenColumns));
        }
        terminal.Write(table);
        terminal.WriteLine($"Pixels are counted from 0 in an input of {fields.Input}; those outside of it are padding.");
        if (fields.Effective is not { } effective) return;
        terminal.WriteLine();
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{effective.Name}: of {effective.TheoreticalSize:F1} x {effective.TheoreticalSize:F1} pixels, {effective.Size:F1} x {effective.Size:F1} count (gradients over {effective.Draws} random weights and inputs)."));
        if (effective.Columns > WidestMap) return;
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

    private static string Both(LayerReceptiveField layer, Func<ReceptiveField, int> number) =>
        number(layer.Rows) == number(layer.Columns) ? Text(number(layer.Rows)) : $"{Text(number(layer.Rows))} x {Text(number(layer.Columns))}";

    private static string Range(PixelRange range) => $"{Text(range.First)} to {Text(range.Last)}";

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
