using System.Text.Json;
using System.Text.Json.Serialization;
using Fovea.Kernels;

namespace Fovea;

/// <summary>A line that makes the mean loss of its errors as small as possible.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Slope">The line's slope.</param>
/// <param name="Intercept">Its height at 0.</param>
/// <param name="Value">The mean loss.</param>
public sealed record FittedLine(string Loss, double Slope, double Intercept, double Value)
{
    /// <summary>How high the line is somewhere.</summary>
    public double At(double x) => Intercept + Slope * x;
}

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
/// <param name="Conclusions">What the figures say.</param>
/// <param name="Derivation">How the lines come about, and the conclusions.</param>
public sealed record LineFits(
    double Slope, double Intercept, ulong Seed, IReadOnlyList<LineFitCase> Cases, IReadOnlyList<string> Conclusions, Derivation Derivation)
{
    /// <summary>The most points that a line is fitted to.</summary>
    public const int MostPoints = 10000;

    internal const double Noise = 0.6, OutlierHeight = 8;

    private const double TrueSlope = 0.5, TrueIntercept = 1, Width = 10;

    // Sums of absolute values that differ by less are the same but for rounding.
    private const double Tolerance = 1e-12;

    /// <summary>The lines of all cases.</summary>
    [JsonIgnore]
    public DerivationTable Table => LineFitExplanation.Table(this);

    /// <summary>How far a line is from the one that the points were drawn from, where it is farthest among them.</summary>
    public double OffBy(FittedLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return Cases[0].X.Max(x => Math.Abs((line.Slope - Slope) * x + line.Intercept - Intercept));
    }

    /// <summary>How far the slope of a line is from that of the line that the points were drawn from.</summary>
    public double SlopeError(FittedLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return Math.Abs(line.Slope - Slope);
    }

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
        foreach (LossDefinition loss in losses) CheckInput(loss);
        if (points is < 3 or > MostPoints) throw new FoveaException($"a line is fitted to 3 to {MostPoints} points, not to {points}.");
        if (outliers.FirstOrDefault(count => count < 0 || count > points) is var many && many != 0)
            throw new FoveaException($"there are {points} points, so that there cannot be {many} outliers. Give a number from 0 to {points}.");
        float[] noise = new float[3 * points];
        new Philox(seed, RandomPurpose.Example).Uniform(noise, 1);
        double[] x = [.. Enumerable.Range(0, points).Select(i => Width * i / (points - 1))];
        // The sum of three uniform numbers has variance 1 and is nearly normal.
        double[] y = [.. x.Select((at, i) => TrueIntercept + TrueSlope * at
            + Noise * (noise[3 * i] + noise[3 * i + 1] + noise[3 * i + 2]))];
        LineFitCase[] cases = [.. outliers.Distinct().Select(count =>
        {
            double[] raised = [.. y.Select((height, i) => i >= points - count ? height + OutlierHeight : height)];
            return new LineFitCase(count, x, raised, [.. losses.Select(loss => Fit(loss, x, raised, parameters ?? new LossParameters()))]);
        })];
        var fits = new LineFits(TrueSlope, TrueIntercept, seed, cases, [], new Derivation("", []));
        fits = fits with { Conclusions = LineFitExplanation.Conclusions(fits) };
        return fits with { Derivation = LineFitExplanation.Of(fits, losses, parameters ?? new LossParameters()) };
    }

    private static void CheckInput(LossDefinition loss)
    {
        if (loss.Input != LossInput.Number)
            throw new FoveaException($"{loss.Name}: a line is fitted by a loss of numbers. Take one of {string.Join(", ", LossDefinition.All.Where(l => l.Input == LossInput.Number).Select(l => l.Name))}.");
    }

    /// <summary>Fits a line.</summary>
    /// <param name="loss">A loss of numbers.</param>
    /// <param name="x">Where the points are, not all at one place.</param>
    /// <param name="y">How high they are.</param>
    /// <param name="parameters">The loss's constants.</param>
    /// <exception cref="FoveaException">The loss is none of numbers.</exception>
    /// <exception cref="ArgumentException">There are not as many heights as places, or all places are one.</exception>
    public static FittedLine Fit(LossDefinition loss, IReadOnlyList<double> x, IReadOnlyList<double> y, LossParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(parameters);
        CheckInput(loss);
        if (x.Count != y.Count || x.Distinct().Count() < 2)
            throw new ArgumentException($"a line is fitted to as many heights as places, at two places or more, but there are {y.Count} heights and {x.Count} places.", nameof(x));
        var (slope, intercept) = loss.Name == "mae" ? LeastAbsolute(x, y) : Balanced(loss, x, y, parameters);
        return new FittedLine(loss.Name, slope, intercept, Mean(loss, x, y, slope, intercept, parameters));
    }

    /// <summary>The fits as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<LineFits>());

    // Some best line goes through two of the points. Around one of them the best slope is a weighted median of the slopes to the others,
    // which gives the second; that one is turned around next. Where no point of the line gives a better one, none is better.
    private static (double Slope, double Intercept) LeastAbsolute(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        (double Slope, double Intercept) best = (0, y[0]);
        double least = double.PositiveInfinity;
        var pivots = new Queue<int>([0]);
        while (pivots.TryDequeue(out int pivot))
        {
            var (slope, intercept) = BestThrough(x, y, pivot);
            double sum = Enumerable.Range(0, x.Count).Sum(i => Math.Abs(slope * x[i] + intercept - y[i]));
            if (sum >= least - Tolerance * (1 + sum)) continue;
            (least, best) = (sum, (slope, intercept));
            pivots = new Queue<int>(Enumerable.Range(0, x.Count).Where(i =>
                i != pivot && Math.Abs(slope * x[i] + intercept - y[i]) <= 1e-9 * (1 + Math.Abs(y[i]))));
        }
        return best;
    }

    private static (double Slope, double Intercept) BestThrough(IReadOnlyList<double> x, IReadOnlyList<double> y, int pivot)
    {
        (double Slope, double Weight)[] slopes = [.. Enumerable.Range(0, x.Count).Where(i => x[i] != x[pivot])
            .Select(i => (Slope: (y[i] - y[pivot]) / (x[i] - x[pivot]), Weight: Math.Abs(x[i] - x[pivot]))).OrderBy(s => s.Slope)];
        double half = slopes.Sum(s => s.Weight) / 2, weight = 0;
        double slope = slopes.First(s => (weight += s.Weight) >= half).Slope;
        return (slope, y[pivot] - slope * x[pivot]);
    }

    // The pulls of the errors grow with slope and intercept: where they balance is found by halving.
    private static (double Slope, double Intercept) Balanced(LossDefinition loss, IReadOnlyList<double> x, IReadOnlyList<double> y,
        LossParameters parameters)
    {
        double steepest = 1;
        while (Turn(steepest) < 0 || Turn(-steepest) > 0) steepest *= 2;
        double slope = Root(Turn, -steepest, steepest);
        return (slope, Intercept(slope));

        double Pull(double slope, double intercept, int i) => loss.Scalar!(slope * x[i] + intercept, y[i], parameters).Derivative;

        double Intercept(double slope)
        {
            double low = Enumerable.Range(0, x.Count).Min(i => y[i] - slope * x[i]), high = Enumerable.Range(0, x.Count).Max(i => y[i] - slope * x[i]);
            return Root(intercept => Sum(i => Pull(slope, intercept, i)), low, high);
        }

        double Turn(double slope)
        {
            double intercept = Intercept(slope);
            return Sum(i => Pull(slope, intercept, i) * x[i]);
        }

        double Sum(Func<int, double> term)
        {
            double sum = 0;
            for (int i = 0; i < x.Count; i++) sum += term(i);
            return sum;
        }
    }

    // Where a function that grows is 0.
    private static double Root(Func<double, double> function, double low, double high)
    {
        while (true)
        {
            double middle = (low + high) / 2;
            if (high - low <= Tolerance * (1 + Math.Abs(middle)) / 10) return middle;
            if (function(middle) < 0) low = middle;
            else high = middle;
        }
    }

    private static double Mean(LossDefinition loss, IReadOnlyList<double> x, IReadOnlyList<double> y, double slope, double intercept,
        LossParameters parameters) =>
        Enumerable.Range(0, x.Count).Average(i => loss.Scalar!(slope * x[i] + intercept, y[i], parameters).Value);
}
