using System.Globalization;

namespace Fovea;

/// <summary>
/// Finds the mistake by which a wrong figure may have come about. Each is tried by asking the library for the figure of the layer as it
/// would be with the mistake: the arithmetic stays in one place.
/// </summary>
internal static class LikelyMistakes
{
    /// <summary>Why a layer's parameters may have been claimed to be so many; null when nothing known gives that number.</summary>
    /// <param name="table">The rows of the model's table.</param>
    /// <param name="index">The row.</param>
    /// <param name="claimed">The wrong number.</param>
    public static string? OfParameters(IReadOnlyList<ModelRow> table, int index, long claimed)
    {
        // Of a kernel of 3 over 3 channels, several mistakes give the same number.
        int most = table[index].Layer is Conv2D or ConvTranspose2D ? 2 : 1;
        return First(claimed, ParameterMistakes(table, index), most) ?? Digits(claimed, table[index].Parameters);
    }

    private static IEnumerable<(long? Value, string Reason)> ParameterMistakes(IReadOnlyList<ModelRow> table, int index)
    {
        ModelRow row = table[index];
        Shape input = row.Input;
        return row.Layer switch
        {
            Conv2D c => OfConvolution(row, c.Kernel, c.Filters, c.Groups, (kernel, filters, groups) => c with { Kernel = kernel, Filters = filters, Groups = groups })
                .Append((Count(c with { Kernel = new(input.Height, input.Width), Dilation = 1, Groups = 1 }, Roomy(input.Channels)), "the size of the input was taken for the kernel")),
            ConvTranspose2D t => OfConvolution(row, t.Kernel, t.Filters, t.Groups, (kernel, filters, groups) => t with { Kernel = kernel, Filters = filters, Groups = groups }),
            Linear l => OfLinear(l, table, index),
            BatchNorm2D or GroupNorm or LayerNorm or InstanceNorm2D when row.Parameters > 0 => OfNormalization(row.Layer, input),
            PReLU p =>
            [
                (0, "its slope was forgotten: it is learned"),
                (Count(p with { PerChannel = !p.PerChannel }, input), p.PerChannel ? "one slope was counted for the whole layer: each channel has one" : "a slope was counted for each channel: they share one"),
            ],
            Composite => [(Count(row.Layer, input), "the parameters of the layers of which it consists were counted again: they have rows of their own")],
            _ => OfNothingLearned(table, index),
        };
    }

    private static IEnumerable<(long? Value, string Reason)> OfConvolution(ModelRow row, Size2D kernel, int filters, int groups, Func<Size2D, int, int, Layer> with)
    {
        Layer layer = row.Layer;
        Shape input = row.Input, roomy = Roomy(input.Channels);
        bool bias = layer.HasBias == true;
        long without = Count(layer.WithBias(false), roomy);
        yield return (Count(layer.WithBias(!bias), roomy), bias ? "the bias was forgotten: each filter has one" : "a bias was counted, but this layer has none");
        yield return (Count(with(new(kernel.Height, 1), filters, groups), roomy), $"the kernel was not squared: it has {Text(kernel.Height)} x {Text(kernel.Width)} taps, not {Text(kernel.Height)}");
        yield return (Count(with(new(kernel.Height * kernel.Height, kernel.Width * kernel.Width), filters, groups), roomy), "the kernel was squared twice");
        if (input.Channels > 1)
        {
            yield return (Count(with(kernel, filters, 1), Roomy(1)), $"the input channels were forgotten: every filter has a kernel for each of the {input.Channels} channels");
            yield return (Count(with(kernel, filters, 1).WithBias(false), Roomy(1)), "the input channels and the bias were forgotten");
        }
        yield return (Count(with(kernel, groups, groups), roomy) / groups, $"the filters were forgotten: this is one filter of {filters}");
        if (bias)
        {
            yield return (without + 1, "one bias was counted for the whole layer: each filter has one");
            yield return (without + filters * (long)input.Channels, "a bias was counted for each input channel of each filter: each filter has one");
            yield return (without + input.Channels, "a bias was counted for each input channel: each filter has one");
        }
        yield return (Count(with(kernel, filters, 1), roomy), $"the groups were forgotten: a filter sees only {input.Channels / groups} of the {input.Channels} channels");
        yield return (Count(new Linear(row.Output.Count) { Bias = bias }, Shape.Flat(input.Count)), "it was counted as a linear layer, without sharing the weights");
        yield return (Count(with(kernel, input.Channels, 1), Roomy(filters)), "input channels and filters were exchanged: there is one bias for each filter");
    }

