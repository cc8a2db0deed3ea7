namespace Fovea;

/// <summary>
/// Rebuilds the network that a claimed table describes. Kernels, strides and paddings are not in such a table: they are inferred from the
/// sizes and from the numbers of parameters, and of all networks the one is taken that makes the fewest figures wrong, the plainest of
/// these first. Rows may be missing and figures may be wrong.
/// </summary>
internal static class NetworkRebuilder
{
    /// <summary>What a figure costs that the network does not have.</summary>
    private const double WrongFigure = 1;

    private static readonly WindowBounds s_bounds = new(Kernel: 32, Stride: 4);

    /// <summary>The layers that a row can stand for, by PyTorch's and by Fovea's name of their type.</summary>
    private static readonly Dictionary<string, Layer> s_types = Types();

    // What it costs that layers have no bias. All of them or those before a batch normalization, which brings its own, is nothing unusual;
    // only the convolutions or only the linear layers is more likely a mistake while a single row says so.
    private static readonly (double Cost, Func<Claim, int, Layer, bool> HasBias)[] s_biases =
    [
        (0, (_, _, _) => true),
        (0.01, (_, _, _) => false),
        (0.02, (claim, row, layer) => layer is Linear || !IsBeforeBatchNorm(claim, row)),
        (1.5, (_, _, layer) => layer is Linear),
        (1.5, (_, _, layer) => layer is Conv2D),
    ];

    /// <summary>Rebuilds the network.</summary>
    /// <exception cref="DataFormatException">A row's type is not known, or its output is missing where it cannot be done without.</exception>
    public static RebuiltNetwork Rebuild(Claim claim, Shape input, string path)
    {
        var best = s_biases.Select(bias => (Network: Search(claim, input, path, bias.HasBias), bias.Cost, bias.HasBias)).MinBy(found => found.Network.Cost + found.Cost);
        var steps = best.Network.Steps.ToList();
        return new RebuiltNetwork(new ModelSpec(input, [.. steps.Select(step => step.Layer!)]), [.. BiasNotes(claim, steps), .. OpenWindows(claim, steps, best.HasBias)]);
    }

    /// <summary>Whether some input explains a row's parameters, so that it may stand behind rows that are not known.</summary>
    public static bool CanFollow(ClaimedRow row) => Known(row) is not (Conv2D or Linear) || row is { Output: null } or { Parameters: null } || PossibleInputs(row).Length > 0;

    /// <summary>The layer that a row stands for when its kind has no parameters on any input; null for other layers and unknown types.</summary>
    public static Layer? WithoutParameters(ClaimedRow row) => Known(row) is { } layer and not (Conv2D or Linear) && LikelyMistakes.Count(layer, row.Output ?? new Shape(1, 1, 1)) == 0 ? layer : null;

    /// <summary>The inputs and kernels that a row's parameters fit, in words; empty when none does, or the row says too little.</summary>
    public static string PossibleInputs(ClaimedRow row)
    {
        if (row is not { Output: { } output, Parameters: { } parameters }) return "";
        foreach (bool bias in (bool[])[true, false])
        {
            string[] fits = Known(row) switch
            {
                Linear when output.IsFlat => SolveInputs(parameters, inputs => LikelyMistakes.Count(new Linear(output.Channels) { Bias = bias }, Shape.Flat(inputs))) is { } inputs ? [$"{inputs} inputs"] : [],
                Conv2D when !output.IsFlat =>
                [
                    .. Enumerable.Range(1, 11).Select(kernel => (Kernel: kernel, Channels: SolveInputs(parameters,
                            channels => LikelyMistakes.Count(new Conv2D(output.Channels, kernel) { Bias = bias }, new Shape(channels, 16, 16)))))
                        .Where(fit => fit.Channels is not null).OrderBy(fit => fit.Kernel is 3 or 5 ? 0 : 1).Select(fit => $"a {fit.Kernel}x{fit.Kernel} kernel over {fit.Channels} channels").Take(3),
                ],
                _ => [],
            };
            if (fits.Length > 0) return string.Join(" or ", fits) + (bias ? "" : ", without bias");
        }
        return "";
    }

