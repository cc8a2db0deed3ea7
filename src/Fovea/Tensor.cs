namespace Fovea;

/// <summary>A batch of samples of one shape: float32, N x C x H x W, row by row, or N x features.</summary>
public sealed class Tensor
{
    /// <summary>A batch of zeros.</summary>
    public Tensor(int samples, Shape shape)
        : this(samples, shape, new float[checked(samples * shape.Count)])
    {
    }

    /// <summary>A batch on existing memory, which is not copied.</summary>
    /// <exception cref="ArgumentException">The number of values is not that of so many samples.</exception>
    public Tensor(int samples, Shape shape, float[] values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length != (long)samples * shape.Count)
        {
            throw new ArgumentException(
                $"tensor: {samples} samples of {shape} are {(long)samples * shape.Count} numbers, but {values.Length} were given.", nameof(values));
        }
        (Samples, Shape, Values) = (samples, shape, values);
    }

    /// <summary>The number of samples.</summary>
    public int Samples { get; }

    /// <summary>The shape of each sample.</summary>
    public Shape Shape { get; }

    /// <summary>All numbers, sample by sample.</summary>
    public float[] Values { get; }

    /// <summary>The numbers of one sample.</summary>
    public Span<float> this[int sample] => Values.AsSpan(sample * Shape.Count, Shape.Count);
}
