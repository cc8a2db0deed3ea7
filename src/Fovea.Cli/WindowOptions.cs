using System.CommandLine;

namespace Fovea.Cli;

/// <summary>The options of one window: what is known of it, what to solve for, and how far to look.</summary>
internal sealed class WindowOptions
{
    private static readonly WindowBounds s_usual = new();

    private readonly Option<string> _layer = Options.Choice("--layer", "What slides over the input; a pooling's stride is its kernel unless given.", "convolution", "convolution", "pooling", "transposed");
    private readonly Option<Size2D?> _input = Options.Size("--in", "Height and width of the input.");
    private readonly Option<Size2D?> _output = Options.Size("--out", "Height and width of the output; what is not given is then solved for.");
    private readonly Option<Size2D?> _kernel = Options.Size("--kernel", "The kernel.");
    private readonly Option<Size2D?> _stride = Options.Size("--stride", "The stride: 1 unless given or solved for.");
    private readonly Option<Size2D?> _padding = Options.Size("--padding", "The padding: 0 unless given or solved for.");
    private readonly Option<Size2D?> _dilation = Options.Size("--dilation", "The dilation: 1 unless given or solved for.");
    private readonly Option<Size2D?> _outputPadding = Options.Size("--output-padding", "Of a transposed convolution: pixels added at the far end; 0 unless given or solved for.");
    private readonly Option<bool> _ceil = new("--ceil") { Description = "Of a pooling: round the size of the output up." };
    private readonly Option<string?> _solve;
    private readonly Option<int?> _maxKernel = Options.Whole("--max-kernel", "The largest kernel to look for.", least: 1, s_usual.Kernel);
    private readonly Option<int?> _maxStride = Options.Whole("--max-stride", "The largest stride.", least: 1, s_usual.Stride);
    private readonly Option<int?> _maxPadding = Options.Whole("--max-padding", "The largest padding; less than the window covers unless given.", least: 0);
    private readonly Option<int?> _maxDilation = Options.Whole("--max-dilation", "The largest dilation.", least: 1, s_usual.Dilation);

    // What can be solved for, by the names that --solve takes.
    private readonly (string Name, Option<Size2D?> Option)[] _properties;

    public WindowOptions()
    {
        _properties = [("input", _input), ("kernel", _kernel), ("stride", _stride), ("padding", _padding), ("dilation", _dilation), ("output-padding", _outputPadding)];
        _solve = new("--solve") { Description = $"Solve for these alone: {string.Join(", ", _properties.Select(property => property.Name))}.", HelpName = "NAME,NAME,..." };
    }

    /// <summary>What says how far to look.</summary>
    public IReadOnlyList<Option> Bounding => [_maxKernel, _maxStride, _maxPadding, _maxDilation];

    /// <summary>What is of one window alone.</summary>
    public IReadOnlyList<Option> OfWindow => [_layer, _input, _output, _kernel, _stride, _padding, _dilation, _outputPadding, _ceil, _solve];

    /// <summary>How far to look for what is not known.</summary>
    public WindowBounds Bounds(ParseResult result) =>
        new(result.GetValue(_maxKernel)!.Value, result.GetValue(_maxStride)!.Value, result.GetValue(_maxPadding), result.GetValue(_maxDilation)!.Value);

