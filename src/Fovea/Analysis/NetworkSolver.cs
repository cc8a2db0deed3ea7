using System.Text.Json;

namespace Fovea;

/// <summary>One layer of a <see cref="NetworkAnswer"/>.</summary>
/// <param name="Text">The layer as it was given, perhaps with blanks: "conv 6 k?".</param>
/// <param name="Output">The shape of its output; null where the layers before it have no solution.</param>
/// <param name="Choices">The layer with its blanks filled in, in every way that gives its output, the smallest first; without blanks the
/// layer itself. Empty when there is no solution.</param>
/// <param name="Sizes">The solution of a layer with blanks for rows and columns; null for other layers.</param>
/// <param name="Likely">Of several choices the most usual, see <see cref="WindowAnswer.Likely"/>; null where there are not several.</param>
public sealed record NetworkAnswerLayer(string Text, Shape? Output, IReadOnlyList<string> Choices, ShapeAnswer? Sizes, string? Likely = null)
{
    /// <summary>All choices, the likely one first.</summary>
    public string ChoicesText => Likely is null ? string.Join(" or ", Choices) : $"likely {Likely}; or {string.Join(", ", Choices.Where(choice => choice != Likely))}";
}

/// <summary>A network whose blanks are filled in so that its convolutions and poolings have given sizes.</summary>
/// <param name="Input">The shape of one sample.</param>
/// <param name="Layers">The layers.</param>
/// <param name="Model">The network with the likely choice of each layer, in one line; null when there is no solution.</param>
/// <param name="Reason">Why there is no solution; null when there is one.</param>
/// <param name="Networks">How many networks have these sizes: the product of the layers' choices.</param>
/// <param name="Derivation">How the blanks are found.</param>
public sealed record NetworkAnswer(Shape Input, IReadOnlyList<NetworkAnswerLayer> Layers, string? Model, string? Reason, double Networks, Derivation Derivation)
{
    /// <summary>The answer as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<NetworkAnswer>());
}

/// <summary>
/// Finds what is left blank in a network from the sizes of its outputs. A blank is a question mark in the place of a number: <c>k?</c>,
/// <c>s?</c>, <c>p?</c>, <c>d?</c> of a convolution or pooling, or <c>maxpool ?</c>. It is one number for rows and columns, unless only two
/// different ones give the size. As the size of every layer is given, the layers can be solved one by one.
/// </summary>
public static class NetworkSolver
{
    private static readonly (string Letter, string Name)[] s_blanks = [("k", "kernel"), ("s", "stride"), ("p", "padding"), ("d", "dilation")];

    /// <summary>Whether a line of text has blanks.</summary>
    public static bool HasBlanks(string text) => text.Contains('?', StringComparison.Ordinal);

    /// <summary>The sizes of a network without blanks.</summary>
    /// <exception cref="ShapeException">A layer does not fit its input.</exception>
    public static NetworkAnswer Sizes(ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(model);
        IReadOnlyList<ModelRow> rows = ModelRow.Table(model);
        NetworkAnswerLayer[] layers = [.. rows.Select(row => new NetworkAnswerLayer(LayerText.FormatBriefly(row.Layer), row.Output, [LayerText.FormatBriefly(row.Layer)], null))];
        Derivation[] parts = [.. rows.Select((row, i) => LayerExplanation.Output(row.Layer, row.Input, $"Layer {i + 1}, {layers[i].Text}: output {row.Output}"))];
        return new NetworkAnswer(model.Input, layers, model.ToText(), null, 1, new Derivation($"The sizes of {model}, input {model.Input}", [], parts));
    }

