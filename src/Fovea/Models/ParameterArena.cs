using System.Runtime.InteropServices;
using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// All parameters (or buffers) of a network in one block of memory. Each lies as [inputs][outputs], the outputs padded to 16: PyTorch's
/// [outputs, inputs...] transposed, so that the kernels read neighbouring outputs as one vector. Outside, only PyTorch's layout is seen.
/// </summary>
internal sealed unsafe class ParameterArena
{
    // Every width of vector divides it.
    private const int Padding = 16;
    private readonly Memory _memory = new();
    private readonly List<Entry> _entries = [];

    /// <summary>One parameter: which layer's, what it is, and where it lies.</summary>
    internal readonly record struct Entry(int Layer, ParameterSpec Spec, int Offset)
    {
        public string Name => $"{Layer}.{Spec.Name}";
        public int Outputs => Spec.Shape[0];
        public int Inputs => Spec.Count / Spec.Shape[0];
        public int RowSize => (int)Padded(Outputs);
        public int Size => Inputs * RowSize;

        /// <summary>The outputs with their padding, which may be more than an array holds.</summary>
        public static long Padded(int outputs) => ((long)outputs + Padding - 1) / Padding * Padding;
    }

    public ParameterArena(ModelSpec model, Func<Layer, Shape, IReadOnlyList<ParameterSpec>> select)
    {
        int offset = 0;
        for (int layer = 0; layer < model.Layers.Count; layer++)
        {
            foreach (ParameterSpec spec in select(model.Layers[layer], model.Shapes[layer]))
            {
                var entry = new Entry(layer, spec, offset);
                _entries.Add(entry);
                if (offset + entry.Inputs * Entry.Padded(entry.Outputs) > Array.MaxLength)
                    throw new FoveaException($"the model has more parameters than an array holds, from layer {layer + 1} {model.Layers[layer]} on. Use smaller sizes.");
                offset += entry.Size;
            }
        }
        (Layers, Count) = (model.Layers.Count, offset);
        Values = _memory.Floats(offset);
    }

    /// <summary>Layers of the model, those without parameters included.</summary>
    public int Layers { get; }

    /// <summary>Floats of the arena, the padding included.</summary>
    public int Count { get; }
    public float* Values { get; }
    public IReadOnlyList<Entry> Entries => _entries;
    public Span<float> Span => new(Values, Count);

    /// <summary>The blocks of all entries, in their order.</summary>
    public IReadOnlyList<ParameterBlock> AllBlocks => [.. _entries.Select(e => new ParameterBlock(Values + e.Offset, e.Offset, e.Inputs, e.RowSize))];

    /// <summary>Fills all with their initial values.</summary>
    public void Initialize(ulong seed, Initialization initialization)
    {
        // Memory that is given back at once: an array would stay until the next collection, beside all that training takes.
        int largest = _entries.Select(entry => entry.Spec.Count).DefaultIfEmpty(0).Max();
        float* memory = (float*)NativeMemory.Alloc((nuint)largest, sizeof(float));
        try
        {
            for (int i = 0; i < _entries.Count; i++)
            {
                var values = new Span<float>(memory, _entries[i].Spec.Count);
                initialization.Fill(_entries[i].Spec, new Philox(seed, RandomPurpose.Initialize, (uint)i), values);
                Write(Span, _entries[i], values);
            }
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    /// <summary>An entry of an arena laid out as this one, in PyTorch's layout.</summary>
    public static float[] Read(ReadOnlySpan<float> arena, Entry entry)
    {
        float[] values = new float[entry.Spec.Count];
        Read(arena, entry, values);
        return values;
    }

    /// <summary>Copies an entry of an arena laid out as this one, in PyTorch's layout.</summary>
    public static void Read(ReadOnlySpan<float> arena, Entry entry, Span<float> values)
    {
        // Asked for once: they are counted from the shape each time.
        int outputs = entry.Outputs, inputs = entry.Inputs, rowSize = entry.RowSize;
        for (int output = 0; output < outputs; output++)
        {
            for (int input = 0; input < inputs; input++) values[output * inputs + input] = arena[entry.Offset + input * rowSize + output];
        }
    }

    /// <summary>Overwrites an entry of an arena laid out as this one with values in PyTorch's layout.</summary>
    public static void Write(Span<float> arena, Entry entry, ReadOnlySpan<float> values)
    {
        int outputs = entry.Outputs, inputs = entry.Inputs, rowSize = entry.RowSize;
        for (int output = 0; output < outputs; output++)
        {
            for (int input = 0; input < inputs; input++) arena[entry.Offset + input * rowSize + output] = values[output * inputs + input];
        }
    }
}
