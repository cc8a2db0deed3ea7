namespace Fovea.Tests.Analysis;

public class AuditTests
{
    private static readonly Shape s_digits = new(1, 32, 32);

    // The table of a course, with the figure that it got wrong, and without its ReLU-10.
    private const string Course = """
        layer,output,parameters
        Conv2d-1,"[-1, 6, 28, 28]",(5*5*1 + 1) * 6 = 156
        ReLU-2,"[-1, 6, 28, 28]",0
        MaxPool2d-3,"[-1, 6, 14, 14]",0
        Conv2d-4,"[-1, 16, 10, 10]","(5*5*6 + 1) * 16 = 2,416"
        ReLU-5,"[-1, 16, 10, 10]",0
        MaxPool2d-6,"[-1, 16, 5, 5]",0
        Conv2d-7,"[-1, 120, 1, 1]","(5*5*16 + 1) * 120 = 48,120"
        ReLU-8,"[-1, 120, 1, 1]",0
        Linear-9,"[-1, 84]","84*120 + 84 = 10,164"
        Linear-11,"[-1, 10]",850
        LogSoftmax-12,"[-1, 10]",(10*10) + 10 = 110
        Total,,61816
        """;

    [Fact]
    public void A_course_table_with_wrong_log_softmax_parameters_is_caught_with_the_reason()
    {
        Audit audit = Check(Course);
        Assert.False(audit.IsRight);
        Assert.Collection(audit.Findings,
            finding =>
            {
                Assert.Equal(("LogSoftmax-12", "parameters", "110", "0"), (finding.Name, finding.Figure, finding.Claimed, finding.Right));
                Assert.Equal("LogSoftmax was counted like a linear layer of 10 inputs and 10 outputs, (10*10) + 10 = 110; it computes a fixed function and has nothing to learn",
                    finding.Mistake);
            },
            finding =>
            {
                Assert.Equal(("Total params", "61,816", "61,706"), (finding.Name, finding.Claimed, finding.Right));
                Assert.Equal("it is the sum of the rows, of which LogSoftmax-12 is wrong", finding.Mistake);
            });
    }

    [Fact]
    public void The_network_is_rebuilt_from_sizes_and_parameters() => Assert.Equal(
        "conv 6 k5 | relu | maxpool 2 | conv 16 k5 | relu | maxpool 2 | conv 120 k5 | relu | flatten | linear 84 | linear 10 | logsoftmax", Check(Course).Model);

    [Fact]
    public void A_table_with_missing_rows_is_laid_beside_the_network()
    {
        Audit audit = Check(Course, Zoo.Get("lenet5"));
        Assert.Equal(["LogSoftmax-12", "Total params"], audit.Findings.Select(finding => finding.Name));
        // Flatten and the ReLU between the linear layers.
        Assert.Equal(["flatten", "relu"], audit.Rows.Where(row => row.Verdict == AuditVerdict.Missing).Select(row => row.Layer));
    }

    [Fact]
    public void A_right_table_is_right()
    {
        string right = Course.Replace("(10*10) + 10 = 110", "0").Replace("61816", "61706");
        Assert.True(Check(right).IsRight);
        Assert.True(Check(right, Zoo.Get("lenet5")).IsRight);
    }

    [Theory]
    [InlineData("stride1")]
    [InlineData("stride2")]
    [InlineData("lenet5")]
    [InlineData("lenet5-classic")]
    [InlineData("vgg-small")]
    public void The_table_that_torchsummary_prints_is_right_and_rebuilds_its_network(string name)
    {
        ModelSpec model = Zoo.Get(name);
        foreach (IReadOnlyCollection<string> hide in (string[][])[[], ["flatten"]])
        {
            Claim claim = Claim.Parse(ModelSummary.Of(model, hide: hide).ToTorchSummary(), "table");
            Assert.Equal(7, claim.Totals.Count);
            Assert.Empty(Audit.Check(claim, model, model.Input, "table").Findings);
            Audit rebuilt = Audit.Check(claim, null, model.Input, "table");
            Assert.Empty(rebuilt.Findings);
            Assert.Equal(model.ToText(), rebuilt.Model);
        }
    }

