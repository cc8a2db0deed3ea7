using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// A network on the fast kernels. A batch is cut into micro-batches whose activations fit the cache, these into groups of as many samples
/// as a vector has lanes. Where a run of layers works sample by sample, a thread takes a group through the whole run; layers whose
/// weights are many cut their work along the weights. Where to cut follows from the model and the batch alone, never from the number of
/// threads: the same bits come out for any.
/// </summary>
internal sealed unsafe class LanePlan<V> : ExecutionPlan where V : struct, ILanes<V>
{
    // Activations and their gradients of one micro-batch: what the caches of a few cores hold.
    private const long MicroBatchBytes = 20 << 20;

    // Parameters that one item of the last stage adds up and updates.
    private const int UpdateSize = 4096;

    private readonly Memory _memory = new();
    private readonly StepState _step = new();
    private readonly int _maximumGroups;
    private readonly LaneTensor _input, _output;
    private readonly List<(Func<int> Items, WorkItem Run)> _forward = [], _backward = [];

    // The output of each layer; of a fused run, of its last.
    private readonly IReadOnlyList<(int Layer, LaneTensor Output)> _outputs;

    // Of the current micro-batch, one for each lane.
    private readonly int[] _samples;
    private readonly int* _labels, _predictions;
    private readonly float* _losses, _targets, _weights;

    // Of each worker, as many samples as a group has and one: only where they are not taken from memory as they lie there.
    private float* _prepared;

    // The current call.
    private Dataset? _data;
    private AugmentationPass? _augmentation;
    private int _batchSize;
    private double _terms;
    private bool _firstMicroBatch, _lastMicroBatch, _keepGradients;

    public LanePlan(Network network, PlanOptions options)
        : base(network, options)
    {
        ModelSpec model = network.Model;
        bool training = options.Optimizer is not null;
        _maximumGroups = MaximumGroups(model, options, training);
        int samples = _maximumGroups * V.Count;
        _samples = new int[samples];
        _labels = (int*)_memory.Floats(samples);
        _predictions = (int*)_memory.Floats(samples);
        _losses = _memory.Floats(samples);
        _step.Mask = _memory.Floats(samples);
        if (options.Loss is { IsWeighted: true }) _weights = _memory.Floats(samples);
        if (options.Loss is { TargetsAreClasses: false }) _targets = _memory.Floats((nint)samples * model.Output.Count);

        var context = new PlanContext
        {
            Memory = _memory,
            Step = _step,
            Groups = _maximumGroups,
            LargestOutput = Outputs(model, options).DefaultIfEmpty(0).Max(),
            Threads = options.Threads,
            Fuse = options.Fuse,
            Winograd = options.Winograd ?? WinogradCosts.Of(V.Registers),
            Times = options.Times,
            Contribute = Contribute,
            Upcoming = Upcoming,
        };
        _input = context.Tensor<V>(model.Input, model.Layers.Count > 0 ? model.Layers[0].InputMargin(model.Input) : Margin.None);
        var layers = SequencePlan<V>.Create(context, model.Layers, model.Shapes, first: 0, network.ParameterMemory.AllBlocks, network.BufferMemory.AllBlocks,
            new SequenceEnds { Input = _input, InputGradient = null, Trains = training });
        _output = layers.Output;
        _outputs = layers.Outputs;
        List<Stage> forward = [new(null, Timed(backward: false, LoadGroup)), .. layers.Forward];
        if (options.Loss is { } loss)
        {
            loss.Check(model.Output, classes: 0);
            LaneTensor? gradient = layers.OutputGradient;
            forward.Add(new(null, Timed(backward: false, (group, _) => RunLoss(loss, gradient, group))));
        }
        AddPreparation(layers.Preparation);
        // Backward, sums of a chunk's groups are taken in order; forward nothing is added up over groups, and smaller items leave less to wait for.
        Chain(forward, _forward, byChunk: false);
        if (!training) return;
        Chain(layers.Backward, _backward, byChunk: true);
        AddUpdates(layers.Sums);
    }

    public override long Bytes => _memory.Bytes;

    public override void Predict(Batch batch, Span<float> output)
    {
        int size = Network.Output.Count;
        for (int part = 0, done = 0; Begin(batch, part, training: false); done += _step.Samples, part++)
        {
            Run(_forward);
            for (int i = 0; i < _step.Samples; i++)
                InputKernels<V>.Store(_output, i / V.Count, i % V.Count, output.Slice((done + i) * size, size));
        }
        _data = null;
    }

