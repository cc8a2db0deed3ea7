using System.CommandLine;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea summary</c>: what a model consists of and what it takes, layer by layer.</summary>
internal static class SummaryCommand
{
    private const string Torch = "torchsummary", TorchInfo = "torchinfo", Keras = "keras", Own = "fovea";

    public static Verb Create(Terminal terminal)
    {
        Argument<string> model = ModelArgument.Create();
        Option<Shape?> input = Options.Shape("--input", "The shape of a sample: the model's own unless given; of a line of text, 1x28x28.");
        Option<int?> batch = Options.Whole("--batch", "The batch that the sizes are for; one sample unless given.", least: 1);
        Option<string> style = Options.Choice("--style", "The table: our own, or that of one of these tools to the byte.", Own, Torch, TorchInfo, Keras, Own);
        var hide = new Option<string[]>("--hide")
        {
            Description = "Types of layers to leave out, such as flatten, which torchsummary shows only where it is a module.",
            HelpName = "TYPE",
        };
        var working = new DerivationOptions();
        var verb = new Verb("summary", "Show a model layer by layer: shapes, parameters, multiply-adds, memory.") { model, input, batch, style, hide };
        working.AddTo(verb);
        verb.Examples =
        [
            "fovea summary lenet5",
            "fovea summary stride1 --style torchsummary --hide flatten",
            "fovea summary resnet18 --style torchsummary",
            "fovea summary lenet5 --explain --html lenet5.html",
            "fovea summary \"conv 8 k3 | relu | maxpool 2 | flatten | linear 10\" --input 3x32x32",
        ];
        verb.SetAction(result =>
        {
            ModelSpec spec = ModelArgument.Read(result.GetRequiredValue(model), result.GetValue(input), new Shape(1, 28, 28));
            string[] hidden = [.. (result.GetValue(hide) ?? []).SelectMany(types => types.Split(','))];
            ModelSummary summary = ModelSummary.Of(spec, result.GetValue(batch), hidden);
            Derivation Working() => SummaryExplanation.Of(spec, summary.Batch, hidden);
            IReadOnlyList<DerivationStep> answer = SummaryExplanation.Answer(spec, summary);
            working.Write(result, terminal, Working, () => working.IsAskedFor(result) ? Working().ToJson() : summary.ToJson(), () =>
            {
                switch (result.GetValue(style))
                {
                    case Torch: terminal.Out.Write(summary.ToTorchSummary()); break;
                    case TorchInfo: terminal.Out.Write(summary.ToTorchInfo()); break;
                    case Keras: terminal.Out.Write(summary.ToKeras()); break;
                    default: terminal.Write(answer); break;
                }
            }, () => answer);
        });
        return verb;
    }
}
