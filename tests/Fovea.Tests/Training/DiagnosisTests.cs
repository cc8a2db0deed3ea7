namespace Fovea.Tests.Training;

/// <summary>Each finding is provoked; a healthy training has none.</summary>
public class DiagnosisTests
{
    private static readonly TrainingSettings s_settings = new() { Epochs = 1, BatchSize = 16, Optimizer = new Adam(0.005f), ValidationFraction = 0, Seed = 3 };

    private static Trainer Start(string model, Dataset data, TrainingSettings? settings = null)
    {
        ModelSpec spec = ModelSpec.Parse(model, data.Shape);
        return new Trainer(spec, data, (settings ?? s_settings) with { Loss = (settings ?? s_settings).Loss is NllLoss ? Loss.For(spec) : settings!.Loss }, threads: 1);
    }

    private static Finding Found(Trainer trainer, string kind) => Assert.Single(Diagnosis.Of(trainer).Findings, finding => finding.Kind == kind);

    /// <summary>Samples x = 1 with these targets.</summary>
    private static Dataset Targets(params float[] targets) => Dataset.FromTensor(
        new Tensor(targets.Length, Shape.Flat(1), [.. targets.Select(_ => 1f)]), new Tensor(targets.Length, Shape.Flat(1), targets), "targets");

    [Fact]
    public void A_healthy_training_has_no_finding()
    {
        Trainer trainer = Start("conv 6 k3 nobias | batchnorm | relu | maxpool 2 | flatten | linear 12 | relu | linear 3 | logsoftmax", Problems.Bars(600),
            s_settings with { Epochs = 4, ValidationFraction = 0.1 });
        trainer.Run();
        Assert.InRange(trainer.History[^1].ValidationAccuracy!.Value, 0.95, 1);
        Diagnosis diagnosis = Diagnosis.Of(trainer);
        Assert.Empty(diagnosis.Findings.Select(finding => finding.ToString()));
        // Convolution, batch normalization, two rectified layers, two linear ones.
        Assert.Equal([1, 2, 3, 6, 7, 8], diagnosis.Layers.Select(layer => layer.Layer));
        // ln 3, for three classes; the weights are drawn.
        Assert.InRange(diagnosis.StartLoss!.Value, 0.9, 1.3);
    }

    [Fact]
    public void A_network_without_parameters_is_examined_too()
    {
        Trainer trainer = Start("relu | flatten", Problems.Bars(64));
        trainer.Run();
        Diagnosis diagnosis = Diagnosis.Of(trainer);
        Assert.DoesNotContain(diagnosis.Findings, finding => finding.Kind == Finding.NotFinite);
        // Nothing has been learned.
        Assert.Equal(diagnosis.StartLoss!.Value, trainer.History[^1].TrainLoss, 1e-5);
    }

    [Fact]
    public void Dead_units_are_counted_and_a_layer_of_them_is_told_apart()
    {
        Trainer trainer = Start("flatten | linear 8 | relu | linear 3 | logsoftmax", Problems.Bars(64));
        float[] bias = trainer.Network.GetParameter("1.bias");
        for (int dead = 0; dead < 8; dead++)
        {
            trainer.Network.SetParameter("1.bias", [.. bias.Select((value, i) => i < dead ? -1000f : value)]);
            Assert.Equal(dead / 8.0, Diagnosis.Of(trainer).Layers.Single(layer => layer.Layer == 3).DeadShare);
        }
        Finding finding = Found(trainer, Finding.DeadUnits);
        Assert.Equal(("layer 3 relu", 7 / 8.0), (finding.Where, finding.Figure));
        Assert.Equal("layer 3 relu: 7 of 8 units are 0 for all 64 samples looked at: these samples give them no gradient, and unless others do, they learn no more. "
            + "Use a smaller learning rate, leakyrelu, or batch normalization before it.", finding.ToString());

        trainer.Network.SetParameter("1.bias", [.. bias.Select(_ => -1000f)]);
        Assert.Contains("8 of 8 units are 0 for all 64 samples looked at: none of them has a gradient through the layer", Found(trainer, Finding.DeadUnits).Sentence);
        Assert.DoesNotContain(Diagnosis.Of(trainer).Findings, other => other.Kind == Finding.VanishingGradient);
    }

