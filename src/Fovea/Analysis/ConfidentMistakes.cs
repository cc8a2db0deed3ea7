namespace Fovea;

/// <summary>
/// What a network with one output through a sigmoid learns from where it is confidently wrong: samples whose true class it gives a
/// probability below 0.1. The gradient of binary cross-entropy by the logit is nearly 1 there; that of mean squared error nearly 0.
/// </summary>
/// <param name="Samples">How many samples were looked at.</param>
/// <param name="Wrong">With how many it is confidently wrong.</param>
/// <param name="WrongGradient">The mean size of the loss's derivative by the logit over these; null where there are none.</param>
/// <param name="Gradient">The same over all samples.</param>
public sealed record ConfidentMistakes(int Samples, int Wrong, double? WrongGradient, double Gradient)
{
    private const double Below = 0.1;
    private const int MostSamples = 1000;

    /// <summary>Whether the question makes sense: one sigmoid at the end, and a loss on its probability.</summary>
    public static bool AppliesTo(ModelSpec model, Loss loss)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Output.Count == 1 && model.Layers is [.., Sigmoid] && loss is { TargetsAreClasses: false } and not BceWithLogitsLoss;
    }

    /// <summary>Looks at the first samples of a dataset with two classes, in evaluation mode.</summary>
    public static ConfidentMistakes Of(Network network, Dataset data, Loss loss)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(loss);
        int count = Math.Min(data.Count, MostSamples);
        var input = new Tensor(count, data.Shape);
        for (int i = 0; i < count; i++) data.CopySample(i, input[i]);
        Tensor output = network.Predict(input);
        int wrong = 0;
        double ofWrong = 0, ofAll = 0;
        Span<double> gradient = stackalloc double[1];
        for (int i = 0; i < count; i++)
        {
            double p = output[i][0], target = data.Target(i, 0, 1);
            gradient.Clear();
            loss.Reference([p], (int)target, [target], gradient);
            double size = Math.Abs(gradient[0] * p * (1 - p));
            ofAll += size;
            if ((target == 1 ? p : 1 - p) >= Below) continue;
            wrong++;
            ofWrong += size;
        }
        return new ConfidentMistakes(count, wrong, wrong > 0 ? ofWrong / wrong : null, ofAll / count);
    }
}
