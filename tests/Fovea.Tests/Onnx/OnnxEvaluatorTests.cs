using Fovea.Onnx;
using static Fovea.Tests.Onnx.NodeModel;

namespace Fovea.Tests.Onnx;

/// <summary>Single nodes with outputs worked out by hand; many more are compared with ONNX Runtime in the oracle tests.</summary>
public class OnnxEvaluatorTests
{
    private static void AssertGives(string shape, float[] values, string line, int opset, params OnnxTensor[] inputs)
    {
        OnnxTensor y = Run(Of(line, opset, inputs), inputs);
        Assert.Equal(Shape(shape), y.Shape);
        for (int i = 0; i < values.Length; i++) Assert.Equal(values[i], y.Floats[i], 1e-6f);
    }

    private static void AssertRefused(string message, string line, int opset, params OnnxTensor[] inputs) =>
        Assert.StartsWith(message, Assert.Throws<OnnxException>(() => Run(Of(line, opset, inputs), inputs)).Message);

    [Fact]
    public void A_convolution_takes_its_weights_as_an_input_and_pads_as_it_is_told()
    {
        OnnxTensor x = Floats("1x1x2x3", 1, 2, 3, 4, 5, 6), w = Floats("1x1x2x2", 1, 10, 100, 1000);
        // 1 + 20 + 400 + 5000 and 2 + 30 + 500 + 6000.
        AssertGives("1x1x1x2", [5421, 6532], "Conv", 11, x, w);
        // A column of zeros on the left and a row below: windows start at columns -1, 0, 1 and rows 0, 1.
        AssertGives("1x1x2x3", [10 + 4000, 5421, 6532, 40, 4 + 50, 5 + 60], "Conv pads=0,1,1,0", 11, x, w);
        AssertGives("1x1x2x3", [5421, 6532, 603, 54, 65, 6], "Conv auto_pad=SAME_UPPER", 11, x, w);
        AssertGives("1x1x2x3", [1000, 2100, 3200, 10 + 4000, 5421, 6532], "Conv auto_pad=SAME_LOWER", 11, x, w);
        // One axis, two pixels apart, a bias.
        AssertGives("1x1x2", [1 + 30 + 0.5f, 2 + 40 + 0.5f], "Conv dilations=2, group=1", 11, Floats("1x1x4", 1, 2, 3, 4), Floats("1x1x2", 1, 10), Floats("1", 0.5f));
    }

    [Fact]
    public void A_transposed_convolution_lays_its_kernel_at_every_stride()
    {
        OnnxTensor x = Floats("1x1x1x2", 1, 2), w = Floats("1x1x1x3", 1, 10, 100);
        AssertGives("1x1x1x4", [1, 12, 120, 200], "ConvTranspose", 11, x, w);
        AssertGives("1x1x1x5", [1, 10, 102, 20, 200], "ConvTranspose strides=1,2", 11, x, w);
        AssertGives("1x1x1x5", [10, 102, 20, 200, 0], "ConvTranspose strides=1,2 pads=0,1,0,0 output_padding=0,1", 11, x, w);
        AssertGives("1x1x1x4", [10.5f, 102.5f, 20.5f, 200.5f], "ConvTranspose strides=1,2 output_shape=1,4", 11, x, w, Floats("1", 0.5f));
    }

    [Fact]
    public void Pools_round_up_and_count_as_they_are_told()
    {
        OnnxTensor x = Floats("1x1x1x5", 1, 9, 3, 4, 6);
        AssertGives("1x1x1x2", [9, 4], "MaxPool kernel_shape=1,2 strides=1,2", 11, x);
        AssertGives("1x1x1x3", [9, 4, 6], "MaxPool kernel_shape=1,2 strides=1,2 ceil_mode=1", 11, x);
        AssertGives("1x1x1x3", [3, 9, 6], "MaxPool kernel_shape=1,2 dilations=1,2", 11, x);
        AssertGives("1x1x1x3", [1, 6, 5], "AveragePool kernel_shape=1,2 strides=1,2 pads=0,1,0,0", 11, x);
        AssertGives("1x1x1x3", [0.5f, 6, 5], "AveragePool kernel_shape=1,2 strides=1,2 pads=0,1,0,0 count_include_pad=1", 11, x);
        AssertGives("1x1x1x1", [23 / 5f], "GlobalAveragePool", 11, x);
        AssertGives("1x1x1", [6], "GlobalMaxPool", 11, Floats("1x1x2", -1, 6));
        AssertRefused("f.onnx: node n (MaxPool): a window lies on padding alone. Use a smaller padding.", "MaxPool kernel_shape=1,2 pads=0,2,0,0", 11, x);
    }

