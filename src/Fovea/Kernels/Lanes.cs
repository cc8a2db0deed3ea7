using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Kernels;

/// <summary>
/// A vector whose lanes are samples of the batch: the engine holds activations as [group][channel][row][column][lane], so that every
/// layer is plain scalar code on such vectors. Kernels are written once, generic over the width; the JIT compiles them per width.
/// What is compared is selected by in the same call: a processor's comparison gives one bit a lane, which would be made into a vector to be handed on.
/// </summary>
internal unsafe interface ILanes<TSelf> :
    IAdditionOperators<TSelf, TSelf, TSelf>, ISubtractionOperators<TSelf, TSelf, TSelf>,
    IMultiplyOperators<TSelf, TSelf, TSelf>, IDivisionOperators<TSelf, TSelf, TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Lanes of one vector.</summary>
    static abstract int Count { get; }

    /// <summary>Vector registers that the JIT can allocate: what bounds the register tiles.</summary>
    static abstract int Registers { get; }
    static abstract TSelf Zero { get; }
    static abstract TSelf Load(float* source);
    static abstract TSelf Broadcast(float value);
    void Store(float* destination);

    /// <summary>a b + c, fused where the machine can, rounded twice where it cannot.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The larger of a and b; where either is NaN, b on x86 and NaN on ARM.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>a / b within a unit in the last place, where neither the quotient nor 1 / b is subnormal, and nearly always to the last bit: for loops whose divisions and square roots would wait
    /// for the one unit that does both.</summary>
    static abstract TSelf Quotient(TSelf a, TSelf b);
    static abstract TSelf Sqrt(TSelf value);
    static abstract TSelf Abs(TSelf value);
    static abstract TSelf Exp(TSelf value);
    static abstract TSelf Log(TSelf value);

    /// <summary>The third where a > b; the fourth elsewhere, and where either is NaN.</summary>
    static abstract TSelf SelectGreater(TSelf a, TSelf b, TSelf ifTrue, TSelf ifFalse);
    static abstract float Sum(TSelf value);

    /// <summary>The sums of four vectors, each over its lanes: for less than four of <see cref="Sum"/>.</summary>
    static abstract Vector128<float> Sums(TSelf a, TSelf b, TSelf c, TSelf d);

    /// <summary>A small integer in every lane, for the functions below.</summary>
    static abstract TSelf Index(int value);

    /// <summary>The third where two such integers are equal, the fourth elsewhere.</summary>
    static abstract TSelf SelectEqual(TSelf index, TSelf other, TSelf ifTrue, TSelf ifFalse);

    /// <summary>sum + value where two such integers are equal, sum elsewhere.</summary>
    static abstract TSelf AddWhereEqual(TSelf index, TSelf other, TSelf sum, TSelf value);

    /// <summary>Writes one byte per lane.</summary>
    static abstract void StoreIndex(TSelf index, byte* destination);
    static abstract TSelf LoadIndex(byte* source);

    /// <summary>One byte per lane, as numbers from 0 to 255.</summary>
    static abstract TSelf LoadBytes(byte* source);
}

