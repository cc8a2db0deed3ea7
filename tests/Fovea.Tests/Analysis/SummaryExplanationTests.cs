using Fovea.Tests.Explain;

namespace Fovea.Tests.Analysis;

public class SummaryExplanationTests
{
    private const string Everything = """
        conv 6 k5x3 s2x1 p1 d2 g3 nobias | batchnorm | leakyrelu | avgpool 3 s2 p1 ceil | conv 8 k1 | tanh | maxpool 2x3 | dropout
        | globalavgpool | flatten | linear 7 nobias | sigmoid | linear 4 | softmax
        """;

    [Fact]
    public void Every_number_that_is_put_in_gives_its_result()
    {
        int checkedSteps = 0;
        foreach (ModelSpec model in (ModelSpec[])[.. Zoo.Models.Select(m => Zoo.Get(m.Name)), ModelSpec.Parse(Everything.ReplaceLineEndings(" "), new Shape(3, 37, 29))])
        {
            foreach (int? batch in (int?[])[null, 64])
            {
                foreach (DerivationStep step in Steps(SummaryExplanation.Of(model, batch)))
                {
                    if (step is not { Numbers: { } numbers, Result: { } result } || numbers.Contains('s')) continue;
                    // A long sum goes on in lines that begin with a plus.
                    foreach (string line in Formula.SplitLines(numbers.Replace(@" \\ {} + ", " + ", StringComparison.Ordinal))) Assert.Equal(FormulaValue.Of(result), FormulaValue.Of(line), 2e-4);
                    checkedSteps++;
                }
            }
        }
        Assert.True(checkedSteps > 150, $"only {checkedSteps} steps had numbers");
    }

    [Fact]
    public void The_totals_are_those_of_the_summary()
    {
        // Worked by hand: 156 + 2,416 + 48,120 + 10,164 + 850.
        string text = SummaryExplanation.Of(Zoo.Get("lenet5")).ToText();
        Assert.Contains("(5 · 5 · 1 + 1) · 6", text);
        Assert.Contains("= 156 + 2,416 + 48,120 + 10,164 + 850\n", text);
        Assert.Contains("= 61,706\n", text);
        // 5 * 5 * 6 * 16 * 10 * 10.
        Assert.Contains("= 5 · 5 · 6 · 16 · 10 · 10\n", text);
        Assert.Contains("= 240,000\n", text);
    }

    [Fact]
    public void Layers_whose_outputs_depend_on_all_inputs_are_not_said_to_work_in_place()
    {
        string text = SummaryExplanation.Of(ModelSpec.Parse("batchnorm | relu | softmax | flatten | logsoftmax", new Shape(2, 3, 3))).ToText();
        // Only the ReLU.
        Assert.Equal(2, text.Split("It works on each number in its place").Length);
        Assert.Contains("Every number is normalized by a mean and a variance: the shape stays 2x3x3.", text);
        Assert.Contains("The channels of each pixel become probabilities, which depend on all of them and add up to 1", text);
        Assert.Contains("The numbers become logarithms of probabilities, which depend on all of them: the shape stays 18.", text);
    }

    [Fact]
    public void Hidden_layers_are_not_explained()
    {
        Derivation derivation = SummaryExplanation.Of(Zoo.Get("stride1"), hide: ["flatten"]);
        Assert.DoesNotContain(derivation.Parts!, part => part.Title.Contains("Flatten"));
        // 4 * 784, 8 * (2 * 25,088 + 18,432 + 2 * 128 + 2 * 10) and 4 * 2,361,546 bytes, over 2^20.
        Assert.Contains("≈ 9.5371 MB", derivation.ToText());
    }

    [Fact]
    public void Every_layer_can_be_drawn_in_every_form()
    {
        Derivation derivation = SummaryExplanation.Of(ModelSpec.Parse(Everything.ReplaceLineEndings(" "), new Shape(3, 37, 29)), batch: 8);
        Assert.All((string[])[derivation.ToText(), derivation.ToMarkdown(), derivation.ToLatex(), derivation.ToHtmlPage(), derivation.ToJson()], Assert.NotEmpty);
    }

    private static IEnumerable<DerivationStep> Steps(Derivation derivation) => derivation.Steps.Concat((derivation.Parts ?? []).SelectMany(Steps));
}
