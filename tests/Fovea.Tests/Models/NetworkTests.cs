using Fovea.Tests.Laws;

namespace Fovea.Tests.Models;

public class NetworkTests
{
    private static Network Create(string text, Shape input, ulong seed = 1) => new(ModelSpec.Parse(text, input), seed);

    [Fact]
    public void Parameters_are_named_and_shaped_as_in_a_sequential_of_pytorch()
    {
        Network network = Create("conv 6 k3x2 g2 | batchnorm | relu | conv 5 k1 nobias | flatten | linear 7", new Shape(4, 5, 4));
        // 6 filters over 4 / 2 channels; the output 6x3x3 becomes 5x3x3 = 45.
        Assert.Equal(
            ["0.weight [6, 2, 3, 2]", "0.bias [6]", "1.weight [6]", "1.bias [6]", "3.weight [5, 6, 1, 1]", "5.weight [7, 45]", "5.bias [7]"],
            network.Parameters.Select(Text));
        Assert.Equal(["1.running_mean [6]", "1.running_var [6]"], network.Buffers.Select(Text));

        static string Text(NetworkParameter parameter) => $"{parameter.Name} [{string.Join(", ", parameter.Shape)}]";
    }

    [Fact]
    public void Initial_weights_are_uniform_within_one_by_the_root_of_the_fan_in()
    {
        // Kaiming uniform with a = sqrt(5), PyTorch's default: bound = sqrt(6 / ((1 + 5) fan-in)) = 1 / sqrt(fan-in), for biases too.
        Network network = Create("conv 64 k5x3 | flatten | linear 100", new Shape(6, 9, 7), seed: 3);
        foreach (var (name, fanIn) in ((string, int)[])[("0.weight", 6 * 5 * 3), ("0.bias", 6 * 5 * 3), ("2.weight", 64 * 5 * 5), ("2.bias", 64 * 5 * 5)])
        {
            float[] values = network.GetParameter(name);
            double bound = 1 / Math.Sqrt(fanIn), mean = values.Average(), variance = values.Average(value => (double)value * value);
            Assert.All(values, value => Assert.InRange(Math.Abs(value), 0, bound));
            // The mean of n uniform numbers has the deviation bound / sqrt(3 n), that of their squares bound^2 sqrt(4/45) / sqrt(n).
            Assert.InRange(mean, -5 * bound / Math.Sqrt(3.0 * values.Length), 5 * bound / Math.Sqrt(3.0 * values.Length));
            double spread = 5 * bound * bound * Math.Sqrt(4.0 / 45) / Math.Sqrt(values.Length);
            Assert.InRange(variance, bound * bound / 3 - spread, bound * bound / 3 + spread);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        float[] Weights(ulong seed) => Create("conv 4 k3", new Shape(3, 5, 4), seed).GetParameter("0.weight");
        Assert.Equal(Weights(1), Weights(1));
        Assert.NotEqual(Weights(1), Weights(2));
        // The seed's upper half counts too.
        Assert.NotEqual(Weights(1), Weights(1 + (1UL << 40)));
    }

    [Fact]
    public void Batch_normalization_begins_as_the_identity()
    {
        Network network = Create("batchnorm", new Shape(3, 5, 4));
        Assert.Equal([1, 1, 1], network.GetParameter("0.weight"));
        Assert.Equal([0, 0, 0], network.GetParameter("0.bias"));
        Assert.Equal([0, 0, 0], network.GetParameter("0.running_mean"));
        Assert.Equal([1, 1, 1], network.GetParameter("0.running_var"));
    }

    [Fact]
    public void What_is_set_is_got_back_and_nothing_else_changes()
    {
        Network network = Create("conv 17 k3x2 | batchnorm | flatten | linear 5", new Shape(3, 5, 4));
        var before = network.Parameters.Concat(network.Buffers).ToDictionary(p => p.Name, p => network.GetParameter(p.Name));
        float[] values = [.. Enumerable.Range(0, before["0.weight"].Length).Select(i => (float)i)];
        network.SetParameter("0.weight", values);
        network.SetParameter("1.running_var", [.. Enumerable.Range(1, 17).Select(i => (float)i)]);

        Assert.Equal(values, network.GetParameter("0.weight"));
        Assert.Equal(17, network.GetParameter("1.running_var")[16]);
        foreach (string name in before.Keys.Except(["0.weight", "1.running_var"])) Assert.Equal(before[name], network.GetParameter(name));
    }

    [Fact]
    public void Weights_lie_as_in_pytorch()
    {
        // y = w x by hand: [1 2 3; 4 5 6] (1, 10, 100) = (321, 654).
        Network network = Create("linear 2 nobias", Shape.Flat(3));
        network.SetParameter("0.weight", [1, 2, 3, 4, 5, 6]);
        Assert.Equal([321, 654], network.Predict(new Tensor(1, Shape.Flat(3), [1, 10, 100])).Values);

        // The worked example of the Toeplitz matrix: every output is -40.
        network = Create("conv 1 k3 nobias", new Shape(1, 4, 4));
        network.SetParameter("0.weight", [-1, 0, 1, -2, 0, 2, -1, 0, 1]);
        float[] image = [10, 10, 0, 0, 10, 10, 0, 0, 10, 10, 0, 0, 10, 10, 0, 0];
        Assert.Equal([-40, -40, -40, -40], network.Predict(new Tensor(1, new Shape(1, 4, 4), image)).Values);
    }

    [Fact]
    public void Predictions_of_any_number_of_samples_are_those_of_each()
    {
        Network network = Create("conv 5 k3 | batchnorm | relu | dropout | flatten | linear 4 | softmax", new Shape(2, 5, 4));
        var input = new Tensor(600, network.Input, Numbers.Uniform(600 * network.Input.Count, seed: 2));
        float[] all = network.Predict(input).Values;
        Assert.Equal(600 * 4, all.Length);
        foreach (int sample in (int[])[0, 1, 255, 256, 599])
        {
            float[] alone = network.Predict(new Tensor(1, network.Input, input[sample].ToArray())).Values;
            Numbers.AssertClose(alone.ToDouble(), all.AsSpan(sample * 4, 4).ToDouble(), 1e-6, $"sample {sample}");
            Assert.Equal(1, alone.Sum(), 1e-5f);
        }
        Assert.Empty(network.Predict(new Tensor(0, network.Input)).Values);
    }

    [Fact]
    public void A_prediction_after_a_change_of_weights_is_of_the_new_weights()
    {
        Network network = Create("linear 1 nobias", Shape.Flat(1));
        foreach (float weight in (float[])[2, -3])
        {
            network.SetParameter("0.weight", [weight]);
            Assert.Equal([5 * weight], network.Predict(new Tensor(1, Shape.Flat(1), [5])).Values);
        }
    }

    [Fact]
    public async Task Threads_that_share_a_network_get_the_answers_that_one_alone_gets()
    {
        const int Threads = 4, Rounds = 40;
        Network network = Create("conv 8 k3 | relu | maxpool 2 | flatten | linear 10 | softmax", new Shape(1, 14, 14));
        // Single images and batches, smaller and larger ones in turn: each way has memory of its own.
        (Tensor Input, float[] Alone)[][] asked = [.. Enumerable.Range(0, Threads).Select(thread => ((Tensor, float[])[])
            [.. Enumerable.Range(0, Rounds).Select(round =>
            {
                int samples = (round % 4) switch { 0 => 1, 1 => 5, 2 => 2, _ => 40 + round };
                var input = new Tensor(samples, network.Input, Numbers.Uniform(samples * network.Input.Count, seed: (uint)(thread * Rounds + round)));
                return (input, Create("conv 8 k3 | relu | maxpool 2 | flatten | linear 10 | softmax", new Shape(1, 14, 14)).Predict(input).Values);
            })])];
        int wrong = 0;
        using var start = new Barrier(Threads);
        Task[] tasks = [.. asked.Select(mine => Task.Factory.StartNew(() =>
        {
            start.SignalAndWait();
            foreach (var (input, alone) in mine)
            {
                for (int again = 0; again < 5; again++) if (!network.Predict(input).Values.AsSpan().SequenceEqual(alone)) Interlocked.Increment(ref wrong);
            }
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        await Task.WhenAll(tasks);
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void Wrong_names_lengths_and_shapes_are_refused()
    {
        Network network = Create("conv 2 k3", new Shape(1, 5, 4));
        Assert.Equal("there is no parameter \"1.weight\". There are: 0.weight, 0.bias. (Parameter 'name')",
            Assert.Throws<ArgumentException>(() => network.GetParameter("1.weight")).Message);
        Assert.Equal("parameter 0.weight is [2, 1, 3, 3], 18 numbers, but 17 were given. (Parameter 'values')",
            Assert.Throws<ArgumentException>(() => network.SetParameter("0.weight", new float[17])).Message);
        Assert.Equal("the network takes 1x5x4, but the samples are 1x4x5. (Parameter 'input')",
            Assert.Throws<ArgumentException>(() => network.Predict(new Tensor(1, new Shape(1, 4, 5)))).Message);
    }

    [Fact]
    public void More_parameters_than_an_array_holds_are_refused()
    {
        // 134,217,728 weights, but each input's row is padded to 16 outputs.
        var exception = Assert.Throws<FoveaException>(() => Create("flatten | linear 1", new Shape(1 << 7, 1 << 10, 1 << 10)));
        Assert.Equal("the model has more parameters than an array holds, from layer 2 linear(features 1) on. Use smaller sizes.", exception.Message);
        // Their number fits an int; with the padding it does not.
        exception = Assert.Throws<FoveaException>(() => Create("linear 2147483647 nobias", Shape.Flat(1)));
        Assert.Equal("the model has more parameters than an array holds, from layer 1 linear(features 2147483647, bias false) on. Use smaller sizes.", exception.Message);
    }

    [Fact]
    public void A_plan_whose_memory_cannot_be_had_is_tried_again()
    {
        // 900 million pixels, of which each takes a vector.
        var network = new Network(ModelSpec.Parse("upsample 30000 | globalavgpool", new Shape(1, 1, 1)));
        var image = new Tensor(1, new Shape(1, 1, 1));
        Exception first = Assert.ThrowsAny<Exception>(() => network.Predict(image)), second = Assert.ThrowsAny<Exception>(() => network.Predict(image));
        Assert.NotSame(first, second);
    }
}