    [Theory]
    // Outputs, of 5x5 convolutions and 2x2 poolings.
    [InlineData("[-1, 6, 28, 28]\",(", "[-1, 6, 27, 27]\",(", "Conv2d-1", "output", "6x28x28", "the + 1 of the formula was forgotten: the first window counts too")]
    [InlineData("[-1, 16, 5, 5]", "[-1, 16, 2, 2]", "MaxPool2d-6", "output", "16x5x5", "the stride was applied twice")]
    [InlineData("[-1, 6, 14, 14]", "[-1, 16, 14, 14]", "MaxPool2d-3", "output", "6x14x14", "MaxPool2d keeps the 6 channels")]
    [InlineData("[-1, 84]", "[-1, 120]", "Linear-9", "output", "84", "the size of the input was kept: a linear layer of 84 features gives as many numbers")]
    // Parameters: 5*5*6*16 = 2400; (5*6 + 1)*16 = 496; (5^4*6 + 1)*16 = 60016; (25 + 1)*16 = 416; 5*5*6 + 1 = 151; 84*120 = 10080.
    [InlineData("2,416", "2,400", "Conv2d-4", "parameters", "2,416", "the bias was forgotten: each filter has one")]
    [InlineData("2,416", "496", "Conv2d-4", "parameters", "2,416", "the kernel was not squared: it has 5 x 5 taps, not 5")]
    [InlineData("2,416", "60,016", "Conv2d-4", "parameters", "2,416", "the kernel was squared twice")]
    [InlineData("2,416", "416", "Conv2d-4", "parameters", "2,416", "the input channels were forgotten: every filter has a kernel for each of the 6 channels")]
    [InlineData("2,416", "151", "Conv2d-4", "parameters", "2,416", "the filters were forgotten: this is one filter of 16")]
    [InlineData("2,416", "2,401", "Conv2d-4", "parameters", "2,416", "one bias was counted for the whole layer: each filter has one")]
    [InlineData("2,416", "2,146", "Conv2d-4", "parameters", "2,416", "two digits were exchanged")]
    [InlineData("10,164", "10,080", "Linear-9", "parameters", "10,164", "the bias was forgotten: each output has one")]
    [InlineData("10,164", "10,200", "Linear-9", "parameters", "10,164", "a bias was counted for each input: each output has one")]
    [InlineData("10,164", "33,684", "Linear-9", "parameters", "10,164", "the inputs were counted at the output of MaxPool2d-6, 16x5x5: this layer gets 120 numbers")]
    [InlineData("ReLU-2,\"[-1, 6, 28, 28]\",0", "ReLU-2,\"[-1, 6, 28, 28]\",156", "ReLU-2", "parameters", "0", "the parameters of Conv2d-1 were counted again; ReLU has nothing to learn")]
    public void A_wrong_figure_is_explained(string from, string to, string row, string figure, string right, string mistake)
    {
        string table = Course.Replace("(10*10) + 10 = 110", "0").Replace("61816", "61706").Replace(from, to);
        foreach (ModelSpec? model in (ModelSpec?[])[Zoo.Get("lenet5"), null])
        {
            AuditFinding finding = Assert.Single(Check(table, model).Findings);
            Assert.Equal((row, figure, right, mistake), (finding.Name, finding.Figure, finding.Right, finding.Mistake));
            Assert.Contains("The likely mistake", finding.Derivation.ToText());
        }
    }

    [Theory]
    [InlineData("61706", "it is not the sum of the rows, which is 61,706: one digit is wrong: perhaps a slip of the pen", "61700")]
    [InlineData("61706", "Linear-11 was left out of the sum", "60856")]
    [InlineData("61706", "Linear-11 was added twice", "62556")]
    // 6 + 16 + 120 + 84 + 10 = 236 biases.
    [InlineData("61706", "the biases were left out", "61470")]
    public void A_wrong_total_is_explained(string right, string mistake, string wrong)
    {
        string table = Course.Replace("(10*10) + 10 = 110", "0").Replace("61816", right).Replace(right, wrong);
        AuditFinding finding = Assert.Single(Check(table).Findings);
        Assert.Equal(("total", mistake), (finding.Figure, finding.Mistake));
    }

