using System.Globalization;
using System.Text.Json;

namespace Fovea;

/// <summary>Input pixels along one axis, the last included; negative or beyond the input on padding.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
public readonly record struct PixelRange(int First, int Last)
{
    /// <summary>"3 to 7".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First} to {Last}");
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
                string.Create(CultureInfo.InvariantCulture, $"({layer.At.Height}, {layer.At.Width})"), layer.SeenRows.ToString(), layer.SeenColumns.ToString(),
            ]),
        ])),
        new($"Pixels are counted from 0 in an input of {Input}; those outside of it are padding."),
        .. Effective is { } effective ? (IEnumerable<DerivationStep>)[new(effective.ToString())] : [],
    ];

    private static string Both(LayerReceptiveField layer, Func<ReceptiveField, int> number)
    {
        int rows = number(layer.Rows), columns = number(layer.Columns);
        return rows == columns ? rows.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{rows} x {columns}");
    }

    /// <summary>Computes them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="at">Row and column of the output to look at, or of the last one where a layer has fewer; the middle when not given.</param>
    /// <exception cref="ShapeException">A layer does not fit its input, the input is not an image, or no layer has such an output.</exception>
    public static ReceptiveFields Of(ModelSpec model, Size2D? at = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Input.IsFlat) throw new ShapeException($"a receptive field needs an image, but the input is a flat vector of {model.Input}", "Give an input such as 1x28x28");
        int mostRows = Trace(model).Max(step => step.Image.Height), mostColumns = Trace(model).Max(step => step.Image.Width);
        if (at is { } place && (place.Height >= mostRows || place.Width >= mostColumns))
            throw new ShapeException($"no layer has an output ({place.Height}, {place.Width}): in the largest the rows are 0 to {mostRows - 1}, the columns 0 to {mostColumns - 1}", "Ask for one of these");
        var rows = new List<LayerReceptiveField>();
        var parts = new List<Derivation>();
        var before = (Rows: ReceptiveField.Pixel, Columns: ReceptiveField.Pixel);
        int index = 0;
        foreach (Step step in Trace(model))
        {
            Layer layer = model.Layers[index];
            Shape output = model.Shapes[++index];
            string name = $"{layer.TorchName}-{index}";
            Size2D pixel = at is { } asked ? new(Math.Min(asked.Height, step.Image.Height - 1), Math.Min(asked.Width, step.Image.Width - 1)) : Middle(step.Image);
            var (firstRow, lastRow) = step.Rows.View(pixel.Height);
            var (firstColumn, lastColumn) = step.Columns.View(pixel.Width);
            rows.Add(new LayerReceptiveField(name, LayerText.Format(layer), output, step.Rows, step.Columns, pixel,
                new PixelRange(firstRow, lastRow), new PixelRange(firstColumn, lastColumn)));
            if (before != (step.Rows, step.Columns))
            {
                List<DerivationStep> steps = [.. Steps(before.Rows, step.Window.Vertical, step.Rows)];
                parts.Add(before.Rows == before.Columns && step.Window.Vertical == step.Window.Horizontal
                    ? new Derivation($"{name}: {LayerText.Format(layer)}", steps)
                    : new Derivation($"{name}: {LayerText.Format(layer)}", [], [new Derivation("Down the rows", steps),
                        new Derivation("Across the columns", [.. Steps(before.Columns, step.Window.Horizontal, step.Columns)])]));
            }
            before = (step.Rows, step.Columns);
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

    /// <summary>A layer's view, the window through which it sees the outputs of the layer before, and the image that its outputs form: of a
    /// flat vector the last image, or one pixel once every output sees all of it.</summary>
    internal readonly record struct Step(ReceptiveField Rows, ReceptiveField Columns, (WindowAxis Vertical, WindowAxis Horizontal) Window, Shape Image);

    /// <summary>The views after each layer.</summary>
    internal static IEnumerable<Step> Trace(ModelSpec model)
    {
        var (rows, columns) = (ReceptiveField.Pixel, ReceptiveField.Pixel);
        Shape image = model.Input;
        for (int i = 0; i < model.Layers.Count; i++)
        {
            Layer layer = model.Layers[i];
            Shape output = model.Shapes[i + 1];
            var window = (Vertical: new WindowAxis(1, 1), Horizontal: new WindowAxis(1, 1));
            if (!output.IsFlat)
            {
                window = layer.Window(model.Shapes[i]);
                image = output;
            }
            else if (layer.SeesWholeInput)
            {
                // All outputs of the last image at once.
                window = (new WindowAxis(image.Height, image.Height), new WindowAxis(image.Width, image.Width));
                image = new Shape(1, 1, 1);
            }
            (rows, columns) = (rows.Through(window.Vertical), columns.Through(window.Horizontal));
            yield return new Step(rows, columns, window, image);
        }
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
