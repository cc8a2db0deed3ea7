namespace Fovea;

/// <summary>Which classes a network takes for which.</summary>
/// <param name="ClassNames">The names of the classes.</param>
/// <param name="Counts">How often samples of a class (the row) were taken for a class (the column). There are more columns than rows where
/// the network has more outputs than the data have classes.</param>
public sealed record ConfusionMatrix(IReadOnlyList<string> ClassNames, IReadOnlyList<IReadOnlyList<int>> Counts)
{
    /// <summary>Classifies the samples of a dataset with classes, in evaluation mode.</summary>
    /// <param name="network">The network.</param>
    /// <param name="data">The samples, of the shape that it takes.</param>
    /// <param name="loss">What it was trained with: it says what a single output means.</param>
    /// <param name="threads">Threads to use; 0 takes all processors.</param>
    public static ConfusionMatrix Of(Network network, Dataset data, Loss loss, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(loss);
        ExecutionPlan.CheckSamples(network, data, loss);
        if (data.AllLabels is null) throw new FoveaException($"{data.Name} has target values, not classes: there is nothing to confuse.");
        ExecutionPlan plan = ExecutionPlan.Create(network, new PlanOptions
        {
            BatchSize = ExecutionPlan.InferenceBatch,
            Threads = threads > 0 ? threads : Environment.ProcessorCount,
        });
        int outputs = network.Output.Count;
        // One output tells two classes apart, though all samples may be of one.
        int columns = Math.Max(data.ClassNames.Count, outputs == 1 ? 2 : outputs);
        int[][] counts = [.. data.ClassNames.Select(_ => new int[columns])];
        int[] samples = [.. Enumerable.Range(0, data.Count)];
        float[] output = new float[ExecutionPlan.InferenceBatch * outputs];
        foreach (int[] batch in samples.Chunk(ExecutionPlan.InferenceBatch))
        {
            plan.Predict(new Batch(data, batch), output.AsSpan(0, batch.Length * outputs));
            for (int i = 0; i < batch.Length; i++) counts[data.Label(batch[i])][loss.Predict(output.AsSpan(i * outputs, outputs))]++;
        }
        return new ConfusionMatrix(data.ClassNames, counts);
    }

    /// <summary>How many samples of a class there were.</summary>
    public int Samples(int label) => Counts[label].Sum();

    /// <summary>The share of a class's samples classified rightly (its recall), from 0 to 1; null when there were none.</summary>
    public double? Accuracy(int label) => Samples(label) is > 0 and var samples ? (double)Counts[label][label] / samples : null;

    /// <summary>The mean of the classes' recalls, in which a rare class counts as much as a common one.</summary>
    public double BalancedAccuracy => Enumerable.Range(0, Counts.Count).Select(Accuracy).OfType<double>().DefaultIfEmpty(0).Average();

    /// <summary>The class with the fewest samples.</summary>
    public int RarestClass => Enumerable.Range(0, Counts.Count).Where(label => Samples(label) > 0).MinBy(Samples);

    /// <summary>Its name.</summary>
    public string NameOfRarest => ClassNames[RarestClass];

    /// <summary>Whether the largest class has at least one and a half times as many samples as the rarest: accuracy then says little.</summary>
    public bool IsImbalanced => Counts.Count > 0 && Enumerable.Range(0, Counts.Count).Max(Samples) >= 1.5 * Samples(RarestClass);
}