    /// <summary>Solves a network.</summary>
    /// <param name="text">The layers, see <see cref="ModelSpec.Parse"/>, perhaps with blanks; the last may be three dots.</param>
    /// <param name="input">The shape of one sample.</param>
    /// <param name="outputs">Height and width of the output of each convolution and pooling, in order.</param>
    /// <param name="bounds">How far to look.</param>
    /// <exception cref="ModelFormatException">The text is not a network's, or there are more or fewer outputs than layers that have one.</exception>
    /// <exception cref="ShapeException">A layer without blanks does not fit its input.</exception>
    public static NetworkAnswer Solve(string text, Shape input, IReadOnlyList<Size2D> outputs, WindowBounds? bounds = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(outputs);
        // Dots at the end say that the network goes on where nothing is asked.
        string[] texts = [.. LayerText.Split(text, '|')];
        if (texts.Length > 1 && texts[^1].Trim() is "..." or "…") texts = texts[..^1];
        BlankLayer[] blanks = [.. texts.Select(BlankLayer.Parse)];
        string[] windows = [.. blanks.Where(blank => LayerExplanation.HasWindow(blank.Layer)).Select(blank => blank.Text)];
        if (windows.Length != outputs.Count)
            throw new ModelFormatException(
                $"the network has {windows.Length} convolutions and poolings ({string.Join(", ", windows)}), but {outputs.Count} outputs are given. Give one size for each.");

        var layers = new List<NetworkAnswerLayer>();
        var parts = new List<Derivation>();
        Shape? current = input;
        string? reason = null;
        int next = 0;
        for (int i = 0; i < blanks.Length; i++)
        {
            if (current is not { } shape)
            {
                layers.Add(new NetworkAnswerLayer(blanks[i].Text, null, [], null));
                continue;
            }
            Size2D? wanted = LayerExplanation.HasWindow(blanks[i].Layer) ? outputs[next++] : null;
            NetworkAnswerLayer layer = blanks[i].Solve(i, shape, wanted, bounds, out Derivation? derivation, out string? problem);
            reason ??= problem;
            if (derivation is not null) parts.Add(derivation);
            layers.Add(layer);
            current = layer.Output;
        }
        string? model = current is null ? null : string.Join(" | ", layers.Select(layer => layer.Likely ?? layer.Choices[0]));
        double networks = model is null ? 0 : layers.Aggregate(1.0, (product, layer) => product * layer.Choices.Count);
        var table = new DerivationTable(["layer", "output", "solutions"],
            [.. layers.Select(layer => (IReadOnlyList<string>)[layer.Text, layer.Output?.ToString() ?? "?", layer.ChoicesText])]);
        string outcome = networks switch
        {
            0 => "No network has these sizes.",
            1 => $"One network has these sizes, on an input of {input}:",
            _ => $"{networks:N0} networks have these sizes, on an input of {input}:",
        };
        return new NetworkAnswer(input, layers, model, reason, networks, new Derivation("A network from its sizes", [new(outcome, Table: table)], parts));
    }

    /// <summary>A layer of which some numbers are blank; <paramref name="Layer"/> has placeholders there.</summary>
    private sealed record BlankLayer(string Text, string[] Words, Layer Layer, string[] Blanks)
    {
        public static BlankLayer Parse(string text, int index)
        {
            if (HasBlanks(text) && text.Contains('(', StringComparison.Ordinal))
                throw new ModelFormatException($"layer {index + 1} \"{text.Trim()}\": blanks inside of a block cannot be found, as only the block's own output is known. Fill them in.");
            string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var blanks = new List<string>();
            Layer layer = LayerText.Parse(string.Join(' ', words.Select(word => Fill(word, letter => letter == "p" ? "0" : "1"))), index);
            foreach (string word in words.Where(word => word.EndsWith('?')))
            {
                string? name = word == "?" ? (layer is MaxPool2D or AvgPool2D ? "kernel" : null)
                    : s_blanks.FirstOrDefault(b => word.Equals(b.Letter + "?", StringComparison.OrdinalIgnoreCase) || word.Equals(b.Name + "=?", StringComparison.OrdinalIgnoreCase)).Name;
                if (name is null || layer is not (Conv2D or MaxPool2D or AvgPool2D) || layer is not Conv2D && name == "dilation")
                {
                    throw new ModelFormatException($"layer {index + 1} \"{text.Trim()}\": \"{word}\" cannot be found from sizes. "
                        + "Kernel, stride, padding and dilation can: conv 6 k?, conv 6 k5 s? p?, maxpool ?.");
                }
                blanks.Add(name);
            }
            return new BlankLayer(text.Trim(), words, layer, [.. blanks]);
        }

