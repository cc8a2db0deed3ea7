namespace Fovea.Tests.Layers;

public class CompositeTests
{
    private static readonly Shape s_image = new(4, 8, 6);

    [Theory]
    [InlineData("residual(conv 4 k3 p1|relu)", "residual(conv 4 k3 p1 | relu)")]
    [InlineData("Residual ( conv 4 k1 ; conv 4 k1 ) | relu", "residual(conv 4 k1 ; conv 4 k1) | relu")]
    [InlineData("residual(conv 4 k1;;relu) block=BasicBlock", "residual(conv 4 k1 ; ; relu) block=BasicBlock")]
    [InlineData("residual block=A (conv 4 k1 ;)", "residual(conv 4 k1) block=A")]
    [InlineData("concat(;conv 2 k1)", "concat( ; conv 2 k1)")]
    [InlineData("concat(branch(relu | residual(tanh)) ; )", "concat(branch(relu | residual(tanh)) ; )")]
    public void Text_may_be_written_in_several_ways(string text, string expected) => Assert.Equal(expected, ModelSpec.Parse(text, s_image).ToText());

    [Fact]
    public void Json_holds_the_inner_layers_as_a_models()
    {
        const string Json = """{"input":[4,8,6],"layers":[{"type":"residual","body":[{"type":"conv2d","filters":4,"kernel":1}],"activation":{"type":"relu"}}]}""";
        ModelSpec model = ModelSpec.FromJson(Json);
        Assert.Equal(new Residual([new Conv2D(4, 1)]) { Activation = new ReLU() }, model.Layers[0]);
        Assert.Equal("residual(conv 4 k1 ; ; relu)", model.ToText());
    }

    [Fact]
    public void Records_are_equal_when_their_layers_are()
    {
        Layer Parse(string text) => ModelSpec.Parse(text, s_image).Layers[0];
        string[] different =
        [
            "residual(conv 4 k1)", "residual(conv 4 k1 | relu)", "residual(conv 4 k1 ; conv 4 k1)", "residual(conv 4 k1 ; ; relu)", "residual(conv 4 k1 ; ; tanh)",
            "residual(conv 4 k1) block=A", "branch(conv 4 k1)", "branch(conv 4 k1) block=A", "concat(conv 4 k1)", "concat(conv 4 k1 ; )", "concat( ; conv 4 k1)",
        ];
        foreach (string text in different)
        {
            Assert.Equal(Parse(text).GetHashCode(), Parse(text).GetHashCode());
            foreach (string other in different) Assert.Equal(text == other, Parse(text).Equals(Parse(other)));
        }
    }

    [Theory]
    [InlineData("residual(conv 4 k3 | relu", "a parenthesis is not closed in \"residual(conv 4 k3 | relu\". Close it.")]
    [InlineData("relu) | relu", "the closing parenthesis after \"relu\" has no opening one. Remove it, or open it before.")]
    [InlineData("relu | residual(relu | convx 4)", "layer 2 residual, body layer 2 \"convx 4\": there is no layer \"convx\". Did you mean conv? Known layers: conv, ")]
    [InlineData("concat(relu ; conv 4)", "layer 1 concat, branch 2 layer 1 \"conv 4\": it needs kernel, as in \"conv 32 k5 p2\".")]
    [InlineData("residual(relu ; relu ; relu ; relu)", "layer 1 \"residual(relu ; relu ; relu ; relu)\": it has body, shortcut, activation, but 4 rows of layers are given. Leave out semicolons.")]
    [InlineData("residual(relu ; ; relu | relu)", "layer 1 \"residual(relu ; ; relu | relu)\": activation is one layer, but 2 are given.")]
    [InlineData("residual(relu ; ; conv 4 k1)", "layer 1 \"residual(relu ; ; conv 4 k1)\": the sum of a residual block is followed by an activation such as relu, but conv2d(filters 4, kernel 1) is none.")]
    [InlineData("relu(tanh)", "layer 1 \"relu(tanh)\": it consists of no layers, so that none can stand in parentheses after it.")]
    [InlineData("residual", "layer 1 \"residual\": it needs body, as in \"residual(conv 16 k3 p1 | relu | conv 16 k3 p1)\".")]
    [InlineData("branch(relu) block=2x", "layer 1 \"branch(relu) block=2x\": block: \"2x\" is not the name of a class: letters, digits and underscores, the first no digit.")]
    [InlineData("((((((((((((((((((((", "the layers stand in more than 16 parentheses inside each other. Use fewer.")]
    public void Text_that_is_no_block_is_refused(string text, string message)
    {
        var exception = Assert.Throws<ModelFormatException>(() => ModelSpec.Parse(text, s_image));
        Assert.StartsWith(message, exception.Message);
    }

