using Fovea.Kernels;

namespace Fovea;

/// <summary>Which samples of a dataset a step works on.</summary>
internal readonly ref struct Batch(Dataset data, ReadOnlySpan<int> samples, AugmentationPass? augmentation = null)
{
    public Dataset Data { get; } = data;
    public ReadOnlySpan<int> Samples { get; } = samples;

    /// <summary>How the samples are changed; null where they are taken as they are.</summary>
    public AugmentationPass? Augmentation { get; } = augmentation;
}

/// <summary>What a pass over a batch adds up: the losses of the samples, how many were classified rightly, and by what the losses are divided for their mean.</summary>
internal readonly record struct BatchSums(double Loss, int Correct, double Terms)
{
    /// <summary>The mean loss; 0 where no sample counts.</summary>
    public double Mean => Terms > 0 ? Loss / Terms : 0;

    public static BatchSums operator +(BatchSums a, BatchSums b) => new(a.Loss + b.Loss, a.Correct + b.Correct, a.Terms + b.Terms);
}

/// <summary>Sees what a layer, by its number as plans count, makes of a sample of a batch.</summary>
internal delegate void LayerObserver(int layer, int sample, ReadOnlySpan<float> output);

/// <summary>What a plan is made for.</summary>
internal sealed record PlanOptions
{
    /// <summary>The most samples of a batch.</summary>
    public required int BatchSize { get; init; }
    public required int Threads { get; init; }

    /// <summary>Null for inference alone.</summary>
    public Loss? Loss { get; init; }

    /// <summary>Null for a plan that does not train.</summary>
    public OptimizerState? Optimizer { get; init; }
    public bool Fuse { get; init; } = Fusion.Enabled;

    /// <summary>The lanes of a vector; 0 takes what fits the machine and the batch.</summary>
    public int Lanes { get; init; }

    /// <summary>Groups of lanes in a micro-batch; 0 takes what fits the cache.</summary>
    public int MicroBatchGroups { get; init; }

    /// <summary>By what Winograd's algorithm is chosen; null takes what it costs on this processor.</summary>
    public WinogradCosts? Winograd { get; init; }

    /// <summary>When given, receives the time of each layer's passes.</summary>
    public LayerTimes? Times { get; init; }
}

/// <summary>
/// A network made ready to run: memory and passes for batches up to a size. There are two kinds: on the fast kernels, and on the
/// reference kernels (<c>FOVEA_KERNELS=reference</c>), which is slow and plain.
/// </summary>
internal abstract class ExecutionPlan(Network network, PlanOptions options)
{
    /// <summary>The batch in which <see cref="Network.Predict"/> and evaluation work.</summary>
    public const int InferenceBatch = 256;

    public static bool UseReference { get; } = Environment.GetEnvironmentVariable("FOVEA_KERNELS") == "reference";

    /// <summary>Lanes of the widest vectors that the machine has.</summary>
    public static int MostLanes => System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? 16 : System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated ? 8 : 4;

    /// <summary>The registers that it has for them.</summary>
    public static int Registers => MostLanes switch { 16 => Lanes16.Registers, 8 => Lanes8.Registers, _ => Lanes4.Registers };

    public static ExecutionPlan Create(Network network, PlanOptions options)
    {
        if (UseReference) return new ReferencePlan(network, options);
        int lanes = options.Lanes != 0 ? options.Lanes : ChooseLanes(options.BatchSize);
        return lanes switch
        {
            16 => new LanePlan<Lanes16>(network, options),
            8 => new LanePlan<Lanes8>(network, options),
            4 => new LanePlan<Lanes4>(network, options),
            _ => throw new ArgumentOutOfRangeException(nameof(options), lanes, "lanes must be 4, 8 or 16"),
        };
    }

    /// <summary>Throws where a trained network cannot take the samples, or a loss not their classes or target values.</summary>
    /// <exception cref="FoveaException">They do not fit each other.</exception>
    public static void CheckSamples(Network network, Dataset data, Loss loss)
    {
        if (data.Shape != network.Input)
            throw new FoveaException($"the model takes {network.Input}, but the samples of {data.Name} are {data.Shape}. Use the data that it was trained for.");
        CheckTargets(network.Output, data, loss);
    }

    /// <summary>Throws where the loss of such an output cannot be computed from the samples' classes or target values.</summary>
    /// <exception cref="FoveaException">They do not fit each other.</exception>
    public static void CheckTargets(Shape output, Dataset data, Loss loss)
    {
        loss.Check(output, data.ClassNames.Count);
        if (loss.Problem(data.Name, data.ClassNames.Count) is { } problem) throw new FoveaException(problem);
        if (data.AllTargets is not { } targets) return;
        if (loss.TargetsAreClasses) throw new FoveaException($"{data.Name} has target values, not classes: use the loss mse, mae or bce.");
        if (targets.Shape.Count != output.Count)
            throw new FoveaException($"{data.Name} has {targets.Shape.Count} target values a sample, but the network has {output.Count} outputs. End it with a linear layer of {targets.Shape.Count} features.");
    }

    // The widest vectors that the machine has and the batch fills.
    private static int ChooseLanes(int batchSize) => Math.Min(MostLanes, batchSize > 8 ? 16 : batchSize > 4 ? 8 : 4);

    public Network Network { get; } = network;
    public PlanOptions Options { get; } = options;

    /// <summary>Bytes of the plan's own memory: activations, gradients on their way, scratch.</summary>
    public abstract long Bytes { get; }

    /// <summary>By what the sum of a batch's losses is divided: its terms, or the weights of its samples.</summary>
    protected static double Terms(Loss loss, Batch batch, Shape output)
    {
        if (!loss.DividesByWeights || !loss.IsWeighted) return loss.Terms(batch.Samples.Length, output);
        double sum = 0;
        foreach (int sample in batch.Samples) sum += loss.WeightOf(batch.Data.Label(sample));
        return sum;
    }

    /// <summary>The outputs of a batch, in evaluation mode.</summary>
    public abstract void Predict(Batch batch, Span<float> output);

    /// <summary>The loss of a batch, in evaluation mode.</summary>
    public abstract BatchSums Evaluate(Batch batch);

    /// <summary>Takes a batch forward and shows what each layer makes of each sample; of layers that are fused, the last; those inside a block before it. Layers of a few samples at a
    /// time, not samples, come in their order.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="step">The number of the update whose forward pass it is, in training mode; null in evaluation mode.</param>
    /// <param name="observe">Called for each layer and sample.</param>
    public abstract void Observe(Batch batch, long? step, LayerObserver observe);

    /// <summary>Forward and backward in training mode. Where the loss is not finite it goes no further, unless gradients alone are
    /// asked for: nothing is updated. The gradients of the mean loss go to the optimizer at once, unless
    /// <paramref name="keepGradients"/> asks for them: then they are left in <see cref="OptimizerState.Gradients"/> and nothing is updated.</summary>
    public abstract BatchSums Train(Batch batch, bool keepGradients = false);
}