    private const string Blocks = "conv 4 k3 p1 | residual(conv 4 k3 p1 nobias | batchnorm | relu | conv 4 k3 p1 ; ; relu) | concat(conv 3 k1 | relu ; ) | branch(conv 2 k3 | relu) | flatten | linear 3 | logsoftmax";

    [Fact]
    public void Layers_inside_blocks_are_examined_too()
    {
        Trainer trainer = Start(Blocks, Problems.Bars(64));
        // Batch normalization without a spread leaves its bias alone: three of four channels below 0.
        trainer.Network.SetParameter("1.body.1.weight", new float[4]);
        trainer.Network.SetParameter("1.body.1.bias", [-1, -1, 1, -1]);
        trainer.Network.SetParameter("2.0.0.bias", [-1000, 1000, -1000]);
        Diagnosis diagnosis = Diagnosis.Of(trainer);
        Assert.Equal([("layer 2 residual, body layer 3 relu (ReLU-4)", 0.75), ("layer 3 concat, branch 1 layer 2 relu (ReLU-9)", 2 / 3.0)],
            diagnosis.Findings.Where(found => found.Kind == Finding.DeadUnits).Take(2).Select(found => (found.Where, found.Figure)));
        Assert.Equal([1, 2, 2, 2, 2, 2, 3, 3, 4, 4, 6], diagnosis.Layers.Select(layer => layer.Layer));
        Assert.Contains(diagnosis.Layers, layer => layer is { Layer: 2, Name: "residual, body layer 2 batchnorm2d", MeanDrift: not null });
        Assert.Contains(diagnosis.Layers, layer => layer is { Layer: 4, Name: "branch, layer 2 relu", DeadShare: not null });
    }

    [Fact]
    public void Statistics_inside_a_block_are_those_of_what_it_reads()
    {
        // The same network with and without the block around it.
        Trainer flat = Start("conv 4 k3 | batchnorm | relu | flatten | linear 3 | logsoftmax", Problems.Bars(64)), block = Start("branch(conv 4 k3 | batchnorm | relu) | flatten | linear 3 | logsoftmax", Problems.Bars(64));
        flat.Run();
        block.Run();
        LayerFigures[] outside = [.. Diagnosis.Of(flat).Layers.Take(3)], inside = [.. Diagnosis.Of(block).Layers.Take(3)];
        Assert.Equal(outside.Select(layer => (layer.DeadShare, layer.MeanDrift, layer.VarianceDrift, layer.GradientNorm)),
            inside.Select(layer => (layer.DeadShare, layer.MeanDrift, layer.VarianceDrift, layer.GradientNorm)));
        Assert.NotNull(inside[1].MeanDrift);
    }

    [Fact]
    public void Layers_are_called_as_in_the_summary()
    {
        // With blocks a layer's number is not that of its row.
        ModelSpec blocks = ModelSpec.Parse(Blocks, new Shape(2, 7, 6));
        string[] rows = [.. ModelSummary.Of(blocks).Layers.Select(layer => layer.Name)];
        Assert.Equal(rows.Except(["ReLU-6"]), LayerPlace.Of(blocks).Select(place => place.Row).OfType<string>());
        Assert.Equal("ReLU-6", rows[5]);
        // Without, it is, where no row is left out without being counted.
        ModelSpec flat = Zoo.Get("stride2");
        Assert.Equal(LayerPlace.Of(flat).Where(place => place.Layer is not Flatten).Select(place => (place.Called, $"{place.Layer.TorchName}-{place.Index + 1}")),
            ModelSummary.Of(flat, hide: ["flatten"], renumber: false).Layers.Select(layer => ($"layer {layer.Place + 1} {flat.Layers[layer.Place]}", layer.Name)));
    }

    [Fact]
    public void A_parameter_that_is_not_finite_is_found_inside_a_block()
    {
        Trainer trainer = Start(Blocks, Problems.Bars(64));
        trainer.Network.SetParameter("1.body.1.weight", [1, float.NaN, 1, 1]);
        Finding finding = Found(trainer, Finding.NotFinite);
        Assert.Equal("layer 2 residual, body layer 2 batchnorm2d (BatchNorm2d-3)", finding.Where);
        Assert.StartsWith($"{finding.Where}: 1 of the 4 numbers of its weight are NaN after update 0", finding.Sentence);
    }

