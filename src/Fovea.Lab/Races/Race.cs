namespace Fovea.Lab;

/// <summary>A task against the clock: a network, how it is trained, and the test accuracy that it must reach.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Description">What it is.</param>
/// <param name="Data">The dataset, a name of the catalogue.</param>
/// <param name="Model">The network.</param>
/// <param name="Settings">How it is trained; each race has a seed of its own.</param>
/// <param name="Accuracy">The share of the test samples that must be classified rightly.</param>
public sealed record Race(string Name, string Description, string Data, ModelSpec Model, TrainingSettings Settings, double Accuracy)
{
    /// <summary>All races.</summary>
    public static IReadOnlyList<Race> All { get; } =
    [
        new("mnist99", "99% of MNIST's test images after one epoch", "mnist",
            ModelSpec.Parse("conv 24 k5 | relu | maxpool 2 | conv 32 k3 | relu | maxpool 2 | flatten | linear 256 | relu | linear 10", new Shape(1, 28, 28)),
            new TrainingSettings
            {
                Epochs = 1,
                BatchSize = 256,
                Optimizer = new Adam(0.01f) { Beta1 = 0.7f, Beta2 = 0.9f },
                Schedule = new OneCycleSchedule { CycleMomentum = false },
                Loss = new CrossEntropyLoss(),
                ValidationFraction = 0,
            }, 0.99),
    ];

    /// <summary>The race of this name.</summary>
    /// <exception cref="FoveaException">There is none.</exception>
    public static Race Get(string name) => All.FirstOrDefault(race => race.Name == name)
        ?? throw new FoveaException($"there is no race \"{name}\". {Nearest.Hint(name, All.Select(race => race.Name))}Races: {string.Join(", ", All.Select(race => race.Name))}.");

    /// <summary>Reads the data, trains, and tests.</summary>
    /// <param name="seed">What weights and the order of the samples are drawn by.</param>
    /// <param name="threads">Threads to use; 0 takes all processors. The result does not depend on it.</param>
    /// <param name="begun">When the clock was started.</param>
    /// <returns>The times, and the trained network.</returns>
    public (RaceResult Result, Trainer Trainer) Run(ulong seed, int threads, DateTime begun)
    {
        DateTime start = DateTime.Now;
        Dataset training = Datasets.Load(Data, DatasetPart.Training, Model.Input), test = Datasets.Load(Data, DatasetPart.Test, Model.Input);
        DateTime read = DateTime.Now;
        var trainer = new Trainer(Model, training, Settings with { Seed = seed }, threads);
        trainer.Run();
        DateTime trained = DateTime.Now;
        Evaluation evaluation = trainer.Evaluate(test);
        DateTime end = DateTime.Now;
        return (new RaceResult(seed, evaluation.Accuracy, evaluation.Accuracy >= Accuracy, (end - begun).TotalSeconds,
            (start - begun).TotalSeconds, (read - start).TotalSeconds, (trained - read).TotalSeconds, (end - trained).TotalSeconds), trainer);
    }
}

/// <summary>How a race ended.</summary>
/// <param name="Seed">What weights and order were drawn by.</param>
/// <param name="Accuracy">The share of the test samples that were classified rightly.</param>
/// <param name="Reached">Whether that is enough.</param>
/// <param name="Seconds">From the start of the clock until the accuracy was known.</param>
/// <param name="StartSeconds">Of these, until the data began to be read.</param>
/// <param name="ReadSeconds">Of these, reading the data.</param>
/// <param name="TrainSeconds">Of these, building the network and training it.</param>
/// <param name="TestSeconds">Of these, testing it.</param>
public sealed record RaceResult(ulong Seed, double Accuracy, bool Reached, double Seconds, double StartSeconds, double ReadSeconds, double TrainSeconds, double TestSeconds);