    [Fact]
    public void Enlargements_follow_the_rules_of_their_version()
    {
        OnnxTensor x = Floats("1x1x1x2", 1, 3), scales = Floats("4", 1, 1, 1, 2);
        // Version 10 knows pixels at 0, 1/2, 1, 3/2 alone; the half pixels of version 11, at -1/4, 1/4, 3/4, 5/4, were no attribute yet.
        AssertGives("1x1x1x4", [1, 1, 3, 3], "Resize mode=nearest", 10, x, scales);
        AssertGives("1x1x1x4", [1, 2, 3, 3], "Resize mode=linear", 10, x, scales);
        AssertGives("1x1x1x4", [1, 1.5f, 2.5f, 3], "Resize mode=linear", 11, x, Floats("0"), scales);
        AssertGives("1x1x1x4", [1, 1.5f, 2.5f, 3], "Resize mode=linear coordinate_transformation_mode=pytorch_half_pixel", 11, x, Floats("0"), scales);
        AssertGives("1x1x1x4", [1, 1, 3, 3], "Upsample", 9, x, scales);
        OnnxModel early = Of("Upsample mode=nearest", 7, [x]);
        early.Proto.Graph.Node[0].Attribute.Add(new OnnxProto.Attribute { Name = "scales", Type = OnnxProto.Attribute.Types.Kind.Floats, Floats = { 1, 1, 1, 2 } });
        Assert.Equal([1, 1, 3, 3], Run(early, x).Floats.ToArray());
    }

    [Fact]
    public void Any_size_and_every_way_to_place_pixels_is_resized()
    {
        // The examples of ONNX's own specification of Resize.
        OnnxTensor x = Floats("1x1x2x4", 1, 2, 3, 4, 5, 6, 7, 8), none = Floats("0"), scales = Floats("4", 1, 1, 0.6f, 0.6f);
        AssertGives("1x1x1x2", [1, 3], "Resize mode=nearest", 13, x, none, scales);
        AssertGives("1x1x1x2", [2.6666665f, 4.3333331f], "Resize mode=linear", 13, x, none, scales);
        AssertGives("1x1x1x2", [1, 3.142857f], "Resize mode=linear coordinate_transformation_mode=align_corners", 13, x, none, scales);
        OnnxTensor square = Floats("1x1x2x2", 1, 2, 3, 4);
        AssertGives("1x1x7x8", [1, 1, 1, 1, 2, 2, 2, 2], "Resize mode=nearest", 13, square, none, none, Integers(1, 1, 7, 8));
        OnnxTensor sixteen = Floats("1x1x4x4", [.. Enumerable.Range(1, 16).Select(i => (float)i)]);
        AssertGives("1x1x8x8", [0.47265625f, 0.76953125f, 1.24609375f, 1.875f, 2.28125f, 2.91015625f, 3.38671875f, 3.68359375f], "Resize mode=cubic", 13, sixteen, none, Floats("4", 1, 1, 2, 2));
        // By hand: thirds of 1, 3 lie at 0, 2/3, 4/3 of the way where corners are not aligned and nothing is halved; the nearest below are 0, 0, 1.
        AssertGives("1x3", [1, 1, 3], "Resize mode=nearest coordinate_transformation_mode=asymmetric nearest_mode=floor", 13, Floats("1x2", 1, 3), none, none, Integers(1, 3));
        AssertRefused("f.onnx: node n (Resize): its scales are missing and its sizes missing; expected either, a number for each of 4 axes.", "Resize", 13, square, none);
        AssertRefused("f.onnx: node n (Resize): coordinate_transformation_mode tf_crop_and_resize is not supported", "Resize coordinate_transformation_mode=tf_crop_and_resize", 13, square, none, scales);
    }

