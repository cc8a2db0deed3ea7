namespace Fovea.Onnx;

/// <summary>Operators that move numbers, or see them under another shape, whatever their type.</summary>
internal static class ShapeOperators
{
    /// <summary>Passes its input on: in training mode it would draw.</summary>
    public static OnnxTensor Dropout(OnnxNode node, Operands x)
    {
        node.Ignore("ratio", "seed", "is_test");
        if (x.Scalar(2) is { } training && training != 0) throw node.Error("it is in training mode, where numbers are drawn at random");
        return x[0];
    }

    public static OnnxTensor Constant(OnnxNode node)
    {
        if (node.Tensor("value") is { } tensor) return tensor;
        if (node.Has("value_float")) return new OnnxTensor([], [node.Float("value_float", 0)]);
        if (node.Has("value_int")) return new OnnxTensor([], [node.Integer("value_int", 0)]);
        if (node.Floats("value_floats") is { } floats) return new OnnxTensor([floats.Length], floats);
        if (node.Integers("value_ints") is { } integers) return new OnnxTensor([integers.Length], integers);
        throw node.Error("it has no value of a supported kind: value, value_float, value_int, value_floats, value_ints");
    }

    public static OnnxTensor ConstantOfShape(OnnxNode node, Operands x)
    {
        int[] shape = x.Integers(0) ?? throw node.Error("its input 1 is missing");
        int[] places = new int[Indexing.Count(node, shape)];
        OnnxTensor value = node.Tensor("value") ?? new OnnxTensor([1], [0f]);
        return value.Count == 1 ? value.Pick(shape, places) : throw node.Error($"its value is {value}; expected a single number");
    }

    public static OnnxTensor Shape(OnnxNode node, Operands x)
    {
        int rank = x[0].Rank;
        int start = (int)Math.Clamp(Count(node.Integer("start", 0)), 0, rank), end = (int)Math.Clamp(Count(node.Integer("end", rank)), start, rank);
        return new OnnxTensor([end - start], [.. x[0].Shape.Skip(start).Take(end - start).Select(extent => (long)extent)]);

        long Count(long axis) => axis < 0 ? axis + rank : axis;
    }

