namespace Fovea;

/// <summary>A network on the reference kernels: the whole batch, layer by layer, on one thread. For tests, and for doubts.</summary>
internal sealed class ReferencePlan(Network network, PlanOptions options) : ExecutionPlan(network, options)
{
    public override long Bytes => 0;

    public override void Predict(Batch batch, Span<float> output) =>
        new ReferenceNetwork<float>(Network, batch.Samples.Length, training: false).Forward(Load(batch)).CopyTo(output);

    public override BatchSums Evaluate(Batch batch)
    {
        float[] y = new ReferenceNetwork<float>(Network, batch.Samples.Length, training: false).Forward(Load(batch));
        return Sums(batch, y).Sums;
    }

    public override void Observe(Batch batch, long? step, LayerObserver observe)
    {
        int samples = batch.Samples.Length;
        var reference = new ReferenceNetwork<float>(Network, samples, step is not null, Options.Optimizer?.Seed ?? 0, (uint)(step ?? 0));
        _ = reference.Forward(Load(batch));
        foreach (var (layer, values) in reference.Outputs)
        {
            ReadOnlySpan<float> output = values;
            for (int i = 0; i < samples; i++) observe(layer, i, output.Slice(i * (output.Length / samples), output.Length / samples));
        }
    }

    public override BatchSums Train(Batch batch, bool keepGradients = false)
    {
        OptimizerState optimizer = Options.Optimizer ?? throw new InvalidOperationException("this plan was made without an optimizer");
        if (!keepGradients) optimizer.Step++;
        var reference = new ReferenceNetwork<float>(Network, batch.Samples.Length, training: true, optimizer.Seed, (uint)optimizer.Step);
        float[] y = reference.Forward(Load(batch));
        var (sums, gradient) = Sums(batch, y);
        if (!double.IsFinite(sums.Loss) && !keepGradients)
        {
            optimizer.Step--;
            return sums;
        }
        reference.Backward(gradient);
        Write(Network.ParameterMemory, optimizer.Gradients, reference.Gradients);
        Write(Network.BufferMemory, Network.BufferMemory.Span, reference.Buffers);
        if (keepGradients) return sums;
        optimizer.ReferenceUpdate();
        return sums;
    }

    private (BatchSums Sums, float[] Gradient) Sums(Batch batch, float[] y)
    {
        Loss loss = Options.Loss ?? throw new InvalidOperationException("this plan was made without a loss");
        Dataset data = batch.Data;
        int[] samples = batch.Samples.ToArray();
        int outputs = Network.Output.Count;
        double terms = Terms(loss, batch, Network.Output);
        var (sum, gradient) = ReferenceNetwork<float>.Loss(loss, Network.Output, terms, y, n => data.Label(samples[n]), (n, i) => data.Target(samples[n], i, outputs));
        int correct = 0;
        for (int n = 0; n < samples.Length && data.AllLabels is not null; n++)
            if (loss.Predict(y.AsSpan(n * outputs, outputs)) == data.Label(samples[n])) correct++;
        return (new BatchSums(sum, correct, terms), gradient);
    }

    private static float[] Load(Batch batch)
    {
        int count = batch.Data.Shape.Count;
        float[] x = new float[batch.Samples.Length * count];
        float[] scratch = new float[count];
        for (int n = 0; n < batch.Samples.Length; n++)
        {
            Span<float> sample = x.AsSpan(n * count, count);
            if (batch.Augmentation is { } augmentation) augmentation.Copy(batch.Data, batch.Samples[n], scratch, sample);
            else batch.Data.CopySample(batch.Samples[n], sample);
        }
        return x;
    }

    private static void Write(ParameterArena layout, Span<float> arena, float[][][] values)
    {
        foreach (var layer in layout.Entries.GroupBy(e => e.Layer))
        {
            int index = 0;
            foreach (ParameterArena.Entry entry in layer) ParameterArena.Write(arena, entry, values[layer.Key][index++]);
        }
    }
}