    [Fact]
    public void What_is_not_finite_is_found_inside_blocks()
    {
        Trainer trainer = Start(Blocks, Problems.Bars(64));
        trainer.Network.SetParameter("1.body.1.weight", [.. Enumerable.Repeat(1e30f, 4)]);
        trainer.Network.SetParameter("1.body.3.weight", [.. Enumerable.Repeat(1e30f, 4 * 4 * 9)]);
        Finding? finding = Assert.Throws<TrainingFailedException>(() => trainer.Run()).Finding;
        Assert.Equal(Finding.NotFinite, finding!.Kind);
        Assert.StartsWith("layer 2 residual, body layer 4 conv2d(filters 4, kernel 3, padding 1) (Conv2d-5) is the first whose output is not finite", finding.Sentence);
    }

    [Fact]
    public void Outputs_that_are_looked_at_are_the_references()
    {
        Trainer trainer = Start(Blocks, Problems.Bars(19));
        int[] samples = [.. Enumerable.Range(0, 19)];
        float[] x = new float[19 * trainer.Network.Input.Count];
        for (int i = 0; i < 19; i++) trainer.Data.CopySample(i, x.AsSpan(i * trainer.Network.Input.Count, trainer.Network.Input.Count));
        var reference = new ReferenceNetwork<float>(trainer.Network, 19, training: false);
        reference.Forward(x);
        var expected = reference.Outputs.ToDictionary(output => output.Layer, output => output.Output);
        Assert.Equal(LayerPlace.Of(trainer.Model).Select(place => place.Number), reference.Outputs.Select(output => output.Layer));
        foreach (int lanes in Laws.Plans.Lanes)
        {
            var seen = new HashSet<(int, int)>();
            ExecutionPlan plan = Laws.Plans.Create(trainer.Network, new PlanOptions { BatchSize = 19, Threads = 1, Lanes = lanes, Fuse = false, MicroBatchGroups = 1 });
            plan.Observe(new Batch(trainer.Data, samples), null, (layer, sample, output) =>
            {
                Assert.True(seen.Add((layer, sample)));
                Laws.Numbers.AssertClose([.. expected[layer].AsSpan(sample * output.Length, output.Length).ToArray().Select(value => (double)value)],
                    [.. output.ToArray().Select(value => (double)value)], 1e-5, $"layer {layer}", size: 1);
            });
            Assert.Equal(expected.Count * 19, seen.Count);
        }
    }

    [Fact]
    public void A_channel_of_a_convolution_is_dead_when_it_is_0_everywhere()
    {
        Trainer trainer = Start("conv 4 k3 | relu | flatten | linear 3 | logsoftmax", Problems.Bars(64));
        trainer.Network.SetParameter("0.bias", [-1000, 0, -1000, 1000]);
        Finding finding = Found(trainer, Finding.DeadUnits);
        Assert.StartsWith("layer 2 relu: 2 of 4 channels are 0 for all 64 samples looked at", finding.Sentence);
    }

    [Fact]
    public void Norms_of_gradients_are_those_of_the_mean_loss_of_all_samples_of_the_probe()
    {
        Dataset data = Problems.Bars(64);
        Trainer trainer = Start("conv 4 k3 | relu | flatten | linear 3 | logsoftmax", data);
        var reference = new ReferenceNetwork<double>(trainer.Network, 64, training: true);
        float[] x = new float[64 * data.Shape.Count];
        for (int i = 0; i < 64; i++) data.CopySample(i, x.AsSpan(i * data.Shape.Count, data.Shape.Count));
        double[] y = reference.Forward([.. x.Select(value => (double)value)]);
        reference.Backward(ReferenceNetwork<double>.Loss(new NllLoss(), trainer.Model.Output, y.Length / trainer.Model.Output.Count, y, data.Label, (_, _) => 0).Gradient);
        Diagnosis diagnosis = Diagnosis.Of(trainer);
        Assert.Equal(64, diagnosis.ProbeSamples);
        foreach (int layer in (int[])[0, 3])
        {
            LayerFigures figures = diagnosis.Layers.Single(l => l.Layer == layer + 1);
            double norm = Math.Sqrt(reference.Gradients[layer][0].Sum(g => g * g));
            Laws.Numbers.AssertClose([norm], [figures.GradientNorm!.Value], 1e-5, "layer");
            Laws.Numbers.AssertClose([norm / Math.Sqrt(reference.Gradients[layer][0].Length)], [figures.GradientSize!.Value], 1e-5, "layer");
            Laws.Numbers.AssertClose([Math.Sqrt(reference.Parameters[layer][0].Sum(w => w * w))], [figures.WeightNorm!.Value], 1e-5, "layer");
        }
    }

