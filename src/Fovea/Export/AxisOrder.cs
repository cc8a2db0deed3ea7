using System.Runtime.InteropServices;

namespace Fovea;

/// <summary>Arrays with their axes in another order.</summary>
internal static class AxisOrder
{
    /// <summary>The array whose axis i is the given array's axis <paramref name="axes"/>[i], as NumPy's transpose.</summary>
    public static NumpyArray Permute(NumpyArray array, params ReadOnlySpan<int> axes)
    {
        ReadOnlySpan<float> source = MemoryMarshal.Cast<byte, float>(array.Data);
        int rank = axes.Length;
        int[] shape = new int[rank], steps = new int[rank], index = new int[rank];
        for (int i = 0; i < rank; i++)
        {
            shape[i] = array.Shape[axes[i]];
            steps[i] = array.Shape.Skip(axes[i] + 1).Aggregate(1, (product, extent) => product * extent);
        }
        float[] result = new float[source.Length];
        for (int target = 0; target < result.Length; target++)
        {
            int place = 0;
            for (int i = 0; i < rank; i++) place += index[i] * steps[i];
            result[target] = source[place];
            for (int i = rank - 1; i >= 0 && ++index[i] == shape[i]; i--) index[i] = 0;
        }
        return NumpyArray.Of(shape, result);
    }

    /// <summary>The same numbers under another shape.</summary>
    public static NumpyArray Reshape(NumpyArray array, params ReadOnlySpan<int> shape) => array with { Shape = shape.ToArray() };
}
