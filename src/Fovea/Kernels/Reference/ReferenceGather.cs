using System.Numerics;

namespace Fovea.Kernels.Reference;

/// <summary>The plain twins of padding and enlargement: plane by plane over N x C x H x W, sums in double.</summary>
internal static class ReferenceGather
{
    /// <summary>y = the pixel at the row and column of the tables; 0 where one of them is negative.</summary>
    public static void Copy<T>(Shape input, int[] rows, int[] columns, ReadOnlySpan<T> x, Span<T> y) where T : IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < y.Length; i++)
        {
            var (plane, row, column) = Place(i, rows.Length, columns.Length);
            y[i] = rows[row] < 0 || columns[column] < 0 ? T.Zero : x[(plane * input.Height + rows[row]) * input.Width + columns[column]];
        }
    }

    /// <summary>dx of <see cref="Copy"/>.</summary>
    public static void CopyBackward<T>(Shape input, int[] rows, int[] columns, ReadOnlySpan<T> dy, Span<T> dx) where T : IBinaryFloatingPointIeee754<T>
    {
        double[] sums = new double[dx.Length];
        for (int i = 0; i < dy.Length && sums.Length > 0; i++)
        {
            var (plane, row, column) = Place(i, rows.Length, columns.Length);
            if (rows[row] >= 0 && columns[column] >= 0) sums[(plane * input.Height + rows[row]) * input.Width + columns[column]] += double.CreateChecked(dy[i]);
        }
        ReferenceConvolution.Copy(sums, dx);
    }

    /// <summary>y = the mean of the four pixels around, weighted by their nearness.</summary>
    public static void Interpolate<T>(Shape input, (int First, int Second, float Share)[] rows, (int First, int Second, float Share)[] columns,
        ReadOnlySpan<T> x, Span<T> y) where T : IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < y.Length; i++)
        {
            double sum = 0;
            foreach (var (pixel, share) in Around(input, rows, columns, i)) sum += share * double.CreateChecked(x[pixel]);
            y[i] = T.CreateChecked(sum);
        }
    }

    /// <summary>dx of <see cref="Interpolate"/>.</summary>
    public static void InterpolateBackward<T>(Shape input, (int First, int Second, float Share)[] rows, (int First, int Second, float Share)[] columns,
        ReadOnlySpan<T> dy, Span<T> dx) where T : IBinaryFloatingPointIeee754<T>
    {
        double[] sums = new double[dx.Length];
        for (int i = 0; i < dy.Length && sums.Length > 0; i++)
        {
            foreach (var (pixel, share) in Around(input, rows, columns, i)) sums[pixel] += share * double.CreateChecked(dy[i]);
        }
        ReferenceConvolution.Copy(sums, dx);
    }

    private static IEnumerable<(int Pixel, double Share)> Around(Shape input, (int First, int Second, float Share)[] rows, (int First, int Second, float Share)[] columns, int output)
    {
        var (plane, row, column) = Place(output, rows.Length, columns.Length);
        double down = rows[row].Share, right = columns[column].Share;
        int Pixel(int y, int x) => (plane * input.Height + y) * input.Width + x;
        yield return (Pixel(rows[row].First, columns[column].First), (1 - down) * (1 - right));
        yield return (Pixel(rows[row].First, columns[column].Second), (1 - down) * right);
        yield return (Pixel(rows[row].Second, columns[column].First), down * (1 - right));
        yield return (Pixel(rows[row].Second, columns[column].Second), down * right);
    }

    private static (int Plane, int Row, int Column) Place(int output, int rows, int columns) => (output / (rows * columns), output / columns % rows, output % columns);
}
