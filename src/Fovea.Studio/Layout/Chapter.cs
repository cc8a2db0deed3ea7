namespace Fovea.Studio.Layout;

/// <summary>A page of the studio, as the navigation and the first page name it.</summary>
internal sealed record Chapter(string Path, string Name, string Promise)
{
    /// <summary>All of them, in their order.</summary>
    public static IReadOnlyList<Chapter> All { get; } =
    [
    ];
}
