using Fovea.Onnx;
using Fovea.Tests.Laws;
using Proto = Fovea.OnnxProto;

namespace Fovea.Tests.Onnx;

public class OnnxImportTests
{
    /// <summary>Networks whose export can be read back layer by layer.</summary>
    public static TheoryData<string> Networks =>
    [
        "2x9x8 conv 4 k3x2 s2x1 p1x0 d1x2 nobias | relu | maxpool 2 | flatten | linear 5 | logsoftmax",
        "1x12x10 conv 6 k3 g1 p1 | batchnorm epsilon=0.001 momentum=0.2 | leakyrelu 0.2 | conv 6 k3 g3 | elu 0.7 | globalavgpool | flatten | linear 4 nobias | softmax",
        "3x8x6 maxpool 3 s2 p1 ceil | selu | avgpool 2 s1 p1 | prelu perchannel | prelu",
        "3x9x8 gelu | gelu approximate | silu | mish | softplus | softplus 3 threshold=2 | hardswish | hardsigmoid | sigmoid | tanh | relu6",
        "6x7x5 groupnorm 3 epsilon=0.01 | groupnorm 2 noaffine | layernorm | instancenorm | instancenorm affine | dropout 0.3",
        "4x5x4 convtranspose 6 k3 s2 p1 g2 outputPadding=1 | reflectionpad 2x1 | zeropad 0 bottom=2 right=3 | replicationpad 1 | upsample 2 | upsample 2x3 bilinear | globalmaxpool",
        "3x7x5 conv 4 k3 p1 | residual(conv 4 k3 p1 | relu | conv 4 k3 p1) | relu | residual(conv 8 k3 s2 p1 | batchnorm ; conv 8 k1 s2) | concat(conv 2 k1 | relu ; conv 3 k3 p1 ; ) | globalavgpool | flatten | linear 3",
        "3x7x5 residual(conv 3 k1 | residual(conv 3 k3 p1 | tanh | conv 3 k1) | conv 3 k1) | concat( ; conv 2 k3 p1 | concat( ; relu | conv 1 k1))",
        "3x7x5 circularpad 2x1 | adaptiveavgpool 4x3 | circularpad 0x1 bottom=1 | adaptivemaxpool 3x2 | residual(circularpad 1 | conv 3 k3) | flatten | linear 3",
        "23 linear 9 | relu | linear 5",
    ];

    [Theory, MemberData(nameof(Networks))]
    public void What_was_exported_is_read_back_layer_by_layer(string line)
    {
        string[] parts = line.Split(' ', 2);
        ModelSpec model = ModelSpec.Parse(parts[1], Shape.Parse(parts[0]));
        var network = new Network(model);
        Numbers.Randomize(network);
        OnnxNetwork read = OnnxImport.Of(OnnxModel.Parse(OnnxExport.Of(network).ToBytes(), "f.onnx"));
        Assert.Equal(model.ToText(), read.Network.Model.ToText());
        foreach (NetworkParameter parameter in network.Parameters.Concat(network.Buffers))
            Numbers.AssertSameBits(network.GetParameter(parameter.Name), read.Network.GetParameter(parameter.Name), parameter.Name);
    }

    [Fact]
    public void Normalization_classes_and_data_come_along()
    {
        var options = new OnnxExportOptions { Normalization = new Normalization([0.5f, 0.25f], [0.25f, 0.2f]), Data = "fruit", ClassNames = ["round", "odd"] };
        var network = new Network(ModelSpec.Parse("flatten | linear 2", new Shape(2, 3, 4)) with { Name = "small" });
        foreach (bool inGraph in (bool[])[true, false])
        {
            OnnxNetwork read = OnnxImport.Of(OnnxExport.Of(network, options with { NormalizeInGraph = inGraph }));
            Assert.Equal(("flatten | linear 2", "small", "fruit"), (read.Network.Model.ToText(), read.Network.Model.Name, read.Data));
            Assert.Equal(options.Normalization, read.Normalization);
            Assert.Equal(["round", "odd"], read.ClassNames);
        }
    }

