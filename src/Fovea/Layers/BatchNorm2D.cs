using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>
/// Batch normalization of each channel (Ioffe and Szegedy 2015): in training by the mean and variance of the batch, in evaluation by
/// their running means. Parameters: weight and bias [channels]. Buffers: running_mean and running_var [channels]; the running variance is
/// the unbiased one, as in PyTorch.
/// </summary>
public sealed record BatchNorm2D : Layer
{
    /// <summary>Added to the variance under the root.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>The share of the newest batch in the running means.</summary>
    public float Momentum { get; init; } = 0.1f;

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input.IsFlat
        ? throw new ShapeException($"batchnorm2d needs an image, but its input is a flat vector of {input}", "Place it before the flatten layer")
        : input;

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(Shape input) =>
        [new("weight", [input.Channels], 1, Constant: 1), new("bias", [input.Channels], 1, Constant: 0)];

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Buffers(Shape input) =>
        [new("running_mean", [input.Channels], 1, Constant: 0), new("running_var", [input.Channels], 1, Constant: 1)];

    /// <inheritdoc/>
    public override long MultiplyAdds(Shape input) => input.Count;

    internal override string TorchName => "BatchNorm2d";

    internal override bool NeedsWholeBatch => true;

    internal override bool BackwardReadsOutput => false;

    internal override bool EndsByGroup => true;

    internal override bool RestoresOutput(ReadOnlySpan<Layer> followers) => followers is [] or [ReLU];

    internal override unsafe void Plan<V>(LayerPlan<V> plan)
    {
        LaneTensor x = plan.Input, y = plan.Output;
        StepState step = plan.Step;
        int channels = x.Shape.Channels, pixels = x.Shape.Height * x.Shape.Width;
        float* weight = plan.Parameters[0].Values, bias = plan.Parameters[1].Values;
        float* runningMean = plan.Buffers[0].Values, runningVariance = plan.Buffers[1].Values;
        // What a channel is normalized by in this step.
        float* means = plan.Memory.Floats(channels), inverses = plan.Memory.Floats(channels);
        var activation = plan.Fused<Activation>();
        float floor = activation is ReLU ? 0 : float.NegativeInfinity;

        // The statistics of each group while it is in the cache, [group][channel], then of all groups, in order.
        var moments = new Moments[plan.Groups * channels];
        plan.ForwardEachGroup((group, _) =>
        {
            if (!step.Training) return;
            int samples = Math.Min(V.Count, step.Samples - group * V.Count);
            for (int channel = 0; channel < channels; channel++) moments[group * channels + channel] = BatchNormKernels<V>.Statistics(x, channel, group, step.Mask, samples);
        });
        plan.ForwardItems(_ => channels, (channel, _) =>
        {
            if (!step.Training)
            {
                means[channel] = runningMean[channel];
                inverses[channel] = 1 / MathF.Sqrt(runningVariance[channel] + Epsilon);
                return;
            }
            Moments all = moments[channel];
            for (int group = 1; group < step.Groups; group++) all = all.With(moments[group * channels + channel]);
            double variance = all.Squares / all.Count;
            means[channel] = (float)all.Mean;
            inverses[channel] = (float)(1 / Math.Sqrt(variance + Epsilon));
            Update(ref runningMean[channel], all.Mean);
            Update(ref runningVariance[channel], variance * all.Count / Math.Max(1, all.Count - 1));
        });
        WorkItem normalize = (group, worker) =>
        {
            LaneTensor target = y.Of(worker);
            for (int channel = 0; channel < channels; channel++) BatchNormKernels<V>.Normalize(x, target, group, channel, Affine(channel));
            if (activation is not (null or ReLU)) activation.ApplyPlanes<V>(target, target, group);
        };
        plan.ForwardEachGroup(normalize);
        plan.RestoreEachGroup(normalize);

        if (plan.OutputGradient is not { } gradient) return;
        PartialSums dWeight = plan.Partials(0, perChunk: false), dBias = plan.Partials(1, perChunk: false);
        // Behind an activation other than a ReLU its gradient.
        LaneTensor dy = activation is null or ReLU ? gradient : plan.Gradient(x.Shape, GradientPlace.Sum);
        var sums = new (double Shift, double Scale)[plan.Groups * channels];
        plan.BackwardEachGroup((group, _) =>
        {
            if (activation is not (null or ReLU)) activation.BackwardPlanes<V>(y, gradient, dy, group);
            for (int channel = 0; channel < channels; channel++)
                sums[group * channels + channel] = BatchNormKernels<V>.BackwardParameters(x, dy, channel, group, means[channel], inverses[channel], Affine(channel));
        });
        plan.BackwardItems(_ => channels, (channel, _) =>
        {
            double shift = 0, scale = 0;
            for (int group = 0; group < step.Groups; group++)
            {
                shift += sums[group * channels + channel].Shift;
                scale += sums[group * channels + channel].Scale;
            }
            dWeight.At(0)[channel] = (float)scale;
            dBias.At(0)[channel] = (float)shift;
        });
        if (plan.InputGradient is not { } dx) return;
        plan.BackwardEachGroup((group, worker) =>
        {
            LaneTensor target = dx.Of(worker);
            float count = (float)step.Samples * pixels;
            for (int channel = 0; channel < channels; channel++)
            {
                BatchNormKernels<V>.BackwardData(x, dy, target, group, channel, step.Mask, means[channel], inverses[channel], weight[channel],
                    dBias.At(0)[channel] / count, dWeight.At(0)[channel] / count, Affine(channel));
            }
        });

        BatchNormAffine Affine(int channel)
        {
            float scale = weight[channel] * inverses[channel];
            return new(scale, bias[channel] - means[channel] * scale, floor);
        }
    }

