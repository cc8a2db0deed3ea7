namespace Fovea;

/// <summary>What a training suffers from, with the figures that it was looked for in.</summary>
/// <param name="Findings">What was found; nothing in a healthy training.</param>
/// <param name="Layers">Figures of the layers that have some.</param>
/// <param name="ProbeSamples">Training samples that the figures were measured on.</param>
/// <param name="StartLoss">The loss of the untrained network on them.</param>
/// <param name="Noise">How much the gradient differs from batch to batch; null where there are too few samples to tell.</param>
public sealed record Diagnosis(
    IReadOnlyList<Finding> Findings, IReadOnlyList<LayerFigures> Layers, int ProbeSamples, double? StartLoss, GradientNoise? Noise)
{
    /// <summary>What was found after an epoch, where the training was watched, and is no longer found.</summary>
    public IReadOnlyList<Finding> Passed { get; init; } = [];

    /// <summary>
    /// Examines a training as it stands: its epochs, and its network on some of the training samples. Nothing of the training is changed. The
    /// same training gives the same diagnosis, whether it was interrupted or not.
    /// </summary>
    public static Diagnosis Of(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        Diagnosis now = DiagnosisProbe.Examine(trainer);
        IReadOnlyList<Finding> before = Finding.Of(trainer.History);
        return now with
        {
            Findings = [.. now.Findings.Select(found => found with { Epoch = before.FirstOrDefault(found.IsOfTheSame)?.Epoch })],
            Passed = [.. before.Where(earlier => !now.Findings.Any(earlier.IsOfTheSame))],
        };
    }
}

/// <summary>What is measured of a layer; null where it does not apply.</summary>
/// <param name="Layer">Its number, from 1; inside a block, that of the block.</param>
/// <param name="Name">Its type and properties; inside a block with its place there: "residual, body layer 2 relu".</param>
public sealed record LayerFigures(int Layer, string Name)
{
    /// <summary>Of rectified units: the share that is 0 for all samples. A unit is a channel, of a flat output one number.</summary>
    public double? DeadShare { get; init; }

    /// <summary>The norm of the weights.</summary>
    public double? WeightNorm { get; init; }

    /// <summary>The norm of the gradient of the weights.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>The root mean square of this gradient: the norm, for layers of different sizes.</summary>
    public double? GradientSize { get; init; }

    /// <summary>Of batch normalization: the root mean square, over the channels, of the running mean's distance from the samples' mean, in standard
    /// deviations.</summary>
    public double? MeanDrift { get; init; }

    /// <summary>Of batch normalization: the root mean square, over the channels, of the logarithm of the running variance's ratio to the samples'.</summary>
    public double? VarianceDrift { get; init; }
}

/// <summary>
/// The gradient noise scale (McCandlish, Kaplan, Amodei et al. 2018, "An Empirical Model of Large-Batch Training", appendix A.1): the trace of the
/// covariance of the samples' gradients over the squared norm of their mean. Batches much smaller have mostly noise in their gradients, much
/// larger ones mostly the same gradient.
/// </summary>
/// <param name="Scale">The noise scale in samples; null where the gradient is lost in noise.</param>
/// <param name="SquaredNorm">The squared norm of the true gradient, estimated without bias; noise can make the estimate negative.</param>
/// <param name="Variance">The trace of the covariance of one sample's gradient.</param>
/// <param name="SmallBatch">The smaller of the two batch sizes whose gradients were measured.</param>
/// <param name="LargeBatch">The larger.</param>
public sealed record GradientNoise(double? Scale, double SquaredNorm, double Variance, int SmallBatch, int LargeBatch)
{
    /// <summary>The estimate from the squared norms of gradients of batches of two sizes.</summary>
    public static GradientNoise Of(double smallSquaredNorm, int smallBatch, double largeSquaredNorm, int largeBatch)
    {
        double squaredNorm = (largeBatch * largeSquaredNorm - smallBatch * smallSquaredNorm) / (largeBatch - smallBatch);
        double variance = (smallSquaredNorm - largeSquaredNorm) / (1.0 / smallBatch - 1.0 / largeBatch);
        return new GradientNoise(squaredNorm > 0 ? Math.Max(0, variance) / squaredNorm : null, squaredNorm, variance, smallBatch, largeBatch);
    }
}
