namespace Fovea.Bench;

/// <summary>A batch of random numbers, for measurements that do not depend on what is learned.</summary>
internal static class RandomData
{
    public static (Dataset Data, int[] Samples) Create(ModelSpec model, int samples)
    {
        Tensor input = Input(model.Input, samples);
        return (Dataset.FromTensor(input, Labels(samples, model.Output.Count), model.Output.Count), [.. Enumerable.Range(0, samples)]);
    }

    /// <summary>Uniform in [-1, 1).</summary>
    public static Tensor Input(Shape shape, int samples)
    {
        var random = new Random(1);
        var input = new Tensor(samples, shape);
        for (int i = 0; i < input.Values.Length; i++) input.Values[i] = (float)(random.NextDouble() * 2 - 1);
        return input;
    }

    public static int[] Labels(int samples, int classes) => [.. Enumerable.Range(0, samples).Select(i => i * 7 % classes)];
}
