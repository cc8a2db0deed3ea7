namespace Fovea;

/// <summary>
/// One axis of an enlarged image: which pixels each output lies between, and how near. The centres of outputs and inputs are spread over
/// the same length, or, with aligned corners, the first and the last of both lie on each other.
/// </summary>
internal readonly record struct InterpolatedAxis(int Input, int Scale, bool AlignCorners)
{
    /// <summary>The number of outputs.</summary>
    public int Output => checked(Input * Scale);

    /// <summary>The pixel that an output is a copy of.</summary>
    public int Nearest(int output) => output / Scale;

    /// <summary>The two pixels that an output lies between, and the share of the second.</summary>
    public (int First, int Second, float Share) Between(int output)
    {
        double place = AlignCorners
            ? Output > 1 ? (double)output * (Input - 1) / (Output - 1) : 0
            : Math.Max(0, (output + 0.5) / Scale - 0.5);
        int first = Math.Min((int)place, Input - 1), second = Math.Min(first + 1, Input - 1);
        return (first, second, (float)(place - first));
    }
}
