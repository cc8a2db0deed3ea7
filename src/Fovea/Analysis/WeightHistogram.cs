namespace Fovea;

/// <summary>How large the weights of a network are: those of convolutions and linear layers, not their biases.</summary>
/// <param name="BinWidth">How wide a bin is.</param>
/// <param name="Counts">How many weights are in each bin, the middle one around 0; those beyond the ends are in the outermost.</param>
/// <param name="Zeros">How many are exactly 0.</param>
/// <param name="MeanSize">The mean of their absolute values.</param>
/// <param name="RootMeanSquare">The root of the mean of their squares.</param>
public sealed record WeightHistogram(double BinWidth, IReadOnlyList<int> Counts, int Zeros, double MeanSize, double RootMeanSquare)
{
    private const double Width = 0.005;
    private const int BinsOfASide = 50;

    /// <summary>Counts the weights of a network.</summary>
    public static WeightHistogram Of(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        int[] counts = new int[2 * BinsOfASide + 1];
        int zeros = 0;
        long all = 0;
        double sizes = 0, squares = 0;
        foreach (NetworkParameter parameter in network.Parameters.Where(p => p.Name.EndsWith(".weight", StringComparison.Ordinal) && p.Shape.Count > 1))
        {
            foreach (float weight in network.GetParameter(parameter.Name))
            {
                counts[Math.Clamp((int)Math.Round(weight / Width), -BinsOfASide, BinsOfASide) + BinsOfASide]++;
                if (weight == 0) zeros++;
                (all, sizes, squares) = (all + 1, sizes + Math.Abs(weight), squares + (double)weight * weight);
            }
        }
        return new WeightHistogram(Width, counts, zeros, sizes / Math.Max(1, all), Math.Sqrt(squares / Math.Max(1, all)));
    }

    /// <summary>How many weights there are.</summary>
    public int Weights => Counts.Sum();
}
