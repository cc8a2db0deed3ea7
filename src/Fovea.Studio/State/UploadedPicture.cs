using Fovea.Lab;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

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
        try
        {
            await using Stream stream = file.OpenReadStream(MostBytes);
            await stream.ReadExactlyAsync(bytes);
        }
        catch (Exception exception) when (exception is IOException or JSException or OperationCanceledException)
        {
            throw new FoveaException($"{file.Name} did not arrive whole. Choose it again.", exception);
        }
        return ImageFile.ReadGrey(bytes, file.Name, side);
    }
}
