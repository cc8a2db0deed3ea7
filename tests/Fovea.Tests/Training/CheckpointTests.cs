using System.Text.Json.Nodes;
using Fovea.Tests.Laws;

namespace Fovea.Tests.Training;

public class CheckpointTests
{
    private static readonly TrainingSettings s_settings = new() { Epochs = 2, BatchSize = 8, ValidationFraction = 0.2, Seed = 4 };

    private static readonly Dictionary<string, Optimizer> s_optimizers = new()
    {
        ["sgd"] = new Sgd(0.05f),
        ["sgd with momentum"] = new Sgd(0.05f) { Momentum = 0.9f, Dampening = 0.1f, WeightDecay = 0.01f },
        ["adam"] = new Adam(0.01f),
        ["adamw"] = new AdamW(0.01f),
        ["rmsprop"] = new RmsProp(0.01f) { Momentum = 0.5f, Centered = true },
        ["adagrad"] = new Adagrad(0.01f) { LearningRateDecay = 0.1f, InitialAccumulator = 0.1f },
        ["nadam"] = new NAdam(0.01f),
        ["sgd with lars and a mean"] = new Sgd(0.5f) { Momentum = 0.9f, TrustCoefficient = 0.01f, EmaDecay = 0.8f },
        ["adam with a mean"] = new Adam(0.01f) { EmaDecay = 0.8f },
        ["lion, clipped"] = new Lion(0.001f) { ClipNorm = 0.1f, ClipValue = 0.05f },
    };

    public static TheoryData<string> Optimizers => [.. s_optimizers.Keys];

    private static Trainer Start(TrainingSettings? settings = null) => new(Problems.Model, Problems.Bars(50), settings ?? s_settings, threads: 2);

    /// <summary>Trains on, for so many updates or to the end.</summary>
    private static void Run(Trainer trainer, int updates = int.MaxValue)
    {
        using var cancellation = new CancellationTokenSource();
        if (updates <= 0) return;
        int done = 0;
        trainer.Run(_ => { if (++done == updates) cancellation.Cancel(); }, cancellation: cancellation.Token);
    }

    private static void AssertSame(Trainer expected, Trainer actual)
    {
        var tensors = actual.Tensors();
        foreach (var (name, tensor) in expected.Tensors()) Laws.Numbers.AssertSameBits(Values(tensor), Values(tensors[name]), name);

        static float[] Values(SafetensorsSource tensor)
        {
            float[] values = new float[tensor.Count];
            tensor.CopyTo(values);
            return values;
        }
        Assert.Equal(expected.Updates, actual.Updates);
        Assert.Equal(expected.EpochPosition, actual.EpochPosition);
        Assert.Equal(expected.History.Select(epoch => epoch with { Seconds = 0 }), actual.History.Select(epoch => epoch with { Seconds = 0 }));
    }

    [Fact]
    public void A_resumed_training_of_blocks_has_the_very_bits_too()
    {
        ModelSpec model = ModelSpec.Parse(
            "conv 4 k3 p1 | residual(conv 4 k3 p1 nobias | batchnorm | relu | dropout 0.1 | conv 4 k3 p1 nobias | batchnorm ; ; relu)"
            + " | concat(conv 3 k1 | dropout2d 0.2 ; ) | globalavgpool | flatten | linear 3 | logsoftmax", new Shape(2, 7, 6));
        Trainer whole = new(model, Problems.Bars(50), s_settings, threads: 2), trainer = new(model, Problems.Bars(50), s_settings, threads: 2);
        Run(whole);
        using var folder = new TemporaryFolder();
        Run(trainer, updates: 3);
        trainer.Save(folder.Path);
        trainer = Trainer.Resume(folder.Path, Problems.Bars(50), threads: 1);
        Run(trainer);
        AssertSame(whole, trainer);
    }

