namespace Fovea.Onnx;

/// <summary>Products of matrices, and sums along axes.</summary>
internal static class LinearOperators
{
    private static readonly Dictionary<string, Func<IEnumerable<double>, double>> s_reductions = new()
    {
        ["ReduceMean"] = values => values.Average(),
        ["ReduceSum"] = values => values.Sum(),
        ["ReduceMax"] = values => values.Aggregate(double.NegativeInfinity, Math.Max),
        ["ReduceMin"] = values => values.Aggregate(double.PositiveInfinity, Math.Min),
        ["ReduceProd"] = values => values.Aggregate(1.0, (product, value) => product * value),
        ["ReduceL1"] = values => values.Sum(Math.Abs),
        ["ReduceL2"] = values => Math.Sqrt(values.Sum(value => value * value)),
        ["ReduceSumSquare"] = values => values.Sum(value => value * value),
    };

    public static IEnumerable<string> Reductions => s_reductions.Keys;

    /// <summary>alpha A B + beta C.</summary>
    public static OnnxTensor Gemm(OnnxNode node, Operands x)
    {
        OnnxTensor a = Matrix(node, x.Floats(0), node.Flag("transA")), b = Matrix(node, x.Floats(1), !node.Flag("transB"));
        float alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
        if (node.Opset < 7) node.Ignore("broadcast");
        if (a.Shape[1] != b.Shape[1]) throw node.Error($"its inputs {x[0]} and {x[1]} do not fit each other");
        OnnxTensor y = Product(node, a, b);
        int[] places = x.Optional(2) is null ? [] : Indexing.Repeat(node, x.Floats(2).Shape, Indexing.Broadcast(node, x[2].Shape, y.Shape));
        if (places.Length > y.Count) throw node.Error($"its input 3 is {x[2]}, more than the product {y}");
        for (int i = 0; i < y.Count; i++) y.AllFloats![i] = alpha * y.AllFloats[i] + (places.Length == 0 ? 0 : beta * x[2].AllFloats![places[i]]);
        return y;
    }

    /// <summary>As NumPy multiplies: matrices along the last two axes, the others repeated.</summary>
    public static OnnxTensor MatMul(OnnxNode node, Operands x)
    {
        OnnxTensor a = x.Floats(0), b = x.Floats(1);
        if (a.Rank == 0 || b.Rank == 0) throw node.Error($"its inputs are {a} and {b}; expected vectors or matrices");
        bool row = a.Rank == 1, column = b.Rank == 1;
        if (row) a = a.Under([1, a.Count]);
        if (column) b = b.Under([b.Count, 1]);
        int rows = a.Shape[^2], inner = a.Shape[^1], columns = b.Shape[^1];
        if (b.Shape[^2] != inner) throw node.Error($"its inputs {x[0]} and {x[1]} do not fit each other");
        int[] batch = Indexing.Broadcast(node, [.. a.Shape.SkipLast(2)], [.. b.Shape.SkipLast(2)]);
        OnnxTensor left = a.Pick([.. batch, rows, inner], Indexing.Repeat(node, a.Shape, [.. batch, rows, inner]));
        OnnxTensor right = b.Pick([.. batch, inner, columns], Indexing.Repeat(node, b.Shape, [.. batch, inner, columns]));
        int[] shape = [.. batch, .. row ? (int[])[] : [rows], .. column ? (int[])[] : [columns]];
        float[] values = new float[Indexing.Count(node, shape)];
        for (int i = 0, matrices = (int)OnnxTensor.CountOf(batch); i < matrices && values.Length > 0; i++)
        {
            var one = new OnnxTensor([rows, inner], left.Floats.Slice(i * rows * inner, rows * inner).ToArray());
            var other = new OnnxTensor([inner, columns], right.Floats.Slice(i * inner * columns, inner * columns).ToArray());
            Product(node, one, Matrix(node, other, transpose: true)).Floats.CopyTo(values.AsSpan(i * rows * columns));
        }
        return new OnnxTensor(shape, values);
    }

    public static OnnxTensor Reduce(OnnxNode node, Operands x)
    {
        int[]? axes = ShapeOperators.Axes(node, x, node.Operation == "ReduceSum" ? 13 : 18, x[0].Rank);
        bool keep = node.Integer("keepdims", 1) != 0;
        if (node.Flag("noop_with_empty_axes") && axes is null or []) return x[0];
        if (axes is null or []) axes = [.. Enumerable.Range(0, x[0].Rank)];
        var (groups, shape) = Groups(node, x[0], axes, keep);
        Func<IEnumerable<double>, double> reduce = s_reductions[node.Operation];
        if (x[0].AllFloats is not null) return new OnnxTensor(shape, [.. groups.Select(group => (float)(group.Count == 0 && node.Operation == "ReduceMean" ? double.NaN : reduce(group)))]);
        return new OnnxTensor(shape, [.. groups.Select(group => ElementOperators.Wrap(x[0].Type, (long)reduce(group)))], x[0].Type);
    }

    /// <summary>The place of the largest number along an axis, or of the smallest.</summary>
    public static OnnxTensor Arg(OnnxNode node, Operands x)
    {
        int axis = node.Axis(node.Integer("axis", 0), x[0].Rank);
        bool last = node.Flag("select_last_index");
        int sign = node.Operation == "ArgMax" ? 1 : -1;
        var (groups, shape) = Groups(node, x[0], [axis], node.Integer("keepdims", 1) != 0);
        return new OnnxTensor(shape, [.. groups.Select(Winner)]);

        long Winner(List<double> values)
        {
            int winner = 0;
            for (int i = 1; i < values.Count; i++) if (sign * values[i] > sign * values[winner] || last && values[i] == values[winner]) winner = i;
            return winner;
        }
    }

    /// <summary>a [N, K] times the transpose of b [M, K].</summary>
    private static OnnxTensor Product(OnnxNode node, OnnxTensor a, OnnxTensor b)
    {
        int rows = a.Shape[0], inner = a.Shape[1], columns = b.Shape[0];
        _ = Indexing.Count(node, [rows, columns]);
        if (rows > 0 && inner > 0 && columns > 0)
            return new OnnxTensor([rows, columns], LayerRun.Apply(new Linear(columns) { Bias = false }, Fovea.Shape.Flat(inner), a, ("weight", b)).Values);
        return new OnnxTensor([rows, columns], new float[rows * columns]);
    }

    private static OnnxTensor Matrix(OnnxNode node, OnnxTensor x, bool transpose)
    {
        if (x.Rank != 2) throw node.Error($"its input is {x}; expected a matrix");
        if (!transpose) return x;
        int[] shape = [x.Shape[1], x.Shape[0]];
        return x.Pick(shape, Indexing.Map(node, shape, [1, x.Shape[1]], (_, i) => i));
    }

    // The numbers that fall together when axes are left out.
    private static (List<double>[] Groups, int[] Shape) Groups(OnnxNode node, OnnxTensor x, int[] axes, bool keep)
    {
        int[] kept = [.. x.Shape.Select((extent, axis) => axes.Contains(axis) ? 1 : extent)];
        int[] places = Indexing.Repeat(node, kept, x.Shape);
        var groups = new List<double>[Indexing.Count(node, kept)];
        for (int i = 0; i < groups.Length; i++) groups[i] = [];
        for (int i = 0; i < places.Length; i++) groups[places[i]].Add(x[i]);
        return (groups, keep ? kept : [.. x.Shape.Where((_, axis) => !axes.Contains(axis))]);
    }
}
