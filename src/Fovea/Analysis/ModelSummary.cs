using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>One layer of a <see cref="ModelSummary"/>.</summary>
/// <param name="Name">PyTorch's module and the row's number: "Conv2d-1".</param>
/// <param name="Type">The type in JSON: "conv2d".</param>
/// <param name="OutputShape">The output of one sample.</param>
/// <param name="Parameters">Numbers that the layer learns.</param>
/// <param name="MultiplyAdds">Multiply-adds of the forward pass of one sample.</param>
/// <param name="ReceptiveField">Input pixels that one output sees, down and across, those on padding included.</param>
public sealed record LayerSummary(string Name, string Type, Shape OutputShape, long Parameters, long MultiplyAdds, Size2D ReceptiveField)
{
    /// <summary>The layer in a model's line of text: "conv 32 k5 p2".</summary>
    [JsonIgnore]
    public required string Text { get; init; }

    /// <summary>The place in the model, from 0, of the layer, or of the block that it is part of.</summary>
    [JsonIgnore]
    public required int Place { get; init; }

    /// <summary>Bytes of the output, of the whole batch where there is one.</summary>
    [JsonIgnore]
    public required long OutputBytes { get; init; }

    /// <summary>The layer's share of the model's parameters, from 0 to 1.</summary>
    [JsonIgnore]
    public double ParameterShare { get; init; }
}

/// <summary>What a model consists of and what it takes, layer by layer: the numbers of torchsummary, and more.</summary>
public sealed record ModelSummary
{
    private const double BytesPerNumber = 4, Mebibyte = 1 << 20;

    private ModelSummary()
    {
    }

    /// <summary>The layers that are shown.</summary>
    public required IReadOnlyList<LayerSummary> Layers { get; init; }

    /// <summary>The shape of one sample of the input.</summary>
    [JsonIgnore]
    public required Shape Input { get; init; }

    /// <summary>The shape of one sample of the output.</summary>
    [JsonIgnore]
    public required Shape Output { get; init; }

    /// <summary>Whether layers consist of layers.</summary>
    [JsonIgnore]
    public bool HasBlocks { get; init; }

    /// <summary>The batch that the sizes are for; null for one sample.</summary>
    [JsonIgnore]
    public required int? Batch { get; init; }

    /// <summary>All numbers that the model learns.</summary>
    public long TotalParameters => Layers.Sum(layer => layer.Parameters);

    /// <summary>Those that training changes: all, as nothing can be frozen.</summary>
    public long TrainableParameters => TotalParameters;

    /// <summary>Multiply-adds of the forward pass of one sample.</summary>
    [JsonIgnore]
    public long TotalMultiplyAdds => Layers.Sum(layer => layer.MultiplyAdds);

    /// <summary>The input in MB of 2^20 bytes, 4 bytes a number.</summary>
    public double InputMegabytes => Megabytes((double)Input.Count * (Batch ?? 1));

    /// <summary>All outputs of the shown layers, twice: forward, and their gradients backward.</summary>
    public double ForwardBackwardMegabytes => 2 * Megabytes(Layers.Sum(layer => (double)layer.OutputShape.Count) * (Batch ?? 1));

    /// <summary>The parameters.</summary>
    public double ParametersMegabytes => Megabytes(TotalParameters);

    /// <summary>The sum of the three, not rounded before.</summary>
    public double TotalMegabytes => InputMegabytes + ForwardBackwardMegabytes + ParametersMegabytes;