    [Theory]
    [InlineData("""{"type":"residual","body":[{"type":"relu"},{"type":"conv3d"}]}""", "layer 1 residual, body layer 2: there is no layer \"conv3d\". Did you mean conv2d?")]
    [InlineData("""{"type":"concat","branches":[[],[{"type":"linear"}]]}""", "layer 1 concat, branches 2 layer 1 linear: it needs features, as in \"linear 128\".")]
    [InlineData("""{"type":"residual","body":[null]}""", "layer 1 residual, body layer 1: expected a layer such as")]
    [InlineData("""{"type":"residual","body":7}""", "layer 1 residual: body cannot be 7.")]
    [InlineData("""{"type":"residual"}""", "layer 1 residual: it needs body, as in")]
    public void Json_that_is_no_block_is_refused(string layer, string message) =>
        Assert.StartsWith(message, Assert.Throws<ModelFormatException>(() => ModelSpec.FromJson($$"""{"input":[4,8,6],"layers":[{{layer}}]}""")).Message);

    [Theory]
    [InlineData("relu | residual(relu | conv 4 k9)", "layer 2 residual, body layer 2 conv2d(filters 4, kernel 9): kernel 9x9 does not fit input 4x8x6 with padding 0. Use padding 2 or a smaller kernel.")]
    [InlineData("concat( ; residual(relu ; conv 4 k9))", "layer 1 concat, branch 2 layer 1 residual, shortcut layer 1 conv2d(filters 4, kernel 9): kernel 9x9")]
    [InlineData("residual(conv 5 k1)", "layer 1 residual(1 layer): its body gives 5x8x6, but its input is 4x8x6: they cannot be added. Let the body keep the shape, or give a shortcut")]
    [InlineData("residual(conv 5 k1 ; conv 6 k1)", "layer 1 residual(2 layers): its body gives 5x8x6, but its shortcut gives 6x8x6: they cannot be added. Give both the same strides and filters.")]
    [InlineData("concat(conv 5 k3 ; relu)", "layer 1 concat(2 layers): its branch 1 gives 5x6x4, but its branch 2 gives 4x8x6: they cannot lie side by side. Give all branches the same height and width")]
    [InlineData("residual()", "layer 1 residual(0 layers): its body has no layers. Give it some")]
    public void Blocks_that_do_not_fit_name_the_inner_layer(string text, string message)
    {
        var exception = Assert.Throws<ShapeException>(() => ModelSpec.Parse(text, s_image).Output);
        Assert.StartsWith(message, exception.Message);
        Assert.Equal(text.StartsWith("relu", StringComparison.Ordinal) ? 1 : 0, exception.LayerIndex);
    }

    [Fact]
    public void Parameters_are_named_by_their_way_as_in_nested_modules()
    {
        var network = new Network(ModelSpec.Parse(
            "conv 4 k1 | residual(conv 4 k1 nobias | batchnorm ; branch(relu | conv 4 k1 nobias)) | concat( ; relu | conv 2 k1 nobias)", s_image));
        Assert.Equal(
            ["0.weight", "0.bias", "1.body.0.weight", "1.body.1.weight", "1.body.1.bias", "1.shortcut.0.1.weight", "2.1.1.weight"],
            network.Parameters.Select(p => p.Name));
        Assert.Equal(["1.body.1.running_mean", "1.body.1.running_var"], network.Buffers.Select(p => p.Name));
        Assert.Equal([2, 4, 1, 1], network.Parameters[^1].Shape);
    }

    [Fact]
    public void A_sum_and_rows_side_by_side_come_out_as_by_hand()
    {
        // The convolutions multiply by 2 and by 3: relu(2x + x) = relu(3x), then the rows x, 3x.
        var network = new Network(ModelSpec.Parse("residual(conv 1 k1 nobias ; ; relu) | concat( ; conv 1 k1 nobias) | flatten", new Shape(1, 1, 3)));
        network.SetParameter("0.body.0.weight", [2]);
        network.SetParameter("1.1.0.weight", [3]);
        Assert.Equal([3, 0, 1.5f, 9, 0, 4.5f], network.Predict(new Tensor(1, new Shape(1, 1, 3), [1, -2, 0.5f])).Values);
    }