    public override BatchSums Evaluate(Batch batch) => Pass(batch, training: false);

    public override void Observe(Batch batch, long? step, LayerObserver observe)
    {
        if (_outputs.Any(layer => layer.Output.Worker > 0))
            throw new InvalidOperationException("a fused plan keeps some outputs for one group a worker, which are gone when they would be looked at: make it with Fuse = false");
        (_step.Seed, _step.Step) = (Options.Optimizer?.Seed ?? 0, (uint)(step ?? 0));
        float[] values = new float[_outputs.Select(layer => layer.Output.Shape.Count).DefaultIfEmpty(0).Max()];
        for (int part = 0; Begin(batch, part, training: step is not null); part++)
        {
            Run(_forward);
            foreach (var (layer, output) in _outputs)
            {
                Span<float> sample = values.AsSpan(0, output.Shape.Count);
                for (int i = 0; i < _step.Samples; i++)
                {
                    InputKernels<V>.Store(output, i / V.Count, i % V.Count, sample);
                    observe(layer, _step.FirstSample + i, sample);
                }
            }
        }
        _data = null;
    }

    public override BatchSums Train(Batch batch, bool keepGradients = false)
    {
        OptimizerState optimizer = Options.Optimizer ?? throw new InvalidOperationException("this plan was made without an optimizer");
        _keepGradients = keepGradients;
        // Allocated here, as the workers must not.
        if (keepGradients || optimizer.Optimizer.NeedsWholeGradient || batch.Samples.Length > _maximumGroups * V.Count) _ = optimizer.GradientMemory;
        if (!keepGradients) optimizer.Step++;
        _step.Seed = optimizer.Seed;
        _step.Step = (uint)optimizer.Step;
        BatchSums sums = Pass(batch, training: true);
        if (!keepGradients && !double.IsFinite(sums.Loss)) optimizer.Step--;
        else if (optimizer.Optimizer.NeedsWholeGradient && !keepGradients) optimizer.Update<V>();
        return sums;
    }

    private BatchSums Pass(Batch batch, bool training)
    {
        double loss = 0;
        int correct = 0;
        _terms = Terms(Options.Loss!, batch, Network.Output);
        for (int part = 0; Begin(batch, part, training); part++)
        {
            Run(_forward);
            for (int i = 0; i < _step.Samples; i++)
            {
                loss += _losses[i];
                if (_predictions[i] == _labels[i]) correct++;
            }
            if (!training) continue;
            // The parameters stay as they are: what has made the loss so can still be found.
            if (!double.IsFinite(loss) && !_keepGradients) break;
            Run(_backward);
        }
        _data = null;
        return new BatchSums(loss, correct, _terms);
    }

    private void Run(List<(Func<int> Items, WorkItem Run)> stages)
    {
        for (int i = 0; i < stages.Count; i++) Work.For(Options.Threads, stages[i].Items(), stages[i].Run);
    }

    /// <summary>Takes up a part of the batch; false when there are no more.</summary>
    private bool Begin(Batch batch, int part, bool training)
    {
        if (batch.Samples.Length > Options.BatchSize)
            throw new ArgumentException($"the plan is for batches of up to {Options.BatchSize}, but got {batch.Samples.Length} samples");
        // The kernels would read past the end of the samples.
        if (batch.Data.Shape != Network.Input) throw new ArgumentException($"the plan takes {Network.Input}, but the samples are {batch.Data.Shape}");
        int groups = (batch.Samples.Length + V.Count - 1) / V.Count;
        Split parts = new(groups, _maximumGroups);
        if (part >= parts.Parts) return false;
        (_data, _augmentation) = (batch.Data, batch.Augmentation);
        // Allocated here, as the workers must not.
        if ((IsRead || _augmentation is not null) && _prepared == null) _prepared = _memory.Floats(Options.Threads * PreparedSize);
        _batchSize = batch.Samples.Length;
        _firstMicroBatch = part == 0;
        _lastMicroBatch = part == parts.Parts - 1;
        _step.Training = training;
        _step.Groups = parts.Size(part);
        _step.Chunks = Split.Into(_step.Groups, StepState.MaximumChunks);
        _step.FirstSample = parts.Start(part) * V.Count;
        _step.Samples = Math.Min(_step.Groups * V.Count, _batchSize - _step.FirstSample);
        batch.Samples.Slice(_step.FirstSample, _step.Samples).CopyTo(_samples);
        return true;
    }

    private bool IsRead => _data!.Bytes is null && _data.Floats is null;

