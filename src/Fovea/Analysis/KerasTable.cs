using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Fovea;

/// <summary>
/// The table of Keras 3 on a terminal of 80 columns, of a Sequential model of the same layers, to the byte: heights and widths before channels,
/// and the running statistics of batch normalization among the parameters, as those that are not trained.
/// </summary>
internal static partial class KerasTable
{
    // What the library that draws the table leaves of the columns.
    private static readonly int[] s_widths = [31, 22, 13];

    private static readonly Dictionary<string, string> s_classes = new()
    {
        ["conv2d"] = "Conv2D",
        ["convtranspose2d"] = "Conv2DTranspose",
        ["linear"] = "Dense",
        ["flatten"] = "Flatten",
        ["maxpool2d"] = "MaxPooling2D",
        ["avgpool2d"] = "AveragePooling2D",
        ["globalavgpool2d"] = "GlobalAveragePooling2D",
        ["globalmaxpool2d"] = "GlobalMaxPooling2D",
        ["adaptiveavgpool2d"] = "AdaptiveAveragePooling2D",
        ["adaptivemaxpool2d"] = "AdaptiveMaxPooling2D",
        ["dropout"] = "Dropout",
        ["dropout2d"] = "SpatialDropout2D",
        ["zeropad2d"] = "ZeroPadding2D",
        ["upsample"] = "UpSampling2D",
        ["batchnorm2d"] = "BatchNormalization",
        ["groupnorm"] = "GroupNormalization",
        ["layernorm"] = "LayerNormalization",
        ["instancenorm2d"] = "GroupNormalization",
        ["relu"] = "ReLU",
        ["relu6"] = "ReLU",
        ["leakyrelu"] = "LeakyReLU",
        ["prelu"] = "PReLU",
        ["elu"] = "ELU",
        ["softmax"] = "Softmax",
        ["selu"] = "Activation",
        ["gelu"] = "Activation",
        ["silu"] = "Activation",
        ["mish"] = "Activation",
        ["softplus"] = "Activation",
        ["hardswish"] = "Activation",
        ["hardsigmoid"] = "Activation",
        ["sigmoid"] = "Activation",
        ["tanh"] = "Activation",
        ["logsoftmax"] = "Activation",
    };

    /// <exception cref="FoveaException">Keras has no such layer.</exception>
    public static string Write(ModelSummary summary)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        string Rule(string left, char bar, string middle, string right) => left + string.Join(middle, s_widths.Select(width => new string(bar, width + 2))) + right;

        Line("Model: \"sequential\"");
        Line(Rule("┏", '━', "┳", "┓"));
        Line(Cells('┃', ["Layer (type)", "Output Shape", "Param #"]));
        Line(Rule("┡", '━', "╇", "┩"));
        var names = new Dictionary<string, int>();
        long kept = 0;
        foreach (var (layer, i) in summary.Layers.Select((layer, i) => (layer, i)))
        {
            if (!s_classes.TryGetValue(layer.Type, out string? type)) throw new FoveaException($"Keras has no layer like {layer.Text}. Use --style fovea or torchsummary.");
            // The running mean and variance are as many as scale and shift.
            long statistics = type == "BatchNormalization" ? layer.Parameters : 0;
            kept += statistics;
            string name = Name(type);
            int number = names[name] = names.GetValueOrDefault(name, -1) + 1;
            if (i > 0) Line(Rule("├", '─', "┼", "┤"));
            Line(Cells('│', [$"{(number == 0 ? name : $"{name}_{number}")} ({type})", ShapeOf(layer, summary.Batch), Number(layer.Parameters + statistics)]));
        }
        Line(Rule("└", '─', "┴", "┘"));
        Line($" Total params: {Count(summary.TotalParameters + kept)}");
        Line($" Trainable params: {Count(summary.TrainableParameters)}");
        Line($" Non-trainable params: {Count(summary.TotalParameters - summary.TrainableParameters + kept)}");
        return text.ToString();
    }

    // A row of the table: what is too long for its column goes on below.
    private static string Cells(char bar, string[] texts)
    {
        List<string>[] lines = [.. texts.Select((text, column) => Wrap(text, s_widths[column]))];
        return string.Join('\n', Enumerable.Range(0, lines.Max(cell => cell.Count)).Select(line => bar + string.Join(bar, lines.Select((cell, column) =>
        {
            string part = line < cell.Count ? cell[line] : "";
            return $" {(column == 2 ? part.PadLeft(s_widths[column]) : part.PadRight(s_widths[column]))} ";
        })) + bar));
    }

    private static List<string> Wrap(string text, int width)
    {
        var lines = new List<string> { "" };
        foreach (string word in text.Split(' '))
        {
            if (lines[^1].Length == 0) lines[^1] = word;
            else if (lines[^1].Length + 1 + word.Length <= width) lines[^1] += " " + word;
            else lines.Add(word);
        }
        return lines;
    }

    // Keras' global poolings and its dense layers give vectors.
    private static string ShapeOf(LayerSummary layer, int? batch)
    {
        Shape shape = layer.OutputShape;
        string samples = batch?.ToString(CultureInfo.InvariantCulture) ?? "None";
        return shape.IsFlat || layer.Type.StartsWith("global", StringComparison.Ordinal)
            ? $"({samples}, {shape.Channels})"
            : $"({samples}, {shape.Height}, {shape.Width}, {shape.Channels})";
    }

    // "max_pooling2d" for MaxPooling2D.
    private static string Name(string type) => LowerUpper().Replace(Word().Replace(type, "$1_$2"), "$1_$2").ToLowerInvariant();

    private static string Count(long parameters)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB"];
        double size = 4.0 * parameters;
        int unit = 0;
        for (; size >= 1024 && unit < units.Length - 1; unit++) size /= 1024;
        return $"{parameters:N0} ({size:F2} {units[unit]})";
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    [GeneratedRegex("(.)([A-Z][a-z]+)")]
    private static partial Regex Word();

    [GeneratedRegex("([a-z])([A-Z])")]
    private static partial Regex LowerUpper();
}
