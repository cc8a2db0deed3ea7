using System.CommandLine;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea toeplitz</c>: a convolution as a product with a sparse matrix, forward and backward.</summary>
internal static class ToeplitzCommand
{
    // Beyond this no page is wide enough for the matrix in LaTeX.
    private const int WidestLatex = 256;

    public static Verb Create(Terminal terminal)
    {
        var input = new Option<string>("--input")
        {
            Description = "Numbers such as \"1 2 3; 4 5 6; 7 8 9\", a CSV, PNG or JPEG file, or a size such as 64x64 for an image of ones.",
            HelpName = "IMAGE",
            Required = true,
        };
        var kernel = new KernelOptions();
        Option<int?> filters = Options.Whole("--filters", "Filters. The kernel's planes, channel by channel and filter by filter, lie below each other in its rows; one with a name is the same for all.", least: 1, usual: 1);
        var folder = new Option<string>("--out") { Description = "Write the matrix into this folder: as picture, CSV, Matrix Market and LaTeX.", HelpName = "DIR" };
        var working = new DerivationOptions(steps: "Show the arithmetic of every row of the product (of the first 100).");
        var verb = new Verb("toeplitz", "Write a convolution as a product with a sparse Toeplitz matrix.") { input };
        kernel.AddTo(verb);
        verb.Add(filters);
        verb.Add(folder);
        working.AddTo(verb);
        verb.Examples =
        [
            "fovea toeplitz --input \"10 10 0 0; 10 10 0 0; 10 10 0 0; 10 10 0 0\" --kernel sobel-x --steps",
            "fovea toeplitz --input 4x4 --kernel laplacian --padding 1 --padding-mode circular",
            "fovea toeplitz --input 64x64 --kernel gaussian --kernel-size 5 --out matrix",
        ];
        verb.SetAction(result =>
        {
            if (result.GetValue(folder) is { } path) OutputFolder.MakeWritable(path);
            var answer = ToeplitzAnswer.Of(kernel.Read(result, terminal, result.GetRequiredValue(input), result.GetValue(filters)), working.IsAskedFor(result) ? 100 : 0);
            working.Write(result, terminal, answer.Derivation, answer.ToJson,
                () => Pictures.Of(ConvolutionPicture.Draw(answer.Matrix), "The matrix, with lines between its blocks"));
            if (result.GetValue(folder) is { } output) Write(terminal, output, answer);
        });
        return verb;
    }

    private static void Write(Terminal terminal, string folder, ToeplitzAnswer answer)
    {
        ToeplitzMatrix matrix = answer.Matrix;
        Pictures.Write(terminal, folder, "matrix", ConvolutionPicture.Draw(matrix));
        using (StreamWriter file = File.CreateText(Path.Combine(folder, "matrix.mtx"))) matrix.WriteMatrixMarket(file);
        File.WriteAllText(Path.Combine(folder, "result.csv"), answer.Result.ToCsv());
        if (matrix.FitsDense) File.WriteAllText(Path.Combine(folder, "matrix.csv"), matrix.ToCsv());
        if (matrix.Columns <= WidestLatex) File.WriteAllText(Path.Combine(folder, "matrix.tex"), $"\\[\n{matrix.ToLatex()}\n\\]\n");
        string[] missing = [.. matrix.FitsDense ? (string[])[] : ["CSV"], .. matrix.Columns <= WidestLatex ? (string[])[] : ["LaTeX"]];
        if (missing.Length > 0) terminal.Error.WriteLine($"fovea: the matrix is too large for {string.Join(" and ", missing)}; matrix.mtx has all of it.");
    }
}
