using System.Globalization;

namespace Fovea;

/// <summary>Shows how the numbers of one layer come about: the size of its output, its parameters, its multiply-adds.</summary>
public static class LayerExplanation
{
    /// <summary>The shape of the output.</summary>
    /// <exception cref="ShapeException">The layer does not fit its input.</exception>
    public static Derivation Output(Layer layer, Shape input, string title)
    {
        ArgumentNullException.ThrowIfNull(layer);
        Shape output = layer.OutputShape(input);
        if (layer is ConvTranspose2D transposed)
        {
            var (down, across) = transposed.Axes(input);
            return new(title, [new($"Each of the {output.Channels} filters gives one channel: {output}.")],
                [WindowExplanation.Output(down, "Down the rows"), WindowExplanation.Output(across, "Across the columns")]);
        }
        if (!HasWindow(layer)) return new(title, [OutputStep(layer, input, output)]);
        var (vertical, horizontal) = layer.Window(input);
        DerivationStep channels = layer is Conv2D
            ? new($"Each of the {output.Channels} filters gives one channel: {output}.")
            : new($"Each of the {output.Channels} channels is pooled by itself: {output}.");
        if (vertical == horizontal) return new(title, [.. WindowExplanation.OutputSteps(vertical), channels]);
        return new(title, [channels], [WindowExplanation.Output(vertical, "Down the rows"), WindowExplanation.Output(horizontal, "Across the columns")]);
    }

    /// <summary>The numbers that the layer learns.</summary>
    /// <exception cref="ShapeException">The layer does not fit its input.</exception>
    public static DerivationStep Parameters(Layer layer, Shape input)
    {
        ArgumentNullException.ThrowIfNull(layer);
        var parameters = layer.Parameters(input);
        string result = Tex.Number(parameters.Sum(parameter => (long)parameter.Count));
        switch (layer)
        {
            case Composite:
                return new("The parameters of the layers of which it consists are counted above; it learns nothing itself.", "P = 0");
            case Conv2D convolution:
                string kernel = $"{convolution.Kernel.Height} \\cdot {convolution.Kernel.Width}";
                string channels = convolution.Groups == 1 ? "c" : "\\frac{c}{g}";
                string channelNumbers = convolution.Groups == 1 ? Text(input.Channels) : Tex.Fraction(Text(input.Channels), Text(convolution.Groups));
                return convolution.Bias
                    ? new($"Each of the $f$ filters has a weight for every tap of its kernel in every channel{OfGroup(convolution)}, and one bias.",
                        $"P = \\left( k_h k_w {channels} + 1 \\right) f", $"\\left( {kernel} \\cdot {channelNumbers} + 1 \\right) \\cdot {convolution.Filters}", result)
                    : new($"Each of the $f$ filters has a weight for every tap of its kernel in every channel{OfGroup(convolution)}, and no bias.",
                        $"P = k_h k_w {channels} f", $"{kernel} \\cdot {channelNumbers} \\cdot {convolution.Filters}", result);
            case ConvTranspose2D transposed:
                string filters = transposed.Groups == 1 ? "f" : "\\frac{f}{g}";
                string filterNumbers = transposed.Groups == 1 ? Text(transposed.Filters) : Tex.Fraction(Text(transposed.Filters), Text(transposed.Groups));
                return new($"Each of the $c$ input channels has a kernel for every one of the $f$ filters{(transposed.Groups == 1 ? "" : " of its group")}, and each filter has {(transposed.Bias ? "one" : "no")} bias.",
                    $"P = k_h k_w c {filters}{(transposed.Bias ? " + f" : "")}",
                    $"{transposed.Kernel.Height} \\cdot {transposed.Kernel.Width} \\cdot {input.Channels} \\cdot {filterNumbers}{(transposed.Bias ? $" + {transposed.Filters}" : "")}", result);
            case Linear linear:
                return linear.Bias
                    ? new("Each of the $m$ outputs has a weight for every one of the $n$ inputs, and one bias.", "P = m n + m",
                        $"{Tex.Number(linear.Features)} \\cdot {Tex.Number(input.Count)} + {Tex.Number(linear.Features)}", result)
                    : new("Each of the $m$ outputs has a weight for every one of the $n$ inputs, and no bias.", "P = m n",
                        $"{Tex.Number(linear.Features)} \\cdot {Tex.Number(input.Count)}", result);
            case BatchNorm2D:
                return new("Each of the $c$ channels has a scale and a shift; the running mean and variance are kept, not learned.", "P = 2 c",
                    $"2 \\cdot {input.Channels}", result);
            case GroupNorm { Affine: true } or InstanceNorm2D { Affine: true }:
                return new("Each of the $c$ channels has a scale and a shift.", "P = 2 c", $"2 \\cdot {input.Channels}", result);
            case LayerNorm { Affine: true }:
                return new("Each of the $n$ numbers of a sample has a scale and a shift.", "P = 2 n", $"2 \\cdot {Tex.Number(input.Count)}", result);
            case PReLU { PerChannel: var perChannel }:
                return perChannel ? new("Each of the $c$ channels has a slope.", "P = c", null, result) : new("All numbers share one slope.", "P = 1");
        }
        if (parameters.Count == 0) return new("It computes a fixed function of its input: there is nothing to learn.", "P = 0");
        return new($"It learns {string.Join(" and ", parameters.Select(p => p.Name))}.", "P",
            "= " + string.Join(" + ", parameters.Select(p => string.Join(" \\cdot ", p.Shape))), result);
    }