    [Theory, MemberData(nameof(Optimizers))]
    public void A_resumed_training_has_the_very_bits_of_an_uninterrupted_one(string optimizer)
    {
        TrainingSettings settings = s_settings with { Optimizer = s_optimizers[optimizer] };
        Trainer whole = Start(settings);
        Run(whole);
        // Five updates an epoch: before the first, within an epoch, at its end, and twice on the way.
        foreach (int[] stops in (int[][])[[0], [1], [3], [5], [7], [10], [2, 4]])
        {
            using var folder = new TemporaryFolder();
            Trainer trainer = Start(settings);
            foreach (int stop in stops)
            {
                Run(trainer, stop - (int)trainer.Updates);
                trainer.Save(folder.Path);
                trainer = Trainer.Resume(folder.Path, Problems.Bars(50), threads: 1);
                Assert.Equal(stop, trainer.Updates);
            }
            Run(trainer);
            AssertSame(whole, trainer);
        }
    }

    [Fact]
    public void A_checkpoint_is_two_files_and_the_one_before_is_kept_until_the_end()
    {
        using var folder = new TemporaryFolder();
        Trainer trainer = Start();
        Assert.False(Checkpoint.Exists(folder.Path));
        for (int updates = 1; updates <= 3; updates++)
        {
            Run(trainer, 1);
            trainer.Save(folder["new/folder"]);
        }
        // At the same update once more: it replaces itself, not the one before.
        trainer.Save(folder["new/folder"]);
        string[] files = [.. Directory.GetFiles(folder["new/folder"]).Select(file => Path.GetFileName(file)!).Order()];
        Assert.Equal(4, files.Length);
        Assert.Matches("^checkpoint-00000002-[0-9a-f]{8}.safetensors$", files[0]);
        Assert.Equal("checkpoint-00000002.json", files[1]);
        Assert.Matches("^checkpoint-00000003-[0-9a-f]{8}.safetensors$", files[2]);
        Assert.Equal("checkpoint-00000003.json", files[3]);
        Run(trainer);
        trainer.Save(folder["new/folder"]);
        Assert.Equal(2, Directory.GetFiles(folder["new/folder"]).Length);
    }

    [Fact]
    public void In_place_of_a_damaged_checkpoint_the_one_before_is_taken_and_said()
    {
        Trainer whole = Start();
        Run(whole);
        foreach (string kind in (string[])["weights", "description", "missing weights"])
        {
            using var folder = new TemporaryFolder();
            Trainer trainer = Start();
            Run(trainer, 2);
            trainer.Save(folder.Path);
            Run(trainer, 2);
            trainer.Save(folder.Path);
            string damaged = Directory.GetFiles(folder.Path, kind == "description" ? "checkpoint-00000004.json" : "checkpoint-00000004-*").Single();
            if (kind == "missing weights") File.Delete(damaged);
            else File.WriteAllText(damaged, "damaged");

            Trainer resumed = Trainer.Resume(folder.Path, Problems.Bars(50), threads: 1);
            Assert.Equal(2, resumed.Updates);
            Assert.StartsWith(kind == "missing weights" ? folder["checkpoint-00000004.json"] : damaged, resumed.CheckpointWarning);
            Assert.EndsWith(" The one before it is taken, of update 2.", resumed.CheckpointWarning);
            Assert.Equal(resumed.CheckpointWarning, TrainedNetwork.Load(folder.Path).CheckpointWarning);
            // On the way to the same bits the damaged one is replaced, and the good one stays as the one before.
            Run(resumed, 1);
            resumed.Save(folder.Path);
            Assert.Equal(["checkpoint-00000002.json", "checkpoint-00000003.json"], Directory.GetFiles(folder.Path, "*.json").Select(Path.GetFileName).Order());
            Trainer again = Trainer.Resume(folder.Path, Problems.Bars(50), threads: 1);
            Assert.Null(again.CheckpointWarning);
            Run(again);
            AssertSame(whole, again);
        }
    }

