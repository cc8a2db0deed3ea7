using System.Runtime.Intrinsics;
using Fovea.Kernels;

namespace Fovea.Tests.Laws;

/// <summary>Layers between two taps, in a network with random parameters, and a batch of samples with the gradients that shall go back.</summary>
internal sealed class Specimen
{
    /// <summary>As many samples as fill more groups of four lanes than there are chunks, the last group in part: some chunks hold two groups, which are added up where they are.</summary>
    public const int SamplesOfChunks = 4 * StepState.MaximumChunks + 5;

    private readonly TapMemory _front, _back;
    private readonly OptimizerState _optimizer;
    private readonly float[] _buffers;
    private readonly Dataset _data;
    private readonly int[] _samples;

    /// <param name="input">The shape of a sample.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="samples">How many samples.</param>
    /// <param name="isFirst">Whether nothing before them learns: then the engine computes no gradient of the input.</param>
    public Specimen(Shape input, IReadOnlyList<Layer> layers, int samples, bool isFirst = false)
    {
        Shape output = new ModelSpec(input, layers).Output;
        (Input, Output, Samples) = (input, output, samples);
        _front = new TapMemory(new float[samples * input.Count], new float[samples * input.Count]);
        _back = new TapMemory(new float[samples * output.Count], new float[samples * output.Count]);
        Network = new Network(new ModelSpec(input, [new Tap(_front, Learns: !isFirst), .. layers, new Tap(_back), new Flatten()]));
        Numbers.Randomize(Network);
        _buffers = Network.BufferMemory.Span.ToArray();
        _optimizer = new OptimizerState(Network, new Sgd(), seed: 5);
        X = Numbers.Distinct(samples * input.Count, seed: 11);
        DY = Numbers.Uniform(samples * output.Count, seed: 12);
        _data = Dataset.FromTensor(new Tensor(samples, input, X), new Tensor(samples, Shape.Flat(output.Count), DY));
        _samples = [.. Enumerable.Range(0, samples)];
    }

    public Specimen(string example, int samples)
        : this(Examples.Read(example).Input, [Examples.Read(example).Layer], samples)
    {
    }

    public Network Network { get; }
    public Shape Input { get; }
    public Shape Output { get; }
    public int Samples { get; }

    /// <summary>The input, and the gradient of the output times the number of outputs of the batch.</summary>
    public float[] X { get; }
    public float[] DY { get; }

    /// <summary>A pass forward in evaluation, and one forward and backward in training, of these samples on the fast kernels.</summary>
    public Results Fast(int lanes, int threads = 1, bool fuse = true, int microBatchGroups = 0, int[]? samples = null)
    {
        samples ??= _samples;
        _buffers.CopyTo(Network.BufferMemory.Span);
        ExecutionPlan plan = CreatePlan(lanes, threads, fuse, microBatchGroups);
        var batch = new Batch(_data, samples);
        float[] evaluated = new float[samples.Length * Output.Count];
        plan.Predict(batch, evaluated);
        plan.Train(batch, keepGradients: true);
        var results = new Results();
        results.Add("output in evaluation", evaluated);
        results.Add("output in training", _back.Values.AsSpan(0, samples.Length * Output.Count));
        results.Add("input gradient", _front.Gradients.AsSpan(0, samples.Length * Input.Count));
        foreach (ParameterArena.Entry entry in Network.ParameterMemory.Entries)
            results.Add($"gradient of {entry.Name}", ParameterArena.Read(_optimizer.Gradients, entry));
        foreach (ParameterArena.Entry entry in Network.BufferMemory.Entries)
            results.Add(entry.Name, ParameterArena.Read(Network.BufferMemory.Span, entry));
        return results;
    }

    /// <summary>Fails unless parameters get the same gradients where no gradient of the input is asked for.</summary>
    public void AssertLearnsAlikeAsFirst(IReadOnlyList<Layer> layers, int lanes)
    {
        var first = new Specimen(Input, layers, Samples, isFirst: true);
        foreach (ParameterArena.Entry entry in first.Network.ParameterMemory.Entries) first.Network.SetParameter(entry.Name, Network.GetParameter(entry.Name));
        _buffers.CopyTo(first._buffers, 0);
        Results expected = Fast(lanes), actual = first.Fast(lanes);
        foreach (string name in actual.Keys.Where(name => name != "input gradient")) Numbers.AssertClose(expected[name], actual[name], 2e-6, $"{lanes} lanes: {name}");
    }

