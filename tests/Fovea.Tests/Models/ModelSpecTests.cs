using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace Fovea.Tests.Models;

public class ModelSpecTests
{
    private static readonly Shape s_digits = new(1, 28, 28);

    [Fact]
    public void A_line_of_text_is_a_list_of_layers()
    {
        ModelSpec model = ModelSpec.Parse("conv 32 k5x3 s2 p2 | relu | maxpool 5 s1 ceil | dropout 0.25 | conv 8 k3 g2 d1x2 nobias | flatten | linear 10 | logsoftmax", s_digits);
        Layer[] expected =
        [
            new Conv2D(32, new Size2D(5, 3)) { Stride = 2, Padding = 2 },
            new ReLU(),
            new MaxPool2D(5) { Stride = 1, CeilMode = true },
            new Dropout(0.25f),
            new Conv2D(8, 3) { Groups = 2, Dilation = new Size2D(1, 2), Bias = false },
            new Flatten(),
            new Linear(10),
            new LogSoftmax(),
        ];
        Assert.Equal(expected, model.Layers);
        Assert.Equal("conv 32 k5x3 s2 p2 | relu | maxpool 5 s1 ceil | dropout 0.25 | conv 8 k3 d1x2 g2 nobias | flatten | linear 10 | logsoftmax", model.ToText());
    }

    [Theory]
    [InlineData("CONV2D 8 K3", "conv 8 k3")]
    [InlineData("conv kernel=3 filters=8 bias=false", "conv 8 k3 nobias")]
    [InlineData("  conv   8 k3|relu ", "conv 8 k3 | relu")]
    [InlineData("conv 8 k3 s1 p0 d1 g1 bias", "conv 8 k3")]
    [InlineData("avgpool 2 ceilmode nocountincludepad", "avgpool 2 ceil nocountincludepad")]
    [InlineData("dropout", "dropout 0.5")]
    [InlineData("batchnorm epsilon=1e-3", "batchnorm epsilon=0.001")]
    public void Text_may_be_written_in_other_ways(string text, string expected) => Assert.Equal(expected, ModelSpec.Parse(text, s_digits).ToText());

    [Theory]
    [InlineData("", "layer 1 is empty. Write the layers between bars: conv 32 k5 p2 | relu | flatten | linear 10.")]
    [InlineData("relu | | relu", "layer 2 is empty. Write the layers between bars: conv 32 k5 p2 | relu | flatten | linear 10.")]
    [InlineData("relu | convx 8", "layer 2 \"convx 8\": there is no layer \"convx\". Did you mean conv? Known layers: conv, maxpool, ")]
    [InlineData("conv", "layer 1 \"conv\": it needs filters and kernel, as in \"conv 32 k5 p2\".")]
    [InlineData("conv 8", "layer 1 \"conv 8\": it needs kernel, as in \"conv 32 k5 p2\".")]
    [InlineData("conv k3", "layer 1 \"conv k3\": it needs filters, as in \"conv 32 k5 p2\".")]
    [InlineData("linear", "layer 1 \"linear\": it needs features, as in \"linear 128\".")]
    [InlineData("maxpool", "layer 1 \"maxpool\": it needs kernel, as in \"maxpool 2\".")]
    [InlineData("conv 8 k3 strides=2", "layer 1 \"conv 8 k3 strides=2\": \"strides=2\" is none of its properties. It has filters, kernel, stride, padding, dilation, groups, bias.")]
    [InlineData("conv 8 k3 kx", "layer 1 \"conv 8 k3 kx\": \"kx\" is none of its properties. It has filters, kernel, stride, padding, dilation, groups, bias.")]
    [InlineData("linear 10 s2", "layer 1 \"linear 10 s2\": \"s2\" is none of its properties. It has features, bias, initialBias.")]
    [InlineData("linear 10 seeswholeinput", "layer 1 \"linear 10 seeswholeinput\": \"seeswholeinput\" is none of its properties. It has features, bias, initialBias.")]
    [InlineData("relu 3", "layer 1 \"relu 3\": \"3\" is none of its properties. It has none.")]
    [InlineData("conv 8 k3 s2 s3", "layer 1 \"conv 8 k3 s2 s3\": stride is given twice.")]
    [InlineData("conv 8 k3 32", "layer 1 \"conv 8 k3 32\": filters is given twice.")]
    [InlineData("conv 8.5 k3", "layer 1 \"conv 8.5 k3\": filters cannot be 8.5.")]
    [InlineData("conv 99999999999 k3", "layer 1 \"conv 99999999999 k3\": filters cannot be 99999999999.")]
    [InlineData("conv 8 k3 p1.5", "layer 1 \"conv 8 k3 p1.5\": padding cannot be 1.5: a size is a number, or height x width.")]
    [InlineData("maxpool 2 stride=fast", "layer 1 \"maxpool 2 stride=fast\": stride cannot be \"fast\": a size is a number, or height x width.")]
    [InlineData("conv 8 k3 bias=maybe", "layer 1 \"conv 8 k3 bias=maybe\": bias cannot be \"maybe\".")]
    [InlineData("batchnorm momentum=1e999", "layer 1 \"batchnorm momentum=1e999\": momentum cannot be \"1e999\".")]
    [InlineData("dropout 1", "layer 1 \"dropout 1\": dropout: the probability must be at least 0 and below 1.")]
    [InlineData("leakyrelu -1", "layer 1 \"leakyrelu -1\": leakyrelu: the slope must not be negative.")]
    public void Text_that_is_no_model_is_refused(string text, string message) =>
        AssertMessage(message, Assert.Throws<ModelFormatException>(() => ModelSpec.Parse(text, s_digits)));

