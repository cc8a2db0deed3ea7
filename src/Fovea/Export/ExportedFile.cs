namespace Fovea;

/// <summary>A file of an export.</summary>
/// <param name="Name">Its name in the folder of the export.</param>
/// <param name="Bytes">What is in it.</param>
public sealed record ExportedFile(string Name, byte[] Bytes);
