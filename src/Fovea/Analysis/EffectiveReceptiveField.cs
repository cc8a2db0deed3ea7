using System.Globalization;
using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// How strongly an output in the middle of a layer really depends on each input pixel: the gradient of the output (all channels) by the
/// input, its root mean square over channels, random weights and random inputs (Luo, Li, Urtasun and Zemel, "Understanding the Effective
/// Receptive Field in Deep Convolutional Neural Networks", 2016). It fades towards the border of the receptive field, often like a bell.
/// </summary>
/// <param name="Name">The layer: "Conv2d-4".</param>
/// <param name="Draws">Over how many weights and inputs the mean is.</param>
/// <param name="Map">The root mean square of each pixel, row by row, the largest being 1.</param>
/// <param name="Rows">Rows of the input.</param>
/// <param name="Columns">Columns of the input.</param>
/// <param name="Size">The side of a square with as many pixels as reach 4.55% of the largest: two standard deviations of a bell.</param>
/// <param name="TheoreticalSize">The side of a square with as many pixels as the receptive field has inside of the input.</param>
public sealed record EffectiveReceptiveField(
    string Name, int Draws, IReadOnlyList<double> Map, int Rows, int Columns, double Size, double TheoreticalSize)
{
    private const double Threshold = 1 - 0.9545;

    /// <summary>What was measured, in a sentence.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Name}: of {TheoreticalSize:F1} x {TheoreticalSize:F1} pixels, {Size:F1} x {Size:F1} count (gradients over {Draws} random weights and inputs).");

    /// <summary>Measures it.</summary>
    /// <param name="model">The model; its own weights do not matter.</param>
    /// <param name="layer">The layer's index, from 0; the last one with an image as its output when not given.</param>
    /// <param name="draws">Over how many weights and inputs to average.</param>
    /// <param name="seed">What weights and inputs are drawn by.</param>
    /// <exception cref="ShapeException">A layer does not fit its input, there is no such layer, or the input is not an image.</exception>
    public static EffectiveReceptiveField Measure(ModelSpec model, int? layer = null, int draws = 10, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        ReceptiveFields fields = ReceptiveFields.Of(model);
        int index = layer ?? Math.Max(0, fields.Layers.ToList().FindLastIndex(row => !row.OutputShape.IsFlat));
        if (index < 0 || index >= fields.Layers.Count)
            throw new ShapeException($"there is no layer {index + 1}; the model has {fields.Layers.Count} layers", $"Ask for a layer from 1 to {fields.Layers.Count}");
        LayerReceptiveField row = fields.Layers[index];
        var start = new ModelSpec(model.Input, [.. model.Layers.Take(index + 1)]);
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
        return new EffectiveReceptiveField(row.Name, draws, map, input.Height, input.Width, Math.Sqrt(map.Count(value => value >= Threshold)),
            Math.Sqrt((double)Inside(row.SeenRows, input.Height) * Inside(row.SeenColumns, input.Width)));
    }

    private static int Inside(PixelRange range, int extent) => Math.Min(range.Last, extent - 1) - Math.Max(range.First, 0) + 1;
}
