using System.Globalization;
using System.Text.Json;

namespace Fovea;

/// <summary>Input pixels along one axis, the last included; negative or beyond the input on padding.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
public readonly record struct PixelRange(int First, int Last)
{
    /// <summary>"3 to 7".</summary>
    public override string ToString() => $"{First} to {Last}";
}

/// <summary>What the outputs of one layer see of the input.</summary>
/// <param name="Name">PyTorch's module and the row's number: "Conv2d-1".</param>
/// <param name="Layer">The layer in text.</param>
/// <param name="OutputShape">The output of one sample.</param>
/// <param name="Rows">Size, jump and start down the rows.</param>
/// <param name="Columns">The same across the columns.</param>
/// <param name="At">The output that was asked about.</param>
/// <param name="SeenRows">The rows that it sees.</param>
/// <param name="SeenColumns">The columns that it sees.</param>
public sealed record LayerReceptiveField(string Name, string Layer, Shape OutputShape, ReceptiveField Rows, ReceptiveField Columns,
    Size2D At, PixelRange SeenRows, PixelRange SeenColumns);

/// <summary>What the outputs of a model's layers see of the input.</summary>
/// <param name="Input">The shape of one sample.</param>
/// <param name="Layers">The layers.</param>
/// <param name="Derivation">How the sizes come about.</param>
public sealed record ReceptiveFields(Shape Input, IReadOnlyList<LayerReceptiveField> Layers, Derivation Derivation)
{
    /// <summary>How strongly the pixels count, where that was measured.</summary>
    public EffectiveReceptiveField? Effective { get; init; }

    /// <summary>The fields in sentences and a table.</summary>
    public IReadOnlyList<DerivationStep> Answer =>
    [
        new("", Table: new(["layer", "as text", "output", "size", "jump", "start", "output at", "sees rows", "and columns"],
        [
            .. Layers.Select(layer => (IReadOnlyList<string>)
            [
                layer.Name, layer.Layer, layer.OutputShape.ToString(), Both(layer, side => side.Size), Both(layer, side => side.Jump), Both(layer, side => side.Start),
                $"({layer.At.Height}, {layer.At.Width})", layer.SeenRows.ToString(), layer.SeenColumns.ToString(),
            ]),
        ])),
        new($"Pixels are counted from 0 in an input of {Input}; those outside of it are padding."),
        .. Effective is { } effective ? (IEnumerable<DerivationStep>)[new(effective.ToString())] : [],
    ];

    private static string Both(LayerReceptiveField layer, Func<ReceptiveField, int> number)
    {
        int rows = number(layer.Rows), columns = number(layer.Columns);
        return rows == columns ? rows.ToString(CultureInfo.InvariantCulture) : $"{rows} x {columns}";
    }

