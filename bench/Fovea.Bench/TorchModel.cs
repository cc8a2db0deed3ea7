using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Torch = TorchSharp.torch.Tensor;

namespace Fovea.Bench;

/// <summary>The same models, losses and optimizers in libtorch: the opponent of the benchmark, and the oracle of the tests.</summary>
internal static class TorchModel
{
    /// <summary>A network's layers as modules, with a copy of its weights.</summary>
    /// <param name="network">The network.</param>
    /// <param name="channelsLast">Keeps the convolutions' weights in N x H x W x C order, as libtorch prefers for some shapes.</param>
    public static Sequential Create(Network network, bool channelsLast = false)
    {
        ModelSpec model = network.Model;
        Sequential sequential = Row(model.Layers, model.Input);
        Dictionary<string, Torch> state = sequential.state_dict();
        using (no_grad())
        {
            foreach (NetworkParameter parameter in network.Parameters.Concat(network.Buffers))
            {
                using Torch values = tensor(network.GetParameter(parameter.Name), [.. parameter.Shape.Select(e => (long)e)]);
                state[parameter.Name].copy_(values);
            }
            if (channelsLast)
            {
                foreach (Conv2d conv in sequential.modules().OfType<Conv2d>()) conv.weight = Parameter(ChannelsLast(conv.weight).clone());
            }
        }
        return sequential;
    }

    /// <summary>A batch of images.</summary>
    public static Torch Input(Tensor batch, bool channelsLast = false)
    {
        Torch images = tensor(batch.Values, [batch.Samples, batch.Shape.Channels, batch.Shape.Height, batch.Shape.Width]);
        if (!channelsLast) return images;
        using (images) return ChannelsLast(images);
    }

    /// <summary>The same numbers, the channels side by side in memory.</summary>
    public static Torch ChannelsLast(Torch x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    private static Sequential Row(IReadOnlyList<Layer> layers, Shape input)
    {
        var modules = new List<(string, Module<Torch, Torch>)>();
        foreach (Layer layer in layers)
        {
            modules.Add(($"{modules.Count}", Module(layer, input)));
            input = layer.OutputShape(input);
        }
        return Sequential([.. modules]);
    }

    private static Module<Torch, Torch> Module(Layer layer, Shape input) => layer switch
    {
        Residual r => new Sum(Row(r.Body, input), r.Shortcut.Count == 0 ? null : Row(r.Shortcut, input), r.Activation is null ? null : Module(r.Activation, input)),
        Concat c => new SideBySide([.. c.Branches.Select(branch => Row(branch, input))]),
        Branch b => Row(b.Layers, input),
        Conv2D c => Conv2d(input.Channels, c.Filters, Pair(c.Kernel), Pair(c.Stride), Pair(c.Padding), Pair(c.Dilation), groups: c.Groups, bias: c.Bias),
        ConvTranspose2D c => ConvTranspose2d(input.Channels, c.Filters, Pair(c.Kernel), Pair(c.Stride), Pair(c.Padding), Pair(c.OutputPadding), Pair(c.Dilation), groups: c.Groups, bias: c.Bias),
        AdaptiveAvgPool2D p => AdaptiveAvgPool2d([p.Output.Height, p.Output.Width]),
        AdaptiveMaxPool2D p => AdaptiveMaxPool2d([p.Output.Height, p.Output.Width]),
        GlobalMaxPool2D => AdaptiveMaxPool2d([1, 1]),
        Pad2D p => new Function(x => functional.pad(x, [p.Padding.Width, p.Right ?? p.Padding.Width, p.Padding.Height, p.Bottom ?? p.Padding.Height], p switch
        {
            ZeroPad2D => TorchSharp.PaddingModes.Zeros,
            ReflectionPad2D => TorchSharp.PaddingModes.Reflect,
            ReplicationPad2D => TorchSharp.PaddingModes.Replicate,
            _ => TorchSharp.PaddingModes.Circular,
        })),
        Upsample { Bilinear: false } u => nn.Upsample(scale_factor: [u.Scale.Height, u.Scale.Width], mode: UpsampleMode.Nearest),
        Upsample u => nn.Upsample(scale_factor: [u.Scale.Height, u.Scale.Width], mode: UpsampleMode.Bilinear, align_corners: u.AlignCorners),
        MaxPool2D p => MaxPool2d(Pair(p.Kernel), Pair(p.Stride ?? p.Kernel), Pair(p.Padding), ceil_mode: p.CeilMode),
        AvgPool2D p => AvgPool2d(Pair(p.Kernel), Pair(p.Stride ?? p.Kernel), Pair(p.Padding), p.CeilMode, p.CountIncludePad),
        GlobalAvgPool2D => AdaptiveAvgPool2d(1),
        Linear l => nn.Linear(input.Count, l.Features, l.Bias),
        Flatten => nn.Flatten(),
        Dropout d => nn.Dropout(d.Probability),
        Dropout2D d => nn.Dropout2d(d.Probability),
        GroupNorm g => nn.GroupNorm(g.Groups, input.Channels, g.Epsilon, g.Affine),
        LayerNorm l => nn.LayerNorm(input.IsFlat ? [input.Count] : [input.Channels, input.Height, input.Width], l.Epsilon, l.Affine),
        InstanceNorm2D n => nn.InstanceNorm2d(input.Channels, n.Epsilon, affine: n.Affine),
        BatchNorm2D b => BatchNorm2d(input.Channels, b.Epsilon, b.Momentum),
        ReLU => nn.ReLU(),
        LeakyReLU l => nn.LeakyReLU(l.Slope),
        PReLU p => nn.PReLU(p.PerChannel ? input.Channels : 1, p.Slope),
        ReLU6 => nn.ReLU6(),
        ELU e => nn.ELU(e.Alpha),
        SELU => nn.SELU(),
        GELU { Approximate: false } => nn.GELU(),
        // TorchSharp has no module for the approximation, but its formula in libtorch's operators.
        GELU => new Function(x => x * (1 + (Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x.pow(3))).tanh()) / 2),
        SiLU => nn.SiLU(),
        Mish => nn.Mish(),
        Softplus s => nn.Softplus(s.Beta, s.Threshold),
        Hardswish => nn.Hardswish(),
        Hardsigmoid => nn.Hardsigmoid(),
        Sigmoid => nn.Sigmoid(),
        Tanh => nn.Tanh(),
        Softmax => nn.Softmax(1),
        LogSoftmax => nn.LogSoftmax(1),
        _ => throw new NotSupportedException($"no libtorch module for {layer}"),
    };

