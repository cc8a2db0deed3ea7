using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>What <c>fovea toeplitz</c> answers.</summary>
/// <param name="Convolution">What was written as a matrix.</param>
/// <param name="Rows">Of the matrix.</param>
/// <param name="Columns">Of the matrix.</param>
/// <param name="NonZeros">Cells that are not zero.</param>
/// <param name="Sparsity">The share of the cells that are zero.</param>
/// <param name="IsDoublyCirculant">See <see cref="ToeplitzMatrix.IsDoublyCirculant"/>.</param>
/// <param name="Result">W v(x), folded back.</param>
/// <param name="DifferenceToDirect">Of the result, the largest.</param>
/// <param name="Gradient">W^T v(dy) for ones, folded back.</param>
/// <param name="DifferenceToEngine">Of the gradient, the largest.</param>
/// <param name="Derivation">The working.</param>
public sealed record ToeplitzAnswer(
    ImageConvolution Convolution, int Rows, int Columns, int NonZeros, double Sparsity, bool IsDoublyCirculant,
    Planes Result, double DifferenceToDirect, Planes Gradient, double DifferenceToEngine, Derivation Derivation)
{
    /// <summary>The matrix itself.</summary>
    [JsonIgnore]
    public ToeplitzMatrix Matrix => field ??= ToeplitzMatrix.Of(Convolution);

    /// <summary>Writes a convolution as a matrix and checks both products.</summary>
    /// <param name="convolution">What is convolved.</param>
    /// <param name="rows">How many rows of the product the working shows; 0 for none.</param>
    /// <exception cref="FoveaException">The kernel does not fit the image, or the matrix not the memory.</exception>
    public static ToeplitzAnswer Of(ImageConvolution convolution, int rows = 0)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        var matrix = ToeplitzMatrix.Of(convolution);
        convolution.RequireFiniteSums();
        var result = new Planes(matrix.Output, matrix.Multiply(convolution.Image.Values));
        var ones = new Planes(matrix.Output, [.. Enumerable.Repeat(1.0, matrix.Rows)]);
        var gradient = new Planes(matrix.Input, matrix.MultiplyTransposed(ones.Values));
        return new ToeplitzAnswer(convolution, matrix.Rows, matrix.Columns, matrix.NonZeros, matrix.Sparsity, matrix.IsDoublyCirculant,
            result, result.LargestDifference(convolution.Apply().Values), gradient, gradient.LargestDifference(convolution.Backward(ones).Values),
            ToeplitzExplanation.Product(convolution, matrix, rows));
    }

    /// <summary>The answer as JSON, without the matrix itself.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<ToeplitzAnswer>());
}
