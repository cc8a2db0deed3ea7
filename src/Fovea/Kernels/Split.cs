namespace Fovea.Kernels;

/// <summary>Cuts a count into the fewest parts that do not exceed a maximum, as even as they go: their sizes differ by one at most.</summary>
internal readonly struct Split
{
    private readonly int _size, _larger;

    public Split(int count, int maximum)
        : this((count + maximum - 1) / maximum, Math.DivRem(count, Math.Max(1, (count + maximum - 1) / maximum)))
    {
    }

    private Split(int parts, (int Size, int Larger) sizes)
    {
        Parts = parts;
        (_size, _larger) = sizes;
    }

    /// <summary>Cuts into so many parts, or as many as there are.</summary>
    public static Split Into(int count, int parts) => new(Math.Min(count, parts), Math.DivRem(count, Math.Max(1, Math.Min(count, parts))));

    public int Parts { get; }

    /// <summary>The size of the largest part.</summary>
    public int Largest => _larger > 0 ? _size + 1 : _size;
    public int Start(int part) => part * _size + Math.Min(part, _larger);
    public int Size(int part) => part < _larger ? _size + 1 : _size;
    public int End(int part) => Start(part + 1);

    /// <summary>The part that an element is in.</summary>
    public int PartOf(int element)
    {
        int inLarger = _larger * (_size + 1);
        return element < inLarger ? element / (_size + 1) : _larger + (element - inLarger) / _size;
    }
}