    private static IEnumerable<(long? Value, string Reason)> OfLinear(Linear layer, IReadOnlyList<ModelRow> table, int index)
    {
        Shape input = table[index].Input;
        yield return (Count(layer with { Bias = !layer.Bias }, input), layer.Bias ? "the bias was forgotten: each output has one" : "a bias was counted, but this layer has none");
        if (layer.Bias) yield return (Count(layer with { Bias = false }, input) + input.Count, "a bias was counted for each input: each output has one");
        if (layer.Bias) yield return (Count(layer with { Bias = false }, input) + 1, "one bias was counted for the whole layer: each output has one");
        yield return (Count(layer, Shape.Flat(layer.Features)), $"the inputs were taken to be as many as the outputs; there are {input.Count}");
        yield return (input.Count + layer.Features, "inputs and outputs were added: every output has a weight for every input");
        for (int before = index; before >= 0; before--)
        {
            Shape shape = before == 0 ? table[0].Input : table[before - 1].Output;
            string from = before == 0 ? "the network's input" : $"the output of {table[before - 1].Layer.TorchName}-{before}";
            if (shape.Count != input.Count)
                yield return (Count(layer, Shape.Flat(shape.Count)), $"the inputs were counted at {from}, {shape}: this layer gets {input.Count} numbers");
            if (!shape.IsFlat && shape.Channels != input.Count)
                yield return (Count(layer, Shape.Flat(shape.Channels)), $"height and width were forgotten: {shape} are {shape.Count} numbers, not {shape.Channels}");
        }
    }

    private static IEnumerable<(long? Value, string Reason)> OfNormalization(Layer layer, Shape input)
    {
        if (layer.Buffers(input).Sum(b => (long)b.Count) is > 0 and var kept)
            yield return (Count(layer, input) + kept, "running mean and variance were counted: they are kept, not learned");
        string each = layer is LayerNorm ? "each number" : "each channel";
        yield return (0, $"scale and shift were forgotten: {each} has both, and they are learned");
        yield return (Count(layer, input) / 2, $"only one of scale and shift was counted: {each} has both");
        yield return (2L * input.Count, "a scale and a shift were counted for each pixel: each channel has one");
        yield return (2L * input.Channels, "a scale and a shift were counted for each channel: each number has one");
        yield return (2, $"a scale and a shift were counted for the whole layer: {each} has one");
    }

    // Of layers that compute a fixed function.
    private static IEnumerable<(long? Value, string Reason)> OfNothingLearned(IReadOnlyList<ModelRow> table, int index)
    {
        Layer layer = table[index].Layer;
        Shape input = table[index].Input, output = table[index].Output;
        long inputs = input.Count, outputs = output.Count;
        string name = layer.TorchName;
        if (output.IsFlat)
        {
            long asLinear = Count(new Linear((int)outputs), Shape.Flat((int)inputs));
            yield return (asLinear, $"{name} was counted like a linear layer of {inputs} inputs and {outputs} outputs, ({inputs}*{outputs}) + {outputs} = {asLinear}; it computes a fixed function and has nothing to learn");
            yield return (inputs * outputs, $"{name} was counted like a linear layer without bias, {inputs}*{outputs}; it computes a fixed function and has nothing to learn");
        }
        yield return (inputs, $"the numbers that pass through {name} were counted; it has nothing to learn");
        for (int before = index - 1; before >= 0; before--)
        {
            if (table[before].Parameters is > 0 and var learned)
                yield return (learned, $"the parameters of {table[before].Layer.TorchName}-{before + 1} were counted again; {name} has nothing to learn");
        }
        if (((layer as MaxPool2D)?.Kernel ?? (layer as AvgPool2D)?.Kernel) is { } pool)
        {
            string reason = $"{name} was counted like a convolution; a window that takes {(layer is MaxPool2D ? "the largest number" : "the mean")} has no weights";
            yield return (Count(new Conv2D(output.Channels, pool), Roomy(input.Channels)), reason);
            yield return (Count(new Conv2D(output.Channels, pool) { Groups = input.Channels }, Roomy(input.Channels)), reason);
        }
    }

