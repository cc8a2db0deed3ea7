namespace Fovea;

/// <summary>A network as a training left it on disk, with what it needs to be used. It may be used by several threads at once, as
/// <see cref="Fovea.Network"/> may.</summary>
/// <param name="Network">The network.</param>
/// <param name="Settings">How it was trained.</param>
/// <param name="Data">On what: shape, normalization and names of the classes.</param>
/// <param name="History">The finished epochs.</param>
public sealed record TrainedNetwork(Network Network, TrainingSettings Settings, DataDescription Data, IReadOnlyList<EpochResult> History)
{
    /// <summary>What is wrong with a newer checkpoint of the folder, in whose place an older one was taken; null where nothing is.</summary>
    public string? CheckpointWarning { get; init; }

    /// <summary>Reads the newest whole checkpoint of a folder.</summary>
    /// <exception cref="CheckpointException">There is none that is whole.</exception>
    public static TrainedNetwork Load(string directory)
    {
        var (checkpoint, network, damage) = Checkpoint.LoadNetwork(directory);
        return new TrainedNetwork(network, checkpoint.Settings, checkpoint.Data, checkpoint.Position.History) { CheckpointWarning = damage };
    }

    /// <summary>Writes a checkpoint from which the network can be read again; it has no state of an optimizer to go on with.</summary>
    /// <exception cref="CheckpointException">The folder cannot be written.</exception>
    public void Save(string directory) => Checkpoint.Save(this, directory);

    /// <summary>Whether a folder holds a checkpoint.</summary>
    public static bool Exists(string directory) => Checkpoint.Exists(directory);

    /// <summary>Which class each sample is of, and with what probability.</summary>
    /// <param name="samples">Samples of the shape that the network takes; they are normalized as the data that it was trained on.</param>
    /// <exception cref="DataFormatException">The samples do not fit the network.</exception>
    public IReadOnlyList<Classification> Classify(Dataset samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        Dataset data = samples.Fit(Network.Input).With(Data.Normalization);
        var input = new Tensor(data.Count, data.Shape);
        for (int i = 0; i < data.Count; i++) data.CopySample(i, input[i]);
        Tensor output = Network.Predict(input);
        return [.. Enumerable.Range(0, data.Count).Select(i => new Classification(Settings.Loss.Predict(output[i]), Settings.Loss.Probabilities(output[i])))];
    }

    /// <summary>The samples that it takes for another class than theirs, the surest mistake first.</summary>
    /// <param name="samples">Samples of the shape that the network takes; they are normalized as the data that it was trained on.</param>
    /// <exception cref="DataFormatException">The samples do not fit the network.</exception>
    public IReadOnlyList<Misclassification> Mistakes(Dataset samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return [.. Classify(samples).Index().Where(answer => answer.Item.Label != samples.Label(answer.Index))
            .Select(answer => new Misclassification(answer.Index, samples.Label(answer.Index), answer.Item.Label, answer.Item.Probabilities[answer.Item.Label]))
            .OrderByDescending(mistake => mistake.Probability)];
    }

    /// <summary>Loss, accuracy and mistakes on a dataset of the same classes, normalized as the data that it was trained on.</summary>
    /// <exception cref="FoveaException">The data have other classes or another shape.</exception>
    public (Evaluation Evaluation, ConfusionMatrix Confusion) Evaluate(Dataset data, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!data.ClassNames.SequenceEqual(Data.ClassNames))
        {
            throw new FoveaException($"the network was trained on the classes {string.Join(", ", Data.ClassNames)} of {Data.Name}, "
                + $"but {data.Name} has {string.Join(", ", data.ClassNames)}. Give data of the same classes.");
        }
        Dataset normalized = data.With(Data.Normalization);
        return (Trainer.Evaluate(Network, normalized, Settings.Loss, threads), ConfusionMatrix.Of(Network, normalized, Settings.Loss, threads));
    }
}

/// <summary>What a network takes a sample for.</summary>
/// <param name="Label">The most probable class.</param>
/// <param name="Probabilities">The probability of every class, from 0 to 1. A network that was trained with mean squared or absolute errors
/// gives its outputs as they are.</param>
public sealed record Classification(int Label, IReadOnlyList<float> Probabilities);

/// <summary>A sample that a network takes for another class than its own.</summary>
/// <param name="Sample">Its number in the dataset, from 0.</param>
/// <param name="Label">Its class.</param>
/// <param name="Predicted">The class that it was taken for.</param>
/// <param name="Probability">With what probability, from 0 to 1.</param>
public sealed record Misclassification(int Sample, int Label, int Predicted, double Probability);

/// <summary>What a training was given as data, so that it is not continued on others.</summary>
/// <param name="Name">What the data are called.</param>
/// <param name="Shape">The shape of a sample.</param>
/// <param name="Samples">How many there are.</param>
/// <param name="Normalization">How bytes become floats.</param>
/// <param name="ClassNames">The names of the classes.</param>
public sealed record DataDescription(string Name, Shape Shape, int Samples, Normalization Normalization, IReadOnlyList<string> ClassNames)
{
    /// <summary>Describes a dataset.</summary>
    public static DataDescription Of(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new(data.Name, data.Shape, data.Count, data.Normalization, data.ClassNames);
    }

    /// <summary>The name of a class; of an output that the data have no class for, its number.</summary>
    public string ClassName(int label) => label < ClassNames.Count ? ClassNames[label] : $"output {label}";

    /// <summary>Equal when all of it is.</summary>
    public bool Equals(DataDescription? other) => other is not null && Name == other.Name && Shape == other.Shape && Samples == other.Samples
        && Normalization == other.Normalization && ClassNames.SequenceEqual(other.ClassNames);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Shape, Samples);

    /// <summary>"60000 samples of 1x28x28 of mnist".</summary>
    public override string ToString() => $"{Samples} samples of {Shape} of {Name}";
}
