namespace Fovea.Tests.Laws;

/// <summary>
/// What the laws are tried on: one line an example, the shape of the input and the layer. Shapes are odd and never square, outputs have at
/// least two rows and columns where the layer leaves any, so that no mistaken stride is multiplied by zero.
/// A new layer adds its lines here; nothing else is needed for it to be tested.
/// </summary>
internal static class Examples
{
    private static readonly string[] s_layers =
    [
        "3x7x5 conv 4 k3",
        "3x7x5 conv 4 k3 p1",
        "3x7x5 conv 5 k3x2 s2x1 p1x0",
        "3x8x5 conv 4 k2x3 s3x2 p0x2",
        "3x9x7 conv 4 k3 d2",
        "3x9x7 conv 4 k3x2 s2 p2 d2x3",
        "5x11x4 conv 7 k4x1 s1x2 p3x0 d2x1",
        "4x7x5 conv 6 k3 p1 g2",
        "9x5x4 conv 12 k3 s2 p1 g3 nobias",
        "6x7x5 conv 6 k3 s2 p1 g6",
        "3x7x5 conv 4 k3 nobias",
        "2x7x5 conv 17 k1",
        // Windows that lie apart, and windows on the padding alone.
        "2x8x7 conv 3 k2 s5x4",
        "2x5x4 conv 3 k1 s2 p1",
        "2x5x4 conv 3 k2 s3 p3",
        // More filters and columns than one register tile has.
        "1x9x19 conv 33 k5x3 p2x1",
        "16x6x7 conv 20 k3 p1",
        // By Winograd's algorithm: whole tiles, tiles over the border, more than one strip of them, two rows of padding; of 5x5 kernels with the gradient of the input and without.
        "16x6x10 conv 20 k3 p1",
        "20x7x6 conv 24 k3 nobias",
        "40x13x11 conv 33 k3 p2x0",
        "16x9x6 conv 20 k5 p2x1",
        "18x9x7 conv 17 k5 p2",
        "17x8x10 conv 18 k5 p2",
        // Forward and back to the input so, the gradient of the weights window by window.
        "3x8x12 conv 40 k3 p1",
        // Forward alone, and back to the input alone.
        "7x4x8 conv 3 k3 p1",
        "2x4x8 conv 3 k3 p2",
        // One window is the whole input: a linear layer.
        "3x7x5 conv 4 k7x5",
        "3x7x5 conv 20 k7x5 nobias",

        "3x7x5 maxpool 2",
        "3x7x5 maxpool 3x2 s2x1",
        "2x11x10 maxpool 5x4 s2x3",
        "2x9x7 maxpool 3x2 s1x4",
        "2x8x9 maxpool 4x5 s3x1",
        "3x7x5 maxpool 3 s1 p1",
        "3x8x6 maxpool 3 s2 p1 ceil",
        "2x7x9 maxpool 5 s1 p2",
        "2x7x6 maxpool 2 s3 ceil",
        "3x9x8 maxpool 2x3 s4x5 p1",
        "2x9x8 maxpool 6x7 s1 p3",
        "1x3x513 maxpool 2x256 s1x99",

        "3x7x5 avgpool 2",
        "3x7x5 avgpool 3x2 s2x1",
        "3x7x5 avgpool 3 s1 p1",
        "3x7x5 avgpool 3 s1 p1 nocountincludepad",
        "3x8x6 avgpool 3 s2 p1 ceil",
        "3x8x6 avgpool 3 s2 p1 ceil nocountincludepad",
        "3x9x8 avgpool 2x3 s4x5 p1",

        "3x4x5 convtranspose 4 k3",
        "3x4x5 convtranspose 4 k2 s2",
        "3x4x5 convtranspose 5 k3x2 s2x3 p1x0 outputPadding=1",
        "3x6x5 convtranspose 4 k3 d2 p2 nobias",
        "4x3x5 convtranspose 6 k3 s2 p1 g2",
        "6x3x2 convtranspose 6 k3x4 s3x1 p0x1 g6 d1x2",
        "2x4x3 convtranspose 17 k1",
        "2x4x3 convtranspose 3 k2 s5x4 outputPadding=3",
        "16x3x4 convtranspose 33 k5 p2",

        "3x7x5 adaptiveavgpool 3x2",
        "3x7x5 adaptiveavgpool 7x5",
        "3x7x5 adaptiveavgpool 9x6",
        "3x7x5 adaptivemaxpool 3x2",
        "3x7x5 adaptivemaxpool 4x7",
        "3x7x5 globalmaxpool",
        "3x7x5 zeropad 2x1",
        "3x7x5 zeropad 0 bottom=2 right=3",
        "3x7x5 reflectionpad 3x2",
        "3x7x5 reflectionpad 1 bottom=6 right=0",
        "3x7x5 replicationpad 2x9",
        "3x7x5 replicationpad 1 bottom=0 right=2",
        "3x7x5 circularpad 7x2",
        "3x7x5 circularpad 0 bottom=3 right=5",
        "3x4x5 upsample 2",
        "3x4x5 upsample 1x3",
        "3x4x5 upsample 2x3 bilinear",
        "3x4x5 upsample 3 bilinear aligncorners",
        "3x1x5 upsample 2x1 bilinear aligncorners",

        "3x7x5 globalavgpool",
        "3x7x5 flatten",
        "3x7x5 flatten inline",

        "7 linear 3",
        "6 linear 4 initialBias=-1.5",
        "13 linear 17 nobias",
        "5 linear 1",
        "300 linear 35",
        // Halves of the inputs, parts of the outputs.
        "257 linear 50",
        // More weights than stay in the cache: the inputs are cut into parts.
        "1100 linear 240",
        // So many too, but not of inputs enough: the outputs are.
        "600 linear 450",

        "3x7x5 dropout",
        "23 dropout 0.3",
        "3x7x5 dropout 0",
        "7x5x3 dropout2d",
        "3x7x5 dropout2d 0.3",

        "3x7x5 batchnorm",
        "2x4x3 batchnorm epsilon=0.1 momentum=0.3",

        "6x7x5 groupnorm 3",
        "6x7x5 groupnorm 2 epsilon=0.1",
        "6x7x5 groupnorm 1 noaffine",
        "24x1x2 groupnorm 4",
        "3x7x5 layernorm",
        "2x4x3 layernorm epsilon=0.1",
        "3x7x5 layernorm noaffine",
        "23 layernorm",
        "3x7x5 instancenorm",
        "3x7x5 instancenorm affine",
        "2x4x3 instancenorm epsilon=0.1",

        "3x7x5 relu",
        "23 relu",
        "3x7x5 leakyrelu",
        "23 leakyrelu 0.2",
        "3x7x5 prelu",
        "3x7x5 prelu perchannel",
        "23 prelu 0.1 perchannel",
        "3x7x5 relu6",
        "3x7x5 elu",
        "23 elu 0.7",
        "3x7x5 selu",
        "3x7x5 gelu",
        "23 gelu approximate",
        "3x7x5 silu",
        "3x7x5 mish",
        "3x7x5 softplus",
        "23 softplus 3 threshold=2",
        "3x7x5 hardswish",
        "3x7x5 hardsigmoid",
        "3x7x5 sigmoid",
        "23 sigmoid",
        "3x7x5 tanh",
        "23 tanh",

        "3x7x5 softmax",
        "23 softmax",
        "3x7x5 logsoftmax",
        "23 logsoftmax",

        "3x7x5 residual(conv 3 k3 p1)",
        "3x7x5 residual(conv 5 k3 p1 | relu | conv 3 k3 p1)",
        "3x7x5 residual(conv 4 k3 s2 p1 nobias | batchnorm | tanh | conv 4 k3 p1 nobias | batchnorm ; conv 4 k1 s2 nobias | batchnorm ; relu) block=BasicBlock",
        "3x7x5 residual(conv 3 k5x3 p2x1 | relu ; ; silu)",
        "3x7x5 residual(relu | conv 4 k3 ; conv 4 k3x2 d1x2 ; leakyrelu 0.2)",
        "3x7x5 residual(dropout 0.3 | residual(conv 3 k1 | sigmoid ; ; tanh) | conv 3 k3 p1)",
        // The gradient of a sum, which blocks inside of a block share with what goes past them.
        "3x7x5 residual(residual(conv 3 k1 ; ; relu))",
        "3x7x5 residual(residual(conv 3 k3 p1 | batchnorm | relu | conv 4 k1 ; conv 4 k1 ; relu) ; residual(conv 4 k1 ; conv 4 k1 ; relu))",
        "23 residual(linear 7 | relu | linear 23)",
        "23 residual(linear 7 | relu ; linear 7 | tanh)",
        "3x7x5 concat(conv 4 k1 | relu ; conv 2 k3 p1 | relu)",
        "3x7x5 concat( ; conv 2 k3 p1 ; maxpool 3 s1 p1)",
        "3x7x5 concat(batchnorm | relu | conv 2 k3 p1 ; ) block=Dense",
        "3x7x5 concat(flatten ; flatten | linear 4 | relu ; conv 3 k3 p1 | flatten)",
        "3x7x5 concat(globalavgpool ; conv 2 k7x5 | relu)",
        "3x7x5 branch(conv 4 k3 | relu | conv 2 k1)",
        "3x7x5 branch(concat(conv 2 k3x1 p1x0 ; ) | conv 3 k3 s2) block=Fire",
        "3x7x5 branch(flatten)",
    ];

    public static TheoryData<string> Layers => [.. s_layers];

    /// <summary>The input's shape and the layer of a line.</summary>
    public static (Shape Input, Layer Layer) Read(string line)
    {
        string[] parts = line.Split(' ', 2);
        Shape input = Shape.Parse(parts[0]);
        return (input, ModelSpec.Parse(parts[1], input).Layers[0]);
    }

    /// <summary>Whether a layer, or one of those of which it consists, is of a kind.</summary>
    public static bool Has(Layer layer, Func<Layer, bool> isKind) => isKind(layer) || (layer is Composite composite && composite.Inner.Any(inner => Has(inner, isKind)));
}
