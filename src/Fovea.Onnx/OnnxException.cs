namespace Fovea.Onnx;

/// <summary>An ONNX file cannot be read, or has something in it that is not supported.</summary>
public sealed class OnnxException(string message, Exception? inner = null) : FoveaException(message, inner!);
