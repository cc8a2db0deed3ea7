namespace Fovea.Tests.Analysis;

/// <summary>Audits of tables as people write them: in parts, with rows missing, without biases, in another order.</summary>
public class AuditTableTests
{
    private static readonly Shape s_digits = new(1, 32, 32);

    private const string LeNet = """
        Conv2d-1,6x28x28,156
        ReLU-2,6x28x28,0
        MaxPool2d-3,6x14x14,0
        Conv2d-4,16x10x10,2416
        ReLU-5,16x10x10,0
        MaxPool2d-6,16x5x5,0
        Conv2d-7,120x1x1,48120
        ReLU-8,120x1x1,0
        Linear-9,84,10164
        ReLU-10,84,0
        Linear-11,10,850
        LogSoftmax-12,10,0
        """;

    [Theory]
    // 156 - 6, 2416 - 16, 48120 - 120, 10164 - 84, 850 - 10; in sum 61706 - 236.
    [InlineData("150", "2400", "48000", "10080", "840", "61470")]
    public void A_table_of_a_network_without_biases_is_right_with_a_note(params string[] figures)
    {
        string table = Replace(LeNet, ["156", "2416", "48120", "10164", "850"], figures) + $"\nTotal,,{figures[5]}";
        Audit audit = Check(table);
        Assert.Empty(audit.Findings);
        Assert.Contains(audit.Notes, note => note.StartsWith("the numbers of parameters are those of layers without biases (bias=False): Conv2d-1, Conv2d-4, Conv2d-7, Linear-9, Linear-11.", StringComparison.Ordinal));
        // Against the network with biases it is the same mistake five times, told once, and the total's.
        string text = Text(Check(table, Zoo.Get("lenet5")));
        Assert.Contains("Conv2d-1: parameters 156, not 150. The bias was forgotten: each filter has one.", text);
        Assert.Contains("Conv2d-4: parameters 2,416, not 2,400. Likewise.", text);
        Assert.Contains("Linear-9: parameters 10,164, not 10,080. The bias was forgotten: each output has one.", text);
        Assert.Contains("Linear-11: parameters 850, not 840. Likewise.", text);
    }

    [Fact]
    public void Convolutions_without_biases_beside_linear_layers_with_biases_are_named()
    {
        Audit audit = Check(Replace(LeNet, ["156", "2416", "48120"], ["150", "2400", "48000"]));
        Assert.Empty(audit.Findings);
        Assert.Contains("by the numbers of parameters Conv2d-1, Conv2d-4, Conv2d-7 have no bias, Linear-9, Linear-11 have one. Give MODEL to have that checked.", audit.Notes);
    }

    [Fact]
    public void A_convolution_before_a_batch_normalization_needs_no_bias()
    {
        // 5*5*1*6 = 150, 2*6 = 12, (6*28*28 + 1)*10 = 47050.
        Audit audit = Check("Conv2d-1,6x28x28,150\nBatchNorm2d-2,6x28x28,12\nReLU-3,6x28x28,0\nLinear-4,10,47050");
        Assert.Empty(audit.Findings);
        Assert.StartsWith("conv 6 k5 nobias | ", audit.Model, StringComparison.Ordinal);
        Assert.Contains("by the numbers of parameters Conv2d-1 has no bias, Linear-4 has one. Give MODEL to have that checked.", audit.Notes);
    }

    [Fact]
    public void A_single_row_without_its_bias_is_a_mistake() =>
        Assert.Equal(("Conv2d-4", "the bias was forgotten: each filter has one"), Check(LeNet.Replace("2416", "2400")).Findings.Select(finding => (finding.Name, finding.Mistake)).Single());

    [Fact]
    public void Of_a_table_that_starts_in_the_middle_is_said_what_cannot_be_known()
    {
        string[] rows = LeNet.Split('\n');
        Audit audit = Check(string.Join('\n', rows[3..]) + "\nTotal,,61706");
        Assert.Empty(audit.Findings);
        Assert.Equal(AuditVerdict.Unknown, audit.Rows[0].Verdict);
        Assert.All(audit.Rows.Skip(1), row => Assert.Equal(AuditVerdict.Right, row.Verdict));
        Assert.StartsWith("? | relu | maxpool 2 | conv 120 k5 | relu | flatten | linear 84", audit.Model, StringComparison.Ordinal);
        // (5*5*6 + 1) * 16 = (1*1*150 + 1) * 16 = 2416.
        Assert.Contains("Conv2d-4 cannot be checked: rows 1 to 3 are missing, and what they give is not known. Its parameters fit a 5x5 kernel over 6 channels or a 1x1 kernel over 150 channels. "
            + "Fill in the rows, or give MODEL.", audit.Notes);
        // 2416 + 48120 + 10164 + 850 = 61550.
        Assert.Contains("Total params cannot be checked, as rows are missing; the rows that are there sum to 61,550, which leaves 156 for the missing ones.", audit.Notes);
        Assert.Contains("All figures that can be checked are right.", Text(audit));
        Assert.Null(audit.Totals);
    }