        public NetworkAnswerLayer Solve(int index, Shape input, Size2D? wanted, WindowBounds? bounds, out Derivation? derivation, out string? problem)
        {
            derivation = null;
            problem = null;
            if (wanted is not { } size || Blanks.Length == 0)
            {
                Shape output;
                try
                {
                    output = Layer.OutputShape(input);
                }
                catch (ShapeException exception)
                {
                    throw exception.At(index, Layer);
                }
                bool right = wanted is not { } expected || (output.Height, output.Width) == (expected.Height, expected.Width);
                if (!right) problem = $"Layer {index + 1}, {Text}, gives {new Size2D(output.Height, output.Width)} on {input}, not {wanted}.";
                if (wanted is not null) derivation = LayerExplanation.Output(Layer, input, Title(index, wanted.Value, right ? "" : $", but it gives {new Size2D(output.Height, output.Width)}"));
                return new NetworkAnswerLayer(Text, right ? output : null, right ? [Text] : [], null);
            }
            if (input.IsFlat) throw new ShapeException("it needs an image, but its input is a flat vector", "Place it before the flatten layer").At(index, Layer);

            ShapeAnswer sizes = ShapeAnswer.Of(Question(input.Height, size.Height, s => s.Height), Question(input.Width, size.Width, s => s.Width), bounds, Title(index, size, ""));
            derivation = sizes.Derivation;
            if (!sizes.HasSolution)
            {
                WindowAnswer axis = sizes.Rows.Solutions.Count == 0 ? sizes.Rows : sizes.Columns;
                string nearest = string.Join("; ", axis.Nearest.Select(near => $"{near.Output} with kernel {near.Kernel}, stride {near.Stride}, padding {near.Padding}"));
                problem = $"Layer {index + 1}, {Text}. {WindowExplanation.Impossible(axis)}{(nearest.Length == 0 ? "" : $" Nearest: {nearest}.")}";
            }
            var pairs = sizes.Rows.Solutions.SelectMany(row => sizes.Columns.Solutions.Select(column => (Row: row, Column: column))).ToList();
            var alike = pairs.Where(pair => Blanks.All(blank => Value(pair.Row, blank) == Value(pair.Column, blank))).ToList();
            if (alike.Count > 0) pairs = alike;
            string[] choices = [.. pairs.Select(Filled)];
            string? likely = pairs.Count < 2 ? null
                : Filled(pairs.MinBy(pair => WindowSolver.Oddity(sizes.Rows.Question, pair.Row) + WindowSolver.Oddity(sizes.Columns.Question, pair.Column)));
            Shape? solved = choices.Length == 0 ? null : new Shape(Layer is Conv2D convolution ? convolution.Filters : input.Channels, size.Height, size.Width);
            return new NetworkAnswerLayer(Text, solved, choices, sizes, likely);

            string Filled((WindowSolution Row, WindowSolution Column) pair) => string.Join(' ', Words.Select(word => Fill(word, name => Number(name, pair.Row, pair.Column))));
        }

        private string Title(int index, Size2D size, string remark) => $"Layer {index + 1}, {Text}: output {size}{remark}";

        private WindowQuestion Question(int input, int output, Func<Size2D, int> side)
        {
            var (kernel, stride, padding, dilation, ceil) = Layer switch
            {
                Conv2D convolution => (convolution.Kernel, (Size2D?)convolution.Stride, convolution.Padding, convolution.Dilation, false),
                MaxPool2D pool => (pool.Kernel, pool.Stride, pool.Padding, (Size2D)1, pool.CeilMode),
                AvgPool2D pool => (pool.Kernel, pool.Stride, pool.Padding, (Size2D)1, pool.CeilMode),
                _ => throw new ArgumentOutOfRangeException(nameof(input), Layer, "a layer without blanks"),
            };
            int? Known(string name, Size2D value) => Blanks.Contains(name) ? null : side(value);
            return new WindowQuestion
            {
                Operation = Layer is Conv2D ? WindowOperation.Convolution : WindowOperation.Pooling,
                Input = input,
                Output = output,
                Kernel = Known("kernel", kernel),
                Stride = stride is { } given ? Known("stride", given) : null,
                StrideIsKernel = stride is null,
                Padding = Known("padding", padding),
                Dilation = Known("dilation", dilation),
                OutputPadding = 0,
                CeilMode = ceil,
            };
        }

        private static int Value(WindowSolution solution, string name) => name switch
        {
            "kernel" => solution.Kernel,
            "stride" => solution.Stride,
            "padding" => solution.Padding,
            _ => solution.Dilation,
        };

        private static string Number(string letter, WindowSolution row, WindowSolution column)
        {
            string name = s_blanks.First(b => b.Letter == letter).Name;
            return new Size2D(Value(row, name), Value(column, name)).ToString();
        }

        // Replaces the question mark of a word by a number, asked for by its letter.
        private static string Fill(string word, Func<string, string> number)
        {
            if (!word.EndsWith('?')) return word;
            string start = word[..^1];
            string letter = start.Length == 0 ? "k" : start[..1].ToLowerInvariant();
            return s_blanks.Any(b => b.Letter == letter) ? start + number(letter) : start + "1";
        }
    }
}