    [Fact]
    public void Gradients_vanish_through_many_sigmoids()
    {
        string deep = string.Join(" | ", Enumerable.Repeat("linear 8 | sigmoid", 8));
        Finding finding = Found(Start($"flatten | {deep} | linear 3 | logsoftmax", Problems.Bars(64)), Finding.VanishingGradient);
        // The derivative of a sigmoid is at most 1/4, and weights of eight inputs are drawn within 0.35: much less than (1/4)^7 arrives.
        Assert.Equal("layer 2 linear(features 8)", finding.Where);
        Assert.InRange(finding.Figure, 0, Math.Pow(0.25, 7));
        Assert.DoesNotContain(Diagnosis.Of(Start($"flatten | {deep.Replace("sigmoid", "relu")} | linear 3 | logsoftmax", Problems.Bars(64))).Findings, f => f.Kind == Finding.VanishingGradient);
    }

    [Fact]
    public void Gradients_explode_through_large_weights()
    {
        // Three weights of 30 in a row, x = 1, target 0: y = 27,000, and the derivative by each weight is 2y * 30^2 = 48,600,000.
        Trainer trainer = Start("linear 1 nobias | linear 1 nobias | linear 1 nobias", Targets(new float[32]), s_settings with { Loss = new MseLoss() });
        foreach (string name in (string[])["0.weight", "1.weight", "2.weight"]) trainer.Network.SetParameter(name, [30]);
        Finding[] findings = [.. Diagnosis.Of(trainer).Findings.Where(finding => finding.Kind == Finding.ExplodingGradient)];
        Assert.Equal(3, findings.Length);
        Assert.All(findings, finding => Assert.Equal(48_600_000 / 30.0, finding.Figure, 10.0));
    }

    [Fact]
    public void Running_statistics_of_too_few_updates_are_not_the_samples()
    {
        // One channel of one number: 8 samples of 8, 8 of 12, mean 10, variance 4 * 16/15. After one update of the whole batch the running mean is
        // 0.1 * 10 and the running variance 0.9 + 0.1 * 4 * 16/15.
        float[] values = [.. Enumerable.Range(0, 16).Select(i => i % 2 == 0 ? 8f : 12f)];
        Dataset data = Dataset.FromTensor(new Tensor(16, new Shape(1, 1, 1), values), [.. Enumerable.Range(0, 16).Select(i => i % 2)], classes: 2);
        Trainer trainer = Start("batchnorm | flatten | linear 2 | logsoftmax", data);
        trainer.Run();
        double variance = 4 * 16 / 15.0, mean = 9 / Math.Sqrt(variance), ratio = Math.Log(variance / (0.9 + 0.1 * variance));
        LayerFigures figures = Diagnosis.Of(trainer).Layers[0];
        Assert.Equal(mean, figures.MeanDrift!.Value, 1e-4);
        Assert.Equal(ratio, figures.VarianceDrift!.Value, 1e-4);
        Finding finding = Found(trainer, Finding.BatchStatistics);
        Assert.Equal("layer 1 batchnorm2d", finding.Where);
        Assert.Equal(mean, finding.Figure, 1e-4);
    }

    [Fact]
    public void The_noise_scale_follows_from_the_norms_of_two_batch_sizes()
    {
        // A gradient of squared norm 4 and noise of variance 12 a sample: in a batch of B the squared norm is 4 + 12/B on average.
        GradientNoise noise = GradientNoise.Of(4 + 12 / 2.0, 2, 4 + 12 / 6.0, 6);
        Assert.Equal((4, 12, 3), (Math.Round(noise.SquaredNorm, 9), Math.Round(noise.Variance, 9), Math.Round(noise.Scale!.Value, 9)));
        Assert.Null(GradientNoise.Of(12, 1, 2, 6).Scale);
    }

