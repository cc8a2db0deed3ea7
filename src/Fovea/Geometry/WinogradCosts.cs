using System.Runtime.Intrinsics.X86;

namespace Fovea;

/// <summary>What the passes of Winograd's algorithm take beside their products, in multiply-adds of one vector, as measured on a kind of processor.</summary>
/// <param name="Input">A tile of a channel's input, transformed.</param>
/// <param name="WideOutput">A tile of 4 x 4 outputs of a filter, transformed.</param>
/// <param name="NarrowOutput">One of 2 x 2.</param>
/// <param name="TurnedInput">As the input, for the gradient of the weights.</param>
/// <param name="WideGradient">A tile of the gradients of 4 x 4 outputs, transformed and turned.</param>
/// <param name="NarrowGradient">One of 2 x 2.</param>
/// <param name="Overhead">What products of matrices lose that are summed over few channels, for each channel less.</param>
internal sealed record WinogradCosts(double Input, double WideOutput, double NarrowOutput, double TurnedInput, double WideGradient, double NarrowGradient, double Overhead)
{
    /// <summary>With 32 registers, and adders beside the multipliers: AMD's processors with AVX-512. Taken for all others with so many registers, which were not measured.</summary>
    public static WinogradCosts OwnAdders { get; } =
        new(Input: 160, WideOutput: 145, NarrowOutput: 110, TurnedInput: 160, WideGradient: 430, NarrowGradient: 200, Overhead: 3.3);

    /// <summary>With 32 registers and two multipliers, which are the adders of wide vectors as well: Intel's with AVX-512. Transforms, which chiefly add, take as long as several times
    /// the multiply-adds.</summary>
    public static WinogradCosts SharedAdders { get; } =
        new(Input: 510, WideOutput: 290, NarrowOutput: 60, TurnedInput: 840, WideGradient: 650, NarrowGradient: 250, Overhead: 6.6);

    /// <summary>With 16 registers, which do not hold what a transform works on: AVX2.</summary>
    public static WinogradCosts FewRegisters { get; } =
        new(Input: 350, WideOutput: 420, NarrowOutput: 330, TurnedInput: 350, WideGradient: 700, NarrowGradient: 190, Overhead: 4);

    /// <summary>Those of this processor, where it has so many registers for vectors.</summary>
    public static WinogradCosts Of(int registers) => registers < 32 ? FewRegisters : IsIntel ? SharedAdders : OwnAdders;

    // "GenuineIntel", in the order in which the instruction gives it.
    private static readonly bool IsIntel = X86Base.IsSupported && X86Base.CpuId(0, 0) is (_, 0x756E6547, 0x6C65746E, 0x49656E69);
}