    public static OnnxTensor Cast(OnnxNode node, Operands x)
    {
        long to = node.Integer("to", 0);
        node.Ignore("saturate", "round_mode");
        if (!Enum.IsDefined((OnnxElement)to)) throw node.Error($"the type {(OnnxProto.Tensor.Types.Kind)to} is not supported; {string.Join(", ", Enum.GetNames<OnnxElement>())} are");
        OnnxTensor from = x[0];
        if ((OnnxElement)to == OnnxElement.Float) return new OnnxTensor(from.Shape, [.. Enumerable.Range(0, from.Count).Select(i => (float)from[i])]);
        long[] values = new long[from.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = (OnnxElement)to == OnnxElement.Bool ? from[i] == 0 ? 0 : 1 : ElementOperators.Wrap((OnnxElement)to, from.AllIntegers is { } integers ? integers[i] : (long)from[i]);
        return new OnnxTensor(from.Shape, values, (OnnxElement)to);
    }

    public static OnnxTensor Flatten(OnnxNode node, Operands x)
    {
        long axis = node.Integer("axis", 1);
        int rank = x[0].Rank;
        if (axis < -rank || axis > rank) throw node.Error($"axis is {axis}, but its input has {rank} axes");
        int rows = (int)OnnxTensor.CountOf(x[0].Shape.Take((int)(axis < 0 ? axis + rank : axis)));
        return x[0].Under([rows, (int)OnnxTensor.CountOf(x[0].Shape.Skip((int)(axis < 0 ? axis + rank : axis)))]);
    }

    public static OnnxTensor Reshape(OnnxNode node, Operands x)
    {
        bool zeroIsZero = node.Flag("allowzero");
        int[] shape = (node.Opset < 5 ? node.Integers("shape")?.Select(extent => (int)extent).ToArray() : x.Integers(1)) ?? throw node.Error("the shape is missing");
        return x[0].Under(Resolve(node, x[0].Shape, shape, zeroIsZero));
    }

    /// <summary>A shape in which 0 stands for the input's extent at this place, and -1 for what is left.</summary>
    public static int[] Resolve(OnnxNode node, IReadOnlyList<int> from, int[] to, bool zeroIsZero)
    {
        int[] shape = [.. to];
        for (int i = 0; i < shape.Length; i++) if (shape[i] == 0 && !zeroIsZero) shape[i] = i < from.Count ? from[i] : throw node.Error($"the shape {OnnxNode.List(to)} takes an axis that its input {OnnxNode.List(from)} does not have");
        long count = OnnxTensor.CountOf(from);
        int rest = Array.IndexOf(shape, -1);
        if (rest >= 0)
        {
            shape[rest] = 1;
            long others = Indexing.Count(node, shape);
            if (others == 0 || count % others != 0) throw NoFit();
            shape[rest] = (int)(count / others);
        }
        return Indexing.Count(node, shape) == count ? shape : throw NoFit();

        OnnxException NoFit() => node.Error($"an input of shape {OnnxNode.List(from)} cannot be seen as {OnnxNode.List(to)}");
    }

    public static OnnxTensor Squeeze(OnnxNode node, Operands x)
    {
        int[]? axes = Axes(node, x, 13, x[0].Rank);
        for (int axis = 0; axis < x[0].Rank; axis++)
        {
            if (axes?.Contains(axis) == true && x[0].Shape[axis] != 1) throw node.Error($"axis {axis} of its input {x[0]} is not 1");
        }
        return x[0].Under([.. x[0].Shape.Where((extent, axis) => axes is null ? extent != 1 : !axes.Contains(axis))]);
    }

    public static OnnxTensor Unsqueeze(OnnxNode node, Operands x)
    {
        int[] axes = Axes(node, x, 13, x[0].Rank, added: true) ?? throw node.Error("the axes are missing");
        var shape = new List<int>(x[0].Shape);
        foreach (int axis in axes.Order()) shape.Insert(axis, 1);
        return x[0].Under(shape);
    }

    public static OnnxTensor Transpose(OnnxNode node, Operands x)
    {
        int rank = x[0].Rank;
        int[] order = node.Integers("perm") is { } given ? [.. given.Select(axis => node.Axis(axis, rank, "perm"))] : [.. Enumerable.Range(0, rank).Reverse()];
        if (order.Length != rank || order.Distinct().Count() != rank) throw node.Error($"perm is {OnnxNode.List(order)}, no order of {rank} axes");
        int[] strides = Indexing.Strides(x[0].Shape), shape = [.. order.Select(axis => x[0].Shape[axis])];
        return x[0].Pick(shape, Indexing.Map(node, shape, [.. order.Select(axis => strides[axis])], (_, i) => i));
    }

    public static OnnxTensor Concat(OnnxNode node, Operands x)
    {
        OnnxTensor first = x[0];
        int axis = node.Axis(node.Integer("axis", 1), first.Rank), outer = (int)OnnxTensor.CountOf(first.Shape.Take(axis));
        int[] shape = [.. first.Shape];
        shape[axis] = 0;
        for (int i = 0; i < x.Count; i++)
        {
            if (x[i].Type != first.Type || x[i].Rank != first.Rank || x[i].Shape.Where((extent, a) => a != axis && extent != shape[a]).Any())
                throw node.Error($"its inputs {first} and {x[i]} cannot lie side by side");
            shape[axis] += x[i].Shape[axis];
        }
        float[]? floats = first.AllFloats is null ? null : new float[Indexing.Count(node, shape)];
        long[]? integers = first.AllFloats is null ? new long[Indexing.Count(node, shape)] : null;
        for (int row = 0, place = 0; row < outer; row++)
        {
            for (int i = 0; i < x.Count; i++)
            {
                int length = x[i].Count / outer;
                if (floats is not null) x[i].AllFloats.AsSpan(row * length, length).CopyTo(floats.AsSpan(place));
                else x[i].AllIntegers.AsSpan(row * length, length).CopyTo(integers.AsSpan(place));
                place += length;
            }
        }
        return floats is not null ? new OnnxTensor(shape, floats) : new OnnxTensor(shape, integers!, first.Type);
    }

    /// <summary>Parts along an axis, of the lengths that are given, or of one length for all but perhaps the last.</summary>
    public static OnnxTensor[] Split(OnnxNode node, Operands x)
    {
        OnnxTensor whole = x[0];
        int axis = node.Axis(node.Integer("axis", 0), whole.Rank), extent = whole.Shape[axis], count = node.Outputs.Count, length = (extent + count - 1) / count;
        long parts = node.Integer("num_outputs", count);
        int[] lengths = (node.Opset < 13 ? node.Integers("split")?.Select(part => (int)Math.Clamp(part, -1, int.MaxValue)).ToArray() : x.Integers(1))
            ?? [.. Enumerable.Range(0, count).Select(i => Math.Max(0, Math.Min(length, extent - i * length)))];
        if (parts != count || lengths.Length != count || lengths.Any(part => part < 0) || lengths.Sum(part => (long)part) != extent)
            throw node.Error($"axis {axis} of its input {whole} cannot be split into {OnnxNode.List(lengths)} for {count} outputs");
        var results = new OnnxTensor[count];
        for (int i = 0, from = 0; i < count; from += lengths[i++])
        {
            int first = from;
            int[] shape = [.. whole.Shape];
            shape[axis] = lengths[i];
            results[i] = whole.Pick(shape, Indexing.Map(node, shape, Indexing.Strides(whole.Shape), (a, at) => a == axis ? first + at : at));
        }
        return results;
    }

    /// <summary>Channels that become the pixels of a square, as PyTorch's pixel shuffle.</summary>
    public static OnnxTensor DepthToSpace(OnnxNode node, Operands x)
    {
        long size = node.Integer("blocksize", 0);
        string mode = node.Text("mode", "DCR");
        if (mode is not ("DCR" or "CRD")) throw node.Error($"the mode {mode} is not supported; DCR and CRD are");
        if (x[0].Shape is not [var samples, var channels, var rows, var columns] || size is < 1 or > 1 << 14 || channels % (size * size) != 0)
            throw node.Error($"its input {x[0]} has no blocks of {size} x {size} channels");
        int side = (int)size, depth = channels / (side * side), channel = rows * columns;
        // Samples, depth, rows, rows of a block, columns, columns of a block.
        var (ofDepth, ofRow, ofColumn) = mode == "DCR" ? (channel, side * depth * channel, depth * channel) : (side * side * channel, side * channel, channel);
        int[] shape = [samples, depth, rows, side, columns, side], strides = [channels * channel, ofDepth, columns, ofRow, 1, ofColumn];
        return x[0].Pick([samples, depth, rows * side, columns * side], Indexing.Map(node, shape, strides, (_, i) => i));
    }

    public static OnnxTensor Expand(OnnxNode node, Operands x)
    {
        int[] shape = Indexing.Broadcast(node, x[0].Shape, x.Integers(1) ?? throw node.Error("the shape is missing"));
        return x[0].Pick(shape, Indexing.Repeat(node, x[0].Shape, shape));
    }

    public static OnnxTensor Gather(OnnxNode node, Operands x)
    {
        int axis = node.Axis(node.Integer("axis", 0), x[0].Rank), extent = x[0].Shape[axis];
        long[] indices = x[1].AllIntegers ?? throw node.Error($"its indices are {x[1]}; expected whole numbers");
        if (indices.Any(index => index < -extent || index >= extent)) throw node.Error($"an index lies outside of the {extent} of axis {axis}");
        int[] strides = Indexing.Strides(x[0].Shape), flat = [.. x[0].Shape];
        flat[axis] = indices.Length;
        int[] places = Indexing.Map(node, flat, strides, (a, i) => a != axis ? i : (int)(indices[i] < 0 ? indices[i] + extent : indices[i]));
        return x[0].Pick([.. x[0].Shape.Take(axis), .. x[1].Shape, .. x[0].Shape.Skip(axis + 1)], places);
    }

    public static OnnxTensor Slice(OnnxNode node, Operands x)
    {
        bool asInputs = node.Opset >= 10;
        int[] starts = (asInputs ? x.Integers(1) : Numbers("starts")) ?? throw node.Error("the starts are missing"), ends = (asInputs ? x.Integers(2) : Numbers("ends")) ?? throw node.Error("the ends are missing");
        int[] axes = (asInputs ? x.Integers(3) : Numbers("axes")) ?? [.. Enumerable.Range(0, starts.Length)];
        int[] steps = (asInputs ? x.Integers(4) : null) ?? [.. starts.Select(_ => 1)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length || steps.Contains(0)) throw node.Error("its starts, ends, axes and steps do not fit each other");
        int rank = x[0].Rank;
        int[] shape = [.. x[0].Shape], first = new int[rank], step = new int[rank];
        Array.Fill(step, 1);
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = node.Axis(axes[i], rank, "axes"), extent = x[0].Shape[axis];
            long from = starts[i] < 0 ? starts[i] + (long)extent : starts[i], to = ends[i] < 0 ? ends[i] + (long)extent : ends[i];
            (from, to) = steps[i] > 0 ? (Math.Clamp(from, 0, extent), Math.Clamp(to, 0, extent)) : (Math.Clamp(from, 0, extent - 1), Math.Clamp(to, -1, extent - 1));
            (first[axis], step[axis]) = ((int)from, steps[i]);
            shape[axis] = (int)Math.Max(0, (to - from + steps[i] - Math.Sign(steps[i])) / steps[i]);
        }
        return x[0].Pick(shape, Indexing.Map(node, shape, Indexing.Strides(x[0].Shape), (axis, i) => first[axis] + i * step[axis]));

        int[]? Numbers(string name) => node.Integers(name)?.Select(value => (int)Math.Clamp(value, int.MinValue, int.MaxValue)).ToArray();
    }

