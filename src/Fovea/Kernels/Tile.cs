using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// The strides of a <see cref="Tile{V}"/>, in floats. The two operands are walked by three nested loops; the rows of a tile lie
/// <see cref="ARow"/> apart in a, its columns <see cref="BColumn"/> apart in b.
/// </summary>
internal struct TileLoop
{
    public int Outer, Middle, Inner;
    public nint AOuter, AMiddle, AInner, ARow;
    public nint BOuter, BMiddle, BInner, BColumn;
    public nint CRow, CColumn;

    /// <summary>Adds to what c holds instead of overwriting it.</summary>
    public bool Accumulate;

    /// <summary>Results below this are raised to it: 0 fuses a ReLU, negative infinity leaves them alone.</summary>
    public float Floor;

    /// <summary>The same walk with other numbers of rounds; loops of one round are moved outwards, so that the innermost is not one of them.</summary>
    public readonly TileLoop Part(int middle, int inner)
    {
        TileLoop part = this;
        (part.Middle, part.Inner) = (middle, inner);
        for (int i = 0; i < 2 && part.Inner == 1; i++)
        {
            (part.Inner, part.AInner, part.BInner) = (part.Middle, part.AMiddle, part.BMiddle);
            (part.Middle, part.AMiddle, part.BMiddle) = (part.Outer, part.AOuter, part.BOuter);
            part.Outer = 1;
        }
        return part;
    }
}

/// <summary>How many rounds of its loop a tile of the columns from the first to the last takes, in any unit.</summary>
internal interface IRounds
{
    double Of(int first, int last);
}

/// <summary>
/// The register tile that all products are made of:
/// <code>c[row][column] = bias[row] + sum over outer, middle, inner of broadcast(a[row]) * b[column]</code>
/// a is read as scalars that are broadcast to all lanes, b and c as whole vectors. A forward convolution walks channels, kernel rows
/// and kernel columns; its backward pass to the data walks filters and the taps backwards; a linear layer walks its inputs or outputs.
/// A tile holds its sums in registers, rows x columns of them, beside one vector of b per column and one broadcast of a.
/// The methods below are written for the largest tile; what a smaller one does not need is guarded by constants and compiles to
/// nothing. Accumulators must be locals: arrays or spans of vectors would live on the stack.
/// </summary>
internal static unsafe class Tile<V> where V : struct, ILanes<V>
{
    /// <summary>The most rows of a tile with so many columns, such that sums, columns and one broadcast fit the registers.</summary>
    public static int MaximumRows(int columns) =>
        Math.Min(columns <= 3 ? 14 : 6, (V.Registers - columns - 1) / columns);

    private const int MaximumColumns = 7;

    /// <summary>
    /// Cuts a product of rows x columns into the tiles that take the fewest cycles, for a core that does two multiply-adds a cycle, with a latency of four:
    /// columns are cut evenly, and so are rows.
    /// </summary>
    public static (Split Rows, Split Columns) Choose(int rows, int columns) => Choose(rows, columns, default(EachColumn));

    /// <summary>The same where columns take different numbers of rounds: a tile goes as many as the one among its columns that needs most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (Split Rows, Split Columns) Choose<TRounds>(int rows, int columns, TRounds rounds) where TRounds : struct, IRounds
    {
        (Split Rows, Split Columns) best = default;
        double least = double.MaxValue;
        for (int c = 1; c <= Math.Min(MaximumColumns, columns); c++)
        {
            Split columnParts = new(columns, c), rowParts = new(rows, MaximumRows(c));
            if (columnParts.Largest != c) continue;
            int r = rowParts.Largest;
            // In half cycles: multiply-adds, loads of scalars and of vectors, latency; the last term stands for what a tile costs beside its loop. The loads are
            // fitted to times with AVX2, where 16 registers leave tiles that they bind; larger tiles are bound by their multiply-adds.
            double tile = Math.Max(Math.Max(r * c, 1.2 * r + 1.8 * c), 8) + 0.04 * (r + c) + 1;
            double all = 0;
            for (int i = 0; i < columnParts.Parts; i++) all += rounds.Of(columnParts.Start(i), columnParts.End(i) - 1);
            double cycles = tile * rowParts.Parts * all;
            if (cycles < least) (best, least) = ((rowParts, columnParts), cycles);
        }
        return best;
    }

