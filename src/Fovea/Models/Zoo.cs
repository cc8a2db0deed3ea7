namespace Fovea;

/// <summary>Models that have a name.</summary>
public static class Zoo
{
    private static readonly Shape s_photo = new(3, 224, 224), s_thumbnail = new(3, 32, 32);

    // Texts that are put together are so only when the model is asked for.
    private sealed record Entry(string Name, string Description, Shape Input, Func<string> Text);

    private static readonly Entry[] s_models =
    [
        new("stride1", "5x5 convolution and pooling, both with stride 1, on 28x28 digits", new Shape(1, 28, 28),
            () => "conv 32 k5 p2 | relu | maxpool 5 s1 | flatten | linear 128 | relu | linear 10 | logsoftmax"),
        new("stride2", "the same with stride 2: a twentieth of the parameters", new Shape(1, 28, 28),
            () => "conv 32 k5 s2 p2 | relu | maxpool 5 s2 | flatten | linear 128 | relu | linear 10 | logsoftmax"),
        new("lenet5", "LeNet-5 with ReLU and max-pooling, on 32x32 digits", new Shape(1, 32, 32),
            () => "conv 6 k5 | relu | maxpool 2 | conv 16 k5 | relu | maxpool 2 | conv 120 k5 | relu | flatten | linear 84 | relu | linear 10 | logsoftmax"),
        new("lenet5-classic", "LeNet-5 with tanh and average pooling, as in 1998", new Shape(1, 32, 32),
            () => "conv 6 k5 | tanh | avgpool 2 | conv 16 k5 | tanh | avgpool 2 | conv 120 k5 | tanh | flatten | linear 84 | tanh | linear 10 | logsoftmax"),
        new("vgg-small", "three 3x3 convolutions of 64 to 128 channels, on 32x32 colour images", new Shape(3, 32, 32),
            () => "conv 64 k3 p1 | relu | conv 64 k3 p1 | relu | maxpool 2 | conv 128 k3 p1 | relu | maxpool 2 | flatten | linear 256 | relu | linear 10 | logsoftmax"),
        new("depthwise", "depthwise separable convolutions on 28x28 digits, as in MobileNet: 9,034 parameters", new Shape(1, 28, 28),
            () => ZooBlocks.Depthwise("conv 16 k3 s2 p1 nobias | batchnorm | relu", 16, [(32, 1), (64, 2), (64, 1)],
                "globalavgpool | flatten | linear 10 | logsoftmax")),
        new("resnet20", "ResNet-20 with projections, for 32x32 colour images: 3 stages of 16, 32 and 64 channels", s_thumbnail,
            () => ZooBlocks.ResNet("conv 16 k3 p1 nobias | batchnorm | relu", channels: 16, stages: 3, blocks: 3, "globalavgpool | flatten | linear 10")),
        new("densenet-small", "DenseNet-BC of 40 layers, growing by 12 channels, for 32x32 colour images", s_thumbnail,
            () => ZooBlocks.DenseNet(growth: 12, layersOfBlock: 6, classes: 10)),
        new("alexnet", "AlexNet for 224x224 photos of 1,000 classes, as in torchvision", s_photo,
            () => "conv 64 k11 s4 p2 | relu | maxpool 3 s2 | conv 192 k5 p2 | relu | maxpool 3 s2 | conv 384 k3 p1 | relu | conv 256 k3 p1 | relu"
                + " | conv 256 k3 p1 | relu | maxpool 3 s2 | adaptiveavgpool 6 | flatten inline | dropout | linear 4096 | relu | dropout | linear 4096 | relu | linear 1000"),
        new("vgg11", "VGG-11 for 224x224 photos of 1,000 classes, as in torchvision", s_photo, () => ZooBlocks.Vgg("64 P 128 P 256 256 P 512 512 P 512 512 P")),
        new("vgg16", "VGG-16 for 224x224 photos of 1,000 classes, as in torchvision", s_photo,
            () => ZooBlocks.Vgg("64 64 P 128 128 P 256 256 256 P 512 512 512 P 512 512 512 P")),
        new("resnet18", "ResNet-18 for 224x224 photos of 1,000 classes, as in torchvision", s_photo,
            () => ZooBlocks.ResNet("conv 64 k7 s2 p3 nobias | batchnorm | relu | maxpool 3 s2 p1", channels: 64, stages: 4, blocks: 2,
                "globalavgpool | flatten inline | linear 1000")),
        new("mobilenet-v2", "MobileNet-V2 for 224x224 photos of 1,000 classes, as in torchvision", s_photo, ZooBlocks.MobileNetV2),
        new("squeezenet", "SqueezeNet 1.1 for 224x224 photos of 1,000 classes, as in torchvision", s_photo,
            () => ZooBlocks.SqueezeNet("conv 64 k3 s2", "P 16 16 P 32 32 P 48 48 64 64")),
        new("squeezenet1.0", "SqueezeNet 1.0 for 224x224 photos of 1,000 classes, as in torchvision", s_photo,
            () => ZooBlocks.SqueezeNet("conv 96 k7 s2", "P 16 16 32 P 32 48 48 64 P 64")),
    ];

    /// <summary>The names.</summary>
    public static IEnumerable<string> Names => s_models.Select(m => m.Name);

    /// <summary>The names and what the models are.</summary>
    public static IEnumerable<(string Name, string Description)> Models => s_models.Select(m => (m.Name, m.Description));

    /// <summary>The model of this name.</summary>
    /// <exception cref="ModelFormatException">There is none.</exception>
    public static ModelSpec Get(string name) => Find(name)
        ?? throw new ModelFormatException(
            $"there is no model \"{name}\". {Nearest.Hint(name, Names)}Known models: {string.Join(", ", Names)}.");

    /// <summary>The model of this name, or null.</summary>
    public static ModelSpec? Find(string name)
    {
        Entry? model = Array.Find(s_models, model => model.Name == name);
        return model is null ? null : ModelSpec.Parse(model.Text(), model.Input) with { Name = model.Name };
    }
}
