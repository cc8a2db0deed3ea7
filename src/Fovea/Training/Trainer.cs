using System.Diagnostics;

namespace Fovea;

/// <summary>
/// Trains a network on a dataset, from the first epoch or from a checkpoint. Interrupted and resumed, it gives the very bits of an
/// uninterrupted training: random numbers depend on the seed and the position alone.
/// </summary>
public sealed class Trainer
{
    private readonly OptimizerState _optimizer;
    private readonly ExecutionPlan _plan;
    private readonly int[] _order;
    private readonly SampleOrder _orders;
    private readonly List<EpochResult> _history = [];
    private readonly List<TrainingPlace> _places = [];
    private AugmentationPass? _augmentation;
    private Network? _averaged;
    private BatchSums _sums;
    private double _seconds;
    private StepResult _step;

    /// <summary>Builds the network and everything that training takes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The samples; a share is set aside for validation.</param>
    /// <param name="settings">How to train.</param>
    /// <param name="threads">Threads to use; 0 takes all processors. The result does not depend on it.</param>
    /// <exception cref="FoveaException">Model, data and settings do not fit each other.</exception>
    public Trainer(ModelSpec model, Dataset data, TrainingSettings settings, int threads = 0)
        : this(model, data, settings, threads, begins: true)
    {
    }