/// <summary>Sixteen samples: AVX-512.</summary>
internal readonly unsafe struct Lanes16(Vector512<float> value) : ILanes<Lanes16>
{
    private readonly Vector512<float> _value = value;

    public static int Count => 16;
    public static int Registers => 32;
    public static Lanes16 Zero { [MethodImpl(Inline)] get => new(Vector512<float>.Zero); }
    [MethodImpl(Inline)] public static Lanes16 Load(float* source) => new(Vector512.Load(source));
    [MethodImpl(Inline)] public static Lanes16 Broadcast(float value) => new(Vector512.Create(value));
    [MethodImpl(Inline)] public void Store(float* destination) => _value.Store(destination);
    [MethodImpl(Inline)] public static Lanes16 operator +(Lanes16 a, Lanes16 b) => new(a._value + b._value);
    [MethodImpl(Inline)] public static Lanes16 operator -(Lanes16 a, Lanes16 b) => new(a._value - b._value);
    [MethodImpl(Inline)] public static Lanes16 operator *(Lanes16 a, Lanes16 b) => new(a._value * b._value);
    [MethodImpl(Inline)] public static Lanes16 operator /(Lanes16 a, Lanes16 b) => new(a._value / b._value);
    [MethodImpl(Inline)] public static Lanes16 MultiplyAdd(Lanes16 a, Lanes16 b, Lanes16 c) => new(Vector512.MultiplyAddEstimate(a._value, b._value, c._value));
    [MethodImpl(Inline)] public static Lanes16 Max(Lanes16 a, Lanes16 b) => new(Vector512.MaxNative(a._value, b._value));

    // An estimate of the reciprocal, two steps of Newton's method, and the quotient corrected by its remainder (Markstein 1990), which rounds it as a division does unless the reciprocal is not the
    // nearest: that of a b whose digits are all ones. What is not a number so, as by an infinite b, is divided.
    [MethodImpl(Inline)]
    public static Lanes16 Quotient(Lanes16 a, Lanes16 b)
    {
        if (!Avx512F.IsSupported) return a / b;
        Vector512<float> one = Vector512.Create(1f), reciprocal = Avx512F.Reciprocal14(b._value);
        reciprocal = Avx512F.FusedMultiplyAdd(reciprocal, Avx512F.FusedMultiplyAddNegated(b._value, reciprocal, one), reciprocal);
        reciprocal = Avx512F.FusedMultiplyAdd(reciprocal, Avx512F.FusedMultiplyAddNegated(b._value, reciprocal, one), reciprocal);
        Vector512<float> quotient = a._value * reciprocal;
        quotient = Avx512F.FusedMultiplyAdd(Avx512F.FusedMultiplyAddNegated(b._value, quotient, a._value), reciprocal, quotient);
        return Vector512.EqualsAll(quotient, quotient) ? new(quotient) : a / b;
    }

    [MethodImpl(Inline)] public static Lanes16 Sqrt(Lanes16 value) => new(Vector512.Sqrt(value._value));
    [MethodImpl(Inline)] public static Lanes16 Abs(Lanes16 value) => new(Vector512.Abs(value._value));
    [MethodImpl(Inline)] public static Lanes16 Exp(Lanes16 value) => new(Vector512.Exp(value._value));
    [MethodImpl(Inline)] public static Lanes16 Log(Lanes16 value) => new(Vector512.Log(value._value));
    [MethodImpl(Inline)] public static float Sum(Lanes16 value) => Vector512.Sum(value._value);

    [MethodImpl(Inline)]
    public static Vector128<float> Sums(Lanes16 a, Lanes16 b, Lanes16 c, Lanes16 d) => Lanes8.Sums(Halves(a), Halves(b), Halves(c), Halves(d));

    [MethodImpl(Inline)] private static Lanes8 Halves(Lanes16 value) => new(value._value.GetLower() + value._value.GetUpper());
    [MethodImpl(Inline)] public static Lanes16 LoadBytes(byte* source) => new(Vector512.ConvertToSingle(LoadIndex(source)._value.AsInt32()));
    [MethodImpl(Inline)] public static Lanes16 Index(int value) => new(Vector512.Create(value).AsSingle());

    [MethodImpl(Inline)]
    public static Lanes16 SelectGreater(Lanes16 a, Lanes16 b, Lanes16 ifTrue, Lanes16 ifFalse) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(a._value, b._value), ifTrue._value, ifFalse._value));

    [MethodImpl(Inline)]
    public static Lanes16 SelectEqual(Lanes16 index, Lanes16 other, Lanes16 ifTrue, Lanes16 ifFalse) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(index._value.AsInt32(), other._value.AsInt32()), ifTrue._value.AsInt32(), ifFalse._value.AsInt32()).AsSingle());

    [MethodImpl(Inline)]
    public static Lanes16 AddWhereEqual(Lanes16 index, Lanes16 other, Lanes16 sum, Lanes16 value) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(index._value.AsInt32(), other._value.AsInt32()).AsSingle(), sum._value + value._value, sum._value));

    [MethodImpl(Inline)]
    public static void StoreIndex(Lanes16 index, byte* destination)
    {
        Vector512<uint> wide = index._value.AsUInt32();
        if (Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector128Byte(wide).Store(destination);
            return;
        }
        Vector256<ushort> half = Vector256.Narrow(wide.GetLower(), wide.GetUpper());
        Vector128.Narrow(half.GetLower(), half.GetUpper()).Store(destination);
    }

    [MethodImpl(Inline)]
    public static Lanes16 LoadIndex(byte* source)
    {
        if (Avx512F.IsSupported) return new(Avx512F.ConvertToVector512Int32(Vector128.Load(source)).AsSingle());
        var (low, high) = Vector256.Widen(Vector256.Create(Vector128.WidenLower(Vector128.Load(source)), Vector128.WidenUpper(Vector128.Load(source))));
        return new(Vector512.Create(low, high).AsSingle());
    }

    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
}

