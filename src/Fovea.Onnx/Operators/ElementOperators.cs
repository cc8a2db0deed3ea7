using Fovea.Kernels.Reference;

namespace Fovea.Onnx;

/// <summary>Operators that work on each number by itself, or on pairs of them, one tensor repeated where it has fewer.</summary>
internal static class ElementOperators
{
    /// <summary>Functions of one number that are no layers' activations.</summary>
    private static readonly Dictionary<string, Func<OnnxNode, Func<double, double>>> s_functions = new()
    {
        ["Abs"] = _ => Math.Abs,
        ["Neg"] = _ => x => -x,
        ["Exp"] = _ => Math.Exp,
        ["Log"] = _ => Math.Log,
        ["Sqrt"] = _ => Math.Sqrt,
        ["Reciprocal"] = _ => x => 1 / x,
        ["Floor"] = _ => Math.Floor,
        ["Ceil"] = _ => Math.Ceiling,
        ["Round"] = _ => x => Math.Round(x, MidpointRounding.ToEven),
        ["Sign"] = _ => x => double.IsNaN(x) ? x : Math.Sign(x),
        // P(|X| <= x sqrt(2)) of a standard normal X.
        ["Erf"] = _ => x => 2 * ReferenceNormal.Integral(x * Math.Sqrt(2)) - 1,
        ["Softsign"] = _ => x => x / (1 + Math.Abs(x)),
        ["Selu"] = Selu,
        ["HardSigmoid"] = HardSigmoid,
        ["Swish"] = Swish,
        ["Celu"] = Celu,
        ["ThresholdedRelu"] = ThresholdedRelu,
    };

    private static readonly Dictionary<string, (Func<double, double, double> Floats, Func<long, long, long> Integers)> s_arithmetic = new()
    {
        ["Add"] = ((a, b) => a + b, (a, b) => a + b),
        ["Sub"] = ((a, b) => a - b, (a, b) => a - b),
        ["Mul"] = ((a, b) => a * b, (a, b) => a * b),
        ["Div"] = ((a, b) => a / b, (a, b) => a / b),
        ["Pow"] = (Math.Pow, (a, b) => (long)Math.Pow(a, b)),
        ["Max"] = (Math.Max, Math.Max),
        ["Min"] = (Math.Min, Math.Min),
        ["Sum"] = ((a, b) => a + b, (a, b) => a + b),
        ["And"] = ((_, _) => double.NaN, (a, b) => a & b),
        ["Or"] = ((_, _) => double.NaN, (a, b) => a | b),
    };

    private static readonly Dictionary<string, Func<double, double, bool>> s_comparisons = new()
    {
        ["Greater"] = (a, b) => a > b,
        ["GreaterOrEqual"] = (a, b) => a >= b,
        ["Less"] = (a, b) => a < b,
        ["LessOrEqual"] = (a, b) => a <= b,
        ["Equal"] = (a, b) => a == b,
    };

    public static IEnumerable<string> Functions => s_functions.Keys;

    public static IEnumerable<string> Arithmetic => s_arithmetic.Keys;

    public static IEnumerable<string> Comparisons => s_comparisons.Keys;

    /// <summary>A function of each number: a layer's activation, or one of the others.</summary>
    public static OnnxTensor Function(OnnxNode node, Operands x)
    {
        Func<double, double> function = NodeLayers.Activation(node) is { } activation ? activation.Value : s_functions[node.Operation](node);
        if (node.Operation is "Abs" or "Neg" or "Sign" && x[0].AllIntegers is { } integers)
            return new OnnxTensor(x[0].Shape, [.. integers.Select(value => Wrap(x[0].Type, (long)function(value)))], x[0].Type);
        OnnxTensor input = x.Floats(0);
        float[] values = new float[input.Count];
        for (int i = 0; i < values.Length; i++) values[i] = (float)function(input.AllFloats![i]);
        return new OnnxTensor(input.Shape, values);
    }