    /// <summary>As the public constructor; one that goes on with a training is given its weights later.</summary>
    internal Trainer(ModelSpec model, Dataset data, TrainingSettings settings, int threads, bool begins)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(settings);
        settings.Check();
        if (data.Shape != model.Input)
            throw new FoveaException($"the model takes {model.Input}, but the samples of {data.Name} are {data.Shape}. Use another model, or resize the samples.");
        (Training, Validation) = data.Split(settings.ValidationFraction, settings.Seed);
        if (Training.AllLabels is not null) settings = settings with { Loss = settings.Loss.For(Training.ClassCounts()) };
        ExecutionPlan.CheckTargets(model.Output, data, settings.Loss);
        if (settings.Augmentation != Augmentation.None && data.Shape.IsFlat)
            throw new FoveaException($"{data.Name}: the samples are rows of {data.Shape.Count} numbers, no images: they cannot be augmented. Leave the augmentation out, or use a model that takes images.");
        if (settings.Augmentation.Problem(data.Shape) is { } unfit) throw new FoveaException($"{unfit}.");
        (Model, Data, Settings) = (model, data, settings);
        if (Training.Count == 0) throw new FoveaException($"{data.Name}: {data.Count} samples are too few: none is left to train on.");
        Threads = threads > 0 ? threads : Environment.ProcessorCount;
        Network = new Network(model, settings.Seed, settings.Initialization);
        if (begins && settings.Weights is { } weights)
            StateDict.Load(Network, Checkpoint.Exists(weights) ? StateDict.Of(Checkpoint.LoadNetwork(weights).Network) : Safetensors.Read(weights), weights);
        _optimizer = new OptimizerState(Network, settings.Optimizer, settings.Seed);
        _plan = ExecutionPlan.Create(Network, new PlanOptions
        {
            BatchSize = Math.Min(settings.BatchSize, Training.Count),
            Threads = Threads,
            Loss = settings.Loss,
            Optimizer = _optimizer,
        });
        _order = new int[Training.Count];
        _orders = new SampleOrder(Training, settings.Sampling, settings.Seed);
        Shuffle();
    }

    /// <summary>Goes on where <see cref="Save"/> left a training.</summary>
    /// <param name="directory">The folder with the checkpoint.</param>
    /// <param name="data">The same data as before.</param>
    /// <param name="threads">Threads to use; 0 takes all processors.</param>
    /// <returns>The training. Where the newest checkpoint is damaged it goes on from the one before, and <see cref="CheckpointWarning"/> says so.</returns>
    /// <exception cref="CheckpointException">There is no whole checkpoint, or the data are others.</exception>
    public static Trainer Resume(string directory, Dataset data, int threads = 0) => Checkpoint.Resume(directory, data, threads);

    /// <summary>Writes a checkpoint into a folder, from which the training can go on to the same bits. The one before it is kept until the training is
    /// finished, older ones are removed.</summary>
    /// <exception cref="CheckpointException">The folder cannot be written.</exception>
    /// <exception cref="TrainingFailedException">A parameter is no longer a number: the older checkpoint is kept.</exception>
    public void Save(string directory)
    {
        if (NonFiniteSearch.InParameters(Network, Updates, Settings.Optimizer.LearningRate) is { } finding) throw new TrainingFailedException($"{finding}", finding);
        Checkpoint.Save(this, directory);
    }

    /// <summary>The model.</summary>
    public ModelSpec Model { get; }

    /// <summary>All samples given.</summary>
    public Dataset Data { get; }

    /// <summary>How it is trained; balanced class weights of its loss are numbers here.</summary>
    public TrainingSettings Settings { get; }

    /// <summary>The samples trained on.</summary>
    public Dataset Training { get; }

    /// <summary>The samples set aside.</summary>
    public Dataset Validation { get; }

    /// <summary>How its epochs are cut into updates.</summary>
    public EpochSize Epoch => new(Training.Count, Settings.BatchSize);

    /// <summary>The network, as trained so far.</summary>
    public Network Network { get; }

    /// <summary>The network with the running mean of its parameters where the optimizer keeps one (<see cref="Optimizer.EmaDecay"/>): what is
    /// evaluated and, from a checkpoint, used. <see cref="Network"/> itself where it keeps none, and before the first update.</summary>
    public Network Averaged
    {
        get
        {
            if (_optimizer.Average.IsEmpty || Updates == 0) return Network;
            _averaged ??= new Network(Model, Settings.Seed, Settings.Initialization);
            _optimizer.Average.CopyTo(_averaged.ParameterMemory.Span);
            Network.BufferMemory.Span.CopyTo(_averaged.BufferMemory.Span);
            return _averaged;
        }
    }

    /// <summary>The finished epochs.</summary>
    public IReadOnlyList<EpochResult> History => _history;

    /// <summary>Updates so far.</summary>
    public long Updates => _optimizer.Step;

    /// <summary>Where its updates were made: more than one place where it was taken up on another machine or with another number of threads. None before the
    /// first update, and where the training was begun by a version that did not keep it.</summary>
    public IReadOnlyList<TrainingPlace> Places => _places;

    /// <summary>What is wrong with a newer checkpoint, in whose place the training was resumed from an older one; null where nothing is.</summary>
    public string? CheckpointWarning { get; internal init; }

    /// <summary>What whoever resumed it should know, in sentences: a damaged checkpoint, updates that another engine made.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            string[] others = [.. _places.Select(place => place.Machine.Engine).Where(engine => engine.Length > 0 && engine != Engine.Description).Distinct()];
            return
            [
                .. CheckpointWarning is { } warning ? [warning] : (string[])[],
                .. others.Length > 0 ? [$"another engine made some of the updates ({string.Join("; ", others)}): on this one ({Engine.Description}) the bits will not be those of a training that stays on one."] : (string[])[],
            ];
        }
    }

    /// <summary>The files of the checkpoints that it has written or was resumed from, the newest first, as far as they are kept.</summary>
    internal IReadOnlyList<(string Description, string Weights)> Saved { get; set; } = [];

    /// <summary>The loss of the untrained network, once a diagnosis has asked for it.</summary>
    internal double? StartLoss { get; set; }

    /// <summary>Threads that it uses.</summary>
    internal int Threads { get; }

    /// <summary>Samples seen in the current epoch.</summary>
    public int EpochPosition { get; private set; }

    /// <summary>Seconds of all updates so far, those of earlier sessions too; validation is not counted.</summary>
    public double Seconds => _history.Sum(epoch => epoch.Seconds) + _seconds;

    /// <summary>Whether all epochs are done, or the training has come to another end that its settings set.</summary>
    public bool IsFinished => EpochPosition == 0 && (_history.Count >= Settings.Epochs || IsSpent || IsOutOfPatience);

    // Ends that come in the middle of an epoch too.
    private bool IsSpent => Updates >= Settings.Updates || Seconds >= Settings.Seconds;

    private bool IsOutOfPatience
    {
        get
        {
            if (Settings.Patience is not { } patience) return false;
            int best = 0;
            for (int i = 1; i < _history.Count; i++) if (_history[i].ValidationLoss < _history[best].ValidationLoss) best = i;
            return _history.Count - 1 - best >= patience;
        }
    }

    // As far as it is known before: of the whole training.
    private long PlannedUpdates => Math.Min((long)Settings.Epochs * Epoch.Updates, Settings.Updates ?? long.MaxValue);

    /// <summary>Bytes that the engine holds: parameters, optimizer state, activations and their gradients; the data apart.</summary>
    public long EngineBytes => _plan.Bytes + _optimizer.Bytes + (long)Network.ParameterMemory.Count * sizeof(float);

    /// <summary>Trains until it is finished or cancellation is asked for, which takes effect after an update.</summary>
    /// <param name="progress">Called after each update.</param>
    /// <param name="epochDone">Called after each epoch.</param>
    /// <param name="cancellation">Stops the training; it can be continued.</param>
    /// <returns>True when it is finished.</returns>
    /// <exception cref="TrainingFailedException">The loss is no longer a number; the message says where that began.</exception>
    public bool Run(Action<TrainingProgress>? progress = null, Action<EpochResult>? epochDone = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        double validationSeconds = 0;
        long before = SamplesSeen;
        var here = new TrainingPlace(Machine.This, Threads);
        // What a checkpoint does not say stays unknown.
        if (!IsFinished && (Updates == 0 || _places.Count > 0) && !_places.Contains(here)) _places.Add(here);
        while (!IsFinished)
        {
            if (cancellation.IsCancellationRequested) return false;
            // A checkpoint may have been written between the last update of an epoch and its end.
            if (EpochPosition < Training.Count && !IsSpent)
            {
                Update();
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds - validationSeconds;
                progress?.Invoke(new TrainingProgress(_history.Count + 1, EpochsToCome, SamplesSeen, SamplesToSee, _sums.Mean,
                    (double)_sums.Correct / EpochPosition, (SamplesSeen - before) / seconds)
                {
                    Step = _step,
                });
            }
            if (EpochPosition < Training.Count && !IsSpent) continue;
            long validationStart = Stopwatch.GetTimestamp();
            EndEpoch();
            validationSeconds += Stopwatch.GetElapsedTime(validationStart).TotalSeconds;
            epochDone?.Invoke(_history[^1]);
        }
        return true;
    }

    /// <summary>Samples of all updates so far.</summary>
    public long SamplesSeen => Epoch.SamplesOf(Updates);

    // The rest of a budget of seconds, at the speed so far.
    private long SamplesToSee
    {
        get
        {
            long planned = Epoch.SamplesOf(PlannedUpdates);
            return Settings.Seconds is { } budget ? Math.Clamp((long)(SamplesSeen * budget / Seconds), SamplesSeen, planned) : planned;
        }
    }

    private int EpochsToCome => (int)Math.Max(_history.Count + 1, (SamplesToSee + Training.Count - 1) / Training.Count);

    /// <summary>The loss and accuracy of <see cref="Averaged"/> on other samples.</summary>
    /// <exception cref="TrainingFailedException">The loss is no longer a number; the message says where that began.</exception>
    public Evaluation Evaluate(Dataset data)
    {
        Evaluation evaluation = Evaluate(Averaged, data, Settings.Loss, Threads);
        return double.IsFinite(evaluation.Loss) ? evaluation : throw Failed($"the loss on {data.Count} samples of {data.Name}", evaluation.Loss, new Batch(data, [.. Enumerable.Range(0, data.Count)]), null);
    }

    /// <summary>A network's loss and accuracy on a dataset, in evaluation mode.</summary>
    /// <exception cref="FoveaException">Network, data and loss do not fit each other, or there are no samples.</exception>
    public static Evaluation Evaluate(Network network, Dataset data, Loss loss, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(loss);
        ExecutionPlan.CheckSamples(network, data, loss);
        if (data.Count == 0) throw new FoveaException($"{data.Name}: there are no samples to evaluate on. Give at least one.");
        ExecutionPlan plan = ExecutionPlan.Create(network, new PlanOptions
        {
            BatchSize = ExecutionPlan.InferenceBatch,
            Threads = threads > 0 ? threads : Environment.ProcessorCount,
            Loss = loss,
        });
        int[] samples = [.. Enumerable.Range(0, data.Count)];
        BatchSums sums = default;
        for (int first = 0; first < samples.Length; first += ExecutionPlan.InferenceBatch)
            sums += plan.Evaluate(new Batch(data, samples.AsSpan(first, Math.Min(ExecutionPlan.InferenceBatch, samples.Length - first))));
        return new Evaluation(sums.Mean, (double)sums.Correct / data.Count, data.Count);
    }

    private void Update()
    {
        long start = Stopwatch.GetTimestamp();
        int count = Math.Min(Settings.BatchSize, Training.Count - EpochPosition);
        var context = new ScheduleContext(Updates, PlannedUpdates, Epoch.Updates, _history);
        _optimizer.LearningRate = Settings.Schedule.LearningRate(Settings.Optimizer.LearningRate, context);
        _optimizer.Momentum = Settings.Schedule.Momentum(context);
        var batch = new Batch(Training, _order.AsSpan(EpochPosition, count), _augmentation);
        BatchSums sums = _plan.Train(batch);
        if (!double.IsFinite(sums.Loss)) throw Failed($"the loss of update {Updates + 1}", sums.Loss, batch, _optimizer);
        _sums += sums;
        _step = new StepResult(Updates, sums.Mean, (double)sums.Correct / count, _optimizer.LearningRate);
        EpochPosition += count;
        _seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private void EndEpoch()
    {
        Evaluation? validation = Validation.Count > 0 ? Evaluate(Averaged, Validation, Settings.Loss, Threads) : null;
        if (validation is not null && !double.IsFinite(validation.Loss)) throw Failed("the validation loss", validation.Loss, new Batch(Validation, [.. Enumerable.Range(0, Validation.Count)]), null);
        _history.Add(new EpochResult(_history.Count + 1, _sums.Mean, (double)_sums.Correct / EpochPosition,
            validation?.Loss, validation?.Accuracy, _seconds)
        {
            Updates = Updates,
            Mistakes = ConfidentMistakes.AppliesTo(Model, Settings.Loss) && Training.AllLabels is not null
                ? ConfidentMistakes.Of(Averaged, Training, Settings.Loss) : null,
        });
        (_sums, _seconds, EpochPosition) = (default, 0, 0);
        Shuffle();
    }

    /// <summary>Enters what was found after the last epoch.</summary>
    internal void Enter(IReadOnlyList<Finding> findings) => _history[^1] = _history[^1] with { Findings = findings };

    private TrainingFailedException Failed(string what, double value, Batch batch, OptimizerState? optimizer)
    {
        var finding = NonFiniteSearch.Find(Network, Settings, batch, Updates, optimizer, Threads);
        return new TrainingFailedException($"{what} (epoch {_history.Count + 1}) is {value}: {finding}", finding);
    }

    // What an epoch takes, and how it is changed.
    private void Shuffle()
    {
        uint epoch = (uint)_history.Count;
        _orders.Fill(_order, epoch);
        if (Settings.Augmentation != Augmentation.None) _augmentation = new AugmentationPass(Settings.Augmentation, Settings.Seed, epoch);
    }

    /// <summary>Where the training stands, apart from the numbers of <see cref="Tensors"/>.</summary>
    internal TrainingPosition Position => new(Updates, EpochPosition, _sums.Loss, _sums.Correct, _seconds, _history) { EpochTerms = _sums.Terms, Places = _places };

    /// <summary>Parameters, buffers and optimizer state, by name, in PyTorch's layout.</summary>
    internal Dictionary<string, SafetensorsSource> Tensors()
    {
        var tensors = new Dictionary<string, SafetensorsSource>();
        ForEachTensor((name, arena, entry) => tensors[name] = new SafetensorsSource(entry.Spec.Shape, values => ParameterArena.Read(arena(), entry, values)));
        return tensors;
    }

    /// <summary>Puts the training where a checkpoint left it.</summary>
    internal void Restore(TrainingPosition position, IReadOnlyDictionary<string, SafetensorsEntry> tensors)
    {
        ForEachTensor((name, arena, entry) => ParameterArena.Write(arena(), entry, tensors[name].Values));
        _optimizer.Step = position.Updates;
        _history.Clear();
        _history.AddRange(position.History);
        _places.Clear();
        _places.AddRange(position.Places ?? []);
        (EpochPosition, _seconds) = (position.EpochPosition, position.EpochSeconds);
        _sums = new BatchSums(position.EpochLossSum, position.EpochCorrect, position.EpochTerms ?? Settings.Loss.Terms(EpochPosition, Model.Output));
        Shuffle();
    }

    /// <summary>Shapes of what <see cref="Tensors"/> returns, by name.</summary>
    internal Dictionary<string, IReadOnlyList<int>> TensorShapes()
    {
        var shapes = new Dictionary<string, IReadOnlyList<int>>();
        ForEachTensor((name, _, entry) => shapes[name] = entry.Spec.Shape);
        return shapes;
    }

    private void ForEachTensor(Action<string, Func<Span<float>>, ParameterArena.Entry> action)
    {
        foreach (ParameterArena.Entry entry in Network.ParameterMemory.Entries) action(entry.Name, () => Network.ParameterMemory.Span, entry);
        foreach (ParameterArena.Entry entry in Network.BufferMemory.Entries) action(entry.Name, () => Network.BufferMemory.Span, entry);
        IReadOnlyList<string> states = Settings.Optimizer.StateNames;
        foreach (var (i, state) in states.Index())
        {
            foreach (ParameterArena.Entry entry in Network.ParameterMemory.Entries) action($"optimizer.{entry.Name}.{state}", () => _optimizer.State(i), entry);
        }
        if (_optimizer.Average.IsEmpty) return;
        foreach (ParameterArena.Entry entry in Network.ParameterMemory.Entries) action(Checkpoint.AverageOf(entry.Name), () => _optimizer.Average, entry);
    }
}

/// <summary>Where a training stands.</summary>
internal sealed record TrainingPosition(
    long Updates, int EpochPosition, double EpochLossSum, int EpochCorrect, double EpochSeconds, IReadOnlyList<EpochResult> History)
{
    /// <summary>By what the sum of the losses is divided; null in checkpoints from before losses had weights, when it followed from the position.</summary>
    public double? EpochTerms { get; init; }

    /// <summary>Where the updates were made; null in checkpoints from before this was kept.</summary>
    public IReadOnlyList<TrainingPlace>? Places { get; init; }
}

/// <summary>A training cannot go on.</summary>
public sealed class TrainingFailedException(string message, Finding? finding = null) : FoveaException(message)
{
    /// <summary>Where numbers are no longer finite, and what to do; null where it failed for another reason.</summary>
    public Finding? Finding { get; } = finding;
}