    private nint PreparedSize => (V.Count + 1) * (nint)_input.Shape.Count;

    // The worker's own memory for a lane.
    private float* Prepared(int lane, int worker) => _prepared + worker * PreparedSize + (nint)lane * _input.Shape.Count;

    private float* Augment(int sample, int lane, int worker)
    {
        int count = _input.Shape.Count;
        float* result = Prepared(lane, worker);
        _augmentation!.Copy(_data!, sample, new Span<float>(Prepared(V.Count, worker), count), new Span<float>(result, count));
        return result;
    }

    private byte* Read(int sample, int lane, int worker)
    {
        var result = (byte*)Prepared(lane, worker);
        _data!.ReadSample(sample, new Span<byte>(result, _input.Shape.Count));
        return result;
    }

    private void LoadGroup(int group, int worker)
    {
        Dataset data = _data!;
        bool isRead = IsRead, isAugmented = _augmentation is not null;
        // A lane without a sample is masked, and may point to any bytes.
        byte* any = isRead && !isAugmented ? (byte*)Prepared(0, worker) : null;
        nint count = data.Shape.Count;
        byte** bytes = stackalloc byte*[V.Count];
        float** floats = stackalloc float*[V.Count];
        fixed (byte* allBytes = data.Bytes)
        fixed (float* allFloats = data.Floats)
        {
            for (int lane = 0; lane < V.Count; lane++)
            {
                int place = group * V.Count + lane;
                bool present = place < _step.Samples;
                _step.Mask[place] = present ? 1 : 0;
                _labels[place] = -1;
                bytes[lane] = any == null ? allBytes : any;
                floats[lane] = null;
                if (!present) continue;
                nint sample = data.Index(_samples[place]);
                if (isAugmented) floats[lane] = Augment(_samples[place], lane, worker);
                else if (isRead) bytes[lane] = Read(_samples[place], lane, worker);
                else
                {
                    bytes[lane] = allBytes + sample * count;
                    floats[lane] = allFloats + sample * count;
                }
                if (data.AllLabels is { } labels) _labels[place] = labels[sample];
                if (_weights != null) _weights[place] = (float)Options.Loss!.FactorOf(_labels[place]);
                if (_targets != null) LoadTargets(data, place, group, lane);
            }
            if (allFloats != null || isAugmented) InputKernels<V>.Load(floats, _input, group);
            else InputKernels<V>.Load(bytes, _input, group, data.Normalization, _step.Mask + group * V.Count);
        }
    }

    private void LoadTargets(Dataset data, int place, int group, int lane)
    {
        int outputs = Network.Output.Count;
        float* targets = _targets + (nint)group * outputs * V.Count + lane;
        for (int i = 0; i < outputs; i++) targets[i * V.Count] = data.Target(_samples[place], i, outputs);
    }

    private void RunLoss(Loss loss, LaneTensor? gradient, int group)
    {
        int outputs = Network.Output.Count;
        var call = new LossCall
        {
            Output = _output.At(group),
            Gradient = gradient is { } d && _step.Training ? d.At(group) : null,
            Features = outputs,
            Labels = _labels + group * V.Count,
            Targets = _targets == null ? null : _targets + (nint)group * outputs * V.Count,
            Mask = _step.Mask + group * V.Count,
            // Where no sample counts there is no gradient.
            Scale = _terms > 0 ? (float)(1.0 / _terms) : 0,
            Losses = _losses + group * V.Count,
        };
        loss.Run<V>(call);
        if (_weights != null) LossKernels<V>.Weigh(call, _weights + group * V.Count);
        if (outputs > 1) LossKernels<V>.Largest(call.Output, outputs, _predictions + group * V.Count);
        else for (int lane = 0; lane < V.Count; lane++) _predictions[group * V.Count + lane] = call.Output[lane] > loss.PositiveAbove ? 1 : 0;
    }

    /// <summary>Takes the gradient of a block for this micro-batch: adds it to those before, and after the last updates the parameters.</summary>
    private void Contribute(int offset, int count, float* gradient)
    {
        OptimizerState optimizer = Options.Optimizer!;
        if (IsStored)
        {
            var sum = new Span<float>(optimizer.GradientMemory + offset, count);
            if (_firstMicroBatch) new ReadOnlySpan<float>(gradient, count).CopyTo(sum);
            else System.Numerics.Tensors.TensorPrimitives.Add(sum, new ReadOnlySpan<float>(gradient, count), sum);
            gradient = optimizer.GradientMemory + offset;
        }
        if (IsUpdated) optimizer.Optimizer.Apply<V>(optimizer.Block(offset, count, gradient));
    }