    private readonly struct EachColumn : IRounds
    {
        public double Of(int first, int last) => 1;
    }

    /// <summary>Multiplies one tile. Pointers: a, b, c, bias (one float a row, or null).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(int rows, int columns, float* a, float* b, float* c, float* bias, TileLoop* loop) =>
        Table[(columns - 1) * 14 + rows - 1](a, b, c, bias, loop);

    private static readonly delegate*<float*, float*, float*, float*, TileLoop*, void>[] Table =
    [
        &Tall<N1, N1>, &Tall<N2, N1>, &Tall<N3, N1>, &Tall<N4, N1>, &Tall<N5, N1>, &Tall<N6, N1>, &Tall<N7, N1>,
        &Tall<N8, N1>, &Tall<N9, N1>, &Tall<N10, N1>, &Tall<N11, N1>, &Tall<N12, N1>, &Tall<N13, N1>, &Tall<N14, N1>,
        &Tall<N1, N2>, &Tall<N2, N2>, &Tall<N3, N2>, &Tall<N4, N2>, &Tall<N5, N2>, &Tall<N6, N2>, &Tall<N7, N2>,
        &Tall<N8, N2>, &Tall<N9, N2>, &Tall<N10, N2>, &Tall<N11, N2>, &Tall<N12, N2>, &Tall<N13, N2>, &Tall<N14, N2>,
        &Tall<N1, N3>, &Tall<N2, N3>, &Tall<N3, N3>, &Tall<N4, N3>, &Tall<N5, N3>, &Tall<N6, N3>, &Tall<N7, N3>,
        &Tall<N8, N3>, &Tall<N9, N3>, null, null, null, null, null,
        &Wide<N1, N4>, &Wide<N2, N4>, &Wide<N3, N4>, &Wide<N4, N4>, &Wide<N5, N4>, &Wide<N6, N4>, null,
        null, null, null, null, null, null, null,
        &Wide<N1, N5>, &Wide<N2, N5>, &Wide<N3, N5>, &Wide<N4, N5>, &Wide<N5, N5>, null, null,
        null, null, null, null, null, null, null,
        &Wide<N1, N6>, &Wide<N2, N6>, &Wide<N3, N6>, &Wide<N4, N6>, null, null, null,
        null, null, null, null, null, null, null,
        &Wide<N1, N7>, &Wide<N2, N7>, &Wide<N3, N7>, null, null, null, null,
        null, null, null, null, null, null, null,
    ];