    /// <summary>Two or more tensors, pair by pair.</summary>
    public static OnnxTensor Combine(OnnxNode node, Operands x)
    {
        var (floats, integers) = s_arithmetic[node.Operation];
        // Before version 7 the second was repeated along axes from a given one on.
        if (node.Opset < 7)
        {
            node.Ignore("consumed_inputs");
            if (node.Flag("broadcast") && node.Has("axis") && x.Count == 2)
            {
                int axis = node.Axis(node.Integer("axis", 0), x[0].Rank), after = x[0].Rank - axis - x[1].Rank;
                if (after < 0) throw node.Error($"its inputs {x[0]} and {x[1]} do not fit each other at axis {axis}");
                x = new Operands(node, [x[0], x[1].Under([.. x[1].Shape, .. Enumerable.Repeat(1, after)])]);
            }
        }
        OnnxTensor result = x[0];
        for (int i = 1; i < x.Count; i++) result = Combine(node, result, x[i], floats, integers);
        return result;
    }

    public static OnnxTensor Compare(OnnxNode node, Operands x)
    {
        Func<double, double, bool> compare = s_comparisons[node.Operation];
        var (shape, a, b) = Pairs(node, x[0], x[1]);
        long[] values = new long[a.Length];
        for (int i = 0; i < values.Length; i++) values[i] = compare(x[0][a[i]], x[1][b[i]]) ? 1 : 0;
        return new OnnxTensor(shape, values, OnnxElement.Bool);
    }

    public static OnnxTensor Not(OnnxNode node, Operands x) => x[0].AllIntegers is { } values && x[0].Type == OnnxElement.Bool
        ? new OnnxTensor(x[0].Shape, [.. values.Select(value => 1 - value)], OnnxElement.Bool)
        : throw node.Error($"its input is {x[0]}; expected true and false");

    /// <summary>Of two tensors, the number that a third chooses.</summary>
    public static OnnxTensor Where(OnnxNode node, Operands x)
    {
        int[] shape = Indexing.Broadcast(node, x[0].Shape, Indexing.Broadcast(node, x[1].Shape, x[2].Shape));
        int[] choice = Indexing.Repeat(node, x[0].Shape, shape), first = Indexing.Repeat(node, x[1].Shape, shape), second = Indexing.Repeat(node, x[2].Shape, shape);
        if (x[1].Type != x[2].Type) throw node.Error($"its inputs are {x[1]} and {x[2]}; expected one type");
        OnnxTensor a = x[1].Pick(shape, first), b = x[2].Pick(shape, second);
        if (a.AllFloats is { } floats)
        {
            for (int i = 0; i < floats.Length; i++) if (x[0][choice[i]] == 0) floats[i] = b.AllFloats![i];
            return a;
        }
        for (int i = 0; i < a.Count; i++) if (x[0][choice[i]] == 0) a.AllIntegers![i] = b.AllIntegers![i];
        return a;
    }

    /// <summary>Bounds as attributes before version 11, as inputs since.</summary>
    public static OnnxTensor Clip(OnnxNode node, Operands x)
    {
        var (least, most) = Bounds(node, x);
        if (x[0].AllIntegers is { } integers)
            return new OnnxTensor(x[0].Shape, [.. integers.Select(value => (long)Math.Min(Math.Max(value, least), most))], x[0].Type);
        return new OnnxTensor(x[0].Shape, [.. x[0].AllFloats!.Select(value => float.IsNaN(value) ? value : (float)Math.Min(Math.Max(value, least), most))]);
    }

    public static (double Least, double Most) Bounds(OnnxNode node, Operands x) => node.Opset < 11
        ? (node.Float("min", float.MinValue), node.Float("max", float.MaxValue))
        : (x.Scalar(1) ?? double.NegativeInfinity, x.Scalar(2) ?? double.PositiveInfinity);

    public static OnnxTensor Mean(OnnxNode node, Operands x)
    {
        OnnxTensor sum = x.Floats(0);
        for (int i = 1; i < x.Count; i++) sum = Combine(node, sum, x.Floats(i), (a, b) => a + b, (a, b) => a + b);
        return new OnnxTensor(sum.Shape, [.. sum.AllFloats!.Select(value => value / x.Count)]);
    }

