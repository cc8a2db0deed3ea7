using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Fovea.Lab;
using Fovea.Onnx;
using SkiaSharp;

namespace Fovea.Bench;

/// <summary>All readers of files.</summary>
internal static class FuzzTargets
{
    private static readonly string[] s_ten = [.. Enumerable.Range(0, 10).Select(i => $"{i}")];
    private static readonly byte[] s_images = IdxOf(0x803, [3, 2, 4], 24), s_labels = IdxOf(0x801, [3], 3);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        IdxImages(), IdxLabels(), Emnist(), Cifar(), Npy(), Npz(), PixelTable(), Claims(), ImageTable(), Weights(), CheckpointJson(), ModelJson(), ModelText(),
        StudyJson(), OnnxFile(), OnnxRun(), OnnxPart(), Png(), Jpeg(),
    ];

    private static FuzzTarget IdxImages() => new("idx-images", [s_images, s_labels], file => ReadIdx(file, s_labels)) { Repair = Compress };

    private static FuzzTarget IdxLabels() => new("idx-labels", [s_labels, s_images], file => ReadIdx(s_images, file)) { Repair = Compress };

    private static void ReadIdx(byte[] images, byte[] labels) =>
        IdxFile.Read(new MemoryStream(images), "images", new MemoryStream(labels), "labels", "fuzz", s_ten, Normalization.None);

    private static FuzzTarget Emnist()
    {
        byte[] archive = Zip(("gzip/emnist-letters-train-images-idx3-ubyte.gz", Compress(IdxOf(0x803, [2, 2, 3], 12))), ("gzip/emnist-letters-train-labels-idx1-ubyte.gz", Compress(IdxOf(0x801, [2], 2, first: 1))));
        return new("emnist", [archive], file => IdxFile.ReadEmnist(new MemoryStream(file), "gzip.zip", "emnist-letters-train", "fuzz", s_ten, Normalization.None, first: 1));
    }

    private static FuzzTarget Cifar()
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "cifar-10-batches-bin/test_batch.bin") { DataStream = new MemoryStream(new byte[3073]) });
        return new("cifar", [tar.ToArray()], file => CifarFile.ReadArchive(new MemoryStream(file), "cifar.tar.gz", training: false, "fuzz", s_ten, Normalization.None))
        {
            Repair = file => Compress(SumTar(file)),
        };
    }

    private static FuzzTarget Npy() => new("npy", [.. Arrays().Select(NpyOf), NpyOf(new NumpyArray("f8", [2], new byte[16]))], file => NpyFile.Read(new MemoryStream(file), "a.npy").ToSingles());

    private static FuzzTarget Npz()
    {
        NumpyArray[] arrays = [.. Arrays()];
        using var stream = new MemoryStream();
        NpyFile.WriteArchive(stream, new Dictionary<string, NumpyArray> { ["x"] = arrays[0], ["y"] = arrays[1] });
        byte[] packed = Zip(("x_train.npy", NpyOf(arrays[0])), ("y_train.npy", NpyOf(arrays[1])), ("x_test.npy", NpyOf(arrays[0])), ("y_test.npy", NpyOf(arrays[1])));
        byte[] floats = Zip(("images.npy", NpyOf(arrays[2])), ("labels.npy", NpyOf(arrays[1])));
        return new("npz", [stream.ToArray(), packed, floats], file => NpzDataset.Read(new MemoryStream(file), "d.npz", Normalization.None));
    }

    private static IEnumerable<NumpyArray> Arrays() =>
        [new("u1", [2, 2, 2, 3], new byte[24]), new("i8", [2], [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]), new("f4", [2, 2, 3], new byte[48])];

    private static FuzzTarget PixelTable() => new("csv", [Bytes("label,p0,p1,p2,p3\n7,0,1,2,255\n3,9,8,7,6\n"), Bytes("cat;0\r\ndog;2\r\ncat;255\r\n")],
        file => PixelCsv.Read(new MemoryStream(file), "t.csv", null, Normalization.None));

    private static FuzzTarget Claims() => new("claim", [Bytes("layer,output,parameters\nConv2d-1,\"[-1, 6, 28, 28]\",156\nReLU-2,\"[-1, 6, 28, 28]\",0\nTotal,,156\n"),
        Bytes("----\n        Layer (type)               Output Shape         Param #\n====\n            Conv2d-1            [-1, 6, 28, 28]             156\n====\nTotal params: 156\nInput size (MB): 0.00\n")],
        file => Claim.Parse(Encoding.UTF8.GetString(file), "claim.csv"));

    private static FuzzTarget ImageTable() => new("image-csv", [Bytes("1,2.5,-3\n4,5,1e3\n"), Bytes("1 0 -1; 2 0 -2")], file => Planes.Parse(Encoding.UTF8.GetString(file), 1, "image.csv"));

    private static FuzzTarget Weights()
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, new Dictionary<string, SafetensorsEntry> { ["0.weight"] = new([2, 3], new float[6]), ["0.bias"] = new([2], new float[2]), ["step"] = new([], [1]) });
        // The types that are read and not written, and what a file tells beside them.
        byte[] header = Bytes("""{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"I64","shape":[1],"data_offsets":[4,12]},"c":{"dtype":"BF16","shape":[],"data_offsets":[12,14]},"__metadata__":{"k":"v"}}"""), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return new("safetensors", [stream.ToArray(), [.. length, .. header, .. new byte[14]]], file => Safetensors.Read(new MemoryStream(file), "w.safetensors"));
    }

    private static FuzzTarget CheckpointJson()
    {
        var model = ModelSpec.Parse("linear 2", Shape.Flat(3));
        var checkpoint = new Checkpoint(1, model, new TrainingSettings { Schedule = new StepSchedule(), Augmentation = Augmentation.Parse("flip") },
            new DataDescription("d", Shape.Flat(3), 2, Normalization.None, ["a", "b"]), new TrainingPosition(3, 1, 0.5, 2, 0.1, [new EpochResult(1, 0.5, 0.5, 0.4, 0.5, 0.1)]), "w.safetensors", "00");
        return new("checkpoint", [System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(checkpoint, FoveaJson.Of<Checkpoint>())], file => Checkpoint.Parse(file, "checkpoint.json"));
    }

    private static FuzzTarget ModelJson() => new("model-json",
        [Bytes(ModelSpec.Parse("conv 2 k3 p1 | relu | residual(conv 2 k1) | maxpool 2 | flatten | linear 2", new Shape(1, 4, 4)).ToJson()), Bytes(ModelSpec.Parse("concat(conv 1 k1 ; upsample 1) | batchnorm | linear 2", new Shape(1, 2, 2)).ToJson())],
        file => ModelSpec.FromJson(Encoding.UTF8.GetString(file)));

    private static FuzzTarget ModelText() => new("model-text", [Bytes("conv 32 k5x3 s2 p2 nobias | relu | maxpool 5 s1 ceil | flatten | linear 10 | logsoftmax"), Bytes("residual(conv 8 k3 p1 | relu ; conv 8 k1) | concat(conv 3 k1 ; ) | dropout 0.2")],
        file => ModelSpec.Parse(Encoding.UTF8.GetString(file), new Shape(3, 16, 16)));

    private static FuzzTarget StudyJson() => new("study", [Bytes("""{"name":"n","model":"lenet5","vary":[{"settings":["batch-size"],"values":[32,1000]}],"settings":{"lr":0.1,"augment":"flip"},"seeds":[1,2],"budgets":["epochs=5"],"limit":100}""")],
        file => StudyPlan.FromJson(Encoding.UTF8.GetString(file), "study.json").ToStudy());

    private static byte[][] OnnxSeeds() =>
        [
            .. ((string[])["conv 2 k3 p1 | gelu | maxpool 2 ceil | residual(conv 2 k1) | flatten | linear 2 | softmax", "groupnorm 1 | concat(conv 1 k1 ; ) | avgpool 2 s1 | globalavgpool | flatten", "batchnorm | softplus 2 threshold=3 | upsample 2 | zeropad 1", "circularpad 1 | adaptiveavgpool 3x2 | adaptivemaxpool 2"])
                .Select(line => OnnxExport.Of(new Network(ModelSpec.Parse(line, new Shape(2, 4, 3)))).ToBytes()),
        ];

    private static FuzzTarget OnnxFile() => new("onnx", OnnxSeeds(), file => OnnxImport.Of(OnnxModel.Parse(file, "f.onnx")));

    // What is computed may be larger than the file that asks for it.
    private static FuzzTarget OnnxRun()
    {
        var input = new Dictionary<string, OnnxTensor> { ["input"] = new([1, 2, 4, 3], [.. Enumerable.Range(0, 24).Select(i => i / 24f)]) };
        return new("onnx-run", OnnxSeeds(), file => OnnxEvaluator.Run(OnnxModel.Parse(file, "f.onnx"), input)) { Allowance = 512 << 20 };
    }

    private static FuzzTarget OnnxPart()
    {
        string path = Path.GetTempFileName();
        try
        {
            new OnnxTensor([2, 3], [1, 2, 3, 4, 5, 6]).WriteFile(path, "x");
            return new("tensor-pb", [File.ReadAllBytes(path)], file => OnnxTensor.Parse(file, "input_0.pb"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static FuzzTarget Png() => new("png", [Image(SKEncodedImageFormat.Png, SKColorType.Rgba8888, SKAlphaType.Unpremul), Image(SKEncodedImageFormat.Png, SKColorType.Gray8, SKAlphaType.Opaque)],
        file => ImageFile.ReadGrey(file, "i.png", side: 8))
    {
        Repair = SumPng,
    };

    private static FuzzTarget Jpeg() => new("jpeg", [Image(SKEncodedImageFormat.Jpeg, SKColorType.Rgba8888, SKAlphaType.Opaque), Image(SKEncodedImageFormat.Jpeg, SKColorType.Gray8, SKAlphaType.Opaque)],
        file => ImageFile.ReadGrey(file, "i.jpg", side: 8));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] IdxOf(int magic, int[] sizes, int count, byte first = 0)
    {
        byte[] file = new byte[4 + 4 * sizes.Length + count];
        BinaryPrimitives.WriteInt32BigEndian(file, magic);
        for (int i = 0; i < sizes.Length; i++) BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + 4 * i), sizes[i]);
        for (int i = 0; i < count; i++) file[4 + 4 * sizes.Length + i] = (byte)(first + i % 3);
        return file;
    }

    private static byte[] NpyOf(NumpyArray array)
    {
        using var stream = new MemoryStream();
        NpyFile.Write(stream, array);
        return stream.ToArray();
    }

    private static byte[] Compress(byte[] data)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest)) gzip.Write(data);
        return compressed.ToArray();
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using Stream entry = archive.CreateEntry(name, CompressionLevel.Fastest).Open();
                entry.Write(content);
            }
        }
        return stream.ToArray();
    }

    private static byte[] Image(SKEncodedImageFormat format, SKColorType type, SKAlphaType alpha)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(9, 7, type, alpha));
        Span<byte> pixels = bitmap.GetPixelSpan();
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)(i * 37);
        using SKData data = bitmap.Encode(format, 80);
        return data.ToArray();
    }

    // The check sums of PNG's chunks (ISO 3309), as far as there are whole ones.
    private static byte[] SumPng(byte[] file)
    {
        for (int at = 8; at + 12 <= file.Length;)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (at + 12 + length > file.Length) break;
            uint crc = uint.MaxValue;
            foreach (byte value in file.AsSpan(at + 4, (int)length + 4))
            {
                crc ^= value;
                for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(at + 8 + (int)length), ~crc);
            at += 12 + (int)length;
        }
        return file;
    }

    // The check sum of tar's first header.
    private static byte[] SumTar(byte[] file)
    {
        if (file.Length < 512) return file;
        "        "u8.CopyTo(file.AsSpan(148));
        int sum = 0;
        foreach (byte value in file.AsSpan(0, 512)) sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(file, 148);
        return file;
    }
}
