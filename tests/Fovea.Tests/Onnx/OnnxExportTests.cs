using Fovea.Onnx;
using Proto = Fovea.OnnxProto;

namespace Fovea.Tests.Onnx;

/// <summary>What is in a file; that its numbers are right, ONNX Runtime says in the oracle tests.</summary>
public class OnnxExportTests
{
    private static Proto.Graph Export(string layers, string input, OnnxExportOptions? options = null) =>
        OnnxExport.Of(new Network(ModelSpec.Parse(layers, Shape.Parse(input)), seed: 1), options).Proto.Graph;

    private static string Line(Proto.Node node) => $"{node.OpType}({string.Join(", ", node.Input)}) {string.Join(" ", node.Attribute.Select(Text))}".TrimEnd();

    private static string Text(Proto.Attribute attribute) => $"{attribute.Name}={attribute.Type switch
    {
        Proto.Attribute.Types.Kind.Int => attribute.I,
        Proto.Attribute.Types.Kind.Float => attribute.F,
        _ => string.Join(",", attribute.Ints),
    }}";

    private static string Text(Proto.Value value) =>
        $"{value.Name} {string.Join("x", value.Type.TensorType.Shape.Dim.Select(extent => extent.DimParam.Length > 0 ? extent.DimParam : extent.DimValue.ToString(System.Globalization.CultureInfo.InvariantCulture)))}";

    [Fact]
    public void A_network_is_a_chain_of_nodes_with_the_shapes_between_them()
    {
        Proto.Graph graph = Export("conv 4 k3x2 s2x1 p1x0 d1x2 nobias | relu | maxpool 2 | flatten | linear 5 | logsoftmax", "2x9x8");
        Assert.Equal(
        [
            "Conv(input, 0.weight) kernel_shape=3,2 strides=2,1 dilations=1,2 pads=1,0,1,0 group=1",
            "Relu(0.Conv)",
            "MaxPool(1.Relu) kernel_shape=2,2 strides=2,2 pads=0,0,0,0",
            "Flatten(2.MaxPool) axis=1",
            "Gemm(3.Flatten, 4.weight, 4.bias) transB=1",
            "LogSoftmax(4.Gemm) axis=1",
        ], graph.Node.Select(Line));
        // (9 + 2 - 3) / 2 + 1 = 5 rows, 8 - 3 + 1 = 6 columns; then 2 x 3 of 4 channels.
        Assert.Equal(["0.Conv Nx4x5x6", "1.Relu Nx4x5x6", "2.MaxPool Nx4x2x3", "3.Flatten Nx24", "4.Gemm Nx5"], graph.ValueInfo.Select(Text));
        Assert.Equal(["input Nx2x9x8", "output Nx5"], graph.Input.Concat(graph.Output).Select(Text));
        Assert.Equal(["0.weight 4,2,3,2", "4.weight 5,24", "4.bias 5"], graph.Initializer.Select(tensor => $"{tensor.Name} {string.Join(",", tensor.Dims)}"));
    }

    [Fact]
    public void Windows_that_hang_over_are_a_padding_at_the_far_end()
    {
        // Rounded up, 3 windows of 3 pixels, 2 apart, over 6 pixels: the last hangs over by 1.
        Assert.Equal(["MaxPool(input) kernel_shape=3,3 strides=2,2 pads=0,0,1,1"], Export("maxpool 3 s2 ceil", "1x6x6").Node.Select(Line));
        // Over 7 pixels none does.
        Assert.Equal(["MaxPool(input) kernel_shape=3,3 strides=2,2 pads=0,0,0,0"], Export("maxpool 3 s2 ceil", "1x7x7").Node.Select(Line));
        // What pads counts in the mean, what hangs over does not.
        Assert.Equal(
        [
            "Pad(input, 0.pads)",
            "AveragePool(0.Pad) kernel_shape=3,3 strides=2,2 pads=0,0,1,1",
        ], Export("avgpool 3 s2 p1 ceil", "1x6x6").Node.Select(Line));
        Assert.Equal(["AveragePool(input) kernel_shape=3,3 strides=2,2 pads=1,1,1,1 count_include_pad=1"], Export("avgpool 3 s2 p1", "1x6x6").Node.Select(Line));
    }

    [Fact]
    public void Pixels_are_normalized_in_the_graph_or_told_in_the_metadata()
    {
        var options = new OnnxExportOptions { Normalization = new Normalization([0.5f], [0.25f]), Data = "mnist", ClassNames = ["zero", "\"one\""] };
        Proto.Graph graph = Export("relu", "1x2x2", options);
        Assert.Equal(["Mul(input, normalization.scale)", "Add(normalization.Mul, normalization.shift)", "Relu(normalization.Add)"], graph.Node.Select(Line));
        // (x / 255 - 0.5) / 0.25 = x / 63.75 - 2.
        Assert.Equal([1 / 63.75f, -2f], graph.Initializer.Select(tensor => BitConverter.ToSingle(tensor.RawData.Span)));
        Assert.Equal(["Relu(input)"], Export("relu", "1x2x2", options with { NormalizeInGraph = false }).Node.Select(Line));
        Proto.Model model = OnnxExport.Of(new Network(ModelSpec.Parse("relu", Shape.Flat(3))), options).Proto;
        Assert.Equal(
        [
            ("fovea.input", "pixels from 0 to 255"), ("fovea.normalization.mean", "[0.5]"), ("fovea.normalization.deviation", "[0.25]"),
            ("fovea.data", "mnist"), ("fovea.classes", """["zero","\u0022one\u0022"]"""),
        ], model.MetadataProps.Select(entry => (entry.Key, entry.Value)));
    }

    [Fact]
    public void A_model_without_layers_gives_its_input() =>
        Assert.Equal(["Identity(input)"], OnnxExport.Of(new Network(new ModelSpec(Shape.Flat(3), []))).Proto.Graph.Node.Select(Line));

    [Fact]
    public void A_file_is_read_back_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        OnnxModel model = OnnxExport.Of(new Network(Zoo.Get("stride2"), seed: 2));
        model.Write(folder["a.onnx"]);
        OnnxModel read = OnnxModel.Read(folder["a.onnx"]);
        Assert.Equal((17, model.Proto), (read.Opset, read.Proto));
    }

    [Theory]
    [InlineData("", "f.onnx: not an ONNX file: it has no graph.")]
    [InlineData("this is text", "f.onnx: not an ONNX file, or one that is cut off: ")]
    public void Other_files_are_refused(string content, string message) =>
        Assert.StartsWith(message, Assert.Throws<OnnxException>(() => OnnxModel.Parse(System.Text.Encoding.UTF8.GetBytes(content), "f.onnx")).Message);
}
