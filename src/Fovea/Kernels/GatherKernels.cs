namespace Fovea.Kernels;

/// <summary>
/// Images whose pixels are those of another image, or lie between some of them: padding and enlargement. Which pixels is told by tables, one
/// entry for each row and each column of the output. One group of samples; dx is the sum over all outputs that a pixel went to.
/// </summary>
internal static unsafe class GatherKernels<V> where V : struct, ILanes<V>
{
    /// <summary>y = the pixel at the row and column of the tables; 0 where one of them is negative.</summary>
    public static void Copy(LaneTensor x, LaneTensor y, int group, int[] rows, int[] columns)
    {
        for (int channel = 0; channel < y.Shape.Channels; channel++)
        {
            float* source = x.At(group, channel), target = y.At(group, channel);
            for (int row = 0; row < rows.Length; row++)
            {
                float* to = target + row * y.Row;
                for (int column = 0; column < columns.Length; column++)
                {
                    bool inside = rows[row] >= 0 && columns[column] >= 0;
                    V value = inside ? V.Load(source + rows[row] * x.Row + columns[column] * V.Count) : V.Zero;
                    value.Store(to + column * V.Count);
                }
            }
        }
    }

    /// <summary>dx of <see cref="Copy"/>.</summary>
    public static void CopyBackward(LaneTensor dy, LaneTensor dx, int group, int[] rows, int[] columns)
    {
        for (int channel = 0; channel < dy.Shape.Channels; channel++)
        {
            float* source = dy.At(group, channel), target = dx.At(group, channel);
            Clear(dx, target);
            for (int row = 0; row < rows.Length; row++)
            {
                if (rows[row] < 0) continue;
                for (int column = 0; column < columns.Length; column++)
                {
                    if (columns[column] < 0) continue;
                    float* to = target + rows[row] * dx.Row + columns[column] * V.Count;
                    (V.Load(to) + V.Load(source + row * dy.Row + column * V.Count)).Store(to);
                }
            }
        }
    }

    /// <summary>y = the mean of the four pixels around, weighted by their nearness.</summary>
    public static void Interpolate(LaneTensor x, LaneTensor y, int group, (int First, int Second, float Share)[] rows, (int First, int Second, float Share)[] columns)
    {
        for (int channel = 0; channel < y.Shape.Channels; channel++)
        {
            float* source = x.At(group, channel);
            for (int row = 0; row < rows.Length; row++)
            {
                float* upper = source + rows[row].First * x.Row, lower = source + rows[row].Second * x.Row, to = y.At(group, channel) + row * y.Row;
                V down = V.Broadcast(rows[row].Share), up = V.Broadcast(1 - rows[row].Share);
                for (int column = 0; column < columns.Length; column++)
                {
                    var (first, second, share) = columns[column];
                    V right = V.Broadcast(share), left = V.Broadcast(1 - share);
                    V above = V.Load(upper + first * V.Count) * left + V.Load(upper + second * V.Count) * right;
                    V below = V.Load(lower + first * V.Count) * left + V.Load(lower + second * V.Count) * right;
                    (above * up + below * down).Store(to + column * V.Count);
                }
            }
        }
    }

    /// <summary>dx of <see cref="Interpolate"/>.</summary>
    public static void InterpolateBackward(LaneTensor dy, LaneTensor dx, int group, (int First, int Second, float Share)[] rows, (int First, int Second, float Share)[] columns)
    {
        for (int channel = 0; channel < dy.Shape.Channels; channel++)
        {
            float* target = dx.At(group, channel);
            Clear(dx, target);
            for (int row = 0; row < rows.Length; row++)
            {
                float* upper = target + rows[row].First * dx.Row, lower = target + rows[row].Second * dx.Row, from = dy.At(group, channel) + row * dy.Row;
                for (int column = 0; column < columns.Length; column++)
                {
                    var (first, second, share) = columns[column];
                    V gradient = V.Load(from + column * V.Count);
                    V above = gradient * V.Broadcast(1 - rows[row].Share), below = gradient * V.Broadcast(rows[row].Share);
                    Add(upper + first * V.Count, above * V.Broadcast(1 - share));
                    Add(upper + second * V.Count, above * V.Broadcast(share));
                    Add(lower + first * V.Count, below * V.Broadcast(1 - share));
                    Add(lower + second * V.Count, below * V.Broadcast(share));
                }
            }
        }
    }

    private static void Add(float* target, V value) => (V.Load(target) + value).Store(target);

    private static void Clear(LaneTensor tensor, float* plane)
    {
        for (int row = 0; row < tensor.Shape.Height; row++) new Span<float>(plane + row * tensor.Row, tensor.RowCount).Clear();
    }
}
