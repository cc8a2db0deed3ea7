using static Fovea.PythonText;

namespace Fovea;

/// <summary>Layers as calls that make PyTorch's modules.</summary>
internal sealed class PyTorchModules
{
    private readonly HashSet<string> _classes = [];

    /// <summary>The classes that the modules need beside PyTorch's own.</summary>
    public IEnumerable<string> Classes => s_classes.Where(pair => _classes.Contains(pair.Name)).Select(pair => pair.Text);

    private static readonly (string Name, string Text)[] s_classes =
    [
        ("Residual", """
            class Residual(nn.Module):
                "What the body gives, plus the input, or plus what the shortcut makes of it."

                def __init__(self, body, shortcut=None, activation=None):
                    super().__init__()
                    self.body = body
                    self.shortcut = shortcut
                    self.activation = activation

                def forward(self, x):
                    y = self.body(x) + (x if self.shortcut is None else self.shortcut(x))
                    return y if self.activation is None else self.activation(y)
            """),
        ("Concat", """
            class Concat(nn.ModuleList):
                "Lays what its rows make of the input side by side, along the channels."

                def forward(self, x):
                    return torch.cat([row(x) for row in self], dim=1)
            """),
        ("CircularPad", """
            class CircularPad(nn.Module):
                "Pixels left, right, above and below, taken from the opposite side."

                def __init__(self, padding):
                    super().__init__()
                    self.padding = padding

                def forward(self, x):
                    return nn.functional.pad(x, self.padding, mode="circular")
            """),
    ];

    /// <summary>The modules of layers, one below the other, with what each gives.</summary>
    public string Row(IReadOnlyList<Layer> layers, Shape input)
    {
        var lines = new List<string>();
        foreach (Layer layer in layers)
        {
            string call = Module(layer, input);
            input = layer.OutputShape(input);
            lines.Add($"{call},  # {input}");
        }
        return string.Join('\n', lines);
    }

    private string Sequential(IReadOnlyList<Layer> layers, Shape input) => layers.Count == 0 ? "nn.Sequential()" : Block("nn.Sequential(", Row(layers, input), ")");

    private static string Block(string begin, string inner, string end) => $"{begin}\n{Indent(inner, 4)}\n{end}";

