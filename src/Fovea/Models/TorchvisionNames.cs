using System.Globalization;

namespace Fovea;

/// <summary>
/// What torchvision calls the modules of the zoo's models that are its own: there they have names of their own, "layer1.0.conv2", where an nn.Sequential
/// numbers them, "4.body.3".
/// </summary>
internal static class TorchvisionNames
{
    /// <summary>The tensors of a state_dict by a network's own names, where they have torchvision's; otherwise as they are.</summary>
    /// <param name="model">The network's model.</param>
    /// <param name="tensors">The tensors by their names.</param>
    public static IReadOnlyDictionary<string, SafetensorsEntry> Translate(ModelSpec model, IReadOnlyDictionary<string, SafetensorsEntry> tensors)
    {
        // The model must be torchvision's layer by layer, not by name alone.
        if (model.Name is not { } name || Zoo.Find(name) is not { } zoo || !zoo.Layers.SequenceEqual(model.Layers)) return tensors;
        var ours = new Dictionary<string, string>();
        foreach (NetworkParameter parameter in StateDict.Entries(model))
        {
            int end = parameter.Name.LastIndexOf('.');
            if (Module(model.Layers, name, parameter.Name[..end].Split('.')) is { } module) ours[module + parameter.Name[end..]] = parameter.Name;
        }
        // Where a file has both names of a tensor, the other is left over.
        return tensors.ToDictionary(tensor => ours.TryGetValue(tensor.Key, out string? own) && !tensors.ContainsKey(own) ? own : tensor.Key, tensor => tensor.Value);
    }

    // The module at a path such as 4, body, 3; null for a model that torchvision does not have.
    private static string? Module(IReadOnlyList<Layer> layers, string model, string[] path)
    {
        int index = Number(path[0]);
        return model switch
        {
            "resnet18" => ResNet(index, path),
            "mobilenet-v2" => MobileNet(layers, index, path),
            "alexnet" or "vgg11" or "vgg16" => Divided(index, layers.ToList().FindIndex(layer => layer is AdaptiveAvgPool2D), 2),
            "squeezenet" or "squeezenet1.0" => path.Length == 1 ? Divided(index, layers.ToList().FindIndex(layer => layer is Dropout), 0)
                : $"features.{index}.{(path.Length == 2 ? "squeeze" : path[2] == "0" ? "expand1x1" : "expand3x3")}",
            _ => null,
        };
    }

    // Features up to a layer, and from some layers after it on a classifier; each numbered from 0.
    private static string Divided(int index, int border, int between) => index < border ? $"features.{index}" : $"classifier.{index - border - between}";

    // A stem of four layers, eight blocks in pairs, and a linear layer after pooling and flattening.
    private static string ResNet(int index, string[] path)
    {
        const int stem = 4, blocksOfStage = 2;
        if (path.Length == 1) return index switch { 0 => "conv1", 1 => "bn1", _ => "fc" };
        string part = string.Join('.', path[1..]) switch
        {
            "body.0" => "conv1",
            "body.1" => "bn1",
            "body.3" => "conv2",
            "body.4" => "bn2",
            var shortcut => shortcut.Replace("shortcut", "downsample"),
        };
        return $"layer{1 + (index - stem) / blocksOfStage}.{(index - stem) % blocksOfStage}.{part}";
    }

    // A convolution, its normalization and its activation are one module there, but for the last convolution of a block and its normalization.
    private static string MobileNet(IReadOnlyList<Layer> layers, int index, string[] path)
    {
        const int together = 3;
        if (layers[index] is Linear) return "classifier.1";
        int after = layers.ToList().FindLastIndex(layer => layer is Composite) + 1;
        if (path.Length == 1) return index < together ? $"features.0.{index}" : $"features.{after - together + 1}.{index - after}";
        var block = (Composite)layers[index];
        int place = Number(path[^1]), last = block.Inner.Count() - 2;
        string module = place < last ? $"{place / together}.{place % together}" : $"{last / together + place - last}";
        return $"features.{index - together + 1}.conv.{module}";
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
