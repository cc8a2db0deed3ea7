namespace Fovea.Tests.Analysis;

public class SummaryStyleTests
{
    [Fact]
    public void The_table_of_resnet18_is_torchsummarys()
    {
        string[] lines = ModelSummary.Of(Zoo.Get("resnet18")).ToTorchSummary().Split('\n');
        // 68 modules between three lines of head and the totals, as printed by torchsummary for torchvision's model.
        Assert.Equal("        Layer (type)               Output Shape         Param #", lines[1]);
        Assert.Equal(
            """
                        Conv2d-1         [-1, 64, 112, 112]           9,408
                   BatchNorm2d-2         [-1, 64, 112, 112]             128
                          ReLU-3         [-1, 64, 112, 112]               0
                     MaxPool2d-4           [-1, 64, 56, 56]               0
                        Conv2d-5           [-1, 64, 56, 56]          36,864
                   BatchNorm2d-6           [-1, 64, 56, 56]             128
                          ReLU-7           [-1, 64, 56, 56]               0
                        Conv2d-8           [-1, 64, 56, 56]          36,864
                   BatchNorm2d-9           [-1, 64, 56, 56]             128
                         ReLU-10           [-1, 64, 56, 56]               0
                   BasicBlock-11           [-1, 64, 56, 56]               0
            """.Split('\n').Select(line => line.TrimEnd('\r')), lines[3..14]);
        Assert.Equal(
            """
                       Conv2d-19          [-1, 128, 28, 28]          73,728
                  BatchNorm2d-20          [-1, 128, 28, 28]             256
                         ReLU-21          [-1, 128, 28, 28]               0
                       Conv2d-22          [-1, 128, 28, 28]         147,456
                  BatchNorm2d-23          [-1, 128, 28, 28]             256
                       Conv2d-24          [-1, 128, 28, 28]           8,192
                  BatchNorm2d-25          [-1, 128, 28, 28]             256
                         ReLU-26          [-1, 128, 28, 28]               0
                   BasicBlock-27          [-1, 128, 28, 28]               0
            """.Split('\n'), lines[21..30]);
        Assert.Equal(
            """
                   BasicBlock-66            [-1, 512, 7, 7]               0
            AdaptiveAvgPool2d-67            [-1, 512, 1, 1]               0
                       Linear-68                 [-1, 1000]         513,000
            ================================================================
            Total params: 11,689,512
            Trainable params: 11,689,512
            Non-trainable params: 0
            ----------------------------------------------------------------
            Input size (MB): 0.57
            Forward/backward pass size (MB): 62.79
            Params size (MB): 44.59
            Estimated Total Size (MB): 107.96
            ----------------------------------------------------------------

            """.Split('\n'), lines[68..]);
    }

    [Fact]
    public void The_table_of_torchinfo_is_the_one_in_its_own_tests()
    {
        // tests/test_output/single_input.out of torchinfo 1.8.0: what is a function there, not a module, is hidden; its model is called SingleInputNet.
        ModelSpec model = ModelSpec.Parse("conv 10 k5 | maxpool 2 | relu | conv 20 k5 | dropout2d 0.3 | maxpool 2 | relu | flatten | linear 50 | relu | linear 10 | logsoftmax", new Shape(1, 28, 28));
        Assert.Equal(
            """
            ==========================================================================================
            Layer (type:depth-idx)                   Output Shape              Param #
            ==========================================================================================
            Sequential                               [2, 10]                   --
            ├─Conv2d: 1-1                            [2, 10, 24, 24]           260
            ├─Conv2d: 1-2                            [2, 20, 8, 8]             5,020
            ├─Dropout2d: 1-3                         [2, 20, 8, 8]             --
            ├─Linear: 1-4                            [2, 50]                   16,050
            ├─Linear: 1-5                            [2, 10]                   510
            ==========================================================================================
            Total params: 21,840
            Trainable params: 21,840
            Non-trainable params: 0
            Total mult-adds (M): 0.98
            ==========================================================================================
            Input size (MB): 0.01
            Forward/backward pass size (MB): 0.11
            Params size (MB): 0.09
            Estimated Total Size (MB): 0.21
            ==========================================================================================

            """, ModelSummary.Of(model, batch: 2, hide: ["maxpool", "relu", "flatten", "logsoftmax"]).ToTorchInfo());
    }

