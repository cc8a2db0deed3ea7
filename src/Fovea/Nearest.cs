namespace Fovea;

/// <summary>What somebody may have meant by a name that does not exist.</summary>
public static class Nearest
{
    /// <summary>"Did you mean stride1 or stride2? ", with a space at the end to go on from; empty where no name is near.</summary>
    /// <param name="name">What was given.</param>
    /// <param name="names">What there is.</param>
    public static string Hint(string name, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(name);
        // A single letter is like every other one: only its case may be meant otherwise.
        int most = name.Length < 2 ? 0 : Math.Max(1, name.Length / 3);
        string[] near =
        [
            .. names.Select(known => (Name: known, Distance: IsBeginning(name, known) ? 1 : Distance(name, known)))
                .Where(known => known.Distance <= most).GroupBy(known => known.Distance, known => known.Name).MinBy(names => names.Key)?.Take(3) ?? [],
        ];
        return near.Length == 0 ? "" : $"Did you mean {string.Join(" or ", near)}? ";
    }

    private static bool IsBeginning(string name, string known) => name.Length > 1 && known.StartsWith(name, StringComparison.OrdinalIgnoreCase);

    // Letters to insert, leave out, change or exchange with their neighbour (Damerau 1964), none of them twice.
    private static int Distance(string a, string b)
    {
        int[,] distance = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) distance[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) distance[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int change = distance[i - 1, j - 1] + (Same(i, j) ? 0 : 1);
                distance[i, j] = Math.Min(change, Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1);
                if (i > 1 && j > 1 && Same(i, j - 1) && Same(i - 1, j)) distance[i, j] = Math.Min(distance[i, j], distance[i - 2, j - 2] + 1);
            }
        }
        return distance[a.Length, b.Length];

        bool Same(int i, int j) => char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
    }
}
