namespace Fovea;

/// <summary>The kernels of image processing that have a name. They are written as they are slid over the image (cross-correlation).</summary>
public static class NamedKernels
{
    private static readonly Dictionary<string, string> s_fixed = new()
    {
        ["sharpen"] = "0 -1 0; -1 5 -1; 0 -1 0",
        ["sobel-x"] = "-1 0 1; -2 0 2; -1 0 1",
        ["sobel-y"] = "-1 -2 -1; 0 0 0; 1 2 1",
        ["prewitt-x"] = "-1 0 1; -1 0 1; -1 0 1",
        ["prewitt-y"] = "-1 -1 -1; 0 0 0; 1 1 1",
        ["scharr-x"] = "-3 0 3; -10 0 10; -3 0 3",
        ["scharr-y"] = "-3 -10 -3; 0 0 0; 3 10 3",
        ["laplacian"] = "0 1 0; 1 -4 1; 0 1 0",
        ["emboss"] = "-2 -1 0; -1 1 1; 0 1 2",
        // Each answers to lines at its angle.
        ["edge-0"] = "-1 -1 -1; 2 2 2; -1 -1 -1",
        ["edge-45"] = "2 -1 -1; -1 2 -1; -1 -1 2",
        ["edge-90"] = "-1 2 -1; -1 2 -1; -1 2 -1",
        ["edge-135"] = "-1 -1 2; -1 2 -1; 2 -1 -1",
    };

    // Larger ones are of no use, but take long to compute.
    private const int LargestSize = 999;

    private static readonly string[] s_sized = ["identity", "box", "gaussian", "gabor"];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_sized, .. s_fixed.Keys];

    /// <summary>
    /// A kernel by its name. box: the mean. gaussian: the binomial coefficients, row times column. gabor: a wave of two periods under a bell,
    /// exp(-(u^2 + v^2/4) / (2 sigma^2)) cos(2 pi u / lambda) with sigma = size/5 and lambda = size/2, less its mean; u runs across lines at
    /// the angle, v along them. sobel, prewitt and scharr alone are those along x. The angle of edge-0, edge-45, edge-90, edge-135 and of gabor
    /// is that of the lines that they answer to, in degrees from the rows, clockwise (rows are counted downwards): at 45 from the upper left to
    /// the lower right.
    /// </summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="size">Odd; 3 unless given (gabor: 7). Only identity, box, gaussian and gabor have a size of their own.</param>
    /// <param name="angle">Of the lines that gabor answers to; 0 unless given.</param>
    /// <exception cref="FoveaException">There is no such kernel, or it does not take the size or angle.</exception>
    public static Planes Create(string name, int? size = null, double? angle = null)
    {
        if (name is "sobel" or "prewitt" or "scharr") name += "-x";
        if (angle is not null && name != "gabor") throw new FoveaException($"kernel {name}: only gabor takes an angle. Leave the angle out.");
        if (s_fixed.TryGetValue(name, out string? rows))
        {
            if (size is not (null or 3)) throw new FoveaException($"kernel {name}: it is 3x3, but size {size} is asked for. Only {string.Join(", ", s_sized)} have a size to choose.");
            return Planes.Parse(rows, 1, name);
        }
        if (!s_sized.Contains(name)) throw new FoveaException($"there is no kernel \"{name}\". {Nearest.Hint(name, Names)}Kernels: {string.Join(", ", Names)}; or a CSV file, or numbers such as \"1 0 -1; 2 0 -2; 1 0 -1\".");
        int side = size ?? (name == "gabor" ? 7 : 3);
        if (side < 1 || side % 2 == 0) throw new FoveaException($"kernel {name}: the size must be odd, so that there is a middle, got {side}.");
        if (side > LargestSize) throw new FoveaException($"kernel {name}: the size must be at most {LargestSize}, got {side}.");
        int middle = side / 2;
        double[] binomial = Binomial(side);
        return name switch
        {
            "identity" => Fill(side, (row, column) => row == middle && column == middle ? 1 : 0),
            "box" => Fill(side, (_, _) => 1.0 / (side * side)),
            "gaussian" => Fill(side, (row, column) => binomial[row] * binomial[column]),
            _ => Gabor(side, (angle ?? 0) * Math.PI / 180),
        };
    }

    private static Planes Gabor(int side, double angle)
    {
        double sigma = side / 5.0, period = side / 2.0;
        var (sine, cosine) = Math.SinCos(angle);
        Planes wave = Fill(side, (row, column) =>
        {
            double x = column - side / 2, y = row - side / 2, u = y * cosine - x * sine, v = x * cosine + y * sine;
            return Math.Exp(-(u * u + v * v / 4) / (2 * sigma * sigma)) * Math.Cos(2 * Math.PI * u / period);
        });
        double mean = wave.Values.Average();
        return Fill(side, (row, column) => wave[0, row, column] - mean);
    }

    // The coefficients of ((1 + x) / 2)^(side - 1).
    private static double[] Binomial(int side)
    {
        double[] row = [1];
        while (row.Length < side) row = [.. Enumerable.Range(0, row.Length + 1).Select(i => ((i > 0 ? row[i - 1] : 0) + (i < row.Length ? row[i] : 0)) / 2)];
        return row;
    }

    private static Planes Fill(int side, Func<int, int, double> value) =>
        new(new Shape(1, side, side), [.. Enumerable.Range(0, side * side).Select(i => value(i / side, i % side))]);
}
