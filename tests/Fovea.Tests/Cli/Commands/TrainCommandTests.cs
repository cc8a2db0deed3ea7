using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fovea.Lab;

namespace Fovea.Tests;

public sealed class TrainCommandTests(TrainedModel trained) : IClassFixture<TrainedModel>, IDisposable
{
    private const string Tiny = "conv 2 k5 s2 | relu | flatten | linear 10";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Out => _folder["out"];

    [Fact]
    public void A_training_prints_a_line_per_epoch_and_the_test_accuracy_and_keeps_a_checkpoint()
    {
        string[] lines = trained.Output.TrimEnd().Split('\n');
        Assert.Equal(9, lines.Length);
        // 4 x 25 + 4 parameters, 4 x 7 x 7 inputs of 10 outputs, and their constants.
        Assert.Equal($"{TrainedModel.Model} on mnist: 2,074 parameters, 1,900 samples to train on, 100 for validation", lines[0]);
        Assert.Equal("adam with learning rate 0.005, batches of 32, loss nll, seed 1", lines[1]);
        for (int epoch = 1; epoch <= 4; epoch++)
            Assert.Matches(@$"^epoch {epoch}/4: loss \d\.\d{{4}}, accuracy \d+\.\d\d%   validation: loss \d\.\d{{4}}, accuracy \d+\.\d\d%   \d+\.\d s$", lines[1 + epoch]);
        Assert.Matches(@"^test: loss \d\.\d{4}, accuracy [89]\d\.\d\d% on 10,000 samples$", lines[6]);
        Assert.Matches($@"samples/s; the network is in {Regex.Escape(trained.Folder)}, run \d+ of fovea runs$", lines[7]);
        Assert.StartsWith("diagnosis: nothing wrong was found; the gradient noise scale is about ", lines[8]);
        // ceil(1,900 / 32) = 60 updates an epoch.
        Assert.Equal([".json", ".safetensors"], Directory.EnumerateFiles(trained.Folder, "checkpoint-00000240*").Select(Path.GetExtension).Order());
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(trained.Folder).Count());
    }

    [Fact]
    public void A_training_that_another_program_goes_on_with_is_left_to_it()
    {
        string[] begin = ["train", Tiny, "--epochs", "1", "--limit", "300", "--out", Out], goOn = ["train", "--resume", Out];
        CommandLineRun.OutputOf(begin);
        string[] files = [.. Directory.GetFiles(Out).Order()];
        using (RunLock.Take(Out, "fovea studio"))
        {
            CommandLineRun.AssertRefused($"{Out}: it is in the hands of fovea studio, process {Environment.ProcessId}. Wait for its end", goOn);
            string other = Directory.CreateDirectory(_folder["new"]).FullName;
            using (RunLock.Take(other, "fovea studio")) CommandLineRun.AssertRefused($"{other}: it is in the hands of fovea studio", [.. begin[..^1], other]);
        }
        Assert.Equal(files, Directory.GetFiles(Out).Order());
        CommandLineRun.OutputOf(goOn);
    }

    [Fact]
    public void A_training_begins_with_the_weights_of_a_file()
    {
        string file = _folder["w.safetensors"];
        CommandLineRun.OutputOf("export", trained.Folder, file, "--format", "safetensors");
        string[] lines = CommandLineRun.OutputOf("train", TrainedModel.Model, "--weights", file, "--limit", "500", "--epochs", "1", "--out", Out).Split('\n');
        Assert.Contains($", weights of {file}, seed 1", lines[1]);
        // It was good already: a training from the beginning is not after 8 updates.
        double accuracy = double.Parse(Regex.Match(lines[2], @"accuracy (\d+\.\d+)%").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(accuracy, 85, 100);
        // The folder itself serves as well: the same weights, and so the same training.
        string[] fromFolder = CommandLineRun.OutputOf("train", TrainedModel.Model, "--weights", trained.Folder, "--limit", "500", "--epochs", "1", "--out", _folder["again"]).Split('\n');
        Assert.Equal(lines[2][..lines[2].LastIndexOf("   ", StringComparison.Ordinal)], fromFolder[2][..fromFolder[2].LastIndexOf("   ", StringComparison.Ordinal)]);
        CommandLineRun.AssertRefused($"{file}: the weights are not those of lenet5: missing: ", "train", "lenet5", "--weights", file, "--out", _folder["other"]);
        CommandLineRun.AssertRefused("train: --weights cannot be given with --resume", "train", "--resume", Out, "--weights", file);
    }

    [Fact]
    public void Augmentation_means_of_weights_lars_and_an_ignored_class_are_settings_that_are_kept()
    {
        string output = CommandLineRun.OutputOf("train", Tiny, "--epochs", "1", "--limit", "300", "--optimizer", "sgd", "--lr", "1", "--lars", "0.01", "--ema", "0.9", "--augment", "shift=1 flip",
            "--ignore-index", "9", "--out", Out);
        Assert.Contains("sgd with learning rate 1, batches of 64, loss cross-entropy without class 9, augmented by shift=1 flip, seed 1", output);
        TrainingSettings settings = TrainedNetwork.Load(Out).Settings;
        Assert.Equal(new Sgd(1) { TrustCoefficient = 0.01f, EmaDecay = 0.9f }, settings.Optimizer);
        Assert.Equal((new CrossEntropyLoss { IgnoreIndex = 9 }, Augmentation.Parse("shift=1 flip")), (settings.Loss, settings.Augmentation));
        Assert.Contains("parameters, 1 sample to train on, 0 for validation\n", CommandLineRun.OutputOf("train", Tiny, "--epochs", "1", "--limit", "1", "--out", _folder["one"]));
        CommandLineRun.AssertRefused("--lars: adam has none. Use --optimizer sgd.", "train", Tiny, "--lars", "0.01");
        CommandLineRun.AssertRefused("train: --ema: expected a number of at least 0 and below 1, got \"1\".", "train", Tiny, "--ema", "1");
        CommandLineRun.AssertRefused("mnist has 10 classes: the one to ignore must be from 0 to 9, got 10.", "train", Tiny, "--ignore-index", "10", "--limit", "100");
        CommandLineRun.AssertRefused("--ignore-index: the loss mse cannot leave a class out. Use nll or cross-entropy.", "train", Tiny, "--loss", "mse", "--ignore-index", "1");
        CommandLineRun.AssertRefused("train: --augment: augmentation: rotate takes degrees from 0 to 180, got \"900\".", "train", Tiny, "--augment", "rotate=900");
    }

    [Fact]
    public void Tables_of_pixels_and_folders_that_are_read_as_needed_are_trained_on()
    {
        File.WriteAllText(_folder["t.csv"], string.Concat(Enumerable.Range(0, 50).Select(i => $"{i % 2},{(i % 2 == 0 ? "0,0,0,0" : "255,255,255,255")}\n")));
        Assert.Contains($"on {_folder["t.csv"]}: ", CommandLineRun.OutputOf("train", "flatten | linear 2", "--data", _folder["t.csv"], "--epochs", "20", "--lr", "0.05", "--out", Out));
        Assert.Contains("accuracy 100.00%", CommandLineRun.OutputOf("evaluate", Out));
        TestImages.WriteFolder(_folder["images"], images: 10);
        string[] Lines(params string[] more) => [.. CommandLineRun.OutputOf(["train", "conv 2 k3 | flatten | linear 2", "--data", _folder["images"], "--epochs", "2", "--out", _folder[$"run{more.Length}"], .. more])
            .Split('\n').Where(line => line.StartsWith("test:", StringComparison.Ordinal))];
        Assert.Equal(Lines(), Lines("--data-memory", "0"));
    }

    [Fact]
    public void Json_is_one_document_and_nothing_else()
    {
        using JsonDocument document = JsonDocument.Parse(CommandLineRun.OutputOf("train", Tiny, "--limit", "200", "--epochs", "2", "--optimizer", "sgd",
            "--lr", "0.01", "--momentum", "0.9", "--weight-decay", "0.1", "--validation", "0", "--seed", "7", "--threads", "1", "--out", Out, "--json"));
        JsonElement report = document.RootElement;
        Assert.Equal(["model", "parameters", "data", "trainingSamples", "validationSamples", "settings", "folder", "run", "finished", "updates", "trainSeconds",
            "samplesPerSecond", "history", "test", "diagnosis"], report.EnumerateObject().Select(property => property.Name));
        // 2 x 25 + 2, and 2 x 12 x 12 x 10 + 10.
        Assert.Equal((2942, 200, 0, true), (report.GetProperty("parameters").GetInt32(), report.GetProperty("trainingSamples").GetInt32(),
            report.GetProperty("validationSamples").GetInt32(), report.GetProperty("finished").GetBoolean()));
        JsonElement settings = report.GetProperty("settings");
        Assert.Equal((2, 64, 7), (settings.GetProperty("epochs").GetInt32(), settings.GetProperty("batchSize").GetInt32(), settings.GetProperty("seed").GetInt32()));
        JsonElement optimizer = settings.GetProperty("optimizer");
        Assert.Equal(("sgd", 0.01f, 0.9f, 0.1f), (optimizer.GetProperty("type").GetString(), optimizer.GetProperty("learningRate").GetSingle(),
            optimizer.GetProperty("momentum").GetSingle(), optimizer.GetProperty("weightDecay").GetSingle()));
        Assert.Equal("cross-entropy", settings.GetProperty("loss").GetProperty("type").GetString());
        Assert.Equal([1, 2], report.GetProperty("history").EnumerateArray().Select(epoch => epoch.GetProperty("epoch").GetInt32()));
        Assert.Equal(JsonValueKind.Null, report.GetProperty("history")[0].GetProperty("validationLoss").ValueKind);
        Assert.Equal(10000, report.GetProperty("test").GetProperty("samples").GetInt32());
    }

    [Theory]
    [InlineData("adam", null, 0.001f)]
    [InlineData("rmsprop", null, 0.01f)]
    [InlineData("adamw", "0.5", 0.5f)]
    public void The_learning_rate_is_the_optimizers_usual_one_unless_given(string optimizer, string? given, float expected)
    {
        string[] options = given is null ? [] : ["--lr", given];
        using JsonDocument document = JsonDocument.Parse(
            CommandLineRun.OutputOf(["train", Tiny, "--limit", "20", "--epochs", "1", "--optimizer", optimizer, "--out", Out, "--json", .. options]));
        Assert.Equal(expected, document.RootElement.GetProperty("settings").GetProperty("optimizer").GetProperty("learningRate").GetSingle());
    }

    [Fact]
    public void A_schedule_is_read_printed_and_kept()
    {
        string[] lines = CommandLineRun.OutputOf("train", Tiny, "--limit", "64", "--epochs", "1", "--schedule", "step every=2 factor=0.5", "--warm-up", "0.5", "--out", Out).Split('\n');
        Assert.Equal("adam with learning rate 0.001 on the schedule step after a warm-up of 0.5 epochs, batches of 64, loss cross-entropy, seed 1", lines[1]);
        Assert.Equal(new StepSchedule(2) { Factor = 0.5, WarmUp = 0.5 }, TrainedNetwork.Load(Out).Settings.Schedule);
    }

    [Fact]
    public void A_larger_model_sees_the_digits_on_a_larger_background()
    {
        CommandLineRun.OutputOf("train", "lenet5", "--limit", "64", "--epochs", "1", "--out", Out);
        Assert.Equal(new Shape(1, 32, 32), TrainedNetwork.Load(Out).Data.Shape);
    }

    [Fact]
    public void A_finished_training_that_is_resumed_shows_its_test_accuracy_once_more()
    {
        string[] lines = CommandLineRun.OutputOf("train", "--resume", trained.Folder, "--threads", "1").TrimEnd().Split('\n');
        Assert.Equal("all 4 epochs are done already", lines[2]);
        Assert.Equal(trained.Output.TrimEnd().Split('\n')[6], lines[3]);
    }

    [Fact]
    public void A_training_is_not_resumed_as_another_one()
    {
        CommandLineRun.AssertRefused($"{trained.Folder}: it holds a training of {TrainedModel.Model}, but the model given is stride2. Leave the model out, ",
            "train", "stride2", "--resume", trained.Folder);
        CommandLineRun.AssertRefused("train: --lr cannot be given with --resume: a training goes on as it began. ", "train", "--resume", trained.Folder, "--lr", "0.1");
        CommandLineRun.AssertRefused("train: --out cannot be given with --resume", "train", "--resume", trained.Folder, "--out", Out);
        CommandLineRun.AssertRefused($"{trained.Folder}: it was trained on 2000 samples of 1x28x28 of mnist, but the data given are 300 samples of 1x28x28 of mnist. ",
            "train", "--resume", trained.Folder, "--limit", "300");
        CommandLineRun.AssertRefused($"{_folder.Path}: there is no checkpoint. ", "train", "--resume", _folder.Path);
    }

    [Fact]
    public void An_output_folder_that_cannot_be_written_is_refused_before_anything_is_trained()
    {
        string file = _folder["file"];
        File.WriteAllText(file, "");
        CommandLineRun.AssertRefused($"{file}: this is a file, not a folder. Give another --out.\n", "train", Tiny, "--limit", "20", "--out", file);
        CommandLineRun.AssertRefused($"{file}/in: the folder cannot be written: ", "train", Tiny, "--limit", "20", "--out", $"{file}/in");
        CommandLineRun.AssertRefused($"{trained.Folder}: there is a trained network already. Give another --out, or continue a training with fovea train --resume {trained.Folder}.\n",
            "train", Tiny, "--limit", "20", "--out", trained.Folder);
    }

    [Fact]
    public void A_damaged_checkpoint_is_told_and_the_one_before_it_goes_on()
    {
        Dataset data = Datasets.Load("mnist", DatasetPart.Training).Take(100);
        ModelSpec model = ModelSpec.Parse(Tiny, data.Shape);
        var trainer = new Trainer(model, data, new TrainingSettings { Epochs = 3, BatchSize = 50, Loss = Loss.For(model) });
        trainer.Run(epochDone: _ => trainer.Save(Out), progress: _ => { if (trainer.Updates <= 4) trainer.Save(Out); });
        string[] descriptions = [.. Directory.GetFiles(Out, "*.json").Order()];
        // Finished: one is left.
        File.WriteAllText(Assert.Single(descriptions), "{");
        CommandLineRun.AssertRefused($"{descriptions[0]}: the checkpoint cannot be read: ", "train", "--resume", Out, "--limit", "100");

        string other = _folder["other"];
        trainer = new Trainer(model, data, new TrainingSettings { Epochs = 3, BatchSize = 50, Loss = Loss.For(model) });
        using var stop = new CancellationTokenSource();
        trainer.Run(_ =>
        {
            trainer.Save(other);
            if (trainer.Updates == 3) stop.Cancel();
        }, cancellation: stop.Token);
        descriptions = [.. Directory.GetFiles(other, "*.json").Order()];
        Assert.Equal(2, descriptions.Length);
        File.WriteAllText(descriptions[1], "{");
        CommandLineRun run = CommandLineRun.Of("train", "--resume", other, "--limit", "100");
        Assert.Equal(0, run.Code);
        Assert.StartsWith($"fovea: {descriptions[1]}: the checkpoint cannot be read: ", run.Error);
        Assert.EndsWith(" The one before it is taken, of update 2.\n", run.Error);
    }

    [Fact]
    public void A_folder_in_which_nothing_can_be_made_is_refused()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "Only Linux has a folder that not even its administrator can write.");
        CommandLineRun.AssertRefused("/proc/fovea/out: the folder cannot be written: ", "train", Tiny, "--limit", "20", "--out", "/proc/fovea/out");
        CommandLineRun.AssertRefused("/proc/fovea.db: the store cannot be used: ", "train", Tiny, "--limit", "20", "--out", Out, "--store", "/proc/fovea.db");
    }

    [Theory]
    [InlineData("train: MODEL is missing. Give a model, or --resume DIR.")]
    [InlineData("train: --lr: expected a number above 0, got \"0\".", Tiny, "--lr", "0")]
    [InlineData("train: --lr: expected a number above 0, got \"-1\".", Tiny, "--lr", "-1")]
    [InlineData("train: --lr: expected a number above 0, got \"0,1\".", Tiny, "--lr", "0,1")]
    [InlineData("train: --batch-size: expected a whole number of at least 1, got \"0\".", Tiny, "--batch-size", "0")]
    [InlineData("train: --epochs: expected a whole number of at least 1, got \"1.5\".", Tiny, "--epochs", "1.5")]
    [InlineData("train: --limit: expected a whole number of at least 1, got \"0\".", Tiny, "--limit", "0")]
    [InlineData("train: --threads: expected a whole number of at least 1, got \"0\".", Tiny, "--threads", "0")]
    [InlineData("train: --validation: expected a number of at least 0 and below 1, got \"1\".", Tiny, "--validation", "1")]
    [InlineData("train: --seed: expected a whole number that is not negative, got \"-3\".", Tiny, "--seed", "-3")]
    [InlineData("train: --checkpoint-seconds: expected a number above 0, got \"0\".", Tiny, "--checkpoint-seconds", "0")]
    [InlineData("train: --optimizer: expected sgd, adam, adamw, rmsprop, adagrad, nadam or lion, got \"adma\". Did you mean adam?", Tiny, "--optimizer", "adma")]
    [InlineData("train: --schedule: there is no schedule \"onecycle\". Did you mean one-cycle? There are: constant, step, cosine, exponential, one-cycle, plateau.", Tiny, "--schedule", "onecycle")]
    [InlineData("train: --schedule: schedule step: every must be a whole number, got \"x\".", Tiny, "--schedule", "step every=x")]
    [InlineData("settings: the schedule one-cycle has a rise of its own and takes no warm-up, got 1.", Tiny, "--schedule", "one-cycle", "--warm-up", "1")]
    [InlineData("train: --loss: expected nll, cross-entropy, mse, mae, bce, bce-with-logits, huber, smooth-l1, log-cosh, hinge, multi-margin, focal or kl, got \"hubber\".", Tiny, "--loss", "hubber")]
    [InlineData("train: --class-weights: expected class weights as in balanced or 1:20, got \"a:b\".", Tiny, "--class-weights", "a:b")]
    [InlineData("--class-weights: the loss mse has none. Use --loss nll, cross-entropy, bce, bce-with-logits or multi-margin.", Tiny, "--loss", "mse", "--class-weights", "balanced")]
    [InlineData("mnist has 10 classes, but there are 2 class weights (1:2). Give one for each class.", Tiny, "--class-weights", "1:2")]
    [InlineData("--label-smoothing: the loss nll has none. Use --loss cross-entropy and a model that ends with logits.", Tiny, "--loss", "nll", "--label-smoothing", "0.1")]
    [InlineData("--momentum: adam has none. Use --optimizer sgd or rmsprop.", Tiny, "--momentum", "0.9")]
    [InlineData("the model ends with linear(features 10), but the loss nll takes log-probabilities: ", Tiny, "--loss", "nll")]
    [InlineData("the model ends with sigmoid, but the loss nll takes log-probabilities: use the loss bce, ", "flatten | linear 1 | sigmoid", "--loss", "nll")]
    [InlineData("the data have 10 classes, but the network has 5 outputs. End it with a linear layer of 10 features.", "flatten | linear 5")]
    [InlineData("the loss needs a flat output, but the network's output is an image of 4x24x24. ", "conv 4 k5")]
    [InlineData("mnist: the samples are 1x28x28 and do not fit into 1x14x14. ", Tiny, "--input", "1x14x14")]
    [InlineData("mnist: 1 samples are too few: none is left to train on.", Tiny, "--limit", "1", "--validation", "0.9")]
    [InlineData("train: --lr: expected a number above 0, got \"1e39\".", Tiny, "--lr", "1e39")]
    [InlineData("train: --resume: the name is empty. Give one, or leave the option out.", "--resume", "")]
    [InlineData("train: --weights: the name is empty. Give one, or leave the option out.", Tiny, "--weights", "")]
    [InlineData("there is no dataset \"\" and no file or folder of this name. Give one of mnist, ", Tiny, "--data", "")]
    [InlineData("there is no dataset \"mnits\" and no file or folder of this name. Did you mean mnist? Give one of mnist, fashion-mnist, ", Tiny, "--data", "mnits")]
    [InlineData("fashion-mnist: /nowhere is not there. Get it with fovea data get fashion-mnist, install the Debian package dataset-fashion-mnist (", Tiny, "--data", "fashion-mnist",
        "--data-folder", "/nowhere")]
    public void Wrong_input_is_refused_and_nothing_is_written(string message, params string[] args)
    {
        CommandLineRun.AssertRefused(message, ["train", .. args, "--out", Out]);
        Assert.False(Directory.Exists(Out));
    }

    [Fact]
    public void What_a_training_suffers_from_is_told_while_it_trains_and_at_its_end()
    {
        string output = CommandLineRun.OutputOf("train", "flatten | linear 16 | relu | linear 10", "--limit", "300", "--epochs", "2", "--optimizer", "sgd", "--lr", "5", "--out", Out);
        Assert.Matches(@"epoch 1/2: .*\nfound: (.*\n)*epoch 2/2", output);
        Assert.Matches("diagnosis: the mean training loss of epoch . was .*, above the .* of the untrained network: the learning rate is probably too high. Use a smaller learning rate than 5, or a warm-up.", output);
    }

    [Fact]
    public void What_is_no_longer_found_at_the_end_is_told_apart()
    {
        // After 5 updates the running statistics still hold 0.9^5 = 59% of where they began, after 80 nothing of it.
        string output = CommandLineRun.OutputOf("train", "conv 4 k5 s2 | batchnorm | relu | flatten | linear 10 | logsoftmax", "--limit", "300", "--validation", "0", "--epochs", "16", "--out", Out);
        Assert.Contains("found: layer 2 batchnorm2d: its running means are ", output);
        Assert.DoesNotContain("diagnosis: layer 2 batchnorm2d", output);
        Assert.Contains("diagnosis: what was found of layer 2 batchnorm2d after epoch 1 (batch-statistics) is no longer found\n", output);
    }

    [Fact]
    public void Of_many_layers_with_the_same_fault_three_are_told()
    {
        // One update leaves 9/10 of the variance of 1 that running statistics begin with; after a convolution of PyTorch's initial weights it is about a third.
        string model = string.Concat(Enumerable.Repeat("conv 4 k3 | batchnorm | ", 5)) + "flatten | linear 10";
        string[] told = [.. CommandLineRun.OutputOf("train", model, "--limit", "40", "--epochs", "1", "--out", Out).Split('\n').Where(line => line.StartsWith("diagnosis: ", StringComparison.Ordinal))];
        Assert.Equal(3, told.Count(line => line.Contains("batchnorm2d: its running means", StringComparison.Ordinal)));
        Assert.Contains("diagnosis: 2 more layers with the same fault (batch-statistics): fovea runs lists all", told);
    }

    [Fact]
    public void A_training_that_diverges_fails_with_exit_code_1()
    {
        CommandLineRun run = CommandLineRun.Of("train", "flatten | linear 10", "--limit", "200", "--optimizer", "sgd", "--lr", "1e38", "--out", Out);
        Assert.Equal(1, run.Code);
        Assert.Contains("the training has diverged. Use a smaller learning rate than ", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public void A_training_is_entered_in_the_store_with_its_epochs_and_on_request_its_updates()
    {
        string path = _folder["fovea.db"];
        string[] training = ["train", Tiny, "--limit", "100", "--validation", "0.2", "--epochs", "2", "--batch-size", "32", "--optimizer", "sgd", "--lr", "0.01",
            "--schedule", "step every=1 factor=0.5", "--store", path, "--json"];
        CommandLineRun.OutputOf([.. training, "--out", _folder["plain"]]);
        using JsonDocument document = JsonDocument.Parse(CommandLineRun.OutputOf([.. training, "--out", _folder["steps"], "--record-steps"]));
        using RunStore store = RunStore.Open(path);
        Assert.Equal(["plain", "steps"], store.Runs().Select(run => run.Name));
        RunRecord run = store.Runs()[1];
        // 80 samples in batches of 32: 3 updates an epoch.
        Assert.Equal((null, 6, 2, "100"), (run.Study, run.Updates, run.History.Count, run.Setting("samples")));
        Assert.Equal(document.RootElement.GetProperty("run").GetInt64(), run.Id);
        Assert.Equal(document.RootElement.GetProperty("test").GetProperty("loss").GetDouble(), run.TestLoss);
        Assert.Empty(store.Steps(1));
        IReadOnlyList<StepResult> steps = store.Steps(2);
        Assert.Equal([1, 2, 3, 4, 5, 6], steps.Select(step => step.Update));
        Assert.Equal([0.01f, 0.01f, 0.01f, 0.005f, 0.005f, 0.005f], steps.Select(step => step.LearningRate));
        // An epoch's loss is the mean over its samples: of 32, 32 and 16.
        for (int epoch = 0; epoch < 2; epoch++)
        {
            Assert.Equal(run.History[epoch].TrainLoss, (2 * steps[3 * epoch].Loss + 2 * steps[3 * epoch + 1].Loss + steps[3 * epoch + 2].Loss) / 5, 1e-12);
            Assert.Equal(run.History[epoch].TrainAccuracy, (2 * steps[3 * epoch].Accuracy + 2 * steps[3 * epoch + 1].Accuracy + steps[3 * epoch + 2].Accuracy) / 5, 1e-12);
        }
        Assert.Equal(7, CommandLineRun.OutputOf("runs", "export", "--csv", "--steps", "--store", path).TrimEnd().Split('\n').Length);
    }

    [Fact]
    public async Task An_interrupted_training_stops_cleanly_and_can_be_resumed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent by kill.");
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Fovea.Cli.dll"), "train", Tiny, "--limit", "200", "--epochs", "2000000", "--checkpoint-seconds", "0.05" },
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string folder = Path.Combine("runs", "model-1");
        while (!TrainedNetwork.Exists(_folder[folder])) await Task.Delay(20, TestContext.Current.CancellationToken);
        // Not SIGINT, which a shell lets programs in the background ignore; both are handled alike.
        using (Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"])) await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((130, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)));
        Assert.EndsWith($"; the checkpoint is in {folder}\ngo on with: fovea train --resume {folder}\n", await output);
        Dataset data = Datasets.Load("mnist", DatasetPart.Training).Take(200);
        Trainer trainer = Trainer.Resume(_folder[folder], data);
        Assert.False(trainer.IsFinished);
        Assert.True(trainer.Updates > 0);
    }
}
