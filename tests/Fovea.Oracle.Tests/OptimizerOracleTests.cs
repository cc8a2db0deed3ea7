using Fovea.Bench;
using Fovea.Tests.Laws;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Torch = TorchSharp.torch.Tensor;

namespace Fovea.Oracle.Tests;

/// <summary>Losses and parameters over training steps, with every optimizer and of every network of the zoo, against libtorch.</summary>
public class OptimizerOracleTests : OracleTests
{
    /// <summary>Every optimizer, with all of its properties and those combinations that meet in its formula.</summary>
    internal static readonly Optimizer[] All =
    [
        new Sgd(),
        new Sgd(0.1f) { WeightDecay = 0.05f },
        new Sgd(0.05f) { Momentum = 0.9f },
        new Sgd(0.05f) { Momentum = 0.9f, WeightDecay = 0.05f },
        new Sgd(0.05f) { Momentum = 0.8f, Dampening = 0.3f, WeightDecay = 0.05f },
        new Sgd(0.05f) { Momentum = 0.9f, Nesterov = true },
        new Sgd(0.05f) { Momentum = 0.7f, Nesterov = true, WeightDecay = 0.05f },
        new Adam(),
        new Adam(0.01f) { WeightDecay = 0.05f },
        new Adam(0.01f) { Beta1 = 0.7f, Beta2 = 0.9f, Epsilon = 1e-4f },
        new AdamW(),
        new AdamW(0.01f) { WeightDecay = 0.3f },
        new AdamW(0.01f) { Beta1 = 0.8f, Beta2 = 0.95f, Epsilon = 1e-5f, WeightDecay = 0 },
        new RmsProp(),
        new RmsProp(0.002f) { WeightDecay = 0.05f },
        new RmsProp(0.002f) { Momentum = 0.9f, Alpha = 0.9f },
        new RmsProp(0.002f) { Centered = true, Epsilon = 1e-3f },
        new RmsProp(0.002f) { Momentum = 0.5f, Centered = true, WeightDecay = 0.05f, Epsilon = 1e-5f },
        new Adagrad(),
        new Adagrad(0.02f) { LearningRateDecay = 0.1f, InitialAccumulator = 0.1f, Epsilon = 1e-4f, WeightDecay = 0.05f },
        new NAdam(),
        new NAdam(0.01f) { WeightDecay = 0.05f },
        new NAdam(0.01f) { Beta1 = 0.7f, Beta2 = 0.9f, Epsilon = 1e-4f, MomentumDecay = 0.05f },
        new Lion(),
        new Lion(0.001f) { Beta1 = 0.7f, Beta2 = 0.8f, WeightDecay = 0.3f },
        new Sgd(0.05f) { Momentum = 0.9f, ClipNorm = 0.05f },
        new Sgd(0.05f) { ClipValue = 0.01f },
        new Sgd(0.05f) { L1 = 0.02f },
        new Sgd(0.5f) { TrustCoefficient = 0.02f },
        new Sgd(0.5f) { TrustCoefficient = 0.02f, Momentum = 0.9f, WeightDecay = 0.05f },
        new Adam(0.01f) { EmaDecay = 0.9f },
    ];

    public static TheoryData<int, int> Numbered => [.. from number in Enumerable.Range(0, All.Length) from steps in (int[])[1, 20] select (number, steps)];

    // Not those for photos: libtorch takes minutes for them in double, and their dropout draws other numbers than ours. The DenseNet has a
    // test of its own.
    public static TheoryData<string> Zoo => [.. Fovea.Zoo.Models.Select(model => Fovea.Zoo.Get(model.Name)).Where(model => model.Input.Height <= 32 && model.Name != "densenet-small").Select(model => model.Name!)];

    [Theory, MemberData(nameof(Numbered))]
    public void Parameters_agree_after_steps(int number, int steps)
    {
        const string text =
            "conv 4 k3x2 p1x0 | tanh | maxpool 2 | batchnorm | conv 5 k2 | leakyrelu 0.3 | flatten | linear 7 | sigmoid | linear 3 | logsoftmax";
        // Where a gradient is small, Adam and RMSprop divide it by its own size: its rounding counts for more.
        AssertAgrees(ModelSpec.Parse(text, new Shape(3, 7, 5)), All[number], samples: 19, steps, share: 1e-3);
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(2), InlineData(3)]
    public void Parameters_agree_on_a_schedule_of_rate_and_momentum(int number)
    {
        Optimizer optimizer = ((Optimizer[])[new Adam(0.01f), new AdamW(0.01f), new Sgd(0.05f) { Momentum = 0.9f }, new RmsProp(0.002f) { Momentum = 0.9f }])[number];
        var model = ModelSpec.Parse("conv 4 k3 | tanh | maxpool 2 | flatten | linear 3 | logsoftmax", new Shape(3, 7, 5));
        AssertAgrees(model, optimizer, samples: 19, steps: 20, share: 1e-3, new OneCycleSchedule());
    }

