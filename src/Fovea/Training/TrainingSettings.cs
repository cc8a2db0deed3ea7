namespace Fovea;

/// <summary>How a model is trained. Everything that the weights depend on, besides the model and the data, is here.</summary>
public sealed record TrainingSettings
{
    /// <summary>How often each sample is seen.</summary>
    public int Epochs { get; init; } = 5;

    /// <summary>Samples of one update.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>How the parameters follow their gradients.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>How its learning rate changes on the way.</summary>
    public Schedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>What is made small.</summary>
    public Loss Loss { get; init; } = new NllLoss();

    /// <summary>What initial weights, the order of the samples, the validation split and dropout are drawn by.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The share of the samples that is set aside for validation.</summary>
    public double ValidationFraction { get; init; } = 0.05;

    /// <summary>Throws when a number is out of its range.</summary>
    /// <exception cref="FoveaException">It says which.</exception>
    public void Check()
    {
        Require(Epochs >= 1, $"epochs must be at least 1, got {Epochs}");
        Require(BatchSize >= 1, $"the batch size must be at least 1, got {BatchSize}");
        if (Optimizer.Problem() is { } problem) Require(false, problem);
        if (Schedule.Problem() is { } wrong) Require(false, wrong);
        Require(ValidationFraction is >= 0 and < 1, $"the validation fraction must be at least 0 and below 1, got {ValidationFraction}");
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition) throw new FoveaException($"settings: {problem}.");
    }
}

/// <summary>What one epoch came to.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="TrainLoss">The mean loss over the epoch's updates, each before its update.</param>
/// <param name="TrainAccuracy">The share of samples classified rightly on the way, from 0 to 1.</param>
/// <param name="ValidationLoss">The mean loss on the samples set aside, after the epoch; null when there are none.</param>
/// <param name="ValidationAccuracy">The share of these classified rightly.</param>
/// <param name="Seconds">The time of the updates, validation not counted.</param>
public sealed record EpochResult(int Epoch, double TrainLoss, double TrainAccuracy, double? ValidationLoss, double? ValidationAccuracy, double Seconds);

/// <summary>How far a training is, after an update.</summary>
/// <param name="Epoch">The current epoch, from 1.</param>
/// <param name="Epochs">How many there will be.</param>
/// <param name="SamplesDone">Samples seen, of all epochs.</param>
/// <param name="SamplesTotal">Samples to be seen, of all epochs.</param>
/// <param name="Loss">The mean loss of the current epoch so far.</param>
/// <param name="Accuracy">The share classified rightly in the current epoch so far.</param>
/// <param name="SamplesPerSecond">The speed of this session so far.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, long SamplesDone, long SamplesTotal, double Loss, double Accuracy, double SamplesPerSecond)
{
    /// <summary>The share of the samples that are done, from 0 to 1.</summary>
    public double Share => (double)SamplesDone / SamplesTotal;

    /// <summary>How long the rest takes at this speed, validation not counted.</summary>
    public double SecondsLeft => (SamplesTotal - SamplesDone) / SamplesPerSecond;
}

/// <summary>The loss and accuracy of a network on a dataset.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Accuracy">The share of samples classified rightly, from 0 to 1; 0 where the targets are not classes.</param>
/// <param name="Samples">How many samples there were.</param>
public sealed record Evaluation(double Loss, double Accuracy, int Samples);