/// <summary>Eight samples: AVX2.</summary>
internal readonly unsafe struct Lanes8(Vector256<float> value) : ILanes<Lanes8>
{
    private readonly Vector256<float> _value = value;

    public static int Count => 8;
    public static int Registers => Avx512F.VL.IsSupported ? 32 : 16;
    public static Lanes8 Zero { [MethodImpl(Inline)] get => new(Vector256<float>.Zero); }
    [MethodImpl(Inline)] public static Lanes8 Load(float* source) => new(Vector256.Load(source));
    [MethodImpl(Inline)] public static Lanes8 Broadcast(float value) => new(Vector256.Create(value));
    [MethodImpl(Inline)] public void Store(float* destination) => _value.Store(destination);
    [MethodImpl(Inline)] public static Lanes8 operator +(Lanes8 a, Lanes8 b) => new(a._value + b._value);
    [MethodImpl(Inline)] public static Lanes8 operator -(Lanes8 a, Lanes8 b) => new(a._value - b._value);
    [MethodImpl(Inline)] public static Lanes8 operator *(Lanes8 a, Lanes8 b) => new(a._value * b._value);
    [MethodImpl(Inline)] public static Lanes8 operator /(Lanes8 a, Lanes8 b) => new(a._value / b._value);
    [MethodImpl(Inline)] public static Lanes8 MultiplyAdd(Lanes8 a, Lanes8 b, Lanes8 c) => new(Vector256.MultiplyAddEstimate(a._value, b._value, c._value));
    [MethodImpl(Inline)] public static Lanes8 Max(Lanes8 a, Lanes8 b) => new(Vector256.MaxNative(a._value, b._value));
    [MethodImpl(Inline)] public static Lanes8 Quotient(Lanes8 a, Lanes8 b) => a / b;
    [MethodImpl(Inline)] public static Lanes8 Sqrt(Lanes8 value) => new(Vector256.Sqrt(value._value));
    [MethodImpl(Inline)] public static Lanes8 Abs(Lanes8 value) => new(Vector256.Abs(value._value));
    [MethodImpl(Inline)] public static Lanes8 Exp(Lanes8 value) => new(Vector256.Exp(value._value));
    [MethodImpl(Inline)] public static Lanes8 Log(Lanes8 value) => new(Vector256.Log(value._value));
    [MethodImpl(Inline)] public static float Sum(Lanes8 value) => Vector256.Sum(value._value);

    [MethodImpl(Inline)]
    public static Vector128<float> Sums(Lanes8 a, Lanes8 b, Lanes8 c, Lanes8 d) => Lanes4.Sums(Halves(a), Halves(b), Halves(c), Halves(d));

    [MethodImpl(Inline)] private static Lanes4 Halves(Lanes8 value) => new(value._value.GetLower() + value._value.GetUpper());
    [MethodImpl(Inline)] public static Lanes8 LoadBytes(byte* source) => new(Vector256.ConvertToSingle(LoadIndex(source)._value.AsInt32()));
    [MethodImpl(Inline)] public static Lanes8 Index(int value) => new(Vector256.Create(value).AsSingle());

    [MethodImpl(Inline)]
    public static Lanes8 SelectGreater(Lanes8 a, Lanes8 b, Lanes8 ifTrue, Lanes8 ifFalse) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(a._value, b._value), ifTrue._value, ifFalse._value));

    [MethodImpl(Inline)]
    public static Lanes8 SelectEqual(Lanes8 index, Lanes8 other, Lanes8 ifTrue, Lanes8 ifFalse) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(index._value.AsInt32(), other._value.AsInt32()), ifTrue._value.AsInt32(), ifFalse._value.AsInt32()).AsSingle());

    [MethodImpl(Inline)]
    public static Lanes8 AddWhereEqual(Lanes8 index, Lanes8 other, Lanes8 sum, Lanes8 value) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(index._value.AsInt32(), other._value.AsInt32()).AsSingle(), sum._value + value._value, sum._value));

    [MethodImpl(Inline)]
    public static void StoreIndex(Lanes8 index, byte* destination)
    {
        Vector128<ushort> half;
        if (Avx2.IsSupported)
        {
            // Narrow would mask what is a byte already.
            half = Sse41.PackUnsignedSaturate(index._value.AsInt32().GetLower(), index._value.AsInt32().GetUpper());
            *(ulong*)destination = Sse2.PackUnsignedSaturate(half.AsInt16(), half.AsInt16()).AsUInt64().ToScalar();
            return;
        }
        half = Vector128.Narrow(index._value.AsUInt32().GetLower(), index._value.AsUInt32().GetUpper());
        Vector128.Narrow(half, half).GetLower().Store(destination);
    }

    [MethodImpl(Inline)]
    public static Lanes8 LoadIndex(byte* source)
    {
        if (Avx2.IsSupported) return new(Avx2.ConvertToVector256Int32(source).AsSingle());
        var (low, high) = Vector128.Widen(Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)source).AsByte()));
        return new(Vector256.Create(low, high).AsSingle());
    }

    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
}

