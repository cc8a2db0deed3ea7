using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Fovea.Lab;

/// <summary>What tells whether two machines have the same samples: the SHA-256 of all of them as the network sees them, with their classes.</summary>
internal static class SampleFingerprint
{
    public static string Of(params IReadOnlyList<Dataset> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Dataset part in parts)
        {
            float[] sample = new float[part.Shape.Count];
            for (int i = 0; i < part.Count; i++)
            {
                part.CopySample(i, sample);
                hash.AppendData(MemoryMarshal.AsBytes<float>(sample));
                if (part.ClassNames.Count > 0) hash.AppendData(BitConverter.GetBytes(part.Label(i)));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