    [Fact]
    public void A_normalization_of_other_channels_is_refused_with_the_file()
    {
        var options = new OnnxExportOptions { Normalization = new Normalization([0.5f, 0.25f, 0], [0.25f]), NormalizeInGraph = false };
        OnnxModel model = OnnxModel.Parse(OnnxExport.Of(new Network(ModelSpec.Parse("flatten | linear 2", new Shape(2, 3, 4))), options).ToBytes(), "f.onnx");
        Assert.Equal("f.onnx: its metadata on the normalization: the normalization is of 3 channels, but samples of 2x3x4 have 2. Give one number for all channels, or one for each.",
            Assert.Throws<OnnxException>(() => OnnxImport.Of(model)).Message);
    }

    // A chain of nodes on an input of N x 1 x 4 x 4, with constants.
    private static OnnxModel Chain(int opset, (string Name, OnnxTensor Values)[] constants, params string[] nodes)
    {
        var graph = new Proto.Graph { Name = "chain" };
        string value = "x0";
        foreach (string line in nodes)
        {
            string[] halves = line.Split(" <- ");
            Proto.Node node = NodeModel.Of(halves[0], opset, [NodeModel.Floats("1x1x4x4", new float[16])]).Proto.Graph.Node[0];
            node.Name = $"n{graph.Node.Count}";
            node.Input.Clear();
            node.Input.Add(halves.Length > 1 ? halves[1].Split(',').Select(name => name == "_" ? value : name) : [value]);
            value = node.Output[0] = $"v{graph.Node.Count}";
            graph.Node.Add(node);
        }
        Proto.Model one = NodeModel.Of("Relu", opset, [NodeModel.Floats("1x1x4x4", new float[16])]).Proto;
        graph.Input.Add(one.Graph.Input);
        graph.Output.Add(new Proto.Value { Name = value, Type = one.Graph.Output[0].Type });
        foreach (var (name, values) in constants)
        {
            var tensor = new Proto.Tensor { Name = name, DataType = (int)values.Type };
            tensor.Dims.Add(values.Shape.Select(extent => (long)extent));
            if (values.Type == OnnxElement.Float) tensor.FloatData.Add(values.Floats.ToArray());
            else tensor.Int64Data.Add(values.Integers.ToArray());
            graph.Initializer.Add(tensor);
        }
        one.Graph = graph;
        return new OnnxModel(one, "f.onnx");
    }

    [Fact]
    public void Other_programs_ways_to_write_layers_are_understood()
    {
        OnnxTensor weight = NodeModel.Floats("1x1x3x3", Numbers.Uniform(9, seed: 1)), matrix = NodeModel.Floats("16x2", Numbers.Uniform(32, seed: 2)), bias = NodeModel.Floats("2", 1, 2);
        OnnxModel model = Chain(11, [("w", weight), ("m", matrix), ("b", bias), ("zero", NodeModel.Floats("", 0)), ("six", NodeModel.Floats("", 6)), ("flat", NodeModel.Integers(-1, 16))],
            "Conv auto_pad=SAME_UPPER <- _,w", "Clip <- _,zero,six", "MaxPool kernel_shape=3,3 strides=1,1 pads=1,1,1,1", "Identity", "Reshape <- _,flat", "MatMul <- _,m", "Add <- _,b", "Softmax axis=1");
        OnnxNetwork read = OnnxImport.Of(model);
        Assert.Equal("conv 1 k3 p1 nobias | relu6 | maxpool 3 s1 p1 | flatten | linear 2 | softmax", read.Network.Model.ToText());
        float[] x = Numbers.Uniform(16, seed: 3);
        OnnxTensor expected = OnnxEvaluator.Run(model, new Dictionary<string, OnnxTensor> { ["x0"] = new([1, 1, 4, 4], x) }).Values.Single();
        Numbers.AssertClose(Numbers.ToDouble(expected.Floats), Numbers.ToDouble(read.Network.Predict(new Tensor(1, new Shape(1, 4, 4), x)).Values), 1e-6, "output");
        // Padding at the far end alone: of a convolution a layer of its own, of a pooling a window that hangs over.
        Assert.Equal("zeropad 0 bottom=1 right=1 | conv 1 k3 s2 nobias", OnnxImport.Of(Chain(11, [("w", weight)], "Conv auto_pad=SAME_UPPER strides=2,2 <- _,w")).Network.Model.ToText());
        Assert.Equal("maxpool 3 s2 ceil", OnnxImport.Of(Chain(11, [], "MaxPool kernel_shape=3,3 auto_pad=SAME_UPPER strides=2,2")).Network.Model.ToText());
    }