    private string Module(Layer layer, Shape input) => layer switch
    {
        Residual residual => Sum(residual, input),
        Concat concat => SideBySide(concat, input),
        Branch branch => Sequential(branch.Layers, input),
        Conv2D c => Call("nn.Conv2d", [Of(input.Channels), Of(c.Filters), Of(c.Kernel)],
            ("stride", Of(c.Stride), "1"), ("padding", Of(c.Padding), "0"), ("dilation", Of(c.Dilation), "1"), ("groups", Of(c.Groups), "1"), ("bias", Of(c.Bias), "True")),
        ConvTranspose2D c => Call("nn.ConvTranspose2d", [Of(input.Channels), Of(c.Filters), Of(c.Kernel)], ("stride", Of(c.Stride), "1"), ("padding", Of(c.Padding), "0"),
            ("output_padding", Of(c.OutputPadding), "0"), ("groups", Of(c.Groups), "1"), ("bias", Of(c.Bias), "True"), ("dilation", Of(c.Dilation), "1")),
        MaxPool2D p => Call("nn.MaxPool2d", [Of(p.Kernel)], ("stride", Of(p.Stride ?? p.Kernel), Of(p.Kernel)), ("padding", Of(p.Padding), "0"), ("ceil_mode", Of(p.CeilMode), "False")),
        AvgPool2D p => Call("nn.AvgPool2d", [Of(p.Kernel)], ("stride", Of(p.Stride ?? p.Kernel), Of(p.Kernel)), ("padding", Of(p.Padding), "0"), ("ceil_mode", Of(p.CeilMode), "False"),
            ("count_include_pad", Of(p.CountIncludePad), "True")),
        GlobalAvgPool2D => "nn.AdaptiveAvgPool2d(1)",
        GlobalMaxPool2D => "nn.AdaptiveMaxPool2d(1)",
        AdaptiveAvgPool2D p => $"nn.AdaptiveAvgPool2d({Of(p.Output)})",
        AdaptiveMaxPool2D p => $"nn.AdaptiveMaxPool2d({Of(p.Output)})",
        ZeroPad2D p => $"nn.ZeroPad2d({Sides(p)})",
        ReflectionPad2D p => $"nn.ReflectionPad2d({Sides(p)})",
        ReplicationPad2D p => $"nn.ReplicationPad2d({Sides(p)})",
        CircularPad2D p => $"{Own("CircularPad")}({Sides(p)})",
        Upsample u => Call("nn.Upsample", [], ("scale_factor", Of(u.Scale), ""), ("mode", Of(u.Bilinear ? "bilinear" : "nearest"), Of("nearest")),
            ("align_corners", u.Bilinear ? Of(u.AlignCorners) : "", "")),
        Linear l => Call("nn.Linear", [Of(input.Count), Of(l.Features)], ("bias", Of(l.Bias), "True")),
        Flatten => "nn.Flatten()",
        Dropout d => $"nn.Dropout({Of(d.Probability)})",
        Dropout2D d => $"nn.Dropout2d({Of(d.Probability)})",
        BatchNorm2D n => Call("nn.BatchNorm2d", [Of(input.Channels)], Epsilon(n.Epsilon), ("momentum", Of(n.Momentum), "0.1")),
        GroupNorm n => Call("nn.GroupNorm", [Of(n.Groups), Of(input.Channels)], Epsilon(n.Epsilon), ("affine", Of(n.Affine), "True")),
        LayerNorm n => Call("nn.LayerNorm", [List((int[])(input.IsFlat ? [input.Count] : [input.Channels, input.Height, input.Width]))], Epsilon(n.Epsilon),
            ("elementwise_affine", Of(n.Affine), "True")),
        InstanceNorm2D n => Call("nn.InstanceNorm2d", [Of(input.Channels)], Epsilon(n.Epsilon), ("affine", Of(n.Affine), "False")),
        ReLU => "nn.ReLU()",
        LeakyReLU a => $"nn.LeakyReLU({Of(a.Slope)})",
        PReLU a => $"nn.PReLU({Of(a.PerChannel ? input.Channels : 1)})",
        ReLU6 => "nn.ReLU6()",
        ELU a => $"nn.ELU({Of(a.Alpha)})",
        SELU => "nn.SELU()",
        GELU a => a.Approximate ? "nn.GELU(approximate=\"tanh\")" : "nn.GELU()",
        SiLU => "nn.SiLU()",
        Mish => "nn.Mish()",
        Softplus a => $"nn.Softplus({Of(a.Beta)}, {Of(a.Threshold)})",
        Hardswish => "nn.Hardswish()",
        Hardsigmoid => "nn.Hardsigmoid()",
        Sigmoid => "nn.Sigmoid()",
        Tanh => "nn.Tanh()",
        Softmax => "nn.Softmax(dim=1)",
        LogSoftmax => "nn.LogSoftmax(dim=1)",
        _ => throw new FoveaException($"{layer}: it cannot be written for PyTorch yet. Leave it out, or replace it."),
    };

    private string Sum(Residual residual, Shape input)
    {
        var parts = new List<string> { Sequential(residual.Body, input) };
        if (residual.Shortcut.Count > 0) parts.Add($"shortcut={Sequential(residual.Shortcut, input)}");
        if (residual.Activation is { } activation) parts.Add($"activation={Module(activation, residual.OutputShape(input))}");
        return Block($"{Own("Residual")}(", string.Join('\n', parts.Select(part => part + ",")), ")");
    }

    private string SideBySide(Concat concat, Shape input) =>
        Block($"{Own("Concat")}([", string.Join('\n', concat.Branches.Select(row => Sequential(row, input) + ",")), "])");

    // Left, right, above, below.
    private static string Sides(Pad2D pad) =>
        $"({Of(pad.Padding.Width)}, {Of(pad.Right ?? pad.Padding.Width)}, {Of(pad.Padding.Height)}, {Of(pad.Bottom ?? pad.Padding.Height)})";

    private static (string, string, string) Epsilon(float value) => ("eps", Of(value), Of(1e-5f));

    private string Own(string name)
    {
        _classes.Add(name);
        return name;
    }
}
