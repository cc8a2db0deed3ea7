namespace Fovea.Onnx;

/// <summary>Which layer a node is: what import and evaluation have in common.</summary>
internal static class NodeLayers
{
    // Of float32 attributes.
    private const float Close = 1e-6f;

    /// <summary>The operators that may be activations.</summary>
    public static IReadOnlyList<string> Activations { get; } =
        ["Relu", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "HardSigmoid", "HardSwish", "Mish", "Gelu", "Swish"];

    /// <summary>The activation that a node is, or null.</summary>
    public static Activation? Activation(OnnxNode node)
    {
        try
        {
            return node.Operation switch
            {
                "Relu" => new ReLU(),
                "LeakyRelu" => new LeakyReLU(node.Float("alpha", 0.01f)),
                "Elu" => new ELU(node.Float("alpha", 1)),
                "Selu" when Is(node.Float("alpha", 1.6732632f), 1.6732632f) && Is(node.Float("gamma", 1.050701f), 1.050701f) => new SELU(),
                "Sigmoid" => new Sigmoid(),
                "Tanh" => new Tanh(),
                "Softplus" => new Softplus(),
                "HardSigmoid" when Is(node.Float("alpha", 0.2f), 1f / 6) && Is(node.Float("beta", 0.5f), 0.5f) => new Hardsigmoid(),
                "HardSwish" => new Hardswish(),
                "Mish" => new Mish(),
                "Gelu" => new GELU { Approximate = node.Text("approximate", "none") == "tanh" },
                "Swish" when Is(node.Float("alpha", 1), 1) => new SiLU(),
                _ => null,
            };
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw node.Error(exception.Message.Split(" (Parameter")[0], inner: exception);
        }
    }

    /// <summary>The convolution that a node is, with the same padding at both ends.</summary>
    public static Conv2D Convolution(OnnxNode node, NodeWindow window, IReadOnlyList<int> weight, bool bias) => new(weight[0], window.Kernel)
    {
        Stride = window.Stride,
        Padding = window.Before,
        Dilation = window.Dilation,
        Groups = (int)Math.Clamp(node.Integer("group", 1), 0, int.MaxValue),
        Bias = bias,
    };

    private static bool Is(float value, float expected) => Math.Abs(value - expected) <= Close * Math.Abs(expected);
}