    [Theory, InlineData("Clip min=0.0e0 max=1.0e2"), InlineData("Clip min=0.0e0 max=1.0e6"), InlineData("Clip min=-5.0e1"), InlineData("ThresholdedRelu alpha=1.0e-3")]
    public void A_bound_far_out_or_close_to_0_makes_another_function(string line) =>
        Assert.Contains("it is no layer that can be imported", Assert.Throws<OnnxException>(() => OnnxImport.Of(Chain(10, [], line))).Message, StringComparison.Ordinal);

    [Fact]
    public void Activations_that_overflow_far_out_are_still_known()
    {
        // log(1 + e^x), of which e^100 is no float.
        OnnxModel model = Chain(13, [("one", NodeModel.Floats("", 1))], "Exp", "Add <- _,one", "Log");
        Assert.IsType<Softplus>(Assert.Single(OnnxImport.Of(model).Network.Model.Layers));
        Assert.Equal("relu", OnnxImport.Of(Chain(10, [], "Clip min=0.0e0")).Network.Model.ToText());
    }

    [Fact]
    public void Attributes_of_an_activation_are_all_looked_at()
    {
        Assert.Equal("f.onnx: node n0 (Gelu): approximate is erf; none and tanh are supported.", Assert.Throws<OnnxException>(() => OnnxImport.Of(Chain(20, [], "Gelu approximate=erf"))).Message);
        Assert.Equal("f.onnx: node n0 (Relu): the attribute slope is not supported.", Assert.Throws<OnnxException>(() => OnnxImport.Of(Chain(14, [], "Relu slope=1.5"))).Message);
    }

    [Fact]
    public void Enlargements_are_read_in_all_versions()
    {
        OnnxTensor scales = NodeModel.Floats("4", 1, 1, 2, 3);
        Assert.Equal("upsample 2x3", OnnxImport.Of(Chain(9, [("s", scales)], "Upsample <- _,s")).Network.Model.ToText());
        Assert.Equal("upsample 2x3", OnnxImport.Of(Chain(10, [("s", scales)], "Resize mode=nearest <- _,s")).Network.Model.ToText());
        Assert.Equal("upsample 2x3 bilinear", OnnxImport.Of(Chain(11, [("s", scales)], "Resize mode=linear coordinate_transformation_mode=pytorch_half_pixel <- _,,s")).Network.Model.ToText());
        Assert.StartsWith("f.onnx: node n0 (Resize): the mode linear with asymmetric and floor is not supported", Assert.Throws<OnnxException>(() => OnnxImport.Of(Chain(10, [("s", scales)], "Resize mode=linear <- _,s"))).Message);
    }