    /// <summary>The mean loss. Class targets are int64, others float32 of the output's shape.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="output">The network's output.</param>
    /// <param name="target">What it should be.</param>
    /// <param name="weight">A weight for each class, or for each sample where targets are no classes; null for none.</param>
    public static Torch Loss(Loss loss, Torch output, Torch target, Torch? weight = null) => loss switch
    {
        // TorchSharp does not pass the index on: the samples are left out.
        NllLoss { IgnoreIndex: { } ignored } => functional.nll_loss(output[target.ne(ignored)], target[target.ne(ignored)], weight),
        NllLoss => functional.nll_loss(output, target, weight),
        CrossEntropyLoss cross => functional.cross_entropy(output, target, weight, ignore_index: cross.IgnoreIndex ?? -100, label_smoothing: cross.LabelSmoothing),
        MseLoss => functional.mse_loss(output, target),
        MaeLoss => functional.l1_loss(output, target),
        BceLoss => functional.binary_cross_entropy(output, target, weight),
        BceWithLogitsLoss => functional.binary_cross_entropy_with_logits(output, target, weight),
        HuberLoss huber => functional.huber_loss(output, target, huber.Delta),
        SmoothL1Loss smooth => functional.smooth_l1_loss(output, target, beta: smooth.Beta),
        MultiMarginLoss margin => functional.multi_margin_loss(output, target, margin: margin.Margin, weight: weight),
        KlDivergenceLoss => functional.kl_div(output, target, false, Reduction.Sum) / output.shape[0],
        // libtorch has none of these by name.
        LogCoshLoss => (output - target + functional.softplus(-2 * (output - target)) - Math.Log(2)).mean(),
        HingeLoss => functional.relu(1 - (2 * target - 1) * output).mean(),
        FocalLoss focal => Focal(output, target, focal.Gamma),
        _ => throw new NotSupportedException($"no libtorch loss for {loss}"),
    };

    private static Torch Focal(Torch x, Torch t, double gamma)
    {
        Torch p = x.sigmoid(), cross = functional.binary_cross_entropy_with_logits(x, t, reduction: Reduction.None);
        return (cross * (p + t - 2 * p * t).pow(gamma)).mean();
    }

    /// <summary>The optimizer over a model's parameters.</summary>
    public static optim.Optimizer Optimizer(Optimizer optimizer, IEnumerable<Parameter> parameters) => optimizer switch
    {
        Sgd s => optim.SGD(parameters, s.LearningRate, s.Momentum, s.Dampening, s.WeightDecay, s.Nesterov),
        Adam a => optim.Adam(parameters, a.LearningRate, a.Beta1, a.Beta2, a.Epsilon, a.WeightDecay),
        AdamW a => optim.AdamW(parameters, a.LearningRate, a.Beta1, a.Beta2, a.Epsilon, a.WeightDecay),
        RmsProp r => optim.RMSProp(parameters, r.LearningRate, r.Alpha, r.Epsilon, r.WeightDecay, r.Momentum, r.Centered),
        Adagrad a => optim.Adagrad(parameters, a.LearningRate, a.LearningRateDecay, a.WeightDecay, a.InitialAccumulator, a.Epsilon),
        NAdam n => optim.NAdam(parameters, n.LearningRate, n.Beta1, n.Beta2, n.Epsilon, n.WeightDecay, n.MomentumDecay),
        _ => throw new NotSupportedException($"no libtorch optimizer for {optimizer}"),
    };

    /// <summary>A module without parameters, as a function.</summary>
    private sealed class Function(Func<Torch, Torch> function) : Module<Torch, Torch>(nameof(Function))
    {
        public override Torch forward(Torch x) => function(x);
    }

    private sealed class Sum : Module<Torch, Torch>
    {
        private readonly Sequential _body;
        private readonly Module<Torch, Torch>? _shortcut, _activation;

        public Sum(Sequential body, Sequential? shortcut, Module<Torch, Torch>? activation)
            : base(nameof(Sum))
        {
            (_body, _shortcut, _activation) = (body, shortcut, activation);
            register_module("body", body);
            if (shortcut is not null) register_module("shortcut", shortcut);
        }

        public override Torch forward(Torch x)
        {
            Torch sum = _body.forward(x) + (_shortcut?.forward(x) ?? x);
            return _activation?.forward(sum) ?? sum;
        }
    }

    private sealed class SideBySide : Module<Torch, Torch>
    {
        private readonly Sequential[] _branches;

        public SideBySide(Sequential[] branches)
            : base(nameof(SideBySide))
        {
            _branches = branches;
            for (int i = 0; i < branches.Length; i++) register_module($"{i}", branches[i]);
        }

        public override Torch forward(Torch x) => cat([.. _branches.Select(branch => branch.forward(x))], 1);
    }

    private static (long, long) Pair(Size2D size) => (size.Height, size.Width);
}
