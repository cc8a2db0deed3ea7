using Fovea.Bench;
using Fovea.Tests.Laws;
using static TorchSharp.torch;
using Torch = TorchSharp.torch.Tensor;

namespace Fovea.Oracle.Tests;

/// <summary>Values and gradients of every loss, of ordinary and of extreme outputs, against libtorch.</summary>
public class LossOracleTests : OracleTests
{
    internal static readonly Loss[] All =
    [
        new NllLoss(), new CrossEntropyLoss(), new CrossEntropyLoss { LabelSmoothing = 0.2f }, new MseLoss(), new MaeLoss(), new BceLoss(),
        new BceWithLogitsLoss(), new HuberLoss(), new HuberLoss { Delta = 0.7f }, new SmoothL1Loss(), new SmoothL1Loss { Beta = 0.3f },
        new LogCoshLoss(), new HingeLoss(), new MultiMarginLoss(), new MultiMarginLoss { Margin = 2.5f }, new FocalLoss(),
        new FocalLoss { Gamma = 1.5f }, new KlDivergenceLoss(),
    ];

    /// <summary>What is compared in all: every loss as it is, and those that take them with class weights and with a class that is ignored.</summary>
    internal static IEnumerable<Loss> Compared =>
    [
        .. All, .. All.OfType<ClassWeightedLoss>().Select(loss => loss with { ClassWeights = ClassWeights.Balanced }),
        .. All.OfType<LikelihoodLoss>().Select(loss => loss with { IgnoreIndex = 1 }),
    ];

    private static readonly int[] s_batches = [1, 3, 19];

    public static TheoryData<string> Names => [.. All.Select(loss => loss.ToString())];

