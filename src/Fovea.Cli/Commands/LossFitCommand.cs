using System.CommandLine;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea loss fit</c>: lines fitted by several losses to points with and without outliers.</summary>
internal static class LossFitCommand
{
    public static Verb Create(Terminal terminal)
    {
        Option<string> names = LossOptions.Text("--loss", "Losses of numbers, separated by commas; l1,l2,huber unless given.", "LIST");
        Option<string> outliers = LossOptions.Text("--outliers", "Numbers of outliers, separated by commas; 0,5 unless given.", "LIST");
        Option<int?> points = Options.Whole("--points", $"How many points, at most {Format.Number(LineFits.MostPoints)}; 40 unless given.", least: 3, 40);
        Option<ulong?> seed = Options.Seed("--seed", "The seed of the points' noise; 1 unless given.", 1);
        Option<OutputFile?> plot = LossOptions.Plot();
        var constants = new LossOptions.Constants();
        var working = new DerivationOptions();
        var verb = new Verb("fit", "Fit a line to points with and without outliers, by several losses.") { names, outliers, points, seed,
            plot };
        constants.AddTo(verb);
        working.AddTo(verb);
        verb.Examples = ["fovea loss fit --loss l1,l2,huber --outliers 0,5 --plot fit.svg"];
        verb.SetAction(result =>
        {
            int[] counts = [.. LossOptions.Single("--outliers", result.GetValue(outliers) ?? "0,5").Select(x =>
                x == Math.Floor(x) && x is >= 0 and <= LineFits.MostPoints ? (int)x
                    : throw new FoveaException($"--outliers: expected whole numbers from 0 to the number of points, got {Format.Decimal(x)}."))];
            LossDefinition[] losses = LossOptions.Find(result.GetValue(names) ?? "l1,l2,huber");
            LineFits fits = LineFits.Of(losses, counts, result.GetValue(points)!.Value, result.GetValue(seed)!.Value,
                constants.Read(result, losses));
            if (result.GetValue(plot) is { } file) LossCharts.Save(file.Path, fits);
            working.Write(result, terminal, () => fits.Derivation, fits.ToJson, () =>
            {
                if (!working.IsAskedFor(result)) Write(terminal, fits);
            }, () => [new("", Picture: LossCharts.Picture(fits))]);
        });
        return verb;
    }

    private static void Write(Terminal terminal, LineFits fits)
    {
        terminal.Write([new DerivationStep($"{fits.Cases[0].X.Count} points near a line of slope {Format.Decimal(fits.Slope)} and intercept {Format.Decimal(fits.Intercept)}; outliers are the last points, raised.",
            Table: fits.Table)]);
        foreach (string conclusion in fits.Conclusions) terminal.WriteParagraph(conclusion);
    }
}
