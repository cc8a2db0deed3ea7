using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Kernels;

/// <summary>
/// The register tile of weight gradients:
/// <code>c[row + column * CColumn] = sum over rows y, columns x and lanes of a[row][y][x] * b[column][y][x]</code>
/// The rows are gradients of filters, the columns are taps: the input shifted to where a tap lies on it. Both are whole vectors, and
/// the samples in their lanes are added up once, at the end.
/// </summary>
internal static unsafe class DotTile<V> where V : struct, ILanes<V>
{
    /// <summary>The most rows and columns of a tile.</summary>
    public const int Maximum = 5;

    /// <summary>The most rows of a tile with so many columns, such that sums, columns and one row fit the registers.</summary>
    public static int MaximumRows(int columns) => Math.Min(Maximum, (V.Registers - columns - 1) / columns);

    /// <summary>Cuts filters x taps into the tiles that take the fewest cycles.</summary>
    public static (Split Rows, Split Columns) Choose(int rows, int columns)
    {
        (Split Rows, Split Columns) best = default;
        double least = double.MaxValue;
        for (int c = 1; c <= Math.Min(Maximum, columns); c++)
        {
            Split columnParts = new(columns, c), rowParts = new(rows, MaximumRows(c));
            int r = rowParts.Largest;
            double cycles = (Math.Max(Math.Max(r * c, r + c), 8) + 1.0) * rowParts.Parts * columnParts.Parts;
            if (cycles < least) (best, least) = ((rowParts, columnParts), cycles);
        }
        return best;
    }

    /// <summary>Multiplies one tile of <paramref name="rows"/> x <paramref name="columns"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(int rows, int columns, float** a, float** b, float* c, DotLoop* loop) =>
        Table[(columns - 1) * Maximum + rows - 1](a, b, c, loop);

