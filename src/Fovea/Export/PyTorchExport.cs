using static Fovea.PythonText;

namespace Fovea;

/// <summary>
/// Writes a trained network as a program for PyTorch: model.py, an nn.Module in plain code; weights.safetensors, whose names and layouts are those of its
/// state_dict(); check.py, which loads both and compares what they make of input.npy with output.npy.
/// </summary>
public static class PyTorchExport
{
    /// <summary>The files of the folder.</summary>
    /// <exception cref="FoveaException">A layer has no counterpart in PyTorch.</exception>
    public static IReadOnlyList<ExportedFile> Of(TrainedNetwork trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        return [File("model.py", Model(trained)), File("check.py", Check), new ExportedFile("weights.safetensors", SafetensorsModel.Write(trained)), .. new ExportSample(trained.Network).Files()];
    }

    private static string Model(TrainedNetwork trained)
    {
        ModelSpec model = trained.Network.Model;
        var modules = new PyTorchModules();
        string layers = modules.Row(model.Layers, model.Input);
        string classes = string.Concat(modules.Classes.Select(text => text.ReplaceLineEndings("\n") + "\n\n\n"));
        string channels = model.Input.IsFlat ? "-1" : "-1, 1, 1", extents = model.Input.IsFlat ? $"{model.Input}" : model.Input.ToString().Replace("x", " x ");
        return $$""""
            """A network that was trained with Fovea, as a PyTorch module. Needs PyTorch 1.13 or later."""
            import json
            import struct

            import torch
            from torch import nn

            {{Facts(trained)}}


            {{classes}}class Network(nn.Sequential):
                """Takes N x {{extents}}, normalized; gives N x {{model.Output.ToString().Replace("x", " x ")}}."""

                def __init__(self):
                    super().__init__(
            {{Indent(layers, 12)}}
                    )


            def normalize(pixels):
                """Pixels from 0 to 255 as the network takes them."""
                mean, deviation = torch.tensor(MEAN).view({{channels}}), torch.tensor(DEVIATION).view({{channels}})
                return (pixels / 255 - mean) / deviation


            def read_safetensors(path):
                """The tensors of a file by their names: a length, a header in JSON, and the numbers. All are float32."""
                with open(path, "rb") as file:
                    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
                    data = bytearray(file.read())
                tensors = {}
                for name, entry in header.items():
                    if name != "__metadata__":
                        begin, end = entry["data_offsets"]
                        values = torch.frombuffer(data, dtype=torch.float32, count=(end - begin) // 4, offset=begin)
                        tensors[name] = values.reshape(entry["shape"]).clone()
                return tensors


            def load(path="weights.safetensors"):
                """The network with its weights, ready to be used."""
                network = Network()
                network.load_state_dict(read_safetensors(path))
                return network.eval()
            """";
    }

    private const string Check = """"
        """Compares what the network makes of input.npy with what it gave in Fovea, output.npy. Needs NumPy."""
        import os
        import sys

        import numpy
        import torch

        from model import load

        folder = os.path.dirname(os.path.abspath(__file__))
        x, expected = (torch.from_numpy(numpy.load(os.path.join(folder, name))) for name in ("input.npy", "output.npy"))
        with torch.no_grad():
            actual = load(os.path.join(folder, "weights.safetensors"))(x)
        difference = (actual - expected).abs().max().item()
        allowed = 1e-4 * max(1, expected.abs().max().item())
        print(f"{len(x)} samples: largest difference {difference:.3g}, allowed {allowed:.3g}")
        sys.exit(0 if actual.shape == expected.shape and difference <= allowed else 1)
        """";
}
