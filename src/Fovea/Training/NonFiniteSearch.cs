using System.Numerics.Tensors;

namespace Fovea;

/// <summary>Finds the first place where numbers are no longer finite.</summary>
internal static class NonFiniteSearch
{
    /// <summary>The first parameter that is not finite; null where all are.</summary>
    /// <param name="network">The network.</param>
    /// <param name="updates">The updates that it has had.</param>
    /// <param name="rate">The learning rate that they were made with.</param>
    public static Finding? InParameters(Network network, long updates, float rate)
    {
        // Padding is finite, and a maximum of magnitudes is not where a number is not; no numbers have none.
        if (network.ParameterMemory.Span.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude<float>(network.ParameterMemory.Span))) return null;
        foreach (ParameterArena.Entry entry in network.ParameterMemory.Entries)
        {
            float[] values = ParameterArena.Read(network.ParameterMemory.Span, entry);
            int count = values.Count(value => !float.IsFinite(value));
            if (count == 0) continue;
            // Of a block and the layers inside of it the innermost.
            LayerPlace place = LayerPlace.Of(network.Model).Where(place => entry.Name.StartsWith($"{place.Path}.", StringComparison.Ordinal)).MaxBy(place => place.Path.Length)!;
            return new Finding(Finding.NotFinite, place.Called, count,
                $"{place.Called}: {count:N0} of the {values.Length:N0} numbers of its {entry.Name[(place.Path.Length + 1)..]} are {values.First(value => !float.IsFinite(value))} after update {updates:N0}, the first that are not finite: the training has diverged", Remedy(rate));
        }
        return null;
    }

    /// <summary>Takes a batch forward once more and says where numbers stop being finite: in the parameters, the samples, the output of a layer, or the
    /// loss itself.</summary>
    /// <param name="network">The network, as it was before the batch. In training mode its running statistics become those of the batch too.</param>
    /// <param name="settings">How it is trained.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="updates">The updates that the network has had.</param>
    /// <param name="optimizer">What the batch was trained with, for the numbers of its dropout; null for one that was evaluated.</param>
    /// <param name="threads">Threads to use.</param>
    public static Finding Find(Network network, TrainingSettings settings, Batch batch, long updates, OptimizerState? optimizer, int threads)
    {
        float rate = settings.Optimizer.LearningRate;
        if (InParameters(network, updates, rate) is { } parameter) return parameter;
        float[] input = new float[batch.Data.Shape.Count];
        foreach (int sample in batch.Samples)
        {
            batch.Data.CopySample(sample, input);
            int count = input.Count(value => !float.IsFinite(value));
            if (count > 0)
            {
                return new Finding(Finding.NotFinite, batch.Data.Name, count,
                    $"{batch.Data.Name}: {count:N0} of the numbers of sample {batch.Data.Index(sample)} are not finite", "Remove the sample, or mend it");
            }
        }
        ExecutionPlan plan = ExecutionPlan.Create(network, new PlanOptions
        {
            BatchSize = batch.Samples.Length,
            Threads = threads,
            Loss = settings.Loss,
            Optimizer = optimizer,
            Fuse = false,
        });
        IReadOnlyList<LayerPlace> layers = LayerPlace.Of(network.Model);
        int[] samples = new int[layers.Count];
        float[] largest = new float[layers.Count];
        plan.Observe(batch, optimizer is null ? null : updates + 1, (layer, _, output) =>
        {
            bool finite = true;
            foreach (float value in output)
            {
                finite &= float.IsFinite(value);
                if (float.IsFinite(value)) largest[layer] = Math.Max(largest[layer], Math.Abs(value));
            }
            if (!finite) samples[layer]++;
        });
        if (layers.FirstOrDefault(layer => samples[layer.Number] > 0) is not { } first)
        {
            return new Finding(Finding.NotFinite, "loss", batch.Samples.Length, $"loss {settings.Loss.Name}: the outputs are finite (up to {largest[layers[^1].Number]:G3}), their loss is not",
                $"See that the model ends with what the loss expects, or use a smaller learning rate than {rate}");
        }
        string before = first.Source < 0 ? "the samples" : $"numbers of up to {largest[first.Source]:G3}";
        return new Finding(Finding.NotFinite, first.Called, samples[first.Number],
            $"{first.Called} is the first whose output is not finite, for {samples[first.Number]:N0} of the {batch.Samples.Length:N0} samples of the batch; it was given {before}: the training has diverged", Remedy(rate));
    }

    private static string Remedy(float rate) => $"Use a smaller learning rate than {rate}, a warm-up, or normalization";
}
