namespace Fovea.Lab;

/// <summary>
/// Corrects for several comparisons at once: of twenty that compare noise, one would seem a difference at the 5% level. The smallest of m
/// probabilities is taken m times, the next m - 1 times, and so on, and none is smaller than the one before (Holm 1979).
/// </summary>
internal static class Holm
{
    /// <summary>The probabilities, corrected, in the same order; those that are null stay so and do not count.</summary>
    public static double?[] Adjust(IReadOnlyList<double?> probabilities)
    {
        int[] order = [.. Enumerable.Range(0, probabilities.Count).Where(i => probabilities[i] is not null).OrderBy(i => probabilities[i])];
        var result = new double?[probabilities.Count];
        double largest = 0;
        for (int i = 0; i < order.Length; i++)
        {
            largest = Math.Max(largest, Math.Min(1, (order.Length - i) * probabilities[order[i]]!.Value));
            result[order[i]] = largest;
        }
        return result;
    }
}