    /// <summary>Computes them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="at">Row and column of the output to look at, or of the last one where a layer has fewer; the middle when not given.</param>
    /// <exception cref="ShapeException">A layer does not fit its input, the input is not an image, or no layer has such an output.</exception>
    public static ReceptiveFields Of(ModelSpec model, Size2D? at = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Input.IsFlat) throw new ShapeException($"a receptive field needs an image, but the input is a flat vector of {model.Input}", "Give an input such as 1x28x28");
        IEnumerable<Shape> images = Trace(model).Select(step => step.Image).Append(new Shape(1, 1, 1));
        int mostRows = images.Max(image => image.Height), mostColumns = images.Max(image => image.Width);
        if (at is { } place && (place.Height >= mostRows || place.Width >= mostColumns))
            throw new ShapeException($"no layer has an output ({place.Height}, {place.Width}): in the largest the rows are 0 to {mostRows - 1}, the columns 0 to {mostColumns - 1}", "Ask for one of these");
        var rows = new List<LayerReceptiveField>();
        var parts = new List<Derivation>();
        foreach (Step step in Trace(model))
        {
            Layer layer = step.Row.Layer;
            string name = $"{layer.TorchName}-{rows.Count + 1}", text = LayerText.FormatBriefly(layer);
            Size2D pixel = at is { } asked ? new(Math.Min(asked.Height, step.Image.Height - 1), Math.Min(asked.Width, step.Image.Width - 1)) : Middle(step.Image);
            var (firstRow, lastRow) = step.Rows.View(pixel.Height);
            var (firstColumn, lastColumn) = step.Columns.View(pixel.Width);
            rows.Add(new LayerReceptiveField(name, text, step.Row.Output, step.Rows, step.Columns, pixel,
                new PixelRange(firstRow, lastRow), new PixelRange(firstColumn, lastColumn)));
            if (layer is Composite)
            {
                string range = $"{step.Rows.Start + step.Rows.Size} - \\left( {step.Rows.Start} \\right)";
                parts.Add(new Derivation($"{name}: {text}", [new("Its outputs see all that its branches see: the first sees from the first pixel of any of them to the last of any.",
                    "r = \\max_i \\left( a_i + r_i \\right) - \\min_i a_i", range, Tex.Number(step.Rows.Size))]));
            }
            else if (step.BeforeRows != step.Rows || step.BeforeColumns != step.Columns)
            {
                List<DerivationStep> steps = [.. Steps(step.BeforeRows, step.Window.Vertical, step.Rows)];
                parts.Add(step.BeforeRows == step.BeforeColumns && step.Window.Vertical == step.Window.Horizontal
                    ? new Derivation($"{name}: {text}", steps)
                    : new Derivation($"{name}: {text}", [], [new Derivation("Down the rows", steps),
                        new Derivation("Across the columns", [.. Steps(step.BeforeColumns, step.Window.Horizontal, step.Columns)])]));
            }
        }
        return new ReceptiveFields(model.Input, rows, new Derivation("Receptive fields",
        [
            new("Before the first layer every pixel sees itself: size $r = 1$, jump $j = 1$, start $a = 0$. A layer with kernel $k$, stride $s$, padding $p$ and "
                + "dilation $d$ widens the view by its window, measured in the jumps of the layer before. Layers that are not listed see what the layer before them sees."),
        ], parts));
    }

    /// <summary>The answer as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<ReceptiveFields>());

    /// <summary>The output in the middle, the upper left one of four.</summary>
    internal static Size2D Middle(Shape output) => new((output.Height - 1) / 2, (output.Width - 1) / 2);

    /// <summary>A layer, the view before it and after it, the window through which it sees the outputs of the layer before, and the image that
    /// its outputs form: of a flat vector the last image, or one pixel once every output sees all of it.</summary>
    internal sealed record Step(ModelRow Row, ReceptiveField BeforeRows, ReceptiveField BeforeColumns, ReceptiveField Rows, ReceptiveField Columns,
        (WindowAxis Vertical, WindowAxis Horizontal) Window, Shape Image);

    /// <summary>The views after each layer, in the order of the model's table.</summary>
    internal static IReadOnlyList<Step> Trace(ModelSpec model)
    {
        var steps = new List<Step>();
        Trace(ModelRow.Of(model), new View(ReceptiveField.Pixel, ReceptiveField.Pixel, model.Input), steps);
        return steps;
    }

    private readonly record struct View(ReceptiveField Rows, ReceptiveField Columns, Shape Image)
    {
        public View Union(View other) => new(Rows.Union(other.Rows), Columns.Union(other.Columns), Image.Count <= other.Image.Count ? Image : other.Image);
    }

    private static View Trace(IReadOnlyList<ModelRow> rows, View view, List<Step> steps)
    {
        foreach (ModelRow row in rows)
        {
            View before = view;
            var window = (Vertical: new WindowAxis(1, 1), Horizontal: new WindowAxis(1, 1));
            Shape image = view.Image;
            if (row.Layer is Composite composite)
            {
                view = row.Inner.Select(inner => Trace(inner, before, steps)).Aggregate((one, other) => one.Union(other));
                // What goes past the body sees what it saw before.
                if (composite is Residual { Shortcut.Count: 0 }) view = view.Union(before with { Image = view.Image });
                if (row.Activation is { } activation) view = Trace([activation], view, steps);
            }
            else
            {
                if (!row.Output.IsFlat)
                {
                    window = row.Layer.Window(row.Input);
                    image = row.Output;
                }
                else if (row.Layer.SeesWholeInput)
                {
                    // All outputs of the last image at once.
                    window = (new WindowAxis(image.Height, image.Height), new WindowAxis(image.Width, image.Width));
                    image = new Shape(1, 1, 1);
                }
                view = new View(view.Rows.Through(window.Vertical), view.Columns.Through(window.Horizontal), image);
            }
            if (row.Layer.IsModule) steps.Add(new Step(row, before.Rows, before.Columns, view.Rows, view.Columns, window, view.Image));
        }
        return view;
    }

    private static IEnumerable<DerivationStep> Steps(ReceptiveField before, WindowAxis window, ReceptiveField after)
    {
        yield return new("The size grows by the window, in jumps of the layer before.", "r' = r + d (k - 1) j",
            $"{before.Size} + {window.Dilation} \\cdot ({window.Kernel} - 1) \\cdot {before.Jump}", Tex.Number(after.Size));
        if (window.Stride > 1) yield return new("The stride multiplies the jump.", "j' = j s", $"{before.Jump} \\cdot {window.Stride}", Tex.Number(after.Jump));
        if (window.Padding > 0)
            yield return new("The padding moves the start out of the image.", "a' = a - p j", $"{before.Start} - {window.Padding} \\cdot {before.Jump}", Tex.Number(after.Start));
    }
}