    public static TheoryData<string, string, string, string> Layers => new()
    {
        // 3*8*5*5 + 8 = 608 parameters; (4 - 1) 2 - 4 + 5 + 1 = 8 pixels a side.
        { "convtranspose 8 k5 s2 p2 outputPadding=1", "\"[-1, 8, 8, 8]\",600", "608", "the bias was forgotten: each filter has one" },
        { "convtranspose 8 k5 s2 p2 outputPadding=1", "\"[-1, 8, 8, 8]\",208", "608", "the input channels were forgotten: every filter has a kernel for each of the 3 channels" },
        { "convtranspose 8 k5 s2 p2 outputPadding=1", "\"[-1, 8, 8, 8]\",0", "608", "" },
        { "convtranspose 8 k5 s2 p2 outputPadding=1", "\"[-1, 8, 7, 7]\",608", "8x8x8", "the output padding was forgotten" },
        { "convtranspose 8 k5 s2 p2 outputPadding=1", "\"[-1, 8, 2, 2]\",608", "8x8x8", "it was taken for a convolution; a transposed one enlarges its input" },
        { "convtranspose 8 k5 s2 p2 outputPadding=1", "\"[-1, 8, 12, 12]\",608", "8x8x8", "the padding was forgotten: it is cut off at both ends" },
        { "convtranspose 8 k5 s2 p2 outputPadding=1", "\"[-1, 8, 10, 10]\",608", "8x8x8", "the padding was cut off once: it is cut off at both ends" },
        { "convtranspose 8 k5 s2 p2 outputPadding=1", "\"[-1, 3, 8, 8]\",608", "8x8x8", "the channels of the input were kept: a convolution gives one channel for each of its 8 filters" },
        // 3*8*3 + 8 = 80, with either of the two threes left out.
        { "conv 8 k3", "\"[-1, 8, 2, 2]\",80", "224", "the kernel was not squared: it has 3 x 3 taps, not 3; or the input channels were forgotten: every filter has a kernel for each of the 3 channels" },
        // 2*3*4*4 = 96; 2*3 = 6.
        { "layernorm", "\"[-1, 3, 4, 4]\",48", "96", "only one of scale and shift was counted: each number has both" },
        { "layernorm", "\"[-1, 3, 4, 4]\",6", "96", "a scale and a shift were counted for each channel: each number has one" },
        { "groupnorm 3", "\"[-1, 3, 4, 4]\",96", "6", "a scale and a shift were counted for each pixel: each channel has one" },
        { "groupnorm 3", "\"[-1, 3, 4, 4]\",0", "6", "scale and shift were forgotten: each channel has both, and they are learned" },
        { "batchnorm", "\"[-1, 3, 4, 4]\",12", "6", "running mean and variance were counted: they are kept, not learned" },
        { "prelu", "\"[-1, 3, 4, 4]\",0", "1", "its slope was forgotten: it is learned" },
        { "prelu", "\"[-1, 3, 4, 4]\",3", "1", "a slope was counted for each channel: they share one" },
        { "upsample 2", "\"[-1, 3, 4, 4]\",0", "3x8x8", "the size of the input was kept" },
        // (2*2*3 + 1) * 3 = 39.
        { "avgpool 2", "\"[-1, 3, 2, 2]\",39", "0", "AvgPool2d was counted like a convolution; a window that takes the mean has no weights" },
    };

