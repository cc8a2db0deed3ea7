namespace Fovea;

/// <summary>
/// A model with weights. It owns all memory that its layers work on; nothing needs to be disposed. Several threads may use one network at once as long
/// as none changes its weights: <see cref="Predict"/> then takes them one after the other.
/// </summary>
public sealed class Network
{
    private readonly Lazy<ImagePlan?> _imagePlan;

    // A plan has one memory for what its layers compute: who uses one holds this.
    private readonly Lock _predicting = new();
    private ExecutionPlan? _inference;

    /// <summary>Builds a network and draws its initial weights.</summary>
    /// <param name="model">The layers.</param>
    /// <param name="seed">What the weights are drawn by: the same seed gives the same weights.</param>
    /// <param name="initialization">How the weights are spread; <see cref="Initialization.PyTorch"/> when not given.</param>
    /// <exception cref="ShapeException">A layer does not fit its input.</exception>
    public Network(ModelSpec model, ulong seed = 0, Initialization? initialization = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (Model, Seed) = (model, seed);
        // Where its memory cannot be had the first time, it is asked for again: any other mode would keep the exception for ever.
        _imagePlan = new Lazy<ImagePlan?>(() => ImagePlan.Create(this, Environment.ProcessorCount), LazyThreadSafetyMode.PublicationOnly);
        ParameterMemory = new ParameterArena(model, (layer, input) => layer.Parameters(input));
        BufferMemory = new ParameterArena(model, (layer, input) => layer.Buffers(input));
        initialization ??= Initialization.PyTorch;
        ParameterMemory.Initialize(seed, initialization);
        BufferMemory.Initialize(seed, initialization);
    }

    /// <summary>The layers.</summary>
    public ModelSpec Model { get; }

    /// <summary>What the initial weights were drawn by.</summary>
    public ulong Seed { get; }

    /// <summary>The shape of one sample of the input.</summary>
    public Shape Input => Model.Input;

    /// <summary>The shape of one sample of the output.</summary>
    public Shape Output => Model.Output;

    /// <summary>What the network learns: names as in a PyTorch nn.Sequential ("0.weight": the first layer's), shapes as there.</summary>
    public IReadOnlyList<NetworkParameter> Parameters => [.. ParameterMemory.Entries.Select(e => new NetworkParameter(e.Name, e.Spec.Shape))];

    /// <summary>How many numbers the network learns.</summary>
    public long ParameterCount => ParameterMemory.Entries.Sum(e => (long)e.Spec.Count);

    /// <summary>What it keeps without learning it, such as running statistics.</summary>
    public IReadOnlyList<NetworkParameter> Buffers => [.. BufferMemory.Entries.Select(e => new NetworkParameter(e.Name, e.Spec.Shape))];

    internal ParameterArena ParameterMemory { get; }

    internal ParameterArena BufferMemory { get; }

    /// <summary>A copy of a parameter or buffer, in PyTorch's layout (a convolution's weight is filters x channels x height x width).</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public float[] GetParameter(string name)
    {
        var (arena, entry) = Find(name);
        float[] values = ParameterArena.Read(arena.Span, entry);
        // The span is made of a pointer, which does not keep the memory.
        GC.KeepAlive(arena);
        return values;
    }

    /// <summary>Overwrites a parameter or buffer, in PyTorch's layout.</summary>
    /// <exception cref="ArgumentException">There is none of this name, or it has another number of values.</exception>
    public void SetParameter(string name, ReadOnlySpan<float> values)
    {
        var (arena, entry) = Find(name);
        if (values.Length != entry.Spec.Count)
        {
            throw new ArgumentException(
                $"parameter {name} is [{string.Join(", ", entry.Spec.Shape)}], {entry.Spec.Count} numbers, but {values.Length} were given.", nameof(values));
        }
        ParameterArena.Write(arena.Span, entry, values);
        GC.KeepAlive(arena);
    }

    /// <summary>The output for each sample, in evaluation mode. It may be called by several threads at once, which wait for each other.</summary>
    /// <exception cref="ArgumentException">The samples have another shape than the network's input.</exception>
    public Tensor Predict(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Shape != Input)
            throw new ArgumentException($"the network takes {Input}, but the samples are {input.Shape}.", nameof(input));
        var output = new Tensor(input.Samples, Output);
        if (input.Samples == 0) return output;
        lock (_predicting) Run(input, output);
        return output;
    }

    private void Run(Tensor input, Tensor output)
    {
        if (input.Samples <= ImagePlan.MostImages && _imagePlan.Value is { } plan)
        {
            for (int sample = 0; sample < input.Samples; sample++) plan.Predict(input[sample], output[sample]);
            return;
        }
        int lanes = Math.Min(input.Samples, ExecutionPlan.InferenceBatch);
        if (_inference is null || _inference.Options.BatchSize < lanes)
            _inference = ExecutionPlan.Create(this, new PlanOptions { BatchSize = lanes, Threads = Environment.ProcessorCount });
        Dataset data = Dataset.FromTensor(input, new int[input.Samples], classes: 1);
        int[] samples = [.. Enumerable.Range(0, input.Samples)];
        for (int first = 0; first < samples.Length; first += _inference.Options.BatchSize)
        {
            int count = Math.Min(_inference.Options.BatchSize, samples.Length - first);
            _inference.Predict(new Batch(data, samples.AsSpan(first, count)), output.Values.AsSpan(first * Output.Count, count * Output.Count));
        }
    }

    /// <summary>A network of the first layers alone, with copies of their weights: its output is what the next layer takes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The network has fewer layers, or none was asked for.</exception>
    public Network FirstLayers(int layers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layers, Model.Layers.Count);
        var start = new Network(new ModelSpec(Model.Input, [.. Model.Layers.Take(layers)]), Seed);
        foreach (NetworkParameter parameter in start.Parameters.Concat(start.Buffers)) start.SetParameter(parameter.Name, GetParameter(parameter.Name));
        return start;
    }

    private (ParameterArena Arena, ParameterArena.Entry Entry) Find(string name)
    {
        foreach (ParameterArena arena in (ParameterArena[])[ParameterMemory, BufferMemory])
        {
            foreach (ParameterArena.Entry entry in arena.Entries)
            {
                if (entry.Name == name) return (arena, entry);
            }
        }
        throw new ArgumentException($"there is no parameter \"{name}\". There are: {string.Join(", ", Parameters.Concat(Buffers).Select(p => p.Name))}.", nameof(name));
    }
}

/// <summary>A parameter's name, "0.weight", and its shape in PyTorch's order.</summary>
public sealed record NetworkParameter(string Name, IReadOnlyList<int> Shape);
