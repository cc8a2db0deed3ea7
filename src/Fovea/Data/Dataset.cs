using System.Buffers;

namespace Fovea;

/// <summary>Reads the bytes of a sample, channel by channel and row by row. It is called from several threads at once.</summary>
/// <param name="sample">Which sample of the data.</param>
/// <param name="destination">Where its bytes go.</param>
public delegate void SampleReader(int sample, Span<byte> destination);

/// <summary>
/// Samples of one shape with their classes or target values: in memory as bytes, normalized as they are read, or as floats, or read one by
/// one as they are needed. Subsets share the memory of the whole.
/// </summary>
public sealed class Dataset
{
    // What centred samples may take; more of them are centred one by one as they are read.
    private const long MostCentredBytes = 1 << 30;

    private readonly SampleReader? _reader;
    private readonly int[]? _order;

    private Dataset(string name, Shape shape, int count, byte[]? bytes, float[]? floats, SampleReader? reader, int[]? labels, Tensor? targets,
        IReadOnlyList<string> classNames, Normalization normalization, int[]? order)
    {
        normalization.Check(name, shape);
        (Name, Shape, Count, Bytes, Floats, _reader) = (name, shape, count, bytes, floats, reader);
        (AllLabels, AllTargets, ClassNames, Normalization, _order) = (labels, targets, classNames, normalization, order);
    }

    /// <summary>What the data are called.</summary>
    public string Name { get; }

    /// <summary>The shape of each sample.</summary>
    public Shape Shape { get; }

    /// <summary>The number of samples.</summary>
    public int Count { get; }

    /// <summary>The names of the classes; empty when the targets are numbers.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>How bytes become floats.</summary>
    public Normalization Normalization { get; }

    /// <summary>Whether its numbers come from bytes.</summary>
    internal bool HasBytes => Floats is null;

    internal byte[]? Bytes { get; }
    internal float[]? Floats { get; }
    internal int[]? AllLabels { get; }
    internal Tensor? AllTargets { get; }

