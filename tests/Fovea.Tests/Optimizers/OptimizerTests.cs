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

    [Fact]
    public void State_is_named_as_in_pytorch()
    {
        Assert.Equal([], new Sgd().StateNames);
        Assert.Equal(["momentum_buffer"], new Sgd { Momentum = 0.9f }.StateNames);
        Assert.Equal(["exp_avg", "exp_avg_sq"], new Adam().StateNames);
        Assert.Equal(["square_avg", "momentum_buffer", "grad_avg"], new RmsProp { Momentum = 0.9f, Centered = true }.StateNames);
    }
}