    /// <summary>Summarizes a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">The batch that sizes are for; null for one sample.</param>
    /// <param name="hide">Types of layers without parameters to leave out: "flatten".</param>
    /// <param name="renumber">Whether only the rows that are shown are counted, as in torchsummary; otherwise names are those of the whole
    /// table.</param>
    /// <exception cref="ShapeException">A layer does not fit its input.</exception>
    /// <exception cref="FoveaException">There is no such type to hide, or it has parameters, which the totals would miss.</exception>
    public static ModelSummary Of(ModelSpec model, int? batch = null, IReadOnlyCollection<string>? hide = null, bool renumber = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        HashSet<string> hidden = [.. (hide ?? []).Select(LayerText.Short)];
        foreach (string type in hidden.Except(LayerText.Names))
            throw new FoveaException($"there is no layer \"{type}\" to hide. Known layers: {string.Join(", ", LayerText.Names)}.");
        var rows = new List<LayerSummary>();
        int number = 0;
        foreach (ReceptiveFields.Step step in ReceptiveFields.Trace(model))
        {
            number++;
            Layer layer = step.Row.Layer;
            Shape output = step.Row.Output;
            string type = LayerText.TypeOf(layer);
            long parameters = step.Row.Parameters;
            if (hidden.Contains(LayerText.Short(type)))
            {
                if (parameters > 0) throw new FoveaException($"{layer} has {Number(parameters)} parameters, which the totals would miss. Hide only layers without parameters.");
                continue;
            }
            rows.Add(new LayerSummary($"{layer.TorchName}-{(renumber ? rows.Count + 1 : number)}", type, output, parameters, step.Row.MultiplyAdds, new Size2D(step.Rows.Size, step.Columns.Size))
            {
                Text = LayerText.FormatBriefly(layer),
                Place = step.Row.Index,
                OutputBytes = (long)BytesPerNumber * output.Count * (batch ?? 1),
            });
        }
        double total = rows.Sum(row => row.Parameters);
        return new ModelSummary
        {
            Layers = [.. rows.Select(row => row with { ParameterShare = total > 0 ? row.Parameters / total : 0 })],
            Input = model.Input,
            Output = model.Output,
            HasBlocks = model.Layers.Any(layer => layer is Composite),
            Batch = batch,
        };
    }

    /// <summary>The summary as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SummaryJson.Of<ModelSummary>());

    /// <summary>The table of the tool torchsummary 1.5.1, to the byte.</summary>
    public string ToTorchSummary()
    {
        const int width = 64;
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        Line(new string('-', width));
        Line($"{"Layer (type)",20}  {"Output Shape",25} {"Param #",15}");
        Line(new string('=', width));
        foreach (LayerSummary layer in Layers)
            Line($"{layer.Name,20}  {TorchShape(layer.OutputShape),25} {Number(layer.Parameters),15}");
        Line(new string('=', width));
        Line($"Total params: {Number(TotalParameters)}");
        Line($"Trainable params: {Number(TrainableParameters)}");
        Line($"Non-trainable params: {Number(TotalParameters - TrainableParameters)}");
        Line(new string('-', width));
        Line($"Input size (MB): {Fixed(InputMegabytes)}");
        Line($"Forward/backward pass size (MB): {Fixed(ForwardBackwardMegabytes)}");
        Line($"Params size (MB): {Fixed(ParametersMegabytes)}");
        Line($"Estimated Total Size (MB): {Fixed(TotalMegabytes)}");
        Line(new string('-', width));
        return text.ToString();
    }

    /// <summary>The table of the tool torchinfo 1.8.0, of an nn.Sequential, to the byte; a batch of 1 unless there is one.</summary>
    /// <exception cref="FoveaException">The model has blocks.</exception>
    public string ToTorchInfo() => HasBlocks ? throw NoBlocks("torchinfo") : TorchInfoTable.Write(this);

    /// <summary>The table of Keras 3, of a Sequential model, to the byte.</summary>
    /// <exception cref="FoveaException">The model has blocks, or Keras has no such layer.</exception>
    public string ToKeras() => HasBlocks ? throw NoBlocks("keras") : KerasTable.Write(this);

    private static FoveaException NoBlocks(string style) =>
        new($"the style {style} shows layers in a row, but this model has blocks. Use the style fovea or torchsummary.");

    private string TorchShape(Shape shape)
    {
        // Some cultures write another sign than "-".
        string batch = (Batch ?? -1).ToString(CultureInfo.InvariantCulture);
        return shape.IsFlat ? $"[{batch}, {shape.Channels}]" : $"[{batch}, {shape.Channels}, {shape.Height}, {shape.Width}]";
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    // As Python's %0.2f: exact halves, such as 0.125, go to the even digit.
    private static string Fixed(double value) => decimal.Round((decimal)value, 2, MidpointRounding.ToEven).ToString("F2", CultureInfo.InvariantCulture);

    private static double Megabytes(double numbers) => numbers * BytesPerNumber / Mebibyte;
}
