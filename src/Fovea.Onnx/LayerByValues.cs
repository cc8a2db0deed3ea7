namespace Fovea.Onnx;

/// <summary>
/// Finds the layer that several nodes are together where ONNX has no operator for it, or had none: circular padding, adaptive pooling to sizes that do
/// not divide the image, the softmax of channels before version 13, layer normalization before version 17. Programs write them in many ways; what comes out for random numbers tells them.
/// </summary>
internal static class LayerByValues
{
    // Of a sample: a damaged file may ask for any size.
    private const int MostNumbers = 1 << 20;

    // Sums in another order.
    private const double Tolerance = 1e-5;

    private static readonly string[] s_beginnings = ["Gather", "Slice", "Concat", "MatMul", "Sub", "Transpose"];

    private static readonly HashSet<string> s_operators =
        [.. s_beginnings, "Softmax", "LogSoftmax", "MaxPool", "ReduceMean", "Pow", "Mul", "Add", "Sqrt", "Div"];

    /// <summary>The layer that the steps from one on to another are, with what it learned; null where they are none.</summary>
    /// <param name="start">The step before the first.</param>
    /// <param name="first">The first that all ways lead through.</param>
    /// <param name="end">The last.</param>
    /// <param name="shape">The shape of a sample before them.</param>
    public static (Layer Layer, OnnxTensor? Weight, OnnxTensor? Bias)? Find(OnnxStep start, OnnxStep first, OnnxStep end, Shape shape)
    {
        if (!s_beginnings.Contains(first.Node!.Operation) || shape.Count > MostNumbers || end.Between(start) is not { Count: > 1 } steps) return null;
        if (steps.Any(step => !s_operators.Contains(step.Node!.Operation))) return null;
        // Small numbers as well: beside them the epsilon of a normalization shows.
        float[][] probes = [.. ((float[])[1, 0.003f]).Select(size => Probe(shape.Count, size))];
        OnnxTensor[] outputs = [.. probes.Select(probe => Evaluate(steps, start, new OnnxTensor(shape.IsFlat ? [1, shape.Count] : [1, shape.Channels, shape.Height, shape.Width], probe)))];
        if (outputs[0].AllFloats is null || !outputs[0].Shape.SequenceEqual(outputs[1].Shape)) return null;
        foreach (var (layer, weight, bias) in Candidates(steps, shape, outputs[0], probes[0]))
        {
            if (Enumerable.Range(0, probes.Length).All(i => Agrees(layer, weight, bias, shape, probes[i], outputs[i]))) return (layer, weight, bias);
        }
        return null;
    }

    private static OnnxTensor Evaluate(List<OnnxStep> steps, OnnxStep start, OnnxTensor input)
    {
        var values = new Dictionary<OnnxStep, OnnxTensor> { [start] = input };
        foreach (OnnxStep step in steps)
            values[step] = OnnxEvaluator.Evaluate(step.Node!, [.. step.Sources.Select((source, i) => source is null ? step.Constants[i] : values[source])])[0];
        return values[steps[^1]];
    }

    private static IEnumerable<(Layer Layer, OnnxTensor? Weight, OnnxTensor? Bias)> Candidates(List<OnnxStep> steps, Shape shape, OnnxTensor output, float[] input)
    {
        if (output.Count == shape.Count)
        {
            yield return (new Softmax(), null, null);
            yield return (new LogSoftmax(), null, null);
            OnnxTensor? Learned(string operation) => steps.LastOrDefault(step => step.Node!.Operation == operation)?.Constants.FirstOrDefault(constant => constant?.Count == shape.Count);
            OnnxTensor weight = Learned("Mul") ?? new OnnxTensor([shape.Count], [.. Enumerable.Repeat(1f, shape.Count)]), bias = Learned("Add") ?? new OnnxTensor([shape.Count], new float[shape.Count]);
            IEnumerable<float> scalars = steps.SelectMany(step => step.Constants).OfType<OnnxTensor>().Where(constant => constant.Count == 1).Select(constant => (float)constant[0]);
            foreach (float epsilon in scalars.Where(value => value is > 0 and < 1).Distinct())
                yield return (new LayerNorm { Epsilon = epsilon }, weight, bias);
        }
        if (output.Rank != 4 || shape.IsFlat || output.Shape[1] != shape.Channels) yield break;
        var size = new Size2D(output.Shape[2], output.Shape[3]);
        if (size.Height <= shape.Height && size.Width <= shape.Width)
        {
            yield return (new AdaptiveAvgPool2D(size), null, null);
            yield return (new AdaptiveMaxPool2D(size), null, null);
        }
        // The first number of the output stands somewhere in the input, and says how many rows and columns lie before the image.
        int place = Array.IndexOf(input, output.AllFloats![0], 0, shape.Height * shape.Width), top = -place / shape.Width, left = -(place % shape.Width);
        if (place < 0) yield break;
        if (top < 0) top += shape.Height;
        if (left < 0) left += shape.Width;
        int bottom = size.Height - shape.Height - top, right = size.Width - shape.Width - left;
        if (bottom >= 0 && right >= 0) yield return (new CircularPad2D(new Size2D(top, left)) { Bottom = bottom == top ? null : bottom, Right = right == left ? null : right }, null, null);
    }

    private static bool Agrees(Layer layer, OnnxTensor? weight, OnnxTensor? bias, Shape shape, float[] input, OnnxTensor output)
    {
        float[] values;
        try
        {
            values = LayerRun.Apply(layer, shape, new OnnxTensor([input.Length], input), [.. weight is null ? [] : ((string, OnnxTensor?)[])[("weight", weight), ("bias", bias)]]).Values;
        }
        catch (FoveaException)
        {
            return false; // it does not fit the images
        }
        return values.Length == output.Count && values.Zip(output.AllFloats!).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance * (1 + Math.Abs(pair.Second)));
    }

    // Numbers that are all different, between -size and size.
    private static float[] Probe(int count, float size) => [.. Enumerable.Range(1, count).Select(i => (float)(size * (2 * (i * 0.6180339887498949 % 1) - 1)))];
}
