using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// How strongly one output of a layer, the middle one unless another is asked for, really depends on each input pixel: the gradient of the output (all channels) by the
/// input, its root mean square over channels, random weights and random inputs (Luo, Li, Urtasun and Zemel, "Understanding the Effective
/// Receptive Field in Deep Convolutional Neural Networks", 2016). It fades towards the border of the receptive field, often like a bell.
/// </summary>
/// <param name="Name">The layer: "Conv2d-4".</param>
/// <param name="Draws">Over how many weights and inputs the mean is.</param>
/// <param name="Map">The root mean square of each pixel, row by row, the largest being 1.</param>
/// <param name="Rows">Rows of the input.</param>
/// <param name="Columns">Columns of the input.</param>
/// <param name="At">Row and column of the output; null in a flat vector, of which the middle one is taken.</param>
/// <param name="Size">The side of a square with as many pixels as count: those whose gradient reaches 4.55% of the largest, which are the ones within two
/// standard deviations where the field is a bell.</param>
/// <param name="TheoreticalSize">The side of a square with as many pixels as the receptive field has inside of the input.</param>
public sealed record EffectiveReceptiveField(
    string Name, int Draws, IReadOnlyList<double> Map, int Rows, int Columns, Size2D? At, double Size, double TheoreticalSize)
{
    private const double Threshold = 1 - 0.9545;

    /// <summary>What was measured, in a sentence.</summary>
    public override string ToString() => $"{Name}{(At is { } at ? $", output ({at.Height}, {at.Width})" : "")}: of {TheoreticalSize:F1} x {TheoreticalSize:F1} pixels, {Size:F1} x {Size:F1} count: their gradient reaches {Threshold * 100:F2}% of the largest (root mean square over {Draws} random weights and inputs).";

    /// <summary>Measures it.</summary>
    /// <param name="model">The model; its own weights do not matter.</param>
    /// <param name="layer">The layer's index, from 0; the last one with an image as its output when not given.</param>
    /// <param name="draws">Over how many weights and inputs to average.</param>
    /// <param name="seed">What weights and inputs are drawn by.</param>
    /// <param name="at">Row and column of the output; the middle when not given.</param>
    /// <exception cref="ShapeException">A layer does not fit its input, there is no such layer or output, or the input is not an image.</exception>
    public static EffectiveReceptiveField Measure(ModelSpec model, int? layer = null, int draws = 10, ulong seed = 0, Size2D? at = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        ReceptiveFields fields = ReceptiveFields.Of(model);
        int index = layer ?? Math.Max(0, fields.Layers.ToList().FindLastIndex(row => !row.OutputShape.IsFlat));
        if (index < 0 || index >= fields.Layers.Count)
            throw new ShapeException($"there is no layer {index + 1}; the model has {fields.Layers.Count} layers", $"Ask for a layer from 1 to {fields.Layers.Count}");
        LayerReceptiveField row = fields.Layers[index];
        if (at is { } asked)
        {
            if (row.OutputShape.IsFlat) throw new ShapeException($"the output of {row.Name} is a flat vector of {row.OutputShape}, without rows and columns", "Leave out the place, or ask for a layer with an image as its output");
            if (asked.Height >= row.OutputShape.Height || asked.Width >= row.OutputShape.Width)
                throw new ShapeException($"{row.Name} has no output ({asked.Height}, {asked.Width}): its rows are 0 to {row.OutputShape.Height - 1}, its columns 0 to {row.OutputShape.Width - 1}", "Ask for one of these");
            row = ReceptiveFields.Of(model, asked).Layers[index];
        }
        ModelRow measured = ModelRow.Table(model)[index];
        if (!ReferenceEquals(measured.Layer, model.Layers[measured.Index]))
        {
            throw new ShapeException($"layer {index + 1} {row.Name} lies inside of a block, whose rows cannot be measured one by one",
                $"Ask for the block, {fields.Layers[ModelRow.Table(model).ToList().FindIndex(index, r => ReferenceEquals(r.Layer, model.Layers[measured.Index]))].Name}, or a layer outside of it");
        }
        var start = new ModelSpec(model.Input, [.. model.Layers.Take(measured.Index + 1)]);
        Shape input = model.Input, output = row.OutputShape;
        double[] squares = new double[input.Height * input.Width];
        for (int draw = 0; draw < draws; draw++)
        {
            ulong drawSeed = seed + (ulong)draw;
            var reference = new ReferenceNetwork<double>(new Network(start, drawSeed), samples: 1, training: false);
            float[] x = new float[input.Count];
            new Philox(drawSeed, RandomPurpose.Probe).Uniform(x, 1);
            reference.Forward([.. x.Select(value => (double)value)]);
            double[] gradient = new double[output.Count];
            int center = output.IsFlat ? (output.Count - 1) / 2 : row.At.Height * output.Width + row.At.Width;
            int channels = output.IsFlat ? 1 : output.Channels;
            for (int channel = 0; channel < channels; channel++) gradient[channel * output.Height * output.Width + center] = 1;
            reference.Backward(gradient);
            for (int i = 0; i < input.Count; i++) squares[i % squares.Length] += reference.InputGradient[i] * reference.InputGradient[i];
        }
        double largest = squares.Max();
        double[] map = [.. squares.Select(square => largest == 0 ? 0 : Math.Sqrt(square / largest))];
        return new EffectiveReceptiveField(row.Name, draws, map, input.Height, input.Width, output.IsFlat ? null : row.At, Math.Sqrt(map.Count(value => value >= Threshold)),
            Math.Sqrt((double)Inside(row.SeenRows, input.Height) * Inside(row.SeenColumns, input.Width)));
    }

    private static int Inside(PixelRange range, int extent) => Math.Min(range.Last, extent - 1) - Math.Max(range.First, 0) + 1;
}
