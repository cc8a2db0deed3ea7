namespace Fovea;

/// <summary>Shows how lines are fitted by losses, and says what the figures show.</summary>
internal static class LineFitExplanation
{
    public static Derivation Of(LineFits fits, IReadOnlyList<LossDefinition> losses, LossParameters parameters)
    {
        int points = fits.Cases[0].X.Count;
        string raised = fits.Cases.Any(fit => fit.Outliers > 0) ? $" The outliers are the last of them, raised by {Tex.Plain(LineFits.OutlierHeight)}." : "";
        List<DerivationStep> steps =
        [
            new($"{points} points are drawn near a line, with noise $e_i$ of variance 1.{raised}",
                $@"y_i = {Tex.Decimal(fits.Intercept)} + {Tex.Decimal(fits.Slope)} x_i + {Tex.Decimal(LineFits.Noise)} e_i"),
            new("A line with slope $a$ and intercept $b$ predicts $p_i$; the mean loss $L$ is made as small as possible.",
                @"p_i = a x_i + b \\ L = \frac{1}{N} \sum_i \ell_i"),
            .. losses.SelectMany(loss => Method(fits, loss, parameters)),
            new("The lines:", Table: Table(fits)),
            Pulls(losses, parameters),
            .. fits.Conclusions.Select(conclusion => new DerivationStep(conclusion)),
        ];
        return new Derivation("Lines fitted with and without outliers", steps);
    }

    /// <summary>What the figures say: which line the outliers move least.</summary>
    public static IReadOnlyList<string> Conclusions(LineFits fits)
    {
        var conclusions = new List<string>();
        foreach (LineFitCase fit in fits.Cases)
        {
            (string Loss, double Off)[] lines = [.. fit.Lines.Select(line => (line.Loss, fits.OffBy(line))).OrderBy(line => line.Item2)];
            string offs = string.Join(", ", lines.Select(line => $"{line.Loss} {Tex.Plain(Math.Round(line.Off, 3))}"));
            conclusions.Add($"{char.ToUpperInvariant(On(fit)[0])}{On(fit)[1..]}, the lines are off the true one by at most: {offs}.");
            if (lines.Length < 2 || fit.Outliers == 0) continue;
            if (lines[^1].Off > 1.05 * lines[0].Off)
                conclusions.Add($"{lines[0].Loss} is the most robust here: {lines[^1].Loss} is off {Tex.Plain(Math.Round(lines[^1].Off / lines[0].Off, 1))} times as far.");
            else conclusions.Add("None of them is more robust than another here.");
        }
        if (fits.Cases.FirstOrDefault(fit => fit.Outliers == 0) is not { } plain) return conclusions;
        foreach (LineFitCase fit in fits.Cases.Where(fit => fit.Outliers > 0))
        {
            if (Moved("mae") is not { } absolute || Moved("mse") is not { } square) continue;
            string figures = $"{(fit.Outliers == 1 ? "1 outlier moves" : $"{fit.Outliers} outliers move")} the line of L2 (mse) by up to {Tex.Plain(Math.Round(square, 3))}, that of L1 (mae) by up to {Tex.Plain(Math.Round(absolute, 3))}";
            conclusions.Add(absolute < square / 1.05
                ? $"{figures}: L1 is the more robust of the two. L2 squares an error, so that an error of {Tex.Plain(LineFits.OutlierHeight)} weighs {Tex.Plain(LineFits.OutlierHeight * LineFits.OutlierHeight)}, not {Tex.Plain(LineFits.OutlierHeight)}."
                : $"{figures}: L1 is not the more robust of the two here.");

            double? Moved(string loss)
            {
                FittedLine? before = plain.Lines.FirstOrDefault(line => line.Loss == loss), after = fit.Lines.FirstOrDefault(line => line.Loss == loss);
                return before is null || after is null ? null
                    : fit.X.Max(x => Math.Abs((after.Slope - before.Slope) * x + after.Intercept - before.Intercept));
            }
        }
        return conclusions;
    }

    private static string On(LineFitCase fit) => fit.Outliers switch { 0 => "without outliers", 1 => "with 1 outlier", var count => $"with {count} outliers" };

    /// <summary>The lines of all cases.</summary>
    public static DerivationTable Table(LineFits fits) => new(["outliers", "loss", "slope", "intercept", "mean loss", "off by at most"],
        [.. fits.Cases.SelectMany(fit => fit.Lines.Select(line => (IReadOnlyList<string>)
            [$"{fit.Outliers}", line.Loss, Four(line.Slope), Four(line.Intercept), Four(line.Value), Four(fits.OffBy(line))]))]);

    private static IEnumerable<DerivationStep> Method(LineFits fits, LossDefinition loss, LossParameters parameters)
    {
        string constants = loss.Name switch
        {
            "huber" => $", $\\delta = {Tex.Decimal(parameters.Delta)}$",
            "smooth-l1" => $", $\\beta = {Tex.Decimal(parameters.Beta)}$",
            _ => "",
        };
        yield return new($"{loss.Name}, the {loss.Title}{constants}:", $@"\ell_i = {loss.Term}");
        LineFitCase fit = fits.Cases[0];
        if (loss.Name == "mse")
        {
            double meanX = fit.X.Average(), meanY = fit.Y.Average();
            double above = fit.X.Zip(fit.Y, (x, y) => (x - meanX) * (y - meanY)).Sum(), below = fit.X.Sum(x => (x - meanX) * (x - meanX));
            FittedLine line = fit.Lines.First(line => line.Loss == "mse");
            yield return new($"Its derivatives by $a$ and $b$ are both 0 at this slope, here {On(fit)}:",
                @"a = \frac{\sum_i (x_i - \bar x) (y_i - \bar y)}{\sum_i (x_i - \bar x)^2}",
                Tex.Fraction(Tex.Decimal(above, digits: 4), Tex.Decimal(below, digits: 4)), Tex.Decimal(line.Slope, digits: 4));
            yield return new("The intercept is that of a line through the means:", @"b = \bar y - a \bar x",
                $@"{Tex.Decimal(meanY, digits: 4)} - {Tex.Decimal(line.Slope, isFactor: true, 4)} \cdot {Tex.Decimal(meanX, digits: 4)}", Tex.Decimal(line.Intercept, digits: 4));
        }
        else if (loss.Name == "mae")
        {
            FittedLine line = fit.Lines.First(line => line.Loss == "mae");
            string[] through = [.. Enumerable.Range(0, fit.X.Count).Where(i => Math.Abs(line.Slope * fit.X[i] + line.Intercept - fit.Y[i]) < 1e-9)
                .Take(2).Select(i => $"({Four(fit.X[i])}, {Four(fit.Y[i])})")];
            yield return new($"The mean of absolute errors is linear between lines through points, so that a best line goes through two of them, here {On(fit)} through {string.Join(" and ", through)}.");
        }
        else yield return new("The line is where its derivatives by $a$ and $b$ are 0, found by halving intervals: both grow with $a$ and $b$.");
    }

    private static DerivationStep Pulls(IReadOnlyList<LossDefinition> losses, LossParameters parameters)
    {
        double[] errors = [0.5, 1, 2, LineFits.OutlierHeight];
        return new("How hard a point pulls at the line is the derivative of its loss by its error:",
            Table: new(["error", .. losses.Select(loss => loss.Name)],
                [.. errors.Select(error => (IReadOnlyList<string>)[Tex.Plain(error), .. losses.Select(loss => Tex.Plain(loss.Scalar!(error, 0, parameters).Derivative))])]));
    }

    private static string Four(double value) => value.ToString("F4", System.Globalization.CultureInfo.InvariantCulture);
}
