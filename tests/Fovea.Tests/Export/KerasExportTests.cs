using System.Text;

namespace Fovea.Tests.Export;

public class KerasExportTests
{
    // What Keras has no counterpart for.
    private static readonly string[] s_refused =
    [
        "5x11x4 conv 7 k4x1 s1x2 p3x0 d2x1",
        "3x9x7 conv 4 k3x2 s2 p2 d2x3",
        "4x3x5 convtranspose 6 k3 s2 p1 g2",
        "6x3x2 convtranspose 6 k3x4 s3x1 p0x1 g6 d1x2",
        "3x4x5 convtranspose 4 k3 s2 d2",
        // Output padding that the kernel does not reach.
        "2x4x3 convtranspose 3 k2 s5x4 outputPadding=3",
        "3x4x5 upsample 3 bilinear aligncorners",
        "3x1x5 upsample 2x1 bilinear aligncorners",
    ];

    [Fact]
    public void The_program_is_plain_code_and_a_flattened_image_is_read_in_keras_order()
    {
        var network = new Network(ModelSpec.Parse("conv 2 k3 p1 | relu | maxpool 2 s2 p1 | flatten | linear 3", new Shape(1, 5, 4)) with { Name = "mine" }, seed: 2);
        IReadOnlyList<ExportedFile> files = KerasExport.Of(ExportedFolders.Of(network));
        Assert.Equal(["model.py", "check.py", "weights.npz", "input.npy", "output.npy"], files.Select(file => file.Name));
        Assert.Contains("""

                x = inputs = keras.Input((5, 4, 1))
                x = layers.Conv2D(2, 3, padding="same", name="layer_0")(x)
                x = layers.Activation("relu")(x)
                x = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=float("-inf"))
                x = layers.MaxPooling2D((2, 2), strides=(2, 2))(x)
                x = layers.Flatten()(x)
                x = layers.Dense(3, name="layer_4")(x)
                return keras.Model(inputs, x)

            """, Encoding.UTF8.GetString(files[0].Bytes));
        Dictionary<string, NumpyArray> weights = NpyFile.ReadArchive(new MemoryStream(files[2].Bytes), "w");
        Assert.Equal(["layer_0.bias", "layer_0.kernel", "layer_4.bias", "layer_4.kernel"], weights.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([3, 3, 1, 2], weights["layer_0.kernel"].Shape);
        // Of the linear layer's weight for output 2, channel 1, row 2, column 0 of 2 x 3 x 3.
        Assert.Equal([18, 3], weights["layer_4.kernel"].Shape);
        Assert.Equal(network.GetParameter("4.weight")[2 * 18 + 1 * 9 + 2 * 3 + 0], weights["layer_4.kernel"].ToSingles()[((2 * 3 + 0) * 2 + 1) * 3 + 2]);
    }

    [Fact]
    public void What_keras_does_not_have_is_refused()
    {
        foreach (string line in s_refused)
        {
            string message = Assert.Throws<FoveaException>(() => KerasExport.Of(ExportedFolders.Of(line))).Message;
            Assert.StartsWith("layer 0 ", message);
            Assert.Contains(": it cannot be written for Keras: ", message);
        }
    }

    [Fact]
    public void Python_accepts_the_programs_and_they_compute_what_the_network_does()
    {
        string? python = Python.With("numpy");
        Assert.SkipWhen(python is null, "there is no Python with NumPy on this machine (apt-get install python3-numpy)");
        // The definitions of Keras's documentation, in NumPy, stand in for Keras.
        using var keras = new TemporaryFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Export", "keras.py"), keras["keras.py"]);
        ExportedFolders.Check(python!, ExportedFolders.Lines.Except(s_refused), KerasExport.Of, keras.Path);
    }
}
