using System.Text.Json;
using Fovea.Kernels;

namespace Fovea;

/// <summary>A line that makes the mean loss of its errors as small as possible.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Slope">The line's slope.</param>
/// <param name="Intercept">Its height at 0.</param>
/// <param name="Value">The mean loss.</param>
public sealed record FittedLine(string Loss, double Slope, double Intercept, double Value);

/// <summary>Points, some of them outliers, and the lines that were fitted to them.</summary>
/// <param name="Outliers">How many of the points, the last ones, are outliers.</param>
/// <param name="X">Where the points are.</param>
/// <param name="Y">How high they are.</param>
/// <param name="Lines">A line for each loss.</param>
public sealed record LineFitCase(int Outliers, IReadOnlyList<double> X, IReadOnlyList<double> Y, IReadOnlyList<FittedLine> Lines);

/// <summary>Lines fitted by several losses to the same points, with and without outliers.</summary>
/// <param name="Slope">The slope of the line from which the points were drawn.</param>
/// <param name="Intercept">Its height at 0.</param>
/// <param name="Seed">The seed of the points' noise.</param>
/// <param name="Cases">The points and fits for each number of outliers.</param>
public sealed record LineFits(double Slope, double Intercept, ulong Seed, IReadOnlyList<LineFitCase> Cases)
{
    private const double TrueSlope = 0.5, TrueIntercept = 1, Width = 10, Noise = 0.6, OutlierHeight = 8;

    // Far more than the fits of some hundred points need.
    private const int MostIterations = 100000;

    /// <summary>Draws points near a line, raises the last ones, and fits lines to them.</summary>
    /// <param name="losses">Losses of numbers.</param>
    /// <param name="outliers">Numbers of outliers.</param>
    /// <param name="points">How many points.</param>
    /// <param name="seed">The seed of their noise.</param>
    /// <param name="parameters">The losses' constants.</param>
    /// <exception cref="FoveaException">A loss is none of numbers, or there are more outliers than points.</exception>
    public static LineFits Of(
        IReadOnlyList<LossDefinition> losses, IReadOnlyList<int> outliers, int points = 40, ulong seed = 1,
            LossParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(losses);
        ArgumentNullException.ThrowIfNull(outliers);
        if (losses.FirstOrDefault(loss => loss.Input != LossInput.Number) is { } wrong)
            throw new FoveaException($"{wrong.Name}: a line is fitted by a loss of numbers. Take one of {string.Join(", ", LossDefinition.All.Where(l => l.Input == LossInput.Number).Select(l => l.Name))}.");
        if (points < 3) throw new FoveaException($"a line is fitted to at least 3 points, not to {points}.");
        if (outliers.FirstOrDefault(count => count < 0 || count > points) is var many && many != 0)
            throw new FoveaException($"there are {points} points, so that there cannot be {many} outliers. Give a number from 0 to {points}.");
        float[] noise = new float[3 * points];
        new Philox(seed, RandomPurpose.Example).Uniform(noise, 1);
        double[] x = [.. Enumerable.Range(0, points).Select(i => Width * i / (points - 1))];
        // The sum of three uniform numbers has variance 1 and is nearly normal.
        double[] y = [.. x.Select((at, i) => TrueIntercept + TrueSlope * at
            + Noise * (noise[3 * i] + noise[3 * i + 1] + noise[3 * i + 2]))];
        return new LineFits(TrueSlope, TrueIntercept, seed, [.. outliers.Select(count =>
        {
            double[] raised = [.. y.Select((height, i) => i >= points - count ? height + OutlierHeight : height)];
            return new LineFitCase(count, x, raised, [.. losses.Select(loss => Fit(loss, x, raised, parameters ?? new LossParameters()))]);
        })]);
    }

    /// <summary>Fits a line.</summary>
    /// <param name="loss">A loss of numbers.</param>
    /// <param name="x">Where the points are, not all at one place.</param>
    /// <param name="y">How high they are.</param>
    /// <param name="parameters">The loss's constants.</param>
    public static FittedLine Fit(LossDefinition loss, IReadOnlyList<double> x, IReadOnlyList<double> y, LossParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var (slope, intercept) = loss.Name == "mae" ? LeastAbsolute(x, y) : Reweighted(loss, x, y, parameters);
        return new FittedLine(loss.Name, slope, intercept, Mean(loss, x, y, slope, intercept, parameters));
    }

    /// <summary>The fits as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<LineFits>());

    // Some best line goes through two of the points: the mean of absolute values is linear between such lines.
    private static (double Slope, double Intercept) LeastAbsolute(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        (double Slope, double Intercept) best = default;
        double least = double.PositiveInfinity;
        for (int i = 0; i < x.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (x[i] == x[j]) continue;
                double slope = (y[i] - y[j]) / (x[i] - x[j]), intercept = y[i] - slope * x[i], sum = 0;
                for (int k = 0; k < x.Count; k++) sum += Math.Abs(slope * x[k] + intercept - y[k]);
                if (sum >= least) continue;
                (least, best) = (sum, (slope, intercept));
            }
        }
        return best;
    }

    // Least squares, again and again, each error weighted by how much less than a square it counts.
    private static (double Slope, double Intercept) Reweighted(LossDefinition loss, IReadOnlyList<double> x, IReadOnlyList<double> y,
        LossParameters parameters)
    {
        double slope = 0, intercept = 0;
        for (int iteration = 0; iteration < MostIterations; iteration++)
        {
            double sw = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
            for (int i = 0; i < x.Count; i++)
            {
                double error = slope * x[i] + intercept - y[i];
                if (Math.Abs(error) < 1e-9) error = 1e-9;
                double weight = loss.Scalar!(error, 0, parameters).Derivative / error;
                (sw, sx, sy) = (sw + weight, sx + weight * x[i], sy + weight * y[i]);
                (sxx, sxy) = (sxx + weight * x[i] * x[i], sxy + weight * x[i] * y[i]);
            }
            double nextSlope = (sw * sxy - sx * sy) / (sw * sxx - sx * sx), nextIntercept = (sy - nextSlope * sx) / sw;
            bool stands = Math.Abs(nextSlope - slope) + Math.Abs(nextIntercept - intercept) < 1e-12;
            (slope, intercept) = (nextSlope, nextIntercept);
            if (stands) break;
        }
        return (slope, intercept);
    }

    private static double Mean(LossDefinition loss, IReadOnlyList<double> x, IReadOnlyList<double> y, double slope, double intercept,
        LossParameters parameters) =>
        Enumerable.Range(0, x.Count).Average(i => loss.Scalar!(slope * x[i] + intercept, y[i], parameters).Value);
}
