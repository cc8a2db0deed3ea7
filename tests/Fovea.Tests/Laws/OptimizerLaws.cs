using System.Text.Json;
using System.Text.Json.Nodes;
using Fovea.Kernels;
using Fovea.Tests.Kernels;

namespace Fovea.Tests.Laws;

/// <summary>What holds for every optimizer.</summary>
public class OptimizerLaws
{
    /// <summary>Every optimizer, with all combinations of what can be switched on.</summary>
    internal static readonly Optimizer[] All =
    [
        .. from momentum in (float[])[0, 0.9f]
           from dampening in (float[])[0, 0.3f]
           from nesterov in (bool[])[false, true]
           from decay in (float[])[0, 0.02f]
           where momentum != 0 || (dampening == 0 && !nesterov)
           where dampening == 0 || !nesterov
           select new Sgd(0.05f) { Momentum = momentum, Dampening = dampening, Nesterov = nesterov, WeightDecay = decay },
        new Adam(),
        new Adam(0.01f) { WeightDecay = 0.02f },
        new Adam(0.01f) { Beta1 = 0.7f, Beta2 = 0.9f, Epsilon = 1e-4f },
        new AdamW(),
        new AdamW(0.01f) { WeightDecay = 0.1f, Beta1 = 0.8f, Beta2 = 0.95f, Epsilon = 1e-5f },
        .. from momentum in (float[])[0, 0.9f]
           from centered in (bool[])[false, true]
           from decay in (float[])[0, 0.02f]
           select new RmsProp { Momentum = momentum, Centered = centered, WeightDecay = decay },
        new RmsProp(0.02f) { Alpha = 0.8f, Epsilon = 1e-3f },
        new Sgd(0.05f) { Momentum = 0.9f, L1 = 0.1f },
        new Adam(0.01f) { L1 = 0.3f },
        new AdamW(0.01f) { L1 = 0.3f },
        new RmsProp { L1 = 0.2f },
        new Adagrad(),
        new Adagrad(0.05f) { LearningRateDecay = 0.1f, InitialAccumulator = 0.2f, WeightDecay = 0.02f, Epsilon = 1e-6f },
        new NAdam(),
        new NAdam(0.01f) { Beta1 = 0.8f, Beta2 = 0.95f, Epsilon = 1e-5f, MomentumDecay = 0.05f, WeightDecay = 0.02f },
        new Lion(),
        new Lion(0.01f) { Beta1 = 0.7f, Beta2 = 0.9f, WeightDecay = 0.1f },
        new Sgd(0.05f) { ClipValue = 0.3f },
        new Adam(0.01f) { ClipValue = 0.1f, WeightDecay = 0.02f },
        new Sgd(0.05f) { ClipNorm = 0.5f },
        new Sgd(0.05f) { TrustCoefficient = 0.1f },
        new Sgd(0.05f) { TrustCoefficient = 0.02f, Momentum = 0.9f, Nesterov = true, WeightDecay = 0.02f },
        new Adam(0.01f) { EmaDecay = 0.9f },
    ];

    public static TheoryData<int> Numbered => [.. Enumerable.Range(0, All.Length)];

    [Theory, MemberData(nameof(Numbered))]
    public void Json_is_read_back_as_the_same_optimizer(int number)
    {
        string json = JsonSerializer.Serialize(All[number], FoveaJson.Of<Optimizer>());

        Assert.Equal(All[number], JsonDefaults.Read<Optimizer>(JsonNode.Parse(json)!));
    }

    [Theory, MemberData(nameof(Numbered))]
    public void Fast_kernels_agree_with_the_reference_over_twenty_steps(int number)
    {
        AssertAgrees<Lanes4>(All[number]);
        if (!Plans.HasVectors) return;
        AssertAgrees<Lanes8>(All[number]);
        AssertAgrees<Lanes16>(All[number]);
    }

