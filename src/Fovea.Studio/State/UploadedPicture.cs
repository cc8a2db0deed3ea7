using Fovea.Lab;
using Microsoft.AspNetCore.Components.Forms;

namespace Fovea.Studio.State;

/// <summary>Pictures that somebody uploads: limited in bytes here and in pixels where they are decoded.</summary>
internal static class UploadedPicture
{
    private const int MostBytes = 8 << 20;

    /// <summary>A picture in grey, scaled so that its longer side has so many pixels.</summary>
    /// <exception cref="FoveaException">It is too large, or none.</exception>
    public static async Task<Planes> ReadAsync(IBrowserFile file, int side)
    {
        if (file.Size > MostBytes) throw new FoveaException($"{file.Name} has {Display.Bytes(file.Size)}, more than {Display.Bytes(MostBytes)}. Scale the picture down.");
        byte[] bytes = new byte[file.Size];
        await using Stream stream = file.OpenReadStream(MostBytes);
        await stream.ReadExactlyAsync(bytes);
        return ImageFile.ReadGrey(bytes, file.Name, side);
    }
}
