using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// Plans the rows of a <see cref="Composite"/>, one after another. Each reads the same input. The first writes the gradient of the input,
/// the gradients of those after it are added.
/// </summary>
internal sealed class CompositePlan<V>(LayerPlan<V> plan) where V : struct, ILanes<V>
{
    private int _number = plan.Index + 1, _parameter, _buffer;
    private bool _hasGradient;

    // Where the rows after the first put the gradient of the input, until it is added.
    private LaneTensor? _added;

    /// <summary>Adds the passes of a row that writes its output to a place and takes its gradient from another.</summary>
    public void Add(LayerSequence row, LaneTensor output, LaneTensor? gradient)
    {
        LaneTensor x = plan.Input;
        if (row.Layers.Count == 0)
        {
            plan.ForwardEachGroup((group, _) => SumKernels<V>.Copy(x, output, group));
            AddGradient(gradient);
            return;
        }
        int parameters = row.Named(x.Shape, (layer, shape) => layer.Parameters(shape)).Count(), buffers = row.Named(x.Shape, (layer, shape) => layer.Buffers(shape)).Count();
        bool trains = gradient is not null && (plan.InputGradient is not null || parameters > 0);
        LaneTensor? dx = plan.InputGradient is null ? null : _hasGradient ? _added ??= plan.Gradient(x.Shape, GradientPlace.Added) : plan.InputGradient;
        var planned = SequencePlan<V>.Create(plan.Context, row.Layers, row.Shapes(x.Shape), _number,
            [.. plan.Parameters.Skip(_parameter).Take(parameters)], [.. plan.Buffers.Skip(_buffer).Take(buffers)],
            new SequenceEnds { Input = x, InputGradient = trains ? dx : null, Output = output, OutputGradient = trains ? gradient : null, Trains = trains, Depth = plan.Depth + 1 });
        (_parameter, _buffer) = (_parameter + parameters, _buffer + buffers);
        _number += row.Layers.Sum(layer => layer.LayerCount);
        plan.Preparation.AddRange(planned.Preparation);
        plan.Forward.AddRange(planned.Forward);
        plan.Backward.AddRange(planned.Backward);
        plan.Sums.AddRange(planned.Sums);
        plan.Outputs.AddRange(planned.Outputs);
        if (_hasGradient) AddGradient(_added);
        _hasGradient = true;
    }

    /// <summary>Adds a gradient to that of the input.</summary>
    public void AddGradient(LaneTensor? gradient)
    {
        if (gradient is { } added && plan.InputGradient is { } dx)
        {
            if (_hasGradient) plan.BackwardEachGroup((group, _) => SumKernels<V>.Add(dx, added, dx, group, float.NegativeInfinity));
            else plan.BackwardEachGroup((group, _) => SumKernels<V>.Copy(added, dx, group));
        }
        _hasGradient = true;
    }
}