    [Fact]
    public void Several_wrong_rows_of_a_sum_are_listed_as_people_do()
    {
        // Right are 80, 584 and 584; the total of 6 is the sum of what is claimed.
        Audit audit = Audit.Check(Claim.Parse("Conv2d-1,\"[-1, 8, 26, 26]\",1\nConv2d-2,\"[-1, 8, 24, 24]\",2\nConv2d-3,\"[-1, 8, 22, 22]\",3\nTotal,,6", "table"),
            ModelSpec.Parse("conv 8 k3 | conv 8 k3 | conv 8 k3", new Shape(1, 28, 28)), new Shape(1, 28, 28), "table");
        Assert.Equal("it is the sum of the rows, of which Conv2d-1, Conv2d-2 and Conv2d-3 are wrong", audit.Findings[^1].Mistake);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_mistake_is_one_that_can_be_made_with_the_layer(string layer, string row, string right, string mistake)
    {
        ModelSpec model = ModelSpec.Parse(layer, new Shape(3, 4, 4));
        Audit audit = Audit.Check(Claim.Parse($"{model.Layers[0].TorchName}-1,{row}", "table"), model, model.Input, "table");
        AuditFinding finding = Assert.Single(audit.Findings);
        Assert.Equal((right, mistake), (finding.Right, finding.Mistake ?? ""));
    }

    [Fact]
    public void Biases_of_every_layer_that_has_some_are_left_out_of_a_total()
    {
        // 3*8*9 + 8 and 8*2*9 + 2: without biases 216 + 144.
        ModelSpec model = ModelSpec.Parse("convtranspose 8 k3 | conv 2 k3", new Shape(3, 4, 4));
        Audit audit = Audit.Check(Claim.Parse("ConvTranspose2d-1,,224\nConv2d-2,,146\nTotal,,360", "table"), model, model.Input, "table");
        Assert.Equal("the biases were left out", Assert.Single(audit.Findings).Mistake);
    }

    [Fact]
    public void What_follows_from_a_wrong_row_is_said()
    {
        // 30 is wrong, and everything computed from it is wrong too: 30 / 2 = 15, 15 - 4 = 11.
        string table = Course.Replace("[-1, 6, 28, 28]", "[-1, 6, 30, 30]").Replace("[-1, 6, 14, 14]", "[-1, 6, 15, 15]").Replace("[-1, 16, 10, 10]", "[-1, 16, 11, 11]");
        var findings = Check(table, Zoo.Get("lenet5")).Findings.Where(finding => finding.Figure == "output").ToList();
        Assert.Equal(["Conv2d-1", "ReLU-2", "MaxPool2d-3", "Conv2d-4", "ReLU-5"], findings.Select(finding => finding.Name));
        Assert.Equal("it follows from the wrong output of Conv2d-1", findings[1].Mistake);
        Assert.Equal("it follows from the wrong output of ReLU-2", findings[2].Mistake);
        Assert.Equal("it follows from the wrong output of MaxPool2d-3", findings[3].Mistake);
    }

    [Fact]
    public void A_layer_that_the_network_does_not_have_is_found()
    {
        AuditFinding finding = Check(Course.Replace("110", "0").Replace("61816", "61706").Replace("ReLU-5,", "Sigmoid-5,"), Zoo.Get("lenet5")).Findings.Single();
        Assert.Equal(("Sigmoid-5", "layer"), (finding.Name, finding.Figure));
    }

    [Fact]
    public void Wrong_sizes_in_memory_are_explained()
    {
        string table = ModelSummary.Of(Zoo.Get("stride1"), hide: ["flatten"]).ToTorchSummary()
            .Replace("pass size (MB): 0.53", "pass size (MB): 0.26").Replace("Params size (MB): 9.01", "Params size (MB): 9.45");
        Assert.Equal(
            [
                ("Forward/backward pass size (MB)", "0.53 MB", "the gradients were forgotten: every output is kept twice, forward and backward"),
                ("Params size (MB)", "9.01 MB", "a megabyte was taken to be 1,000,000 bytes; it is 2^20 here"),
            ],
            Audit.Check(Claim.Parse(table, "table"), null, new Shape(1, 28, 28), "table").Findings.Select(finding => (finding.Name, finding.Right, finding.Mistake!)));
    }

    [Fact]
    public void A_network_without_biases_is_no_mistake()
    {
        ModelSpec model = ModelSpec.Parse("conv 6 k5 nobias | relu | maxpool 2 | flatten | linear 10 nobias", s_digits);
        Assert.Empty(Audit.Check(Claim.Parse(ModelSummary.Of(model).ToTorchSummary(), "table"), null, s_digits, "table").Findings);
    }

    [Theory]
    [InlineData("Conv2d-1,\"[-1, 6, 28, 28]\"", "table line 1: expected 3 cells (layer, output, parameters), got 2")]
    [InlineData("Conv2d-1,[-1, 6, 28, 28],156", "table line 1: expected 3 cells (layer, output, parameters), got 6")]
    [InlineData("Conv2d-1,\"[-1, 6, 28, 28]\",many", "table line 1: parameters \"many\" is not a number")]
    [InlineData("Conv2d-1,\"[-1, 6, x, 28]\",156", "table line 1: output \"[-1, 6, x, 28]\" is not a shape")]
    [InlineData("Conv2d-1,\"[-1, 0, 28, 28]\",156", "table line 1: output \"[-1, 0, 28, 28]\" is not a shape")]
    [InlineData("Conv2d-1,\"[-1, 6, 28, 28],156", "table line 1: a quotation mark is not closed")]
    [InlineData("layer,output,parameters\nConv2d-1,6x28x28,156\nTotal,,many", "table line 3: \"many\" is not a number")]
    [InlineData("layer,output,parameters", "table: there is no layer in it")]
    [InlineData("", "table: there is no layer in it")]
    [InlineData("ConvTranspose2d-1,\"[-1, 6, 28, 28]\",156", "table line 1: ConvTranspose2d cannot be rebuilt from a row, which does not tell its properties. Give MODEL")]
    [InlineData("Attention-1,\"[-1, 6]\",156", "table line 1: there is no layer \"Attention\"")]
    [InlineData(",\"[-1, 6]\",156", "table line 1: the layer has no name")]
    [InlineData("        Layer (type)               Output Shape         Param #\n    Conv2d-1  [-1, 6, 28]", "table line 2: expected a row of torchsummary")]
    [InlineData("Conv2d-1,,156\nReLU-2,,0", "table line 1: Conv2d-1 cannot be rebuilt on an input of 10, as its output is not given")]
    public void A_table_that_cannot_be_read_is_refused(string table, string message) => Assert.Contains(message, Assert.Throws<DataFormatException>(() =>
        Audit.Check(Claim.Parse(table, "table"), null, Shape.Flat(10), "table")).Message);

    [Fact]
    public void Several_ways_to_write_an_output_are_read()
    {
        string[] outputs = ["\"[-1, 6, 28, 28]\"", "\"(6, 28, 28)\"", "6x28x28", "\"[6, 28, 28]\""];
        Assert.All(outputs, output => Assert.Equal(new Shape(6, 28, 28), Claim.Parse($"Conv2d-1,{output},156", "table").Rows[0].Output));
        Assert.Equal(64, Claim.Parse("Conv2d-1,\"[64, 6, 28, 28]\",156", "table").Batch);
    }

    private static Audit Check(string table, ModelSpec? model = null) => Audit.Check(Claim.Parse(table, "table"), model, s_digits, "table");
}
