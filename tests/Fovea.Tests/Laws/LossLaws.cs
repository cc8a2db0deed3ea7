using System.Text.Json;
using System.Text.Json.Nodes;
using Fovea.Kernels;
using Fovea.Tests.Kernels;

namespace Fovea.Tests.Laws;

/// <summary>What holds for every loss.</summary>
public class LossLaws
{
    internal static readonly Loss[] All =
    [
        new NllLoss(), new CrossEntropyLoss(), new CrossEntropyLoss { LabelSmoothing = 0.2f }, new MseLoss(), new MaeLoss(), new BceLoss(),
        new BceWithLogitsLoss(), new HuberLoss(), new HuberLoss { Delta = 0.7f }, new SmoothL1Loss(), new SmoothL1Loss { Beta = 0.3f },
        new LogCoshLoss(), new HingeLoss(), new MultiMarginLoss(), new MultiMarginLoss { Margin = 2.5f }, new FocalLoss(),
        new FocalLoss { Gamma = 0 }, new FocalLoss { Gamma = 0.5f }, new KlDivergenceLoss(),
    ];

    // A lane's sample with one output, a few, and more than there are lanes.
    private static readonly int[] s_features = [1, 3, 19];

    public static TheoryData<string> Names => [.. All.Select(loss => loss.ToString())];

    [Theory, MemberData(nameof(Names))]
    public void Json_is_read_back_as_the_same_loss(string name)
    {
        Loss loss = Find(name);
        string json = JsonSerializer.Serialize(loss, FoveaJson.Of<Loss>());

        Assert.Equal(loss, JsonDefaults.Read<Loss>(JsonNode.Parse(json)!));
    }