    [Fact]
    public void Json_says_all_that_a_layer_is_and_nothing_else()
    {
        string json = new ModelSpec(s_digits, [new Conv2D(8, new Size2D(5, 3)) { Bias = false }, new MaxPool2D(2), new Flatten(), new Linear(10)]) { Name = "mine" }.ToJson();
        Assert.Equal(
            """{"name":"mine","input":[1,28,28],"layers":[""" +
            """{"type":"conv2d","filters":8,"kernel":[5,3],"stride":1,"padding":0,"dilation":1,"groups":1,"bias":false},""" +
            """{"type":"maxpool2d","kernel":2,"padding":0,"ceilMode":false},{"type":"flatten","inline":false},{"type":"linear","features":10,"bias":true}]}""",
            json);
        Assert.Equal("mine", ModelSpec.FromJson(json).Name);
        Assert.False(Assert.IsType<Conv2D>(ModelSpec.FromJson(json).Layers[0]).Bias);
    }

    [Fact]
    public void What_json_leaves_out_is_at_its_default()
    {
        ModelSpec model = ModelSpec.FromJson(
            """{"layers":[{"kernel":3,"filters":8,"type":"conv2d"},{"type":"avgpool2d","kernel":[2,1]},{"type":"batchnorm2d"},{"type":"dropout"}],"input":[1,28,28]}""");
        Layer[] expected = [new Conv2D(8, 3), new AvgPool2D(new Size2D(2, 1)), new BatchNorm2D(), new Dropout()];
        Assert.Equal(expected, model.Layers);
        Assert.Null(model.Name);
    }

    [Theory]
    [InlineData("null", "the model's JSON cannot be read: expected {\"input\":[1,28,28],\"layers\":[{\"type\":\"conv2d\",\"filters\":8,\"kernel\":3},...]}.")]
    [InlineData("[]", "the model's JSON cannot be read: expected {\"input\":[1,28,28],\"layers\":[{\"type\":\"conv2d\",\"filters\":8,\"kernel\":3},...]}.")]
    [InlineData("""{"input":[1,28,28]}""", "the model's JSON cannot be read: expected {\"input\":[1,28,28],\"layers\":[{\"type\":\"conv2d\",\"filters\":8,\"kernel\":3},...]}.")]
    [InlineData("""{"input":[1,28,28],"layers":null}""", "the model's JSON cannot be read: expected {\"input\":[1,28,28],\"layers\":[{\"type\":\"conv2d\",\"filters\":8,\"kernel\":3},...]}.")]
    [InlineData("""{"input":[1,28],"layers":[]}""", "the model's JSON cannot be read: a shape is [channels, height, width] or [features].")]
    [InlineData("""{"input":[1,28,28],"layers":[null]}""", "layer 1: expected a layer such as {\"type\":\"conv2d\",\"filters\":8,\"kernel\":3}, got null.")]
    [InlineData("""{"input":[1,28,28],"layers":[{"kernel":3}]}""", "layer 1: expected a layer such as {\"type\":\"conv2d\",\"filters\":8,\"kernel\":3}, got {\"kernel\":3}.")]
    [InlineData("""{"input":[1,28,28],"layers":[{"type":"relu"},{"type":"conv3d"}]}""", "layer 2: there is no layer \"conv3d\". Did you mean conv2d? Known layers: conv2d, maxpool2d, ")]
    [InlineData("""{"input":[1,28,28],"layers":[{"type":"conv2d","filters":8,"kernel":3,"strides":2}]}""", "layer 1 conv2d: \"strides\" is none of its properties. It has filters, kernel, stride, padding, dilation, groups, bias.")]
    [InlineData("""{"input":[1,28,28],"layers":[{"type":"linear","features":10,"seesWholeInput":true}]}""", "layer 1 linear: \"seesWholeInput\" is none of its properties. It has features, bias, initialBias.")]
    [InlineData("""{"input":[1,28,28],"layers":[{"type":"conv2d","filters":8}]}""", "layer 1 conv2d: it needs kernel, as in \"conv 32 k5 p2\".")]
    [InlineData("""{"input":[1,28,28],"layers":[{"type":"linear","features":"10"}]}""", "layer 1 linear: features cannot be \"10\".")]
    [InlineData("""{"input":[1,28,28],"layers":[{"type":"conv2d","filters":8,"kernel":[3]}]}""", "layer 1 conv2d: kernel cannot be [3]: a size is a number, or height x width.")]
    [InlineData("""{"input":[1,28,28],"layers":[{"type":"dropout","probability":1}]}""", "layer 1 dropout: dropout: the probability must be at least 0 and below 1.")]
    public void Json_that_is_no_model_is_refused(string json, string message) =>
        AssertMessage(message, Assert.Throws<ModelFormatException>(() => ModelSpec.FromJson(json)));