    /// <summary>Whether a row's type means a layer's.</summary>
    public static bool IsType(string type, Layer layer)
    {
        string name = layer.TorchName, json = LayerText.TypeOf(layer);
        return type.Equals(name, StringComparison.OrdinalIgnoreCase) || type.Equals(json, StringComparison.OrdinalIgnoreCase)
            || (s_types.TryGetValue(type.ToLowerInvariant(), out Layer? known) && known.TorchName == name);
    }

    // The row is -1 for a layer that the table leaves out.
    private sealed record Path(Path? Before, Layer? Layer, Shape Shape, double Cost, int Row = -1)
    {
        public IEnumerable<Path> Steps => (Before?.Steps ?? []).Concat(Layer is null ? [] : [this]);
    }

    // Row by row, the cheapest way to each shape: what follows depends on the shape alone.
    private static Path Search(Claim claim, Shape input, string path, Func<Claim, int, Layer, bool> hasBias)
    {
        var paths = new Dictionary<Shape, Path> { [input] = new(null, null, input, 0) };
        for (int i = 0; i < claim.Rows.Count; i++)
        {
            ClaimedRow row = claim.Rows[i];
            if (!s_types.TryGetValue(row.Type.ToLowerInvariant(), out Layer? type))
            {
                if (FoveaJson.Names<Layer>().Contains(row.Type.ToLowerInvariant()))
                    throw new DataFormatException($"{path} line {row.Line}: {row.Type} cannot be rebuilt from a row, which does not tell its properties. Give MODEL, so that it need not be rebuilt.");
                throw new DataFormatException($"{path} line {row.Line}: there is no layer \"{row.Type}\". Known: {string.Join(", ", s_types.Values.Select(l => l.TorchName).Distinct())}. "
                    + "Or give the network, so that it need not be rebuilt from the rows.");
            }
            var next = new Dictionary<Shape, Path>();
            foreach (Path before in paths.Values)
            {
                Path start = before;
                if (!before.Shape.IsFlat && type is Linear)
                {
                    var flatten = new Flatten();
                    start = new Path(before, flatten, flatten.OutputShape(before.Shape), before.Cost);
                }
                foreach (var (layer, complexity) in Candidates(claim, i, type, start.Shape, hasBias(claim, i, type)))
                {
                    Shape output;
                    double cost = start.Cost + complexity;
                    try
                    {
                        output = layer.OutputShape(start.Shape);
                    }
                    catch (ShapeException)
                    {
                        // A candidate that does not fit is none.
                        continue;
                    }
                    if (row.Output is { } claimed && claimed != output) cost += WrongFigure;
                    if (row.Parameters is { } parameters && parameters != LikelyMistakes.Count(layer, start.Shape)) cost += WrongFigure;
                    if (!next.TryGetValue(output, out Path? other) || cost < other.Cost) next[output] = new Path(start, layer, output, cost, i);
                }
            }
            if (next.Count == 0)
            {
                throw new RowException(i, $"{path} line {row.Line}: {row.Name} cannot be rebuilt on an input of {string.Join(" or ", paths.Keys)}"
                    + (row.Output is null ? ", as its output is not given. Fill in the output, or give the network." : ". Check the input's shape and the rows before, or give the network."));
            }
            paths = next;
        }
        return paths.Values.MinBy(p => p.Cost)!;
    }

    // Which layers have no bias, where that was found out from the numbers of parameters.
    private static IEnumerable<string> BiasNotes(Claim claim, IReadOnlyList<Path> steps)
    {
        string[] Names(bool bias) => [.. steps.Where(step => step.Row >= 0 && step.Layer!.HasBias == bias).Select(step => claim.Rows[step.Row].Name)];
        string[] without = Names(false), with = Names(true);
        if (without.Length == 0) yield break;
        yield return with.Length == 0
            ? $"the numbers of parameters are those of layers without biases (bias=False): {string.Join(", ", without)}. PyTorch's layers have biases unless told otherwise; give MODEL to have them checked."
            : $"by the numbers of parameters {string.Join(", ", without)} {Have(without)} no bias, {string.Join(", ", with)} {Have(with)} one. Give MODEL to have that checked.";

        static string Have(string[] names) => names.Length == 1 ? "has" : "have";
    }

