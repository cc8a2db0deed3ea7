namespace Fovea.Kernels;

/// <summary>What random numbers are drawn for: part of the counter, so that two uses never share a number.</summary>
internal enum RandomPurpose : uint
{
    Initialize = 1,
    Shuffle = 2,
    Split = 3,
    Dropout = 4,
    Example = 5,
    Probe = 6,
    Sample = 7,
    Augment = 8,
}

/// <summary>
/// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011). There is no
/// hidden state: the same seed, purpose and counters give the same numbers, whatever was drawn before and on whatever thread.
/// </summary>
internal readonly struct Philox(ulong seed, RandomPurpose purpose, uint stream = 0)
{
    /// <summary>Four random words for a counter.</summary>
    public (uint A, uint B, uint C, uint D) Block(uint index, uint sample = 0, uint step = 0)
    {
        uint c0 = index, c1 = sample, c2 = step, c3 = ((uint)purpose << 24) ^ stream;
        uint k0 = (uint)seed, k1 = (uint)(seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)0xD2511F53 * c0, p1 = (ulong)0xCD9E8D57 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        return (c0, c1, c2, c3);
    }

    /// <summary>A number in [0, 1) from the upper 24 bits of a random word.</summary>
    public static float Unit(uint word) => (word >> 8) * (1f / (1 << 24));

    /// <summary>Fills with numbers uniform in [-bound, bound).</summary>
    public void Uniform(Span<float> values, float bound)
    {
        for (int i = 0; i < values.Length; i++)
        {
            var (a, b, c, d) = Block((uint)i / 4);
            uint word = (i % 4) switch { 0 => a, 1 => b, 2 => c, _ => d };
            values[i] = (2 * Unit(word) - 1) * bound;
        }
    }

    /// <summary>Fills with numbers of a normal distribution around 0 (Box and Muller 1958).</summary>
    public void Normal(Span<float> values, float deviation)
    {
        for (int i = 0; i < values.Length; i++)
        {
            var (a, b, c, d) = Block((uint)i / 4);
            var (radius, angle) = i % 4 < 2 ? (a, b) : (c, d);
            // In (0, 1], as 0 has no logarithm.
            double length = deviation * Math.Sqrt(-2 * Math.Log(1 - (double)Unit(radius))), turn = 2 * Math.PI * Unit(angle);
            values[i] = (float)(length * (i % 2 == 0 ? Math.Cos(turn) : Math.Sin(turn)));
        }
    }

    /// <summary>Shuffles in place (Fisher and Yates), for the given step, such as an epoch.</summary>
    public void Shuffle(Span<int> values, uint step)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            var (a, b, _, _) = Block((uint)i, step: step);
            // 64 bits scaled to [0, i]: the bias is below 2^-32.
            int j = (int)Math.BigMul(((ulong)a << 32) | b, (ulong)i + 1, out _);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }
}
