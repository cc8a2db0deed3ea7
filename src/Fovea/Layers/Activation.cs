using System.Text.Json.Serialization;
using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// A function of each number by itself. The derivative of most is a function of their output, so that they can be fused into the layer
/// before them and that layer's own output need not be kept; those that turn around need their input.
/// </summary>
public abstract record Activation : Layer
{
    private protected Activation()
    {
    }

    /// <inheritdoc/>
    public sealed override Shape OutputShape(Shape input) => input;

    /// <summary>Whether the derivative is computed from the input, not from the output: such an activation is not fused.</summary>
    [JsonIgnore]
    internal virtual bool DerivativeNeedsInput => false;

    /// <summary>The function, and its derivative from the output (or the input, where that is needed): the definitions that the fast kernels
    /// are tested against.</summary>
    internal abstract double Value(double x);

    internal abstract double Derivative(double y);

    /// <summary>y = f(x), count a multiple of the lanes; x and y may be the same.</summary>
    internal abstract unsafe void Apply<V>(float* x, float* y, int count) where V : struct, ILanes<V>;

    /// <summary>dx = dy f', where f' follows from y (or the input, where that is needed); dy and dx may be the same.</summary>
    internal abstract unsafe void Backward<V>(float* y, float* dy, float* dx, int count) where V : struct, ILanes<V>;

    internal sealed override unsafe void Plan<V>(LayerPlan<V> plan)
    {
        LaneTensor x = plan.Input, y = plan.Output;
        plan.ForwardEachGroup((group, _) => ApplyPlanes<V>(x, y, group));
        if (plan.InputGradient is not { } dx || plan.OutputGradient is not { } dy) return;
        LaneTensor from = DerivativeNeedsInput ? x : y;
        plan.BackwardEachGroup((group, _) => BackwardPlanes<V>(from, dy, dx, group));
    }

    /// <summary>y = f(x), for one group of images.</summary>
    internal unsafe void ApplyPlanes<V>(LaneTensor x, LaneTensor y, int group) where V : struct, ILanes<V>
    {
        for (int channel = 0; channel < x.Shape.Channels; channel++)
        {
            for (int row = 0; row < x.Shape.Height; row++)
                Apply<V>(x.At(group, channel) + row * x.Row, y.At(group, channel) + row * y.Row, x.RowCount);
        }
    }

    /// <summary>dx = dy f', for one group of images.</summary>
    internal unsafe void BackwardPlanes<V>(LaneTensor from, LaneTensor dy, LaneTensor dx, int group) where V : struct, ILanes<V>
    {
        for (int channel = 0; channel < dx.Shape.Channels; channel++)
            BackwardPlane<V>(this, from.At(group, channel), from.Row, dy.At(group, channel), dy.Row, dx.At(group, channel), dx.Row, dx.Shape.Height, dx.RowCount);
    }

    /// <summary>dx = dy f' for one plane, or a copy where there is no activation.</summary>
    internal static unsafe void BackwardPlane<V>(Activation? activation, float* y, nint yRow, float* dy, nint dyRow, float* dx, nint dxRow,
        int rows, int rowCount) where V : struct, ILanes<V>
    {
        // Rows without a gap between them are one long row.
        if (yRow == rowCount && dyRow == rowCount && dxRow == rowCount) (rows, rowCount) = (1, rows * rowCount);
        for (int row = 0; row < rows; row++)
        {
            if (activation is not null) activation.Backward<V>(y + row * yRow, dy + row * dyRow, dx + row * dxRow, rowCount);
            else new ReadOnlySpan<float>(dy + row * dyRow, rowCount).CopyTo(new Span<float>(dx + row * dxRow, rowCount));
        }
    }

    internal sealed override void ReferenceForward<T>(ReferencePass<T> pass)
    {
        for (int i = 0; i < pass.X.Length; i++) pass.Y[i] = T.CreateChecked(Value(double.CreateChecked(pass.X[i])));
    }

    internal sealed override void ReferenceBackward<T>(ReferencePass<T> pass)
    {
        T[] from = DerivativeNeedsInput ? pass.X : pass.Y;
        for (int i = 0; i < pass.DX.Length; i++)
            pass.DX[i] = T.CreateChecked(double.CreateChecked(pass.DY[i]) * Derivative(double.CreateChecked(from[i])));
    }
}