    public static OnnxTensor Pad(OnnxNode node, Operands x)
    {
        string mode = node.Text("mode", "constant");
        bool asInputs = node.Opset >= 11;
        int rank = x[0].Rank;
        int[] given = asInputs ? x.Integers(1) ?? throw node.Error("the pads are missing")
            : [.. (node.Integers("pads") ?? throw node.Error("the pads are missing")).Select(value => (int)Math.Clamp(value, int.MinValue, int.MaxValue))];
        double value = asInputs ? x.Scalar(2) ?? 0 : node.Float("value", 0);
        int[] axes = x.Integers(3)?.Select(axis => node.Axis(axis, rank, "axes")).ToArray() ?? [.. Enumerable.Range(0, rank)];
        if (given.Length != 2 * axes.Length) throw node.Error($"the pads are {OnnxNode.List(given)}, expected a beginning and an end for each of {axes.Length} axes");
        int[] before = new int[rank], after = new int[rank];
        for (int i = 0; i < axes.Length; i++) (before[axes[i]], after[axes[i]]) = (given[i], given[i + axes.Length]);
        return Pad(node, x[0], before, after, mode, value);
    }

    /// <summary>Adds numbers at both ends of each axis, or takes them away where the count is negative.</summary>
    public static OnnxTensor Pad(OnnxNode node, OnnxTensor x, int[] before, int[] after, string mode, double value = 0)
    {
        int[] shape = [.. x.Shape.Select((extent, axis) => (int)Math.Clamp((long)extent + before[axis] + after[axis], -1, int.MaxValue))];
        if (mode is not ("constant" or "reflect" or "edge" or "wrap")) throw node.Error($"the mode {mode} is not supported; constant, reflect, edge and wrap are");
        if (mode != "constant" && x.Count == 0) throw node.Error($"its input {x} has nothing to be repeated");
        return x.Pick(shape, Indexing.Map(node, shape, Indexing.Strides(x.Shape), (axis, i) => Source(i - before[axis], x.Shape[axis], mode)), value);
    }

    private static int Source(int i, int extent, string mode) => mode switch
    {
        _ when i >= 0 && i < extent => i,
        "edge" => i < 0 ? 0 : extent - 1,
        "wrap" => (i % extent + extent) % extent,
        "reflect" when extent > 1 => Reflect((i % (2 * extent - 2) + 2 * extent - 2) % (2 * extent - 2), extent),
        "reflect" => 0,
        _ => -1,
    };

    private static int Reflect(int i, int extent) => i < extent ? i : 2 * extent - 2 - i;

    /// <summary>Axes: an attribute at first, an input since a version.</summary>
    public static int[]? Axes(OnnxNode node, Operands x, int asInputSince, int rank, bool added = false)
    {
        long[]? axes = node.Opset < asInputSince ? node.Integers("axes") : x.Integers(1)?.Select(axis => (long)axis).ToArray();
        int[]? found = axes?.Select(axis => node.Axis(axis, rank + (added ? axes.Length : 0), "axes")).ToArray();
        return found is null || found.Distinct().Count() == found.Length ? found : throw node.Error($"the axes {OnnxNode.List(found)} name one twice");
    }
}
