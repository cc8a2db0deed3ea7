using Google.Protobuf;
using Proto = Fovea.OnnxProto;

namespace Fovea.Onnx;

/// <summary>An ONNX file: a graph of nodes with constants.</summary>
public sealed class OnnxModel
{
    internal OnnxModel(Proto.Model proto, string name) => (Proto, Name) = (proto, name);

    /// <summary>What the file is called in messages: its path.</summary>
    public string Name { get; }

    /// <summary>The version of the standard's operators that the graph is written in.</summary>
    public long Opset => Proto.OpsetImport.FirstOrDefault(set => set.Domain is "" or "ai.onnx")?.Version ?? 1;

    internal Proto.Model Proto { get; }

    /// <summary>What the numbers of an input are.</summary>
    public OnnxElement InputType(string name) =>
        (OnnxElement)(Proto.Graph.Input.FirstOrDefault(input => input.Name == name)?.Type?.TensorType?.ElemType ?? (int)OnnxElement.Float);

    /// <summary>What an input takes, as the file says it: "float [N, 3, 224, 224]", or "float" where it says no shape.</summary>
    public string DescribeInput(string name) =>
        $"{InputType(name).ToString().ToLowerInvariant()}{(Extents(name) is { } extents ? $" {OnnxNode.List(extents.Select(extent => extent.DimParam.Length > 0 ? extent.DimParam : extent.DimValue > 0 ? $"{extent.DimValue}" : "?"))}" : "")}";

    /// <summary>Checks that a value is what an input takes. As many samples as one likes are taken, whatever number the file says.</summary>
    /// <exception cref="OnnxException">It is not.</exception>
    internal void CheckInput(string name, OnnxTensor value)
    {
        if (Extents(name) is not { } extents) return;
        bool fits = extents.Count == value.Rank && extents.Skip(1).Zip(value.Shape.Skip(1)).All(pair => pair.First.DimValue <= 0 || pair.First.DimValue == pair.Second);
        if (!fits) throw new OnnxException($"{Name}: its input {name} is given as {value}, but it takes {DescribeInput(name)}.");
    }

    private IReadOnlyList<OnnxProto.TensorShape.Types.Extent>? Extents(string name) => Proto.Graph.Input.FirstOrDefault(input => input.Name == name)?.Type?.TensorType?.Shape?.Dim;

    /// <summary>Reads a file.</summary>
    /// <exception cref="OnnxException">It is not an ONNX file.</exception>
    public static OnnxModel Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0) throw new OnnxException("the name of the ONNX file is empty.");
        return Parse(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads the bytes of a file; the name is for messages.</summary>
    /// <exception cref="OnnxException">They are not those of an ONNX file.</exception>
    public static OnnxModel Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (PickledFile.Problem(bytes, name) is { } problem) throw new OnnxException(problem);
        if (!WireBudget.IsKept(bytes, OnnxProto.Model.Descriptor))
            throw new OnnxException($"{name}: its parts are so many and so small that they would take far more memory than the file is long. It is damaged, or made to do harm.");
        try
        {
            Proto.Model proto = OnnxProto.Model.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
            return proto.Graph is null ? throw new OnnxException($"{name}: not an ONNX file: it has no graph.") : new OnnxModel(proto, name);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new OnnxException($"{name}: not an ONNX file, or one that is cut off: {exception.Message}", exception);
        }
    }

    /// <summary>The bytes of the file.</summary>
    public byte[] ToBytes() => Proto.ToByteArray();

    /// <summary>Writes the file.</summary>
    public void Write(string path) => File.WriteAllBytes(path, ToBytes());
}
