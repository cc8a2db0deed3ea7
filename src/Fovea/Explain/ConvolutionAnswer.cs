using System.Text.Json;

namespace Fovea;

/// <summary>What <c>fovea convolve</c> answers.</summary>
/// <param name="Convolution">What was convolved.</param>
/// <param name="Method">How the result was computed.</param>
/// <param name="Result">The result.</param>
/// <param name="Agreement">Every method against the direct one.</param>
/// <param name="Derivation">The working.</param>
public sealed record ConvolutionAnswer(
    ImageConvolution Convolution, ConvolutionMethod Method, Planes Result, IReadOnlyList<MethodAgreement> Agreement, Derivation Derivation)
{
    /// <summary>Convolves by one method and compares all of them.</summary>
    /// <param name="convolution">What is convolved.</param>
    /// <param name="method">Whose result is given.</param>
    /// <param name="windows">How many windows the working shows; 0 for none.</param>
    /// <exception cref="FoveaException">The kernel does not fit the image, or the method's matrix not the memory.</exception>
    public static ConvolutionAnswer Of(ImageConvolution convolution, ConvolutionMethod method, int windows = 0)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        Planes direct = convolution.Apply(), result = method == ConvolutionMethod.Direct ? direct : convolution.Apply(method);
        MethodAgreement[] agreement = [.. Enum.GetValues<ConvolutionMethod>().Select(other => new MethodAgreement(other,
            other == ConvolutionMethod.Direct ? 0
            : other == ConvolutionMethod.Toeplitz && !ToeplitzMatrix.Fits(convolution.Geometry) ? null
            : direct.LargestDifference(other == method ? result.Values : convolution.Apply(other).Values)))];
        return new ConvolutionAnswer(convolution, method, result, agreement, ConvolutionExplanation.Working(convolution, result, agreement, windows));
    }

    /// <summary>The answer as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<ConvolutionAnswer>());
}

/// <summary>How far a method is from the direct one.</summary>
/// <param name="Method">Which.</param>
/// <param name="LargestDifference">Of all numbers of the result; null where the method would need too much memory.</param>
public sealed record MethodAgreement(ConvolutionMethod Method, double? LargestDifference);
