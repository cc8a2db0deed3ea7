namespace Fovea.Studio.Layout;

/// <summary>A page of the studio, as the navigation and the first page name it.</summary>
internal sealed record Chapter(string Path, string Name, string Promise)
{
    /// <summary>All of them, in their order.</summary>
    public static IReadOnlyList<Chapter> All { get; } =
    [
        new("shapes", "Shapes", "What every layer makes of its input and what it costs; blanks are solved, and claims of others checked."),
        new("convolution", "Convolution", "A window that slides, a result that grows, a row of a matrix, a column of windows: four views of one operation."),
        new("matrix", "Matrix", "A convolution as a product with a sparse Toeplitz matrix, of any size, and its transpose as the backward pass."),
        new("losses", "Losses", "What a mistake costs and how hard it pulls; what an outlier does to a fit; each loss worked out by hand."),
        new("train", "Train", "A network learns before your eyes: curves, filters and feature maps; pause, single updates, go on."),
        new("experiments", "Experiments", "Studies and runs of this workspace: what differs, bands over the seeds, the verdict, the report."),
        new("inspect", "Inspect", "Where a network errs; one image through every layer; which pixels mattered."),
        new("draw", "Draw", "Draw a digit and see it recognized, with every step before."),
        new("batch", "Batch lab", "What batches of each size hold: missing classes, their statistics, the noise of their gradients."),
    ];
}
