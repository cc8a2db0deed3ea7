namespace Fovea.Tests.Laws;

/// <summary>Samples come into the engine as the dataset gives them.</summary>
public class InputLaws
{
    // Narrow, and wider than a block of pixels that is converted at once.
    public static TheoryData<string> Shapes => ["1x3x5", "3x2x64", "2x3x131", "17"];

    [Theory, MemberData(nameof(Shapes))]
    public void Bytes_and_floats_are_seen_as_the_dataset_says(string text)
    {
        Shape shape = Shape.Parse(text);
        const int count = 40;
        byte[] bytes = [.. Numbers.Uniform(count * shape.Count, seed: 1, bound: 128).Select(value => (byte)(128 + value))];
        int[] labels = new int[count];
        var normalization = new Normalization([.. Enumerable.Range(0, shape.IsFlat ? 1 : shape.Channels).Select(i => 0.1f * i)], [0.3f]);
        Dataset[] all =
        [
            Dataset.FromBytes("bytes", shape, bytes, labels, ["one"], normalization),
            Dataset.FromTensor(new Tensor(count, shape, Numbers.Uniform(count * shape.Count, seed: 2)), labels, classes: 1),
        ];
        foreach (Dataset data in (Dataset[])[.. all, .. all.Select(data => data.Subset([.. Enumerable.Range(0, count).Select(i => (i * 7 + 3) % count)]))])
        {
            // Nineteen samples, out of order.
            int[] samples = [.. Enumerable.Range(0, 19).Select(i => (i * 11 + 5) % count)];
            float[] expected = new float[19 * shape.Count];
            for (int i = 0; i < 19; i++) data.CopySample(samples[i], expected.AsSpan(i * shape.Count, shape.Count));

            var memory = new TapMemory(new float[19 * shape.Count], []);
            var network = new Network(new ModelSpec(shape, [new Tap(memory)]));
            foreach (int lanes in Plans.Lanes)
            {
                foreach (int groups in (int[])[0, 1])
                {
                    memory.Values.AsSpan().Fill(float.NaN);
                    ExecutionPlan plan = Plans.Create(network, new PlanOptions { BatchSize = 19, Threads = 1, Lanes = lanes, MicroBatchGroups = groups });
                    plan.Predict(new Batch(data, samples), new float[19 * shape.Count]);
                    Numbers.AssertClose(expected.ToDouble(), memory.Values.ToDouble(), 1e-7, $"{data.Name}, {lanes} lanes, {groups} groups");
                }
            }
        }
    }
}
