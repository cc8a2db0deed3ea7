using System.CommandLine;
using System.Diagnostics;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea train</c>: trains a model, or goes on with a training, and keeps checkpoints.</summary>
internal sealed class TrainCommand
{
    private const double UsualCheckpointSeconds = 30;
    private const int MostOfAKind = 3;
    private static readonly TrainingSettings s_usual = new();

    private readonly Terminal _terminal;
    private readonly Argument<string?> _model = ModelArgument.CreateOptional();
    private readonly DataOptions _data = new("mnist unless given");
    private readonly Option<Shape?> _input = Options.Shape("--input", "The shape of a sample: the model's own unless given; of a line of text, the data's.");
    private readonly Option<int?> _epochs = Options.Whole("--epochs", $"How often each sample is seen; {s_usual.Epochs} unless given.", least: 1);
    private readonly Option<int?> _batchSize = Options.Whole("--batch-size", $"Samples of one update; {s_usual.BatchSize} unless given.", least: 1);
    private readonly OptimizerOptions _optimizer = new();
    private readonly Option<double?> _learningRate = Options.Number("--lr", "The learning rate; the optimizer's usual one unless given (0.001; rmsprop and adagrad 0.01, nadam 0.002, lion 0.0001).", "a number above 0", x => (float)x is > 0 and < float.PositiveInfinity);
    private readonly Option<double?> _smoothing = Options.Number("--label-smoothing", "The share of each label that is spread over all classes, for the loss cross-entropy.", "a number from 0 to below 1", x => x is >= 0 and < 1);
    private readonly Option<ClassWeights?> _classWeights = Options.ClassWeights("--class-weights", "How much a sample of each class counts in the loss: balanced, so that each class counts the same in all, or a number for each class as in 1:20. For nll, cross-entropy, bce, bce-with-logits and multi-margin.");
    private readonly Option<int?> _ignore = Options.Whole("--ignore-index", "A class whose samples are left out of the loss, by its number from 0. For nll and cross-entropy.", least: 0);
    private readonly Option<string> _sampling = Options.Choice("--sampling", "Which samples an epoch takes: each once (plain, unless given), or all classes equally often, on average (weighted) or in every batch (balanced).",
        null, "plain", "weighted", "balanced");
    private readonly Option<Augmentation?> _augment = Options.Augmentation("--augment", "How training images are changed at random: any of shift=N (pixels), rotate=X (degrees), scale=X, flip, crop=X (the least share), erase=N (pixels) and noise=X, as in \"shift=2 rotate=10\".");
    private readonly Option<Schedule?> _schedule = Options.Schedule("--schedule", "How the learning rate changes on the way: constant unless given, step, cosine, exponential, one-cycle or plateau, with its properties as in \"step every=5 factor=0.5\".");
    private readonly Option<double?> _warmUp = Options.Number("--warm-up", "Epochs in which the learning rate rises from almost nothing.", "a number of at least 0", x => x >= 0);
    private readonly Option<string> _loss = Options.Choice("--loss", "What is made small; what suits the model's last layer unless given.", null, Loss.Names);
    private readonly Option<Initialization?> _initialization = Options.Initialization("--init", "How the weights begin: as in PyTorch's layers unless given, or of the families kaiming and xavier, with properties as in \"kaiming-normal fan-out tanh\".");
    private readonly Option<string?> _weights = new("--weights") { Description = "Begin with the weights of a safetensors file, such as fovea export and PyTorch write, or of a folder that a training or fovea import wrote, instead of drawn ones.", HelpName = "FILE|DIR" };
    private readonly Option<double?> _validation = Options.Number("--validation", "The share of the samples set aside for validation; 0.05 unless given.", "a number of at least 0 and below 1", x => x is >= 0 and < 1);
    private readonly Option<ulong?> _seed = Options.Seed("--seed", "What weights, order and validation samples are drawn by; 1 unless given.");
    private readonly Option<int?> _threads = Options.Threads();
    private readonly Option<double?> _checkpointSeconds = Options.Number("--checkpoint-seconds", "How often a checkpoint is written, besides after each epoch.", "a number above 0", x => x > 0, UsualCheckpointSeconds);
    private readonly Option<string?> _out = new("--out") { Description = "The folder for the checkpoint; runs/MODEL-NUMBER unless given.", HelpName = "DIR" };
    private readonly Option<string?> _resume = new("--resume") { Description = "Go on with the training of this folder.", HelpName = "DIR" };
    private readonly Option<string> _store = Options.Store();
    private readonly Option<bool> _recordSteps = Options.RecordSteps();
    private readonly Option<bool> _json = Options.Json();

