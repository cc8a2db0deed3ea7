using System.Text.Json;

namespace Fovea.Tests.Export;

public class SafetensorsModelTests
{
    private static readonly DataDescription s_data = new("digits", new Shape(2, 5, 4), 12, new Normalization([0.5f, 0.25f], [0.125f]), ["no", "\"yes\""]);

    private static TrainedNetwork Trained()
    {
        var network = new Network(ModelSpec.Parse("conv 3 k3 | batchnorm | relu | flatten | linear 2", s_data.Shape) with { Name = "mine" }, seed: 3);
        Laws.Numbers.Randomize(network);
        return new TrainedNetwork(network, new TrainingSettings(), s_data, []);
    }

    [Fact]
    public void A_file_tells_the_model_its_data_and_its_weights()
    {
        using var folder = new TemporaryFolder();
        TrainedNetwork trained = Trained();
        File.WriteAllBytes(folder["m.safetensors"], SafetensorsModel.Write(trained));
        TrainedNetwork read = SafetensorsModel.Read(folder["m.safetensors"]);
        Assert.Equal((trained.Network.Model, "mine"), (read.Network.Model, read.Network.Model.Name));
        Assert.Equal(s_data with { Samples = 0 }, read.Data);
        Assert.Equal("cross-entropy", read.Settings.Loss.Name);
        var x = new Tensor(3, s_data.Shape, Laws.Numbers.Uniform(120, seed: 4));
        Assert.Equal(trained.Network.Predict(x).Values, read.Network.Predict(x).Values);

        // The file by the words of the format alone: a length, a header, numbers.
        byte[] bytes = File.ReadAllBytes(folder["m.safetensors"]);
        using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, BitConverter.ToInt32(bytes)));
        Assert.Equal("pt", header.RootElement.GetProperty("__metadata__").GetProperty("format").GetString());
        Assert.Equal("[0.5, 0.25]", header.RootElement.GetProperty("__metadata__").GetProperty("fovea.normalization.mean").GetString());
        JsonElement bias = header.RootElement.GetProperty("0.bias");
        int start = 8 + BitConverter.ToInt32(bytes) + bias.GetProperty("data_offsets")[0].GetInt32();
        Assert.Equal(trained.Network.GetParameter("0.bias"), bytes[start..(start + 12)].Chunk(4).Select(four => BitConverter.ToSingle(four)));
    }

    [Fact]
    public void A_file_that_tells_no_model_is_given_one()
    {
        using var folder = new TemporaryFolder();
        TrainedNetwork trained = Trained();
        using (FileStream file = File.Create(folder["w.safetensors"])) Safetensors.Write(file, StateDict.Of(trained.Network));
        Assert.Equal($"{folder["w.safetensors"]}: the file holds weights alone, and does not tell of which model. Give the model that they are of (--model).",
            Assert.Throws<DataFormatException>(() => SafetensorsModel.Read(folder["w.safetensors"])).Message);
        TrainedNetwork read = SafetensorsModel.Read(folder["w.safetensors"], trained.Network.Model);
        Assert.Equal(("unknown", Normalization.None), (read.Data.Name, read.Data.Normalization));
        Assert.Equal(["0", "1"], read.Data.ClassNames);
        Assert.Equal(trained.Network.GetParameter("4.weight"), read.Network.GetParameter("4.weight"));
    }

    [Fact]
    public void A_model_that_is_told_takes_no_memory_before_the_tensors_are_known_to_be_its()
    {
        using var folder = new TemporaryFolder();
        // Ten thousand million weights, and a file of some hundred bytes.
        string model = ModelSpec.Parse("linear 100000 | linear 100000", Shape.Flat(10)).ToJson();
        using (FileStream file = File.Create(folder["w.safetensors"])) Safetensors.Write(file, new Dictionary<string, SafetensorsEntry>(), new Dictionary<string, string> { ["fovea.model"] = model });
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exception exception = Assert.ThrowsAny<FoveaException>(() => SafetensorsModel.Read(folder["w.safetensors"]));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        Assert.True(exception is ShapeException or DataFormatException, exception.Message);
    }

    [Theory]
    [InlineData("fovea.normalization.mean", "half")]
    [InlineData("fovea.classes", "[1, 2]")]
    public void Notes_that_are_none_are_named(string key, string value)
    {
        using var folder = new TemporaryFolder();
        TrainedNetwork trained = Trained();
        using (FileStream file = File.Create(folder["w.safetensors"])) Safetensors.Write(file, StateDict.Of(trained.Network), new Dictionary<string, string> { [key] = value });
        Assert.Equal($"{folder["w.safetensors"]}: its metadata {key} are no list: {value}.",
            Assert.Throws<DataFormatException>(() => SafetensorsModel.Read(folder["w.safetensors"], trained.Network.Model)).Message);
    }

    [Theory]
    [InlineData("[0.5]", "[0]", "its metadata on the normalization: expected deviations above 0, got 0. Where all pixels are alike, give 1.")]
    [InlineData("[0.5]", "[]", "its metadata on the normalization: there is no deviation. Give one number for all channels, or one for each.")]
    [InlineData("[0.5, 0.4, 0.3]", "[1]", "its metadata on the normalization: the normalization is of 3 channels, but samples of 2x5x4 have 2. Give one number for all channels, or one for each.")]
    public void A_note_that_cannot_normalize_is_refused_with_the_file(string mean, string deviation, string message)
    {
        using var folder = new TemporaryFolder();
        TrainedNetwork trained = Trained();
        var notes = new Dictionary<string, string> { ["fovea.normalization.mean"] = mean, ["fovea.normalization.deviation"] = deviation };
        using (FileStream file = File.Create(folder["w.safetensors"])) Safetensors.Write(file, StateDict.Of(trained.Network), notes);
        Assert.Equal($"{folder["w.safetensors"]}: {message}",
            Assert.Throws<DataFormatException>(() => SafetensorsModel.Read(folder["w.safetensors"], trained.Network.Model)).Message);
    }
}
