using System.Text.Json;

namespace Fovea;

/// <summary>What <c>fovea convolve</c> answers.</summary>
/// <param name="Convolution">What was convolved.</param>
/// <param name="Method">How the result was computed.</param>
/// <param name="Result">The result.</param>
/// <param name="Agreement">Every other method against this one.</param>
/// <param name="Derivation">The working.</param>
public sealed record ConvolutionAnswer(
    ImageConvolution Convolution, ConvolutionMethod Method, Planes Result, IReadOnlyList<MethodAgreement> Agreement, Derivation Derivation)
{
    /// <summary>Convolves by one method and compares all others with it, but for those that would take too long.</summary>
    /// <param name="convolution">What is convolved.</param>
    /// <param name="method">Whose result is given.</param>
    /// <param name="windows">How many windows the working shows; 0 for none.</param>
    /// <exception cref="FoveaException">The kernel does not fit the image, or the method would take too much time or memory.</exception>
    public static ConvolutionAnswer Of(ImageConvolution convolution, ConvolutionMethod method, int windows = 0)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        if (ConvolutionCost.Excess(method, convolution, isAskedFor: true) is { } excess)
        {
            string? other = Enum.GetValues<ConvolutionMethod>().Where(other => ConvolutionCost.Excess(other, convolution, isAskedFor: true) is null).Select(Name).FirstOrDefault();
            throw new FoveaException($"the method {Name(method)} would take {excess}. Use {(other is null ? "" : $"the method {other}, ")}a smaller image, padding or kernel, or a greater stride.");
        }
        convolution.RequireFiniteSums();
        Planes result = convolution.Apply(method);
        var agreement = new List<MethodAgreement>();
        foreach (ConvolutionMethod other in Enum.GetValues<ConvolutionMethod>())
        {
            if (other == method) continue;
            string? leftOut = ConvolutionCost.Excess(other, convolution, isAskedFor: false);
            agreement.Add(new MethodAgreement(other, leftOut is null ? result.LargestDifference(convolution.Apply(other).Values) : null, leftOut));
        }
        return new ConvolutionAnswer(convolution, method, result, agreement, ConvolutionExplanation.Working(convolution, method, result, agreement, windows));
    }

    /// <summary>The answer as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<ConvolutionAnswer>());

    /// <summary>"im2col".</summary>
    internal static string Name(ConvolutionMethod method) => method.ToString().ToLowerInvariant();
}

/// <summary>How far a method is from the one that was asked for.</summary>
/// <param name="Method">Which.</param>
/// <param name="LargestDifference">Of all numbers of the result; null where the method was left out.</param>
/// <param name="LeftOut">Why it was: what it would have taken.</param>
public sealed record MethodAgreement(ConvolutionMethod Method, double? LargestDifference, string? LeftOut);
