using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Fovea.Bench;

/// <summary>
/// Makes libtorch loadable, for the benchmark and the oracle tests. TorchSharp 0.107.0's native library asks for GLIBCXX_3.4.32 of
/// libstdc++, which Debian 12 does not have, on account of one symbol that it never calls
/// (<c>_ZSt21ios_base_library_initv</c>, a marker that GCC 13's &lt;iostream&gt; leaves). Where the library does not load, both
/// requirements are marked as weak in the copy in the output folder.
/// </summary>
internal static class LibTorch
{
    private const string MissingVersion = "GLIBCXX_3.4.32", MissingSymbol = "_ZSt21ios_base_library_initv";

    /// <summary>Null when libtorch is ready; otherwise why it cannot be had here.</summary>
    public static string? Unavailable { get; } = Prepare();

    private static string? Prepare()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return $"libtorch is referenced for linux-x64 only; this is {RuntimeInformation.RuntimeIdentifier}";
        string path = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        if (!File.Exists(path)) return $"{path} is missing: restore and build again";
        try
        {
            if (!NativeLibrary.TryLoad(path, out _))
            {
                byte[] library = File.ReadAllBytes(path);
                Weaken(library);
                // A new file under the old name: the old one may be linked to a package cache.
                string copy = $"{path}.{Environment.ProcessId}";
                File.WriteAllBytes(copy, library);
                File.Move(copy, path, overwrite: true);
                NativeLibrary.Load(path);
            }
            LogErrorsOnly(Path.Combine(Path.GetDirectoryName(path)!, "libc10.so"));
            return null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException
            or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return $"libtorch does not load: {exception.Message}";
        }
    }

    // Where NNPACK does not know the processor, libtorch says so at every convolution. The level is 0 for information, 1 for warnings.
    private static unsafe void LogErrorsOnly(string path) => *(int*)NativeLibrary.GetExport(NativeLibrary.Load(path), "FLAGS_caffe2_log_level") = 2;

    /// <summary>Marks the version need and the symbol as weak, in a 64-bit little-endian ELF image (System V ABI, "Object Files"; Linux
    /// Standard Base, "Symbol Versioning").</summary>
    private static void Weaken(Span<byte> elf)
    {
        const int sectionHeader = 64, symbolEntry = 24, dynamicSymbols = 11, versionNeeds = 0x6FFFFFFE;
        if (!elf.StartsWith("\u007fELF"u8)) throw new InvalidDataException("not an ELF file");
        int sections = (int)U64(elf, 0x28), count = U16(elf, 0x3C);
        for (int section = sections; section < sections + count * sectionHeader; section += sectionHeader)
        {
            int type = I32(elf, section + 4), offset = (int)U64(elf, section + 24), size = (int)U64(elf, section + 32);
            int strings = (int)U64(elf, sections + I32(elf, section + 40) * sectionHeader + 24);
            if (type == dynamicSymbols)
            {
                for (int symbol = offset; symbol < offset + size; symbol += symbolEntry)
                {
                    // The upper half of st_info is the binding: 1 global, 2 weak.
                    if (Text(elf, strings + I32(elf, symbol)) == MissingSymbol) elf[symbol + 4] = (byte)(2 << 4 | elf[symbol + 4] & 15);
                }
            }
            if (type != versionNeeds) continue;
            for (int need = offset, next = -1; next != 0; need += next)
            {
                for (int entry = need + I32(elf, need + 8), step = -1; step != 0; entry += step)
                {
                    // vna_flags: 2 is VER_FLG_WEAK.
                    if (Text(elf, strings + I32(elf, entry + 8)) == MissingVersion) elf[entry + 4] |= 2;
                    step = I32(elf, entry + 12);
                }
                next = I32(elf, need + 12);
            }
        }
    }

    private static ulong U64(ReadOnlySpan<byte> elf, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(elf[offset..]);

    private static int I32(ReadOnlySpan<byte> elf, int offset) => BinaryPrimitives.ReadInt32LittleEndian(elf[offset..]);

    private static int U16(ReadOnlySpan<byte> elf, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(elf[offset..]);

    private static string Text(ReadOnlySpan<byte> elf, int offset) => Encoding.ASCII.GetString(elf[offset..(offset + elf[offset..].IndexOf((byte)0))]);
}
