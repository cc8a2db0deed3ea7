namespace Fovea.Onnx;

/// <summary>Enlarging and shrinking by any factor along any axes: each number of an output is a sum of neighbours along one axis after the other.</summary>
internal static class ResizeOperator
{
    // Where an output pixel lies among those of the input, and which input pixel is nearest to a place between two.
    private sealed record Rules(string Mode, string Place, string Nearest, float Cubic, bool ExcludesOutside, bool Antialias)
    {
        /// <summary>How far the weights reach to either side.</summary>
        public int Reach => Mode == "linear" ? 1 : 2;

        /// <summary>The weight of a pixel at a distance: a triangle, or Keys' cubic (1981).</summary>
        public double Weight(double distance)
        {
            double d = Math.Abs(distance);
            if (Mode == "linear") return Math.Max(0, 1 - d);
            return d <= 1 ? ((Cubic + 2) * d - (Cubic + 3)) * d * d + 1 : d < 2 ? ((Cubic * d - 5 * Cubic) * d + 8 * Cubic) * d - 4 * Cubic : 0;
        }
    }

    // What an axis becomes: the factor is that of the places, which need not be the ratio of the extents.
    private readonly record struct Axis(int Number, int Input, int Output, double Factor, bool BySize)
    {
        // An extent that was asked for is divided as whole numbers, so that no place falls just beside a pixel.
        private double Back(double place) => BySize ? place * Input / Output : place / Factor;

        public double Place(int i, string rule)
        {
            double length = BySize ? Output : Factor * Input;
            return rule switch
            {
                "asymmetric" => Back(i),
                "align_corners" => length == 1 ? 0 : i * (Input - 1) / (length - 1),
                "pytorch_half_pixel" when Output == 1 => 0,
                "half_pixel_symmetric" => Input / 2.0 * (1 - Output / length) + Back(i + 0.5) - 0.5,
                _ => Back(i + 0.5) - 0.5,
            };
        }
    }

    public static OnnxTensor Resize(OnnxNode node, Operands x)
    {
        OnnxTensor y = x.Floats(0);
        Rules rules = Read(node);
        foreach (Axis axis in Axes(node, x))
            if (axis.Output != axis.Input || axis.Factor != 1) y = Along(node, y, axis, rules);
        return y;
    }

    private static Rules Read(OnnxNode node)
    {
        // Before version 11 there was one way to place pixels, and no attribute to say another.
        string mode = node.Text("mode", "nearest"), place = "asymmetric", nearest = "floor";
        if (node.Opset < 11) return mode is "nearest" or "linear" ? new Rules(mode, place, nearest, 0, false, false) : throw node.Error($"the mode {mode} is not supported; nearest and linear are");
        (place, nearest) = (node.Text("coordinate_transformation_mode", "half_pixel"), node.Text("nearest_mode", "round_prefer_floor"));
        node.Ignore("extrapolation_value");
        if (mode is not ("nearest" or "linear" or "cubic")) throw node.Error($"the mode {mode} is not supported; nearest, linear and cubic are");
        if (place is not ("half_pixel" or "half_pixel_symmetric" or "pytorch_half_pixel" or "align_corners" or "asymmetric"))
            throw node.Error($"coordinate_transformation_mode {place} is not supported; half_pixel, half_pixel_symmetric, pytorch_half_pixel, align_corners and asymmetric are");
        if (nearest is not ("round_prefer_floor" or "round_prefer_ceil" or "floor" or "ceil")) throw node.Error($"nearest_mode {nearest} is not supported");
        return new Rules(mode, place, nearest, node.Float("cubic_coeff_a", -0.75f), node.Flag("exclude_outside"), node.Flag("antialias"));
    }

