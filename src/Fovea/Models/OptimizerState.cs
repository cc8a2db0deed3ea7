using Fovea.Kernels;

namespace Fovea;

/// <summary>An optimizer at work on a network: its settings, its memory of each parameter, and the number of updates so far.</summary>
internal sealed unsafe class OptimizerState
{
    private readonly Memory _memory = new();
    private readonly float*[] _states;
    private readonly Network _network;
    private readonly float* _average;
    private readonly (int Offset, int Size, bool IsWeight)[] _parameters;
    private float* _gradients;

    public OptimizerState(Network network, Optimizer optimizer, ulong seed)
    {
        (_network, Optimizer, LearningRate, Seed) = (network, optimizer, optimizer.LearningRate, seed);
        _states = new float*[optimizer.StateNames.Count];
        for (int i = 0; i < _states.Length; i++) _states[i] = _memory.Floats(network.ParameterMemory.Count);
        _parameters = [.. network.ParameterMemory.Entries.Select(entry => (entry.Offset, entry.Size, entry.Spec.Shape.Count > 1))];
        if (optimizer.EmaDecay > 0) _average = _memory.Floats(network.ParameterMemory.Count);
    }

    public Optimizer Optimizer { get; }

    /// <summary>The rate of the next update.</summary>
    public float LearningRate { get; set; }

    /// <summary>Takes the place of the optimizer's own momentum in the next update, where it has one.</summary>
    public float? Momentum { get; set; }

    /// <summary>What the random numbers of training (dropout) are keyed by, with the step.</summary>
    public ulong Seed { get; }

    /// <summary>Updates so far.</summary>
    public long Step { get; set; }

    /// <summary>One number per parameter, laid out as the network's parameters.</summary>
    public Span<float> State(int index) => new(_states[index], _network.ParameterMemory.Count);

    /// <summary>The running mean of the parameters, laid out as they are; empty where none is kept.</summary>
    public Span<float> Average => _average == null ? [] : new(_average, _network.ParameterMemory.Count);

    /// <summary>The gradients, laid out as the parameters; allocated when first asked for, as a step usually does without.</summary>
    public Span<float> Gradients => new(GradientMemory, _network.ParameterMemory.Count);

    public float* GradientMemory => _gradients == null ? _gradients = _memory.Floats(_network.ParameterMemory.Count) : _gradients;

    /// <summary>Bytes of state and gradients.</summary>
    public long Bytes => _memory.Bytes;

    /// <summary>Updates all parameters, one after the other, along gradients that are all known.</summary>
    public void Update<V>() where V : struct, ILanes<V>
    {
        Shorten();
        for (int i = 0; i < _parameters.Length; i++) Optimizer.Apply<V>(Whole(i));
    }

    /// <summary>The same on the reference kernels.</summary>
    public void ReferenceUpdate()
    {
        Shorten();
        for (int i = 0; i < _parameters.Length; i++) Optimizer.ReferenceApply(Whole(i));
    }

    private void Shorten()
    {
        if (Optimizer.ClipNorm == 0) return;
        float factor = Optimizer.Shorten(Gradients);
        if (factor < 1) System.Numerics.Tensors.TensorPrimitives.Multiply(Gradients, factor, Gradients);
    }

    private UpdateCall Whole(int parameter)
    {
        var (offset, size, isWeight) = _parameters[parameter];
        return Block(offset, size, GradientMemory + offset) with { IsWeight = isWeight };
    }

    /// <summary>The update of a block of the arena.</summary>
    public UpdateCall Block(int offset, int count, float* gradients) => new()
    {
        Values = _network.ParameterMemory.Values + offset,
        Gradients = gradients,
        State0 = _states.Length > 0 ? _states[0] + offset : null,
        State1 = _states.Length > 1 ? _states[1] + offset : null,
        State2 = _states.Length > 2 ? _states[2] + offset : null,
        Average = _average == null ? null : _average + offset,
        Count = count,
        Step = Step,
        LearningRate = LearningRate,
        Momentum = Momentum,
    };
}