    /// <summary>A plan that trains this network.</summary>
    public ExecutionPlan CreatePlan(int lanes, int threads, bool fuse = true, int microBatchGroups = 0) => Plans.Create(Network, new PlanOptions
    {
        BatchSize = Samples,
        Threads = threads,
        Loss = new DotLoss(),
        Optimizer = _optimizer,
        Lanes = lanes,
        Fuse = fuse,
        MicroBatchGroups = microBatchGroups,
        Winograd = Costs,
    });

    /// <summary>By which passes of Winograd's algorithm are chosen, on every processor and with vectors of any width: the examples are by those that are the default.</summary>
    public WinogradCosts Costs { get; init; } = WinogradCosts.OwnAdders;

    /// <summary>All samples.</summary>
    public Batch Batch => new(_data, _samples);

    /// <summary>The same on the reference kernels, in double.</summary>
    public Results Reference()
    {
        _buffers.CopyTo(Network.BufferMemory.Span);
        double[] x = X.ToDouble();
        var results = new Results { ["output in evaluation"] = CreateReference(training: false).Forward(x) };
        ReferenceNetwork<double> network = CreateReference(training: true);
        double[] y = network.Forward(x);
        results["output in training"] = y;
        var (_, dy) = ReferenceNetwork<double>.Loss(new DotLoss(), Shape.Flat(Output.Count), new DotLoss().Terms(Samples, Output), y, _ => -1, (sample, i) => DY[sample * Output.Count + i]);
        network.Backward(dy);
        results["input gradient"] = network.InputGradient;
        for (int i = 0; i < Network.ParameterMemory.Entries.Count; i++)
        {
            ParameterArena.Entry entry = Network.ParameterMemory.Entries[i];
            results[$"gradient of {entry.Name}"] = Of(network.Gradients, Network.ParameterMemory, i);
        }
        for (int i = 0; i < Network.BufferMemory.Entries.Count; i++)
            results[Network.BufferMemory.Entries[i].Name] = Of(network.Buffers, Network.BufferMemory, i);
        return results;
    }

    /// <summary>The network on the reference kernels, in double, with a copy of the parameters.</summary>
    public ReferenceNetwork<double> CreateReference(bool training) => new(Network, Samples, training, _optimizer.Seed);

    /// <summary>The array of an entry of an arena, in a reference network's arrays by layer.</summary>
    public static double[] Of(double[][][] arrays, ParameterArena arena, int entry)
    {
        int layer = arena.Entries[entry].Layer;
        return arrays[layer][entry - arena.Entries.TakeWhile(e => e.Layer < layer).Count()];
    }
}

/// <summary>Named arrays of numbers that came out of a pass.</summary>
internal sealed class Results : SortedDictionary<string, double[]>
{
    public void Add(string name, ReadOnlySpan<float> values) => Add(name, values.ToDouble());

    /// <summary>Fails unless all numbers agree to a tolerance.</summary>
    public void AssertClose(Results actual, double tolerance, string what)
    {
        Assert.Equal(Keys, actual.Keys);
        foreach (var (name, values) in this)
        {
            // The gradients of a bias and of its weights are sums over the same places: they are rounded alike, though those of a few biases may cancel out.
            double size = name.EndsWith(".bias", StringComparison.Ordinal) && TryGetValue(name[..^".bias".Length] + ".weight", out double[]? weights) ? weights.Max(Math.Abs) : 0;
            Numbers.AssertClose(values, actual[name], tolerance, $"{what}: {name}", size);
        }
    }

    /// <summary>Fails unless all numbers are the same to the bit.</summary>
    public void AssertSame(Results actual, string what)
    {
        Assert.Equal(Keys, actual.Keys);
        foreach (var (name, values) in this) Numbers.AssertClose(values, actual[name], tolerance: 0, $"{what}: {name}");
    }
}

/// <summary>Plans on the fast kernels, whatever the environment asks for.</summary>
internal static class Plans
{
    /// <summary>The widths that this machine has, and four, which every machine has: wider ones in software take minutes.</summary>
    public static readonly int[] Lanes =
        Vector512.IsHardwareAccelerated ? [4, 8, 16] : Vector256.IsHardwareAccelerated ? [4, 8] : [4];

    /// <summary>The lanes where one width says as much as the others.</summary>
    public static int UsualLanes => Math.Min(8, Lanes[^1]);

    /// <summary>Whether the machine has vectors at all; without any, all is hundreds of times slower.</summary>
    public static bool HasVectors => Vector128.IsHardwareAccelerated;

    public static ExecutionPlan Create(Network network, PlanOptions options) => options.Lanes switch
    {
        4 => new LanePlan<Lanes4>(network, options),
        8 => new LanePlan<Lanes8>(network, options),
        16 => new LanePlan<Lanes16>(network, options),
        _ => throw new ArgumentOutOfRangeException(nameof(options)),
    };
}
