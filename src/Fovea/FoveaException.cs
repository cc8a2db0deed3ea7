namespace Fovea;

/// <summary>
/// Something that the user gave does not work: a model, data, a checkpoint. The message says where, what was expected, what came and
/// what to do, and is fit to be shown as it is.
/// </summary>
public class FoveaException : Exception
{
    /// <summary>With a message for the user.</summary>
    public FoveaException(string message)
        : base(message)
    {
    }

    /// <summary>With a message for the user and the cause.</summary>
    public FoveaException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>A model's text or JSON cannot be read.</summary>
public sealed class ModelFormatException(string message, Exception? inner = null) : FoveaException(message, inner!);

/// <summary>A file of data cannot be read.</summary>
public sealed class DataFormatException(string message, Exception? inner = null) : FoveaException(message, inner!);

/// <summary>A checkpoint cannot be read, written or continued.</summary>
public sealed class CheckpointException(string message, Exception? inner = null) : FoveaException(message, inner!);