    [Fact]
    public void A_training_that_goes_on_on_another_engine_is_marked_and_stays_so()
    {
        using var folder = new TemporaryFolder();
        Trainer trainer = Start();
        Run(trainer, 2);
        trainer.Save(folder.Path);
        Assert.Equal(Engine.Description, Assert.Single(trainer.Places).Machine.Engine);
        Assert.Empty(Resumed().Warnings);
        // A checkpoint of before this was kept says nothing.
        string json = folder["checkpoint-00000002.json"];
        JsonNode checkpoint = JsonNode.Parse(File.ReadAllText(json))!;
        JsonObject machine = checkpoint["position"]!["places"]![0]!["machine"]!.AsObject();
        Assert.Equal(Engine.Description, machine["engine"]!.GetValue<string>());
        machine["engine"] = "";
        File.WriteAllText(json, checkpoint.ToJsonString());
        Assert.Empty(Resumed().Warnings);

        machine["engine"] = "Fovea 0.0.1, vectors of 3 numbers";
        File.WriteAllText(json, checkpoint.ToJsonString());
        Trainer moved = Resumed();
        Assert.StartsWith("another engine made some of the updates (Fovea 0.0.1, vectors of 3 numbers): on this one (Fovea ", Assert.Single(moved.Warnings));
        Run(moved, 1);
        moved.Save(folder.Path);
        Assert.Equal(["Fovea 0.0.1, vectors of 3 numbers", Engine.Description], Resumed().Places.Select(place => place.Machine.Engine));
        Assert.Single(Resumed().Warnings);

        Trainer Resumed() => Trainer.Resume(folder.Path, Problems.Bars(50), threads: 1);
    }

    [Fact]
    public void The_engine_is_described_by_its_version_system_vectors_and_registers()
    {
        string numbers = System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? "16" : System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated ? "8" : "4";
        // Some processors with AVX-512 are slower by its widest vectors, which .NET then leaves out, but have its 32 registers: other convolutions are quicker in
        // tiles there than with 16, and their bits are others.
        string registers = System.Runtime.Intrinsics.X86.Avx512F.VL.IsSupported || System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported ? "32" : "16";
        Assert.Matches($@"^Fovea \d+\.\d+\.\d+\S*( \([0-9a-f]{{7}}\))?, (Linux|Windows|macOS) \w+, vectors of {numbers} numbers, {registers} registers(, shared adders)?(, reference kernels)?(, unfused)?$", Engine.Description);
        // Intel's multipliers are the adders of wide vectors: other convolutions are quicker in tiles there.
        if (OperatingSystem.IsLinux() && File.Exists("/proc/cpuinfo"))
            Assert.Equal(registers == "32" && File.ReadAllText("/proc/cpuinfo").Contains("GenuineIntel"), Engine.Description.Contains(", shared adders"));
    }

    [Fact]
    public void Where_both_checkpoints_are_damaged_the_newest_is_named()
    {
        using var folder = new TemporaryFolder();
        Trainer trainer = Start();
        for (int i = 0; i < 2; i++)
        {
            Run(trainer, 1);
            trainer.Save(folder.Path);
        }
        foreach (string json in Directory.GetFiles(folder.Path, "*.json")) File.WriteAllText(json, "{");
        Assert.StartsWith($"{folder["checkpoint-00000002.json"]}: the checkpoint cannot be read: ", Assert.Throws<CheckpointException>(() => Trainer.Resume(folder.Path, Problems.Bars(50))).Message);
    }

