using System.Buffers.Binary;
using System.Text;

namespace Fovea.Bench;

/// <summary>Damages files in the ways of broken disks and of malice: bits, bytes and lengths, pieces that are missing, doubled or of another file, and numbers at the
/// ends of their range.</summary>
internal static class Mutation
{
    private static readonly long[] s_numbers = [0, 1, -1, 2, 127, 128, 255, 256, 32767, 65535, 1 << 24, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue];

    private static readonly string[] s_texts = ["0", "-1", "1e999", "2147483647", "4294967296", "9223372036854775808", "0.5", "NaN", "null", "\"\"", "[]", "{}", "true", ",", ";", "(", ")", "|"];

    /// <summary>A damaged file; the same generator gives the same.</summary>
    /// <param name="seeds">Whole files of the format.</param>
    /// <param name="random">What is drawn by.</param>
    public static byte[] Of(IReadOnlyList<byte[]> seeds, Random random)
    {
        byte[] file = [.. seeds[random.Next(seeds.Count)]];
        for (int change = random.Next(1, 5); change > 0 && file.Length > 0; change--) file = Change(file, seeds, random);
        return file;
    }

    private static byte[] Change(byte[] file, IReadOnlyList<byte[]> seeds, Random random)
    {
        // What a file says of itself is at its beginning, or at its end.
        int at = random.Next(4) switch { 0 => random.Next(Math.Min(64, file.Length)), 1 => file.Length - 1 - random.Next(Math.Min(64, file.Length)), _ => random.Next(file.Length) };
        int length = Math.Min(random.Next(1, 17), file.Length - at);
        switch (random.Next(10))
        {
            case 0: file[at] ^= (byte)(1 << random.Next(8)); return file;
            case 1: file[at] = (byte)random.Next(256); return file;
            case 2: return Number(file, at, random);
            case 3: return file[..at];
            case 4: return [.. file[..at], .. file[(at + length)..]];
            case 5: return [.. file[..(at + length)], .. file[at..]];
            case 6:
                byte[] noise = new byte[length];
                random.NextBytes(noise);
                return [.. file[..at], .. noise, .. file[at..]];
            case 7:
                byte[] other = seeds[random.Next(seeds.Count)];
                int from = random.Next(other.Length);
                return [.. file[..at], .. other.AsSpan(from, Math.Min(random.Next(1, 65), other.Length - from)), .. file[(at + length)..]];
            case 8: return Text(file, at, random);
            default:
                // The same piece many times.
                return [.. file[..at], .. Enumerable.Repeat(file[at..(at + length)], random.Next(2, 40)).SelectMany(piece => piece), .. file[at..]];
        }
    }

    private static byte[] Number(byte[] file, int at, Random random)
    {
        Span<byte> bytes = stackalloc byte[8];
        int width = 1 << random.Next(4);
        long number = s_numbers[random.Next(s_numbers.Length)];
        if (random.Next(2) == 0) BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        else
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes, number);
            bytes = bytes[(8 - width)..];
        }
        bytes[..Math.Min(width, file.Length - at)].CopyTo(file.AsSpan(at));
        return file;
    }

    // A word, number or mark of a text by another.
    private static byte[] Text(byte[] file, int at, Random random)
    {
        int end = at;
        while (end < file.Length && char.IsAsciiLetterOrDigit((char)file[end])) end++;
        return [.. file[..at], .. Encoding.ASCII.GetBytes(s_texts[random.Next(s_texts.Length)]), .. file[Math.Max(end, at + 1)..]];
    }
}