    [Theory, MemberData(nameof(Zoo))]
    public void Networks_of_the_zoo_agree_after_five_steps(string name)
    {
        ModelSpec model = Fovea.Zoo.Get(name);
        // The convolutions of libtorch are slow in double.
        bool large = model.Layers.Select((layer, i) => layer.MultiplyAdds(model.Shapes[i])).Sum() > 20_000_000;
        // Where two of a window's numbers are equal but for rounding, the gradient goes to the one or the other; likewise at the kink of ReLU.
        // Of a million activations some are so, which moves some weights' gradients by a few hundredths. SGD leaves it at that; Adam
        // would make it as large as the weight's step itself.
        AssertAgrees(model, new Sgd(1e-3f) { Momentum = 0.9f }, samples: large ? 5 : 19, steps: 5, share: 0.02);
    }

    // Forty batch normalizations, one after the other, magnify what rounding does at the kinks: the share is wider.
    [Fact]
    public void The_DenseNet_agrees_after_five_steps() => AssertAgrees(Fovea.Zoo.Get("densenet-small"), new Sgd(1e-3f), samples: 19, steps: 5, share: 0.05);

    [Theory]
    [InlineData("3x9x8 conv 8 k3 p1 nobias | batchnorm | relu | residual(conv 8 k3 p1 nobias | batchnorm | relu | conv 8 k3 p1 nobias | batchnorm ; ; relu)"
        + " | residual(conv 12 k3 s2 p1 nobias | batchnorm | relu | conv 12 k3 p1 nobias | batchnorm ; conv 12 k1 s2 nobias | batchnorm ; relu) | globalavgpool | flatten | linear 5 | logsoftmax")]
    [InlineData("3x9x8 conv 4 k3 p1 | concat( ; batchnorm | relu | conv 6 k1 | relu | conv 3 k3 p1) | concat( ; conv 3 k3 p1 | tanh) | branch(batchnorm | relu | conv 4 k1 | avgpool 2) | flatten | linear 5 | logsoftmax")]
    [InlineData("3x9x8 branch(conv 4 k1 | relu | concat(conv 4 k1 | relu ; conv 4 k3 p1 | prelu)) block=Fire | globalavgpool | flatten | linear 5 | logsoftmax")]
    public void Networks_of_blocks_agree_after_five_steps(string line)
    {
        string[] parts = line.Split(' ', 2);
        AssertAgrees(ModelSpec.Parse(parts[1], Shape.Parse(parts[0])), new Sgd(0.01f) { Momentum = 0.9f }, samples: 19, steps: 5, share: 1e-3);
    }

    private static void Step(Lion lion, Sequential libtorch, List<Torch> means)
    {
        using var _ = no_grad();
        foreach (var (i, parameter) in libtorch.parameters().Index())
        {
            Torch gradient = parameter.grad!;
            parameter.mul_(1 - lion.LearningRate * lion.WeightDecay);
            parameter.sub_((means[i] * lion.Beta1 + gradient * (1 - lion.Beta1)).sign() * lion.LearningRate);
            means[i] = means[i] * lion.Beta2 + gradient * (1 - lion.Beta2);
        }
    }

    // The equation of LARS in the gradients of weights; libtorch has none.
    private static void Trust(Sequential libtorch, Sgd sgd)
    {
        using var _ = no_grad();
        foreach (Parameter parameter in libtorch.parameters())
        {
            parameter.grad!.add_(parameter * sgd.WeightDecay);
            if (parameter.dim() < 2) continue;
            double weight = parameter.norm().item<double>(), gradient = (parameter.grad! - parameter * sgd.WeightDecay).norm().item<double>();
            parameter.grad!.mul_(sgd.TrustCoefficient * weight / (gradient + sgd.WeightDecay * weight));
        }
    }

    // The proximal step of the sum of sizes.
    private static void Shrink(Sequential libtorch, double step)
    {
        using var _ = no_grad();
        foreach (Parameter parameter in libtorch.parameters()) parameter.copy_(parameter.sign() * nn.functional.relu(parameter.abs() - step));
    }

