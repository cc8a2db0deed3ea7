namespace Fovea.Onnx;

/// <summary>Which number of one tensor each number of another is: what the operators that only move numbers have in common.</summary>
internal static class Indexing
{
    /// <summary>How many numbers a value of a network may have that is given so many, weights included: far more than layers of images make of them.</summary>
    public static long Largest(long given) => Math.Min(1 << 29, Math.Max(1 << 20, given * 1000));

    /// <summary>The number of elements of a shape.</summary>
    public static int Count(OnnxNode node, IReadOnlyList<int> shape)
    {
        long count = 1;
        foreach (int extent in shape)
        {
            if (extent < 0) throw node.Error($"its output would have the shape {OnnxNode.List(shape)}");
            if ((count *= extent) > node.Largest) throw node.Error($"its output would have the shape {OnnxNode.List(shape)}, more than {node.Largest:N0} numbers");
        }
        return (int)count;
    }

    /// <summary>The distance of two neighbours along each axis.</summary>
    public static int[] Strides(IReadOnlyList<int> shape)
    {
        int[] strides = new int[shape.Count];
        for (int axis = shape.Count - 1, stride = 1; axis >= 0; stride *= shape[axis--]) strides[axis] = stride;
        return strides;
    }

    /// <summary>The places that an output's numbers come from: along each axis, index i of the output is at <paramref name="at"/>(axis, i) of
    /// the input times its stride; where that is negative, nowhere.</summary>
    public static int[] Map(OnnxNode node, IReadOnlyList<int> output, IReadOnlyList<int> strides, Func<int, int, int> at)
    {
        int[] places = new int[Count(node, output)];
        if (places.Length == 0) return places;
        int filled = 1;
        // Axis by axis from the last: each repeats what is filled so far, moved.
        for (int axis = output.Count - 1; axis >= 0; axis--)
        {
            for (int i = output[axis] - 1; i >= 0; i--)
            {
                int index = at(axis, i), offset = index * strides[axis];
                for (int j = 0; j < filled; j++) places[i * filled + j] = index < 0 || places[j] < 0 ? -1 : places[j] + offset;
            }
            filled *= output[axis];
        }
        return places;
    }

    /// <summary>The shape of two after broadcasting.</summary>
    public static int[] Broadcast(OnnxNode node, IReadOnlyList<int> a, IReadOnlyList<int> b)
    {
        int[] shape = new int[Math.Max(a.Count, b.Count)];
        for (int i = 1; i <= shape.Length; i++)
        {
            int left = i <= a.Count ? a[^i] : 1, right = i <= b.Count ? b[^i] : 1;
            if (left != right && left != 1 && right != 1) throw node.Error($"the shapes {OnnxNode.List(a)} and {OnnxNode.List(b)} do not fit each other");
            shape[^i] = left == 1 ? right : left;
        }
        return shape;
    }

    /// <summary>The places of a tensor's numbers when it is repeated up to a shape.</summary>
    public static int[] Repeat(OnnxNode node, IReadOnlyList<int> from, IReadOnlyList<int> to)
    {
        int missing = to.Count - from.Count;
        int[] own = Strides(from), strides = new int[to.Count];
        own.CopyTo(strides, missing);
        return Map(node, to, strides, (axis, i) => axis < missing || from[axis - missing] == 1 ? 0 : i);
    }
}
