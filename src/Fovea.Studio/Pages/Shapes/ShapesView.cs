namespace Fovea.Studio.Pages.Shapes;

/// <summary>A row of the page: a layer as it was written, and what is known of it.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Input">The shape that comes in; null where the layers before do not fit.</param>
/// <param name="Output">The shape of the output; null where it is not known.</param>
/// <param name="Summary">Its numbers; null where they are not known.</param>
/// <param name="Choices">With a blank: in how many ways it can be filled.</param>
/// <param name="Problem">What is wrong here.</param>
public sealed record ShapesRow(string Text, Shape? Input, Shape? Output, LayerSummary? Summary, IReadOnlyList<string> Choices, FoveaException? Problem);

/// <summary>All that the page on shapes shows of a network, as the library answers.</summary>
public sealed class ShapesView
{
    private ShapesView(Shape input, IReadOnlyList<ShapesRow> rows) => (Input, Rows) = (input, rows);

    public Shape Input { get; }

    public IReadOnlyList<ShapesRow> Rows { get; }

    /// <summary>The network; null where it has blanks or does not fit.</summary>
    public ModelSpec? Model { get; private init; }

    /// <summary>The sums; null where there is no network.</summary>
    public ModelSummary? Summary { get; private init; }

    /// <summary>The answer to blanks; null where there are none.</summary>
    public NetworkAnswer? Answer { get; private init; }

    /// <summary>What is wrong, or missing, that belongs to no row.</summary>
    public FoveaException? Problem { get; private init; }

    /// <summary>Looks at a network.</summary>
    /// <param name="text">The line of text, perhaps with blanks; not empty.</param>
    /// <param name="input">The shape of a sample.</param>
    /// <param name="sizes">The sizes of outputs, for blanks.</param>
    /// <param name="batch">Samples of a batch.</param>
    public static ShapesView Of(string text, Shape input, string sizes, int batch)
    {
        string[] texts;
        try
        {
            texts = [.. ModelSpec.Split(text).Select(layer => layer.Trim())];
        }
        catch (ModelFormatException exception)
        {
            return Unknown([text], input, exception);
        }
        return NetworkSolver.HasBlanks(text) ? Solve(text, texts, input, sizes) : Read(texts, input, batch);
    }

    private static ShapesView Solve(string text, string[] texts, Shape input, string sizes)
    {
        try
        {
            var wanted = new List<Size2D>();
            foreach (string size in sizes.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                wanted.Add(Size2D.TryParse(size, out Size2D parsed) ? parsed : throw new FoveaException($"expected sizes such as 28 or 28x30 between commas, got \"{size}\"."));
            NetworkAnswer answer = NetworkSolver.Solve(text, input, wanted);
            Shape? before = input;
            var rows = new List<ShapesRow>();
            foreach (NetworkAnswerLayer layer in answer.Layers)
            {
                rows.Add(new ShapesRow(layer.Text, before, layer.Output, null, layer.Text.Contains('?', StringComparison.Ordinal) ? layer.Choices : [], null));
                before = layer.Output;
            }
            return new ShapesView(input, rows) { Answer = answer, Problem = answer.Reason is { } reason ? new FoveaException(reason) : null };
        }
        catch (FoveaException exception)
        {
            return Unknown(texts, input, exception);
        }
    }

    private static ShapesView Read(string[] texts, Shape input, int batch)
    {
        // The layers before the first that is wrong still say something.
        FoveaException? problem = null;
        int good = texts.Length;
        ModelSpec? model = null;
        for (int count = 1; count <= texts.Length && problem is null; count++)
        {
            try
            {
                var longer = ModelSpec.Parse(string.Join(" | ", texts[..count]), input);
                _ = longer.Shapes;
                model = longer;
            }
            catch (FoveaException exception)
            {
                (problem, good) = (exception, count - 1);
            }
        }
        ModelSummary? summary = model is null ? null : ModelSummary.Of(model, batch);
        var rows = texts.Select((text, i) => i < good
            ? new ShapesRow(text, model!.Shapes[i], model.Shapes[i + 1], summary!.Layers.LastOrDefault(layer => layer.Place == i), [], null)
            : new ShapesRow(text, i == good ? model?.Output ?? input : null, null, null, [], i == good ? problem : null));
        return new ShapesView(input, [.. rows]) { Model = problem is null ? model : null, Summary = problem is null ? summary : null };
    }

    private static ShapesView Unknown(string[] texts, Shape input, FoveaException problem) =>
        new(input, [.. texts.Select(text => new ShapesRow(text, null, null, null, [], null))]) { Problem = problem };
}