    [Fact]
    public void Parameters_of_a_layer_that_learns_nothing_are_wrong_even_where_all_before_it_is_missing()
    {
        Audit audit = Check("LogSoftmax-12,10,110\nTotal,,61816");
        AuditFinding finding = Assert.Single(audit.Findings);
        Assert.Equal(("LogSoftmax-12", "parameters", "110", "0"), (finding.Name, finding.Figure, finding.Claimed, finding.Right));
        Assert.StartsWith("LogSoftmax was counted like a linear layer of 10 inputs and 10 outputs, (10*10) + 10 = 110;", finding.ToString()["LogSoftmax-12: parameters 0, not 110. ".Length..], StringComparison.Ordinal);
        Assert.Contains("The output of LogSoftmax-12 cannot be checked", Text(audit).Replace("Note: the", "The"));
        Assert.Equal(AuditVerdict.Wrong, audit.Rows.Single().Verdict);
        // The head of a table alone may have any number of inputs, and a normalization may learn.
        Assert.Empty(Check("BatchNorm2d-5,6x28x28,12\nReLU-6,6x28x28,0").Findings);
        Assert.Equal(["MaxPool2d-6"], Check("MaxPool2d-6,16x5x5,80\nReLU-7,16x5x5,0").Findings.Select(f => f.Name));
    }

    [Fact]
    public void A_single_missing_row_is_one() => Assert.Contains("ReLU-2 cannot be checked: row 1 is missing, and what it gives is not known. Fill in the rows, or give MODEL.",
        Check("ReLU-2,6x28x28,0\nMaxPool2d-3,6x14x14,0").Notes);

    [Fact]
    public void Rows_behind_a_gap_are_checked_from_the_next_output_that_is_known()
    {
        string[] rows = LeNet.Split('\n');
        // Rows 4 to 6 are missing; of 6x14x14 no convolution makes 120x1x1 with 48,120 parameters. Behind it 85*120 is no number of weights and biases.
        Audit audit = Check(string.Join('\n', [.. rows[..3], .. rows[6..8], rows[8].Replace("10164", "10080"), .. rows[9..]]));
        Assert.Equal(["Linear-9"], audit.Findings.Select(finding => finding.Name));
        Assert.Equal("conv 6 k5 | relu | maxpool 2 | ? | relu | flatten | linear 84 | relu | linear 10 | logsoftmax", audit.Model);
        Assert.Contains(audit.Notes, note => note.StartsWith("Conv2d-7 cannot be checked: rows 4 to 6 are missing", StringComparison.Ordinal));
    }

    [Fact]
    public void Missing_rows_are_named()
    {
        string table = string.Join('\n', LeNet.Split('\n').Where(row => !row.StartsWith("ReLU-10", StringComparison.Ordinal)));
        Assert.Contains("row 10 is missing before Linear-11; taken to be without parameters and to keep the shape.", Check(table).Notes);
        Assert.Contains("the table has no row for Flatten-9 (after ReLU-8), ReLU-11 (after Linear-9); no parameters are lost by that.", Check(table, Zoo.Get("lenet5")).Notes);
    }

    [Fact]
    public void Windows_that_are_named_as_open_do_give_the_figures()
    {
        string note = Assert.Single(Check(LeNet).Notes, text => text.StartsWith("the table does not determine", StringComparison.Ordinal));
        // With padding 1, 5 pixels give (5 + 2 - 5) / 1 + 1 = 3 outputs at stride 1, and (5 + 2 - 5) / 3 + 1 = 1 at strides 3 and 4.
        Assert.Contains("Conv2d-7 was taken as conv 120 k5 (or conv 120 k5 s3 p1, or 1 other)", note);
        Assert.All((string[])["conv 120 k5 s3 p1", "conv 120 k5 s4 p1"], layer => Assert.Equal(new Shape(120, 1, 1), ModelSpec.Parse(layer, new Shape(16, 5, 5)).Output));
    }

    [Fact]
    public void What_the_table_leaves_open_is_said_in_one_sentence()
    {
        string note = Assert.Single(Check(LeNet).Notes);
        // 28 pixels become 14 with a window of 2 every 2 pixels, and with one of 3 where (28 - 3) / 2 + 1 = 13.5 is rounded up.
        Assert.StartsWith("the table does not determine all windows: MaxPool2d-3 was taken as maxpool 2 (or maxpool 3 s2 ceil, or ", note);
        Assert.EndsWith(". Give MODEL to have them checked.", note);
        // Its size and its parameters leave one kernel to the convolution: (25 + 1) * 6 = 156.
        Assert.DoesNotContain("Conv2d-1", note);
        Assert.Contains("Conv2d-1 was taken as conv 6 k5 (or ", Assert.Single(Check(LeNet.Replace(",156", ",")).Notes));
    }

