namespace Fovea;

/// <summary>A network as a training left it on disk, with what it needs to be used.</summary>
/// <param name="Network">The network.</param>
/// <param name="Settings">How it was trained.</param>
/// <param name="Data">On what: shape, normalization and names of the classes.</param>
/// <param name="History">The finished epochs.</param>
public sealed record TrainedNetwork(Network Network, TrainingSettings Settings, DataDescription Data, IReadOnlyList<EpochResult> History)
{
    /// <summary>Reads the newest checkpoint of a folder.</summary>
    /// <exception cref="CheckpointException">There is none, or it is damaged.</exception>
    public static TrainedNetwork Load(string directory)
    {
        var (checkpoint, network) = Checkpoint.LoadNetwork(directory);
        return new TrainedNetwork(network, checkpoint.Settings, checkpoint.Data, checkpoint.Position.History);
    }
}

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

    /// <summary>Equal when all of it is.</summary>
    public bool Equals(DataDescription? other) => other is not null && Name == other.Name && Shape == other.Shape && Samples == other.Samples
        && Normalization == other.Normalization && ClassNames.SequenceEqual(other.ClassNames);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Shape, Samples);

    /// <summary>"60000 samples of 1x28x28 of mnist".</summary>
    public override string ToString() => $"{Samples} samples of {Shape} of {Name}";
}
