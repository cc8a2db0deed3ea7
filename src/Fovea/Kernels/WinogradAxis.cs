using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// The matrices of Winograd's algorithm with six products an axis, F(m, k) with m = 7 - k, and their transposes: At, G and Bt of
/// <see cref="WinogradKernels{V}"/>, by Toom and Cook's interpolation through the points 0, a, -a, b, -b and infinity. With a = 5/8 and b = 3/2 less is lost to
/// rounding than with 1 and 2: in a convolution of 64 channels results are within 1.3e-6 of the largest instead of 4.4e-6.
/// A function takes lines of numbers, <c>step</c> from number to number and <c>next</c> from line to line: all lines of a tile in one call, as a call is dear beside
/// the dozen of operations of a line.
/// </summary>
internal static unsafe class WinogradAxis<V> where V : struct, ILanes<V>
{
    private const int Size = WinogradGeometry.Size;

    // The points a and b, their squares, and what G divides by: the product of a point's distances from the others.
    private const float A = 0.625f, B = 1.5f, A2 = A * A, B2 = B * B, ByA = 1 / (2 * A2 * (A2 - B2)), ByB = 1 / (2 * B2 * (B2 - A2)), ByZero = 1 / (A2 * B2);

    /// <summary>Bt d: six inputs a line, six results. A row of Bt has the coefficients of the product of (x - p) over the other points p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Interpolate(float* source, nint step, nint next, float* target, nint targetStep, nint targetNext)
    {
        V sum = V.Broadcast(-(A2 + B2)), product = V.Broadcast(A2 * B2), minusA2 = V.Broadcast(-A2), minusB2 = V.Broadcast(-B2), pointA = V.Broadcast(A), pointB = V.Broadcast(B);
        for (int line = 0; line < Size; line++, source += next, target += targetNext)
        {
            V d0 = V.Load(source), d1 = V.Load(source + step), d2 = V.Load(source + 2 * step);
            V d3 = V.Load(source + 3 * step), d4 = V.Load(source + 4 * step), d5 = V.Load(source + 5 * step);
            V evenA = V.MultiplyAdd(minusB2, d2, d4), oddA = pointA * V.MultiplyAdd(minusB2, d1, d3);
            V evenB = V.MultiplyAdd(minusA2, d2, d4), oddB = pointB * V.MultiplyAdd(minusA2, d1, d3);
            V.MultiplyAdd(product, d0, V.MultiplyAdd(sum, d2, d4)).Store(target);
            (evenA + oddA).Store(target + targetStep);
            (evenA - oddA).Store(target + 2 * targetStep);
            (evenB + oddB).Store(target + 3 * targetStep);
            (evenB - oddB).Store(target + 4 * targetStep);
            V.MultiplyAdd(product, d1, V.MultiplyAdd(sum, d3, d5)).Store(target + 5 * targetStep);
        }
    }

    /// <summary>At m: six products a line, two or four results, with a bias (L floats, or null) added and raised to a floor. Row i of At has the i-th powers of the points; infinity
    /// counts in the last alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Collect<TOutputs>(int lines, float* source, nint step, nint next, float* target, nint targetStep, nint targetNext, float* bias, float floor)
        where TOutputs : struct, ICount
    {
        V offset = bias == null ? V.Zero : V.Load(bias), least = V.Broadcast(floor), pointA = V.Broadcast(A), pointB = V.Broadcast(B);
        V squareA = V.Broadcast(A2), squareB = V.Broadcast(B2), cubeA = V.Broadcast(A2 * A), cubeB = V.Broadcast(B2 * B);
        for (int line = 0; line < lines; line++, source += next, target += targetNext)
        {
            V p1 = V.Load(source + step), p2 = V.Load(source + 2 * step), p3 = V.Load(source + 3 * step), p4 = V.Load(source + 4 * step), last = V.Load(source + 5 * step);
            V evenA = p1 + p2, oddA = p1 - p2, evenB = p3 + p4, oddB = p3 - p4;
            V.Max(least, V.Load(source) + offset + (evenA + evenB)).Store(target);
            V y1 = V.MultiplyAdd(pointB, oddB, V.MultiplyAdd(pointA, oddA, offset));
            if (TOutputs.Value == 2)
            {
                V.Max(least, y1 + last).Store(target + targetStep);
                continue;
            }
            V.Max(least, y1).Store(target + targetStep);
            V.Max(least, V.MultiplyAdd(squareB, evenB, V.MultiplyAdd(squareA, evenA, offset))).Store(target + 2 * targetStep);
            V.Max(least, V.MultiplyAdd(cubeB, oddB, V.MultiplyAdd(cubeA, oddA, last + offset))).Store(target + 3 * targetStep);
        }
    }

    /// <summary>A y, the transposed <see cref="Collect{TOutputs}"/>: two or four gradients a line, six results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Spread<TOutputs>(int lines, float* source, nint step, nint next, float* target, nint targetStep, nint targetNext) where TOutputs : struct, ICount
    {
        V pointA = V.Broadcast(A), pointB = V.Broadcast(B), squareA = V.Broadcast(A2), squareB = V.Broadcast(B2);
        for (int line = 0; line < lines; line++, source += next, target += targetNext)
        {
            V y0 = V.Load(source), y1 = V.Load(source + step), last = y1;
            V evenA = y0, oddA = y1, evenB = y0, oddB = y1;
            if (TOutputs.Value == 4)
            {
                V y2 = V.Load(source + 2 * step);
                last = V.Load(source + 3 * step);
                evenA = V.MultiplyAdd(squareA, y2, y0);
                oddA = V.MultiplyAdd(squareA, last, y1);
                evenB = V.MultiplyAdd(squareB, y2, y0);
                oddB = V.MultiplyAdd(squareB, last, y1);
            }
            oddA = pointA * oddA;
            oddB = pointB * oddB;
            y0.Store(target);
            (evenA + oddA).Store(target + targetStep);
            (evenA - oddA).Store(target + 2 * targetStep);
            (evenB + oddB).Store(target + 3 * targetStep);
            (evenB - oddB).Store(target + 4 * targetStep);
            last.Store(target + 5 * targetStep);
        }
    }

    /// <summary>G g: as many taps a line as the kernel has, six results: the kernel as a polynomial at the points, divided by the product of a point's distances from the
    /// others.</summary>
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