    private TrainCommand(Terminal terminal) => _terminal = terminal;

    /// <summary>What a training is made of: none of it can be changed once it has begun.</summary>
    private Option[] Fixed =>
    [
        _input, _epochs, _batchSize, .. _optimizer.All, _learningRate, _smoothing, _classWeights, _ignore, _sampling, _augment, _schedule, _warmUp, _loss,
        _initialization, _weights, _validation, _seed, _out,
    ];

    public static Verb Create(Terminal terminal) => new TrainCommand(terminal).Create();

    private Verb Create()
    {
        var verb = new Verb("train", "Train a model and keep a checkpoint. Ctrl-C stops cleanly (exit code 130); --resume continues, and ends with the very weights of an uninterrupted training.") { _model };
        _data.AddTo(verb);
        foreach (Option option in (Option[])[.. Fixed, _threads, _checkpointSeconds, _resume, _store, _recordSteps, _json]) verb.Options.Add(option);
        verb.Examples =
        [
            "fovea train stride2 --data mnist --epochs 3",
            "fovea train \"conv 8 k3 | relu | maxpool 2 | flatten | linear 10\" --limit 5000 --optimizer sgd --lr 0.05 --momentum 0.9",
            "fovea train lenet5 --epochs 2 --lr 0.01 --schedule one-cycle",
            "fovea train lenet5 --weights lenet5.safetensors --epochs 1",
            "fovea train runs/imported/model.json --weights runs/imported --epochs 1",
            "fovea train vgg-small --data cifar-10 --augment \"shift=4 flip\"",
            "fovea train --resume runs/stride2-1",
        ];
        verb.SetAction(result => Run(result, verb));
        return verb;
    }

    private int Run(ParseResult result, Command command)
    {
        if (((Option<string?>[])[_resume, _weights]).FirstOrDefault(option => result.GetValue(option) is "") is { } empty)
            throw new UsageException($"train: {empty.Name}: the name is empty. Give one, or leave the option out.", command);
        if (result.GetValue(_resume) is not null) return Resume(result, command);
        string text = result.GetValue(_model) ?? throw new UsageException("train: MODEL is missing. Give a model, or --resume DIR.", command);
        Shape? input = result.GetValue(_input);
        // A line of text takes the shape of the data, which must be known first.
        ModelSpec? model = ModelArgument.IsLine(text) && input is null ? null : ModelArgument.Read(text, input, default);
        Dataset data = Limit(result, _data.Load(result, "mnist", DatasetPart.Training, model?.Input));
        model ??= ModelArgument.Read(text, null, data.Shape);
        TrainingSettings settings = Settings(result, model);
        var trainer = new Trainer(model, data, settings, result.GetValue(_threads) ?? 0);
        string folder = result.GetValue(_out) ?? OutputFolder.Next(model.Name ?? "model");
        OutputFolder.Prepare(folder);
        using RunLock held = Hold(folder);
        return Train(result, trainer, folder);
    }

