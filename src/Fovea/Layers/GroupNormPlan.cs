using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>
/// The passes of the normalizations of each sample by itself, which differ in what is normalized together: some channels, one channel, or the
/// whole sample; and in whether scale and shift are a channel's or each number's.
/// </summary>
internal static unsafe class GroupNormPlan
{
    /// <summary>The weight and bias of a normalization.</summary>
    public static IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> shape) => [new("weight", shape, 1, Constant: 1), new("bias", shape, 1, Constant: 0)];

    /// <summary>What is added to a variance must not be negative.</summary>
    public static float CheckedEpsilon(float value, string layer) => value is >= 0 and < float.PositiveInfinity
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"{layer}: epsilon must not be negative");

    /// <summary>Adds the passes.</summary>
    /// <param name="plan">The plan of the layer.</param>
    /// <param name="parts">Into how many parts the channels are divided.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    /// <param name="perNumber">Whether each number of a sample has a scale of its own, not each channel.</param>
    public static void Add<V>(LayerPlan<V> plan, int parts, float epsilon, bool perNumber) where V : struct, ILanes<V>
    {
        LaneTensor x = plan.Input, y = plan.Output;
        int channels = x.Shape.Channels / parts;
        bool affine = plan.Parameters.Count > 0;
        NormScale scale = affine ? new(plan.Parameters[0].Values, plan.Parameters[1].Values, perNumber ? plan.Parameters[0].RowSize : 0) : default;
        // Mean and inverse deviation of each part of each lane, for the way back.
        float* statistics = plan.Memory.Floats((nint)plan.Groups * parts * 2 * V.Count);
        plan.ForwardEachGroup((group, _) =>
        {
            for (int part = 0; part < parts; part++)
            {
                var (mean, inverse) = GroupNormKernels<V>.Statistics(x, group, part * channels, channels, epsilon);
                float* kept = statistics + ((nint)group * parts + part) * 2 * V.Count;
                mean.Store(kept);
                inverse.Store(kept + V.Count);
                GroupNormKernels<V>.Normalize(x, y, group, part * channels, channels, mean, inverse, scale);
            }
        });
        if (plan.OutputGradient is not { } dy) return;
        StepState step = plan.Step;
        LaneTensor? dx = plan.InputGradient;
        PartialSums dWeight = affine ? plan.Partials(0) : default, dBias = affine ? plan.Partials(1) : default;
        plan.BackwardEachGroup((group, _) =>
        {
            int chunk = step.Chunks.PartOf(group);
            if (affine && group == step.Chunks.Start(chunk))
            {
                new Span<float>(dWeight.At(chunk), dWeight.Parameter.Count).Clear();
                new Span<float>(dBias.At(chunk), dBias.Parameter.Count).Clear();
            }
            for (int part = 0; part < parts; part++)
            {
                float* kept = statistics + ((nint)group * parts + part) * 2 * V.Count;
                V mean = V.Load(kept), inverse = V.Load(kept + V.Count);
                if (affine) GroupNormKernels<V>.BackwardParameters(x, dy, group, part * channels, channels, mean, inverse, scale, dWeight.At(chunk), dBias.At(chunk));
                if (dx is not { } input) continue;
                var (gradient, product) = GroupNormKernels<V>.BackwardMeans(x, dy, group, part * channels, channels, mean, inverse, scale);
                GroupNormKernels<V>.BackwardData(x, dy, input, group, part * channels, channels, mean, inverse, scale, gradient, product);
            }
        });
    }

    /// <summary>The forward pass on the reference kernels.</summary>
    public static void ReferenceForward<T>(ReferencePass<T> pass, int parts, float epsilon, bool perNumber)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        bool affine = pass.Parameters.Length > 0;
        ReferenceGroupNorm.Forward<T>(pass.Samples, parts, pass.Input.Count / parts, epsilon, Run(pass, perNumber), pass.X,
            affine ? pass.Parameters[0] : [], affine ? pass.Parameters[1] : [], pass.Y);
    }

    /// <summary>The backward pass on the reference kernels.</summary>
    public static void ReferenceBackward<T>(ReferencePass<T> pass, int parts, float epsilon, bool perNumber)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        bool affine = pass.Parameters.Length > 0;
        ReferenceGroupNorm.Backward<T>(pass.Samples, parts, pass.Input.Count / parts, epsilon, Run(pass, perNumber), pass.X,
            affine ? pass.Parameters[0] : [], pass.DY, pass.DX, affine ? pass.Gradients[0] : [], affine ? pass.Gradients[1] : []);
    }

    private static int Run<T>(ReferencePass<T> pass, bool perNumber) where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T> =>
        perNumber ? 1 : pass.Input.Height * pass.Input.Width;
}