    // A message that is given without its full stop goes on with a list, which every new layer makes longer.
    private static void AssertMessage(string expected, Exception exception)
    {
        if (expected.EndsWith('.')) Assert.Equal(expected, exception.Message);
        else Assert.StartsWith(expected, exception.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"input":[1,28,28],"layers":[{"type":"relu"},]}""")]
    [InlineData("""{"input":[1,28,28],"layers":[],"layers":[]}""")]
    [InlineData("""{"input":[1,28,28],"layers":[],"colour":1}""")]
    [InlineData("""{"layers":[]}""")]
    public void Text_that_is_no_json_of_this_kind_is_refused(string json) =>
        Assert.StartsWith("the model's JSON cannot be read: ", Assert.Throws<ModelFormatException>(() => ModelSpec.FromJson(json)).Message);

    [Fact]
    public void Damaged_json_is_refused_and_never_anything_worse()
    {
        string json = ModelSpec.Parse("conv 6 k5 | residual(branch(conv 6 k1) ; concat(conv 2 k1 ; conv 4 k1) ; relu) | flatten | linear 10", new Shape(1, 32, 32)).ToJson();
        Gen.Select(Gen.Int[0, json.Length - 1], Gen.Char[' ', '~']).Sample((place, letter) =>
        {
            string damaged = json[..place] + letter + json[(place + 1)..];
            try
            {
                _ = ModelSpec.FromJson(damaged).Output;
            }
            catch (FoveaException)
            {
                // What a user shall see.
            }
        });
    }

    [Fact]
    public void Damaged_text_is_refused_and_never_anything_worse()
    {
        string text = Zoo.Get("lenet5").ToText() + " | residual(branch(relu) ; concat(relu) ; tanh)";
        Gen.Select(Gen.Int[0, text.Length - 1], Gen.Char[' ', '~']).Sample((place, letter) =>
        {
            string damaged = text[..place] + letter + text[(place + 1)..];
            try
            {
                _ = ModelSpec.Parse(damaged, new Shape(1, 32, 32)).Output;
            }
            catch (FoveaException)
            {
                // What a user shall see.
            }
        });
    }

    [Fact]
    public void Models_are_equal_when_input_and_layers_are()
    {
        ModelSpec model = ModelSpec.Parse("conv 8 k3 | relu", s_digits);
        Assert.Equal(model, ModelSpec.Parse("conv 8 k3 | relu", s_digits) with { Name = "other" });
        Assert.NotEqual(model, ModelSpec.Parse("conv 8 k3 | relu", new Shape(1, 28, 27)));
        Assert.NotEqual(model, ModelSpec.Parse("conv 8 k3 nobias | relu", s_digits));
        Assert.Equal(model.GetHashCode(), ModelSpec.Parse("conv 8 k3 | relu", s_digits).GetHashCode());
    }

    [Fact]
    public void A_copy_with_other_layers_has_their_shapes()
    {
        ModelSpec model = ModelSpec.Parse("conv 8 k3", s_digits);
        Assert.Equal(new Shape(8, 26, 26), model.Output);
        Assert.Equal(new Shape(8, 24, 24), (model with { Layers = [new Conv2D(8, 5)] }).Output);
        Assert.Equal(new Shape(8, 8, 7), (model with { Input = new Shape(3, 10, 9) }).Output);
    }

    [Fact]
    public void The_layer_that_does_not_fit_is_named()
    {
        ModelSpec model = ModelSpec.Parse("conv 2 k1 | maxpool 2 | conv 4 k5", new Shape(1, 6, 6));
        var exception = Assert.Throws<ShapeException>(() => model.Output);
        Assert.Equal("layer 3 conv2d(filters 4, kernel 5): kernel 5x5 does not fit input 2x3x3 with padding 0. Use padding 1 or a smaller kernel.", exception.Message);
        Assert.Equal(2, exception.LayerIndex);
        Assert.Equal("kernel 5x5 does not fit input 2x3x3 with padding 0", exception.Problem);
        Assert.Equal("Use padding 1 or a smaller kernel", exception.Remedy);
    }

    [Theory]
    [InlineData("conv 8 k3 | linear 10", "layer 2 linear(features 10): a linear layer needs a flat vector, but its input is an image of 8x26x26. Add a flatten layer before it.")]
    [InlineData("flatten | conv 8 k3", "layer 2 conv2d(filters 8, kernel 3): a convolution needs an image, but its input is a flat vector of 784. Place convolutions before the flatten layer.")]
    [InlineData("flatten | maxpool 2", "layer 2 maxpool2d(kernel 2): pooling needs an image, but its input is a flat vector of 784. Place pooling before the flatten layer.")]
    [InlineData("flatten | globalavgpool", "layer 2 globalavgpool2d: pooling needs an image, but its input is a flat vector of 784. Place pooling before the flatten layer.")]
    [InlineData("flatten | batchnorm", "layer 2 batchnorm2d: batchnorm2d needs an image, but its input is a flat vector of 784. Place it before the flatten layer.")]
    [InlineData("flatten | linear 0", "layer 2 linear(features 0): features must be at least 1, got 0. Ask for at least one feature.")]
    [InlineData("conv 8 k3 g2 nobias", "layer 1 conv2d(filters 8, kernel 3, groups 2, bias false): groups 2 must divide the 1 input channels and the 8 filters. Choose groups that divide both numbers.")]
    [InlineData("maxpool 3x2 s2x1 p2", "layer 1 maxpool2d(kernel 3x2, stride 2x1, padding 2): padding 2 is more than half of the kernel 3x2. Use a smaller padding, so that no window lies on padding alone.")]
    [InlineData("maxpool 300", "layer 1 maxpool2d(kernel 300): kernel 300x300 does not fit input 1x28x28 with padding 0. Use padding 136 or a smaller kernel.")]
    [InlineData("conv 8 k3 p2000000000", "layer 1 conv2d(filters 8, kernel 3, padding 2000000000): kernel 3, dilation 1 and padding 2000000000 reach over 4,000,000,028 pixels, more than 2,147,483,647. Use smaller ones.")]
    [InlineData("conv 8 k3 d2000000000", "layer 1 conv2d(filters 8, kernel 3, dilation 2000000000): kernel 3, dilation 2000000000 and padding 0 reach over 4,000,000,001 pixels, more than 2,147,483,647. Use smaller ones.")]
    [InlineData("flatten | linear 100000000", "layer 2 linear(features 100000000): on an input of 784 it has more numbers than an array holds. Use smaller sizes.")]
    [InlineData("conv 1 k1 p200 | maxpool 257x3", "layer 2 maxpool2d(kernel 257x3): kernel 257x3 is larger than max-pooling can be, 256. Pool in two steps.")]
    public void Layers_that_do_not_fit_say_why_and_what_to_do(string text, string message)
    {
        var exception = Assert.Throws<ShapeException>(() => ModelSpec.Parse(text, s_digits).Shapes);
        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void A_record_s_json_has_the_properties_that_can_be_set()
    {
        foreach (Type type in typeof(Layer).Assembly.GetTypes().Where(t => t.IsSealed && (t.IsSubclassOf(typeof(Layer)) || t.IsSubclassOf(typeof(Loss)) || t.IsSubclassOf(typeof(Optimizer)))))
        {
            object record = Laws.Examples.Layers.Select(example => (object)Laws.Examples.Read(example.Data).Layer)
                .Concat(Laws.LossLaws.All).Concat(Laws.OptimizerLaws.All).First(value => value.GetType() == type);
            IEnumerable<string> settable = type.GetProperties().Where(p => p.CanWrite && p.GetValue(record) is not null).Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name));
            JsonNode json = record switch
            {
                Layer layer => JsonSerializer.SerializeToNode(layer, FoveaJson.Of<Layer>())!,
                Loss loss => JsonSerializer.SerializeToNode(loss, FoveaJson.Of<Loss>())!,
                _ => JsonSerializer.SerializeToNode((Optimizer)record, FoveaJson.Of<Optimizer>())!,
            };
            Assert.Equal(settable.Append("type").Order(), json.AsObject().Select(property => property.Key).Order());
        }
    }
}