    private void Update(ref float running, double value) => running = (float)((1 - (double)Momentum) * running + Momentum * value);

    internal override void ReferenceForward<T>(ReferencePass<T> pass)
    {
        int channels = pass.Input.Channels, positions = pass.Input.Height * pass.Input.Width;
        long count = (long)pass.Samples * positions;
        for (int channel = 0; channel < channels; channel++)
        {
            var (mean, deviation) = Normalizer(pass, channel);
            ReferenceBatchNorm.Normalize<T>(pass.Samples, channels, positions, channel, pass.X, pass.Y, mean, deviation,
                double.CreateChecked(pass.Parameters[0][channel]), double.CreateChecked(pass.Parameters[1][channel]));
            if (!pass.Training) continue;
            double variance = (deviation * deviation - Epsilon) * count / Math.Max(1, count - 1);
            pass.Buffers[0][channel] = T.CreateChecked((1 - Momentum) * double.CreateChecked(pass.Buffers[0][channel]) + Momentum * mean);
            pass.Buffers[1][channel] = T.CreateChecked((1 - Momentum) * double.CreateChecked(pass.Buffers[1][channel]) + Momentum * variance);
        }
    }

    internal override void ReferenceBackward<T>(ReferencePass<T> pass)
    {
        int channels = pass.Input.Channels, positions = pass.Input.Height * pass.Input.Width;
        for (int channel = 0; channel < channels; channel++)
        {
            var (mean, deviation) = Normalizer(pass, channel);
            var (scale, shift) = ReferenceBatchNorm.Backward<T>(pass.Samples, channels, positions, channel, pass.X, pass.DY, pass.DX,
                mean, deviation, double.CreateChecked(pass.Parameters[0][channel]));
            pass.Gradients[0][channel] = T.CreateChecked(scale);
            pass.Gradients[1][channel] = T.CreateChecked(shift);
        }
    }

    /// <summary>Mean and deviation by which a channel is normalized: the batch's in training, the running ones otherwise.</summary>
    private (double Mean, double Deviation) Normalizer<T>(ReferencePass<T> pass, int channel)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var (mean, variance) = pass.Training
            ? ReferenceBatchNorm.Statistics<T>(pass.Samples, pass.Input.Channels, pass.Input.Height * pass.Input.Width, channel, pass.X)
            : (double.CreateChecked(pass.Buffers[0][channel]), double.CreateChecked(pass.Buffers[1][channel]));
        return (mean, Math.Sqrt(variance + Epsilon));
    }
}
