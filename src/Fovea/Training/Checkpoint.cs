using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fovea;

/// <summary>
/// A training on disk: numbers as safetensors (parameters under their names, optimizer state under "optimizer.NAME.STATE"), everything
/// else in a JSON file beside it. Both are written under a temporary name, flushed to disk and renamed, the JSON last. The previous checkpoint is
/// kept until the next but one is whole, or the training is finished: at any moment there is a whole one, and where a disk has damaged the newest,
/// the one before is taken.
/// </summary>
/// <param name="Format">The version of the format: 1.</param>
/// <param name="Model">What is trained.</param>
/// <param name="Settings">How.</param>
/// <param name="Data">On what.</param>
/// <param name="Position">Where it stands.</param>
/// <param name="Weights">The safetensors file beside the JSON.</param>
/// <param name="WeightsSha256">Its SHA-256, by which a damaged file is noticed.</param>
internal sealed record Checkpoint(
    int Format, ModelSpec Model, TrainingSettings Settings, DataDescription Data, TrainingPosition Position, string Weights, string WeightsSha256)
{
    private const int CurrentFormat = 1;
    private const string Prefix = "checkpoint-";

    /// <summary>Writes where a trainer stands.</summary>
    /// <exception cref="CheckpointException">The folder cannot be written.</exception>
    public static void Save(Trainer trainer, string directory) =>
        // A finished training needs no way back.
        trainer.Saved = Save(directory, trainer.Model, trainer.Settings, DataDescription.Of(trainer.Data), trainer.Position, trainer.Tensors(), trainer.IsFinished ? [] : trainer.Saved);

    /// <summary>Writes a network that no training of ours stands behind.</summary>
    /// <exception cref="CheckpointException">The folder cannot be written.</exception>
    public static void Save(TrainedNetwork trained, string directory)
    {
        Network network = trained.Network;
        Save(directory, network.Model, trained.Settings, trained.Data, new TrainingPosition(0, 0, 0, 0, 0, trained.History),
            StateDict.Of(network).ToDictionary(tensor => tensor.Key, tensor => new SafetensorsSource(tensor.Value.Shape, tensor.Value.Values.CopyTo)), earlier: []);
    }

    private static IReadOnlyList<(string Description, string Weights)> Save(string directory, ModelSpec model, TrainingSettings settings, DataDescription data,
        TrainingPosition position, Dictionary<string, SafetensorsSource> tensors, IReadOnlyList<(string Description, string Weights)> earlier)
    {
        string name = $"{Prefix}{position.Updates:D8}";
        try
        {
            Directory.CreateDirectory(directory);
            string hash = "";
            // The hash in the name: another training's weights in this folder, of as many updates, stay until its JSON is replaced.
            string Weights() => $"{name}-{hash[..8]}.safetensors";
            WriteWhole(Path.Combine(directory, $"{name}.safetensors.tmp"), () => Path.Combine(directory, Weights()), stream =>
            {
                // Hashed on the way, so that the file need not be in memory.
                using var hashing = new HashingStream(stream);
                Safetensors.Write(hashing, tensors);
                hash = hashing.Hash();
            });
            var checkpoint = new Checkpoint(CurrentFormat, model, settings, data, position, Weights(), hash);
            WriteWhole(Path.Combine(directory, $"{name}.json.tmp"), () => Path.Combine(directory, $"{name}.json"),
                stream => JsonSerializer.Serialize(stream, checkpoint, FoveaJson.Of<Checkpoint>()));
            (string Description, string Weights)[] saved = [($"{name}.json", checkpoint.Weights), .. earlier.Where(before => before.Description != $"{name}.json").Take(1)];
            string[] kept = [.. saved.SelectMany(files => (string[])[files.Description, files.Weights])];
            foreach (string old in Directory.EnumerateFiles(directory, Prefix + "*")) if (!kept.Contains(Path.GetFileName(old))) File.Delete(old);
            return saved;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{directory}: the checkpoint cannot be written: {exception.Message.TrimEnd('.')}. What was there before is as it was: make room or the folder writable, and go on.", exception);
        }
    }

    /// <summary>Whether a folder holds a checkpoint.</summary>
    public static bool Exists(string directory) => Directory.Exists(directory) && Directory.EnumerateFiles(directory, Prefix + "*.json").Any();

    /// <summary>The newest whole checkpoint of a folder and its tensors.</summary>
    /// <returns>Them, and what is wrong with a newer one that was passed over; null where nothing is.</returns>
    /// <exception cref="CheckpointException">There is none that is whole.</exception>
    public static (Checkpoint Checkpoint, Dictionary<string, SafetensorsEntry> Tensors, string? CheckpointWarning) Load(string directory)
    {
        if (!Exists(directory))
            throw new CheckpointException($"{directory}: there is no checkpoint. Give the folder that a training wrote (its --out).");
        CheckpointException? damage = null;
        foreach (string path in Descriptions(directory))
        {
            try
            {
                var (checkpoint, tensors) = LoadFile(directory, path);
                return (checkpoint, tensors, damage is null ? null : $"{damage.Message} The one before it is taken, of update {checkpoint.Position.Updates}.");
            }
            catch (CheckpointException exception)
            {
                damage ??= exception;
            }
        }
        throw damage!;
    }

    // The newest first.
    private static IEnumerable<string> Descriptions(string directory) => Directory.EnumerateFiles(directory, Prefix + "*.json").OrderDescending(StringComparer.Ordinal);

    private static (Checkpoint Checkpoint, Dictionary<string, SafetensorsEntry> Tensors) LoadFile(string directory, string path)
    {
        try
        {
            Checkpoint checkpoint = Parse(File.ReadAllBytes(path), path);
            string weights = Path.Combine(directory, Path.GetFileName(checkpoint.Weights));
            byte[] bytes = File.ReadAllBytes(weights);
            if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != checkpoint.WeightsSha256)
                throw new CheckpointException($"{weights}: the file is not the one that {Path.GetFileName(path)} was written with. The checkpoint is damaged: restore it from a copy.");
            using var stream = new MemoryStream(bytes);
            return (checkpoint, Safetensors.Read(stream, weights));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DataFormatException)
        {
            throw new CheckpointException($"{path}: the checkpoint cannot be read: {exception.Message.Split('\n')[0]}", exception);
        }
    }

    /// <summary>Reads the JSON of a checkpoint.</summary>
    /// <exception cref="CheckpointException">It is none of this version.</exception>
    public static Checkpoint Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            JsonNode node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) ?? throw new JsonException("it is null");
            JsonDefaults.Complete((node as JsonObject)?["settings"], new TrainingSettings());
            Checkpoint checkpoint = JsonDefaults.Read<Checkpoint>(node);
            checkpoint.Data.Normalization.Check(checkpoint.Data.Name, checkpoint.Data.Shape);
            return checkpoint.Format == CurrentFormat ? checkpoint
                : throw new CheckpointException($"{path}: expected a checkpoint of format {CurrentFormat}, got {checkpoint.Format}. Use the version of Fovea that wrote it.");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or NotSupportedException or InvalidOperationException or (FoveaException and not CheckpointException))
        {
            throw new CheckpointException($"{path}: the checkpoint cannot be read: {exception.Message.Split('\n')[0]}", exception);
        }
    }

    /// <summary>A trainer that stands where the checkpoint was written.</summary>
    /// <exception cref="CheckpointException">The data are others than those trained on, or the tensors are not the model's.</exception>
    public static Trainer Resume(string directory, Dataset data, int threads = 0)
    {
        var (checkpoint, tensors, damage) = Load(directory);
        DataDescription given = DataDescription.Of(data);
        if (checkpoint.Data != given)
        {
            string difference = checkpoint.Data.ToString() == given.ToString() ? ", with other classes or another normalization" : "";
            throw new CheckpointException($"{directory}: it was trained on {checkpoint.Data}, but the data given are {given}{difference}. Give the same data.");
        }
        var trainer = new Trainer(checkpoint.Model, data, checkpoint.Settings, threads, begins: false)
        {
            CheckpointWarning = damage,
            Saved = [($"{Prefix}{checkpoint.Position.Updates:D8}.json", checkpoint.Weights)],
        };
        CheckTensors(directory, tensors, trainer.TensorShapes());
        trainer.Restore(checkpoint.Position, tensors);
        return trainer;
    }

    /// <summary>The network that a checkpoint holds.</summary>
    /// <exception cref="CheckpointException">The tensors are not the model's.</exception>
    public static (Checkpoint Checkpoint, Network Network, string? CheckpointWarning) LoadNetwork(string directory)
    {
        var (checkpoint, tensors, damage) = Load(directory);
        var network = new Network(checkpoint.Model, checkpoint.Settings.Seed);
        NetworkParameter[] all = [.. network.Parameters, .. network.Buffers];
        var wanted = all.ToDictionary(p => p.Name, p => p.Shape);
        CheckTensors(directory, tensors.Where(t => !t.Key.StartsWith("optimizer.", StringComparison.Ordinal)).ToDictionary(), wanted);
        foreach (NetworkParameter parameter in all)
        {
            // What was evaluated is what is used.
            SafetensorsEntry values = checkpoint.Position.Updates > 0 && tensors.TryGetValue(AverageOf(parameter.Name), out SafetensorsEntry? mean) ? mean : tensors[parameter.Name];
            if (!values.Shape.SequenceEqual(parameter.Shape)) throw new CheckpointException($"{directory}: the mean of {parameter.Name} is of another shape. The checkpoint is damaged.");
            network.SetParameter(parameter.Name, values.Values);
        }
        return (checkpoint, network, damage);
    }

    /// <summary>What the running mean of a parameter is called.</summary>
    public static string AverageOf(string parameter) => $"optimizer.{parameter}.average";

    private static void CheckTensors(string directory, Dictionary<string, SafetensorsEntry> tensors, Dictionary<string, IReadOnlyList<int>> wanted)
    {
        var difference = StateDictDifference.Of(wanted, tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.Shape));
        if (!difference.IsEmpty) throw new CheckpointException($"{directory}: the weights are not this model's: {difference}.");
    }

    // The name may follow from the content.
    private static void WriteWhole(string temporary, Func<string> path, Action<Stream> write)
    {
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path(), overwrite: true);
        }
        catch (IOException)
        {
            // What was written in part would keep a full disk full.
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Passes on what is written, and hashes it.</summary>
    private sealed class HashingStream(Stream to) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        /// <summary>The SHA-256 of all that was written.</summary>
        public string Hash() => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _hash.AppendData(buffer);
            to.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
        public override void Flush() => to.Flush();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
