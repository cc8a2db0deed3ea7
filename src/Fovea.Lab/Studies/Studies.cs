namespace Fovea.Lab;

/// <summary>The studies that have a name: plans in JSON that are shipped with the program.</summary>
public static class Studies
{
    private const string Prefix = "studies/", Suffix = ".json";

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(Studies).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length]).Order(StringComparer.Ordinal),
    ];

    /// <summary>The study of this name.</summary>
    /// <exception cref="FoveaException">There is none.</exception>
    public static StudyPlan Get(string name)
    {
        using Stream? stream = typeof(Studies).Assembly.GetManifestResourceStream(Prefix + name + Suffix);
        if (stream is null)
        {
            throw new FoveaException($"there is no study \"{name}\" and no file of this name. {Nearest.Hint(name, Names)}"
                + $"Studies: {string.Join(", ", Names)}, or a JSON file.");
        }
        return StudyPlan.FromJson(new StreamReader(stream).ReadToEnd(), name);
    }
}
