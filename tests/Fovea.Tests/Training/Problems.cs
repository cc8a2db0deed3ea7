namespace Fovea.Tests.Training;

/// <summary>Small data to train on.</summary>
internal static class Problems
{
    /// <summary>Images of 2x7x6 with a bright bar, upright in class 0, lying in class 1 and in both directions in class 2, in noise.</summary>
    public static Dataset Bars(int samples, ulong seed = 1, string name = "bars")
    {
        Shape shape = new(2, 7, 6);
        float[] values = Laws.Numbers.Uniform(samples * shape.Count, seed, bound: 0.2f);
        int[] labels = [.. Enumerable.Range(0, samples).Select(i => i % 3)];
        for (int i = 0; i < samples; i++)
        {
            int row = 1 + i % 5, column = 1 + i % 4;
            for (int channel = 0; channel < 2; channel++)
            {
                for (int y = 0; y < 7 && labels[i] != 1; y++) values[((i * 2 + channel) * 7 + y) * 6 + column] += 1;
                for (int x = 0; x < 6 && labels[i] != 0; x++) values[((i * 2 + channel) * 7 + row) * 6 + x] += 1;
            }
        }
        return Dataset.FromTensor(new Tensor(samples, shape, values), labels, classes: 3, name);
    }

    /// <summary>A network for it with all that keeps state: batch normalization and dropout among them.</summary>
    public static ModelSpec Model { get; } =
        ModelSpec.Parse("conv 6 k3 nobias | batchnorm | relu | maxpool 2 | dropout 0.2 | flatten | linear 12 | relu | dropout | linear 3 | logsoftmax", new Shape(2, 7, 6));

    /// <summary>Numbers x with the targets 2x + 1 and 3 - x.</summary>
    public static Dataset Lines(int samples)
    {
        float[] x = Laws.Numbers.Distinct(samples, seed: 6);
        float[] targets = [.. x.SelectMany(value => (float[])[2 * value + 1, 3 - value])];
        return Dataset.FromTensor(new Tensor(samples, Shape.Flat(1), x), new Tensor(samples, Shape.Flat(2), targets), "lines");
    }
}