    [Fact]
    public void Tensors_are_split_and_channels_become_pixels()
    {
        OnnxTensor x = Floats("2x3", 1, 2, 3, 4, 5, 6);
        OnnxTensor[] Parts(string line, int opset, params OnnxTensor[] inputs) =>
            [.. OnnxEvaluator.Run(Of(line, opset, inputs, outputs: 2), inputs.Select((value, i) => ($"x{i}", value)).ToDictionary()).OrderBy(output => output.Key).Select(output => output.Value)];
        // Two and what is left; as told.
        Assert.Equal([1, 2, 4, 5], Parts("Split axis=1 num_outputs=2", 18, x)[0].Floats.ToArray());
        Assert.Equal([3, 6], Parts("Split axis=1 num_outputs=2", 18, x)[1].Floats.ToArray());
        Assert.Equal([2, 3, 5, 6], Parts("Split axis=-1 split=1,2", 11, x)[1].Floats.ToArray());
        Assert.Equal([2, 3, 5, 6], Parts("Split axis=-1", 13, x, Integers(1, 2))[1].Floats.ToArray());
        Assert.StartsWith("f.onnx: node n (Split): axis 1 of its input float [2, 3] cannot be split into [1, 1] for 2 outputs.", Assert.Throws<OnnxException>(() => Parts("Split axis=1 split=1,1", 11, x)).Message);
        // Two channels of two pixels each from eight of one: the block's place runs slowest (DCR) or fastest (CRD).
        OnnxTensor deep = Floats("1x8x1x1", 0, 1, 2, 3, 4, 5, 6, 7);
        AssertGives("1x2x2x2", [0, 2, 4, 6, 1, 3, 5, 7], "DepthToSpace blocksize=2", 13, deep);
        AssertGives("1x2x2x2", [0, 1, 2, 3, 4, 5, 6, 7], "DepthToSpace blocksize=2 mode=CRD", 13, deep);
    }

    [Fact]
    public void Outputs_of_one_name_are_refused()
    {
        OnnxModel model = Of("Relu", 14, [Floats("1", 1)]);
        model.Proto.Graph.Output.Add(model.Proto.Graph.Output[0]);
        Assert.Equal("f.onnx: two of its outputs are called y0.", Assert.Throws<OnnxException>(() => Run(model, Floats("1", 1))).Message);
    }

    [Fact]
    public void Functions_work_on_any_number_of_axes()
    {
        AssertGives("3x1x2", [0, 0, 1, 0, 0, 2], "Relu", 14, Floats("3x1x2", -1, 0, 1, -3, -4, 2));
        AssertGives("", [2], "Relu", 14, Floats("", 2));
        AssertGives("2x2", [-0.2f, 1, -0.8f, 3], "PRelu", 16, Floats("2x2", -1, 1, -2, 3), Floats("2x1", 0.2f, 0.4f));
        AssertGives("2", [0.1f, 0.7f], "HardSigmoid alpha=0.2 beta=0.5", 6, Floats("2", -2, 1));
    }

    [Fact]
    public void Tensors_of_fewer_numbers_are_repeated()
    {
        AssertGives("2x3", [11, 22, 33, 14, 25, 36], "Add", 14, Floats("2x3", 1, 2, 3, 4, 5, 6), Floats("3", 10, 20, 30));
        AssertGives("2x2", [3, 5, 4, 6], "Sum", 13, Floats("2x1", 1, 2), Floats("1x2", 2, 4));
        // As of version 6, along the first axis.
        AssertGives("2x3", [11, 12, 13, 24, 25, 26], "Add broadcast=1 axis=0", 6, Floats("2x3", 1, 2, 3, 4, 5, 6), Floats("2", 10, 20));
        AssertRefused("f.onnx: node n (Add): the shapes [2, 3] and [2] do not fit each other.", "Add", 14, Floats("2x3", 1, 2, 3, 4, 5, 6), Floats("2", 1, 2));
    }

    [Fact]
    public void Products_follow_their_attributes()
    {
        OnnxTensor a = Floats("2x2", 1, 2, 3, 4), b = Floats("2x2", 1, 0, 2, 1);
        AssertGives("2x2", [5, 2, 11, 4], "MatMul", 13, a, b);
        AssertGives("2x2", [1, 4, 3, 10], "Gemm transB=1", 13, a, b);
        // 2 A^T B + 3 c.
        AssertGives("2x2", [17, 12, 23, 14], "Gemm transA=1 alpha=2.0e0 beta=3.0e0", 13, a, b, Floats("2", 1, 2));
        AssertGives("1", [11], "MatMul", 13, Floats("1x2", 1, 2), Floats("2", 3, 4));
    }

    [Fact]
    public void Softmax_means_all_further_axes_up_to_version_12_and_one_since()
    {
        OnnxTensor x = Floats("1x2x2", 0, 0, 0, 0);
        AssertGives("1x2x2", [0.25f, 0.25f, 0.25f, 0.25f], "Softmax axis=1", 12, x);
        AssertGives("1x2x2", [0.5f, 0.5f, 0.5f, 0.5f], "Softmax axis=1", 13, x);
    }

