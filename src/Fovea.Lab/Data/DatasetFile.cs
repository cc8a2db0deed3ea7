namespace Fovea.Lab;

/// <summary>A published file of a dataset.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256, in hexadecimal digits.</param>
public sealed record DatasetFile(string Name, long Bytes, string Sha256);