    [Theory, MemberData(nameof(Names))]
    public void Gradients_are_those_of_finite_differences(string name)
    {
        Loss loss = Find(name);
        foreach (int features in s_features)
        {
            var (outputs, targets, labels) = Draw(loss, samples: 5, features);
            for (int sample = 0; sample < 5; sample++)
            {
                double[] x = Of(outputs, sample, features), t = Of(targets, sample, features), gradient = new double[features], unused = new double[features];
                loss.Reference(x, labels[sample], t, gradient);
                for (int i = 0; i < features; i++)
                {
                    const double step = 1e-6;
                    double value = x[i];
                    x[i] = value + step;
                    double above = loss.Reference(x, labels[sample], t, unused);
                    x[i] = value - step;
                    double below = loss.Reference(x, labels[sample], t, unused);
                    x[i] = value;
                    double difference = (above - below) / (2 * step);
                    Assert.True(Math.Abs(difference - gradient[i]) <= 1e-8 + 1e-7 * Math.Abs(difference),
                        $"{features} outputs, sample {sample}: the derivative by output {i} is {difference:R} by differences, but {gradient[i]:R} was computed");
                }
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Fast_kernels_agree_with_the_reference(string name)
    {
        Loss loss = Find(name);
        foreach (int features in s_features)
        {
            var (outputs, targets, labels) = Draw(loss, samples: 15, features);
            AssertAgrees<Lanes4>(loss, features, outputs, targets, labels);
            if (!Plans.HasVectors) continue;
            AssertAgrees<Lanes8>(loss, features, outputs, targets, labels);
            AssertAgrees<Lanes16>(loss, features, outputs, targets, labels);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Extreme_outputs_stay_finite(string name)
    {
        Loss loss = Find(name);
        float[] extremes = loss switch
        {
            BceLoss => [0, 1, 1e-30f, 0.5f, MathF.BitDecrement(1), 1e-7f],
            NllLoss or KlDivergenceLoss => [0, -100, -1e4f, -1e30f, -1e-30f, -87],
            _ => [100, -100, -1e4f, 1e4f, 0, 88.8f, -88.8f, -103.5f],
        };
        const int features = 3;
        float[] outputs = [.. from a in extremes from b in extremes from c in extremes select (float[])[a, b, c] into triple from value in triple select value];
        int samples = outputs.Length / features;
        float[] targets = [.. Enumerable.Range(0, outputs.Length).Select(i => i % 2 == 0 ? 1f : 0f)];
        int[] labels = [.. Enumerable.Range(0, samples).Select(i => i % features)];
        AssertAgrees<Lanes4>(loss, features, outputs, targets, labels);
        if (!Plans.HasVectors) return;
        AssertAgrees<Lanes8>(loss, features, outputs, targets, labels);
        AssertAgrees<Lanes16>(loss, features, outputs, targets, labels);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_pass_over_a_batch_takes_the_mean_whatever_the_micro_batches(string name)
    {
        Loss loss = Find(name);
        const int samples = 19;
        foreach (int features in s_features)
        {
            var (outputs, targets, labels) = Draw(loss, samples, features);
            var memory = new TapMemory(new float[outputs.Length], new float[outputs.Length]);
            var network = new Network(new ModelSpec(Shape.Flat(features), [new Tap(memory), new Dropout(0)]));
            var input = new Tensor(samples, Shape.Flat(features), outputs);
            Dataset data = loss.TargetsAreClasses
                ? Dataset.FromTensor(input, labels, features)
                : Dataset.FromTensor(input, new Tensor(samples, Shape.Flat(features), targets));
            double[] x = outputs.ToDouble();
            var (sum, gradient) = ReferenceNetwork<double>.Loss(loss, network.Output, loss.Terms(samples, network.Output), x, sample => labels[sample], (sample, i) => targets[sample * features + i]);

            foreach (int groups in (int[])[0, 1, 2])
            {
                ExecutionPlan plan = Plans.Create(network, new PlanOptions
                {
                    BatchSize = samples,
                    Threads = 1,
                    Loss = loss,
                    Optimizer = new OptimizerState(network, new Sgd(), seed: 1),
                    Lanes = 4,
                    MicroBatchGroups = groups,
                });
                BatchSums sums = plan.Train(new Batch(data, [.. Enumerable.Range(0, samples)]), keepGradients: true);
                Numbers.AssertClose([sum], [sums.Loss], 2e-6, $"{features} outputs, {groups} groups: loss", size: samples);
                Numbers.AssertClose(gradient, memory.Gradients.ToDouble(), 2e-6, $"{features} outputs, {groups} groups: gradient", size: 1.0 / samples);
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Samples_count_as_right_where_the_loss_says_so(string name)
    {
        Loss loss = Find(name);
        const int samples = 19;
        foreach (int features in (int[])[1, 3])
        {
            if (loss.TargetsAreClasses && features == 1) continue;
            int classes = Math.Max(2, features);
            var (outputs, _, _) = Draw(loss, samples, features);
            int[] labels = [.. Enumerable.Range(0, samples).Select(i => i % classes)];
            Dataset data = Dataset.FromTensor(new Tensor(samples, Shape.Flat(features), outputs), labels, classes);
            float boundary = loss is BceWithLogitsLoss or HingeLoss or FocalLoss ? 0 : 0.5f;
            int right = Enumerable.Range(0, samples).Count(sample =>
            {
                float[] x = outputs[(sample * features)..((sample + 1) * features)];
                return labels[sample] == (features == 1 ? (x[0] > boundary ? 1 : 0) : x.IndexOf(x.Max()));
            });
            Assert.InRange(right, 1, samples - 1);

            var network = new Network(new ModelSpec(Shape.Flat(features), [new Dropout(0)]));
            ExecutionPlan plan = Plans.Create(network, new PlanOptions { BatchSize = samples, Threads = 1, Loss = loss, Lanes = Plans.UsualLanes });
            Assert.Equal(right, plan.Evaluate(new Batch(data, [.. Enumerable.Range(0, samples)])).Correct);
        }
    }

    [Fact]
    public void Cross_entropy_is_log_softmax_and_negative_log_likelihood()
    {
        // Of logits 0, 1, 2: log(1 + e + e^2) = 2.4076059, so the losses of the classes are that minus the logit.
        double[] gradient = new double[3], unused = [];
        double loss = new CrossEntropyLoss().Reference([0, 1, 2], 1, unused, gradient);
        Assert.Equal(1.4076059644443804, loss, 12);

        double[] probabilities = [0.09003057317038046, 0.24472847105479767, 0.6652409557748219];
        Assert.Equal([probabilities[0], probabilities[1] - 1, probabilities[2]], gradient, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(loss, new NllLoss().Reference([.. probabilities.Select(p => Math.Log(p))], 1, unused, gradient), 12);
    }

    [Fact]
    public void Binary_cross_entropy_is_that_of_the_worked_example()
    {
        // Labels 1, 0, 0 and predictions 0.2, 0.5, 0.1: 0.80265 to base e.
        double sum = new BceLoss().Reference([0.2, 0.5, 0.1], -1, [1, 0, 0], new double[3]);
        Assert.Equal(0.80265, sum / 3, 5);

        // The logits of these probabilities give the same.
        double[] logits = [Math.Log(0.2 / 0.8), 0, Math.Log(0.1 / 0.9)];
        Assert.Equal(sum, new BceWithLogitsLoss().Reference(logits, -1, [1, 0, 0], new double[3]), 12);
    }

    private static Loss Find(string name) => All.Single(loss => loss.ToString() == name);

    private static double[] Of(float[] values, int sample, int features) => [.. values.Skip(sample * features).Take(features).Select(value => (double)value)];

    /// <summary>Outputs that the loss is meant for, targets and labels.</summary>
    private static (float[] Outputs, float[] Targets, int[] Labels) Draw(Loss loss, int samples, int features)
    {
        int count = samples * features;
        float[] outputs = [.. Numbers.Distinct(count, seed: 3).Select(value => loss switch
        {
            BceLoss => 0.5f + 0.49f * value,
            NllLoss or KlDivergenceLoss => -2 + value,
            _ => 3 * value,
        })];
        // Hard and soft targets.
        float[] targets = [.. Numbers.Uniform(count, seed: 4).Select((value, i) => i % 3 == 0 ? MathF.Round(0.5f + 0.5f * value) : 0.5f + 0.5f * value)];
        int[] labels = [.. Enumerable.Range(0, samples).Select(i => i * 7 % features)];
        return (outputs, targets, labels);
    }

    private static unsafe void AssertAgrees<V>(Loss loss, int features, float[] outputs, float[] targets, int[] labels) where V : struct, ILanes<V>
    {
        const float scale = 0.25f;
        double[] derivatives = new double[features];
        int* labelsOfLanes = stackalloc int[V.Count];
        for (int first = 0; first < labels.Length; first += V.Count - 1)
        {
            // One lane of the group has no sample.
            int samples = Math.Min(V.Count - 1, labels.Length - first);
            string what = $"{V.Count} lanes, {features} outputs, samples from {first}";
            GuardedBuffer x = new(features * V.Count), t = new(features * V.Count), dx = new(features * V.Count), mask = new(V.Count), losses = new(V.Count);
            x.Span.Clear();
            t.Span.Clear();
            for (int lane = 0; lane < V.Count; lane++)
            {
                bool present = lane < samples;
                mask.Span[lane] = present ? 1 : 0;
                labelsOfLanes[lane] = present ? labels[first + lane] : -1;
                for (int i = 0; present && i < features; i++)
                {
                    x.Span[i * V.Count + lane] = outputs[(first + lane) * features + i];
                    t.Span[i * V.Count + lane] = targets[(first + lane) * features + i];
                }
            }
            loss.Run<V>(new LossCall
            {
                Output = x.Data,
                Gradient = dx.Data,
                Features = features,
                Labels = labelsOfLanes,
                Targets = t.Data,
                Mask = mask.Data,
                Scale = scale,
                Losses = losses.Data,
            });
            foreach (GuardedBuffer buffer in (GuardedBuffer[])[x, t, dx, mask, losses]) buffer.AssertUntouchedOutside(what);
            for (int lane = 0; lane < V.Count; lane++)
            {
                double[] gradient = [.. Enumerable.Range(0, features).Select(i => (double)dx.Span[i * V.Count + lane])];
                if (lane >= samples)
                {
                    Assert.All(gradient, value => Assert.Equal(0, value));
                    continue;
                }
                double expected = loss.Reference(Of(outputs, first + lane, features), labels[first + lane], Of(targets, first + lane, features), derivatives);
                Assert.True(double.IsFinite(expected), what);
                // Losses are differences of outputs, or of 1 and a probability; derivatives likewise.
                double[] output = Of(outputs, first + lane, features);
                Numbers.AssertClose([expected], [losses.Span[lane]], 1e-6, $"{what}: loss of lane {lane}", size: Math.Max(1, output.Max(Math.Abs)));
                Numbers.AssertClose([.. derivatives.Select(value => value * scale)], gradient, 1e-6, $"{what}: gradient of lane {lane}", size: scale);
            }
        }
    }
}