    /// <summary>Images of bytes with a class each.</summary>
    /// <exception cref="ArgumentException">The numbers of pixels, labels and classes do not fit each other.</exception>
    public static Dataset FromBytes(string name, Shape shape, byte[] pixels, int[] labels, IReadOnlyList<string> classNames, Normalization normalization)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(classNames);
        int[] own = Checked(name, shape, pixels.LongLength, labels, classNames.Count);
        return new Dataset(name, shape, own.Length, pixels, null, null, own, null, classNames, normalization, null);
    }

    /// <summary>Images of bytes with a class each, which are read as they are needed: they take no memory, and each epoch reads them anew.</summary>
    /// <exception cref="ArgumentException">A label is that of no class.</exception>
    public static Dataset FromReader(string name, Shape shape, SampleReader reader, int[] labels, IReadOnlyList<string> classNames, Normalization normalization)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classNames);
        int[] own = Checked(name, shape, labels.LongLength * shape.Count, labels, classNames.Count);
        return new Dataset(name, shape, own.Length, null, null, reader, own, null, classNames, normalization, null);
    }

    /// <summary>Samples of floats with a class each.</summary>
    /// <exception cref="ArgumentException">The numbers of samples, labels and classes do not fit each other.</exception>
    public static Dataset FromTensor(Tensor samples, int[] labels, int classes, string name = "data")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        string[] names = [.. Enumerable.Range(0, classes).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        return FromTensor(samples, labels, names, name);
    }

    /// <summary>Samples of floats with a class each, whose names are given.</summary>
    /// <exception cref="ArgumentException">The numbers of samples, labels and classes do not fit each other.</exception>
    public static Dataset FromTensor(Tensor samples, int[] labels, IReadOnlyList<string> classNames, string name = "data")
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(classNames);
        int[] own = Checked(name, samples.Shape, samples.Values.LongLength, labels, classNames.Count);
        return new Dataset(name, samples.Shape, own.Length, null, samples.Values, null, own, null, classNames, Normalization.None, null);
    }

    /// <summary>Samples of floats with target values: one number for each output of a network.</summary>
    /// <exception cref="ArgumentException">There are not as many targets as samples.</exception>
    public static Dataset FromTensor(Tensor samples, Tensor targets, string name = "data")
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(targets);
        if (samples.Samples != targets.Samples)
            throw new ArgumentException($"{name}: {samples.Samples} samples, but {targets.Samples} targets.", nameof(targets));
        return new Dataset(name, samples.Shape, samples.Samples, null, samples.Values, null, null, targets, [], Normalization.None, null);
    }

    /// <summary>The samples with these numbers, in this order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public Dataset Subset(ReadOnlySpan<int> samples)
    {
        int[] order = new int[samples.Length];
        for (int i = 0; i < order.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(samples[i], nameof(samples));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(samples[i], Count, nameof(samples));
            order[i] = Index(samples[i]);
        }
        return new Dataset(Name, Shape, order.Length, Bytes, Floats, _reader, AllLabels, AllTargets, ClassNames, Normalization, order);
    }

    /// <summary>The first <paramref name="count"/> samples, or all where there are fewer.</summary>
    public Dataset Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (count >= Count) return this;
        int[] samples = [.. Enumerable.Range(0, count)];
        return Subset(samples);
    }

    /// <summary>The same samples by another name.</summary>
    public Dataset Named(string name) => new(name, Shape, Count, Bytes, Floats, _reader, AllLabels, AllTargets, ClassNames, Normalization, _order);

    /// <summary>The same samples, normalized in another way.</summary>
    /// <exception cref="FoveaException">It is one of other channels.</exception>
    public Dataset With(Normalization normalization) =>
        new(Name, Shape, Count, Bytes, Floats, _reader, AllLabels, AllTargets, ClassNames, normalization, _order);

    /// <summary>
    /// The same samples in the shape that a model takes: centred on a background of zeros where it is larger, a grey image in each of several
    /// channels, or flat. Pixels are neither lost nor resized.
    /// </summary>
    /// <exception cref="DataFormatException">The samples do not fit into the shape.</exception>
    public Dataset Fit(Shape shape)
    {
        if (shape == Shape) return this;
        // Seen flat, a number no longer knows its channel.
        bool isSeenFlat = shape.IsFlat || Shape.IsFlat;
        bool fits = isSeenFlat ? shape.Count == Shape.Count && Normalization.Mean.Count == 1 && Normalization.Deviation.Count == 1
            : shape.Height >= Shape.Height && shape.Width >= Shape.Width && (shape.Channels == Shape.Channels || Shape.Channels == 1);
        if (!fits)
            throw new DataFormatException($"{Name}: the samples are {Shape} and do not fit into {shape}. Use a model whose input is {Shape} or larger.");
        if (isSeenFlat) return new Dataset(Name, shape, Count, Bytes, Floats, _reader, AllLabels, AllTargets, ClassNames, Normalization, _order);
        bool isCentredAsRead = Bytes is { } bytes && (long)bytes.Length / Shape.Count * shape.Count > MostCentredBytes;
        return new Dataset(Name, shape, Count, isCentredAsRead ? null : Centre(Bytes, shape), Centre(Floats, shape),
            isCentredAsRead ? CentreAsRead(Bytes!, shape) : Centre(_reader, shape), AllLabels, AllTargets, ClassNames, Normalization, _order);
    }

    private SampleReader CentreAsRead(byte[] bytes, Shape shape) =>
        (sample, destination) => Centre<byte>(bytes.AsSpan(sample * Shape.Count, Shape.Count), destination, shape);

    private SampleReader? Centre(SampleReader? reader, Shape shape) => reader is null ? null : (sample, destination) =>
    {
        byte[] own = new byte[Shape.Count];
        reader(sample, own);
        Centre<byte>(own, destination, shape);
    };

    private T[]? Centre<T>(T[]? values, Shape shape)
    {
        if (values is null) return null;
        long numbers = (long)values.Length / Shape.Count * shape.Count;
        if (numbers > Array.MaxLength)
            throw new DataFormatException($"{Name}: {values.Length / Shape.Count:N0} samples of {Shape}, centred in {shape}, have more numbers than an array holds. Use a model whose input is {Shape}, or fewer samples.");
        var result = new T[numbers];
        Centre<T>(values, result, shape);
        return result;
    }

    private void Centre<T>(ReadOnlySpan<T> values, Span<T> result, Shape shape)
    {
        result.Clear();
        int samples = values.Length / Shape.Count, pixels = Shape.Height * Shape.Width;
        int offset = (shape.Height - Shape.Height) / 2 * shape.Width + (shape.Width - Shape.Width) / 2;
        for (int plane = 0; plane < samples * shape.Channels; plane++)
        {
            int source = shape.Channels == Shape.Channels ? plane : plane / shape.Channels;
            for (int row = 0; row < Shape.Height; row++)
            {
                values.Slice(source * pixels + row * Shape.Width, Shape.Width)
                    .CopyTo(result[(plane * shape.Height * shape.Width + offset + row * shape.Width)..]);
            }
        }
    }

    /// <summary>
    /// Sets a share of the samples aside, drawn at random by the seed; both parts keep the order of the samples. Used for validation.
    /// </summary>
    public (Dataset Kept, Dataset Aside) Split(double fraction, ulong seed)
    {
        if (fraction is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "the share set aside must be at least 0 and below 1");
        int[] samples = [.. Enumerable.Range(0, Count)];
        new Kernels.Philox(seed, Kernels.RandomPurpose.Split).Shuffle(samples, step: 0);
        int aside = EpochSize.Aside(Count, fraction);
        samples.AsSpan(0, aside).Sort();
        samples.AsSpan(aside).Sort();
        return (Subset(samples.AsSpan(aside)), Subset(samples.AsSpan(0, aside)));
    }

    /// <summary>The class of a sample.</summary>
    /// <exception cref="InvalidOperationException">The samples have target values, not classes.</exception>
    public int Label(int sample) => AllLabels is { } labels
        ? labels[Index(sample)]
        : throw new InvalidOperationException($"{Name}: the samples have target values, not classes.");

    /// <summary>How many samples there are of each class.</summary>
    internal int[] ClassCounts()
    {
        int[] counts = new int[ClassNames.Count];
        for (int i = 0; i < Count; i++) counts[Label(i)]++;
        return counts;
    }

    /// <summary>One sample as the network sees it: normalized floats.</summary>
    public void CopySample(int sample, Span<float> destination)
    {
        int index = Index(sample), count = Shape.Count;
        if (Floats is not null)
        {
            Floats.AsSpan(index * count, count).CopyTo(destination);
            return;
        }
        byte[]? own = Bytes is null ? ArrayPool<byte>.Shared.Rent(count) : null;
        _reader?.Invoke(index, own.AsSpan(0, count));
        ReadOnlySpan<byte> bytes = own is null ? new ReadOnlySpan<byte>(Bytes, index * count, count) : own;
        int pixels = Shape.Height * Shape.Width;
        for (int channel = 0, i = 0; channel < Shape.Channels; channel++)
        {
            float scale = Normalization.Scale(channel), shift = Normalization.Shift(channel);
            for (int end = i + pixels; i < end; i++) destination[i] = bytes[i] * scale + shift;
        }
        if (own is not null) ArrayPool<byte>.Shared.Return(own);
    }

    /// <summary>Reads the bytes of a sample that does not lie in memory.</summary>
    internal void ReadSample(int sample, Span<byte> destination) => _reader!(Index(sample), destination);

    /// <summary>The target of one output of a network with so many outputs: the sample's own, or 1 for its class and 0 for the others; for
    /// one output, the class itself.</summary>
    internal float Target(int sample, int output, int outputs)
    {
        int index = Index(sample);
        if (AllTargets is { } targets) return targets[index][output];
        int label = AllLabels![index];
        return outputs == 1 ? label : output == label ? 1 : 0;
    }

    /// <summary>Where a sample lies in the memory of the whole.</summary>
    internal int Index(int sample) => _order is null ? sample : _order[sample];

    // Labels are places in the memory of the kernels: a copy of them cannot be changed any more.
    private static int[] Checked(string name, Shape shape, long numbers, int[] labels, int classes)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (numbers != (long)labels.Length * shape.Count)
            throw new ArgumentException($"{name}: {labels.Length} labels of samples of {shape} ask for {(long)labels.Length * shape.Count} numbers, but there are {numbers}.");
        int[] own = [.. labels];
        for (int i = 0; i < own.Length; i++)
        {
            if (own[i] < 0 || own[i] >= classes)
                throw new ArgumentException($"{name}: the label of sample {i} is {own[i]}, but there are {classes} classes: labels go from 0 to {classes - 1}.");
        }
        return own;
    }
}