    [Fact]
    public void Writing_a_checkpoint_takes_the_memory_of_its_largest_tensor()
    {
        using var folder = new TemporaryFolder();
        // Eight layers of 65,536 weights of 4 bytes, each with two moments of Adam: 6 MB in all, 256 kB of them the largest tensor.
        string layers = string.Join(" | ", Enumerable.Repeat("linear 256 nobias", 8));
        var trainer = new Trainer(ModelSpec.Parse($"{layers} | linear 3 | logsoftmax", Shape.Flat(256)),
            Dataset.FromTensor(new Tensor(4, Shape.Flat(256), new float[1024]), [0, 1, 2, 0], classes: 3), new TrainingSettings { ValidationFraction = 0 }, threads: 1);
        trainer.Save(folder.Path);
        long before = GC.GetAllocatedBytesForCurrentThread();
        trainer.Save(folder.Path);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1 << 18, 1 << 20);
    }

    [Fact]
    public void On_a_full_disk_the_older_checkpoint_stays_and_nothing_is_left_half_written()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has a device that is always full.");
        using var folder = new TemporaryFolder();
        Trainer trainer = Start();
        Run(trainer, 2);
        trainer.Save(folder.Path);
        Run(trainer, 1);
        // Under these names the next files are written: that meets a disk without room.
        foreach (string next in (string[])["checkpoint-00000003.safetensors.tmp", "checkpoint-00000003.json.tmp"])
        {
            string temporary = folder[next];
            File.CreateSymbolicLink(temporary, "/dev/full");
            var exception = Assert.Throws<CheckpointException>(() => trainer.Save(folder.Path));
            Assert.StartsWith($"{folder.Path}: the checkpoint cannot be written: No space left on device", exception.Message);
            Assert.EndsWith("What was there before is as it was: make room or the folder writable, and go on.", exception.Message);
            Assert.Empty(Directory.GetFiles(folder.Path, "*.tmp"));
            Trainer resumed = Trainer.Resume(folder.Path, Problems.Bars(50));
            Assert.Equal((2, null), (resumed.Updates, resumed.CheckpointWarning));
        }
        trainer.Save(folder.Path);
        AssertSame(trainer, Trainer.Resume(folder.Path, Problems.Bars(50)));
    }

    [Fact]
    public void The_weights_are_a_safetensors_file_with_pytorch_s_names()
    {
        using var folder = new TemporaryFolder();
        Trainer trainer = Start();
        Run(trainer, 2);
        trainer.Save(folder.Path);
        var tensors = Safetensors.Read(Directory.GetFiles(folder.Path, "*.safetensors").Single());
        Assert.Equal([6, 2, 3, 3], tensors["0.weight"].Shape);
        Assert.Equal(trainer.Network.GetParameter("0.weight"), tensors["0.weight"].Values);
        Assert.Equal(trainer.Network.GetParameter("1.running_var"), tensors["1.running_var"].Values);
        // The convolution leaves 6x5x4, the pooling 6x2x2 = 24.
        Assert.Equal([12, 24], tensors["optimizer.6.weight.exp_avg_sq"].Shape);
        // Seven parameters, of which Adam keeps two numbers each, and two buffers.
        Assert.Equal(7 + 2 * 7 + 2, tensors.Count);
    }

    [Fact]
    public void A_crash_before_the_new_json_is_there_leaves_the_old_checkpoint()
    {
        using var folder = new TemporaryFolder();
        Trainer trainer = Start();
        Run(trainer, 3);
        trainer.Save(folder.Path);
        // New weights are there, and the JSON under its temporary name; or the weights too.
        File.WriteAllBytes(folder["checkpoint-00000004-12345678.safetensors"], [1, 2, 3]);
        File.WriteAllText(folder["checkpoint-00000004.json.tmp"], "{");
        File.WriteAllBytes(folder["checkpoint-00000005-12345678.safetensors.tmp"], [1]);

        Trainer resumed = Trainer.Resume(folder.Path, Problems.Bars(50));
        AssertSame(trainer, resumed);
        // The next checkpoint clears them away.
        Run(resumed, 1);
        resumed.Save(folder.Path);
        Assert.Equal(4, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void A_crash_before_the_old_checkpoint_is_removed_leaves_the_new_one()
    {
        using var folder = new TemporaryFolder();
        using var old = new TemporaryFolder();
        Trainer trainer = Start();
        Run(trainer, 3);
        trainer.Save(old.Path);
        Run(trainer, 1);
        trainer.Save(folder.Path);
        foreach (string file in Directory.GetFiles(old.Path)) File.Copy(file, folder[Path.GetFileName(file)]);
        AssertSame(trainer, Trainer.Resume(folder.Path, Problems.Bars(50)));
    }

    [Fact]
    public void A_crash_on_the_way_to_replacing_another_training_s_checkpoint_leaves_that()
    {
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        Trainer first = Start(), second = Start(s_settings with { Seed = 5 });
        Run(first, 3);
        Run(second, 3);
        first.Save(folder.Path);
        // As many updates, so that the JSON will be replaced: the crash comes when only the weights are there.
        second.Save(other.Path);
        string weights = Directory.GetFiles(other.Path, "*.safetensors").Single();
        File.Copy(weights, folder[Path.GetFileName(weights)], overwrite: true);
        AssertSame(first, Trainer.Resume(folder.Path, Problems.Bars(50)));
    }

    [Fact]
    public void A_checkpoint_can_be_used_as_a_network()
    {
        using var folder = new TemporaryFolder();
        Trainer trainer = Start();
        Run(trainer);
        trainer.Save(folder.Path);
        TrainedNetwork trained = TrainedNetwork.Load(folder.Path);
        Assert.Equal(Problems.Model, trained.Network.Model);
        Assert.Equal(s_settings, trained.Settings);
        Assert.Equal(DataDescription.Of(Problems.Bars(50)), trained.Data);
        Assert.Equal(trainer.History, trained.History);
        Assert.Equal(trainer.Evaluate(Problems.Bars(30, seed: 3)), Trainer.Evaluate(trained.Network, Problems.Bars(30, seed: 3), new NllLoss()));
    }

    [Fact]
    public void Settings_of_all_kinds_come_back()
    {
        using var folder = new TemporaryFolder();
        TrainingSettings settings = new()
        {
            Epochs = 7,
            BatchSize = 9,
            Optimizer = new RmsProp(0.003f) { Momentum = 0.25f, Centered = true, WeightDecay = 1e-4f },
            Schedule = new StepSchedule(3) { Factor = 0.25, WarmUp = 0.5 },
            Loss = new MseLoss(),
            Seed = ulong.MaxValue,
            ValidationFraction = 0.3,
        };
        Start(settings).Save(folder.Path);
        Assert.Equal(settings, TrainedNetwork.Load(folder.Path).Settings);
    }

    [Fact]
    public void A_checkpoint_from_before_a_setting_existed_has_its_usual_value()
    {
        using var folder = new TemporaryFolder();
        Start().Save(folder.Path);
        string path = Directory.GetFiles(folder.Path, "*.json").Single();
        JsonNode node = JsonNode.Parse(File.ReadAllText(path))!;
        Assert.True(node["settings"]!.AsObject().Remove("schedule"));
        File.WriteAllText(path, node.ToJsonString());
        Assert.Equal(s_settings, TrainedNetwork.Load(folder.Path).Settings);
    }

    [Fact]
    public void Where_updates_were_made_is_kept_and_unknown_where_it_was_not()
    {
        using var folder = new TemporaryFolder();
        Trainer first = Start();
        Assert.Empty(first.Places);
        Run(first, 3);
        first.Save(folder.Path);
        Trainer second = Trainer.Resume(folder.Path, Problems.Bars(50), threads: 1);
        // To look at it is no update.
        Assert.Equal([new TrainingPlace(Machine.This, 2)], second.Places);
        Run(second);
        Assert.Equal([new TrainingPlace(Machine.This, 2), new TrainingPlace(Machine.This, 1)], second.Places);
        // A checkpoint from before this was kept.
        string path = Directory.GetFiles(folder.Path, "*.json").Single();
        JsonNode node = JsonNode.Parse(File.ReadAllText(path))!;
        Assert.True(node["position"]!.AsObject().Remove("places"));
        File.WriteAllText(path, node.ToJsonString());
        Trainer old = Trainer.Resume(folder.Path, Problems.Bars(50), threads: 1);
        Run(old);
        Assert.True(old.IsFinished);
        Assert.Empty(old.Places);
    }

    [Fact]
    public void A_folder_without_a_checkpoint_is_refused()
    {
        using var folder = new TemporaryFolder();
        foreach (string path in (string[])[folder.Path, folder["none"]])
        {
            Assert.Equal($"{path}: there is no checkpoint. Give the folder that a training wrote (its --out).",
                Assert.Throws<CheckpointException>(() => Trainer.Resume(path, Problems.Bars(50))).Message);
        }
    }

    [Fact]
    public void Other_data_are_refused()
    {
        using var folder = new TemporaryFolder();
        Start().Save(folder.Path);
        string Refusal(Dataset data) => Assert.Throws<CheckpointException>(() => Trainer.Resume(folder.Path, data)).Message;
        Assert.Equal($"{folder.Path}: it was trained on 50 samples of 2x7x6 of bars, but the data given are 49 samples of 2x7x6 of bars. Give the same data.", Refusal(Problems.Bars(49)));
        Assert.Equal($"{folder.Path}: it was trained on 50 samples of 2x7x6 of bars, but the data given are 50 samples of 2x7x6 of poles. Give the same data.", Refusal(Problems.Bars(50, name: "poles")));
        Assert.Equal($"{folder.Path}: it was trained on 50 samples of 2x7x6 of bars, but the data given are 50 samples of 2x7x6 of bars, with other classes or another normalization. Give the same data.",
            Refusal(Problems.Bars(50).With(new Normalization([0.1f], [0.3f]))));
    }

    [Fact]
    public void Damaged_weights_are_refused()
    {
        using var folder = new TemporaryFolder();
        Start().Save(folder.Path);
        string weights = Directory.GetFiles(folder.Path, "*.safetensors").Single(), json = Directory.GetFiles(folder.Path, "*.json").Single();
        byte[] bytes = File.ReadAllBytes(weights);
        string Refusal() => Assert.Throws<CheckpointException>(() => TrainedNetwork.Load(folder.Path)).Message;

        foreach (byte[] damaged in (byte[][])[[.. bytes[..^1], (byte)(bytes[^1] ^ 1)], bytes[..^4], []])
        {
            File.WriteAllBytes(weights, damaged);
            Assert.Equal($"{weights}: the file is not the one that {Path.GetFileName(json)} was written with. The checkpoint is damaged: restore it from a copy.", Refusal());
        }
        File.Delete(weights);
        Assert.StartsWith($"{json}: the checkpoint cannot be read: Could not find file", Refusal());
    }

    [Fact]
    public void A_damaged_description_is_refused()
    {
        using var folder = new TemporaryFolder();
        Start().Save(folder.Path);
        string json = Directory.GetFiles(folder.Path, "*.json").Single(), text = File.ReadAllText(json);
        string[] damages =
        [
            "", "null", "{}", "[]", text[..^1], text[..(text.Length / 2)], text.Replace("\"settings\"", "\"setting\""), text.Replace("\"conv2d\"", "\"conv3d\""),
            text.Replace("\"layers\":[", "\"layers\":[null,"), text.Replace("\"deviation\":[1]", "\"deviation\":[0]"), text.Replace("\"deviation\":[1]", "\"deviation\":[1,1,1]"),
        ];
        foreach (string damaged in damages)
        {
            Assert.NotEqual(text, damaged);
            File.WriteAllText(json, damaged);
            Assert.StartsWith($"{json}: the checkpoint cannot be read: ", Assert.Throws<CheckpointException>(() => TrainedNetwork.Load(folder.Path)).Message);
        }
        File.WriteAllText(json, text.Replace("\"format\":1", "\"format\":2"));
        Assert.Equal($"{json}: expected a checkpoint of format 1, got 2. Use the version of Fovea that wrote it.", Assert.Throws<CheckpointException>(() => TrainedNetwork.Load(folder.Path)).Message);
    }

    [Fact]
    public void Weights_of_another_model_are_refused()
    {
        using var folder = new TemporaryFolder();
        Start().Save(folder.Path);
        string json = Directory.GetFiles(folder.Path, "*.json").Single();
        JsonNode checkpoint = JsonNode.Parse(File.ReadAllText(json))!;
        checkpoint["model"] = JsonNode.Parse(ModelSpec.Parse("conv 6 k3 | relu | flatten | linear 3 nobias", new Shape(2, 7, 6)).ToJson());
        File.WriteAllText(json, checkpoint.ToJsonString());
        string message = $"{folder.Path}: the weights are not this model's: missing: 0.bias [6], 3.weight [3, 120]; unexpected: 1.bias [6], 1.running_mean [6]";
        Assert.StartsWith(message, Assert.Throws<CheckpointException>(() => TrainedNetwork.Load(folder.Path)).Message);
        Assert.StartsWith($"{folder.Path}: the weights are not this model's: ", Assert.Throws<CheckpointException>(() => Trainer.Resume(folder.Path, Problems.Bars(50))).Message);

        checkpoint["model"] = JsonNode.Parse((Problems.Model with { Layers = [new Conv2D(6, new Size2D(1, 3)) { Bias = false, Padding = new Size2D(0, 0) }, .. Problems.Model.Layers.Skip(1)] }).ToJson());
        File.WriteAllText(json, checkpoint.ToJsonString());
        Assert.Contains("0.weight is [6, 2, 3, 3] instead of [6, 2, 1, 3]", Assert.Throws<CheckpointException>(() => TrainedNetwork.Load(folder.Path)).Message);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        var exception = Assert.Throws<CheckpointException>(() => Start().Save(folder["file/below"]));
        Assert.StartsWith($"{folder["file/below"]}: the checkpoint cannot be written: ", exception.Message);
    }

    [Fact]
    public void The_mean_of_the_parameters_is_what_is_evaluated_and_read_from_a_checkpoint()
    {
        Trainer trainer = Start(s_settings with { Optimizer = new Adam(0.01f) { EmaDecay = 0.8f } });
        Assert.Same(trainer.Network, trainer.Averaged);
        // By hand, beside it.
        string[] names = [.. trainer.Network.Parameters.Select(parameter => parameter.Name)];
        Dictionary<string, double[]> mean = [];
        trainer.Run(_ =>
        {
            foreach (string name in names)
            {
                float[] now = trainer.Network.GetParameter(name);
                if (!mean.TryGetValue(name, out double[]? values)) mean[name] = [.. now.Select(value => (double)value)];
                else for (int i = 0; i < now.Length; i++) values[i] = 0.8 * values[i] + 0.2 * now[i];
            }
        });
        foreach (string name in names)
        {
            Laws.Numbers.AssertClose(mean[name], ((ReadOnlySpan<float>)trainer.Averaged.GetParameter(name)).ToDouble(), 1e-5, name);
            Assert.NotEqual(trainer.Network.GetParameter(name), trainer.Averaged.GetParameter(name));
        }
        Assert.Equal(trainer.Network.GetParameter("1.running_mean"), trainer.Averaged.GetParameter("1.running_mean"));
        Assert.Equal(Trainer.Evaluate(trainer.Averaged, trainer.Validation, trainer.Settings.Loss), trainer.Evaluate(trainer.Validation));
        Assert.Equal(trainer.History[^1].ValidationLoss, trainer.Evaluate(trainer.Validation).Loss);
        Assert.NotEqual(Trainer.Evaluate(trainer.Network, trainer.Validation, trainer.Settings.Loss).Loss, trainer.Evaluate(trainer.Validation).Loss);
        using var folder = new TemporaryFolder();
        trainer.Save(folder.Path);
        Network read = TrainedNetwork.Load(folder.Path).Network;
        foreach (string name in names) Assert.Equal(trainer.Averaged.GetParameter(name), read.GetParameter(name));
    }
}
