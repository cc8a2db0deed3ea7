using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// The linear layer on lanes. Notation: K inputs, O outputs, O' outputs padded to 16, L lanes.
/// x [group][K][L], w [K][O'], y [group][O][L]. The weight gradient has the outputs, not the samples, in the lanes: for it dy is
/// transposed to [group][L][O'], and no sum over lanes is needed.
/// </summary>
internal static unsafe class LinearKernels<V> where V : struct, ILanes<V>
{
    // A block of x, four groups of so many inputs, stays in the first-level cache while all outputs pass over it.
    private const int InputBlock = 128;

    /// <summary>y = max(floor, w x + bias), or the part of the sum that the inputs [first, end) give, for the outputs
    /// [firstOutput, endOutput) of all groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(float* x, nint xGroup, float* w, nint wRow, float* bias, float* y, nint yGroup, int groups,
        int first, int end, int firstOutput, int endOutput, float floor)
    {
        var (rows, columns) = Tile<V>.Choose(endOutput - firstOutput, groups);
        Split blocks = new(end - first, InputBlock);
        // A tile jumps from row to row of the weights: those of the next block are asked for meanwhile, each tile its share.
        nint share = blocks.Largest * wRow / rows.Parts;
        TileLoop loop = new()
        {
            Outer = 1,
            Middle = 1,
            AInner = wRow,
            ARow = 1,
            BInner = V.Count,
            BColumn = xGroup,
            CRow = V.Count,
            CColumn = yGroup,
        };
        for (int block = 0; block < blocks.Parts; block++)
        {
            int k = first + blocks.Start(block);
            loop.Inner = blocks.Size(block);
            loop.Accumulate = block > 0;
            loop.Floor = block == blocks.Parts - 1 ? floor : float.NegativeInfinity;
            for (int c = 0; c < columns.Parts; c++)
            {
                float* source = x + columns.Start(c) * xGroup + k * V.Count;
                float* target = y + columns.Start(c) * yGroup;
                for (int r = 0; r < rows.Parts; r++)
                {
                    int output = firstOutput + rows.Start(r);
                    if (c == 0 && block + 1 < blocks.Parts) Prefetch.Block(w + (first + blocks.Start(block + 1)) * wRow + r * share, share);
                    Tile<V>.Multiply(rows.Size(r), columns.Size(c), w + k * wRow + output, source, target + output * V.Count,
                        bias == null || block > 0 ? null : bias + output, &loop);
                }
            }
        }
    }

    /// <summary>dx = w^T dy for the inputs [first, end) of all groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardData(float* dy, nint dyGroup, int outputs, float* w, nint wRow, float* dx, nint dxGroup, int groups, int first, int end)
    {
        var (rows, columns) = Tile<V>.Choose(end - first, groups);
        // As above, with the outputs in the place of the inputs.
        Split blocks = new(outputs, 2 * InputBlock);
        TileLoop loop = new()
        {
            Outer = 1,
            Middle = 1,
            AInner = 1,
            ARow = wRow,
            BInner = V.Count,
            BColumn = dyGroup,
            CRow = V.Count,
            CColumn = dxGroup,
            Floor = float.NegativeInfinity,
        };
        for (int block = 0; block < blocks.Parts; block++)
        {
            int output = blocks.Start(block);
            loop.Inner = blocks.Size(block);
            loop.Accumulate = block > 0;
            for (int c = 0; c < columns.Parts; c++)
            {
                float* source = dy + columns.Start(c) * dyGroup + output * V.Count;
                float* target = dx + columns.Start(c) * dxGroup;
                for (int r = 0; r < rows.Parts; r++)
                {
                    int k = first + rows.Start(r);
                    if (c == 0 && block == 0 && r + 1 < rows.Parts) Prefetch.Block(w + (first + rows.Start(r + 1)) * wRow, rows.Size(r + 1) * wRow);
                    Tile<V>.Multiply(rows.Size(r), columns.Size(c), w + k * wRow + output, source, target + k * V.Count, null, &loop);
                }
            }
        }
    }

    /// <summary>dw [end - first][O'] = x dy^T for the inputs [first, end), summed over all groups; dyTransposed is [group][L][O']. What is read with dw afterwards is
    /// brought into the cache in the meantime.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardWeights(float* x, nint xGroup, float* dyTransposed, nint wRow, float* dw, int groups, int first, int end, Upcoming upcoming)
    {
        var (rows, columns) = Tile<V>.Choose(end - first, (int)wRow / V.Count);
        TileLoop loop = new()
        {
            Outer = 1,
            Middle = groups,
            Inner = V.Count,
            AMiddle = xGroup,
            AInner = 1,
            ARow = V.Count,
            BMiddle = V.Count * wRow,
            BInner = wRow,
            BColumn = V.Count,
            CRow = wRow,
            CColumn = V.Count,
            Floor = float.NegativeInfinity,
        };
        for (int r = 0; r < rows.Parts; r++)
        {
            int k = rows.Start(r);
            for (int c = 0; c < columns.Parts; c++)
            {
                nint output = columns.Start(c) * V.Count;
                upcoming.Ask(k * wRow + rows.Size(r) * output, rows.Size(r) * columns.Size(c) * V.Count);
                Tile<V>.Multiply(rows.Size(r), columns.Size(c), x + (first + k) * V.Count, dyTransposed + output, dw + k * wRow + output,
                    null, &loop);
            }
        }
    }

    /// <summary>Turns dy [O][L] of one group into [L][O']; what is past O is left as it is (zero).</summary>
    public static void Transpose(float* dy, int outputs, float* transposed, nint wRow) => Lanes4.Transpose(dy, V.Count, outputs, V.Count, transposed, wRow);

    /// <summary>dbias [O'] = the sum of the rows of dyTransposed, over all groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardBias(float* dyTransposed, nint wRow, float* dbias, int groups)
    {
        for (nint output = 0; output < wRow; output += V.Count)
        {
            V sum = V.Zero;
            for (nint sample = 0; sample < groups * V.Count; sample++) sum += V.Load(dyTransposed + sample * wRow + output);
            sum.Store(dbias + output);
        }
    }

    /// <summary>y = max(floor, bias + the sum of the parts) of one output of one group: the parts lie <paramref name="partStep"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddParts(float* parts, nint partStep, int count, float bias, float* y, float floor)
    {
        V sum = V.Broadcast(bias);
        for (int part = 0; part < count; part++) sum += V.Load(parts + part * partStep);
        V.Max(V.Broadcast(floor), sum).Store(y);
    }
}
