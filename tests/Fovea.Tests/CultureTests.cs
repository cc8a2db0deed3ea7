using System.Globalization;
using Fovea.Lab;
using Fovea.Tests.Training;

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
        foreach (string text in Refusals().Concat(Findings()).Concat(Reports())) yield return text;
    }

    private static IEnumerable<string> Refusals()
    {
        // Of settings, numbers and layers; the first in full, so that it is seen what is meant.
        yield return Message(() => new TrainingSettings { Optimizer = new Sgd(-0.5f) }.Check(), "settings: the learning rate must be positive, got -0.5.");
        yield return Message(() => Losses("bce", 1, 1.25), "1.25");
        yield return Message(() => new TrainingSettings { ValidationFraction = -1.5 }.Check(), "got -1.5");
        yield return Message(() => new TrainingSettings { Seconds = -1.5 }.Check(), "got -1.5");
        yield return Message(() => new TrainingSettings { Schedule = new CosineSchedule { FinalShare = 1.5 } }.Check(), "got 1.5");
        yield return Message(() => new TrainingSettings { Schedule = new OneCycleSchedule { RiseShare = 1.5 } }.Check(), "got 1.5");
        yield return Message(() => new TrainingSettings { Augmentation = new Augmentation { Rotate = -1.5f } }.Check(), "-1.5");
        yield return Message(() => ModelSpec.Parse("conv 2 k3 p-1", new Shape(1, 4, 4)).Output.ToString(), "got -1");
        // Of files, with the sizes that their headers tell.
        yield return Message(() => Safetensors.Read(new MemoryStream([.. BitConverter.GetBytes(55L), .. """{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"""u8]), "f.safetensors"), "[-2]");
        yield return Message(() => IdxFile.Read(new MemoryStream([0, 0, 8, 3, 0, 0, 0, 1, 255, 255, 255, 255, 0, 0, 0, 4]), "images", Stream.Null, "labels", "negative", [], Normalization.None), "1 x -1 x 4");
    }

    private static IEnumerable<string> Findings()
    {
        yield return new Dropout(0.25f).ToString();
        yield return new Augmentation { Rotate = 2.5f }.ToString();
        yield return StudyTarget.Parse("test-accuracy=0.5").ToString();
        yield return StudyBudget.Parse("seconds=1.5").Words;
        yield return Losses("mse", 0.5, 2.25).Derivation.ToText();
        yield return Losses("mse", 0.5, 2.25).ToJson();
        var trainer = new Trainer(ModelSpec.Parse("flatten | linear 3 | logsoftmax", Problems.Bars(64).Shape), Problems.Bars(64),
            new TrainingSettings { Epochs = 2, BatchSize = 8, Optimizer = new Sgd(100), ValidationFraction = 0.25, Seed = 1 }, threads: 1);
        trainer.Run();
        Diagnosis diagnosis = Diagnosis.Of(trainer);
        Assert.NotEmpty(diagnosis.Findings);
        foreach (Finding finding in diagnosis.Findings) yield return finding.ToString();
    }

    private static IEnumerable<string> Reports()
    {
        VariantResult one = MadeUpStudy.Variant("one", "stride1", (0.981, 2.5, 100.5), (0.982, 2.75, 101)), two = MadeUpStudy.Variant("two", "stride2", (0.971, 1.5, 90.5), (0.973, 1.25, 91));
        StudyResult result = MadeUpStudy.Result(one, two);
        yield return StudyReport.ToHtml(result);
        yield return result.ToJson();
        foreach (StudyComparison comparison in result.Comparisons) yield return string.Join('\n', comparison.Evidence.Prepend(comparison.Sentence));
        foreach (StudyRow row in StudyRow.Of(result)) yield return string.Join(' ', row.Cells.Select(cell => $"{cell.Figure} {cell.Spread}"));
    }

    private static LossAnswer Losses(string name, double target, double prediction) =>
        LossAnswer.Of(new LossQuestion { Loss = LossDefinition.Find(name), Targets = [[target]], Predictions = [[prediction]] });

    private static string Message(Action refused, string part)
    {
        string message = Assert.ThrowsAny<FoveaException>(refused).Message;
        Assert.Contains(part, message);
        return message;
    }

    private static string Message(Func<object> refused, string part) => Message(() => { refused(); }, part);
}
