using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// The passes of a linear layer, and of a convolution whose one window is the whole input, with a fused activation. Its weights are many
/// and each is used once a sample, so that the work is cut along the weights, not along the samples: each weight is read once forward
/// and once backward, where its gradient goes to the optimizer while it is in the cache.
/// </summary>
internal static unsafe class LinearPlan
{
    // Forward, a matrix of more weights than this is cut along its inputs, into parts that are read from end to end and added up. A smaller one stays in the
    // cache and is cut along its outputs; but where it has many inputs, in halves of those as well: most of the weights that a core reads are then
    // those that it has updated, and need not come from another's cache.
    private const int LargeMatrix = 1 << 18, InputsPerPart = 1024, OutputsPerItem = 28, InputsToHalve = 256, OutputsOfHalf = 48;

    // Inputs of one item backward: its gradient fits the cache beside its inputs.
    private const int InputsPerItem = 96;

    // Cuts into parts that an even number of threads ends with at once.
    private static Split Items(int count, int maximum)
    {
        int parts = new Split(count, maximum).Parts;
        return Split.Into(count, parts + (parts > 1 ? parts % 2 : 0));
    }

    public static void Add<V>(LayerPlan<V> plan) where V : struct, ILanes<V>
    {
        LaneTensor x = plan.Input, y = plan.Output;
        int inputs = x.Shape.Count, outputs = y.Shape.Count;
        var activation = plan.Fused<Activation>();
        ParameterBlock weight = plan.Parameters[0];
        float* bias = plan.Parameters.Count > 1 ? plan.Parameters[1].Values : null;
        float floor = activation is ReLU ? 0 : float.NegativeInfinity;
        StepState step = plan.Step;

        bool isLarge = (long)inputs * outputs > LargeMatrix;
        Split parts = isLarge ? new(inputs, InputsPerPart) : Split.Into(inputs, inputs < InputsToHalve ? 1 : 2);
        Split columns = parts.Parts == 1 ? Items(outputs, OutputsPerItem) : isLarge ? Split.Into(outputs, 1) : new(outputs, OutputsOfHalf);
        if (parts.Parts == 1)
        {
            plan.ForwardItems(_ => columns.Parts, (column, _) => LinearKernels<V>.Forward(x.Data, x.Group, weight.Values, weight.RowSize, bias,
                y.Data, y.Group, step.Groups, 0, inputs, columns.Start(column), columns.End(column), floor));
        }
        else
        {
            nint partSize = y.Group * plan.Groups;
            float* sums = plan.Memory.Floats(partSize * parts.Parts);
            plan.ForwardItems(_ => parts.Parts * columns.Parts, (item, _) =>
            {
                var (part, column) = Math.DivRem(item, columns.Parts);
                LinearKernels<V>.Forward(x.Data, x.Group, weight.Values, weight.RowSize, null, sums + part * partSize, y.Group, step.Groups,
                    parts.Start(part), parts.End(part), columns.Start(column), columns.End(column), float.NegativeInfinity);
            });
            plan.ForwardEachGroup((group, _) =>
            {
                for (int output = 0; output < outputs; output++)
                {
                    LinearKernels<V>.AddParts(sums + group * y.Group + output * V.Count, partSize, parts.Parts, bias == null ? 0 : bias[output],
                        y.At(group) + output * V.Count, floor);
                }
            });
        }
        if (activation is not (null or ReLU))
            plan.ForwardEachGroup((group, _) => activation.Apply<V>(y.At(group), y.At(group), outputs * V.Count));

        if (plan.OutputGradient is { } gradient) AddBackward(plan, activation, gradient);
    }

    private static void AddBackward<V>(LayerPlan<V> plan, Activation? activation, LaneTensor gradient) where V : struct, ILanes<V>
    {
        LaneTensor x = plan.Input, y = plan.Output, dy = activation is null ? gradient : plan.Tensor(y.Shape);
        LaneTensor? dx = plan.InputGradient;
        int outputs = y.Shape.Count;
        ParameterBlock weight = plan.Parameters[0];
        ParameterBlock? bias = plan.Parameters.Count > 1 ? plan.Parameters[1] : null;
        StepState step = plan.Step;
        int rowSize = weight.RowSize;
        float* transposed = plan.Memory.Floats((nint)plan.Groups * V.Count * rowSize);

        plan.BackwardEachGroup((group, _) =>
        {
            activation?.Backward<V>(y.At(group), gradient.At(group), dy.At(group), outputs * V.Count);
            LinearKernels<V>.Transpose(dy.At(group), outputs, transposed + (nint)group * V.Count * rowSize, rowSize);
        });

        Split parts = Items(weight.Rows, InputsPerItem);
        WorkerScratch scratch = plan.Scratch((nint)parts.Largest * rowSize);
        plan.BackwardItems(_ => parts.Parts + (bias is null ? 0 : 1), (part, worker) =>
        {
            float* dw = scratch.At(worker);
            if (part == parts.Parts)
            {
                LinearKernels<V>.BackwardBias(transposed, rowSize, dw, step.Groups);
                plan.Contribute(bias!.Value.Offset, rowSize, dw);
                return;
            }
            int first = parts.Start(part), count = parts.Size(part);
            // The gradient of the input comes first: the weights change when their gradient is contributed.
            if (dx is { } input)
                LinearKernels<V>.BackwardData(dy.Data, dy.Group, outputs, weight.Values, rowSize, input.Data, input.Group, step.Groups, first, first + count);
            LinearKernels<V>.BackwardWeights(x.Data, x.Group, transposed, rowSize, dw, step.Groups, first, first + count, plan.Upcoming(weight.Offset + first * rowSize));
            plan.Contribute(weight.Offset + first * rowSize, count * rowSize, dw);
        });
    }
}