    /// <summary>Why a layer's output may have been claimed to have this shape; null when nothing known gives it.</summary>
    public static string? OfOutput(Layer layer, Shape input, Shape claimed)
    {
        Shape right = layer.OutputShape(input);
        if (claimed.Count == right.Count && claimed.IsFlat != right.IsFlat)
            return right.IsFlat ? $"the output is a flat vector of {right}" : $"the output is an image, {right}, until a flatten layer makes it flat";
        if (claimed.IsFlat || right.IsFlat)
        {
            if (layer is Flatten && claimed.Count == input.Channels) return $"height and width were forgotten: {input} are {right} numbers";
            if (claimed.Count == input.Count && layer is Linear linear) return $"the size of the input was kept: a linear layer of {linear.Features} features gives as many numbers";
            return null;
        }
        if (claimed.Height == right.Width && claimed.Width == right.Height && right.Height != right.Width) return "height and width were exchanged";
        string? channels = claimed.Channels == right.Channels ? null
            : layer is not (Conv2D or ConvTranspose2D) ? right.Channels == input.Channels ? $"{layer.TorchName} keeps the {right.Channels} channels" : null
            : claimed.Channels == input.Channels ? $"the channels of the input were kept: a convolution gives one channel for each of its {right.Channels} filters"
            : $"a convolution gives one channel for each of its {right.Channels} filters";
        if ((claimed.Height, claimed.Width) == (right.Height, right.Width)) return channels;
        string? size = SizeMistake();
        return channels is null ? size : size is null ? channels : $"{size}; and {channels}";

        string? SizeMistake()
        {
            if (layer is ConvTranspose2D transposed)
            {
                var (down, across) = transposed.Axes(input);
                return Found(s_transposedMistakes, down, across);
            }
            if (!LayerExplanation.HasWindow(layer))
            {
                return (right.Height, right.Width) == (input.Height, input.Width) ? $"{layer.TorchName} keeps the size of its input"
                    : (claimed.Height, claimed.Width) == (input.Height, input.Width) ? "the size of the input was kept" : null;
            }
            var (vertical, horizontal) = layer.Window(input);
            return Found(s_sizeMistakes, vertical, horizontal);
        }

        string? Found<TAxis>((Func<TAxis, int> Output, string Reason)[] mistakes, TAxis vertical, TAxis horizontal)
        {
            foreach (var (change, reason) in mistakes)
            {
                if (change(vertical) == claimed.Height && change(horizontal) == claimed.Width) return reason;
            }
            return null;
        }
    }

    private static readonly (Func<WindowAxis, int> Output, string Reason)[] s_sizeMistakes =
    [
        (axis => axis.Padding == 0 ? 0 : Axis(axis, padding: 0).Output, "the padding was forgotten"),
        (axis => axis.Padding == 0 ? 0 : Axis(axis, input: axis.Input + axis.Padding, padding: 0).Output, "the padding was added once: it is added at both ends"),
        (axis => axis.Stride == 1 ? 0 : Axis(axis, stride: 1).Output, "the stride was forgotten"),
        (axis => axis.Stride == 1 ? 0 : Axis(axis, stride: axis.Stride * axis.Stride).Output, "the stride was applied twice"),
        (axis => axis.Stride == 1 ? 0 : new WindowAxis(Math.Max(1, axis.Output), axis.Stride, axis.Stride).Output, "the stride was applied twice"),
        (axis => Axis(axis, input: Math.Max(1, axis.Output)) is { Fits: true } again ? again.Output : 0, "the layer was applied twice"),
        (axis => axis.Output - 1, "the + 1 of the formula was forgotten: the first window counts too"),
        (axis => axis.CeilMode ? Axis(axis, ceilMode: false).Output : Axis(axis, ceilMode: true).Output, "the division was rounded the wrong way"),
        (axis => axis.Dilation == 1 ? 0 : Axis(axis, dilation: 1).Output, "the dilation was forgotten"),
        (axis => axis.Padding > 0 ? 0 : Axis(axis, padding: (axis.Extent - 1) / 2).Output, "a padding was assumed that this layer does not have"),
        (axis => axis.Stride > 1 ? 0 : Axis(axis, stride: axis.Kernel).Output, "the stride was taken to be the kernel's size"),
        (axis => axis.Stride > 1 ? 0 : Axis(axis, stride: 2).Output, "a stride of 2 was assumed; it is 1"),
        (axis => axis.Input, "the size of the input was kept"),
        (axis => axis.Output + 1, "one window too many was counted"),
    ];

