namespace Fovea.Kernels;

/// <summary>
/// Where a batch of images lies in the engine: [group][channel][row][column][lane], a group being as many samples as a vector has
/// lanes. Around each channel there may be a margin of zeros, so that a padded convolution reads past the border as if it were inside.
/// Strides are in floats.
/// </summary>
internal readonly unsafe struct LaneTensor
{
    public LaneTensor(float* memory, Shape shape, int lanes, Margin margin)
    {
        Shape = shape;
        Lanes = lanes;
        Row = (nint)(shape.Width + margin.Left + margin.Right) * lanes;
        Plane = Row * (shape.Height + margin.Top + margin.Bottom);
        Group = Plane * shape.Channels;
        Data = memory + margin.Top * Row + (nint)margin.Left * lanes;
    }

    /// <summary>The first pixel, inside the margin.</summary>
    public float* Data { get; }
    public Shape Shape { get; }
    public int Lanes { get; }
    public nint Row { get; }
    public nint Plane { get; }
    public nint Group { get; }

    /// <summary>Floats of one row of pixels, without the margin.</summary>
    public int RowCount => Shape.Width * Lanes;

    /// <summary>Whether the pixels of a group follow one another, as those of a flat vector do: there is no margin between them.</summary>
    public bool IsContiguous => Group == (nint)Shape.Count * Lanes;
    public float* At(int group) => Data + group * Group;
    public float* At(int group, int channel) => Data + group * Group + channel * Plane;

    /// <summary>The floats that <paramref name="groups"/> groups take, margins included.</summary>
    public static nint Size(Shape shape, int lanes, Margin margin, int groups) => new LaneTensor(null, shape, lanes, margin).Group * groups;
}

/// <summary>Pixels of zeros around each channel.</summary>
internal readonly record struct Margin(int Top, int Bottom, int Left, int Right)
{
    public static Margin None => default;
}
