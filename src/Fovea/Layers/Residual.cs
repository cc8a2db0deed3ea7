using System.Text.Json.Serialization;
using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// A residual block (He, Zhang, Ren and Sun 2015): what the layers of its body give, plus its input, or plus what the layers of its
/// shortcut make of the input where the shapes differ; an activation may follow the sum. As text:
/// <c>residual(conv 16 k3 p1 | relu | conv 16 k3 p1)</c>, with a shortcut after a semicolon, and an activation after another.
/// </summary>
/// <param name="Body">The layers of the body.</param>
public sealed record Residual(IReadOnlyList<Layer> Body) : Composite
{
    /// <summary>The layers that the input goes through before it is added; none adds it as it is.</summary>
    public IReadOnlyList<Layer> Shortcut { get; init; } = [];

    /// <summary>The activation of the sum, if any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Layer? Activation
    {
        get;
        init => field = value is null or Fovea.Activation ? value
            : throw new ArgumentException($"the sum of a residual block is followed by an activation such as relu, but {value} is none");
    }

    internal override IReadOnlyList<LayerSequence> Sequences =>
        [new("body", "body", Body), .. Shortcut.Count == 0 ? (LayerSequence[])[] : [new("shortcut", "shortcut", Shortcut)]];

    private protected override string DefaultTorchName => "Residual";

    /// <summary>Equal when all layers are.</summary>
    public bool Equals(Residual? other) =>
        base.Equals(other) && Body.SequenceEqual(other.Body) && Shortcut.SequenceEqual(other.Shortcut) && Equals(Activation, other.Activation);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Body.Count, Shortcut.Count, Activation);

    private protected override Shape Join(Shape input, IReadOnlyList<Shape> outputs)
    {
        if (Body.Count == 0) throw new ShapeException("its body has no layers", "Give it some: residual(conv 16 k3 p1 | relu | conv 16 k3 p1)");
        Shape shortcut = outputs.Count > 1 ? outputs[1] : input;
        if (outputs[0] == shortcut) return shortcut;
        throw outputs.Count > 1
            ? new ShapeException($"its body gives {outputs[0]}, but its shortcut gives {shortcut}: they cannot be added", "Give both the same strides and filters")
            : new ShapeException($"its body gives {outputs[0]}, but its input is {input}: they cannot be added",
                "Let the body keep the shape, or give a shortcut after a semicolon, as in residual(conv 32 k3 s2 p1 ; conv 32 k1 s2)");
    }

    internal override void Plan<V>(LayerPlan<V> plan)
    {
        LaneTensor x = plan.Input, y = plan.Output;
        Activation? activation = (Activation as Activation) ?? plan.Fused<Activation>();
        IReadOnlyList<LayerSequence> rows = Sequences;
        LaneTensor shortcut = rows.Count > 1 ? plan.Tensor(y.Shape) : x;
        LaneTensor? gradient = plan.OutputGradient;
        // The sum itself is kept where the activation's derivative needs it.
        LaneTensor sum = activation is { DerivativeNeedsInput: true } ? plan.Tensor(y.Shape) : y;
        if (activation is not null && plan.OutputGradient is { } dy)
        {
            LaneTensor dSum = plan.OwnsOutputGradient ? dy : plan.Gradient(y.Shape, GradientPlace.Sum);
            gradient = dSum;
            plan.BackwardEachGroup((group, _) => activation.BackwardPlanes<V>(sum, dy, dSum, group));
        }
        // The sum takes the place of what the body gives, where nothing reads that again; unfused it is left to be looked at.
        LaneTensor body = Body[^1].BackwardReadsOutput || !plan.Context.Fuse ? plan.Tensor(y.Shape) : sum;
        var planned = new CompositePlan<V>(plan);
        planned.Add(rows[0], body, gradient);
        if (rows.Count > 1) planned.Add(rows[1], shortcut, gradient);
        else planned.AddGradient(gradient);
        float floor = activation is ReLU ? 0 : float.NegativeInfinity;
        plan.ForwardEachGroup((group, _) =>
        {
            SumKernels<V>.Add(body, shortcut, sum, group, floor);
            if (activation is not (null or ReLU)) activation.ApplyPlanes<V>(sum, y, group);
        });
    }

    private protected override void ReferenceJoin<T>(ReferencePass<T> pass, T[][] outputs)
    {
        T[] shortcut = outputs.Length > 1 ? outputs[1] : pass.X;
        for (int i = 0; i < pass.Y.Length; i++) pass.Y[i] = outputs[0][i] + shortcut[i];
        if (Activation is not Activation activation) return;
        pass.Kept = [.. pass.Y];
        for (int i = 0; i < pass.Y.Length; i++) pass.Y[i] = T.CreateChecked(activation.Value(double.CreateChecked(pass.Y[i])));
    }

    private protected override T[][] ReferenceSplit<T>(ReferencePass<T> pass, out T[] passed)
    {
        T[] gradient = [.. pass.DY];
        if (Activation is Activation activation)
        {
            T[] from = activation.DerivativeNeedsInput ? pass.Kept : pass.Y;
            for (int i = 0; i < gradient.Length; i++) gradient[i] = T.CreateChecked(double.CreateChecked(gradient[i]) * activation.Derivative(double.CreateChecked(from[i])));
        }
        passed = Shortcut.Count == 0 ? gradient : [];
        return [gradient, gradient];
    }
}
