using Fovea.Kernels;

namespace Fovea.Tests.Optimizers;

/// <summary>A few steps of each optimizer by hand, for the parameter 1 and the gradient 0.5.</summary>
public class OptimizerTests
{
    public static TheoryData<string> Cases => [.. s_cases.Keys];

    private static readonly Dictionary<string, (Optimizer Optimizer, double First, double Second)> s_cases = new()
    {
        // 1 - 0.1 x 0.5, and again.
        ["sgd"] = (new Sgd(0.1f), 0.95, 0.9),
        // The gradient is 0.5 + 0.2 w.
        ["sgd, weight decay"] = (new Sgd(0.1f) { WeightDecay = 0.2f }, 1 - 0.1 * 0.7, 0.93 - 0.1 * (0.5 + 0.2 * 0.93)),
        // 1 - 0.1 x 0.5, then towards zero by 0.1 x 4; the third such step would pass zero.
        ["sgd, L1"] = (new Sgd(0.1f) { L1 = 4 }, 0.55, 0.1),
        ["sgd, L1 to zero"] = (new Sgd(0.1f) { L1 = 9.6f }, 0, 0),
        // Each step is the rate, and then the penalty's 0.1 x 2.
        ["adam, L1"] = (new Adam(0.1f) { Epsilon = 0, L1 = 2 }, 0.7, 0.4),
        // v = 0.5, then 0.9 x 0.5 + 0.5 = 0.95.
        ["sgd, momentum"] = (new Sgd(0.1f) { Momentum = 0.9f }, 0.95, 0.95 - 0.1 * 0.95),
        // v = 0.5 undamped at first, then 0.9 x 0.5 + 0.6 x 0.5 = 0.75.
        ["sgd, dampening"] = (new Sgd(0.1f) { Momentum = 0.9f, Dampening = 0.4f }, 0.95, 0.95 - 0.1 * 0.75),
        // g + 0.9 v: 0.5 + 0.45, then 0.5 + 0.9 x 0.95.
        ["sgd, nesterov"] = (new Sgd(0.1f) { Momentum = 0.9f, Nesterov = true }, 1 - 0.1 * 0.95, 0.905 - 0.1 * 1.355),
        // Corrected, the means of a constant gradient are 0.5 and 0.25: each step is the rate.
        ["adam"] = (new Adam(0.1f) { Epsilon = 0 }, 0.9, 0.8),
        // 0.5 / (0.5 + 0.5) = 0.5.
        ["adam, epsilon"] = (new Adam(0.1f) { Epsilon = 0.5f }, 0.95, 0.9),
        // The gradient 0.5 + 0.5 w changes from 1 to 0.95: means 0.19 x ... worked out in the test of the formula below.
        ["adam, weight decay"] = (new Adam(0.1f) { Epsilon = 0, WeightDecay = 0.5f }, 0.9, SecondOfAdam()),
        // Taken off beforehand: 1 x (1 - 0.1 x 0.2) - 0.1, then 0.88 x 0.98 - 0.1.
        ["adamw"] = (new AdamW(0.1f) { Epsilon = 0, WeightDecay = 0.2f }, 0.88, 0.88 * 0.98 - 0.1),
        // v = 0.01 x 0.25, then 0.99 v + 0.01 x 0.25: roots 0.05 and 0.0705337.
        ["rmsprop"] = (new RmsProp(0.01f) { Epsilon = 0 }, 1 - 0.01 * 0.5 / 0.05, 0.9 - 0.01 * 0.5 / Math.Sqrt(0.004975)),
        // b = 10, then 0.5 x 10 + 0.5 / 0.0705337.
        ["rmsprop, momentum"] = (new RmsProp(0.01f) { Epsilon = 0, Momentum = 0.5f }, 0.9, 0.9 - 0.01 * (5 + 0.5 / Math.Sqrt(0.004975))),
        // a = 0.005, then 0.00995: v - a^2 = 0.002475, then 0.004975 - 0.0000990025.
        ["rmsprop, centered"] = (new RmsProp(0.01f) { Epsilon = 0, Centered = true }, 1 - 0.005 / Math.Sqrt(0.002475),
            1 - 0.005 / Math.Sqrt(0.002475) - 0.005 / Math.Sqrt(0.004975 - 0.0000990025)),
        // s = 0.25, then 0.5.
        ["adagrad"] = (new Adagrad(0.1f) { Epsilon = 0 }, 0.9, 0.9 - 0.1 * 0.5 / Math.Sqrt(0.5)),
        // Begun with 2: s = 2.25, then 2.5; the rate of the second step is 0.1 / 1.5.
        ["adagrad, begun with 2, fading"] = (new Adagrad(0.1f) { Epsilon = 0, InitialAccumulator = 2, LearningRateDecay = 0.5f }, 1 - 0.05 / 1.5,
            1 - 0.05 / 1.5 - 0.1 / 1.5 * 0.5 / Math.Sqrt(2.5)),
        // Steps are the rate, whatever the size of the gradient; 1 x (1 - 0.1 x 0.2) - 0.1, then 0.88 x 0.98 - 0.1.
        ["lion"] = (new Lion(0.1f), 0.9, 0.8),
        ["lion, weight decay"] = (new Lion(0.1f) { WeightDecay = 0.2f }, 0.88, 0.88 * 0.98 - 0.1),
        // Without a decay of the momentum mu is 0.9 / 2 = 0.45 at every step, and m is 0.05, then 0.095; the root of the corrected v is 0.5:
        // (0.55 / 0.55 x 0.5 + 0.45 / 0.7975 x 0.05) / 0.5, then (0.55 / 0.7975 x 0.5 + 0.45 / 0.908875 x 0.095) / 0.5.
        ["nadam"] = (new NAdam(0.1f) { Epsilon = 0, MomentumDecay = 0 }, 1 - 0.1 * FirstOfNAdam, 1 - 0.1 * FirstOfNAdam - 0.1 * SecondOfNAdam),
        // Sixteen of each: the norms are 4 and 2, so that the gradient becomes 0.1 x 4 / 2 x 0.5 = 0.1, and then, of the weight 0.99, 0.099.
        ["sgd, lars"] = (new Sgd(0.1f) { TrustCoefficient = 0.1f }, 0.99, 0.99 - 0.1 * 0.099),
        // The equation of the paper: 0.1 x 4 / (2 + 0.5 x 4) x (0.5 + 0.5) = 0.1; then 0.1 x 3.96 / (2 + 0.5 x 3.96) x (0.5 + 0.5 x 0.99).
        ["sgd, lars and weight decay"] = (new Sgd(0.1f) { TrustCoefficient = 0.1f, WeightDecay = 0.5f }, 0.99, 0.99 - 0.1 * 0.1 * 3.96 / 3.98 * 0.995),
        // v = 0.1, then 0.9 x 0.1 + 0.099.
        ["sgd, lars and momentum"] = (new Sgd(0.1f) { TrustCoefficient = 0.1f, Momentum = 0.9f }, 0.99, 0.99 - 0.1 * 0.189),
        // 0.5 is cut to 0.2.
        ["sgd, clipped"] = (new Sgd(0.1f) { ClipValue = 0.2f }, 0.98, 0.96),
    };

