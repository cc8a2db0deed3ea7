using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// The matrices of Winograd's algorithm with six products an axis, F(m, k) with m = 7 - k, and their transposes: At, G and Bt of
/// <see cref="WinogradKernels{V}"/>, by Toom and Cook's interpolation through the points 0, a, -a, b, -b and infinity. With a = 5/8 and b = 3/2 less is lost to
/// rounding than with 1 and 2: in a convolution of 64 channels results are within 1.3e-6 of the largest instead of 4.4e-6.
/// A function takes a tile along both axes: what it makes along the one of two lines, which share their sums and differences, stays in registers for the other axis.
/// <c>row</c> is the distance of rows of a tile, whose columns are vectors side by side, and <c>position</c> that of the 36 positions, row by row.
/// </summary>
internal static unsafe class WinogradAxis<V> where V : struct, ILanes<V>
{
    private const int Size = WinogradGeometry.Size;

    // The points a and b, their squares, and what G divides by: the product of a point's distances from the others.
    private const float A = 0.625f, B = 1.5f, A2 = A * A, B2 = B * B, ByA = 1 / (2 * A2 * (A2 - B2)), ByB = 1 / (2 * B2 * (B2 - A2)), ByZero = 1 / (A2 * B2);

    /// <summary>Bt d B of 6 x 6 inputs. A row of Bt has the coefficients of the product of (x - p) over the other points p.</summary>
    public static void Interpolate(float* source, nint row, float* target, nint position)
    {
        InterpolateEnds(source, row, target, position);
        InterpolatePair(source, row, -B2, A, target + position, position);
        InterpolatePair(source, row, -A2, B, target + 3 * position, position);
    }

    // The columns of the points 0 and infinity.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InterpolateEnds(float* source, nint row, float* target, nint position)
    {
        V sum = V.Broadcast(-(A2 + B2)), product = V.Broadcast(A2 * B2);
        for (int end = 0; end < 2; end++, source += V.Count, target += 5 * position)
        {
            V d0 = End(source, sum, product), d1 = End(source + row, sum, product), d2 = End(source + 2 * row, sum, product);
            V d3 = End(source + 3 * row, sum, product), d4 = End(source + 4 * row, sum, product), d5 = End(source + 5 * row, sum, product);
            InterpolateColumn(d0, d1, d2, d3, d4, d5, target, Size * position);
        }
    }

