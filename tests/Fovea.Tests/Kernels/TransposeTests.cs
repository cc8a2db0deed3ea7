using Fovea.Kernels;

namespace Fovea.Tests.Kernels;

public unsafe class TransposeTests
{
    [Theory]
    [InlineData(1, 4)]
    [InlineData(3, 16)]
    [InlineData(5, 8)]
    [InlineData(13, 4)]
    [InlineData(16, 16)]
    [InlineData(31, 12)]
    public void Rows_become_columns_and_nothing_else_is_touched(int rows, int columns)
    {
        int sourceRow = columns + 3, targetRow = rows + 2;
        float[] source = new float[rows * sourceRow], target = [.. Enumerable.Repeat(-1f, columns * targetRow)];
        for (int i = 0; i < source.Length; i++) source[i] = i;
        fixed (float* from = source, to = target) Lanes4.Transpose(from, sourceRow, rows, columns, to, targetRow);

        for (int column = 0; column < columns; column++)
        {
            for (int row = 0; row < targetRow; row++) Assert.Equal(row < rows ? row * sourceRow + column : -1, target[column * targetRow + row]);
        }
    }
}