    /// <summary>The multiply-adds of the forward pass of one sample.</summary>
    /// <exception cref="ShapeException">The layer does not fit its input.</exception>
    public static DerivationStep MultiplyAdds(Layer layer, Shape input)
    {
        ArgumentNullException.ThrowIfNull(layer);
        string result = Tex.Number(layer.MultiplyAdds(input));
        switch (layer)
        {
            case Composite:
                return new("The multiply-adds of the layers of which it consists are counted above.", "M = 0");
            case Conv2D convolution:
                Shape output = layer.OutputShape(input);
                string channels = convolution.Groups == 1 ? "c" : "\\frac{c}{g}";
                string channelNumbers = convolution.Groups == 1 ? Text(input.Channels) : Tex.Fraction(Text(input.Channels), Text(convolution.Groups));
                return new($"Every output multiplies and adds once for each tap in each channel{OfGroup(convolution)}; the bias is not counted.",
                    $"M = k_h k_w {channels} \\cdot f h' w'",
                    $"{convolution.Kernel.Height} \\cdot {convolution.Kernel.Width} \\cdot {channelNumbers} \\cdot {output.Channels} \\cdot {output.Height} \\cdot {output.Width}", result);
            case ConvTranspose2D transposed:
                string filters = transposed.Groups == 1 ? "f" : "\\frac{f}{g}";
                string filterNumbers = transposed.Groups == 1 ? Text(transposed.Filters) : Tex.Fraction(Text(transposed.Filters), Text(transposed.Groups));
                return new("Every input is multiplied and added once for each tap of each filter; the bias is not counted.", $"M = k_h k_w {filters} \\cdot c h w",
                    $"{transposed.Kernel.Height} \\cdot {transposed.Kernel.Width} \\cdot {filterNumbers} \\cdot {input.Channels} \\cdot {input.Height} \\cdot {input.Width}", result);
            case Linear linear:
                return new("Every output multiplies and adds once for each input; the bias is not counted.", "M = m n",
                    $"{Tex.Number(linear.Features)} \\cdot {Tex.Number(input.Count)}", result);
            case BatchNorm2D or GroupNorm or LayerNorm or InstanceNorm2D:
                return new("Every number is scaled and shifted once.", input.IsFlat ? "M = n" : "M = c h w",
                    input.IsFlat ? null : $"{input.Channels} \\cdot {input.Height} \\cdot {input.Width}", result);
            case Upsample { Bilinear: true }:
                Shape enlarged = layer.OutputShape(input);
                return new("Every output is a weighted sum of four pixels.", "M = 4 c h' w'", $"4 \\cdot {enlarged.Channels} \\cdot {enlarged.Height} \\cdot {enlarged.Width}", result);
            default:
                return layer.MultiplyAdds(input) == 0 ? new("It has no multiply-adds that count.", "M = 0") : new("Its multiply-adds are", "M", "= " + result);
        }
    }

    /// <summary>Whether the layer slides a window over an image.</summary>
    internal static bool HasWindow(Layer layer) => layer is Conv2D or MaxPool2D or AvgPool2D or GlobalAvgPool2D;

    private static DerivationStep OutputStep(Layer layer, Shape input, Shape output) => layer switch
    {
        Flatten when !input.IsFlat => new("All numbers of the image in one row.", "n' = c h w", $"{input.Channels} \\cdot {input.Height} \\cdot {input.Width}", Tex.Number(output.Count)),
        Linear linear => new($"A linear layer has one output for each of its {linear.Features} features, whatever the input."),
        AdaptiveAvgPool2D or AdaptiveMaxPool2D or GlobalMaxPool2D => new($"Output $i$ of $m$ takes the pixels from $\\lfloor i n / m \\rfloor$ to $\\lceil (i + 1) n / m \\rceil$ of $n$, in rows and columns: {output}."),
        Pad2D pad => new("Rows above and below are added to the height, columns left and right to the width.", "h' = h + a + b",
            $"{Text(input.Height)} + {Text(pad.Padding.Height)} + {Text(output.Height - input.Height - pad.Padding.Height)}", Tex.Number(output.Height)),
        Upsample upsample => new("Height and width are multiplied by the scale.", "h' = s h", $"{Text(upsample.Scale.Height)} \\cdot {Text(input.Height)}", Tex.Number(output.Height)),
        Residual { Shortcut.Count: 0 } => new($"What its body gives is added to its input, number by number: the shape stays {output}."),
        Residual => new($"What its body gives is added to what its shortcut gives, number by number: both are {output}."),
        Concat concat => new($"The channels of its {concat.Branches.Count} branches lie one after the other: {output}.", "c' = \\sum_i c_i",
            string.Join(" + ", concat.Sequences.Select(row => Text(row.Shapes(input)[^1].Channels))), Tex.Number(output.Channels)),
        Branch => new($"Its layers run one after another; the last gives {output}."),
        Softmax => new($"{Together(input)} become probabilities, which depend on all of them and add up to 1: the shape stays {output}."),
        LogSoftmax => new($"{Together(input)} become logarithms of probabilities, which depend on all of them: the shape stays {output}."),
        BatchNorm2D or GroupNorm or LayerNorm or InstanceNorm2D => new($"Every number is normalized by a mean and a variance: the shape stays {output}."),
        _ when input == output => new($"It works on each number in its place: the shape stays {output}."),
        _ => new($"{input} becomes {output}."),
    };

    private static string Together(Shape input) => input.IsFlat ? "The numbers" : "The channels of each pixel";

    private static string OfGroup(Conv2D convolution) => convolution.Groups == 1 ? "" : " of its group";

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
