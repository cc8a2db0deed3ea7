using Fovea.Kernels;

namespace Fovea.Tests.Kernels;

public unsafe class QuotientTests
{
    [Fact]
    public void Quotients_are_those_of_divisions_to_the_last_bit()
    {
        var random = new Random(1);
        float[] a = new float[160_000], b = new float[a.Length];
        for (int i = 0; i < a.Length; i++) (a[i], b[i]) = (Number(random), Number(random));
        AssertDivides<Lanes4>(a, b);
        AssertDivides<Lanes8>(a, b);
        AssertDivides<Lanes16>(a, b);

        // From 2^-60 to 2^60, of either sign: no quotient and no reciprocal is subnormal.
        static float Number(Random random) => (random.Next(2) * 2 - 1) * (1 + random.NextSingle()) * MathF.ScaleB(1, random.Next(-60, 60));
    }

    // Where the digits of the divisor are all ones, the reciprocal is rounded to a power of two.
    [Fact]
    public void Quotients_by_numbers_just_below_a_power_of_two_are_within_a_unit_in_the_last_place()
    {
        float* a = stackalloc float[Lanes16.Count], q = stackalloc float[Lanes16.Count];
        float b = MathF.BitDecrement(2);
        for (int power = -30; power < 30; power++)
        {
            for (int i = 0; i < Lanes16.Count; i++) a[i] = MathF.ScaleB(1 + i / 16f, power);
            Lanes16.Quotient(Lanes16.Load(a), Lanes16.Broadcast(b)).Store(q);
            for (int i = 0; i < Lanes16.Count; i++) Assert.InRange(q[i], MathF.BitDecrement(a[i] / b), MathF.BitIncrement(a[i] / b));
        }
    }

    [Fact]
    public void What_is_infinite_or_not_a_number_divides_as_elsewhere()
    {
        float[] special = [0, 1, -3, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 1e38f];
        float[] a = [.. special.SelectMany(x => special.Select(_ => x))], b = [.. special.SelectMany(_ => special)];
        AssertDivides<Lanes4>(a, b);
        AssertDivides<Lanes8>(a, b);
        AssertDivides<Lanes16>(a, b);
    }

    private static void AssertDivides<V>(float[] a, float[] b) where V : struct, ILanes<V>
    {
        float[] quotients = new float[a.Length];
        fixed (float* x = a, y = b, q = quotients)
        {
            for (int i = 0; i < a.Length; i += V.Count) V.Quotient(V.Load(x + i), V.Load(y + i)).Store(q + i);
        }
        for (int i = 0; i < a.Length; i++)
        {
            if (!quotients[i].Equals(a[i] / b[i])) Assert.Fail($"{V.Count} lanes: {a[i]:G9} / {b[i]:G9} gave {quotients[i]:G9}, not {a[i] / b[i]:G9}");
        }
    }
}
