using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>How a trained network does on its test samples.</summary>
/// <param name="Trained">The network.</param>
/// <param name="Test">The samples, normalized as it wants them.</param>
/// <param name="Evaluation">Loss and accuracy.</param>
/// <param name="Confusion">Which classes it takes for which.</param>
/// <param name="Mistakes">Its mistakes, the surest first.</param>
public sealed record Inspection(TrainedNetwork Trained, Dataset Test, Evaluation Evaluation, ConfusionMatrix Confusion, IReadOnlyList<Misclassification> Mistakes)
{
    /// <summary>Tests a network.</summary>
    /// <exception cref="FoveaException">The data are not here, or are no classes.</exception>
    public static Inspection Of(TrainedNetwork trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        Dataset test = Datasets.Load(trained.Data.Name, DatasetPart.Test, trained.Network.Input).With(trained.Data.Normalization);
        var (evaluation, confusion) = trained.Evaluate(test);
        return new Inspection(trained, test, evaluation, confusion, trained.Mistakes(test));
    }

    /// <summary>A sample as the network takes it.</summary>
    public float[] Sample(int index)
    {
        float[] sample = new float[Test.Shape.Count];
        Test.CopySample(index, sample);
        return sample;
    }
}