    /// <summary>The sizes of the window that is given, or what is not known of it.</summary>
    /// <exception cref="UsageException">Too little is given, or what does not go together.</exception>
    public ShapeAnswer Solve(ParseResult result, Verb verb)
    {
        WindowOperation operation = Enum.Parse<WindowOperation>(result.GetValue(_layer)!, ignoreCase: true);
        bool isPooling = operation == WindowOperation.Pooling;
        CheckLayer(result, verb, operation);
        string[] unknown = Unknown(result, verb, operation);
        Size2D? input = result.GetValue(_input), output = result.GetValue(_output);
        Size2D? kernel = Known(_kernel, null), stride = Known(_stride, isPooling ? null : 1);
        Size2D? padding = Known(_padding, 0), dilation = Known(_dilation, 1), outputPadding = Known(_outputPadding, 0);
        if (kernel is null && !unknown.Contains("kernel")) throw new UsageException($"{verb.Name}: the kernel is not known. Give --kernel, or --solve kernel.", verb);
        bool strideIsKernel = isPooling && stride is null && !unknown.Contains("stride");
        if (kernel is not null) RefuseBound(_maxKernel, "kernel");
        if (stride is not null || strideIsKernel) RefuseBound(_maxStride, "stride");
        if (padding is not null) RefuseBound(_maxPadding, "padding");
        if (dilation is not null) RefuseBound(_maxDilation, "dilation");
        return ShapeAnswer.Of(Question(size => size.Height), Question(size => size.Width), Bounds(result));

        Size2D? Known(Option<Size2D?> option, Size2D? otherwise) =>
            result.GetValue(option) ?? (unknown.Contains(_properties.Single(property => property.Option == option).Name) ? null : otherwise);

        void RefuseBound(Option bound, string name) => Refuse(result, verb, [bound], $"says how far to look for the {name}, which is known. Leave it out, or solve for it.");

        WindowQuestion Question(Func<Size2D, int> side)
        {
            int? Of(Size2D? size) => size is { } known ? side(known) : null;
            return new WindowQuestion
            {
                Operation = operation,
                Input = Of(input),
                Output = Of(output),
                Kernel = Of(kernel),
                Stride = Of(stride),
                StrideIsKernel = strideIsKernel,
                Padding = Of(padding),
                Dilation = Of(dilation),
                OutputPadding = Of(outputPadding),
                CeilMode = result.GetValue(_ceil),
            };
        }
    }

    /// <summary>Throws where one of the options is given.</summary>
    public static void Refuse(ParseResult result, Verb verb, IEnumerable<Option> options, string reason)
    {
        if (options.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } wrong) throw new UsageException($"{verb.Name}: {wrong.Name} {reason}", verb);
    }

    private void CheckLayer(ParseResult result, Verb verb, WindowOperation operation)
    {
        if (operation != WindowOperation.Pooling) Refuse(result, verb, [_ceil], "rounds the size of a pooling. Add --layer pooling, or leave it out.");
        if (operation != WindowOperation.Transposed) Refuse(result, verb, [_outputPadding], "is for a transposed convolution. Add --layer transposed, or leave it out.");
        if (operation == WindowOperation.Pooling) Refuse(result, verb, [_dilation, _maxDilation], "is not for a pooling, whose window has no gaps. Leave it out.");
    }

    // The names of what is to be solved for: those that are given, otherwise the input if that is missing, otherwise all of kernel, stride and padding that is.
    private string[] Unknown(ParseResult result, Verb verb, WindowOperation operation)
    {
        string[] names = [.. _properties.Select(property => property.Name)];
        string[] unknown = result.GetValue(_solve)?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        foreach (string name in unknown.Except(names))
            throw new UsageException($"{verb.Name}: --solve: expected names of {string.Join(", ", names)}, got \"{name}\". {Nearest.Hint(name, names)}".TrimEnd(), verb);
        if (result.GetValue(_output) is null)
        {
            if (unknown.Length > 0) throw new UsageException($"{verb.Name}: --solve needs the output that is wanted. Give --out.", verb);
            if (result.GetValue(_kernel) is null)
                throw new UsageException($"{verb.Name}: give --in and --kernel for the size of the output, or --in and --out for what lies between them.", verb);
            return [];
        }
        bool isPooling = operation == WindowOperation.Pooling;
        if (unknown.Length == 0) return result.GetValue(_input) is null ? ["input"] : isPooling ? ["kernel", "padding"] : ["kernel", "stride", "padding"];
        string? missing = isPooling && unknown.Contains("dilation") ? "dilation" : operation != WindowOperation.Transposed && unknown.Contains("output-padding") ? "output-padding" : null;
        if (missing is not null) throw new UsageException($"{verb.Name}: --solve {missing}: a {result.GetValue(_layer)} has none. Leave it out.", verb);
        foreach (var (name, option) in _properties)
        {
            if (result.GetValue(option) is not null && unknown.Contains(name))
                throw new UsageException($"{verb.Name}: --solve {name}: it is given already. Leave out one of the two.", verb);
        }
        return unknown;
    }
}
