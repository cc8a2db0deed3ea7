namespace Fovea.Tests.Laws;

/// <summary>What holds for every layer, tried on all <see cref="Examples"/>.</summary>
public class LayerLaws
{
    // Less than the lanes of a vector, and more than two vectors with some lanes left over.
    private static readonly int[] s_batches = [1, 3, 19];

    [Theory, MemberData(nameof(Examples.Layers), MemberType = typeof(Examples))]
    public void Json_and_text_are_read_back_as_the_same_layer(string example)
    {
        var (input, layer) = Examples.Read(example);
        var model = new ModelSpec(input, [layer]);

        Assert.Equal(layer, ModelSpec.FromJson(model.ToJson()).Layers[0]);
        Assert.Equal(layer, ModelSpec.Parse(model.ToText(), input).Layers[0]);
    }

    // Which passes are done by Winograd's algorithm differs between processors: with AVX2 some are forward and to the input, but not for the weights.
    [Theory]
    [InlineData("6x14x14 conv 16 k5")]
    [InlineData("16x9x6 conv 20 k5 p2x1")]
    [InlineData("18x9x7 conv 17 k5 p2")]
    [InlineData("16x6x10 conv 20 k3 p1")]
    public void Convolutions_agree_with_the_reference_by_the_costs_of_each_processor(string example)
    {
        foreach (WinogradCosts costs in (WinogradCosts[])[WinogradCosts.OwnAdders, WinogradCosts.SharedAdders, WinogradCosts.FewRegisters])
        {
            var specimen = new Specimen(example, samples: 19) { Costs = costs };
            Results reference = specimen.Reference();
            foreach (int lanes in Plans.Lanes) reference.AssertClose(specimen.Fast(lanes), 4e-6, $"{lanes} lanes, {costs}");
        }
    }

    [Theory, MemberData(nameof(Examples.Layers), MemberType = typeof(Examples))]
    public void Gradients_are_those_of_finite_differences(string example)
    {
        foreach (int samples in (int[])[1, 3])
        {
            var specimen = new Specimen(example, samples);
            Results reference = specimen.Reference();
            ReferenceNetwork<double> network = specimen.CreateReference(training: true);
            double[][][] buffers = [.. network.Buffers.Select(layer => (double[][])[.. layer.Select(buffer => (double[])buffer.Clone())])];
            double[] x = specimen.X.ToDouble();

            double Loss()
            {
                double sum = 0;
                double[] y = network.Forward(x);
                for (int i = 0; i < y.Length; i++) sum += y[i] * specimen.DY[i];
                return sum / y.Length;
            }

            AssertDifferences(Loss, x, reference["input gradient"], $"batch {samples}: input");
            for (int i = 0; i < specimen.Network.ParameterMemory.Entries.Count; i++)
            {
                string name = specimen.Network.ParameterMemory.Entries[i].Name;
                double[] parameter = Specimen.Of(network.Parameters, specimen.Network.ParameterMemory, i);
                AssertDifferences(Loss, parameter, reference[$"gradient of {name}"], $"batch {samples}: {name}");
            }
        }
    }

    // Central differences, of all numbers or of some sixty to a hundred and twenty spread over them.
    private static void AssertDifferences(Func<double> loss, double[] values, double[] gradient, string what)
    {
        const double step = 1e-5;
        int stride = Math.Max(1, values.Length / 60);
        for (int i = 0; i < values.Length; i += stride)
        {
            double value = values[i];
            values[i] = value + step;
            double above = loss();
            values[i] = value - step;
            double below = loss();
            values[i] = value;
            double difference = (above - below) / (2 * step);
            Assert.True(Math.Abs(difference - gradient[i]) <= 1e-9 + 1e-7 * Math.Abs(difference),
                $"{what}: the derivative by number {i} is {difference:R} by differences, but {gradient[i]:R} was computed");
        }
    }

    [Theory, MemberData(nameof(Examples.Layers), MemberType = typeof(Examples))]
    public void Fast_kernels_agree_with_the_reference(string example)
    {
        foreach (int samples in s_batches)
        {
            var specimen = new Specimen(example, samples);
            Results reference = specimen.Reference();
            foreach (int lanes in Plans.Lanes) reference.AssertClose(specimen.Fast(lanes), tolerance: 2e-6, $"batch {samples}, {lanes} lanes");
        }
    }

    [Theory, MemberData(nameof(Examples.Layers), MemberType = typeof(Examples))]
    public void A_layer_that_nothing_before_learns_from_gets_the_same_gradients(string example)
    {
        var specimen = new Specimen(example, samples: 19);
        foreach (int lanes in Plans.Lanes) specimen.AssertLearnsAlikeAsFirst([Examples.Read(example).Layer], lanes);
    }

    [Theory, MemberData(nameof(Examples.Layers), MemberType = typeof(Examples))]
    public void A_batch_is_its_samples_one_by_one(string example)
    {
        foreach (int lanes in Plans.Lanes)
        {
            var specimen = new Specimen(example, samples: 5);
            Results batch = specimen.Fast(lanes);
            Results[] alone = [.. Enumerable.Range(0, 5).Select(sample => specimen.Fast(lanes, samples: [sample]))];
            double[] Joined(string name) => [.. alone.SelectMany(results => results[name])];

            Numbers.AssertClose(batch["output in evaluation"], Joined("output in evaluation"), tolerance: 0, $"{lanes} lanes: output in evaluation");
            // In training, batch normalization mixes the samples, and dropout is drawn by a sample's place in its batch.
            if (Examples.Has(Examples.Read(example).Layer, layer => layer is BatchNorm2D or Dropout or Dropout2D)) continue;
            Numbers.AssertClose(batch["output in training"], Joined("output in training"), tolerance: 0, $"{lanes} lanes: output in training");
            Numbers.AssertClose(batch["input gradient"], [.. Joined("input gradient").Select(value => value / 5)], 2e-6, $"{lanes} lanes: input gradient");
            foreach (string name in batch.Keys.Where(name => name.StartsWith("gradient of", StringComparison.Ordinal)))
            {
                double[] mean = [.. Enumerable.Range(0, batch[name].Length).Select(i => alone.Average(results => results[name][i]))];
                Numbers.AssertClose(mean, batch[name], 2e-6, $"{lanes} lanes: {name}");
            }
        }
    }

    [Theory, MemberData(nameof(Examples.Layers), MemberType = typeof(Examples))]
    public void Micro_batches_give_the_gradients_of_the_whole_batch(string example)
    {
        var specimen = new Specimen(example, Specimen.SamplesOfChunks);
        Results whole = specimen.Fast(lanes: 4);
        foreach (int groups in (int[])[1, 16])
        {
            Results parts = specimen.Fast(lanes: 4, microBatchGroups: groups);
            foreach (string name in (string[])["output in evaluation", "output in training", "input gradient"])
                Numbers.AssertClose(whole[name], parts[name], tolerance: 0, $"{groups} groups: {name}");
            whole.AssertClose(parts, 2e-6, $"{groups} groups");
        }
    }
}