    [Fact]
    public void A_batch_far_above_the_noise_scale_is_found()
    {
        // y = w x with w = 0 and x = 1: the gradient of a sample is -2t. Targets of 0.9 and 1.1: single samples have a squared norm of 4 * 1.01 on
        // average, all 32 together of 4. So |G|^2 = (32 * 4 - 4.04) / 31 and tr = 0.04 / (1 - 1/32).
        Trainer trainer = Start("linear 1 nobias", Targets([.. Enumerable.Range(0, 32).Select(i => i % 2 == 0 ? 0.9f : 1.1f)]), s_settings with { Loss = new MseLoss(), BatchSize = 32 });
        trainer.Network.SetParameter("0.weight", [0]);
        double scale = 0.04 / (1 - 1 / 32.0) / ((32 * 4 - 4.04) / 31);
        GradientNoise noise = Diagnosis.Of(trainer).Noise!;
        Assert.Equal((1, 32), (noise.SmallBatch, noise.LargeBatch));
        Assert.Equal(scale, noise.Scale!.Value, 1e-6);
        Assert.Equal(32 / scale, Found(trainer, Finding.BatchSize).Figure, 0.1);
    }

    [Fact]
    public void A_learning_rate_that_is_too_high_is_found()
    {
        Trainer trainer = Start("flatten | linear 16 | relu | linear 3 | logsoftmax", Problems.Bars(120), s_settings with { Optimizer = new Sgd(20) });
        trainer.Run();
        Finding finding = Found(trainer, Finding.LearningRate);
        Assert.True(finding.Figure > 1.05);
        Assert.Equal("Use a smaller learning rate than 20, or a warm-up", finding.Remedy);
    }

    [Theory]
    [InlineData(Sampling.Plain, 0.05)]
    [InlineData(Sampling.Balanced, 0.5)]
    [InlineData(Sampling.Weighted, 0.5)]
    public void A_loss_is_above_that_of_the_untrained_network_only_by_the_samples_that_the_updates_draw(Sampling sampling, double share)
    {
        // One of 20 samples is of class 1, to which the network gives a probability of 1 / (1 + e^6): it costs ln(1 + e^6) = 6.0025, one of class 0 ln(1 + e^-6) =
        // 0.0025. That is 0.3025 over all samples, and 3.0025 where both classes are drawn alike, before anything has gone wrong; hardly any step is made.
        Dataset data = Dataset.FromTensor(new Tensor(960, Shape.Flat(1)), [.. Enumerable.Range(0, 960).Select(i => i % 20 == 0 ? 1 : 0)], classes: 2);
        Trainer trainer = Start("linear 1 initialBias=-6 | sigmoid", data, s_settings with { Optimizer = new Sgd(1e-6f), Loss = new BceLoss(), Sampling = sampling });
        trainer.Run();
        Diagnosis diagnosis = Diagnosis.Of(trainer);
        // All samples are in the probe; those that are drawn with replacement have the share but for chance, sqrt(0.25 / 960) = 0.016.
        Assert.Equal(960, diagnosis.ProbeSamples);
        Assert.Equal(0.0025 + 6 * share, diagnosis.StartLoss!.Value, sampling == Sampling.Weighted ? 0.4 : 1e-4);
        Assert.Equal(diagnosis.StartLoss.Value, trainer.History[0].TrainLoss, 1e-3);
        Assert.DoesNotContain(diagnosis.Findings, finding => finding.Kind == Finding.LearningRate);
    }

    private static List<EpochResult> History(params (double Train, double? Validation)[] epochs) =>
        [.. epochs.Select((epoch, i) => new EpochResult(i + 1, epoch.Train, 0.5, epoch.Validation, 0.5, 1))];

