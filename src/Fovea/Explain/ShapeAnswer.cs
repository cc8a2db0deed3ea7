using System.Text.Json;

namespace Fovea;

/// <summary>The answer to a question about a window's sizes, down and across.</summary>
/// <param name="Rows">The answer for the rows.</param>
/// <param name="Columns">The answer for the columns; the same as for the rows when the two questions are the same.</param>
/// <param name="Derivation">How it comes about.</param>
public sealed record ShapeAnswer(WindowAnswer Rows, WindowAnswer Columns, Derivation Derivation)
{
    /// <summary>Whether both axes have a solution.</summary>
    public bool HasSolution => Rows.Solutions.Count > 0 && Columns.Solutions.Count > 0;

    /// <summary>Solves a question for both axes.</summary>
    /// <param name="rows">What is asked about the rows.</param>
    /// <param name="columns">What is asked about the columns.</param>
    /// <param name="bounds">How far to look.</param>
    /// <param name="title">The title of the derivation; the operation when not given.</param>
    /// <exception cref="ShapeException">See <see cref="WindowSolver.Solve"/>; or the output is asked for, and no window fits.</exception>
    public static ShapeAnswer Of(WindowQuestion rows, WindowQuestion columns, WindowBounds? bounds = null, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        WindowAnswer down = WindowSolver.Solve(rows, bounds), across = rows == columns ? down : WindowSolver.Solve(columns, bounds);
        if (rows.Output is null && (down.Solutions.Count == 0 || across.Solutions.Count == 0)) throw NothingFits(rows, columns);
        title ??= rows.Operation switch
        {
            WindowOperation.Convolution => "Convolution",
            WindowOperation.Pooling => "Pooling",
            _ => "Transposed convolution",
        };
        if (ReferenceEquals(down, across)) return new ShapeAnswer(down, down, WindowExplanation.Solution(down, title));
        return new ShapeAnswer(down, across,
            new Derivation(title, [], [WindowExplanation.Solution(down, "Down the rows"), WindowExplanation.Solution(across, "Across the columns")]));
    }

    private static ShapeException NothingFits(WindowQuestion rows, WindowQuestion columns)
    {
        string Size(Func<WindowQuestion, int?> number) => new Size2D(number(rows) ?? 0, number(columns) ?? 0).ToString();
        return rows.Operation == WindowOperation.Transposed
            ? new($"padding {Size(q => q.Padding)} takes all of the output away", "Use a smaller padding")
            : new($"kernel {Size(q => q.Kernel)} with dilation {Size(q => q.Dilation)} does not fit input {Size(q => q.Input)} with padding {Size(q => q.Padding)}",
                "Use a larger padding or a smaller kernel");
    }

    /// <summary>The answer as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<ShapeAnswer>());
}
