namespace Fovea.Tests.Laws;

/// <summary>What holds for whole trainings, on small versions of the zoo's networks and one with batch normalization and dropout.</summary>
[Collection(nameof(Alone))]
public class TrainingLaws
{
    private const int Samples = 150, BatchSize = 50;

    private static readonly (string Name, Shape Input, string Text)[] s_networks =
    [
        // Its first linear layer has more weights than stay in the cache.
        ("stride1", new Shape(1, 12, 11), "conv 16 k5 p2 | relu | maxpool 5 s1 | flatten | linear 300 | relu | linear 10 | logsoftmax"),
        ("stride2", new Shape(1, 17, 15), "conv 9 k5 s2 p2 | relu | maxpool 5 s2 | flatten | linear 20 | relu | linear 10 | logsoftmax"),
        ("lenet5", new Shape(1, 17, 16), "conv 3 k5 | relu | maxpool 2 | conv 5 k3 | relu | maxpool 2 | conv 12 k2x1 | relu | flatten | linear 11 | relu | linear 10 | logsoftmax"),
        ("lenet5-classic", new Shape(1, 17, 16), "conv 3 k5 | tanh | avgpool 2 | conv 5 k3 | tanh | avgpool 2 | conv 12 k2 | tanh | flatten | linear 11 | tanh | linear 10 | logsoftmax"),
        ("vgg-small", new Shape(3, 9, 10), "conv 7 k3 p1 | relu | conv 7 k3 p1 | relu | maxpool 2 | conv 13 k3 p1 | relu | maxpool 2 | flatten | linear 25 | relu | linear 10 | logsoftmax"),
        ("batchnorm", new Shape(2, 9, 8), "conv 5 k3 p1 nobias | batchnorm | relu | dropout 0.2 | conv 6 k3 s2 | globalavgpool | flatten | linear 10 | logsoftmax"),
        ("blocks", new Shape(2, 9, 8), "conv 4 k3 p1 | residual(conv 4 k3 p1 | batchnorm | relu | dropout 0.1 | conv 4 k3 p1) | relu | concat(conv 3 k3 p1 ; ) | residual(conv 6 k3 s2 ; conv 6 k3 s2 ; tanh) | flatten | linear 10 | logsoftmax"),
    ];

    private static readonly Dictionary<string, Optimizer> s_optimizers = new()
    {
        ["sgd"] = new Sgd(0.02f) { Momentum = 0.9f, Nesterov = true },
        ["adam"] = new Adam(),
        ["adamw"] = new AdamW(),
        ["rmsprop"] = new RmsProp(0.001f) { Momentum = 0.5f, Centered = true },
        ["adagrad"] = new Adagrad { LearningRateDecay = 0.01f },
        ["nadam"] = new NAdam(),
        ["lion"] = new Lion(0.001f) { WeightDecay = 0.1f },
        ["clipped norm"] = new Adam { ClipNorm = 0.1f },
        ["clipped value"] = new Sgd(0.02f) { ClipValue = 0.01f, L1 = 0.001f },
        ["ema"] = new Adam { EmaDecay = 0.9f },
        ["lars"] = new Sgd(1f) { Momentum = 0.9f, TrustCoefficient = 0.01f, WeightDecay = 0.001f, EmaDecay = 0.9f },
    };

    public static TheoryData<string, string> All =>
        new(from network in s_networks from optimizer in s_optimizers.Keys select (network.Name, optimizer));

    [Theory, MemberData(nameof(All))]
    public void After_fifty_steps_all_weights_have_the_same_bits_for_any_number_of_threads(string network, string optimizer)
    {
        // Alternately the whole batch at once and in micro-batches.
        int groups = Array.FindIndex(s_networks, n => n.Name == network) % 2 == 0 ? 0 : 3;
        float[] expected = Train(threads: 1);
        Assert.All(expected, value => Assert.True(float.IsFinite(value)));
        // Without vectors a step takes as long as many with them.
        foreach (int threads in Plans.HasVectors ? (int[])[2, 3, 4, 8] : [3]) Numbers.AssertSameBits(expected, Train(threads), $"{threads} threads");

        float[] Train(int threads)
        {
            var run = new Run(network, optimizer, threads, groups);
            float[] before = run.Numbers;
            for (int step = 0; step < (Plans.HasVectors ? 50 : 3); step++) run.Step(step);
            float[] after = run.Numbers;
            Assert.False(before.AsSpan().SequenceEqual(after));
            return after;
        }
    }

    [Theory, MemberData(nameof(All))]
    public void A_step_allocates_nothing(string network, string optimizer)
    {
        var whole = new Run(network, optimizer, threads: 2, microBatchGroups: 0);
        var parts = new Run(network, optimizer, threads: 2, microBatchGroups: 3);
        Allocations.AssertNone(() =>
        {
            whole.Step(0);
            parts.Step(1);
        });
    }

    /// <summary>A network in training on random samples.</summary>
    private sealed class Run
    {
        private readonly Network _network;
        private readonly OptimizerState _optimizer;
        private readonly ExecutionPlan _plan;
        private readonly Dataset _data;
        private readonly int[] _samples = [.. Enumerable.Range(0, Samples)];

        public Run(string network, string optimizer, int threads, int microBatchGroups)
        {
            var (_, input, text) = s_networks.Single(n => n.Name == network);
            _network = new Network(ModelSpec.Parse(text, input), seed: 3);
            _optimizer = new OptimizerState(_network, s_optimizers[optimizer], seed: 3);
            var samples = new Tensor(Samples, input, Laws.Numbers.Uniform(Samples * input.Count, seed: 7));
            _data = Dataset.FromTensor(samples, [.. Enumerable.Range(0, Samples).Select(i => i * 7 % 10)], classes: 10);
            _plan = Plans.Create(_network, new PlanOptions
            {
                BatchSize = BatchSize,
                Threads = threads,
                Loss = new NllLoss(),
                Optimizer = _optimizer,
                Lanes = Plans.UsualLanes,
                MicroBatchGroups = microBatchGroups,
            });
        }

        public void Step(int step) => _plan.Train(new Batch(_data, _samples.AsSpan(step % (Samples / BatchSize) * BatchSize, BatchSize)));

        /// <summary>Parameters, buffers, the mean of the parameters and the optimizer's state.</summary>
        public float[] Numbers =>
        [
            .. _network.ParameterMemory.Span,
            .. _network.BufferMemory.Span,
            .. _optimizer.Average,
            .. Enumerable.Range(0, _optimizer.Optimizer.StateNames.Count).SelectMany(i => _optimizer.State(i).ToArray()),
        ];
    }
}
