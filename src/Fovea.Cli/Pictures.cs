using Fovea.Lab;

namespace Fovea.Cli;

/// <summary>Pictures on the disk and in documents.</summary>
internal static class Pictures
{
    /// <summary>Writes NAME.png, and NAME.svg where the picture has few cells.</summary>
    public static void Write(Terminal terminal, string folder, string name, Picture picture)
    {
        if (!Picture.HasFont) terminal.Error.WriteLine("fovea: there is no font on this machine, so the PNG has no words. Install one, such as fonts-dejavu-core, or use the SVG.");
        File.WriteAllBytes(Path.Combine(folder, name + ".png"), picture.ToPng());
        if (picture.FitsSvg) File.WriteAllText(Path.Combine(folder, name + ".svg"), picture.ToSvg());
    }

    /// <summary>A picture for a document.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="description">What is to be seen, in words.</param>
    public static DerivationPicture Of(Picture picture, string description) => Picture.HasFont || !picture.FitsSvg
        ? new DerivationPicture(description, picture.ToPng())
        : DerivationPicture.OfSvg(description, picture.ToSvg());
}