    // Of a transposed convolution, whose stride enlarges.
    private static readonly (Func<TransposedAxis, int> Output, string Reason)[] s_transposedMistakes =
    [
        (axis => new WindowAxis(axis.Input, axis.Kernel, axis.Stride, axis.Padding, axis.Dilation).Output, "it was taken for a convolution; a transposed one enlarges its input"),
        (axis => axis.OutputPadding == 0 ? 0 : Axis(axis, outputPadding: 0).Output, "the output padding was forgotten"),
        (axis => axis.Padding == 0 ? 0 : Axis(axis, padding: 0).Output, "the padding was forgotten: it is cut off at both ends"),
        (axis => axis.Padding == 0 ? 0 : axis.Output + axis.Padding, "the padding was cut off once: it is cut off at both ends"),
        (axis => axis.Padding == 0 ? 0 : axis.Output + 4 * axis.Padding, "the padding was added; here it is cut off"),
        (axis => axis.Stride == 1 ? 0 : Axis(axis, stride: 1, outputPadding: 0).Output, "the stride was forgotten"),
        (axis => axis.Stride == 1 ? 0 : axis.Input * axis.Stride, "only the stride was looked at: kernel and padding count too"),
        (axis => axis.Dilation == 1 ? 0 : Axis(axis, dilation: 1, outputPadding: 0).Output, "the dilation was forgotten"),
        (axis => axis.Input, "the size of the input was kept"),
        (axis => axis.Output - 1, "the + 1 of the formula was forgotten"),
    ];

    private static TransposedAxis Axis(TransposedAxis axis, int? stride = null, int? padding = null, int? dilation = null, int? outputPadding = null) =>
        new(axis.Input, axis.Kernel, stride ?? axis.Stride, padding ?? axis.Padding, dilation ?? axis.Dilation, outputPadding ?? axis.OutputPadding);

    private static WindowAxis Axis(WindowAxis axis, int? input = null, int? stride = null, int? padding = null, int? dilation = null, bool? ceilMode = null) =>
        new(input ?? axis.Input, axis.Kernel, stride ?? axis.Stride, padding ?? axis.Padding, dilation ?? axis.Dilation, ceilMode ?? axis.CeilMode);

    /// <summary>Two digits exchanged, one left out or one too many.</summary>
    public static string? Digits(long claimed, long right)
    {
        string a = Text(claimed), b = Text(right);
        if (a.Length == b.Length)
        {
            int[] different = [.. Enumerable.Range(0, a.Length).Where(i => a[i] != b[i])];
            if (different is [var i, var j] && a[i] == b[j] && a[j] == b[i]) return "two digits were exchanged";
            if (different.Length == 1 && a.Length > 2) return "one digit is wrong: perhaps a slip of the pen";
        }
        if (a.Length == b.Length + 1 && a.Length > 2 && Enumerable.Range(0, a.Length).Any(i => a.Remove(i, 1) == b)) return "there is a digit too many";
        if (b.Length == a.Length + 1 && b.Length > 2 && Enumerable.Range(0, b.Length).Any(i => b.Remove(i, 1) == a)) return "a digit is missing";
        return null;
    }

    private static string? First(long claimed, IEnumerable<(long? Value, string Reason)> candidates, int most)
    {
        string[] reasons = [.. candidates.Where(candidate => candidate.Value == claimed).Select(candidate => candidate.Reason).Take(most)];
        return reasons.Length == 0 ? null : string.Join("; or ", reasons);
    }

    /// <summary>A layer's parameters, in long: those of a mistake can be more than a network can have.</summary>
    public static long Count(Layer layer, Shape input) => layer.Parameters(input).Sum(p => p.Shape.Aggregate(1L, (product, extent) => product * extent));

    // Room for any mistaken kernel: the parameters do not depend on height and width.
    private static Shape Roomy(int channels) => new(channels, 1 << 14, 1 << 14);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
