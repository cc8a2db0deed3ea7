namespace Fovea.Tests.Models;

public class TorchvisionNamesTests
{
    // Names of modules with weights as torchvision prints them, in the order of its state_dict, which is that of the layers.
    [Theory]
    [InlineData("alexnet", "features.0 features.3 features.6 features.8 features.10 classifier.1 classifier.4 classifier.6")]
    [InlineData("vgg11", "features.0 features.3 features.6 features.8 features.11 features.13 features.16 features.18 classifier.0 classifier.3 classifier.6")]
    [InlineData("resnet18", "conv1 bn1 layer1.0.conv1 layer1.0.bn1 layer1.0.conv2 layer1.0.bn2 layer1.1.conv1 layer1.1.bn1 layer1.1.conv2 layer1.1.bn2"
        + " layer2.0.conv1 layer2.0.bn1 layer2.0.conv2 layer2.0.bn2 layer2.0.downsample.0 layer2.0.downsample.1 layer2.1.conv1 layer2.1.bn1 layer2.1.conv2 layer2.1.bn2"
        + " layer3.0.conv1 layer3.0.bn1 layer3.0.conv2 layer3.0.bn2 layer3.0.downsample.0 layer3.0.downsample.1 layer3.1.conv1 layer3.1.bn1 layer3.1.conv2 layer3.1.bn2"
        + " layer4.0.conv1 layer4.0.bn1 layer4.0.conv2 layer4.0.bn2 layer4.0.downsample.0 layer4.0.downsample.1 layer4.1.conv1 layer4.1.bn1 layer4.1.conv2 layer4.1.bn2 fc")]
    [InlineData("squeezenet", "features.0 features.3.squeeze features.3.expand1x1 features.3.expand3x3 features.4.squeeze features.4.expand1x1 features.4.expand3x3"
        + " features.6.squeeze features.6.expand1x1 features.6.expand3x3 features.7.squeeze features.7.expand1x1 features.7.expand3x3"
        + " features.9.squeeze features.9.expand1x1 features.9.expand3x3 features.10.squeeze features.10.expand1x1 features.10.expand3x3"
        + " features.11.squeeze features.11.expand1x1 features.11.expand3x3 features.12.squeeze features.12.expand1x1 features.12.expand3x3 classifier.1")]
    public void Models_take_weights_by_torchvisions_names(string name, string modules)
    {
        ModelSpec model = Zoo.Get(name);
        Assert.Equal(Weights(model), Translated(model, modules.Split(' ')));
        // A last layer of other classes is no longer torchvision's model.
        ModelSpec changed = model with { Layers = [.. model.Layers.SkipLast(1), new Tanh()] };
        var state = new Dictionary<string, SafetensorsEntry> { [$"{modules.Split(' ')[0]}.weight"] = new([1], [1]) };
        Assert.Equal(state.Keys, TorchvisionNames.Translate(changed, state).Keys);
    }

    [Fact]
    public void The_modules_of_mobilenet_nest_as_there()
    {
        ModelSpec model = Zoo.Get("mobilenet-v2");
        string[] weights = [.. Weights(model)];
        Assert.Equal(weights[..13], Translated(model, "features.0.0", "features.0.1", "features.1.conv.0.0", "features.1.conv.0.1", "features.1.conv.1", "features.1.conv.2",
            "features.2.conv.0.0", "features.2.conv.0.1", "features.2.conv.1.0", "features.2.conv.1.1", "features.2.conv.2", "features.2.conv.3", "features.3.conv.0.0"));
        Assert.Equal(weights[^4..], Translated(model, "features.17.conv.3", "features.18.0", "features.18.1", "classifier.1"));
    }

    [Fact]
    public void A_tensor_by_both_names_is_unexpected_by_the_other()
    {
        var tensors = new Dictionary<string, SafetensorsEntry> { ["conv1.weight"] = new([1], [1]), ["0.weight"] = new([64, 3, 7, 7], new float[64 * 3 * 7 * 7]), ["fc.bias"] = new([1000], new float[1000]) };
        StateDictDifference difference = StateDict.Compare(Zoo.Get("resnet18"), tensors);
        Assert.Equal("conv1.weight", Assert.Single(difference.Unexpected).Name);
        Assert.Empty(difference.Misshapen);
    }

    private static IEnumerable<string> Weights(ModelSpec model) =>
        StateDict.Entries(model).Select(entry => entry.Name).Where(name => name.EndsWith(".weight", StringComparison.Ordinal));

    // What the network calls the weights of torchvision's modules.
    private static IEnumerable<string> Translated(ModelSpec model, params IEnumerable<string> modules) =>
        TorchvisionNames.Translate(model, modules.ToDictionary(module => $"{module}.weight", _ => new SafetensorsEntry([], [0]))).Keys;
}