    /// <summary>Up to 6 rows x 7 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide<TRows, TColumns>(float* a, float* b, float* c, float* bias, TileLoop* loop)
        where TRows : struct, ICount where TColumns : struct, ICount
    {
        V c00, c01, c02, c03, c04, c05, c06;
        V c10, c11, c12, c13, c14, c15, c16;
        V c20, c21, c22, c23, c24, c25, c26;
        V c30, c31, c32, c33, c34, c35, c36;
        V c40, c41, c42, c43, c44, c45, c46;
        V c50, c51, c52, c53, c54, c55, c56;
        c00 = c01 = c02 = c03 = c04 = c05 = c06 = bias == null ? V.Zero : V.Broadcast(bias[0]);
        c10 = c11 = c12 = c13 = c14 = c15 = c16 = bias == null || TRows.Value <= 1 ? V.Zero : V.Broadcast(bias[1]);
        c20 = c21 = c22 = c23 = c24 = c25 = c26 = bias == null || TRows.Value <= 2 ? V.Zero : V.Broadcast(bias[2]);
        c30 = c31 = c32 = c33 = c34 = c35 = c36 = bias == null || TRows.Value <= 3 ? V.Zero : V.Broadcast(bias[3]);
        c40 = c41 = c42 = c43 = c44 = c45 = c46 = bias == null || TRows.Value <= 4 ? V.Zero : V.Broadcast(bias[4]);
        c50 = c51 = c52 = c53 = c54 = c55 = c56 = bias == null || TRows.Value <= 5 ? V.Zero : V.Broadcast(bias[5]);

        nint row = loop->ARow * sizeof(float), column = loop->BColumn * sizeof(float);
        nint aInner = loop->AInner * sizeof(float), bInner = loop->BInner * sizeof(float);
        byte* aOuter = (byte*)a, bOuter = (byte*)b;
        for (int outer = loop->Outer; outer > 0; outer--)
        {
            byte* aMiddle = aOuter, bMiddle = bOuter;
            for (int middle = loop->Middle; middle > 0; middle--)
            {
                byte* p = aMiddle, q = bMiddle;
                for (int inner = loop->Inner; inner > 0; inner--)
                {
                    V x0 = V.Load((float*)q);
                    V x1 = TColumns.Value > 1 ? V.Load((float*)(q + 1 * column)) : V.Zero;
                    V x2 = TColumns.Value > 2 ? V.Load((float*)(q + 2 * column)) : V.Zero;
                    V x3 = TColumns.Value > 3 ? V.Load((float*)(q + 3 * column)) : V.Zero;
                    V x4 = TColumns.Value > 4 ? V.Load((float*)(q + 4 * column)) : V.Zero;
                    V x5 = TColumns.Value > 5 ? V.Load((float*)(q + 5 * column)) : V.Zero;
                    V x6 = TColumns.Value > 6 ? V.Load((float*)(q + 6 * column)) : V.Zero;
                    {
                        V w = V.Broadcast(*(float*)(p + 0 * row));
                        c00 = V.MultiplyAdd(w, x0, c00);
                        if (TColumns.Value > 1) c01 = V.MultiplyAdd(w, x1, c01);
                        if (TColumns.Value > 2) c02 = V.MultiplyAdd(w, x2, c02);
                        if (TColumns.Value > 3) c03 = V.MultiplyAdd(w, x3, c03);
                        if (TColumns.Value > 4) c04 = V.MultiplyAdd(w, x4, c04);
                        if (TColumns.Value > 5) c05 = V.MultiplyAdd(w, x5, c05);
                        if (TColumns.Value > 6) c06 = V.MultiplyAdd(w, x6, c06);
                    }
                    if (TRows.Value > 1)
                    {
                        V w = V.Broadcast(*(float*)(p + 1 * row));
                        c10 = V.MultiplyAdd(w, x0, c10);
                        if (TColumns.Value > 1) c11 = V.MultiplyAdd(w, x1, c11);
                        if (TColumns.Value > 2) c12 = V.MultiplyAdd(w, x2, c12);
                        if (TColumns.Value > 3) c13 = V.MultiplyAdd(w, x3, c13);
                        if (TColumns.Value > 4) c14 = V.MultiplyAdd(w, x4, c14);
                        if (TColumns.Value > 5) c15 = V.MultiplyAdd(w, x5, c15);
                        if (TColumns.Value > 6) c16 = V.MultiplyAdd(w, x6, c16);
                    }
                    if (TRows.Value > 2)
                    {
                        V w = V.Broadcast(*(float*)(p + 2 * row));
                        c20 = V.MultiplyAdd(w, x0, c20);
                        if (TColumns.Value > 1) c21 = V.MultiplyAdd(w, x1, c21);
                        if (TColumns.Value > 2) c22 = V.MultiplyAdd(w, x2, c22);
                        if (TColumns.Value > 3) c23 = V.MultiplyAdd(w, x3, c23);
                        if (TColumns.Value > 4) c24 = V.MultiplyAdd(w, x4, c24);
                        if (TColumns.Value > 5) c25 = V.MultiplyAdd(w, x5, c25);
                        if (TColumns.Value > 6) c26 = V.MultiplyAdd(w, x6, c26);
                    }
                    if (TRows.Value > 3)
                    {
                        V w = V.Broadcast(*(float*)(p + 3 * row));
                        c30 = V.MultiplyAdd(w, x0, c30);
                        if (TColumns.Value > 1) c31 = V.MultiplyAdd(w, x1, c31);
                        if (TColumns.Value > 2) c32 = V.MultiplyAdd(w, x2, c32);
                        if (TColumns.Value > 3) c33 = V.MultiplyAdd(w, x3, c33);
                        if (TColumns.Value > 4) c34 = V.MultiplyAdd(w, x4, c34);
                        if (TColumns.Value > 5) c35 = V.MultiplyAdd(w, x5, c35);
                        if (TColumns.Value > 6) c36 = V.MultiplyAdd(w, x6, c36);
                    }
                    if (TRows.Value > 4)
                    {
                        V w = V.Broadcast(*(float*)(p + 4 * row));
                        c40 = V.MultiplyAdd(w, x0, c40);
                        if (TColumns.Value > 1) c41 = V.MultiplyAdd(w, x1, c41);
                        if (TColumns.Value > 2) c42 = V.MultiplyAdd(w, x2, c42);
                        if (TColumns.Value > 3) c43 = V.MultiplyAdd(w, x3, c43);
                        if (TColumns.Value > 4) c44 = V.MultiplyAdd(w, x4, c44);
                        if (TColumns.Value > 5) c45 = V.MultiplyAdd(w, x5, c45);
                        if (TColumns.Value > 6) c46 = V.MultiplyAdd(w, x6, c46);
                    }
                    if (TRows.Value > 5)
                    {
                        V w = V.Broadcast(*(float*)(p + 5 * row));
                        c50 = V.MultiplyAdd(w, x0, c50);
                        if (TColumns.Value > 1) c51 = V.MultiplyAdd(w, x1, c51);
                        if (TColumns.Value > 2) c52 = V.MultiplyAdd(w, x2, c52);
                        if (TColumns.Value > 3) c53 = V.MultiplyAdd(w, x3, c53);
                        if (TColumns.Value > 4) c54 = V.MultiplyAdd(w, x4, c54);
                        if (TColumns.Value > 5) c55 = V.MultiplyAdd(w, x5, c55);
                        if (TColumns.Value > 6) c56 = V.MultiplyAdd(w, x6, c56);
                    }
                    p += aInner;
                    q += bInner;
                }
                aMiddle += loop->AMiddle * sizeof(float);
                bMiddle += loop->BMiddle * sizeof(float);
            }
            aOuter += loop->AOuter * sizeof(float);
            bOuter += loop->BOuter * sizeof(float);
        }

        // Read here once, as each store might change them.
        nint cRow = loop->CRow, cColumn = loop->CColumn;
        V least = V.Broadcast(loop->Floor);
        bool adds = loop->Accumulate;
        StoreRow<TColumns>(c + 0 * cRow, cColumn, adds, least, c00, c01, c02, c03, c04, c05, c06);
        if (TRows.Value > 1) StoreRow<TColumns>(c + 1 * cRow, cColumn, adds, least, c10, c11, c12, c13, c14, c15, c16);
        if (TRows.Value > 2) StoreRow<TColumns>(c + 2 * cRow, cColumn, adds, least, c20, c21, c22, c23, c24, c25, c26);
        if (TRows.Value > 3) StoreRow<TColumns>(c + 3 * cRow, cColumn, adds, least, c30, c31, c32, c33, c34, c35, c36);
        if (TRows.Value > 4) StoreRow<TColumns>(c + 4 * cRow, cColumn, adds, least, c40, c41, c42, c43, c44, c45, c46);
        if (TRows.Value > 5) StoreRow<TColumns>(c + 5 * cRow, cColumn, adds, least, c50, c51, c52, c53, c54, c55, c56);
    }

