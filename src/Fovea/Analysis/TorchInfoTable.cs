using System.Globalization;
using System.Text;

namespace Fovea;

/// <summary>The table of the tool torchinfo 1.8.0, of a PyTorch nn.Sequential of the same layers, to the byte.</summary>
internal static class TorchInfoTable
{
    private const int NameWidth = 40, ColumnWidth = 25, BytesOfNumber = 4;

    public static string Write(ModelSummary summary)
    {
        int batch = summary.Batch ?? 1;
        string rule = new('=', NameWidth + 2 * ColumnWidth);
        var text = new StringBuilder();
        void Line(string line) => text.Append(line.TrimEnd()).Append('\n');
        void Row(string name, string shape, string parameters) => Line($"{name,-NameWidth} {shape,-ColumnWidth} {parameters,-ColumnWidth}");

        Line(rule);
        Row("Layer (type:depth-idx)", "Output Shape", "Param #");
        Line(rule);
        Row("Sequential", ShapeOf(summary.Output, batch), "--");
        foreach (var (layer, i) in summary.Layers.Select((layer, i) => (layer, i)))
        {
            string type = layer.Name[..layer.Name.LastIndexOf('-')];
            Row($"├─{type}: 1-{i + 1}", ShapeOf(layer.OutputShape, batch), layer.Parameters == 0 ? "--" : Number(layer.Parameters));
        }
        Line(rule);
        Line($"Total params: {Number(summary.TotalParameters)}");
        Line($"Trainable params: {Number(summary.TrainableParameters)}");
        Line($"Non-trainable params: {Number(summary.TotalParameters - summary.TrainableParameters)}");
        double multiplyAdds = summary.Layers.Sum(layer => (double)batch * MultiplyAdds(layer));
        var (unit, scale) = multiplyAdds >= 1e12 ? ("T", 1e12) : multiplyAdds >= 1e9 ? ("G", 1e9) : ("M", 1e6);
        // Of a whole number of these the tool shows no digits after the point.
        double readable = multiplyAdds / scale;
        Line($"Total mult-adds ({unit}): {(double.IsInteger(readable) ? readable.ToString("N0", CultureInfo.InvariantCulture) : Fixed(readable))}");
        Line(rule);
        // Outputs of layers that learn, and their gradients; a megabyte is 10^6 bytes here.
        double input = (double)BytesOfNumber * batch * summary.Input.Count, parameters = (double)BytesOfNumber * summary.TotalParameters;
        double pass = 2.0 * BytesOfNumber * batch * summary.Layers.Where(layer => layer.Parameters > 0).Sum(layer => (double)layer.OutputShape.Count);
        Line($"Input size (MB): {Fixed(input / 1e6)}");
        Line($"Forward/backward pass size (MB): {Fixed(pass / 1e6)}");
        Line($"Params size (MB): {Fixed(parameters / 1e6)}");
        Line($"Estimated Total Size (MB): {Fixed((input + pass + parameters) / 1e6)}");
        Line(rule);
        return text.ToString();
    }

    // The tool counts each parameter of a convolution, its bias too, once for every output pixel, and all others once.
    private static long MultiplyAdds(LayerSummary layer) =>
        layer.Type.StartsWith("conv", StringComparison.Ordinal) ? layer.Parameters * layer.OutputShape.Height * layer.OutputShape.Width : layer.Parameters;

    private static string ShapeOf(Shape shape, int batch) => shape.IsFlat ? $"[{batch}, {shape.Channels}]" : $"[{batch}, {shape.Channels}, {shape.Height}, {shape.Width}]";

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Fixed(double value) => decimal.Round((decimal)value, 2, MidpointRounding.ToEven).ToString("F2", CultureInfo.InvariantCulture);
}