    private int Resume(ParseResult result, Command command)
    {
        string folder = result.GetValue(_resume)!;
        if (Fixed.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } given)
            throw new UsageException($"train: {given.Name} cannot be given with --resume: a training goes on as it began. Leave it out, or begin a new one.", command);
        if (StudyFolder.OfTrial(folder) is not null)
            throw new FoveaException($"{folder}: this is a run of a study, whose figures would no longer be those of its weights. Go on with {OutputFolder.ResumeCommand(folder)}, or train from these weights anew: --weights.");
        TrainedNetwork trained = TrainedNetwork.Load(folder);
        if (result.GetValue(_model) is { } text && ModelArgument.Read(text, null, trained.Data.Shape) is var model && !model.Equals(trained.Network.Model))
            throw new CheckpointException($"{folder}: it holds a training of {trained.Network.Model}, but the model given is {model}. Leave the model out, or begin a new training with another --out.");
        Dataset data = _data.Load(result, trained.Data.Name, DatasetPart.Training, trained.Data.Shape).Take(result.GetValue(_data.Limit) ?? trained.Data.Samples);
        // Before the checkpoint to go on from is read: nobody writes another one behind it.
        using RunLock held = Hold(folder);
        Trainer trainer = Trainer.Resume(folder, data, result.GetValue(_threads) ?? 0);
        foreach (string warning in trainer.Warnings) _terminal.Error.WriteLine($"fovea: {warning}");
        return Train(result, trainer, folder);
    }

    private static RunLock Hold(string folder) => RunLock.Take(folder, "fovea train");

    private Dataset Limit(ParseResult result, Dataset data) => result.GetValue(_data.Limit) is { } limit ? data.Take(limit) : data;

    private TrainingSettings Settings(ParseResult result, ModelSpec model)
    {
        Loss loss = result.GetValue(_loss) is { } name ? Loss.Named(name) : Loss.For(model);
        if ((float?)result.GetValue(_smoothing) is { } smoothing)
        {
            loss = loss is CrossEntropyLoss entropy ? entropy with { LabelSmoothing = smoothing }
                : throw new FoveaException($"--label-smoothing: the loss {loss.Name} has none. Use --loss cross-entropy and a model that ends with logits.");
        }
        if (result.GetValue(_ignore) is { } ignored)
        {
            loss = loss is LikelihoodLoss likelihood ? likelihood with { IgnoreIndex = ignored }
                : throw new FoveaException($"--ignore-index: the loss {loss.Name} cannot leave a class out. Use nll or cross-entropy.");
        }
        if (result.GetValue(_classWeights) is { } weights)
        {
            loss = loss is ClassWeightedLoss weighted ? weighted with { ClassWeights = weights }
                : throw new FoveaException($"--class-weights: the loss {loss.Name} has none. Use --loss nll, cross-entropy, bce, bce-with-logits or multi-margin.");
        }
        loss.CheckEnd(model);
        return new TrainingSettings
        {
            Epochs = result.GetValue(_epochs) ?? s_usual.Epochs,
            BatchSize = result.GetValue(_batchSize) ?? s_usual.BatchSize,
            Optimizer = ReadOptimizer(result),
            Schedule = ReadSchedule(result),
            Sampling = result.GetValue(_sampling) is { } sampling ? Enum.Parse<Sampling>(sampling, ignoreCase: true) : s_usual.Sampling,
            Augmentation = result.GetValue(_augment) ?? s_usual.Augmentation,
            Loss = loss,
            Initialization = result.GetValue(_initialization) ?? s_usual.Initialization,
            Weights = result.GetValue(_weights),
            Seed = result.GetValue(_seed) ?? s_usual.Seed,
            ValidationFraction = result.GetValue(_validation) ?? s_usual.ValidationFraction,
        };
    }

    private Schedule ReadSchedule(ParseResult result)
    {
        Schedule schedule = result.GetValue(_schedule) ?? s_usual.Schedule;
        return schedule with { WarmUp = result.GetValue(_warmUp) ?? schedule.WarmUp };
    }

    private Optimizer ReadOptimizer(ParseResult result)
    {
        Optimizer optimizer = _optimizer.Read(result);
        return optimizer with { LearningRate = (float?)result.GetValue(_learningRate) ?? optimizer.LearningRate };
    }

    private int Train(ParseResult result, Trainer trainer, string folder)
    {
        using RunStore store = RunStore.Open(result.GetRequiredValue(_store));
        if (!result.GetValue(_json)) Begin(trainer);
        var recorder = new RunRecorder(store, trainer, folder, result.GetValue(_recordSteps));
        try
        {
            return Train(result, trainer, folder, recorder);
        }
        catch (TrainingFailedException failure)
        {
            recorder.Fail(failure);
            throw;
        }
    }

    private int Train(ParseResult result, Trainer trainer, string folder, RunRecorder recorder)
    {
        bool quiet = result.GetValue(_json);
        TimeSpan interval = TimeSpan.FromSeconds(result.GetValue(_checkpointSeconds) ?? UsualCheckpointSeconds);
        double? speed = null;
        bool finished;
        using (var interruption = new Interruption())
        {
            finished = _terminal.WithBar(quiet, bar =>
            {
                var monitor = new TrainingMonitor(trainer);
                long saved = Stopwatch.GetTimestamp();
                void Save()
                {
                    recorder.Save();
                    trainer.Save(folder);
                    saved = Stopwatch.GetTimestamp();
                }

                bool done = trainer.Run(
                    progress =>
                    {
                        speed = progress.SamplesPerSecond;
                        recorder.Add(progress.Step);
                        bar?.Show(() => $"epoch {progress.Epoch}/{progress.Epochs}  loss {Format.Loss(progress.Loss)}  accuracy {Format.Percent(progress.Accuracy)}",
                            progress.Share, progress.SamplesPerSecond, progress.SecondsLeft);
                        if (Stopwatch.GetElapsedTime(saved) >= interval) Save();
                    },
                    epoch =>
                    {
                        IReadOnlyList<Finding> findings = monitor.Examine(epoch);
                        Save();
                        if (quiet) return;
                        _terminal.WriteLine(Line(epoch, trainer.Settings.Epochs));
                        foreach (string finding in Told(findings)) _terminal.WriteLine($"found: {finding}");
                    },
                    interruption.Token);
                if (!done) Save();
                return done;
            });
        }
        Evaluation? test = finished ? trainer.Evaluate(_data.Load(result, trainer.Data.Name, DatasetPart.Test, trainer.Model.Input)) : null;
        Diagnosis? diagnosis = finished ? Diagnosis.Of(trainer) : null;
        if (test is not null) recorder.Finish(test, diagnosis);
        if (quiet) _terminal.Out.WriteLine(CliJson.Write(TrainingReport.Of(trainer, folder, recorder.Id, speed, test, diagnosis)));
        else End(trainer, folder, recorder.Id, speed, test, diagnosis);
        return finished ? Program.Done : Program.Interrupted;
    }

    private void Begin(Trainer trainer)
    {
        TrainingSettings settings = trainer.Settings;
        _terminal.WriteLine($"{trainer.Model} on {trainer.Data.Name}: {Format.Number(trainer.Network.ParameterCount)} parameters, "
            + $"{Format.Count(trainer.Training.Count, "sample")} to train on, {Format.Number(trainer.Validation.Count)} for validation");
        string schedule = settings.Schedule is ConstantSchedule ? "" : $" on the schedule {settings.Schedule.Name}";
        string warmUp = settings.Schedule.WarmUp > 0 ? $" after a warm-up of {settings.Schedule.WarmUp} epochs" : "";
        string initialization = settings.Initialization == Initialization.PyTorch ? "" : $", weights {settings.Initialization}";
        if (settings.Weights is { } weights) initialization = $", weights of {weights}";
        string augmentation = settings.Augmentation == Augmentation.None ? "" : $", augmented by {settings.Augmentation}";
        _terminal.WriteLine($"{settings.Optimizer.Name} with learning rate {settings.Optimizer.LearningRate}{schedule}{warmUp}, batches of {settings.BatchSize}, loss {settings.Loss.Described}{initialization}{augmentation}, seed {settings.Seed}");
        if (trainer.IsFinished) _terminal.WriteLine($"all {settings.Epochs} epochs are done already");
        else if (trainer.Updates > 0) _terminal.WriteLine($"going on after {Format.Number(trainer.Updates)} updates, in epoch {trainer.History.Count + 1} of {settings.Epochs}");
    }

    private static string Line(EpochResult epoch, int epochs)
    {
        string validation = epoch is { ValidationLoss: { } loss, ValidationAccuracy: { } accuracy } ? $"   validation: loss {Format.Loss(loss)}, accuracy {Format.Percent(accuracy)}" : "";
        return $"epoch {epoch.Epoch}/{epochs}: loss {Format.Loss(epoch.TrainLoss)}, accuracy {Format.Percent(epoch.TrainAccuracy)}{validation}   {Format.Seconds(epoch.Seconds)}";
    }

    private void End(Trainer trainer, string folder, long run, double? speed, Evaluation? test, Diagnosis? diagnosis)
    {
        if (test is null || diagnosis is null)
        {
            _terminal.WriteLine($"stopped after {Format.Number(trainer.Updates)} updates, in epoch {trainer.History.Count + 1} of {trainer.Settings.Epochs}; the checkpoint is in {folder}");
            _terminal.WriteLine($"go on with: {OutputFolder.ResumeCommand(folder)}");
            return;
        }
        _terminal.WriteLine($"test: loss {Format.Loss(test.Loss)}, accuracy {Format.Percent(test.Accuracy)} on {Format.Number(test.Samples)} samples");
        string pace = speed is { } samplesPerSecond ? $" at {Format.Number(samplesPerSecond)} samples/s" : "";
        _terminal.WriteLine($"trained for {Format.Seconds(trainer.Seconds)}{pace}; the network is in {folder}, run {run} of fovea runs");
        string atTheEnd = diagnosis.Passed.Count > 0 ? " at the end" : "";
        if (diagnosis.Findings.Count == 0) _terminal.WriteLine($"diagnosis: nothing wrong was found{atTheEnd}; {Noise(diagnosis, trainer.Settings.BatchSize)}");
        foreach (string finding in Told(diagnosis.Findings)) _terminal.WriteLine($"diagnosis: {finding}");
        foreach (Finding passed in diagnosis.Passed) _terminal.WriteLine($"diagnosis: what was found of {passed.Where} after epoch {passed.Epoch} ({passed.Kind}) is no longer found");
    }

    // Many layers of a deep network may have the same fault: the first few are told.
    private static IEnumerable<string> Told(IEnumerable<Finding> findings)
    {
        foreach (IGrouping<string, Finding> same in findings.GroupBy(finding => finding.Kind))
        {
            foreach (Finding finding in same.Take(MostOfAKind)) yield return $"{finding}";
            int more = same.Count() - MostOfAKind;
            if (more > 0) yield return $"{Format.Count(more, "more layer")} with the same fault ({same.Key}): fovea runs lists all";
        }
    }

    private static string Noise(Diagnosis diagnosis, int batchSize) => diagnosis.Noise switch
    {
        null => "there are too few samples to tell the gradient noise scale",
        { Scale: { } scale } => $"the gradient noise scale is about {Format.Number(scale)} samples, the batch {Format.Number(batchSize)}",
        _ => $"the gradient is lost in noise, whatever the batch",
    };
}

