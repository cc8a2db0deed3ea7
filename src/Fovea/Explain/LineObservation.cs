namespace Fovea;

/// <summary>
/// What a kernel that finds lines answers to the lines of a small image: those at its own angle shine, the others fade. Angles are measured
/// from the rows, clockwise, for rows are counted downwards.
/// </summary>
internal static class LineObservation
{
    private static readonly int[] s_angles = [0, 45, 90, 135];

    /// <summary>The observation; nothing for a kernel of another kind, or an image without lines or too large to be looked through.</summary>
    public static IEnumerable<DerivationStep> Of(ImageConvolution convolution, ConvGeometry geometry, Planes result)
    {
        Shape shape = convolution.Image.Shape, kernel = convolution.Kernel.Shape;
        if (shape.Channels > 1 || result.Shape.Channels > 1 || Math.Max(shape.Height, shape.Width) > ConvolutionExplanation.LargestPlane) yield break;
        if (kernel.Height != kernel.Width || kernel.Height % 2 == 0 || kernel.Height < 3) yield break;
        double[] sums = [.. s_angles.Select(angle => Lines(angle, kernel.Height).ElementAt(angle % 90 == 0 ? kernel.Height / 2 : 0).Sum(tap => convolution.Weights[0, tap.Row, tap.Column]))];
        double low = convolution.Image.Values.Min(), high = convolution.Image.Values.Max(), threshold = low + (high - low) / 2;
        if (!FindsLines(convolution.Weights, sums) || low == high) yield break;

        int own = s_angles[Array.IndexOf(sums, sums.Max())];
        Group[] groups = [.. result.Values.Select((value, index) => (Value: value, Angles: AnglesOf(index)))
            .GroupBy(window => string.Join(" and ", window.Angles.Select(angle => $"{angle}°")))
            .Select(windows => new Group(windows.Key, windows.First().Angles, windows.Count(), windows.Average(window => window.Value), windows.Max(window => window.Value)))
            .OrderBy(group => group.Angles.Length == 0).ThenByDescending(group => group.Mean)];
        if (groups.All(group => group.Angles.Length == 0)) yield break;
        yield return new($"The kernel finds lines: its weights add up to 0 in all, and along a line through its middle at 0°, 45°, 90° and 135° to {Text(sums[0])}, {Text(sums[1])}, {Text(sums[2])} and {Text(sums[3])}. "
            + $"It answers to lines at {own}°.");
        yield return new($"The windows by the lines that cross them, of pixels above {Text(threshold)} (halfway between the darkest and the brightest):",
            Table: new DerivationTable(["line at", "windows", "mean of the result", "largest"],
                [.. groups.Select(group => (IReadOnlyList<string>)[group.Angles.Length == 0 ? "none" : group.Name, $"{group.Count}", Text(group.Mean), Text(group.Largest)])]));
        Group[] others = [.. groups.Where(group => group.Angles.Length > 0 && !group.Angles.Contains(own))];
        if (groups.FirstOrDefault(group => group.Angles is [var only] && only == own) is not { } mine || others.Length == 0) yield break;
        yield return new(mine.Mean > others[0].Mean
            ? $"Lines at {own}° shine, with {Text(mine.Mean)} on average; {string.Join(", ", others.Select(group => $"those at {group.Name} fade, with {Text(group.Mean)}"))}."
            : $"Lines at {own}° do not stand out here: they give {Text(mine.Mean)} on average, those at {others[0].Name} {Text(others[0].Mean)}.");

        // At which angles a window has a line of bright pixels from border to border; at none when it is bright all over.
        int[] AnglesOf(int index)
        {
            int row = index / result.Shape.Width, column = index % result.Shape.Width;
            int[] angles = [.. s_angles.Where(angle => Lines(angle, kernel.Height).Any(line => line.All(tap => IsBright(row, column, tap))))];
            return angles.Length == s_angles.Length ? [] : angles;
        }

        bool IsBright(int row, int column, (int Row, int Column) tap)
        {
            int y = convolution.Pixel(geometry.Vertical, row, tap.Row), x = convolution.Pixel(geometry.Horizontal, column, tap.Column);
            return (y < 0 || x < 0 ? 0 : convolution.Image[0, y, x]) > threshold;
        }
    }

    // The weights of such a kernel add up to zero, look the same turned by 180 degrees, and weigh most along one of the angles.
    private static bool FindsLines(Planes weights, double[] sums)
    {
        double rounding = 1e-9 * weights.Values.Sum(Math.Abs), largest = sums.Max();
        return largest > rounding && sums.Count(sum => sum >= largest - rounding) == 1 && Math.Abs(weights.Values.Sum()) <= rounding
            && weights.Turned().LargestDifference(weights.Values) <= rounding;
    }

    // The lines from border to border of a window: all rows or columns, or the one diagonal.
    private static IEnumerable<IEnumerable<(int Row, int Column)>> Lines(int angle, int side) => angle switch
    {
        0 => Enumerable.Range(0, side).Select(row => Enumerable.Range(0, side).Select(i => (row, i))),
        90 => Enumerable.Range(0, side).Select(column => Enumerable.Range(0, side).Select(i => (i, column))),
        45 => [Enumerable.Range(0, side).Select(i => (i, i))],
        _ => [Enumerable.Range(0, side).Select(i => (i, side - 1 - i))],
    };

    private static string Text(double value) => Tex.Plain(value, 2);

    private sealed record Group(string Name, int[] Angles, int Count, double Mean, double Largest);
}