    [Theory, MemberData(nameof(Names))]
    public void Values_and_gradients_agree(string name)
    {
        Loss loss = All.Single(loss => loss.ToString() == name);
        foreach (int samples in s_batches)
        {
            foreach (int features in (int[])[1, 5, 23])
            {
                int count = samples * features;
                float[] outputs = [.. Numbers.Uniform(count, seed: 1).Select(value => loss switch
                {
                    BceLoss => 0.5f + 0.499f * value,
                    NllLoss or KlDivergenceLoss => -4 + 4 * value,
                    _ => 4 * value,
                })];
                // Every other target is 0 or 1, the others lie between; some are met exactly.
                float[] targets = [.. Numbers.Uniform(count, seed: 2).Select((value, i) => i % 2 == 0 ? MathF.Round(0.5f + 0.5f * value) : 0.5f + 0.5f * value)];
                if (loss is MseLoss or MaeLoss or HuberLoss or SmoothL1Loss or LogCoshLoss) for (int i = 0; i < count; i += 3) targets[i] = outputs[i];
                AssertAgrees(loss, samples, features, outputs, targets);
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Extreme_outputs_agree(string name)
    {
        Loss loss = All.Single(loss => loss.ToString() == name);
        float[] extremes = loss switch
        {
            BceLoss => [0, 1, 1e-30f, 1e-7f, MathF.BitDecrement(1), 0.5f],
            NllLoss or KlDivergenceLoss => [0, -100, -1e4f, -1e30f, -1e-30f, -87],
            MseLoss or HuberLoss or SmoothL1Loss or LogCoshLoss => [0, 1e15f, -1e15f, 1e-20f, 1e4f, -1e-4f],
            MaeLoss => [0, 1e30f, -1e30f, 1e-30f, 1e4f, -1e-4f],
            _ => [0, 88.8f, -103.5f, 1e4f, -1e4f, 1e30f, -1e30f, 1e-30f],
        };
        // All triples: the first three features of a sample.
        float[] outputs = [.. from a in extremes from b in extremes from c in extremes from value in (float[])[a, b, c] select value];
        foreach (float other in (float[])[0, 0.25f])
        {
            float[] targets = [.. Enumerable.Range(0, outputs.Length).Select(i => i % 2 == 0 ? 1 : other)];
            AssertAgrees(loss, outputs.Length / 3, 3, outputs, targets);
            AssertAgrees(loss, outputs.Length, 1, outputs, targets);
        }
    }

    public static TheoryData<string> Weighted => [.. All.OfType<ClassWeightedLoss>().Select(loss => loss.ToString())];

    public static TheoryData<string> Ignoring => [.. All.OfType<LikelihoodLoss>().Select(loss => loss.ToString())];

    [Theory, MemberData(nameof(Ignoring))]
    public void A_class_that_is_ignored_agrees(string name)
    {
        var loss = (LikelihoodLoss)All.Single(loss => loss.ToString() == name) with { IgnoreIndex = 1 };
        foreach (var (samples, weighs) in ((int, bool)[])[(7, false), (37, false), (37, true)])
        {
            using var scope = NewDisposeScope();
            const int features = 4;
            Shape shape = Shape.Flat(features);
            int[] labels = [.. Enumerable.Range(0, samples).Select(i => i * 7 % features)];
            float[] outputs = [.. Numbers.Uniform(samples * features, seed: 3).Select(value => loss is NllLoss ? -4 + 4 * value : 4 * value)];
            double[] weights = [0.5, 3, 1, 2];
            Torch x = Samples(outputs, shape, samples).requires_grad_();
            Torch mean = TorchModel.Loss(loss, x, tensor([.. labels.Select(label => (long)label)]), weighs ? tensor(weights) : null);
            mean.backward();
            double[] gradient = Values(x.grad!);

            Dataset data = Dataset.FromTensor(new Fovea.Tensor(samples, shape, outputs), labels, features);
            Loss own = weighs ? loss with { ClassWeights = ClassWeights.Of(weights) } : loss;
            var memory = new TapMemory(new float[outputs.Length], new float[outputs.Length]);
            var network = new Network(new ModelSpec(shape, [new Tap(memory), new Dropout(0)]));
            foreach (int lanes in Plans.Lanes)
            {
                var optimizer = new OptimizerState(network, new Sgd(), seed: 1);
                ExecutionPlan plan = Plans.Create(network, new PlanOptions { BatchSize = samples, Threads = 1, Loss = own, Optimizer = optimizer, Lanes = lanes, MicroBatchGroups = 1 });
                string what = $"{name}, batch {samples}, {lanes} lanes";
                AssertClose(mean.item<double>(), plan.Train(new Batch(data, [.. Enumerable.Range(0, samples)]), keepGradients: true).Mean, $"{what}: the loss");
                for (int i = 0; i < gradient.Length; i++)
                    Assert.True(Math.Abs(memory.Gradients[i] - gradient[i]) <= 2e-6 * Math.Max(1.0 / samples, Math.Abs(gradient[i])), $"{what}: the derivative by number {i} should be {gradient[i]:R}, but is {memory.Gradients[i]:R}");
            }
        }
    }

    [Theory, MemberData(nameof(Weighted))]
    public void Class_weights_agree(string name)
    {
        var loss = (ClassWeightedLoss)All.Single(loss => loss.ToString() == name);
        foreach (int samples in s_batches)
        {
            foreach (int features in (int[])[2, 5, 23])
            {
                using var scope = NewDisposeScope();
                Shape shape = Shape.Flat(features);
                // One of the classes counts nothing.
                double[] weights = [.. Enumerable.Range(0, features).Select(i => i == 1 ? 0 : 0.25 * (i + 1))];
                int[] labels = [.. Enumerable.Range(0, samples).Select(i => i * 7 % features)];
                float[] outputs = [.. Numbers.Uniform(samples * features, seed: 3).Select(value => loss switch { BceLoss => 0.5f + 0.499f * value, NllLoss => -4 + 4 * value, _ => 4 * value })];
                float[] oneHot = [.. labels.SelectMany(label => Enumerable.Range(0, features).Select(i => i == label ? 1f : 0f))];
                Torch x = Samples(outputs, shape, samples).requires_grad_();
                Torch wanted = loss.TargetsAreClasses ? tensor([.. labels.Select(label => (long)label)]) : Samples(oneHot, shape, samples);
                Torch weight = loss.TargetsAreClasses ? tensor(weights) : tensor([.. labels.Select(label => weights[label])]).unsqueeze(1);
                Torch mean = TorchModel.Loss(loss, x, wanted, weight);
                mean.backward();
                double[] gradient = Values(x.grad!);

                Dataset data = Dataset.FromTensor(new Fovea.Tensor(samples, shape, outputs), labels, features);
                Loss weighted = loss with { ClassWeights = ClassWeights.Of(weights) };
                var memory = new TapMemory(new float[outputs.Length], new float[outputs.Length]);
                var network = new Network(new ModelSpec(shape, [new Tap(memory), new Dropout(0)]));
                foreach (int lanes in Plans.Lanes)
                {
                    foreach (int groups in (int[])[0, 1])
                    {
                        ExecutionPlan plan = Plans.Create(network, new PlanOptions
                        {
                            BatchSize = samples,
                            Threads = 1,
                            Loss = weighted,
                            Optimizer = new OptimizerState(network, new Sgd(), seed: 1),
                            Lanes = lanes,
                            MicroBatchGroups = groups,
                        });
                        string what = $"batch {samples}, {features} features, {lanes} lanes, {groups} groups";
                        int[] all = [.. Enumerable.Range(0, samples)];
                        AssertClose(mean.item<double>(), plan.Train(new Batch(data, all), keepGradients: true).Mean, $"{what}: the loss");
                        for (int i = 0; i < gradient.Length; i++)
                        {
                            double rounding = 2e-6 * Math.Max(1.0 / samples, Math.Abs(gradient[i]));
                            Assert.True(Math.Abs(memory.Gradients[i] - gradient[i]) <= rounding, $"{what}: the derivative by number {i} should be {gradient[i]:R}, but is {memory.Gradients[i]:R}");
                        }
                        AssertClose(mean.item<double>(), Trainer.Evaluate(network, data, weighted, threads: 1).Loss, $"{what}: the loss of an evaluation");
                    }
                }
            }
        }
    }

    private static void AssertAgrees(Loss loss, int samples, int features, float[] outputs, float[] targets)
    {
        using var scope = NewDisposeScope();
        Shape shape = Shape.Flat(features);
        int[] labels = [.. Enumerable.Range(0, samples).Select(i => i * 7 % features)];
        Torch x = Samples(outputs, shape, samples).requires_grad_();
        Torch wanted = loss.TargetsAreClasses ? tensor([.. labels.Select(label => (long)label)]) : Samples(targets, shape, samples);
        Torch mean = TorchModel.Loss(loss, x, wanted);
        mean.backward();
        double[] gradient = Values(x.grad!);
        // Of each sample by itself: in the mean of extreme ones the others would drown.
        double[] values = [.. Enumerable.Range(0, samples).Select(i => TorchModel.Loss(loss, x[i..(i + 1)], wanted[i..(i + 1)]).item<double>())];

        // The tap stands where the gradient of the loss arrives; a network needs something behind it.
        var memory = new TapMemory(new float[outputs.Length], new float[outputs.Length]);
        var network = new Network(new ModelSpec(shape, [new Tap(memory), new Dropout(0)]));
        var input = new Fovea.Tensor(samples, shape, outputs);
        Dataset data = loss.TargetsAreClasses
            ? Dataset.FromTensor(input, labels, features)
            : Dataset.FromTensor(input, new Fovea.Tensor(samples, shape, targets));
        foreach (int lanes in Plans.Lanes)
        {
            string what = $"batch {samples}, {features} features, {lanes} lanes";
            ExecutionPlan plan = Plans.Create(network, new PlanOptions
            {
                BatchSize = samples,
                Threads = 1,
                Loss = loss,
                Optimizer = new OptimizerState(network, new Sgd(), seed: 1),
                Lanes = lanes,
            });
            double sum = plan.Train(new Batch(data, [.. Enumerable.Range(0, samples)]), keepGradients: true).Loss;
            AssertClose(mean.item<double>(), sum / loss.Terms(samples, shape), $"{what}: the loss");
            for (int i = 0; i < samples; i++)
                AssertClose(values[i], plan.Evaluate(new Batch(data, [i])).Loss / loss.Terms(1, shape), $"{what}: the loss of sample {i}");
            for (int i = 0; i < gradient.Length; i++)
            {
                // A derivative of the order of 1 is a difference of numbers of that order; each is divided by the number of terms.
                double rounding = 2e-6 * Math.Max(1.0 / loss.Terms(samples, shape), Math.Abs(gradient[i]));
                Assert.True(Math.Abs(memory.Gradients[i] - gradient[i]) <= rounding,
                    $"{what}: the derivative by number {i}, {outputs[i]:R}, should be {gradient[i]:R}, but is {memory.Gradients[i]:R}");
            }
        }
    }

    private static void AssertClose(double expected, double actual, string what)
    {
        // A loss near 0 is what is left of outputs of the order of 1.
        Assert.True(Math.Abs(actual - expected) <= 2e-6 * Math.Max(1, Math.Abs(expected)), $"{what} should be {expected:R}, but is {actual:R}");
    }
}
