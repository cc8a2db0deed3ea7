using System.Globalization;

namespace Fovea.Tests;

/// <summary>A program that uses the library may run in any culture; what the library writes is for other programs too.</summary>
public class CultureTests
{
    [Fact]
    public void What_is_written_does_not_depend_on_the_culture()
    {
        // The decimal comma and the points between thousands of German, the minus of Swedish (U+2212).
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.NegativeSign = "\u2212";
        CultureInfo before = CultureInfo.CurrentCulture;
        string[] expected = [.. Texts()];
        try
        {
            CultureInfo.CurrentCulture = culture;
            Assert.Equal("\u22121,5", $"{-1.5}");
            Assert.Equal(expected, Texts());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static IEnumerable<string> Texts()
    {
        ModelSpec lenet = Zoo.Get("lenet5");
        ModelSummary summary = ModelSummary.Of(lenet);
        yield return summary.ToTorchSummary();
        yield return summary.ToTorchInfo();
        yield return summary.ToKeras();
        yield return summary.ToJson();
        yield return SummaryExplanation.Of(lenet).ToMarkdown();
        yield return SummaryExplanation.Of(lenet).ToHtml();
        yield return Audit.Check(Claim.Parse(summary.ToTorchSummary(), "table"), lenet, lenet.Input, "table").ToJson();
        yield return ModelSpec.Parse("dropout 0.25 | leakyrelu 1.5 | linear 2 initialBias=-0.5", Shape.Flat(3)).ToText();
        yield return ReceptiveFields.Of(lenet).ToJson();
        yield return LossCard.Of(LossDefinition.Find("huber")).Derivation.ToLatex();
        yield return LineFits.Of([LossDefinition.Find("mse"), LossDefinition.Find("mae")], [0, 5]).Derivation.ToText();
        var convolution = new ImageConvolution(Planes.Parse("-1.5 2; 3 -0.25", channels: 1, "the image"), NamedKernels.Create("laplacian")) { Padding = 1 };
        yield return ConvolutionAnswer.Of(convolution, ConvolutionMethod.Direct, windows: 9).Derivation.ToMarkdown();
        yield return ToeplitzMatrix.Of(convolution).ToCsv();
        yield return ToeplitzAnswer.Of(convolution, rows: 9).Derivation.ToText();
        yield return string.Join('\n', new TrainingSettings { Optimizer = new Sgd(0.1f) { Momentum = 0.9f }, Augmentation = Augmentation.Parse("rotate=2.5") }.Describe());
    }
}
