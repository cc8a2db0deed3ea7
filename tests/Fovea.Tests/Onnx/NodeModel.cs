using System.Globalization;
using Fovea.Onnx;
using Google.Protobuf;
using Proto = Fovea.OnnxProto;

namespace Fovea.Tests.Onnx;

/// <summary>Graphs of one node, all of whose inputs are inputs of the graph, from a line such as <c>Conv strides=2,1 auto_pad=SAME_UPPER</c>.</summary>
internal static class NodeModel
{
    /// <summary>A model of one node. Numbers with a point are floats, lists have a comma (one number: "3,"), all else is text.</summary>
    public static OnnxModel Of(string line, int opset, IReadOnlyList<OnnxTensor> inputs, int outputs = 1, OnnxElement type = OnnxElement.Float)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var node = new Proto.Node { Name = "n", OpType = words[0] };
        foreach (string word in words[1..])
        {
            string[] pair = word.Split('=');
            node.Attribute.Add(Attribute(pair[0], pair[1]));
        }
        var graph = new Proto.Graph { Name = "one", Node = { node } };
        for (int i = 0; i < inputs.Count; i++)
        {
            node.Input.Add($"x{i}");
            graph.Input.Add(Value($"x{i}", inputs[i].Type, inputs[i].Shape));
        }
        for (int i = 0; i < outputs; i++)
        {
            node.Output.Add($"y{i}");
            graph.Output.Add(Value($"y{i}", type, shape: null));
        }
        var model = new Proto.Model { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new Proto.OperatorSet { Version = opset });
        return new OnnxModel(model, "f.onnx");
    }

    /// <summary>A tensor of floats.</summary>
    public static OnnxTensor Floats(string shape, params float[] values) => new(Shape(shape), values);

    /// <summary>A list of whole numbers.</summary>
    public static OnnxTensor Integers(params long[] values) => new([values.Length], values);

    /// <summary>The outputs of a model for its inputs x0, x1, ...</summary>
    public static OnnxTensor Run(OnnxModel model, params IReadOnlyList<OnnxTensor> inputs) =>
        OnnxEvaluator.Run(model, inputs.Select((value, i) => ($"x{i}", value)).ToDictionary()).First().Value;

    /// <summary>"2x3" as extents; "" as none.</summary>
    public static int[] Shape(string text) => [.. text.Split('x', StringSplitOptions.RemoveEmptyEntries).Select(extent => int.Parse(extent, CultureInfo.InvariantCulture))];

    private static Proto.Attribute Attribute(string name, string value)
    {
        var attribute = new Proto.Attribute { Name = name };
        if (value.Contains(','))
        {
            attribute.Type = Proto.Attribute.Types.Kind.Ints;
            attribute.Ints.Add(value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(number => long.Parse(number, CultureInfo.InvariantCulture)));
        }
        else if (long.TryParse(value, CultureInfo.InvariantCulture, out long whole)) (attribute.Type, attribute.I) = (Proto.Attribute.Types.Kind.Int, whole);
        else if (float.TryParse(value, CultureInfo.InvariantCulture, out float number)) (attribute.Type, attribute.F) = (Proto.Attribute.Types.Kind.Float, number);
        else (attribute.Type, attribute.S) = (Proto.Attribute.Types.Kind.String, ByteString.CopyFromUtf8(value));
        return attribute;
    }

    private static Proto.Value Value(string name, OnnxElement type, IReadOnlyList<int>? shape)
    {
        var tensor = new Proto.Type.Types.TensorType { ElemType = (int)type };
        if (shape is not null)
        {
            tensor.Shape = new Proto.TensorShape();
            foreach (int extent in shape) tensor.Shape.Dim.Add(new Proto.TensorShape.Types.Extent { DimValue = extent });
        }
        return new Proto.Value { Name = name, Type = new Proto.Type { TensorType = tensor } };
    }
}