    [Fact]
    public void Numbers_are_moved_along_axes()
    {
        OnnxTensor x = Floats("2x3", 1, 2, 3, 4, 5, 6);
        AssertGives("3x2", [1, 4, 2, 5, 3, 6], "Transpose", 13, x);
        AssertGives("6", [1, 2, 3, 4, 5, 6], "Reshape", 13, x, Integers(-1));
        AssertGives("2x1x3", [1, 2, 3, 4, 5, 6], "Reshape", 13, x, Integers(0, 1, -1));
        AssertGives("2x4", [1, 2, 3, 9, 4, 5, 6, 9], "Concat axis=1", 13, x, Floats("2x1", 9, 9));
        AssertGives("2x2", [3, 1, 6, 4], "Slice", 13, x, Integers(2), Integers(-9), Integers(1), Integers(-2));
        AssertGives("2x2", [3, 1, 6, 4], "Gather axis=1", 13, x, Integers(-1, 0));
        AssertGives("2x5", [3, 2, 1, 2, 3, 6, 5, 4, 5, 6], "Pad mode=reflect", 13, x, Integers(0, 2, 0, 0));
        AssertRefused("f.onnx: node n (Reshape): an input of shape [2, 3] cannot be seen as [4, -1].", "Reshape", 13, x, Integers(4, -1));
    }

    [Fact]
    public void What_is_not_supported_is_named()
    {
        OnnxTensor x = Floats("1x1x2x2", 1, 2, 3, 4);
        AssertRefused("f.onnx: node n (NonMaxSuppression): the operator is not supported. Supported are: Abs, Add, ", "NonMaxSuppression", 11, x);
        AssertRefused("f.onnx: node n (Relu): the attribute slope is not supported.", "Relu slope=1.5", 14, x);
        AssertRefused("f.onnx: node n (MaxPool): its input [1, 1, 1, 2, 2] has 5 axes; samples, channels, and one or two axes of an image are supported.",
            "MaxPool kernel_shape=1,1,1", 11, Floats("1x1x1x2x2", 1, 2, 3, 4));
        AssertRefused("f.onnx: node n (Conv): auto_pad is ROUND; NOTSET, VALID, SAME_UPPER and SAME_LOWER are supported.", "Conv auto_pad=ROUND", 11, x, Floats("1x1x1x1", 1));
        AssertRefused("f.onnx: node n (Conv): kernel 3x3 does not fit input 1x2x2 with padding 0. ", "Conv", 11, x, Floats("1x1x3x3", new float[9]));
        AssertRefused("f.onnx: node n (BatchNormalization): it is in training mode, which is not supported.", "BatchNormalization training_mode=1", 15, x, x, x, x, x);
        OnnxTensor[] pool = [x];
        OnnxModel indices = Of("MaxPool kernel_shape=2,2", 11, pool, outputs: 2);
        Assert.Equal("f.onnx: node n (MaxPool): its output 2, y1, is not supported; the first is.", Assert.Throws<OnnxException>(() => Run(indices, pool)).Message);
        Assert.Equal("f.onnx: the input x0 is missing. Inputs: x0.", Assert.Throws<OnnxException>(() => Run(Of("Relu", 14, pool))).Message);
    }

    [Fact]
    public void Values_that_are_far_larger_than_what_they_are_made_of_are_refused_before_memory_is_taken()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused("f.onnx: node n (Expand): its output would have the shape [20000, 20000], more than 1,048,576 numbers.", "Expand", 13, Floats("1", 1), Integers(20000, 20000));
        AssertRefused("f.onnx: node n (MatMul): its output would have the shape [3000, 3000], more than 6,000,000 numbers.", "MatMul", 13, Floats("3000x1", new float[3000]), Floats("1x3000", new float[3000]));
        AssertRefused("f.onnx: node n (Conv): it would make 36,012,001 numbers of 2.", "Conv pads=3000,3000,3000,3000 strides=6000,6000", 11, Floats("1x1x1x1", 1), Floats("1x1x1x1", 1));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
    }

    [Fact]
    public void An_exported_network_gives_its_numbers()
    {
        var model = ModelSpec.Parse("conv 4 k3 p1 g2 | batchnorm | gelu | maxpool 2 ceil | groupnorm 2 | hardswish | avgpool 2 s1 | flatten | linear 5 | softplus 2 threshold=3 | logsoftmax", new Shape(2, 7, 5));
        var network = new Network(model);
        Laws.Numbers.Randomize(network);
        float[] x = Laws.Numbers.Uniform(3 * model.Input.Count, seed: 5);
        OnnxTensor y = OnnxEvaluator.Run(OnnxExport.Of(network), new Dictionary<string, OnnxTensor> { ["input"] = new([3, 2, 7, 5], x) })["output"];
        Assert.Equal([3, 5], y.Shape);
        Laws.Numbers.AssertClose(Laws.Numbers.ToDouble(network.Predict(new Tensor(3, model.Input, x)).Values), Laws.Numbers.ToDouble(y.Floats), 1e-5, "output");
    }
}