    [Theory]
    // 61706 + 110 - 0, though the row of ReLU-10 is wrong too: 61706 + 110 + 84 would be the sum.
    [InlineData("61816", "it is the right sum but for the wrong figure of LogSoftmax-12")]
    [InlineData("61900", "it is the sum of the rows, of which ReLU-10 and LogSoftmax-12 are wrong")]
    // 61900 - 850.
    [InlineData("61050", "Linear-11 was left out of the sum")]
    [InlineData("61760", "it is not the sum of the rows either, which is 61,900: two digits were exchanged")]
    public void A_wrong_total_names_its_cause(string total, string mistake)
    {
        Audit audit = Check(Replace(LeNet, ["ReLU-10,84,0", "LogSoftmax-12,10,0"], ["ReLU-10,84,84", "LogSoftmax-12,10,110"]) + $"\nTotal,,{total}");
        Assert.Equal(mistake, audit.Findings.Single(finding => finding.Figure == "total").Mistake);
    }

    [Fact]
    public void A_right_total_over_wrong_rows_is_noted() => Assert.Contains("Total params is right, though the rows of the table sum to 61,816.",
        Check(LeNet.Replace("LogSoftmax-12,10,0", "LogSoftmax-12,10,110") + "\nTotal,,61706").Notes);

    [Theory]
    [InlineData("parameters,layer,output\n156,Conv2d-1,\"[-1, 6, 28, 28]\"")]
    [InlineData("#;Output Shape;Layer (type);Param #\n1;[-1, 6, 28, 28];Conv2d-1;156")]
    [InlineData("layer;output;parameters\nConv2d-1;[-1, 6, 28, 28];156")]
    [InlineData("Conv2d-1;[-1, 6, 28, 28];156")]
    [InlineData("layer\toutput\tparams\nConv2d-1\t[-1, 6, 28, 28]\t156")]
    public void Columns_in_another_order_and_other_separators_are_read(string table)
    {
        ClaimedRow row = Assert.Single(Claim.Parse(table, "table").Rows);
        Assert.Equal(("Conv2d-1", new Shape(6, 28, 28), 156), (row.Name, row.Output, row.Parameters));
    }

    [Theory]
    [InlineData("layer,parameters\nConv2d-1,156", "table line 1: the head has no column \"output\".")]
    [InlineData("Conv2d-1,6x28x28,-156", "table line 1: parameters \"-156\" is negative.")]
    [InlineData("Conv2d-1,6x28x28,99999999999999999999", "table line 1: parameters \"99999999999999999999\" is more than any network has.")]
    [InlineData("Conv2d-1,6x28x28,\"1,56\"", "table line 1: parameters \"1,56\" is not a number.")]
    [InlineData("Conv2d-1,60000x60000x60000,156", "table line 1: output \"60000x60000x60000\" has more numbers than a network can hold.")]
    [InlineData("Conv2d-1,6x28x99999999999,156", "table line 1: output \"6x28x99999999999\" is not a shape.")]
    [InlineData("Conv2d-1,6x28x28,156\nTotal,,-5", "table line 2: \"-5\" is negative.")]
    [InlineData("Conv2d-1,6x28x28,156\nTotal,,1e9", "table line 2: \"1e9\" is not a number.")]
    [InlineData("Conv2d-1,6x28x28,156\nTotal,,99999999999999999999", "table line 2: \"99999999999999999999\" is more than any network has.")]
    [InlineData("Conv2d-1;6x28x28;156;7", "table line 1: expected 3 cells (layer, output, parameters), got 4.")]
    public void Figures_that_cannot_be_are_refused(string table, string message) =>
        Assert.StartsWith(message, Assert.Throws<DataFormatException>(() => Claim.Parse(table, "table")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_network_too_large_for_memory_is_refused_and_not_a_crash() =>
        // (3 * 224 * 224 + 1) * 1,000,000.
        Assert.Throws<ShapeException>(() => Audit.Check(Claim.Parse("Linear-1,1000000,150529000000", "table"), null, new Shape(3, 224, 224), "table"));

    [Fact]
    public void Sizes_with_a_decimal_comma_are_read() =>
        Assert.Equal(0.53, Claim.Parse("Conv2d-1;6x28x28;156\nForward/backward pass size (MB);;0,53", "table").Totals.Single().Value);

    private static Audit Check(string table, ModelSpec? model = null) => Audit.Check(Claim.Parse(table, "table"), model, s_digits, "table");

    private static string Text(Audit audit) => string.Join('\n', audit.Answer.Select(step => step.Text));

    // Of each row the figure behind the last comma, where that is meant.
    private static string Replace(string table, string[] from, string[] to)
    {
        foreach (var (old, wanted) in from.Zip(to)) table = table.Replace(old, wanted);
        return table;
    }
}
