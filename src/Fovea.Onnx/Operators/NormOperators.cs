using Fovea.Kernels.Reference;

namespace Fovea.Onnx;

/// <summary>Normalizations, and softmax.</summary>
internal static class NormOperators
{
    /// <summary>By the running mean and variance.</summary>
    public static OnnxTensor BatchNormalization(OnnxNode node, Operands x)
    {
        OnnxTensor input = x.Floats(0);
        float epsilon = node.Float("epsilon", 1e-5f);
        node.Ignore("momentum", "is_test", "consumed_inputs");
        if (node.Integer("spatial", 1) != 1) throw node.Error("spatial is 0, a mean for each pixel, which is not supported");
        if (node.Flag("training_mode")) throw node.Error("it is in training mode, which is not supported");
        var (samples, channels, pixels) = Channels(node, input);
        for (int i = 1; i < 5; i++) if (x.Floats(i).Count != channels) throw node.Error($"its input {i + 1} is {x[i]}; expected {channels} numbers");
        float[] values = new float[input.Count];
        for (int channel = 0; channel < channels; channel++)
        {
            ReferenceBatchNorm.Normalize<float>(samples, channels, pixels, channel, input.AllFloats, values,
                x[3].Floats[channel], Math.Sqrt(x[4].Floats[channel] + epsilon), x[1].Floats[channel], x[2].Floats[channel]);
        }
        return new OnnxTensor(input.Shape, values);
    }

    public static OnnxTensor InstanceNormalization(OnnxNode node, Operands x)
    {
        var (samples, channels, pixels) = Channels(node, x.Floats(0));
        node.Ignore("consumed_inputs");
        return Normalize(node, x, samples, channels, pixels, pixels, node.Float("epsilon", 1e-5f), x.Floats(1).AllFloats!, x.Floats(2).AllFloats!, channels);
    }

    /// <summary>Before version 21 scale and bias are a group's, since then a channel's.</summary>
    public static OnnxTensor GroupNormalization(OnnxNode node, Operands x)
    {
        var (samples, channels, pixels) = Channels(node, x.Floats(0));
        int groups = (int)Math.Clamp(node.Integer("num_groups", 0), 0, int.MaxValue);
        node.Ignore("stash_type");
        if (groups < 1 || channels % groups != 0) throw node.Error($"its {groups} groups do not divide the {channels} channels");
        float[] scale = x.Floats(1).AllFloats!, bias = x.Floats(2).AllFloats!;
        if (node.Opset < 21 && scale.Length == groups && bias.Length == groups)
        {
            scale = [.. Enumerable.Range(0, channels).Select(channel => x[1].Floats[channel * groups / channels])];
            bias = [.. Enumerable.Range(0, channels).Select(channel => x[2].Floats[channel * groups / channels])];
        }
        return Normalize(node, x, samples, groups, channels / groups * pixels, pixels, node.Float("epsilon", 1e-5f), scale, bias, channels);
    }

    /// <summary>Over the axes from one on; also gives the means and what was multiplied by.</summary>
    public static OnnxTensor[] LayerNormalization(OnnxNode node, Operands x)
    {
        OnnxTensor input = x.Floats(0), scale = x.Floats(1);
        int axis = node.Axis(node.Integer("axis", -1), input.Rank);
        float epsilon = node.Float("epsilon", 1e-5f);
        if (node.Integer("stash_type", 1) != 1) throw node.Error("stash_type is not 1, float32");
        int[] normalized = [.. input.Shape.Skip(axis)];
        int size = (int)OnnxTensor.CountOf(normalized), rows = size == 0 ? 0 : input.Count / size;
        float[] Repeated(OnnxTensor values) => values.Pick(normalized, Indexing.Repeat(node, values.Shape, normalized)).AllFloats!;
        OnnxTensor y = Normalize(node, x, rows, 1, size, 1, epsilon, Repeated(scale), x.Optional(2) is null ? new float[size] : Repeated(x.Floats(2)), size);
        float[] means = new float[rows], inverses = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            double mean = 0, variance = 0;
            foreach (float value in input.Floats.Slice(row * size, size)) mean += (double)value / size;
            foreach (float value in input.Floats.Slice(row * size, size)) variance += (value - mean) * (value - mean) / size;
            (means[row], inverses[row]) = ((float)mean, (float)(1 / Math.Sqrt(variance + epsilon)));
        }
        int[] reduced = [.. input.Shape.Select((extent, i) => i < axis ? extent : 1)];
        return [y, new OnnxTensor(reduced, means), new OnnxTensor(reduced, inverses)];
    }

    /// <summary>Along one axis; before version 13 over all axes from one on.</summary>
    public static OnnxTensor Softmax(OnnxNode node, Operands x)
    {
        OnnxTensor input = x.Floats(0);
        bool coerced = node.Opset < 13;
        int axis = node.Axis(node.Integer("axis", coerced ? 1 : -1), input.Rank);
        int outer = (int)OnnxTensor.CountOf(input.Shape.Take(axis));
        int along = coerced ? (int)OnnxTensor.CountOf(input.Shape.Skip(axis)) : input.Shape[axis];
        float[] values = new float[input.Count];
        if (values.Length > 0) ReferenceSoftmax.Forward<float>(outer, along, input.Count / outer / along, input.AllFloats, values, node.Operation == "LogSoftmax");
        return new OnnxTensor(input.Shape, values);
    }

    private static OnnxTensor Normalize(OnnxNode node, Operands x, int samples, int parts, int size, int run, float epsilon, float[] scale, float[] bias, int expected)
    {
        if (scale.Length != expected || bias.Length != expected) throw node.Error($"its scale and bias are {x[1]} and {x.Optional(2)}; expected {expected} numbers each");
        float[] values = new float[x[0].Count];
        ReferenceGroupNorm.Forward<float>(samples, parts, size, epsilon, run, x[0].AllFloats, scale, bias, values);
        return new OnnxTensor(x[0].Shape, values);
    }

    private static (int Samples, int Channels, int Pixels) Channels(OnnxNode node, OnnxTensor input) => input.Rank >= 2 && input.Count > 0
        ? (input.Shape[0], input.Shape[1], input.Count / (input.Shape[0] * input.Shape[1]))
        : throw node.Error($"its input is {input}; expected samples, channels and pixels");
}
