namespace Fovea;

/// <summary>Shows how the result of a convolution comes about, window by window.</summary>
internal static class ConvolutionExplanation
{
    /// <summary>More rows or columns than this are told in words.</summary>
    internal const int LargestPlane = 16;

    // Characters of a matrix on a terminal.
    private const int WidestMatrix = 120;

    /// <summary>The result, what the mode does with the kernel, the windows, the agreement of the methods.</summary>
    internal static Derivation Working(ImageConvolution convolution, ConvolutionMethod method, Planes result, IReadOnlyList<MethodAgreement> agreement, int windows)
    {
        ConvGeometry geometry = convolution.Geometry;
        string kind = convolution.Mode == ConvolutionMode.Convolution ? "convolution" : "cross-correlation";
        List<DerivationStep> steps =
        [
            new($"Stride {convolution.Stride}, padding {convolution.Padding}{(convolution.PaddingMode == PaddingMode.Circular ? " (circular)" : "")}, dilation {convolution.Dilation}: the result is ${Tex.Shape(geometry.Output)}$."),
        ];
        if (convolution.Groups > 1)
        {
            steps.Add(new($"Each of the {convolution.Groups} channels is filtered on its own, by the same kernel, and gives a channel of the result. "
                + "A convolutional layer has a kernel of its own for every pair of input and output channel, and adds them up over the input channels."));
        }
        steps.Add(Turn(convolution, geometry));
        int shown = Math.Min(windows, result.Values.Length);
        if (shown > 0) steps.Add(new("The image:", string.Join(" \\\\ ", Planes(convolution.Image, "x"))));
        for (int index = 0; index < shown; index++) steps.Add(Window(convolution, geometry, result, index));
        if (shown > 0 && shown < result.Values.Length)
            steps.Add(new($"The other {result.Values.Length - shown:N0} of the {result.Values.Length:N0} windows are computed alike."));
        steps.Add(new("The result:", string.Join(" \\\\ ", Planes(result, "y"))));
        steps.AddRange(LineObservation.Of(convolution, geometry, result));
        steps.Add(new($"Computed by the method {ConvolutionAnswer.Name(method)}. The other methods give:", Table: new DerivationTable(["method", "result"], [.. agreement.Select(other => (IReadOnlyList<string>)
            [ConvolutionAnswer.Name(other.Method), other.LargestDifference is not { } difference ? $"left out: {other.LeftOut}"
                // Whether nothing was rounded on the way through sines and cosines depends on the machine.
                : other.Method == ConvolutionMethod.Fft && IsSame(difference, convolution.Magnitude) ? "the same but for rounding" : Same(difference, convolution.Magnitude)])])));
        if (agreement.All(other => other.LargestDifference is { } difference && IsSame(difference, convolution.Magnitude))) steps.Add(new("All four methods agree."));
        return new Derivation($"The {kind} of ${Tex.Shape(geometry.Input)}$ with a kernel of ${geometry.Vertical.Kernel} \\times {geometry.Horizontal.Kernel}$", steps, shown == 0 ? null :
            [WindowExplanation.Output(geometry.Vertical, "How many rows the result has"), WindowExplanation.Output(geometry.Horizontal, "How many columns the result has")]);
    }

    /// <summary>What the mode does with the kernel.</summary>
    private static DerivationStep Turn(ImageConvolution convolution, in ConvGeometry geometry)
    {
        bool same = convolution.Kernel.Values.AsSpan().SequenceEqual(convolution.Kernel.Turned().Values);
        string note = same ? " This kernel looks the same turned by 180 degrees, so both give the same result." : "";
        string matrix = Plane(convolution.Weights, 0);
        string pixel = $"x({Index("r", "i", geometry.Vertical)}, {Index("c", "j", geometry.Horizontal)})";
        return convolution.Mode == ConvolutionMode.Correlation
            ? new($"A cross-correlation slides the kernel as it is written; networks call this a convolution. A convolution in the sense of mathematics turns the kernel by 180 degrees first.{note}",
                $"y(r, c) = \\sum_{{i,j}} w(i, j) \\, {pixel}", null, "w = " + matrix)
            : new($"A convolution in the sense of mathematics turns the kernel by 180 degrees before it is slid; a cross-correlation, which networks call a convolution, does not.{note}",
                $"y(r, c) = \\sum_{{i,j}} w_{{\\text{{turned}}}}(i, j) \\, {pixel}", null, "w_{\\text{turned}} = " + matrix);
    }