/// <summary>What <c>fovea train --json</c> prints.</summary>
/// <param name="Model">Its name, or its layers as text.</param>
/// <param name="Parameters">How many numbers it learns.</param>
/// <param name="Data">What it was trained on.</param>
/// <param name="TrainingSamples">How many samples it was trained on.</param>
/// <param name="ValidationSamples">How many were set aside.</param>
/// <param name="Settings">How it was trained.</param>
/// <param name="Folder">Where the checkpoint is.</param>
/// <param name="Run">Its number in the database of runs.</param>
/// <param name="Finished">Whether all epochs are done.</param>
/// <param name="Updates">Updates so far.</param>
/// <param name="TrainSeconds">How long they took.</param>
/// <param name="SamplesPerSecond">The speed of this session; null where there was nothing left to do.</param>
/// <param name="History">The finished epochs.</param>
/// <param name="Test">Loss and accuracy on the test samples; null when it was interrupted.</param>
/// <param name="Diagnosis">What it suffers from at its end; null when it was interrupted.</param>
internal sealed record TrainingReport(string Model, long Parameters, string Data, int TrainingSamples, int ValidationSamples, TrainingSettings Settings,
    string Folder, long Run, bool Finished, long Updates, double TrainSeconds, double? SamplesPerSecond, IReadOnlyList<EpochResult> History, Evaluation? Test,
    Diagnosis? Diagnosis)
{
    public static TrainingReport Of(Trainer trainer, string folder, long run, double? speed, Evaluation? test, Diagnosis? diagnosis) =>
        new(trainer.Model.ToString(), trainer.Network.ParameterCount, trainer.Data.Name, trainer.Training.Count, trainer.Validation.Count, trainer.Settings,
            folder, run, trainer.IsFinished, trainer.Updates, trainer.Seconds, speed, trainer.History, test, diagnosis);
}
