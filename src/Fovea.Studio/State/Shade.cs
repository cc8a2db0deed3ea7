namespace Fovea.Studio.State;

/// <summary>Colours of numbers, the same in light and dark, and of the words on them.</summary>
public readonly record struct Shade(byte Red, byte Green, byte Blue)
{
    private static readonly Shade s_positive = new(0xC2, 0x4A, 0x00), s_negative = new(0x1F, 0x5F, 0xB4);

    /// <summary>From black for the smallest to white for the largest.</summary>
    public static Shade Grey(double value, double low, double high)
    {
        byte grey = high > low ? (byte)Math.Round(255 * Math.Clamp((value - low) / (high - low), 0, 1)) : (byte)128;
        return new Shade(grey, grey, grey);
    }

    /// <summary>Blue below zero, white, orange above.</summary>
    public static Shade Signed(double value, double largest)
    {
        Shade end = value < 0 ? s_negative : s_positive;
        double share = largest > 0 ? Math.Min(1, Math.Abs(value) / largest) : 0;
        return new Shade(Mix(end.Red), Mix(end.Green), Mix(end.Blue));

        byte Mix(byte channel) => (byte)Math.Round(255 + share * (channel - 255));
    }

    /// <summary>Whether words on it must be dark.</summary>
    public bool IsBright => Red * 0.299 + Green * 0.587 + Blue * 0.114 > 140;

    /// <inheritdoc/>
    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";
}
