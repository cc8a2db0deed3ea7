using static Fovea.PythonText;

namespace Fovea;

/// <summary>
/// Writes a trained network as a program for Keras 3: model.py, which builds it layer by layer; weights.npz, the weights in Keras's layouts, with channels
/// last, those of a linear layer after a flattened image reordered; check.py, which compares what it makes of input.npy with output.npy.
/// </summary>
public static class KerasExport
{
    /// <summary>The files of the folder.</summary>
    /// <exception cref="FoveaException">A layer has no counterpart in Keras; the message names it.</exception>
    public static IReadOnlyList<ExportedFile> Of(TrainedNetwork trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ModelSpec model = trained.Network.Model;
        var layers = new KerasLayers(trained.Network);
        string output = layers.Add(model.Layers, model.Shapes, "", "x", "x");
        using var weights = new MemoryStream();
        NpyFile.WriteArchive(weights, layers.Weights);
        return [File("model.py", Model(trained, layers.Lines, output)), File("check.py", Check), new ExportedFile("weights.npz", weights.ToArray()),
            .. new ExportSample(trained.Network).Files(channelsLast: true)];
    }

    private static string Extents(Shape shape) => shape.IsFlat ? $"({shape},)" : $"({PythonText.Of(shape.Height)}, {PythonText.Of(shape.Width)}, {PythonText.Of(shape.Channels)})";

    private static string Model(TrainedNetwork trained, IReadOnlyList<string> lines, string output) => $$""""
        """A network that was trained with Fovea, as a Keras model. Needs Keras 3. Channels come last."""
        import keras
        import numpy
        from keras import layers, ops

        {{Facts(trained)}}


        def create():
            """The network without its weights. Takes normalized samples."""
            x = inputs = keras.Input({{Extents(trained.Network.Input)}})
        {{Indent(string.Join('\n', lines), 4)}}
            return keras.Model(inputs, {{output}})


        def normalize(pixels):
            """Pixels from 0 to 255 as the network takes them."""
            return (pixels / 255 - numpy.array(MEAN, "float32")) / numpy.array(DEVIATION, "float32")


        def load(path="weights.npz"):
            """The network with its weights."""
            network = create()
            with numpy.load(path) as arrays:
                for layer in network.layers:
                    if layer.weights:
                        layer.set_weights([arrays[f"{layer.name}.{weight.name}"] for weight in layer.weights])
            return network
        """";

    private const string Check = """"
        """Compares what the network makes of input.npy with what it gave in Fovea, output.npy."""
        import os
        import sys

        import numpy

        from model import load

        folder = os.path.dirname(os.path.abspath(__file__))
        x, expected = (numpy.load(os.path.join(folder, name)) for name in ("input.npy", "output.npy"))
        actual = load(os.path.join(folder, "weights.npz")).predict(x, verbose=0)
        difference = float(numpy.abs(actual - expected).max())
        allowed = 1e-4 * max(1, float(numpy.abs(expected).max()))
        print(f"{len(x)} samples: largest difference {difference:.3g}, allowed {allowed:.3g}")
        sys.exit(0 if actual.shape == expected.shape and difference <= allowed else 1)
        """";
}
