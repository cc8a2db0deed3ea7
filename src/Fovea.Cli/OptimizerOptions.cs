using System.CommandLine;

namespace Fovea.Cli;

/// <summary>The options that say how parameters follow their gradients, the learning rate apart.</summary>
internal sealed class OptimizerOptions
{
    private readonly Option<string> _name = Options.Choice("--optimizer", "How the parameters follow their gradients; adam unless given.", null, Optimizer.Names);
    private readonly Option<double?> _momentum = Options.Number("--momentum", "The share of the last step in the next, for sgd and rmsprop.", "a number of at least 0 and below 1", x => x is >= 0 and < 1);
    private readonly Option<double?> _weightDecay = Options.Number("--weight-decay", "The pull of each parameter towards zero.", "a number of at least 0", x => x >= 0);
    private readonly Option<double?> _l1 = Options.Number("--l1", "The strength of an L1 penalty, which makes many parameters exactly 0.", "a number of at least 0", x => x >= 0);
    private readonly Option<double?> _clipNorm = Options.Number("--clip-norm", "Shortens a gradient whose norm is above this.", "a number of at least 0", x => x >= 0);
    private readonly Option<double?> _clipValue = Options.Number("--clip-value", "Keeps every number of the gradient within this on both sides of 0.", "a number of at least 0", x => x >= 0);

    private readonly Option<double?> _ema = Options.Number("--ema", "Keeps a running mean of the parameters, of this decay, which is evaluated and saved in their place; 0.999 is usual.", "a number of at least 0 and below 1", x => x >= 0 && (float)x < 1);
    private readonly Option<double?> _lars = Options.Number("--lars", "The trust coefficient of LARS, for sgd with large batches; 0.001 is usual.", "a number of at least 0", x => x >= 0);

    /// <summary>All of them.</summary>
    public Option[] All => [_name, _momentum, _weightDecay, _l1, _clipNorm, _clipValue, _ema, _lars];

    /// <summary>The optimizer that is asked for.</summary>
    /// <exception cref="FoveaException">It has no momentum or trust coefficient, but one was given.</exception>
    public Optimizer Read(ParseResult result)
    {
        Optimizer optimizer = result.GetValue(_name) is { } name ? Optimizer.Named(name) : new TrainingSettings().Optimizer;
        optimizer = (optimizer, (float?)result.GetValue(_momentum)) switch
        {
            (_, null) => optimizer,
            (Sgd sgd, { } momentum) => sgd with { Momentum = momentum },
            (RmsProp rmsProp, { } momentum) => rmsProp with { Momentum = momentum },
            _ => throw new FoveaException($"--momentum: {optimizer.Name} has none. Use --optimizer sgd or rmsprop."),
        };
        optimizer = (optimizer, (float?)result.GetValue(_lars)) switch
        {
            (_, null) => optimizer,
            (Sgd sgd, { } coefficient) => sgd with { TrustCoefficient = coefficient },
            _ => throw new FoveaException($"--lars: {optimizer.Name} has none. Use --optimizer sgd."),
        };
        return optimizer with
        {
            WeightDecay = (float?)result.GetValue(_weightDecay) ?? optimizer.WeightDecay,
            L1 = (float?)result.GetValue(_l1) ?? optimizer.L1,
            ClipNorm = (float?)result.GetValue(_clipNorm) ?? optimizer.ClipNorm,
            EmaDecay = (float?)result.GetValue(_ema) ?? optimizer.EmaDecay,
            ClipValue = (float?)result.GetValue(_clipValue) ?? optimizer.ClipValue,
        };
    }
}
