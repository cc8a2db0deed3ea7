namespace Fovea;

/// <summary>What the losses of the epochs tell.</summary>
internal static class CurveFindings
{
    // How far a loss must be above another to be more than chance; epochs in a row that a validation loss must be.
    private const double AboveStart = 1.05, Rise = 1.5, RiseOfStart = 0.1, ValidationRise = 1.1;
    private const int ValidationEpochs = 3;

    public static IEnumerable<Finding> Of(Trainer trainer, double start)
    {
        if (LearningRate(trainer.History, start, trainer.Settings.Optimizer.LearningRate) is { } rate) yield return rate;
        if (Overfitting(trainer.History) is { } overfitting) yield return overfitting;
    }

    /// <summary>A mean training loss above that of the untrained network, or one that has risen much above its best.</summary>
    public static Finding? LearningRate(IReadOnlyList<EpochResult> history, double start, float rate)
    {
        if (history.Count == 0 || !(start > 0)) return null;
        EpochResult worst = history.MaxBy(epoch => epoch.TrainLoss)!, best = history.MinBy(epoch => epoch.TrainLoss)!, last = history[^1];
        string remedy = $"Use a smaller learning rate than {rate}, or a warm-up";
        if (worst.TrainLoss > AboveStart * start)
        {
            return new Finding(Finding.LearningRate, "training", worst.TrainLoss / start,
                $"the mean training loss of epoch {worst.Epoch} was {worst.TrainLoss:G4}, above the {start:G4} of the untrained network: the learning rate is probably too high", remedy);
        }
        if (last.TrainLoss > Rise * best.TrainLoss && last.TrainLoss - best.TrainLoss > RiseOfStart * start)
        {
            return new Finding(Finding.LearningRate, "training", last.TrainLoss / best.TrainLoss,
                $"the mean training loss has risen from {best.TrainLoss:G4} in epoch {best.Epoch} to {last.TrainLoss:G4} in epoch {last.Epoch}: the learning rate is probably too high", remedy);
        }
        return null;
    }

    /// <summary>A validation loss that has been above its best for some epochs, while the training loss went on falling.</summary>
    public static Finding? Overfitting(IReadOnlyList<EpochResult> history)
    {
        if (history.Count <= ValidationEpochs || history.Any(epoch => epoch.ValidationLoss is null)) return null;
        EpochResult best = history.MinBy(epoch => epoch.ValidationLoss)!, last = history[^1];
        bool rose = history.TakeLast(ValidationEpochs).All(epoch => epoch.Epoch > best.Epoch && epoch.ValidationLoss > ValidationRise * best.ValidationLoss);
        if (!rose || last.TrainLoss >= best.TrainLoss) return null;
        return new Finding(Finding.Overfitting, "training", last.ValidationLoss!.Value / best.ValidationLoss!.Value,
            $"the validation loss was least in epoch {best.Epoch}, {best.ValidationLoss:G4}, and is {last.ValidationLoss:G4} now, while the training loss fell from {best.TrainLoss:G4} to {last.TrainLoss:G4}: the network learns its samples by heart",
            $"Stop after epoch {best.Epoch} (early stopping), or use weight decay, dropout or more samples");
    }
}