    /// <summary>Up to 14 rows x 3 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tall<TRows, TColumns>(float* a, float* b, float* c, float* bias, TileLoop* loop)
        where TRows : struct, ICount where TColumns : struct, ICount
    {
        V c00, c01, c02;
        V c10, c11, c12;
        V c20, c21, c22;
        V c30, c31, c32;
        V c40, c41, c42;
        V c50, c51, c52;
        V c60, c61, c62;
        V c70, c71, c72;
        V c80, c81, c82;
        V c90, c91, c92;
        V cA0, cA1, cA2;
        V cB0, cB1, cB2;
        V cC0, cC1, cC2;
        V cD0, cD1, cD2;
        c00 = c01 = c02 = bias == null ? V.Zero : V.Broadcast(bias[0]);
        c10 = c11 = c12 = bias == null || TRows.Value <= 1 ? V.Zero : V.Broadcast(bias[1]);
        c20 = c21 = c22 = bias == null || TRows.Value <= 2 ? V.Zero : V.Broadcast(bias[2]);
        c30 = c31 = c32 = bias == null || TRows.Value <= 3 ? V.Zero : V.Broadcast(bias[3]);
        c40 = c41 = c42 = bias == null || TRows.Value <= 4 ? V.Zero : V.Broadcast(bias[4]);
        c50 = c51 = c52 = bias == null || TRows.Value <= 5 ? V.Zero : V.Broadcast(bias[5]);
        c60 = c61 = c62 = bias == null || TRows.Value <= 6 ? V.Zero : V.Broadcast(bias[6]);
        c70 = c71 = c72 = bias == null || TRows.Value <= 7 ? V.Zero : V.Broadcast(bias[7]);
        c80 = c81 = c82 = bias == null || TRows.Value <= 8 ? V.Zero : V.Broadcast(bias[8]);
        c90 = c91 = c92 = bias == null || TRows.Value <= 9 ? V.Zero : V.Broadcast(bias[9]);
        cA0 = cA1 = cA2 = bias == null || TRows.Value <= 10 ? V.Zero : V.Broadcast(bias[10]);
        cB0 = cB1 = cB2 = bias == null || TRows.Value <= 11 ? V.Zero : V.Broadcast(bias[11]);
        cC0 = cC1 = cC2 = bias == null || TRows.Value <= 12 ? V.Zero : V.Broadcast(bias[12]);
        cD0 = cD1 = cD2 = bias == null || TRows.Value <= 13 ? V.Zero : V.Broadcast(bias[13]);

        nint row = loop->ARow * sizeof(float), column = loop->BColumn * sizeof(float);
        nint aInner = loop->AInner * sizeof(float), bInner = loop->BInner * sizeof(float);
        byte* aOuter = (byte*)a, bOuter = (byte*)b;
        for (int outer = loop->Outer; outer > 0; outer--)
        {
            byte* aMiddle = aOuter, bMiddle = bOuter;
            for (int middle = loop->Middle; middle > 0; middle--)
            {
                byte* p = aMiddle, q = bMiddle;
                for (int inner = loop->Inner; inner > 0; inner--)
                {
                    V x0 = V.Load((float*)q);
                    V x1 = TColumns.Value > 1 ? V.Load((float*)(q + 1 * column)) : V.Zero;
                    V x2 = TColumns.Value > 2 ? V.Load((float*)(q + 2 * column)) : V.Zero;
                    {
                        V w = V.Broadcast(*(float*)(p + 0 * row));
                        c00 = V.MultiplyAdd(w, x0, c00);
                        if (TColumns.Value > 1) c01 = V.MultiplyAdd(w, x1, c01);
                        if (TColumns.Value > 2) c02 = V.MultiplyAdd(w, x2, c02);
                    }
                    if (TRows.Value > 1)
                    {
                        V w = V.Broadcast(*(float*)(p + 1 * row));
                        c10 = V.MultiplyAdd(w, x0, c10);
                        if (TColumns.Value > 1) c11 = V.MultiplyAdd(w, x1, c11);
                        if (TColumns.Value > 2) c12 = V.MultiplyAdd(w, x2, c12);
                    }
                    if (TRows.Value > 2)
                    {
                        V w = V.Broadcast(*(float*)(p + 2 * row));
                        c20 = V.MultiplyAdd(w, x0, c20);
                        if (TColumns.Value > 1) c21 = V.MultiplyAdd(w, x1, c21);
                        if (TColumns.Value > 2) c22 = V.MultiplyAdd(w, x2, c22);
                    }
                    if (TRows.Value > 3)
                    {
                        V w = V.Broadcast(*(float*)(p + 3 * row));
                        c30 = V.MultiplyAdd(w, x0, c30);
                        if (TColumns.Value > 1) c31 = V.MultiplyAdd(w, x1, c31);
                        if (TColumns.Value > 2) c32 = V.MultiplyAdd(w, x2, c32);
                    }
                    if (TRows.Value > 4)
                    {
                        V w = V.Broadcast(*(float*)(p + 4 * row));
                        c40 = V.MultiplyAdd(w, x0, c40);
                        if (TColumns.Value > 1) c41 = V.MultiplyAdd(w, x1, c41);
                        if (TColumns.Value > 2) c42 = V.MultiplyAdd(w, x2, c42);
                    }
                    if (TRows.Value > 5)
                    {
                        V w = V.Broadcast(*(float*)(p + 5 * row));
                        c50 = V.MultiplyAdd(w, x0, c50);
                        if (TColumns.Value > 1) c51 = V.MultiplyAdd(w, x1, c51);
                        if (TColumns.Value > 2) c52 = V.MultiplyAdd(w, x2, c52);
                    }
                    if (TRows.Value > 6)
                    {
                        V w = V.Broadcast(*(float*)(p + 6 * row));
                        c60 = V.MultiplyAdd(w, x0, c60);
                        if (TColumns.Value > 1) c61 = V.MultiplyAdd(w, x1, c61);
                        if (TColumns.Value > 2) c62 = V.MultiplyAdd(w, x2, c62);
                    }
                    if (TRows.Value > 7)
                    {
                        V w = V.Broadcast(*(float*)(p + 7 * row));
                        c70 = V.MultiplyAdd(w, x0, c70);
                        if (TColumns.Value > 1) c71 = V.MultiplyAdd(w, x1, c71);
                        if (TColumns.Value > 2) c72 = V.MultiplyAdd(w, x2, c72);
                    }
                    if (TRows.Value > 8)
                    {
                        V w = V.Broadcast(*(float*)(p + 8 * row));
                        c80 = V.MultiplyAdd(w, x0, c80);
                        if (TColumns.Value > 1) c81 = V.MultiplyAdd(w, x1, c81);
                        if (TColumns.Value > 2) c82 = V.MultiplyAdd(w, x2, c82);
                    }
                    if (TRows.Value > 9)
                    {
                        V w = V.Broadcast(*(float*)(p + 9 * row));
                        c90 = V.MultiplyAdd(w, x0, c90);
                        if (TColumns.Value > 1) c91 = V.MultiplyAdd(w, x1, c91);
                        if (TColumns.Value > 2) c92 = V.MultiplyAdd(w, x2, c92);
                    }
                    if (TRows.Value > 10)
                    {
                        V w = V.Broadcast(*(float*)(p + 10 * row));
                        cA0 = V.MultiplyAdd(w, x0, cA0);
                        if (TColumns.Value > 1) cA1 = V.MultiplyAdd(w, x1, cA1);
                        if (TColumns.Value > 2) cA2 = V.MultiplyAdd(w, x2, cA2);
                    }
                    if (TRows.Value > 11)
                    {
                        V w = V.Broadcast(*(float*)(p + 11 * row));
                        cB0 = V.MultiplyAdd(w, x0, cB0);
                        if (TColumns.Value > 1) cB1 = V.MultiplyAdd(w, x1, cB1);
                        if (TColumns.Value > 2) cB2 = V.MultiplyAdd(w, x2, cB2);
                    }
                    if (TRows.Value > 12)
                    {
                        V w = V.Broadcast(*(float*)(p + 12 * row));
                        cC0 = V.MultiplyAdd(w, x0, cC0);
                        if (TColumns.Value > 1) cC1 = V.MultiplyAdd(w, x1, cC1);
                        if (TColumns.Value > 2) cC2 = V.MultiplyAdd(w, x2, cC2);
                    }
                    if (TRows.Value > 13)
                    {
                        V w = V.Broadcast(*(float*)(p + 13 * row));
                        cD0 = V.MultiplyAdd(w, x0, cD0);
                        if (TColumns.Value > 1) cD1 = V.MultiplyAdd(w, x1, cD1);
                        if (TColumns.Value > 2) cD2 = V.MultiplyAdd(w, x2, cD2);
                    }
                    p += aInner;
                    q += bInner;
                }
                aMiddle += loop->AMiddle * sizeof(float);
                bMiddle += loop->BMiddle * sizeof(float);
            }
            aOuter += loop->AOuter * sizeof(float);
            bOuter += loop->BOuter * sizeof(float);
        }

        // Read here once, as each store might change them.
        nint cRow = loop->CRow, cColumn = loop->CColumn;
        V least = V.Broadcast(loop->Floor);
        bool adds = loop->Accumulate;
        StoreRow<TColumns>(c + 0 * cRow, cColumn, adds, least, c00, c01, c02);
        if (TRows.Value > 1) StoreRow<TColumns>(c + 1 * cRow, cColumn, adds, least, c10, c11, c12);
        if (TRows.Value > 2) StoreRow<TColumns>(c + 2 * cRow, cColumn, adds, least, c20, c21, c22);
        if (TRows.Value > 3) StoreRow<TColumns>(c + 3 * cRow, cColumn, adds, least, c30, c31, c32);
        if (TRows.Value > 4) StoreRow<TColumns>(c + 4 * cRow, cColumn, adds, least, c40, c41, c42);
        if (TRows.Value > 5) StoreRow<TColumns>(c + 5 * cRow, cColumn, adds, least, c50, c51, c52);
        if (TRows.Value > 6) StoreRow<TColumns>(c + 6 * cRow, cColumn, adds, least, c60, c61, c62);
        if (TRows.Value > 7) StoreRow<TColumns>(c + 7 * cRow, cColumn, adds, least, c70, c71, c72);
        if (TRows.Value > 8) StoreRow<TColumns>(c + 8 * cRow, cColumn, adds, least, c80, c81, c82);
        if (TRows.Value > 9) StoreRow<TColumns>(c + 9 * cRow, cColumn, adds, least, c90, c91, c92);
        if (TRows.Value > 10) StoreRow<TColumns>(c + 10 * cRow, cColumn, adds, least, cA0, cA1, cA2);
        if (TRows.Value > 11) StoreRow<TColumns>(c + 11 * cRow, cColumn, adds, least, cB0, cB1, cB2);
        if (TRows.Value > 12) StoreRow<TColumns>(c + 12 * cRow, cColumn, adds, least, cC0, cC1, cC2);
        if (TRows.Value > 13) StoreRow<TColumns>(c + 13 * cRow, cColumn, adds, least, cD0, cD1, cD2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<TColumns>(float* c, nint column, bool adds, V least, V c0, V c1, V c2, V c3, V c4, V c5, V c6) where TColumns : struct, ICount
    {
        StoreRow<TColumns>(c, column, adds, least, c0, c1, c2);
        if (TColumns.Value > 3) Store(c + 3 * column, adds, least, c3);
        if (TColumns.Value > 4) Store(c + 4 * column, adds, least, c4);
        if (TColumns.Value > 5) Store(c + 5 * column, adds, least, c5);
        if (TColumns.Value > 6) Store(c + 6 * column, adds, least, c6);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<TColumns>(float* c, nint column, bool adds, V least, V c0, V c1, V c2) where TColumns : struct, ICount
    {
        Store(c, adds, least, c0);
        if (TColumns.Value > 1) Store(c + column, adds, least, c1);
        if (TColumns.Value > 2) Store(c + 2 * column, adds, least, c2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, bool adds, V least, V sum)
    {
        if (adds) sum += V.Load(c);
        V.Max(least, sum).Store(c);
    }
}