    // Kernels, strides and paddings that the table leaves open: others give the very same figures. Of many the most usual one is named.
    private static IEnumerable<string> OpenWindows(Claim claim, IReadOnlyList<Path> steps, Func<Claim, int, Layer, bool> hasBias)
    {
        var open = new List<string>();
        foreach (Path step in steps.Where(step => step.Row >= 0 && LayerExplanation.HasWindow(step.Layer!)))
        {
            Shape input = step.Before!.Shape;
            ClaimedRow row = claim.Rows[step.Row];
            long parameters = LikelyMistakes.Count(step.Layer!, input);
            if (row.Output is not { } output || output != step.Shape) continue;
            string[] others =
            [
                .. Candidates(claim, step.Row, Known(row)!, input, hasBias(claim, step.Row, step.Layer!)).Select(candidate => candidate.Layer)
                    .Where(layer => Gives(layer, input, output) && (row.Parameters is null || LikelyMistakes.Count(layer, input) == parameters))
                    .Select(layer => Plain(layer, input, output)).OrderBy(layer => Oddity(layer, input))
                    .Select(LayerText.Format).Distinct().Where(text => text != LayerText.Format(Plain(step.Layer!, input, output))),
            ];
            if (others.Length == 0) continue;
            string more = others.Length switch { 1 => "", 2 => ", or 1 other", var count => $", or {count - 1:N0} others" };
            open.Add($"{row.Name} was taken as {LayerText.Format(step.Layer!)} (or {others[0]}{more})");
        }
        if (open.Count > 0) yield return $"the table does not determine all windows: {string.Join(", ", open)}. Give MODEL to have {(open.Count == 1 ? "it" : "them")} checked.";
    }

    private static double Oddity(Layer layer, Shape input)
    {
        var (rows, columns) = layer.Window(input);
        return Of(rows) + Of(columns);

        double Of(WindowAxis axis) => WindowSolver.Oddity(new WindowQuestion { Operation = layer is Conv2D ? WindowOperation.Convolution : WindowOperation.Pooling },
            new WindowSolution(axis.Input, axis.Kernel, axis.Stride, axis.Padding, axis.Dilation, 0, axis.Output, axis.Unused));
    }

    // Without a stride that says nothing: a pooling's that is its kernel, and that of a single window, unless there is room for a second without it.
    private static Layer Plain(Layer layer, Shape input, Shape output)
    {
        Layer plain = layer switch
        {
            Conv2D convolution when (output.Height, output.Width) == (1, 1) => convolution with { Stride = 1 },
            MaxPool2D pool when pool.Stride == pool.Kernel || (output.Height, output.Width) == (1, 1) => pool with { Stride = null },
            AvgPool2D pool when pool.Stride == pool.Kernel || (output.Height, output.Width) == (1, 1) => pool with { Stride = null },
            _ => layer,
        };
        if (!Gives(plain, input, output)) plain = layer;
        // Nor rounding up where nothing is rounded.
        Layer floored = plain switch
        {
            MaxPool2D pool => pool with { CeilMode = false },
            AvgPool2D pool => pool with { CeilMode = false },
            _ => plain,
        };
        return Gives(floored, input, output) ? floored : plain;
    }

    private static bool Gives(Layer layer, Shape input, Shape output)
    {
        try
        {
            return layer.OutputShape(input) == output;
        }
        catch (ShapeException)
        {
            // A candidate that does not fit is none.
            return false;
        }
    }

    // The inputs or channels that give so many parameters: each adds as many.
    private static int? SolveInputs(long parameters, Func<int, long> count)
    {
        long one = count(1), each = count(2) - one;
        return each > 0 && (parameters - one) % each == 0 && (parameters - one) / each + 1 is > 0 and < 1 << 20 and var inputs ? (int)inputs : null;
    }

    private static bool IsBeforeBatchNorm(Claim claim, int row) => row + 1 < claim.Rows.Count && Known(claim.Rows[row + 1]) is BatchNorm2D;

    private static Layer? Known(ClaimedRow row) => s_types.GetValueOrDefault(row.Type.ToLowerInvariant());