/// <summary>Four samples: SSE, NEON, and plain software where there is neither.</summary>
internal readonly unsafe struct Lanes4(Vector128<float> value) : ILanes<Lanes4>
{
    private readonly Vector128<float> _value = value;

    public static int Count => 4;
    public static int Registers => Avx512F.VL.IsSupported || System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported ? 32 : 16;
    public static Lanes4 Zero { [MethodImpl(Inline)] get => new(Vector128<float>.Zero); }
    [MethodImpl(Inline)] public static Lanes4 Load(float* source) => new(Vector128.Load(source));
    [MethodImpl(Inline)] public static Lanes4 Broadcast(float value) => new(Vector128.Create(value));
    [MethodImpl(Inline)] public void Store(float* destination) => _value.Store(destination);
    [MethodImpl(Inline)] public static Lanes4 operator +(Lanes4 a, Lanes4 b) => new(a._value + b._value);
    [MethodImpl(Inline)] public static Lanes4 operator -(Lanes4 a, Lanes4 b) => new(a._value - b._value);
    [MethodImpl(Inline)] public static Lanes4 operator *(Lanes4 a, Lanes4 b) => new(a._value * b._value);
    [MethodImpl(Inline)] public static Lanes4 operator /(Lanes4 a, Lanes4 b) => new(a._value / b._value);
    [MethodImpl(Inline)] public static Lanes4 MultiplyAdd(Lanes4 a, Lanes4 b, Lanes4 c) => new(Vector128.MultiplyAddEstimate(a._value, b._value, c._value));
    [MethodImpl(Inline)] public static Lanes4 Max(Lanes4 a, Lanes4 b) => new(Vector128.MaxNative(a._value, b._value));
    [MethodImpl(Inline)] public static Lanes4 Quotient(Lanes4 a, Lanes4 b) => a / b;
    [MethodImpl(Inline)] public static Lanes4 Sqrt(Lanes4 value) => new(Vector128.Sqrt(value._value));
    [MethodImpl(Inline)] public static Lanes4 Abs(Lanes4 value) => new(Vector128.Abs(value._value));
    [MethodImpl(Inline)] public static Lanes4 Exp(Lanes4 value) => new(Vector128.Exp(value._value));
    [MethodImpl(Inline)] public static Lanes4 Log(Lanes4 value) => new(Vector128.Log(value._value));
    [MethodImpl(Inline)] public static float Sum(Lanes4 value) => Vector128.Sum(value._value);

    // A 4x4 transposition on the way: first the halves of a and b side by side (a0+a2, b0+b2, a1+a3, b1+b3), then those of both pairs.
    [MethodImpl(Inline)]
    public static Vector128<float> Sums(Lanes4 a, Lanes4 b, Lanes4 c, Lanes4 d)
    {
        Vector128<float> ab = Interleaved(a._value, b._value), cd = Interleaved(c._value, d._value);
        return Vector128.Create(ab.AsDouble().ToScalar(), cd.AsDouble().ToScalar()).AsSingle()
            + Vector128.Create(ab.AsDouble().GetElement(1), cd.AsDouble().GetElement(1)).AsSingle();
    }

    /// <summary>Four numbers of each of four samples = four vectors of one number of each sample, <paramref name="step"/> floats apart.</summary>
    [MethodImpl(Inline)]
    public static void Transpose(float* a, float* b, float* c, float* d, float* target, nint step)
    {
        Vector128<float> x = Vector128.Load(a), y = Vector128.Load(b), z = Vector128.Load(c), w = Vector128.Load(d);
        if (Sse.IsSupported)
        {
            Vector128<float> xyLow = Sse.UnpackLow(x, y), xyHigh = Sse.UnpackHigh(x, y), zwLow = Sse.UnpackLow(z, w), zwHigh = Sse.UnpackHigh(z, w);
            Sse.MoveLowToHigh(xyLow, zwLow).Store(target);
            Sse.MoveHighToLow(zwLow, xyLow).Store(target + step);
            Sse.MoveLowToHigh(xyHigh, zwHigh).Store(target + 2 * step);
            Sse.MoveHighToLow(zwHigh, xyHigh).Store(target + 3 * step);
            return;
        }
        for (int i = 0; i < 4; i++) Vector128.Create(x[i], y[i], z[i], w[i]).Store(target + i * step);
    }

    /// <summary>Turns [rows][columns], rows <paramref name="sourceRow"/> floats apart, into [columns][rows]. Columns are a multiple of 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, nint sourceRow, int rows, int columns, float* target, nint targetRow)
    {
        int row = 0;
        for (; row + 16 <= rows && Vector512.IsHardwareAccelerated && Avx512F.IsSupported; row += 16)
        {
            for (int column = 0; column < columns; column += 4)
                TransposeSixteen(source + row * sourceRow + column, sourceRow, target + column * targetRow + row, targetRow);
        }
        for (; row + 8 <= rows && Avx.IsSupported; row += 8)
        {
            for (int column = 0; column < columns; column += 4)
                TransposeEight(source + row * sourceRow + column, sourceRow, target + column * targetRow + row, targetRow);
        }
        for (; row + 4 <= rows; row += 4)
        {
            float* a = source + row * sourceRow, b = a + sourceRow, c = b + sourceRow, d = c + sourceRow;
            for (int column = 0; column < columns; column += 4)
                Transpose(a + column, b + column, c + column, d + column, target + column * targetRow + row, targetRow);
        }
        for (; row < rows; row++)
        {
            for (int column = 0; column < columns; column++) target[column * targetRow + row] = source[row * sourceRow + column];
        }
    }

    // Four numbers of sixteen rows: quarters of vectors are read from every fourth row, so that squares are turned within quarters.
    [MethodImpl(Inline)]
    private static void TransposeSixteen(float* source, nint row, float* target, nint step)
    {
        Vector512<float> a = Quarters(source, row), b = Quarters(source + row, row), c = Quarters(source + 2 * row, row), d = Quarters(source + 3 * row, row);
        Vector512<double> abLow = Avx512F.UnpackLow(a, b).AsDouble(), abHigh = Avx512F.UnpackHigh(a, b).AsDouble();
        Vector512<double> cdLow = Avx512F.UnpackLow(c, d).AsDouble(), cdHigh = Avx512F.UnpackHigh(c, d).AsDouble();
        Avx512F.UnpackLow(abLow, cdLow).AsSingle().Store(target);
        Avx512F.UnpackHigh(abLow, cdLow).AsSingle().Store(target + step);
        Avx512F.UnpackLow(abHigh, cdHigh).AsSingle().Store(target + 2 * step);
        Avx512F.UnpackHigh(abHigh, cdHigh).AsSingle().Store(target + 3 * step);
    }

    [MethodImpl(Inline)]
    private static Vector512<float> Quarters(float* source, nint row)
    {
        Vector512<float> first = Avx512F.InsertVector128(Vector128.Load(source).ToVector256Unsafe().ToVector512Unsafe(), Vector128.Load(source + 4 * row), 1);
        return Avx512F.InsertVector128(Avx512F.InsertVector128(first, Vector128.Load(source + 8 * row), 2), Vector128.Load(source + 12 * row), 3);
    }

    // The same of eight rows, in halves.
    [MethodImpl(Inline)]
    private static void TransposeEight(float* source, nint row, float* target, nint step)
    {
        Vector256<float> a = Halves(source, row), b = Halves(source + row, row), c = Halves(source + 2 * row, row), d = Halves(source + 3 * row, row);
        Vector256<double> abLow = Avx.UnpackLow(a, b).AsDouble(), abHigh = Avx.UnpackHigh(a, b).AsDouble();
        Vector256<double> cdLow = Avx.UnpackLow(c, d).AsDouble(), cdHigh = Avx.UnpackHigh(c, d).AsDouble();
        Avx.UnpackLow(abLow, cdLow).AsSingle().Store(target);
        Avx.UnpackHigh(abLow, cdLow).AsSingle().Store(target + step);
        Avx.UnpackLow(abHigh, cdHigh).AsSingle().Store(target + 2 * step);
        Avx.UnpackHigh(abHigh, cdHigh).AsSingle().Store(target + 3 * step);
    }

    [MethodImpl(Inline)]
    private static Vector256<float> Halves(float* source, nint row) => Avx.InsertVector128(Vector128.Load(source).ToVector256Unsafe(), Vector128.Load(source + 4 * row), 1);

    [MethodImpl(Inline)]
    private static Vector128<float> Interleaved(Vector128<float> a, Vector128<float> b)
    {
        if (Sse.IsSupported) return Sse.UnpackLow(a, b) + Sse.UnpackHigh(a, b);
        return Vector128.Create(a[0], b[0], a[1], b[1]) + Vector128.Create(a[2], b[2], a[3], b[3]);
    }
    [MethodImpl(Inline)] public static Lanes4 LoadBytes(byte* source) => new(Vector128.ConvertToSingle(LoadIndex(source)._value.AsInt32()));
    [MethodImpl(Inline)] public static Lanes4 Index(int value) => new(Vector128.Create(value).AsSingle());

    [MethodImpl(Inline)]
    public static Lanes4 SelectGreater(Lanes4 a, Lanes4 b, Lanes4 ifTrue, Lanes4 ifFalse) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(a._value, b._value), ifTrue._value, ifFalse._value));

    [MethodImpl(Inline)]
    public static Lanes4 SelectEqual(Lanes4 index, Lanes4 other, Lanes4 ifTrue, Lanes4 ifFalse) =>
        new(Vector128.ConditionalSelect(Vector128.Equals(index._value.AsInt32(), other._value.AsInt32()), ifTrue._value.AsInt32(), ifFalse._value.AsInt32()).AsSingle());

    [MethodImpl(Inline)]
    public static Lanes4 AddWhereEqual(Lanes4 index, Lanes4 other, Lanes4 sum, Lanes4 value) =>
        new(Vector128.ConditionalSelect(Vector128.Equals(index._value.AsInt32(), other._value.AsInt32()).AsSingle(), sum._value + value._value, sum._value));

    [MethodImpl(Inline)]
    public static void StoreIndex(Lanes4 index, byte* destination)
    {
        Vector128<ushort> half = Vector128.Narrow(index._value.AsUInt32(), index._value.AsUInt32());
        *(uint*)destination = Vector128.Narrow(half, half).AsUInt32().ToScalar();
    }

    [MethodImpl(Inline)]
    public static Lanes4 LoadIndex(byte* source) =>
        new(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)source).AsByte())).AsSingle());

    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
}