    [Theory]
    // As torchinfo 1.8.0 printed them for the same modules: 64 (27 + 1) 224^2 + 2 x 64 multiply-adds, fifty times, and sizes without commas.
    [InlineData("conv 64 k3 p1 | batchnorm | relu", 3, 224, 224, 50, "Total mult-adds (G): 4.50", "Input size (MB): 30.11", "Forward/backward pass size (MB): 2569.01", "Params size (MB): 0.01", "Estimated Total Size (MB): 2599.12")]
    // Whole numbers of millions.
    [InlineData("relu | flatten", 1, 4, 4, 1, "Total mult-adds (M): 0")]
    [InlineData("conv 1000 k1 nobias | flatten", 1, 1000, 1, 1, "Total mult-adds (M): 1")]
    public void The_totals_of_torchinfo_are_written_as_it_does(string text, int channels, int height, int width, int batch, params string[] lines)
    {
        string[] table = ModelSummary.Of(ModelSpec.Parse(text, new Shape(channels, height, width)), batch).ToTorchInfo().Split('\n');
        Assert.All(lines, line => Assert.Contains(line, table));
    }

    [Fact]
    public void The_table_of_keras_is_that_of_its_first_example()
    {
        // keras.io/examples/vision/mnist_convnet, on a terminal of 80 columns; the activations are properties of its layers.
        ModelSpec model = ModelSpec.Parse("conv 32 k3 | relu | maxpool 2 | conv 64 k3 | relu | maxpool 2 | flatten | dropout | linear 10 | softmax", new Shape(1, 28, 28));
        Assert.Equal(
            """
            Model: "sequential"
            ┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
            ┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
            ┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
            │ conv2d (Conv2D)                 │ (None, 26, 26, 32)     │           320 │
            ├─────────────────────────────────┼────────────────────────┼───────────────┤
            │ max_pooling2d (MaxPooling2D)    │ (None, 13, 13, 32)     │             0 │
            ├─────────────────────────────────┼────────────────────────┼───────────────┤
            │ conv2d_1 (Conv2D)               │ (None, 11, 11, 64)     │        18,496 │
            ├─────────────────────────────────┼────────────────────────┼───────────────┤
            │ max_pooling2d_1 (MaxPooling2D)  │ (None, 5, 5, 64)       │             0 │
            ├─────────────────────────────────┼────────────────────────┼───────────────┤
            │ flatten (Flatten)               │ (None, 1600)           │             0 │
            ├─────────────────────────────────┼────────────────────────┼───────────────┤
            │ dropout (Dropout)               │ (None, 1600)           │             0 │
            ├─────────────────────────────────┼────────────────────────┼───────────────┤
            │ dense (Dense)                   │ (None, 10)             │        16,010 │
            └─────────────────────────────────┴────────────────────────┴───────────────┘
             Total params: 34,826 (136.04 KB)
             Trainable params: 34,826 (136.04 KB)
             Non-trainable params: 0 (0.00 B)

            """, ModelSummary.Of(model, hide: ["relu", "softmax"]).ToKeras());
    }

    [Fact]
    public void Keras_counts_running_statistics_and_goes_on_below_where_a_name_is_long()
    {
        string[] lines = ModelSummary.Of(ModelSpec.Parse("batchnorm | relu | globalavgpool", new Shape(64, 5, 5)), batch: 8).ToKeras().Split('\n');
        // Scale and shift are trained, running mean and variance are not: 4 x 64.
        Assert.Equal("│ batch_normalization             │ (8, 5, 5, 64)          │           256 │", lines[4]);
        Assert.Equal("│ (BatchNormalization)            │                        │               │", lines[5]);
        Assert.Equal("│ re_lu (ReLU)                    │ (8, 5, 5, 64)          │             0 │", lines[7]);
        Assert.Equal("│ global_average_pooling2d        │ (8, 64)                │             0 │", lines[9]);
        Assert.Equal("│ (GlobalAveragePooling2D)        │                        │               │", lines[10]);
        Assert.Equal([" Total params: 256 (1.00 KB)", " Trainable params: 128 (512.00 B)", " Non-trainable params: 128 (512.00 B)", ""], lines[12..]);
    }

    [Fact]
    public void Blocks_and_layers_without_a_counterpart_are_refused()
    {
        ModelSummary blocks = ModelSummary.Of(ModelSpec.Parse("residual(relu)", new Shape(1, 5, 5)));
        Assert.Equal("the style torchinfo shows layers in a row, but this model has blocks. Use the style fovea or torchsummary.", Assert.Throws<FoveaException>(blocks.ToTorchInfo).Message);
        Assert.Throws<FoveaException>(blocks.ToKeras);
        ModelSummary padded = ModelSummary.Of(ModelSpec.Parse("circularpad 1", new Shape(1, 5, 5)));
        Assert.Equal("Keras has no layer like circularpad 1. Use --style fovea or torchsummary.", Assert.Throws<FoveaException>(padded.ToKeras).Message);
    }
}
