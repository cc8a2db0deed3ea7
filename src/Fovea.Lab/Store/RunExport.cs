using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Fovea.Lab;

/// <summary>Runs in the forms of other programs.</summary>
public static class RunExport
{
    // The mask of TensorFlow's record files, tensorflow/core/lib/hash/crc32c.h.
    private const uint MaskDelta = 0xa282ead8;

    /// <summary>Every epoch of every run as a row of comma-separated values; the settings that differ have columns.</summary>
    public static string ToCsv(IReadOnlyCollection<RunRecord> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        IReadOnlyList<string> settings = RunRecord.Differing(runs);
        var text = new StringBuilder();
        string[] figures = ["epoch", "updates", "seconds", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy"];
        // What a run may spend is a setting of the same name as what it spent.
        Line(["run", "study", "name", "seed", .. settings.Select(name => figures.Contains(name) ? $"budget_{name}" : name), .. figures]);
        foreach (RunRecord run in runs)
        {
            foreach (EpochResult epoch in run.History)
            {
                bool last = epoch == run.History[^1];
                Line([Number(run.Id), run.Study ?? "", run.Name, run.Seed.ToString(CultureInfo.InvariantCulture), .. settings.Select(run.Setting), Number(epoch.Epoch), Number(epoch.Updates),
                    Number(epoch.Seconds), Number(epoch.TrainLoss), Number(epoch.TrainAccuracy), Number(epoch.ValidationLoss), Number(epoch.ValidationAccuracy),
                    last ? Number(run.TestLoss) : "", last ? Number(run.TestAccuracy) : ""]);
            }
        }
        return text.ToString();

        void Line(IEnumerable<string> cells) => text.AppendJoin(',', cells.Select(Quoted)).Append("\r\n");

        static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>Every update of the runs that keep them as a row of comma-separated values.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="steps">The updates of a run, by its number: <see cref="RunStore.Steps"/>.</param>
    public static string StepsToCsv(IReadOnlyCollection<RunRecord> runs, Func<long, IReadOnlyList<StepResult>> steps)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(steps);
        var text = new StringBuilder("run,name,seed,update,learning_rate,loss,accuracy\r\n");
        foreach (RunRecord run in runs)
        {
            foreach (StepResult step in steps(run.Id))
                text.Append(CultureInfo.InvariantCulture, $"{run.Id},{Quoted(run.Name)},{run.Seed},{step.Update},{step.LearningRate:R},{step.Loss:R},{step.Accuracy:R}\r\n");
        }
        return text.ToString();
    }

    /// <summary>Writes an event file for each run, in a folder of its own, as TensorBoard reads them: figures by updates.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="steps">The updates of a run, by its number; null where none are to be written.</param>
    public static void WriteTensorBoard(IReadOnlyCollection<RunRecord> runs, string folder, Func<long, IReadOnlyList<StepResult>>? steps = null)
    {
        ArgumentNullException.ThrowIfNull(runs);
        foreach (RunRecord run in runs)
        {
            string safe = string.Concat($"{run.Id}-{run.Name}-seed{run.Seed}".Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' ? letter : '_'));
            string path = Directory.CreateDirectory(Path.Combine(folder, safe)).FullName;
            double time = run.Stored.ToUnixTimeMilliseconds() / 1000.0 - run.Seconds;
            using FileStream stream = File.Create(Path.Combine(path, $"events.out.tfevents.{(long)time}.fovea"));
            WriteRecord(stream, [.. Double(1, time), .. Bytes(3, "brain.Event:2"u8)]);
            // Their times are not known: TensorBoard shows them by their numbers.
            foreach (StepResult step in steps?.Invoke(run.Id) ?? [])
                WriteFigures(stream, time, step.Update, ("step/loss", step.Loss), ("step/accuracy", step.Accuracy), ("step/learning-rate", step.LearningRate));
            foreach (EpochResult epoch in run.History)
            {
                time += epoch.Seconds;
                WriteFigures(stream, time, epoch.Updates, ("loss/train", epoch.TrainLoss), ("accuracy/train", epoch.TrainAccuracy),
                    ("loss/validation", epoch.ValidationLoss), ("accuracy/validation", epoch.ValidationAccuracy));
            }
            if (run.IsFinished) WriteFigures(stream, time, run.Updates, ("loss/test", run.TestLoss), ("accuracy/test", run.TestAccuracy));
        }
    }

    // RFC 4180.
    private static string Quoted(string cell) => cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;

    /// <summary>The CRC-32C of bytes (RFC 3720, appendix B.4).</summary>
    internal static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        foreach (byte value in bytes) sum = BitOperations.Crc32C(sum, value);
        return ~sum;
    }

    // tensorflow/core/util/event.proto: wall_time 1, step 2, file_version 3, summary 5; summary.proto: value 1 { tag 1, simple_value 2 }.
    private static void WriteFigures(Stream stream, double time, long step, params (string Tag, double? Value)[] figures)
    {
        var summary = new List<byte>();
        foreach (var (tag, value) in figures)
        {
            if (value is not { } number) continue;
            byte[] simple = new byte[5];
            simple[0] = 2 << 3 | 5;
            BinaryPrimitives.WriteSingleLittleEndian(simple.AsSpan(1), (float)number);
            summary.AddRange(Bytes(1, [.. Bytes(1, Encoding.UTF8.GetBytes(tag)), .. simple]));
        }
        WriteRecord(stream, [.. Double(1, time), 2 << 3, .. Varint((ulong)step), .. Bytes(5, [.. summary])]);
    }

    private static void WriteRecord(Stream stream, byte[] data)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, data.Length);
        foreach (byte[] part in (byte[][])[length, data])
        {
            stream.Write(part);
            uint sum = Crc32C(part);
            byte[] masked = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(masked, unchecked(BitOperations.RotateRight(sum, 15) + MaskDelta));
            stream.Write(masked);
        }
    }

    private static byte[] Double(int field, double value)
    {
        byte[] bytes = new byte[9];
        bytes[0] = (byte)(field << 3 | 1);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(1), value);
        return bytes;
    }

    private static byte[] Bytes(int field, ReadOnlySpan<byte> value) => [(byte)(field << 3 | 2), .. Varint((ulong)value.Length), .. value];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
