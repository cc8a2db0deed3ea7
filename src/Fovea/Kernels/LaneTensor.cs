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

    /// <summary>Without a margin, the groups as far apart as those of a larger tensor.</summary>
    public LaneTensor(float* memory, Shape shape, int lanes, nint group)
        : this(memory, shape, lanes, (nint)shape.Width * lanes, (nint)shape.Height * shape.Width * lanes, group)
    {
    }

    private LaneTensor(float* data, Shape shape, int lanes, nint row, nint plane, nint group, nint worker = 0)
    {
        (Shape, Lanes, Row, Plane, Group, Worker) = (shape, lanes, row, plane, group, worker);
        Data = data;
    }

    /// <summary>Memory for one group a worker, so far apart: what is made of a group and read by what follows at once, on the same thread. Whoever reads or writes
    /// it takes that <see cref="Of"/> its worker.</summary>
    public static LaneTensor OfWorkers(float* memory, Shape shape, int lanes, Margin margin, nint worker)
    {
        var first = new LaneTensor(memory, shape, lanes, margin);
        return new(first.Data, shape, lanes, first.Row, first.Plane, group: 0, worker);
    }

    /// <summary>The first pixel, inside the margin.</summary>
    public float* Data { get; }
    public Shape Shape { get; }
    public int Lanes { get; }
    public nint Row { get; }
    public nint Plane { get; }
    public nint Group { get; }

    /// <summary>From one worker's group to the next one's; 0 where each group has its place.</summary>
    public nint Worker { get; }

    /// <summary>Floats of one row of pixels, without the margin.</summary>
    public int RowCount => Shape.Width * Lanes;

    /// <summary>Whether the pixels of a group follow one another, as those of a flat vector do: there is no margin between them.</summary>
    public bool IsContiguous => Plane * Shape.Channels == (nint)Shape.Count * Lanes;
    public float* At(int group) => Data + group * Group;
    public float* At(int group, int channel) => Data + group * Group + channel * Plane;

    /// <summary>What a worker has of it: its own group, or all groups where each has its place.</summary>
    public LaneTensor Of(int worker) => new(Data + worker * Worker, Shape, Lanes, Row, Plane, Group);

    /// <summary>The groups from one on.</summary>
    public LaneTensor From(int group) => new(At(group), Shape, Lanes, Row, Plane, Group, Worker);

    /// <summary>Some of the channels, where they lie.</summary>
    public LaneTensor Channels(int first, int count) =>
        new(Data + first * Plane, Shape.IsFlat ? Shape.Flat(count) : new Shape(count, Shape.Height, Shape.Width), Lanes, Row, Plane, Group, Worker);

    /// <summary>The same memory, which has no margin, seen under another shape of as many numbers.</summary>
    public LaneTensor As(Shape shape) => new(Data, shape, Lanes, (nint)shape.Width * Lanes, (nint)shape.Height * shape.Width * Lanes, Group, Worker);

    /// <summary>The floats that <paramref name="groups"/> groups take, margins included.</summary>
    public static nint Size(Shape shape, int lanes, Margin margin, int groups) => new LaneTensor(null, shape, lanes, margin).Group * groups;
}

/// <summary>Pixels of zeros around each channel.</summary>
internal readonly record struct Margin(int Top, int Bottom, int Left, int Right)
{
    public static Margin None => default;

    /// <summary>The wider of both on each side.</summary>
    public Margin Union(Margin other) =>
        new(Math.Max(Top, other.Top), Math.Max(Bottom, other.Bottom), Math.Max(Left, other.Left), Math.Max(Right, other.Right));
}