    [Fact]
    public void Losses_that_rise_again_are_found_and_those_that_waver_are_not()
    {
        Assert.Equal(3, CurveFindings.LearningRate(History((1, null), (0.5, null), (1.5, null)), start: 2.3, rate: 1)!.Figure);
        Assert.Contains("has risen from 0.5 in epoch 2 to 1.5 in epoch 3", CurveFindings.LearningRate(History((1, null), (0.5, null), (1.5, null)), 2.3, 1)!.Sentence);
        Assert.Equal(2, CurveFindings.LearningRate(History((4.6, null), (0.5, null)), 2.3, 1)!.Figure);
        Assert.Null(CurveFindings.LearningRate(History((1, null), (0.5, null), (0.7, null)), 2.3, 1));
        // Twice next to nothing is next to nothing.
        Assert.Null(CurveFindings.LearningRate(History((1, null), (0.01, null), (0.02, null)), 2.3, 1));
        Assert.Null(CurveFindings.LearningRate([], 2.3, 1));
    }

    [Fact]
    public void A_validation_loss_that_rises_for_three_epochs_is_found()
    {
        Assert.Equal(2, CurveFindings.Overfitting(History((1, 1), (0.8, 0.5), (0.6, 0.6), (0.4, 0.7), (0.2, 1)))!.Figure);
        // For two epochs; while the training loss rises too; without validation.
        Assert.Null(CurveFindings.Overfitting(History((1, 1), (0.8, 0.5), (0.6, 0.5), (0.4, 0.7), (0.2, 1))));
        Assert.Null(CurveFindings.Overfitting(History((1, 1), (0.8, 0.5), (0.9, 0.6), (0.9, 0.7), (0.9, 1))));
        Assert.Null(CurveFindings.Overfitting(History((1, null), (0.8, null), (0.6, null), (0.4, null), (0.2, null))));
    }

    [Fact]
    public void A_ratio_to_0_can_be_written()
    {
        // The least loss may be 0 to the last digit, and gradients of samples that are all alike do not differ.
        Finding overfitting = CurveFindings.Overfitting(History((1, 1), (0.8, 0), (0.6, 0.6), (0.4, 0.7), (0.2, 1)))!;
        Finding rate = CurveFindings.LearningRate(History((1, null), (0, null), (1, null)), start: 2.3, rate: 1)!;
        Trainer trainer = Start("linear 1 nobias", Targets([.. Enumerable.Repeat(1f, 64)]), s_settings with { Loss = new MseLoss(), BatchSize = 32 });
        trainer.Network.SetParameter("0.weight", [0]);
        foreach (Finding finding in (Finding[])[overfitting, rate, Found(trainer, Finding.BatchSize)])
        {
            Assert.Equal(double.MaxValue, finding.Figure);
            Assert.DoesNotContain("Infinity", finding.Sentence);
        }
        // A checkpoint holds what was found after an epoch.
        trainer.Run();
        trainer.Enter([overfitting]);
        using var folder = new TemporaryFolder();
        trainer.Save(folder.Path);
        Assert.Equal(overfitting, TrainedNetwork.Load(folder.Path).History[0].Findings![0]);
    }

    [Fact]
    public void Classes_drawn_at_random_are_learned_by_heart()
    {
        // The images say nothing about the classes.
        Tensor images = new(60, Shape.Flat(40), Laws.Numbers.Uniform(60 * 40, seed: 5, bound: 1));
        Dataset data = Dataset.FromTensor(images, [.. Enumerable.Range(0, 60).Select(i => i % 3)], classes: 3);
        Trainer trainer = Start("linear 64 | relu | linear 3 | logsoftmax", data, s_settings with { Epochs = 30, ValidationFraction = 0.3, BatchSize = 8 });
        trainer.Run();
        Assert.Contains("the network learns its samples by heart", Found(trainer, Finding.Overfitting).Sentence);
    }

    [Fact]
    public void A_diagnosis_changes_nothing_and_is_the_same_after_a_resumption()
    {
        using var folder = new TemporaryFolder();
        TrainingSettings settings = s_settings with { Epochs = 3, BatchSize = 10, ValidationFraction = 0.1 };
        Trainer plain = new(Problems.Model, Problems.Bars(50), settings), watched = new(Problems.Model, Problems.Bars(50), settings);
        plain.Run();
        var monitor = new TrainingMonitor(watched);
        using var stop = new CancellationTokenSource();
        watched.Run(progress => { if (progress.Step.Update == 7) stop.Cancel(); }, epoch => monitor.Examine(epoch), stop.Token);
        _ = Diagnosis.Of(watched);
        watched.Save(folder.Path);
        Trainer resumed = Trainer.Resume(folder.Path, Problems.Bars(50), threads: 1);
        resumed.Run();
        foreach (NetworkParameter parameter in plain.Network.Parameters.Concat(plain.Network.Buffers))
            Assert.Equal(plain.Network.GetParameter(parameter.Name), resumed.Network.GetParameter(parameter.Name));
        Diagnosis first = Diagnosis.Of(plain), second = Diagnosis.Of(resumed);
        // Only the second was watched.
        Assert.Equal(first.Findings, second.Findings.Select(finding => finding with { Epoch = null }));
        Assert.Contains(second.Findings, finding => finding.Epoch == 1);
        Assert.Equal(first.Layers, second.Layers);
        Assert.Equal(first.Noise, second.Noise);
    }