    private bool UpdateWaits => _keepGradients || Options.Optimizer!.Optimizer.NeedsWholeGradient;

    // Whether a gradient is kept, or added to those of the micro-batches before, and whether its parameters are updated at once.
    private bool IsStored => UpdateWaits || !_lastMicroBatch || !_firstMicroBatch;
    private bool IsUpdated => _lastMicroBatch && !UpdateWaits;

    private Upcoming Upcoming(int offset)
    {
        var upcoming = new Upcoming();
        UpdateCall block = Options.Optimizer!.Block(offset, 0, null);
        if (IsStored) upcoming.Add(Options.Optimizer.GradientMemory + offset);
        if (!IsUpdated) return upcoming;
        upcoming.Add(block.State0);
        upcoming.Add(block.State1);
        upcoming.Add(block.State2);
        return upcoming;
    }

    // The parameters change after the last micro-batch only: what is made of them serves for all.
    private void AddPreparation(List<Stage> stages)
    {
        var items = new List<(WorkItem Run, int Item)>();
        foreach (Stage stage in stages)
        {
            for (int item = 0; item < stage.Items!(0); item++) items.Add((stage.Run, item));
        }
        if (items.Count > 0) _forward.Add((() => _firstMicroBatch ? items.Count : 0, (item, worker) => items[item].Run(items[item].Item, worker)));
    }

    private void AddUpdates(IEnumerable<PartialSums> sums)
    {
        var items = new List<(PartialSums Sums, int Start, int Count)>();
        foreach (PartialSums parameter in sums)
        {
            for (int start = 0; start < parameter.Parameter.Count; start += UpdateSize)
                items.Add((parameter, start, Math.Min(UpdateSize, parameter.Parameter.Count - start)));
        }
        _backward.Add((() => items.Count, Timed(backward: true, (item, _) =>
        {
            var (parameter, start, count) = items[item];
            float* sum = parameter.At(0) + start;
            for (int chunk = 1; chunk < _step.Chunks.Parts && parameter.PerChunk; chunk++)
            {
                float* part = parameter.At(chunk) + start;
                for (int i = 0; i < count; i += V.Count) (V.Load(sum + i) + V.Load(part + i)).Store(sum + i);
            }
            Contribute(parameter.Parameter.Offset + start, count, sum);
        })));
    }

    // What belongs to no layer has the number -1.
    private WorkItem Timed(bool backward, WorkItem run) => Options.Times?.Timed(-1, backward, run) ?? run;

    /// <summary>Joins neighbouring stages that work group by group: a thread takes a group, or a chunk's groups one after another, through all of them.</summary>
    private void Chain(List<Stage> stages, List<(Func<int> Items, WorkItem Run)> chained, bool byChunk)
    {
        for (int i = 0; i < stages.Count;)
        {
            Stage first = stages[i];
            if (first.Items is { } items)
            {
                chained.Add((() => items(_step.Groups), first.Run));
                i++;
                continue;
            }
            WorkItem[] run = [.. stages.Skip(i).TakeWhile(s => s.Items is null).Select(s => s.Run)];
            WorkItem chain = (group, worker) =>
            {
                foreach (WorkItem stage in run) stage(group, worker);
            };
            chained.Add(!byChunk ? (() => _step.Groups, chain) : (() => _step.Chunks.Parts, (chunk, worker) =>
            {
                for (int group = _step.Chunks.Start(chunk); group < _step.Chunks.End(chunk); group++) chain(group, worker);
            }
            ));
            i += run.Length;
        }
    }

    private static IEnumerable<int> Outputs(ModelSpec model, PlanOptions options) => new LayerSequence("", "", model.Layers).Outputs(model.Input, options.Fuse);

    private static int MaximumGroups(ModelSpec model, PlanOptions options, bool training)
    {
        int all = (options.BatchSize + V.Count - 1) / V.Count;
        if (training && model.Layers.Any(layer => layer.NeedsWholeBatch)) return all;
        if (options.MicroBatchGroups > 0) return Math.Min(all, options.MicroBatchGroups);
        long numbers = model.Input.Count + Outputs(model, options).Sum(count => (long)count);
        long bytes = numbers * V.Count * sizeof(float) * (training ? 2 : 1);
        // Linear layers take four groups at a time.
        long groups = Math.Max(4, MicroBatchBytes / bytes / 4 * 4);
        return (int)Math.Min(all, groups);
    }
}
