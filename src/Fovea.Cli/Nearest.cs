namespace Fovea.Cli;

/// <summary>What somebody may have meant by a name that does not exist.</summary>
internal static class Nearest
{
    /// <summary>"Did you mean a or b? ", or nothing where no name is near.</summary>
    public static string Hint(string name, IEnumerable<string> names)
    {
        int most = Math.Max(1, name.Length / 3);
        string[] near =
        [
            .. names.Select(known => (Name: known, Distance: known.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? 1 : Distance(name, known)))
                .Where(known => known.Distance <= most).OrderBy(known => known.Distance).Take(3).Select(known => known.Name),
        ];
        return near.Length == 0 ? "" : $"Did you mean {string.Join(" or ", near)}? ";
    }

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
