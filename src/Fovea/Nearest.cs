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
        int most = Math.Max(1, name.Length / 3);
        string[] near =
        [
            .. names.Select(known => (Name: known, Distance: IsBeginning(name, known) ? 1 : Distance(name, known)))
                .Where(known => known.Distance <= most).OrderBy(known => known.Distance).Take(3).Select(known => known.Name),
        ];
        return near.Length == 0 ? "" : $"Did you mean {string.Join(" or ", near)}? ";
    }

    private static bool IsBeginning(string name, string known) => name.Length > 1 && known.StartsWith(name, StringComparison.OrdinalIgnoreCase);

    // Levenshtein's: letters to insert, leave out or change.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