    /// <summary>
    /// Trains on both sides and compares losses and parameters: to 1e-4 of a parameter and 1e-5, and where that is less, to a share of the
    /// farthest that a number of the same parameter has moved, beside the rounding of each step. A wrong gradient is wrong by all of it.
    /// </summary>
    private static void AssertAgrees(ModelSpec model, Optimizer optimizer, int samples, int steps, double share, OneCycleSchedule? schedule = null)
    {
        using var scope = NewDisposeScope();
        var network = new Network(model, seed: 7);
        string[] names = [.. network.Parameters.Concat(network.Buffers).Select(parameter => parameter.Name)];
        Dictionary<string, float[]> initial = names.ToDictionary(name => name, network.GetParameter);
        float[] x = Numbers.Uniform(samples * model.Input.Count, seed: 8);
        int[] labels = [.. Enumerable.Range(0, samples).Select(i => i * 7 % model.Output.Count)];
        Loss loss = Loss.For(model);

        Sequential libtorch = Create(network);
        // libtorch has no Lion: it is written out here.
        var lion = optimizer as Lion;
        var lars = optimizer is Sgd { TrustCoefficient: > 0 } trusting ? trusting : null;
        optim.Optimizer? updates = lion is null ? TorchModel.Optimizer(lars is null ? optimizer : lars with { WeightDecay = 0 }, libtorch.parameters()) : null;
        List<Torch> averages = [];
        List<Torch> means = [.. libtorch.parameters().Select(parameter => zeros_like(parameter))];
        Torch input = Samples(x, model.Input, samples), wanted = tensor([.. labels.Select(label => (long)label)]);
        optim.lr_scheduler.LRScheduler? rates = schedule is null ? null : optim.lr_scheduler.OneCycleLR(updates!, optimizer.LearningRate, total_steps: steps);
        var state = new OptimizerState(network, optimizer, seed: 1);
        ExecutionPlan plan = ExecutionPlan.Create(network, new PlanOptions
        {
            BatchSize = samples,
            Threads = 2,
            Loss = loss,
            Optimizer = state,
        });
        Dataset data = Dataset.FromTensor(new Fovea.Tensor(samples, model.Input, x), labels, model.Output.Count);
        for (int step = 1; step <= steps; step++)
        {
            libtorch.zero_grad();
            Torch expected = TorchModel.Loss(loss, libtorch.forward(input), wanted);
            expected.backward();
            if (optimizer.ClipNorm > 0) nn.utils.clip_grad_norm_(libtorch.parameters(), optimizer.ClipNorm);
            if (optimizer.ClipValue > 0) nn.utils.clip_grad_value_(libtorch.parameters(), optimizer.ClipValue);
            if (lars is not null) Trust(libtorch, lars);
            if (lion is null) updates!.step();
            else Step(lion, libtorch, means);
            if (optimizer.L1 > 0) Shrink(libtorch, optimizer.LearningRate * optimizer.L1);
            if (optimizer.EmaDecay > 0)
            {
                using var _ = no_grad();
                if (step == 1) averages = [.. libtorch.parameters().Select(parameter => parameter.clone())];
                else foreach (var (i, parameter) in libtorch.parameters().Index()) averages[i] = averages[i].lerp(parameter, 1 - optimizer.EmaDecay);
            }
            if (step < steps) rates?.step();
            if (schedule is not null)
            {
                var moment = new ScheduleContext(step - 1, steps, steps, []);
                (state.LearningRate, state.Momentum) = (schedule.LearningRate(optimizer.LearningRate, moment), schedule.Momentum(moment));
            }
            double actual = plan.Train(new Batch(data, [.. Enumerable.Range(0, samples)])).Loss / samples;
            Assert.Equal(expected.item<double>(), actual, 1e-5);
        }

        Dictionary<string, Torch> wantedState = libtorch.state_dict();
        foreach (var (i, average) in averages.Index())
        {
            ParameterArena.Entry entry = network.ParameterMemory.Entries[i];
            Numbers.AssertClose(Values(average), ((ReadOnlySpan<float>)ParameterArena.Read(state.Average, entry)).ToDouble(), 1e-4, $"mean of {entry.Name}");
        }
        foreach (string name in names)
        {
            double[] expected = Values(wantedState[name]);
            float[] actual = network.GetParameter(name), before = initial[name];
            double farthest = Enumerable.Range(0, expected.Length).Max(i => Math.Abs(expected[i] - before[i]));
            for (int i = 0; i < expected.Length; i++)
            {
                double size = Math.Abs(expected[i]), allowed = Math.Min(1e-4 * size + 1e-5, share * farthest + (steps + 1) * 6e-8 * size);
                if (!(Math.Abs(actual[i] - expected[i]) <= allowed))
                    Assert.Fail($"{optimizer}, {steps} steps: number {i} of {name} should be {expected[i]:R} to within {allowed:G2}, but is {actual[i]:R}");
            }
        }
        // A module that nobody holds any longer takes its tensors with it.
        GC.KeepAlive(libtorch);
    }
}