    private static unsafe void AssertAgrees<V>(Optimizer optimizer) where V : struct, ILanes<V>
    {
        const int count = 48;
        Block fast = new(count), reference = new(count);
        double[] largest = [.. reference.Values.Span.ToArray().Select(value => (double)Math.Abs(value))];
        for (int step = 1; step <= 20; step++)
        {
            // Gradients of many sizes, some of them 0; those of the first eight parameters stop after five steps.
            float[] gradients = [.. Numbers.Uniform(count, seed: 100 + (ulong)step).Select((value, i) =>
                i % 7 == 3 || (i < 8 && step > 5) ? 0 : value * MathF.Pow(10, i % 5 - 3))];
            optimizer.Apply<V>(fast.Call(gradients, step, optimizer.LearningRate));
            optimizer.ReferenceApply(reference.Call(gradients, step, optimizer.LearningRate));
            for (int i = 0; i < count; i++) largest[i] = Math.Max(largest[i], Math.Abs(reference.Values.Span[i]));
        }
        string what = $"{optimizer}, {V.Count} lanes";
        for (int i = 0; i < count; i++)
        {
            // Each parameter by itself, a small one is not excused by a large one; but one that came near 0 was rounded when it was larger.
            Numbers.AssertClose([reference.Values.Span[i]], [fast.Values.Span[i]], 1e-5, $"{what}: parameter {i}", largest[i]);
        }
        for (int state = 0; state < optimizer.StateNames.Count; state++)
            Numbers.AssertClose(reference.State(state).ToDouble(), fast.State(state).ToDouble(), 1e-5, $"{what}: {optimizer.StateNames[state]}");
        Numbers.AssertClose(reference.Average.ToDouble(), fast.Average.ToDouble(), 1e-5, $"{what}: mean of the parameters");
        Assert.Equal(optimizer.EmaDecay > 0, fast.Average.ContainsAnyExcept(0f));
        fast.AssertUntouchedOutside(what, optimizer.StateNames.Count);
        reference.AssertUntouchedOutside(what, optimizer.StateNames.Count);
    }

    [Fact]
    public void Moments_that_decay_do_not_become_denormal()
    {
        foreach (Optimizer optimizer in (Optimizer[])[new NAdam(), new Lion(), new Adagrad(), new Adam(), new AdamW(), new RmsProp { Momentum = 0.9f, Centered = true }, new Sgd { Momentum = 0.9f }])
        {
            var block = new Block(16);
            float[] gradients = [.. Enumerable.Repeat(1e-18f, 16)], none = new float[16];
            optimizer.Update<Lanes8>(block.Call(gradients, 1, 0.01f));
            for (int step = 2; step < 1200; step++) optimizer.Update<Lanes8>(block.Call(none, step, 0.01f));
            for (int state = 0; state < optimizer.StateNames.Count; state++)
            {
                foreach (float value in block.State(state))
                    Assert.False(float.IsSubnormal(value), $"{optimizer}: {optimizer.StateNames[state]} is {value}");
            }
        }
    }

    /// <summary>Parameters with room for the most state that an optimizer has.</summary>
    private sealed unsafe class Block(int count)
    {
        private readonly GuardedBuffer _gradients = new(count);
        private readonly GuardedBuffer _average = Zeros(count);
        private readonly GuardedBuffer[] _states = [Zeros(count), Zeros(count), Zeros(count)];

        public ReadOnlySpan<float> Average => _average.Span;

        public GuardedBuffer Values { get; } = Random(count);

        public ReadOnlySpan<float> State(int index) => _states[index].Span;

        public UpdateCall Call(float[] gradients, long step, float rate)
        {
            gradients.CopyTo(_gradients.Span);
            return new UpdateCall
            {
                Values = Values.Data,
                Gradients = _gradients.Data,
                State0 = _states[0].Data,
                State1 = _states[1].Data,
                State2 = _states[2].Data,
                Average = _average.Data,
                Count = count,
                IsWeight = true,
                Step = step,
                LearningRate = rate,
                // A schedule may give another in any step.
                Momentum = step % 3 == 0 ? 0.7f : null,
            };
        }

        public void AssertUntouchedOutside(string what, int states)
        {
            foreach (GuardedBuffer buffer in (GuardedBuffer[])[Values, _gradients, _average, .. _states]) buffer.AssertUntouchedOutside(what);
            foreach (GuardedBuffer unused in _states.Skip(states)) Assert.True(unused.Span.IndexOfAnyExcept(0f) < 0, $"{what}: state that it does not name was written");
        }

        private static GuardedBuffer Random(int count)
        {
            var buffer = new GuardedBuffer(count);
            Numbers.Uniform(count, seed: 9).CopyTo(buffer.Span);
            return buffer;
        }

        private static GuardedBuffer Zeros(int count)
        {
            var buffer = new GuardedBuffer(count);
            buffer.Span.Clear();
            return buffer;
        }
    }
}