    // The pixel under a tap, both counted from 1 as matrices are: "2 r + i - 3".
    private static string Index(string output, string tap, in WindowAxis axis)
    {
        int offset = axis.Pixel(-1, -1) + 1;
        string constant = offset == 0 ? "" : offset < 0 ? $" - {-offset}" : $" + {offset}";
        return $"{(axis.Stride > 1 ? $"{axis.Stride} " : "")}{output} + {(axis.Dilation > 1 ? $"{axis.Dilation} " : "")}{tap}{constant}";
    }

    /// <summary>One window: what lies under it, and the sum of the products, a line for each row of the kernel.</summary>
    internal static DerivationStep Window(ImageConvolution convolution, in ConvGeometry geometry, Planes result, int index)
    {
        Shape output = geometry.Output;
        var (filter, row, column, taps) = ConvolutionWindow.Of(convolution, index);
        int outside = taps.Count(tap => tap.Pixel is null);
        string[][] rows = [.. taps.Chunk(geometry.Horizontal.Kernel)
            .Select(line => line.Where(tap => tap.Pixel is not null).Select(tap => Product(tap.Weight, tap.Value)).ToArray()).Where(line => line.Length > 0)];
        string place = output.Channels > 1 ? $"Channel {filter + 1}, row {row + 1}, column {column + 1}" : $"Row {row + 1}, column {column + 1}";
        string padding = outside == 0 ? "" : $"; {outside} of {geometry.PatchSize} taps lie on the padding";
        string name = output.Channels > 1 ? $"y_{{{filter + 1}}}({row + 1}, {column + 1})" : $"y({row + 1}, {column + 1})";
        string value = Tex.Number(result.Values[index], 4);
        return rows.Length == 0 ? new($"{place}{padding}.", name, null, value) : new($"{place}{padding}.", $"{name} = {string.Join(" \\\\ {} + ", rows.Select(Tex.Sum))}", null, value);
    }

    /// <summary>"2 \cdot (-1)".</summary>
    internal static string Product(double weight, double pixel) => $"{Tex.Signed(weight, 4)} \\cdot {Tex.Signed(pixel, 4)}";

    /// <summary>A plane as a matrix; one that is too large is told in words.</summary>
    internal static string Plane(Planes planes, int channel)
    {
        string words = $"\\text{{{planes.Shape.Height} x {planes.Shape.Width} numbers}}";
        if (planes.Shape.Height > LargestPlane || planes.Shape.Width > LargestPlane) return words;
        string[][] cells = [.. Enumerable.Range(0, planes.Shape.Height).Select(row => Enumerable.Range(0, planes.Shape.Width).Select(column => Tex.Number(planes[channel, row, column], 4)).ToArray())];
        return FitsTerminal(cells) ? Tex.Matrix(cells) : words;
    }

    /// <summary>Whether a matrix is narrow enough for a terminal.</summary>
    /// <param name="cells">In LaTeX.</param>
    /// <param name="lines">How many lines there are between columns.</param>
    internal static bool FitsTerminal(string[][] cells, int lines = 0) => WidestMatrix
        >= 3 * lines + Enumerable.Range(0, cells[0].Length).Sum(column => cells.Max(row => row[column].Replace("{,}", ",").Length) + 2);

    /// <summary>Each channel as a matrix with a name.</summary>
    internal static IEnumerable<string> Planes(Planes planes, string name) => Enumerable.Range(0, Math.Min(planes.Shape.Channels, 8)).Select(channel =>
        $"{name}{(planes.Shape.Channels > 1 ? $"_{{{channel + 1}}}" : "")} = {Plane(planes, channel)}");

    /// <summary>How two results compare, in words.</summary>
    /// <param name="difference">The largest.</param>
    /// <param name="magnitude">How large the numbers of a sum can be, to which rounding is in proportion.</param>
    internal static string Same(double difference, double magnitude) => difference == 0 ? "the same"
        : IsSame(difference, magnitude) ? "the same but for rounding"
        : $"different by {difference:0.0e+0}";

    private static bool IsSame(double difference, double magnitude) => difference <= 1e-10 * magnitude;
}