    // The columns of the points a and -a, or b and -b.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InterpolatePair(float* source, nint row, float minusOther, float point, float* target, nint position)
    {
        V other = V.Broadcast(minusOther), factor = V.Broadcast(point);
        V even0 = Even(source, other), even1 = Even(source + row, other), even2 = Even(source + 2 * row, other);
        V even3 = Even(source + 3 * row, other), even4 = Even(source + 4 * row, other), even5 = Even(source + 5 * row, other);
        V odd0 = factor * Odd(source, other), odd1 = factor * Odd(source + row, other), odd2 = factor * Odd(source + 2 * row, other);
        V odd3 = factor * Odd(source + 3 * row, other), odd4 = factor * Odd(source + 4 * row, other), odd5 = factor * Odd(source + 5 * row, other);
        InterpolateColumn(even0 + odd0, even1 + odd1, even2 + odd2, even3 + odd3, even4 + odd4, even5 + odd5, target, Size * position);
        InterpolateColumn(even0 - odd0, even1 - odd1, even2 - odd2, even3 - odd3, even4 - odd4, even5 - odd5, target + position, Size * position);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V End(float* d, V sum, V product) =>
        V.MultiplyAdd(product, V.Load(d), V.MultiplyAdd(sum, V.Load(d + 2 * V.Count), V.Load(d + 4 * V.Count)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Even(float* d, V minusOther) => V.MultiplyAdd(minusOther, V.Load(d + 2 * V.Count), V.Load(d + 4 * V.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Odd(float* d, V minusOther) => V.MultiplyAdd(minusOther, V.Load(d + V.Count), V.Load(d + 3 * V.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InterpolateColumn(V d0, V d1, V d2, V d3, V d4, V d5, float* target, nint step)
    {
        V sum = V.Broadcast(-(A2 + B2)), product = V.Broadcast(A2 * B2), minusA2 = V.Broadcast(-A2), minusB2 = V.Broadcast(-B2);
        V.MultiplyAdd(product, d0, V.MultiplyAdd(sum, d2, d4)).Store(target);
        V evenA = V.MultiplyAdd(minusB2, d2, d4), oddA = V.Broadcast(A) * V.MultiplyAdd(minusB2, d1, d3);
        (evenA + oddA).Store(target + step);
        (evenA - oddA).Store(target + 2 * step);
        V evenB = V.MultiplyAdd(minusA2, d2, d4), oddB = V.Broadcast(B) * V.MultiplyAdd(minusA2, d1, d3);
        (evenB + oddB).Store(target + 3 * step);
        (evenB - oddB).Store(target + 4 * step);
        V.MultiplyAdd(product, d1, V.MultiplyAdd(sum, d3, d5)).Store(target + 5 * step);
    }

    /// <summary>At m A of 6 x 6 products, two or four outputs along each axis, with a bias (L floats, or null) added and raised to a floor. Row i of At has the i-th
    /// powers of the points; infinity counts in the last alone.</summary>
    public static void Collect<TOutputs>(float* source, nint position, float* target, nint row, float* bias, float floor) where TOutputs : struct, ICount
    {
        CollectEven<TOutputs>(source, position, target, row, bias, floor);
        CollectOdd<TOutputs>(source, position, target + row, row, bias, floor);
    }

    // The rows of even powers, which take the sums of the products at a and -a, and at b and -b.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CollectEven<TOutputs>(float* source, nint position, float* target, nint row, float* bias, float floor) where TOutputs : struct, ICount
    {
        V offset = bias == null ? V.Zero : V.Load(bias), least = V.Broadcast(floor), squareA = V.Broadcast(A2), squareB = V.Broadcast(B2);
        nint line = Size * position;
        float* at = source + line;
        V a0 = Sum(at, line), a1 = Sum(at + position, line), a2 = Sum(at + 2 * position, line);
        V a3 = Sum(at + 3 * position, line), a4 = Sum(at + 4 * position, line), a5 = Sum(at + 5 * position, line);
        at = source + 3 * line;
        V b0 = Sum(at, line), b1 = Sum(at + position, line), b2 = Sum(at + 2 * position, line);
        V b3 = Sum(at + 3 * position, line), b4 = Sum(at + 4 * position, line), b5 = Sum(at + 5 * position, line);
        CollectRow<TOutputs>(V.Load(source) + (a0 + b0), V.Load(source + position) + (a1 + b1), V.Load(source + 2 * position) + (a2 + b2),
            V.Load(source + 3 * position) + (a3 + b3), V.Load(source + 4 * position) + (a4 + b4), V.Load(source + 5 * position) + (a5 + b5), target, offset, least);
        if (TOutputs.Value == 2) return;
        CollectRow<TOutputs>(V.MultiplyAdd(squareB, b0, squareA * a0), V.MultiplyAdd(squareB, b1, squareA * a1), V.MultiplyAdd(squareB, b2, squareA * a2),
            V.MultiplyAdd(squareB, b3, squareA * a3), V.MultiplyAdd(squareB, b4, squareA * a4), V.MultiplyAdd(squareB, b5, squareA * a5), target + 2 * row, offset, least);
    }

    // The rows of odd powers, which take the differences.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CollectOdd<TOutputs>(float* source, nint position, float* target, nint row, float* bias, float floor) where TOutputs : struct, ICount
    {
        V offset = bias == null ? V.Zero : V.Load(bias), least = V.Broadcast(floor), pointA = V.Broadcast(A), pointB = V.Broadcast(B);
        nint line = Size * position;
        float* at = source + line;
        V a0 = Difference(at, line), a1 = Difference(at + position, line), a2 = Difference(at + 2 * position, line);
        V a3 = Difference(at + 3 * position, line), a4 = Difference(at + 4 * position, line), a5 = Difference(at + 5 * position, line);
        at = source + 3 * line;
        V b0 = Difference(at, line), b1 = Difference(at + position, line), b2 = Difference(at + 2 * position, line);
        V b3 = Difference(at + 3 * position, line), b4 = Difference(at + 4 * position, line), b5 = Difference(at + 5 * position, line);
        float* last = source + 5 * line;
        if (TOutputs.Value == 2)
        {
            CollectRow<TOutputs>(V.MultiplyAdd(pointB, b0, pointA * a0) + V.Load(last), V.MultiplyAdd(pointB, b1, pointA * a1) + V.Load(last + position),
                V.MultiplyAdd(pointB, b2, pointA * a2) + V.Load(last + 2 * position), V.MultiplyAdd(pointB, b3, pointA * a3) + V.Load(last + 3 * position),
                V.MultiplyAdd(pointB, b4, pointA * a4) + V.Load(last + 4 * position), V.MultiplyAdd(pointB, b5, pointA * a5) + V.Load(last + 5 * position), target, offset, least);
            return;
        }
        CollectRow<TOutputs>(V.MultiplyAdd(pointB, b0, pointA * a0), V.MultiplyAdd(pointB, b1, pointA * a1), V.MultiplyAdd(pointB, b2, pointA * a2),
            V.MultiplyAdd(pointB, b3, pointA * a3), V.MultiplyAdd(pointB, b4, pointA * a4), V.MultiplyAdd(pointB, b5, pointA * a5), target, offset, least);
        V cubeA = V.Broadcast(A2 * A), cubeB = V.Broadcast(B2 * B);
        CollectRow<TOutputs>(V.MultiplyAdd(cubeB, b0, V.MultiplyAdd(cubeA, a0, V.Load(last))), V.MultiplyAdd(cubeB, b1, V.MultiplyAdd(cubeA, a1, V.Load(last + position))),
            V.MultiplyAdd(cubeB, b2, V.MultiplyAdd(cubeA, a2, V.Load(last + 2 * position))), V.MultiplyAdd(cubeB, b3, V.MultiplyAdd(cubeA, a3, V.Load(last + 3 * position))),
            V.MultiplyAdd(cubeB, b4, V.MultiplyAdd(cubeA, a4, V.Load(last + 4 * position))), V.MultiplyAdd(cubeB, b5, V.MultiplyAdd(cubeA, a5, V.Load(last + 5 * position))),
            target + 2 * row, offset, least);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sum(float* p, nint line) => V.Load(p) + V.Load(p + line);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Difference(float* p, nint line) => V.Load(p) - V.Load(p + line);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CollectRow<TOutputs>(V p0, V p1, V p2, V p3, V p4, V last, float* target, V offset, V least) where TOutputs : struct, ICount
    {
        V evenA = p1 + p2, oddA = p1 - p2, evenB = p3 + p4, oddB = p3 - p4;
        V.Max(least, p0 + offset + (evenA + evenB)).Store(target);
        V y1 = V.MultiplyAdd(V.Broadcast(B), oddB, V.MultiplyAdd(V.Broadcast(A), oddA, offset));
        if (TOutputs.Value == 2)
        {
            V.Max(least, y1 + last).Store(target + V.Count);
            return;
        }
        V.Max(least, y1).Store(target + V.Count);
        V.Max(least, V.MultiplyAdd(V.Broadcast(B2), evenB, V.MultiplyAdd(V.Broadcast(A2), evenA, offset))).Store(target + 2 * V.Count);
        V.Max(least, V.MultiplyAdd(V.Broadcast(B2 * B), oddB, V.MultiplyAdd(V.Broadcast(A2 * A), oddA, last + offset))).Store(target + 3 * V.Count);
    }

    /// <summary>A y At, the transposed <see cref="Collect{TOutputs}"/>: two or four gradients along each axis, <paramref name="pixel"/> apart, 6 x 6 results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Spread<TOutputs>(float* source, nint pixel, float* target, nint position) where TOutputs : struct, ICount
    {
        nint row = TOutputs.Value * pixel, line = Size * position;
        float* last = source + row - pixel;
        SpreadColumn<TOutputs>(V.Load(source), V.Load(source + row), Third<TOutputs>(source, row), Fourth<TOutputs>(source, row), target, line);
        SpreadColumn<TOutputs>(V.Load(last), V.Load(last + row), Third<TOutputs>(last, row), Fourth<TOutputs>(last, row), target + 5 * position, line);
        SpreadPair<TOutputs>(source, pixel, A, target + position, position);
        SpreadPair<TOutputs>(source, pixel, B, target + 3 * position, position);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Third<TOutputs>(float* source, nint row) where TOutputs : struct, ICount => TOutputs.Value == 4 ? V.Load(source + 2 * row) : V.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Fourth<TOutputs>(float* source, nint row) where TOutputs : struct, ICount => TOutputs.Value == 4 ? V.Load(source + 3 * row) : V.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadPair<TOutputs>(float* source, nint pixel, float point, float* target, nint position) where TOutputs : struct, ICount
    {
        nint row = TOutputs.Value * pixel, line = Size * position;
        V factor = V.Broadcast(point), square = V.Broadcast(point * point);
        V even0 = Powers<TOutputs>(source, 2 * pixel, square), even1 = Powers<TOutputs>(source + row, 2 * pixel, square);
        V odd0 = factor * Powers<TOutputs>(source + pixel, 2 * pixel, square), odd1 = factor * Powers<TOutputs>(source + row + pixel, 2 * pixel, square);
        V even2 = V.Zero, even3 = V.Zero, odd2 = V.Zero, odd3 = V.Zero;
        if (TOutputs.Value == 4)
        {
            even2 = Powers<TOutputs>(source + 2 * row, 2 * pixel, square);
            even3 = Powers<TOutputs>(source + 3 * row, 2 * pixel, square);
            odd2 = factor * Powers<TOutputs>(source + 2 * row + pixel, 2 * pixel, square);
            odd3 = factor * Powers<TOutputs>(source + 3 * row + pixel, 2 * pixel, square);
        }
        SpreadColumn<TOutputs>(even0 + odd0, even1 + odd1, even2 + odd2, even3 + odd3, target, line);
        SpreadColumn<TOutputs>(even0 - odd0, even1 - odd1, even2 - odd2, even3 - odd3, target + position, line);
    }

    // The even, or the odd, of the powers of a point.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Powers<TOutputs>(float* y, nint two, V square) where TOutputs : struct, ICount =>
        TOutputs.Value == 4 ? V.MultiplyAdd(square, V.Load(y + two), V.Load(y)) : V.Load(y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadColumn<TOutputs>(V y0, V y1, V y2, V y3, float* target, nint step) where TOutputs : struct, ICount
    {
        V evenA = y0, oddA = y1, evenB = y0, oddB = y1;
        if (TOutputs.Value == 4)
        {
            evenA = V.MultiplyAdd(V.Broadcast(A2), y2, y0);
            oddA = V.MultiplyAdd(V.Broadcast(A2), y3, y1);
            evenB = V.MultiplyAdd(V.Broadcast(B2), y2, y0);
            oddB = V.MultiplyAdd(V.Broadcast(B2), y3, y1);
        }
        oddA = V.Broadcast(A) * oddA;
        oddB = V.Broadcast(B) * oddB;
        y0.Store(target);
        (evenA + oddA).Store(target + step);
        (evenA - oddA).Store(target + 2 * step);
        (evenB + oddB).Store(target + 3 * step);
        (evenB - oddB).Store(target + 4 * step);
        (TOutputs.Value == 4 ? y3 : y1).Store(target + 5 * step);
    }

    /// <summary>G g of some lines, <paramref name="next"/> apart: as many taps a line, <paramref name="step"/> apart, as the kernel has, six results: the
    /// kernel as a polynomial at the points, divided by the product of a point's distances from the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Evaluate(int kernel, int lines, float* source, nint step, nint next, float* target, nint targetStep, nint targetNext)
    {
        V pointA = V.Broadcast(A), pointB = V.Broadcast(B), squareA = V.Broadcast(A2), squareB = V.Broadcast(B2), byA = V.Broadcast(ByA), byB = V.Broadcast(ByB);
        for (int line = 0; line < lines; line++, source += next, target += targetNext)
        {
            // Horner's scheme in the squares of the points, from the highest even and the highest odd power down.
            V even = V.Load(source + (kernel - 1) * step), odd = V.Load(source + (kernel - 2) * step), evenA = even, evenB = even, oddA = odd, oddB = odd;
            even.Store(target + 5 * targetStep);
            for (int power = kernel - 3; power >= 0; power -= 2)
            {
                even = V.Load(source + power * step);
                evenA = V.MultiplyAdd(squareA, evenA, even);
                evenB = V.MultiplyAdd(squareB, evenB, even);
                if (power == 0) break;
                odd = V.Load(source + (power - 1) * step);
                oddA = V.MultiplyAdd(squareA, oddA, odd);
                oddB = V.MultiplyAdd(squareB, oddB, odd);
            }
            (evenA, oddA, evenB, oddB) = (byA * evenA, byA * pointA * oddA, byB * evenB, byB * pointB * oddB);
            (V.Broadcast(ByZero) * even).Store(target);
            (evenA + oddA).Store(target + targetStep);
            (evenA - oddA).Store(target + 2 * targetStep);
            (evenB + oddB).Store(target + 3 * targetStep);
            (evenB - oddB).Store(target + 4 * targetStep);
        }
    }

    /// <summary>The transposed <see cref="Evaluate"/>: six gradients a line, as many results as the kernel has taps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EvaluateBackward(int kernel, int lines, float* source, nint step, nint next, float* target, nint targetStep, nint targetNext)
    {
        V squareA = V.Broadcast(A2), squareB = V.Broadcast(B2), byA = V.Broadcast(ByA), byB = V.Broadcast(ByB), oddByA = V.Broadcast(ByA * A), oddByB = V.Broadcast(ByB * B);
        for (int line = 0; line < lines; line++, source += next, target += targetNext)
        {
            V p1 = V.Load(source + step), p2 = V.Load(source + 2 * step), p3 = V.Load(source + 3 * step), p4 = V.Load(source + 4 * step);
            V evenA = byA * (p1 + p2), oddA = oddByA * (p1 - p2), evenB = byB * (p3 + p4), oddB = oddByB * (p3 - p4);
            V.MultiplyAdd(V.Broadcast(ByZero), V.Load(source), evenA + evenB).Store(target);
            for (int power = 1; power < kernel; power += 2)
            {
                (oddA + oddB).Store(target + power * targetStep);
                (evenA, evenB, oddA, oddB) = (squareA * evenA, squareB * evenB, squareA * oddA, squareB * oddB);
                V even = evenA + evenB;
                if (power == kernel - 2) even += V.Load(source + 5 * step);
                even.Store(target + (power + 1) * targetStep);
            }
        }
    }
}