    [Fact]
    public void While_it_trains_each_finding_is_told_once()
    {
        Trainer trainer = Start("flatten | linear 16 | relu | linear 3 | logsoftmax", Problems.Bars(120), s_settings with { Epochs = 5, Optimizer = new Sgd(20) });
        var monitor = new TrainingMonitor(trainer);
        var told = new List<(int Epoch, string Kind, string Where)>();
        trainer.Run(epochDone: epoch => told.AddRange(monitor.Examine(epoch).Select(finding => (epoch.Epoch, finding.Kind, finding.Where))));
        Assert.Contains((1, Finding.LearningRate, "training"), told);
        Assert.Distinct(told.Select(finding => (finding.Kind, finding.Where)));
        Assert.All(told, finding => Assert.Contains(finding.Epoch, (int[])[1, 2, 4]));
        // The epochs keep it, and what is found at the end says since when.
        Assert.Equal(told, trainer.History.SelectMany(epoch => (epoch.Findings ?? []).Select(finding => (epoch.Epoch, finding.Kind, finding.Where))));
        Assert.Equal(1, Found(trainer, Finding.LearningRate).Epoch);
    }

    [Fact]
    public void What_was_found_and_is_gone_is_told_apart()
    {
        Trainer trainer = Start("flatten | linear 8 | relu | linear 3 | logsoftmax", Problems.Bars(64), s_settings with { Epochs = 2 });
        float[] bias = trainer.Network.GetParameter("1.bias");
        var monitor = new TrainingMonitor(trainer);
        trainer.Run(epochDone: epoch =>
        {
            trainer.Network.SetParameter("1.bias", [.. bias.Select(value => epoch.Epoch == 1 ? -1000f : 1000f)]);
            monitor.Examine(epoch);
        });
        Diagnosis diagnosis = Diagnosis.Of(trainer);
        Assert.DoesNotContain(diagnosis.Findings, finding => finding.Kind == Finding.DeadUnits);
        Assert.Equal((Finding.DeadUnits, "layer 3 relu", 1), Assert.Single(diagnosis.Passed.Select(finding => (finding.Kind, finding.Where, finding.Epoch))));
    }

    [Theory]
    // The probe takes 1,024 of 40,960 samples and more than 32 times as many are seen in each epoch; of 64 samples it takes all.
    [InlineData(40960, "1 2 4 8 16 32 64")]
    [InlineData(4096, "1 16 32 64")]
    [InlineData(64, "1 64")]
    public void Examinations_are_rare_beside_the_training(int samples, string epochs)
    {
        Dataset data = Dataset.FromTensor(new Tensor(samples, Shape.Flat(1), new float[samples]), new Tensor(samples, Shape.Flat(1), new float[samples]), "zeros");
        var monitor = new TrainingMonitor(Start("linear 1", data, s_settings with { Loss = new MseLoss(), Epochs = 200 }));
        Assert.Equal(epochs, string.Join(' ', Enumerable.Range(1, 100).Where(epoch => monitor.IsDue(new EpochResult(epoch, 1, 1, null, null, 1)))));
    }

    [Fact]
    public void The_end_is_left_to_the_diagnosis()
    {
        Trainer trainer = Start("flatten | linear 16 | relu | linear 3 | logsoftmax", Problems.Bars(120), s_settings with { Epochs = 2, Optimizer = new Sgd(20) });
        var monitor = new TrainingMonitor(trainer);
        var due = new List<bool>();
        trainer.Run(epochDone: epoch => due.Add(monitor.IsDue(epoch)));
        Assert.Equal([true, false], due);
    }
}