    // Any number of samples, as programs write it that let it open.
    private static OnnxModel Open(OnnxModel model)
    {
        model.Proto.Graph.Input[0].Type.TensorType.Shape.Dim[0] = new Proto.TensorShape.Types.Extent { DimParam = "N" };
        return model;
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Shapes_that_a_graph_computes_are_followed(bool open)
    {
        // PyTorch's x.view(x.size(0), -1), and addmm of which the bias counts half.
        OnnxTensor weight = NodeModel.Floats("1x1x3x3", Numbers.Uniform(9, seed: 1)), matrix = NodeModel.Floats("16x2", Numbers.Uniform(32, seed: 2));
        OnnxModel model = Chain(11, [("w", weight), ("m", matrix), ("b", NodeModel.Floats("2", 1, 2)), ("zero", new OnnxTensor([], [0L])), ("rest", NodeModel.Integers(-1))],
            "Conv pads=1,1,1,1 <- _,w", "Shape <- v0", "Gather <- v1,zero", "Unsqueeze axes=0, <- v2", "Concat axis=0 <- v3,rest", "Reshape <- v0,v4", "Gemm alpha=2.0e0 beta=0.5e0 <- v5,m,b");
        if (open) Open(model);
        OnnxNetwork read = OnnxImport.Of(model);
        Assert.Equal("conv 1 k3 p1 nobias | flatten | linear 2", read.Network.Model.ToText());
        float[] x = Numbers.Uniform(48, seed: 3);
        OnnxTensor expected = OnnxEvaluator.Run(model, new Dictionary<string, OnnxTensor> { ["x0"] = new([3, 1, 4, 4], x) }).Values.Single();
        Numbers.AssertClose(Numbers.ToDouble(expected.Floats), Numbers.ToDouble(read.Network.Predict(new Tensor(3, new Shape(1, 4, 4), x)).Values), 1e-6, "output");
    }

    [Fact]
    public void Other_programs_ways_to_flatten_and_enlarge_are_understood()
    {
        Assert.Equal("maxpool 2 | upsample 2", Text(Open(Chain(11, [], "MaxPool kernel_shape=2,2 strides=2,2", "Shape <- x0", "Resize mode=nearest <- v0,,,v1"))));
        Assert.Equal("upsample 2x3", Text(Open(Chain(11, [("s", NodeModel.Integers(1, 1, 8, 12))], "Resize mode=nearest <- _,,,s"))));
        Assert.Equal("globalavgpool | flatten", Text(Chain(11, [], "GlobalAveragePool", "Squeeze axes=3,", "Squeeze axes=2,")));
        // PyTorch's GroupNorm, as it writes it since version 14.
        Assert.Equal("groupnorm 1 noaffine", Text(Chain(14, [("to", NodeModel.Integers(0, 1, -1)), ("one", NodeModel.Floats("1", 1)), ("zero", NodeModel.Floats("1", 0)), ("back", NodeModel.Integers(1, 1, 4, 4))],
            "Reshape allowzero=0 <- _,to", "InstanceNormalization <- _,one,zero", "Reshape allowzero=0 <- _,back")));
        // A file for two samples alone says so in its shapes.
        OnnxModel two = Chain(11, [("s", NodeModel.Integers(2, -1))], "Reshape <- _,s");
        Assert.StartsWith("f.onnx: node n0 (Reshape): samples of 1x4x4 seen as [2, -1]: only flattening is supported.", Assert.Throws<OnnxException>(() => Text(two)).Message);
        two.Proto.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = 2;
        Assert.Equal("flatten", Text(two));
        two.Proto.Graph.Initializer[0].Int64Data[0] = 1;
        Assert.StartsWith("f.onnx: node n0 (Reshape): samples of 1x4x4 seen as [1, -1]: only flattening is supported.", Assert.Throws<OnnxException>(() => Text(two)).Message);

        static string Text(OnnxModel model) => OnnxImport.Of(model).Network.Model.ToText();
    }

    [Fact]
    public void Layer_normalization_of_several_nodes_is_understood()
    {
        // As PyTorch writes it before version 17: x - E(x), divided by the root of E((x - E(x))^2) + epsilon, times a weight and plus a bias.
        OnnxTensor weight = NodeModel.Floats("1x4x4", Numbers.Uniform(16, seed: 1)), bias = NodeModel.Floats("1x4x4", Numbers.Uniform(16, seed: 2));
        string[] nodes = ["ReduceMean axes=1,2,3", "Sub <- x0,v0", "Pow <- v1,two", "ReduceMean axes=1,2,3", "Add <- v3,e", "Sqrt", "Div <- v1,v5", "Mul <- v6,w", "Add <- v7,b"];
        OnnxModel model = Chain(11, [("w", weight), ("b", bias), ("two", NodeModel.Floats("", 2)), ("e", NodeModel.Floats("", 1e-3f))], nodes);
        OnnxNetwork read = OnnxImport.Of(model);
        Assert.Equal("layernorm epsilon=0.001", read.Network.Model.ToText());
        Assert.Equal(weight.Floats.ToArray(), read.Network.GetParameter("0.weight"));
        Assert.Equal(bias.Floats.ToArray(), read.Network.GetParameter("0.bias"));
        // Of rows alone it is another function, which no layer is.
        Assert.Throws<OnnxException>(() => OnnxImport.Of(Chain(11, [("two", NodeModel.Floats("", 2)), ("e", NodeModel.Floats("", 1e-3f))], [.. nodes[..7].Select(node => node.Replace("1,2,3", "3,"))])));
        // Nor is another power a deviation.
        Assert.Throws<OnnxException>(() => OnnxImport.Of(Chain(11, [("two", NodeModel.Floats("", 4)), ("e", NodeModel.Floats("", 1e-3f))], nodes[..7])));
    }

    [Fact]
    public void A_linear_layer_takes_in_the_normalization_after_it()
    {
        // Of the sum s of the pixels: 2 s + 1, less the mean 3, divided by the root of 3.99 + 0.01, times 4, plus 5: 4 s + 1.
        var constants = new (string, OnnxTensor)[] { ("m", NodeModel.Floats("16x1", [.. Enumerable.Repeat(2f, 16)])), ("c", NodeModel.Floats("1", 1)), ("scale", NodeModel.Floats("1", 4)),
            ("shift", NodeModel.Floats("1", 5)), ("mean", NodeModel.Floats("1", 3)), ("variance", NodeModel.Floats("1", 3.99f)) };
        OnnxNetwork read = OnnxImport.Of(Chain(15, constants, "Flatten", "Gemm <- _,m,c", "BatchNormalization epsilon=1.0e-2 <- _,scale,shift,mean,variance"));
        Assert.Equal("flatten | linear 1", read.Network.Model.ToText());
        Assert.Equal(17, read.Network.Predict(new Tensor(1, new Shape(1, 4, 4), [1, 3, .. new float[14]])).Values[0], 1e-5f);
        Assert.StartsWith("f.onnx: node n1 (BatchNormalization): the normalization of a flat vector is supported only after a linear layer",
            Assert.Throws<OnnxException>(() => OnnxImport.Of(Chain(15, constants, "Flatten", "BatchNormalization <- _,scale,shift,mean,variance"))).Message);
    }

    [Fact]
    public void Softmax_of_channels_that_are_moved_to_the_end_is_understood()
    {
        string[] nodes = ["Transpose perm=0,3,2,1", "Softmax axis=3", "Transpose perm=0,3,2,1"];
        OnnxModel model = Chain(11, [("w", NodeModel.Floats("3x1x1x1", 1, 2, -1))], ["Conv <- _,w", .. nodes]);
        Assert.Equal("conv 3 k1 nobias | softmax", OnnxImport.Of(model).Network.Model.ToText());
        // Along the rows it is no layer.
        Assert.Throws<OnnxException>(() => OnnxImport.Of(Chain(11, [], "Transpose perm=0,1,3,2", "Softmax axis=3", "Transpose perm=0,1,3,2")));
    }

    [Fact]
    public void Numbers_that_depend_on_how_many_samples_there_are_are_refused()
    {
        // x / N, and a shape in which the samples are no longer the first.
        OnnxTensor zero = new([], [0L]);
        Assert.Equal("f.onnx: node n3 (Div): its input v2 depends on the number of samples, which no layer's numbers do.",
            Assert.Throws<OnnxException>(() => OnnxImport.Of(Open(Chain(11, [("zero", zero)], "Shape <- x0", "Gather <- v0,zero", "Cast to=1 <- v1", "Div <- x0,v2")))).Message);
        Assert.Equal("f.onnx: node n2 (Reshape): its input v1 depends on the number of samples, which no layer's numbers do.",
            Assert.Throws<OnnxException>(() => OnnxImport.Of(Open(Chain(11, [("other", NodeModel.Integers(3, 2, 1, 0))], "Shape <- x0", "Gather <- v0,other", "Reshape <- x0,v1")))).Message);
    }

    // Four channels of 4x4 pixels: as many numbers may lie along any axis.
    [Theory, InlineData("4"), InlineData("1x1x4"), InlineData("1x4x1"), InlineData("1x1x4x1")]
    public void As_many_numbers_as_channels_along_another_axis_are_refused(string shape)
    {
        (string, OnnxTensor)[] constants = [("w", NodeModel.Floats("4x1x1x1", 1, 2, -1, 3)), ("s", NodeModel.Floats(shape, 1, 2, 3, 4)), ("to", NodeModel.Integers(0, 2, -1)),
            ("ones", NodeModel.Floats("2", 1, 1)), ("zeros", NodeModel.Floats("2", 0, 0)), ("back", NodeModel.Integers(0, 4, 4, 4))];
        OnnxModel slopes = Chain(17, constants, "Conv <- _,w", "PRelu <- _,s");
        Assert.Equal($"f.onnx: node n1 (PRelu): its slopes are float [{shape.Replace("x", ", ")}]; one for each of 4 channels, or one for all, are supported.", Refusal(slopes));
        Assert.StartsWith("f.onnx: node n4 (Mul): it is no layer that can be imported",
            Refusal(Chain(17, constants, "Conv <- _,w", "Reshape <- _,to", "InstanceNormalization <- _,ones,zeros", "Reshape <- _,back", "Mul <- _,s", "Add <- _,s")));
        slopes.Proto.Graph.Initializer[1].Dims.Clear();
        slopes.Proto.Graph.Initializer[1].Dims.Add([4, 1, 1]);
        Assert.True(Assert.IsType<PReLU>(OnnxImport.Of(slopes).Network.Model.Layers[1]).PerChannel);
    }

    [Fact]
    public void Normalizations_without_a_bias_and_in_groups_are_read()
    {
        // Of four channels, which are the image times 1, 2, -1 and 3; scales of both groups before version 21, of each channel since.
        OnnxTensor weight = NodeModel.Floats("4x1x1x1", 1, 2, -1, 3), scale = NodeModel.Floats("4x4x4", Numbers.Uniform(64, seed: 1));
        AssertReads("conv 4 k1 nobias | layernorm", Chain(17, [("w", weight), ("s", scale)], "Conv <- _,w", "LayerNormalization axis=1 <- _,s"));
        AssertReads("conv 4 k1 nobias | groupnorm 2", Chain(18, [("w", weight), ("s", NodeModel.Floats("2", 0.5f, -3))], "Conv <- _,w", "GroupNormalization num_groups=2 <- _,s,s"));
        AssertReads("conv 4 k1 nobias | groupnorm 2 epsilon=0.01", Chain(21, [("w", weight), ("s", NodeModel.Floats("4", 1, 2, 3, 4))], "Conv <- _,w", "GroupNormalization num_groups=2 epsilon=1.0e-2 <- _,s,s"));

        static void AssertReads(string text, OnnxModel model)
        {
            OnnxNetwork read = OnnxImport.Of(model);
            Assert.Equal(text, read.Network.Model.ToText());
            float[] x = Numbers.Uniform(16, seed: 3);
            OnnxTensor expected = OnnxEvaluator.Run(model, new Dictionary<string, OnnxTensor> { ["x0"] = new([1, 1, 4, 4], x) }).Values.Single();
            Numbers.AssertClose(Numbers.ToDouble(expected.Floats), Numbers.ToDouble(read.Network.Predict(new Tensor(1, new Shape(1, 4, 4), x)).Values), 1e-5, "output");
        }
    }

    [Fact]
    public void A_bias_of_samples_is_none_of_features()
    {
        OnnxModel model = Chain(17, [("m", NodeModel.Floats("16x2", Numbers.Uniform(32, seed: 1))), ("c", NodeModel.Floats("2x1", 1, 2))], "Flatten", "Gemm <- _,m,c");
        model.Proto.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = 2;
        Assert.Equal("f.onnx: node n1 (Gemm): its bias is float [2, 1]; expected a number for each of 2 features.", Refusal(model));
    }

    [Fact]
    public void What_is_no_layer_is_named()
    {
        Assert.Equal("f.onnx: node n0 (Sub): it is no layer that can be imported after the input. If it normalizes pixels, leave it out of the file and tell mean and deviation at the import.",
            Refusal(Chain(11, [("mean", NodeModel.Floats("", 0.5f))], "Sub <- _,mean", "Relu")));
        Assert.Equal("f.onnx: node n0 (Transpose): it is no layer that can be imported after the input.", Refusal(Chain(11, [], "Transpose perm=0,2,3,1")));
        Assert.StartsWith("f.onnx: node n1 (Add): a sum with the constant float [1] is supported only as the bias of", Refusal(Chain(11, [("c", NodeModel.Floats("1", 3))], "Relu", "Add <- _,c")));
        Assert.StartsWith("f.onnx: node n0 (AveragePool): its padding differs at both ends", Refusal(Chain(11, [], "AveragePool kernel_shape=2,2 pads=0,0,1,1 count_include_pad=1")));
        Assert.StartsWith("f.onnx: node n0 (Conv): its weight is float [1, 2, 3, 3], expected float [1, 1, 3, 3]", Refusal(Chain(11, [("w", NodeModel.Floats("1x2x3x3", new float[18]))], "Conv <- _,w")));
        OnnxModel unknown = Chain(11, [], "Relu");
        unknown.Proto.Graph.Input[0].Type.TensorType.Shape.Dim[2].DimParam = "height";
        Assert.Equal("f.onnx: the shape of its input x0 is [1, 1, height, 4]; expected samples and features, or samples, channels, rows and columns. Say what a sample is, as in --input 3x224x224.", Refusal(unknown));
        Assert.Equal("relu", OnnxImport.Of(unknown, new Shape(1, 4, 4)).Network.Model.ToText());
    }

    private static string Refusal(OnnxModel model) => Assert.Throws<OnnxException>(() => OnnxImport.Of(model)).Message;
}