    private const double FirstOfNAdam = (0.5 + 0.45 / 0.7975 * 0.05) / 0.5, SecondOfNAdam = (0.55 / 0.7975 * 0.5 + 0.45 / 0.908875 * 0.095) / 0.5;

    // The gradients are 1 and 0.95: m = 0.9 x 0.1 + 0.1 x 0.95 = 0.185, v = 0.999 x 0.001 + 0.001 x 0.9025, divided by 0.19 and 0.001999.
    private static double SecondOfAdam() => 0.9 - 0.1 * (0.185 / 0.19) / Math.Sqrt((0.999e-3 + 0.9025e-3) / 1.999e-3);

    [Theory, MemberData(nameof(Cases))]
    public unsafe void Two_steps_are_those_by_hand(string name)
    {
        var (optimizer, first, second) = s_cases[name];
        foreach (bool fast in (bool[])[false, true])
        {
            var memory = new Memory();
            float* values = memory.Floats(16), gradients = memory.Floats(16);
            float*[] states = [memory.Floats(16), memory.Floats(16), memory.Floats(16)];
            new Span<float>(values, 16).Fill(1);
            new Span<float>(gradients, 16).Fill(0.5f);
            foreach (var (step, expected) in ((int, double)[])[(1, first), (2, second)])
            {
                var call = new UpdateCall
                {
                    Values = values,
                    Gradients = gradients,
                    State0 = states[0],
                    State1 = states[1],
                    State2 = states[2],
                    Count = 16,
                    IsWeight = true,
                    Step = step,
                    LearningRate = optimizer.LearningRate,
                };
                if (fast) optimizer.Apply<Lanes8>(call);
                else optimizer.ReferenceApply(call);
                // 1 - beta2 is rounded in float: 1 - 0.999f = 0.00099999.
                for (int i = 0; i < 16; i++) Assert.Equal(expected, values[i], 2e-6);
            }
            GC.KeepAlive(memory);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public unsafe void The_mean_of_the_parameters_begins_with_those_after_the_first_update(bool fast)
    {
        var memory = new Memory();
        float* values = memory.Floats(16), gradients = memory.Floats(16), average = memory.Floats(16);
        new Span<float>(values, 16).Fill(1);
        new Span<float>(gradients, 16).Fill(0.5f);
        var optimizer = new Sgd(0.1f) { EmaDecay = 0.75f };
        // The parameter is 0.95, 0.9, 0.85: the mean 0.95, then 0.75 x 0.95 + 0.25 x 0.9, and so on.
        foreach (var (step, expected) in ((int, double)[])[(1, 0.95), (2, 0.9375), (3, 0.75 * 0.9375 + 0.25 * 0.85)])
        {
            var call = new UpdateCall { Values = values, Gradients = gradients, Average = average, Count = 16, Step = step, LearningRate = 0.1f };
            if (fast) optimizer.Apply<Lanes8>(call);
            else optimizer.ReferenceApply(call);
            for (int i = 0; i < 16; i++) Assert.Equal(expected, average[i], 1e-6);
        }
        GC.KeepAlive(memory);
    }

    [Fact]
    public void Lars_leaves_biases_weights_of_zeros_and_gradients_of_zeros_alone()
    {
        // A weight of 2 x 3 and a bias; the gradient of the loss is not 0, but the weights may be.
        ModelSpec model = ModelSpec.Parse("linear 2", Shape.Flat(3));
        float[] x = [1, -2, 0.5f, 0.25f, 3, -1], y = [1, 0, 2, -1];
        Dataset data = Dataset.FromTensor(new Tensor(2, Shape.Flat(3), x), new Tensor(2, Shape.Flat(2), y));
        Step(new Sgd(0.1f), out float[] plainWeight, out float[] plainBias, zero: false);
        Step(new Sgd(0.1f) { TrustCoefficient = 0.01f }, out float[] weight, out float[] bias, zero: false);
        Assert.Equal(plainBias, bias);
        Assert.NotEqual(plainWeight, weight);
        Step(new Sgd(0.1f), out plainWeight, out _, zero: true);
        Step(new Sgd(0.1f) { TrustCoefficient = 0.01f }, out weight, out _, zero: true);
        Assert.Equal(plainWeight, weight);

        void Step(Optimizer optimizer, out float[] weight, out float[] bias, bool zero)
        {
            var network = new Network(model, seed: 1);
            if (zero) network.SetParameter("0.weight", new float[6]);
            var plan = ExecutionPlan.Create(network, new PlanOptions { BatchSize = 2, Threads = 1, Loss = new MseLoss(), Optimizer = new OptimizerState(network, optimizer, seed: 1) });
            plan.Train(new Batch(data, [0, 1]));
            (weight, bias) = (network.GetParameter("0.weight"), network.GetParameter("0.bias"));
        }
    }

    [Theory]
    [InlineData("optimizer.emaDecay", "1", "settings: the decay of the mean of the parameters must be at least 0 and below 1, got 1.")]
    [InlineData("ema", "-0.1", "settings: the decay of the mean of the parameters must be at least 0 and below 1, got -0.1.")]
    [InlineData("lars", "-1", "settings: the trust coefficient must not be negative, got -1.")]
    public void Numbers_out_of_their_range_are_refused(string setting, string value, string message) =>
        Assert.Equal(message, Assert.Throws<FoveaException>(() => new TrainingSettings { Optimizer = new Sgd() }.With(setting, value).Check()).Message);

    [Fact]
    public void State_is_named_as_in_pytorch()
    {
        Assert.Equal([], new Sgd().StateNames);
        Assert.Equal(["momentum_buffer"], new Sgd { Momentum = 0.9f }.StateNames);
        Assert.Equal(["exp_avg", "exp_avg_sq"], new Adam().StateNames);
        Assert.Equal(["square_avg", "momentum_buffer", "grad_avg"], new RmsProp { Momentum = 0.9f, Centered = true }.StateNames);
    }
}
