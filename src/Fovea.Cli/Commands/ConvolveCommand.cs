using System.CommandLine;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea convolve</c>: an image convolved with a kernel, with the working and pictures.</summary>
internal static class ConvolveCommand
{
    public static Verb Create(Terminal terminal)
    {
        var image = new Argument<string>("IMAGE") { Description = "A PNG, JPEG or CSV file, numbers such as \"1 2 3; 4 5 6; 7 8 9\", or a size such as 64x64 for an image of ones. Each of its channels is filtered on its own, by the same kernel." };
        var kernel = new KernelOptions();
        Option<string> method = Options.Choice("--method", "How the result is computed; the others are compared with it, but for those that would take too long.", "direct", "direct", "im2col", "toeplitz", "fft");
        var folder = new Option<string>("--out") { Description = "Write pictures of image, kernel and result side by side, and the result as CSV, into this folder.", HelpName = "DIR" };
        var working = new DerivationOptions(steps: "Show the arithmetic of every window (of the first 100).");
        var verb = new Verb("convolve", "Convolve an image with a kernel: the result, the working, pictures.") { image };
        kernel.AddTo(verb);
        verb.Add(method);
        verb.Add(folder);
        working.AddTo(verb);
        verb.Examples =
        [
            "fovea convolve docs/examples/edge-6x6.csv --kernel \"2 -1 -1; -1 2 -1; -1 -1 2\" --steps",
            "fovea convolve photo.jpg --kernel sobel-x --padding 1 --out edges",
            "fovea convolve photo.jpg --kernel gabor --angle 45 --kernel-size 9 --method fft --out gabor",
        ];
        verb.SetAction(result =>
        {
            if (result.GetValue(folder) is { } path) OutputFolder.MakeWritable(path);
            ImageConvolution convolution = kernel.Read(result, terminal, result.GetRequiredValue(image), filters: null);
            ConvolutionMethod by = result.GetValue(method) switch
            {
                "im2col" => ConvolutionMethod.Im2Col,
                "toeplitz" => ConvolutionMethod.Toeplitz,
                "fft" => ConvolutionMethod.Fft,
                _ => ConvolutionMethod.Direct,
            };
            var answer = ConvolutionAnswer.Of(convolution, by, working.IsAskedFor(result) ? 100 : 0);
            working.Write(result, terminal, answer.Derivation, answer.ToJson,
                () => Pictures.Of(ConvolutionPicture.Draw(answer), "Image, kernel and result side by side"));
            if (result.GetValue(folder) is not { } output) return;
            Pictures.Write(terminal, output, "convolution", ConvolutionPicture.Draw(answer));
            File.WriteAllText(Path.Combine(output, "result.csv"), answer.Result.ToCsv());
        });
        return verb;
    }
}
