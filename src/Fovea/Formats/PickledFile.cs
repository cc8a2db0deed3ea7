namespace Fovea;

/// <summary>
/// Files of Python objects, such as PyTorch's .pt and .pth: whoever reads one runs the programs that are in it. They are known by their first
/// bytes, and refused with what to do instead.
/// </summary>
internal static class PickledFile
{
    private const byte Protocol = 0x80;

    /// <summary>Why a file that begins like this is not read; null where it is no such file.</summary>
    /// <param name="start">Its first bytes, four at least.</param>
    /// <param name="path">What it is called.</param>
    public static string? Problem(ReadOnlySpan<byte> start, string path)
    {
        bool isArchive = start.StartsWith("PK\u0003\u0004"u8), isPickle = start.Length > 1 && start[0] == Protocol && start[1] is >= 2 and <= 5;
        if (!isArchive && !isPickle) return null;
        return $"{path}: this is {(isArchive ? "an archive as PyTorch writes it (.pt, .pth)" : "a pickle, as PyTorch and Python write it")}. Reading the objects of such a file runs the programs "
            + "that are in it, so that it is never read. Write the weights as safetensors, in Python: "
            + $"safetensors.torch.save_file(torch.load(\"{System.IO.Path.GetFileName(path)}\", weights_only=True), \"{System.IO.Path.GetFileNameWithoutExtension(path)}.safetensors\").";
    }
}
