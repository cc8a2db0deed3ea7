using Fovea.Tests.Training;

namespace Fovea.Tests.Models;

public class StateDictTests
{
    private static readonly ModelSpec s_model = ModelSpec.Parse("conv 4 k3x2 p1 | batchnorm | residual(conv 4 k1 ; ; relu) | flatten | linear 3", new Shape(2, 5, 4));

    [Fact]
    public void Names_and_layouts_are_those_of_pytorch()
    {
        var network = new Network(s_model, seed: 5);
        Dictionary<string, SafetensorsEntry> state = StateDict.Of(network);
        // nn.Sequential numbers its modules; a convolution has [filters, channels, rows, columns], a linear layer [outputs, inputs].
        Assert.Equal(["0.bias", "0.weight", "1.bias", "1.running_mean", "1.running_var", "1.weight", "2.body.0.bias", "2.body.0.weight", "4.bias", "4.weight"], state.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([4, 2, 3, 2], state["0.weight"].Shape);
        // Five rows and five columns of four channels: padding 1 around a window of 3 x 2.
        Assert.Equal([3, 100], state["4.weight"].Shape);
        Assert.Equal(network.GetParameter("0.weight"), state["0.weight"].Values);
    }

    [Fact]
    public void A_network_takes_the_weights_of_another()
    {
        var from = new Network(s_model, seed: 5);
        Laws.Numbers.Randomize(from);
        Dictionary<string, SafetensorsEntry> state = StateDict.Of(from);
        // What PyTorch and a checkpoint of a training keep beside the weights does not count.
        state["1.num_batches_tracked"] = new([], [17]);
        state["optimizer.0.weight.mean"] = new([1], [1]);
        var to = new Network(s_model, seed: 6);
        StateDict.Load(to, state, "s");
        foreach (NetworkParameter parameter in from.Parameters.Concat(from.Buffers)) Assert.Equal(from.GetParameter(parameter.Name), to.GetParameter(parameter.Name));
    }

    [Fact]
    public void What_is_missing_unexpected_or_misshapen_is_listed_and_nothing_is_changed()
    {
        var network = new Network(s_model, seed: 5);
        Dictionary<string, SafetensorsEntry> state = StateDict.Of(new Network(s_model, seed: 6));
        state.Remove("0.bias");
        state.Remove("1.running_var");
        state["conv1.bias"] = new([6], new float[6]);
        state["4.weight"] = new([3, 90], new float[270]);
        float[] before = network.GetParameter("0.weight");
        string message = Assert.Throws<DataFormatException>(() => StateDict.Load(network, state, "w.safetensors")).Message;
        Assert.Equal($"w.safetensors: the weights are not those of {s_model}: missing: 0.bias [4], 1.running_var [4]; unexpected: conv1.bias [6]; misshapen: 4.weight is [3, 90] instead of [3, 100].", message);
        Assert.Equal(before, network.GetParameter("0.weight"));
        StateDictDifference difference = StateDict.Compare(s_model, state);
        Assert.Equal((2, 1, 1, false), (difference.Missing.Count, difference.Unexpected.Count, difference.Misshapen.Count, difference.IsEmpty));
    }

    [Fact]
    public void A_very_long_list_is_cut()
    {
        var network = new Network(ModelSpec.Parse("flatten | linear 3", new Shape(1, 2, 2)));
        var tensors = Enumerable.Range(0, 50).ToDictionary(i => $"x{i}", _ => new SafetensorsEntry([0], []));
        Assert.EndsWith("x39 [0], and 10 more.", Assert.Throws<DataFormatException>(() => StateDict.Load(network, tensors, "w")).Message);
    }

    [Fact]
    public void A_training_begins_with_the_weights_of_a_file_and_goes_on_without_it()
    {
        using var folder = new TemporaryFolder();
        ModelSpec model = Problems.Model;
        var from = new Network(model, seed: 77);
        using (FileStream file = File.Create(folder["w.safetensors"])) Safetensors.Write(file, StateDict.Of(from));
        var settings = new TrainingSettings { Epochs = 2, Weights = folder["w.safetensors"] };
        var trainer = new Trainer(model, Problems.Bars(50), settings);
        Assert.Equal(from.GetParameter("0.weight"), trainer.Network.GetParameter("0.weight"));
        trainer.Save(folder["run"]);
        File.Delete(folder["w.safetensors"]);
        Assert.Equal(from.GetParameter("0.weight"), Trainer.Resume(folder["run"], Problems.Bars(50)).Network.GetParameter("0.weight"));
        Assert.Throws<FileNotFoundException>(() => new Trainer(model, Problems.Bars(50), settings));
    }
}