    private static IEnumerable<(Layer Layer, double Complexity)> Candidates(Claim claim, int index, Layer type, Shape input, bool bias) => type switch
    {
        Conv2D => input.IsFlat ? [] : Convolutions(claim, index, input, bias),
        MaxPool2D or AvgPool2D => input.IsFlat ? [] : Poolings(claim, index, type, input),
        Linear => Features(claim, index, input, bias).Select(features => ((Layer)new Linear(features) { Bias = bias }, 0.0)),
        _ => [(type, 0)],
    };

    // The sizes that this row claims, or the rows after it whose layers keep the size.
    private static IEnumerable<Shape> Outputs(Claim claim, int index)
    {
        for (int i = index; i < claim.Rows.Count; i++)
        {
            if (i > index && (!s_types.TryGetValue(claim.Rows[i].Type.ToLowerInvariant(), out Layer? type) || LayerExplanation.HasWindow(type) || type is Linear or Flatten)) yield break;
            if (claim.Rows[i].Output is { } output) yield return output;
        }
    }

    private static IEnumerable<int> Features(Claim claim, int index, Shape input, bool bias)
    {
        var features = Outputs(claim, index).Where(output => output.IsFlat).Select(output => output.Channels).ToHashSet();
        if (claim.Rows[index].Parameters is { } parameters && Solve(parameters, features => LikelyMistakes.Count(new Linear(features) { Bias = bias }, input)) is { } solved) features.Add(solved);
        return features;
    }

    private static IEnumerable<(Layer Layer, double Complexity)> Convolutions(Claim claim, int index, Shape input, bool bias)
    {
        var outputs = Outputs(claim, index).Where(output => !output.IsFlat).ToHashSet();
        var windows = new HashSet<(Size2D Kernel, int Stride, int Padding)>();
        foreach (Shape output in outputs)
        {
            foreach (var (row, column) in Sizes(WindowOperation.Convolution, input, output, strideIsKernel: false))
                windows.Add((new Size2D(row.Kernel, column.Kernel), row.Stride, row.Padding));
        }
        // Where the sizes are wrong, the parameters tell the kernel.
        for (int kernel = 1; kernel <= s_bounds.Kernel; kernel++)
            foreach (int stride in (int[])[1, 2]) foreach (int padding in (int[])[0, (kernel - 1) / 2]) windows.Add((kernel, stride, padding));

        long? parameters = claim.Rows[index].Parameters;
        Shape roomy = new(input.Channels, 1 << 10, 1 << 10);
        foreach (var (kernel, stride, padding) in windows)
        {
            if (!new WindowAxis(input.Height, kernel.Height, padding: padding).Fits || !new WindowAxis(input.Width, kernel.Width, padding: padding).Fits) continue;
            var convolution = new Conv2D(1, kernel) { Stride = stride, Padding = padding, Bias = bias };
            double complexity = (kernel.Height == kernel.Width ? 0 : 0.1) + 0.05 * (stride - 1) + (padding == 0 ? 0 : padding == (kernel.Height - 1) / 2 ? 0.01 : 0.2)
                + (kernel.Height % 2 == 0 ? 0.02 : 0) + 0.0001 * kernel.Height + (kernel.Height > input.Height || kernel.Width > input.Width ? 1.5 * WrongFigure : 0);
            var filters = outputs.Select(output => output.Channels).ToHashSet();
            if (parameters is { } count && Solve(count, f => LikelyMistakes.Count(convolution with { Filters = f }, roomy)) is { } solved) filters.Add(solved);
            foreach (int f in filters) yield return (convolution with { Filters = f }, complexity);
        }
    }