    [Fact]
    public void A_summary_lists_layers_in_the_order_in_which_they_finish()
    {
        ModelSummary summary = ModelSummary.Of(ModelSpec.Parse(
            "conv 4 k1 | residual(conv 4 k3 p1 nobias | batchnorm ; conv 4 k1 ; relu) block=BasicBlock | branch(relu | concat(conv 2 k1 ; )) | branch(tanh) block=Last", s_image));
        Assert.Equal(
            [("Conv2d-1", 20), ("Conv2d-2", 144), ("BatchNorm2d-3", 8), ("Conv2d-4", 20), ("ReLU-5", 0), ("BasicBlock-6", 0), ("ReLU-7", 0), ("Conv2d-8", 10), ("Concat-9", 0),
                ("Tanh-10", 0), ("Last-11", 0)],
            summary.Layers.Select(row => (row.Name, (int)row.Parameters)));
        Assert.Equal(20 + 144 + 8 + 20 + 10, summary.TotalParameters);
    }

    [Fact]
    public void A_block_sees_what_its_branches_see()
    {
        IReadOnlyList<LayerReceptiveField> rows = ReceptiveFields.Of(ModelSpec.Parse(
            "maxpool 2 | residual(conv 4 k3 p1 | conv 4 k3 p1) | concat(conv 2 k1 ; conv 2 k5x3 p2x1)", s_image)).Layers;
        // After the pooling a pixel is two wide: two convolutions of 3 see 2 + 2 x 2 + 2 x 2 from -4 on, the passed input only 2 from 0 on.
        Assert.Equal(new ReceptiveField(10, 2, -4), rows[3].Rows);
        // Its second branch sees 4 x 2 more rows and 2 x 2 more columns.
        Assert.Equal(new ReceptiveField(18, 2, -8), rows[6].Rows);
        Assert.Equal(new ReceptiveField(14, 2, -6), rows[6].Columns);
    }

    [Fact]
    public void Effective_fields_are_measured_of_blocks_but_not_inside_of_them()
    {
        ModelSpec model = ModelSpec.Parse("conv 4 k3 p1 | residual(conv 4 k3 p1 | relu)", s_image);
        Assert.Equal("Residual-4", EffectiveReceptiveField.Measure(model).Name);
        var exception = Assert.Throws<ShapeException>(() => EffectiveReceptiveField.Measure(model, layer: 1));
        Assert.Equal("layer 2 Conv2d-2 lies inside of a block, whose rows cannot be measured one by one. Ask for the block, Residual-4, or a layer outside of it.", exception.Message);
    }

    [Fact]
    public void Blanks_beside_a_block_are_found_and_those_inside_are_refused()
    {
        NetworkAnswer answer = NetworkSolver.Solve("conv 4 k? | residual(conv 4 k3 p1) | maxpool ?", new Shape(1, 28, 28), [24, 12]);
        Assert.Equal("conv 4 k5 | residual(conv 4 k3 p1) | maxpool 2", answer.Model);
        var exception = Assert.Throws<ModelFormatException>(() => NetworkSolver.Solve("residual(conv 4 k? p1)", new Shape(1, 28, 28), []));
        Assert.Equal("layer 1 \"residual(conv 4 k? p1)\": blanks inside of a block cannot be found, as only the block's own output is known. Fill them in.", exception.Message);
    }

    [Fact]
    public void A_claimed_table_of_blocks_is_audited_row_by_row()
    {
        ModelSpec model = ModelSpec.Parse("conv 4 k3 p1 | residual(conv 4 k3 p1 | relu) block=BasicBlock", new Shape(1, 6, 6));
        string table = ModelSummary.Of(model).ToTorchSummary();
        Assert.Empty(Audit.Check(Claim.Parse(table, "table"), model, model.Input, "table").Findings);
        Audit wrong = Audit.Check(Claim.Parse(table.Replace(" 148", " 147"), "table"), model, model.Input, "table");
        Assert.Equal(["Conv2d-2"], wrong.Findings.Select(finding => finding.Name));
    }
}
