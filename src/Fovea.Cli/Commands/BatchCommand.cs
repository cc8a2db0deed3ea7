using System.CommandLine;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea batch</c>: what batches of several sizes hold.</summary>
internal static class BatchCommand
{
    public static Verb Create(Terminal terminal)
    {
        Argument<string> model = ModelArgument.Create();
        var data = new DataOptions("mnist unless given");
        Option<ulong?> seed = Options.Seed("--seed", "What weights, order and validation samples are drawn by.", usual: 1);
        Option<bool> json = Options.Json();
        var verb = new Verb("batch", "Show what batches of each size hold: missing classes, how far their statistics are off, the noise of the gradient. The network is trained for one epoch first.") { model };
        data.AddTo(verb);
        verb.Options.Add(seed);
        verb.Options.Add(json);
        verb.Examples = ["fovea batch \"conv 8 k5 s2 | batchnorm | relu | flatten | linear 10 | logsoftmax\" --limit 6000"];
        verb.SetAction(result =>
        {
            string text = result.GetRequiredValue(model);
            ModelSpec? known = ModelArgument.IsLine(text) ? null : ModelArgument.Read(text, null, default);
            Dataset training = data.Load(result, "mnist", DatasetPart.Training, known?.Input);
            if (result.GetValue(data.Limit) is { } limit) training = training.Take(limit);
            ModelSpec chosen = known ?? ModelArgument.Read(text, null, training.Shape);
            using var interruption = new Interruption();
            BatchLab lab = BatchLab.Run(chosen, training, data.Load(result, "mnist", DatasetPart.Test, chosen.Input), result.GetValue(seed)!.Value, cancellation: interruption.Token);
            if (result.GetValue(json)) terminal.Out.WriteLine(lab.ToJson());
            else Write(terminal, chosen, training, lab);
            return lab.Doing is null ? Program.Done : Program.Interrupted;
        });
        return verb;
    }

    private static void Write(Terminal terminal, ModelSpec model, Dataset data, BatchLab lab)
    {
        terminal.WriteLine($"{model} after an epoch on {Format.Number(lab.Samples)} samples of {data.Name}: {(!lab.IsTrained ? "it was not trained to its end" : lab.Noise?.Scale is { } scale ? $"the gradient noise scale is about {Format.Number(scale)} samples" : "the gradient noise scale is lost in noise")}");
        string rarest = lab.Rows.FirstOrDefault()?.Composition?.RareClass ?? "the rarest class";
        TextTable table = new TextTable().AddNumbers("batch size", "updates per epoch", $"without {rarest}", "by chance", "mean off by", "variance off by", "accuracy by batch");
        foreach (BatchRow row in lab.Rows)
        {
            BatchStatistics? statistics = row.Spread?.Statistics;
            table.AddRow(Format.Number(row.Size), Format.Number(row.UpdatesPerEpoch), Share(row.Composition?.ShareWithout), Share(row.Composition?.Expected(0)),
                Share(statistics?.MeanError), Share(statistics?.VarianceError), Share(statistics?.TrainingModeAccuracy));
        }
        terminal.Write(table);
        terminal.WriteParagraph($"without {rarest}: the share of batches that hold no sample of this class, the rarest; by chance: what drawing at random gives. "
            + "mean and variance off by: how far the mean of a batch, in standard deviations, and its variance are from those of the data. "
            + "accuracy by batch: on test samples, where batch normalization uses the statistics of such batches.");
    }

    private static string Share(double? share) => share is { } known ? Format.Percent(known) : "";
}