    private static IEnumerable<Axis> Axes(OnnxNode node, Operands x)
    {
        int rank = x[0].Rank;
        float[]? scales = node.Operation == "Upsample" && node.Opset < 9 ? node.Floats("scales") : x.Optional(x.Count > 2 ? 2 : 1)?.AllFloats;
        int[]? sizes = x.Integers(3);
        int[] axes = node.Integers("axes") is { } given ? [.. given.Select(axis => node.Axis(axis, rank, "axes"))] : [.. Enumerable.Range(0, rank)];
        if (scales is []) scales = null;
        if (sizes is []) sizes = null;
        if (scales is null == sizes is null || (scales?.Length ?? sizes!.Length) != axes.Length || axes.Distinct().Count() != axes.Length)
            throw node.Error($"its scales are {(scales is null ? "missing" : OnnxNode.List(scales))} and its sizes {(sizes is null ? "missing" : OnnxNode.List(sizes))}; expected either, a number for each of {axes.Length} axes");
        string policy = node.Text("keep_aspect_ratio_policy", "stretch");
        if (policy is not ("stretch" or "not_larger" or "not_smaller")) throw node.Error($"keep_aspect_ratio_policy {policy} is not supported");
        double[] factors = [.. axes.Select((axis, i) => scales is not null ? scales[i] : (double)sizes![i] / x[0].Shape[axis])];
        bool bySize = scales is null && policy == "stretch";
        if (scales is null && policy != "stretch") Array.Fill(factors, policy == "not_larger" ? factors.Min() : factors.Max());
        for (int i = 0; i < axes.Length; i++)
        {
            int extent = x[0].Shape[axes[i]];
            double output = bySize ? sizes![i] : Math.Floor(scales is null ? factors[i] * extent + 0.5 : factors[i] * extent);
            if (!(factors[i] > 0) || !(output is >= 1 and <= int.MaxValue)) throw node.Error($"axis {axes[i]} of its input {x[0]} would have {output} numbers");
            yield return new Axis(axes[i], extent, (int)output, factors[i], bySize);
        }
    }

    private static OnnxTensor Along(OnnxNode node, OnnxTensor x, Axis axis, Rules rules)
    {
        int[] shape = [.. x.Shape];
        shape[axis.Number] = axis.Output;
        float[] values = new float[Indexing.Count(node, shape)];
        int inner = (int)OnnxTensor.CountOf(x.Shape.Skip(axis.Number + 1)), outer = x.Count / Math.Max(1, inner * axis.Input);
        for (int i = 0; i < axis.Output; i++)
        {
            (int Index, double Weight)[] taps = Taps(axis, axis.Place(i, rules.Place), rules);
            for (int o = 0; o < outer; o++)
            {
                ReadOnlySpan<float> from = x.AllFloats.AsSpan(o * axis.Input * inner, axis.Input * inner);
                Span<float> to = values.AsSpan((o * axis.Output + i) * inner, inner);
                for (int j = 0; j < inner; j++)
                {
                    double sum = 0;
                    foreach (var (index, weight) in taps) sum += weight * from[index * inner + j];
                    to[j] = (float)sum;
                }
            }
        }
        return new OnnxTensor(shape, values);
    }

    private static (int Index, double Weight)[] Taps(Axis axis, double place, Rules rules)
    {
        int Inside(double index) => (int)Math.Clamp(index, 0, axis.Input - 1);
        if (rules.Mode == "nearest")
        {
            return [(Inside(rules.Nearest switch
            {
                "floor" => Math.Floor(place),
                "ceil" => Math.Ceiling(place),
                "round_prefer_ceil" => Math.Floor(place + 0.5),
                _ => Math.Ceiling(place - 0.5),
            }), 1)];
        }
        // Shrunk images are smoothed by weights that reach as much further.
        double squeeze = rules.Antialias ? Math.Min(1, axis.Factor) : 1, reach = rules.Reach / squeeze;
        var taps = new List<(int Index, double Weight)>();
        for (double index = Math.Ceiling(place - reach); index <= Math.Floor(place + reach); index++)
        {
            double weight = rules.Weight((index - place) * squeeze);
            if (weight != 0 && !(rules.ExcludesOutside && (index < 0 || index >= axis.Input))) taps.Add((Inside(index), weight));
        }
        double sum = taps.Sum(tap => tap.Weight);
        return [.. taps.Select(tap => (tap.Index, tap.Weight / sum))];
    }
}