    private static readonly delegate*<float**, float**, float*, DotLoop*, void>[] Table =
    [
        &Multiply<N1, N1>, &Multiply<N2, N1>, &Multiply<N3, N1>, &Multiply<N4, N1>, &Multiply<N5, N1>,
        &Multiply<N1, N2>, &Multiply<N2, N2>, &Multiply<N3, N2>, &Multiply<N4, N2>, &Multiply<N5, N2>,
        &Multiply<N1, N3>, &Multiply<N2, N3>, &Multiply<N3, N3>, &Multiply<N4, N3>, &Multiply<N5, N3>,
        &Multiply<N1, N4>, &Multiply<N2, N4>, &Multiply<N3, N4>, &Multiply<N4, N4>, &Multiply<N5, N4>,
        &Multiply<N1, N5>, &Multiply<N2, N5>, &Multiply<N3, N5>, &Multiply<N4, N5>, &Multiply<N5, N5>,
    ];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TRows, TColumns>(float** a, float** b, float* c, DotLoop* loop)
        where TRows : struct, ICount where TColumns : struct, ICount
    {
        V c00 = V.Zero, c01 = V.Zero, c02 = V.Zero, c03 = V.Zero, c04 = V.Zero;
        V c10 = V.Zero, c11 = V.Zero, c12 = V.Zero, c13 = V.Zero, c14 = V.Zero;
        V c20 = V.Zero, c21 = V.Zero, c22 = V.Zero, c23 = V.Zero, c24 = V.Zero;
        V c30 = V.Zero, c31 = V.Zero, c32 = V.Zero, c33 = V.Zero, c34 = V.Zero;
        V c40 = V.Zero, c41 = V.Zero, c42 = V.Zero, c43 = V.Zero, c44 = V.Zero;
        float* a0 = a[0], a1 = TRows.Value > 1 ? a[1] : null, a2 = TRows.Value > 2 ? a[2] : null, a3 = TRows.Value > 3 ? a[3] : null, a4 = TRows.Value > 4 ? a[4] : null;
        float* b0 = b[0], b1 = TColumns.Value > 1 ? b[1] : null, b2 = TColumns.Value > 2 ? b[2] : null, b3 = TColumns.Value > 3 ? b[3] : null, b4 = TColumns.Value > 4 ? b[4] : null;
        nint aStep = V.Count, bStep = loop->BColumn;
        for (int y = loop->Rows; y > 0; y--)
        {
            nint i = 0, j = 0;
            for (int x = loop->Columns; x > 0; x--)
            {
                V x0 = V.Load(b0 + j);
                V x1 = TColumns.Value > 1 ? V.Load(b1 + j) : V.Zero;
                V x2 = TColumns.Value > 2 ? V.Load(b2 + j) : V.Zero;
                V x3 = TColumns.Value > 3 ? V.Load(b3 + j) : V.Zero;
                V x4 = TColumns.Value > 4 ? V.Load(b4 + j) : V.Zero;
                {
                    V w = V.Load(a0 + i);
                    c00 = V.MultiplyAdd(w, x0, c00);
                    if (TColumns.Value > 1) c01 = V.MultiplyAdd(w, x1, c01);
                    if (TColumns.Value > 2) c02 = V.MultiplyAdd(w, x2, c02);
                    if (TColumns.Value > 3) c03 = V.MultiplyAdd(w, x3, c03);
                    if (TColumns.Value > 4) c04 = V.MultiplyAdd(w, x4, c04);
                }
                if (TRows.Value > 1)
                {
                    V w = V.Load(a1 + i);
                    c10 = V.MultiplyAdd(w, x0, c10);
                    if (TColumns.Value > 1) c11 = V.MultiplyAdd(w, x1, c11);
                    if (TColumns.Value > 2) c12 = V.MultiplyAdd(w, x2, c12);
                    if (TColumns.Value > 3) c13 = V.MultiplyAdd(w, x3, c13);
                    if (TColumns.Value > 4) c14 = V.MultiplyAdd(w, x4, c14);
                }
                if (TRows.Value > 2)
                {
                    V w = V.Load(a2 + i);
                    c20 = V.MultiplyAdd(w, x0, c20);
                    if (TColumns.Value > 1) c21 = V.MultiplyAdd(w, x1, c21);
                    if (TColumns.Value > 2) c22 = V.MultiplyAdd(w, x2, c22);
                    if (TColumns.Value > 3) c23 = V.MultiplyAdd(w, x3, c23);
                    if (TColumns.Value > 4) c24 = V.MultiplyAdd(w, x4, c24);
                }
                if (TRows.Value > 3)
                {
                    V w = V.Load(a3 + i);
                    c30 = V.MultiplyAdd(w, x0, c30);
                    if (TColumns.Value > 1) c31 = V.MultiplyAdd(w, x1, c31);
                    if (TColumns.Value > 2) c32 = V.MultiplyAdd(w, x2, c32);
                    if (TColumns.Value > 3) c33 = V.MultiplyAdd(w, x3, c33);
                    if (TColumns.Value > 4) c34 = V.MultiplyAdd(w, x4, c34);
                }
                if (TRows.Value > 4)
                {
                    V w = V.Load(a4 + i);
                    c40 = V.MultiplyAdd(w, x0, c40);
                    if (TColumns.Value > 1) c41 = V.MultiplyAdd(w, x1, c41);
                    if (TColumns.Value > 2) c42 = V.MultiplyAdd(w, x2, c42);
                    if (TColumns.Value > 3) c43 = V.MultiplyAdd(w, x3, c43);
                    if (TColumns.Value > 4) c44 = V.MultiplyAdd(w, x4, c44);
                }
                i += aStep;
                j += bStep;
            }
            a0 += loop->ARow; a1 += loop->ARow; a2 += loop->ARow; a3 += loop->ARow; a4 += loop->ARow;
            b0 += loop->BRow; b1 += loop->BRow; b2 += loop->BRow; b3 += loop->BRow; b4 += loop->BRow;
        }
        Store<TRows>(loop, c, c00, c10, c20, c30, c40);
        if (TColumns.Value > 1) Store<TRows>(loop, c + loop->CColumn, c01, c11, c21, c31, c41);
        if (TColumns.Value > 2) Store<TRows>(loop, c + 2 * loop->CColumn, c02, c12, c22, c32, c42);
        if (TColumns.Value > 3) Store<TRows>(loop, c + 3 * loop->CColumn, c03, c13, c23, c33, c43);
        if (TColumns.Value > 4) Store<TRows>(loop, c + 4 * loop->CColumn, c04, c14, c24, c34, c44);
    }

    /// <summary>Adds up the lanes of one column's sums; the rows lie side by side in c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TRows>(DotLoop* loop, float* c, V r0, V r1, V r2, V r3, V r4) where TRows : struct, ICount
    {
        Vector128<float> sums = V.Sums(r0, r1, r2, r3);
        if (TRows.Value >= 4) (loop->Accumulate ? Vector128.Load(c) + sums : sums).Store(c);
        else
        {
            Store(loop, c, sums[0]);
            if (TRows.Value > 1) Store(loop, c + 1, sums[1]);
            if (TRows.Value > 2) Store(loop, c + 2, sums[2]);
        }
        if (TRows.Value > 4) Store(loop, c + 4, V.Sum(r4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(DotLoop* loop, float* c, float sum) => *c = loop->Accumulate ? *c + sum : sum;
}

/// <summary>The extents and strides, in floats, of a <see cref="DotTile{V}"/>.</summary>
internal struct DotLoop
{
    public int Rows, Columns;
    public nint ARow, BRow, BColumn, CColumn;

    /// <summary>Adds to what c holds instead of overwriting it.</summary>
    public bool Accumulate;
}