    private static IEnumerable<(Layer Layer, double Complexity)> Poolings(Claim claim, int index, Layer type, Shape input)
    {
        Layer Pool(Size2D kernel, int? stride, int padding, bool ceilMode) => type is MaxPool2D
            ? new MaxPool2D(kernel) { Stride = stride is { } s ? (Size2D)s : null, Padding = padding, CeilMode = ceilMode }
            : new AvgPool2D(kernel) { Stride = stride is { } t ? (Size2D)t : null, Padding = padding, CeilMode = ceilMode };

        // What nearly every pooling is, should the sizes be wrong.
        yield return (Pool(2, null, 0, false), 0.001);
        yield return (Pool(3, 2, 0, false), 0.003);
        foreach (Shape output in Outputs(claim, index).Where(output => !output.IsFlat).ToHashSet())
        {
            foreach (bool ceilMode in (bool[])[false, true])
            {
                foreach (bool strideIsKernel in (bool[])[true, false])
                {
                    foreach (var (row, column) in Sizes(WindowOperation.Pooling, input, output, strideIsKernel, ceilMode))
                    {
                        double complexity = (row.Kernel == column.Kernel ? 0 : 0.1) + (strideIsKernel ? 0 : 0.01 + 0.001 * row.Stride) + row.Padding * 0.02 + (ceilMode ? 0.05 : 0)
                            + (row.Unused > 0 ? 0.002 : 0) + (row.Stride > row.Kernel ? 0.1 : 0) + (!strideIsKernel && row.Kernel % 2 == 0 ? 0.003 : 0) + 0.001 * row.Kernel;
                        yield return (Pool(new Size2D(row.Kernel, column.Kernel), strideIsKernel ? null : row.Stride, row.Padding, ceilMode), complexity);
                    }
                }
            }
        }
    }

    // Windows for rows and columns, square ones alone where the images are.
    private static IEnumerable<(WindowSolution Row, WindowSolution Column)> Sizes(WindowOperation operation, Shape input, Shape output, bool strideIsKernel, bool ceilMode = false)
    {
        WindowQuestion question = new()
        {
            Operation = operation,
            Input = input.Height,
            Output = output.Height,
            StrideIsKernel = strideIsKernel,
            Dilation = 1,
            OutputPadding = 0,
            CeilMode = ceilMode,
        };
        var rows = WindowSolver.Solve(question, s_bounds).Solutions;
        if (input.Height == input.Width && output.Height == output.Width) return rows.Select(row => (row, row));
        var columns = WindowSolver.Solve(question with { Input = input.Width, Output = output.Width }, s_bounds).Solutions.ToLookup(Key);
        return rows.SelectMany(row => columns[Key(row)].Select(column => (row, column)));

        (int, int) Key(WindowSolution solution) => (strideIsKernel ? 0 : solution.Stride, solution.Padding);
    }

    // The filters or features that give so many parameters; the number grows in proportion to them.
    private static int? Solve(long parameters, Func<int, long> count)
    {
        long each = count(1);
        return parameters % each == 0 && parameters / each is > 0 and < 1 << 20 and var filters && count((int)filters) == parameters ? (int)filters : null;
    }

    private static Dictionary<string, Layer> Types()
    {
        Layer[] layers =
        [
            new Conv2D(1, 1), new MaxPool2D(2), new AvgPool2D(2), new GlobalAvgPool2D(), new Linear(1), new Flatten(), new Dropout(), new Dropout2D(), new BatchNorm2D(),
            new LayerNorm(), new InstanceNorm2D(),
            new ReLU(), new LeakyReLU(), new PReLU(), new ReLU6(), new ELU(), new SELU(), new GELU(), new SiLU(), new Mish(), new Softplus(),
            new Hardswish(), new Hardsigmoid(), new Sigmoid(), new Tanh(), new Softmax(), new LogSoftmax(),
        ];
        var types = new Dictionary<string, Layer>();
        foreach (Layer layer in layers)
        {
            string json = LayerText.TypeOf(layer);
            foreach (string name in (string[])[layer.TorchName.ToLowerInvariant(), json, json.Replace("2d", "")]) types[name] = layer;
        }
        return types;
    }
}

/// <summary>A network that was rebuilt from a table.</summary>
/// <param name="Model">The network.</param>
/// <param name="Notes">What the table leaves open, in sentences.</param>
internal sealed record RebuiltNetwork(ModelSpec Model, IReadOnlyList<string> Notes);

/// <summary>A row of a table that no layer can be rebuilt from.</summary>
internal sealed class RowException(int row, string message) : FoveaException(message)
{
    /// <summary>The row's index.</summary>
    public int Row { get; } = row;
}
