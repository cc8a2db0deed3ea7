namespace Fovea.Onnx;

/// <summary>
/// Finds the activation that several nodes are together, whatever they are put together of: by what comes out for many numbers. Programs
/// write the same function in many ways; a function that agrees at all of these numbers to the precision of float32 is the same.
/// </summary>
internal static class ActivationByValues
{
    // Of float32, where a large and a small number were added on the way.
    private const double Tolerance = 2e-6;

    // Close to 0, and as far out as a bound may lie that is no activation's.
    private static readonly float[] s_probes =
    [
        .. Enumerable.Range(-400, 801).Select(i => i * 0.0307f + 0.0011f), 6, -3, 3, 30, -30, 80,
        .. ((float[])[5e-5f, 5e-4f, 100, 1e3f, 1e4f, 1e6f, 1e8f, 1e12f, 1e20f, 1e30f]).SelectMany(size => (float[])[size, -size]),
    ];

    // Beyond it a function may overflow on the way, where it is put together of exponentials.
    private const float Moderate = 80;

    private static readonly HashSet<string> s_operators =
        [.. NodeLayers.Activations, .. ElementOperators.Functions, .. ElementOperators.Arithmetic, .. ElementOperators.Comparisons, "Clip", "Where", "Not", "Cast"];

    /// <summary>The activation that the steps from one on to another are, or null.</summary>
    public static Activation? Find(OnnxStep start, OnnxStep end)
    {
        if (end.Between(start) is not { } steps || steps.Any(step => !s_operators.Contains(step.Node!.Operation))) return null;
        if (steps is [{ Node: { } only }] && NodeLayers.Activation(only) is { } activation)
        {
            only.CheckAttributes();
            return activation;
        }
        OnnxTensor[] numbers = [.. steps.SelectMany(step => step.Constants).OfType<OnnxTensor>()];
        if (numbers.Any(number => number.Count != 1)) return null;
        var values = new Dictionary<OnnxStep, OnnxTensor> { [start] = new([s_probes.Length], s_probes) };
        foreach (OnnxStep step in steps)
        {
            OnnxTensor?[] inputs = [.. step.Sources.Select((source, i) => source is null ? step.Constants[i] : values[source])];
            values[step] = OnnxEvaluator.Evaluate(step.Node!, inputs)[0];
        }
        if (values[end] is not { AllFloats: { } outputs } || outputs.Length != s_probes.Length) return null;
        float[] scalars = [.. numbers.Select(number => (float)number[0]).Where(value => value is > 0 and <= 80).Distinct()];
        return Candidates(scalars).FirstOrDefault(candidate => Agrees(candidate, outputs));
    }

    private static IEnumerable<Activation> Candidates(float[] scalars)
    {
        foreach (Activation activation in (Activation[])
            [
                new ReLU(), new ReLU6(), new SiLU(), new Hardswish(), new Hardsigmoid(), new GELU(), new GELU { Approximate = true }, new Mish(), new Sigmoid(),
                new Tanh(), new SELU(), new ELU(), new Softplus(),
            ])
            yield return activation;
        foreach (float beta in (float[])[1, .. scalars])
        {
            yield return new LeakyReLU(beta);
            yield return new ELU(beta);
            foreach (float threshold in (float[])[20, .. scalars]) yield return new Softplus(beta, threshold);
        }
    }

    private static bool Agrees(Activation candidate, float[] outputs)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            if (Math.Abs(s_probes[i]) > Moderate && !float.IsFinite(outputs[i])) continue;
            if (!(Math.Abs(candidate.Value(s_probes[i]) - outputs[i]) <= Tolerance * (1 + Math.Abs(s_probes[i])))) return false;
        }
        return true;
    }
}