    /// <summary>x where it is positive, a slope times x elsewhere; the slopes are repeated up to the input.</summary>
    public static OnnxTensor Prelu(OnnxNode node, Operands x)
    {
        OnnxTensor input = x.Floats(0), slope = x.Floats(1);
        int[] places = Indexing.Repeat(node, slope.Shape, Indexing.Broadcast(node, input.Shape, slope.Shape));
        if (places.Length != input.Count) throw node.Error($"the slopes {slope} are more than the input {input}");
        float[] values = new float[input.Count];
        for (int i = 0; i < values.Length; i++) values[i] = input.AllFloats![i] > 0 ? input.AllFloats[i] : input.AllFloats[i] * slope.AllFloats![places[i]];
        return new OnnxTensor(input.Shape, values);
    }

    /// <summary>A whole number as it is kept in a type.</summary>
    public static long Wrap(OnnxElement type, long value) => type switch
    {
        OnnxElement.UInt8 => (byte)value,
        OnnxElement.Int8 => (sbyte)value,
        OnnxElement.Int32 => (int)value,
        OnnxElement.Bool => value == 0 ? 0 : 1,
        _ => value,
    };

    private static OnnxTensor Combine(OnnxNode node, OnnxTensor left, OnnxTensor right, Func<double, double, double> floats, Func<long, long, long> integers)
    {
        // The exponent may be of another type.
        if (left.Type != right.Type && !(node.Operation == "Pow" && left.AllFloats is not null)) throw node.Error($"its inputs are {left} and {right}; expected one type");
        var (shape, a, b) = Pairs(node, left, right);
        if (left.AllFloats is not null)
        {
            float[] values = new float[a.Length];
            for (int i = 0; i < values.Length; i++) values[i] = (float)floats(left[a[i]], right[b[i]]);
            return new OnnxTensor(shape, values);
        }
        long[] numbers = new long[a.Length];
        try
        {
            for (int i = 0; i < numbers.Length; i++) numbers[i] = Wrap(left.Type, integers(left.AllIntegers![a[i]], right.AllIntegers![b[i]]));
        }
        catch (ArithmeticException exception)
        {
            throw node.Error("a whole number is divided by 0, or the result is none", inner: exception);
        }
        return new OnnxTensor(shape, numbers, left.Type);
    }

    private static (int[] Shape, int[] A, int[] B) Pairs(OnnxNode node, OnnxTensor a, OnnxTensor b)
    {
        int[] shape = Indexing.Broadcast(node, a.Shape, b.Shape);
        return (shape, Indexing.Repeat(node, a.Shape, shape), Indexing.Repeat(node, b.Shape, shape));
    }

    private static Func<double, double> Selu(OnnxNode node)
    {
        double alpha = node.Float("alpha", 1.6732632f), gamma = node.Float("gamma", 1.050701f);
        return x => gamma * (x > 0 ? x : alpha * (Math.Exp(x) - 1));
    }

    private static Func<double, double> HardSigmoid(OnnxNode node)
    {
        double alpha = node.Float("alpha", 0.2f), beta = node.Float("beta", 0.5f);
        return x => double.IsNaN(x) ? x : Math.Clamp(alpha * x + beta, 0, 1);
    }

    private static Func<double, double> Swish(OnnxNode node)
    {
        double alpha = node.Float("alpha", 1);
        return x => x / (1 + Math.Exp(-alpha * x));
    }

    private static Func<double, double> Celu(OnnxNode node)
    {
        double alpha = node.Float("alpha", 1);
        return x => Math.Max(0, x) + Math.Min(0, alpha * (Math.Exp(x / alpha) - 1));
    }

    private static Func<double, double> ThresholdedRelu(OnnxNode node)
    {
        double alpha = node.Float("alpha", 1);
        return x => x > alpha ? x : 0;
    }
}
