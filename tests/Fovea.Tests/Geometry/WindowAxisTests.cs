using CsCheck;

namespace Fovea.Tests.Geometry;

public class WindowAxisTests
{
    private static readonly Gen<WindowAxis> s_axes = Axes(Gen.Int[1, 4]);
    private static readonly Gen<WindowAxis> s_undilated = Axes(Gen.Const(1));

    private static Gen<WindowAxis> Axes(Gen<int> dilations) =>
        Gen.Select(Gen.Int[1, 24], Gen.Int[1, 7], Gen.Int[1, 6], Gen.Int[0, 6], dilations, Gen.Bool)
            .Select((input, kernel, stride, padding, dilation, ceil) => new WindowAxis(input, kernel, stride, padding, dilation, ceil))
            // Pooling alone rounds up, and its padding is at most half of the window.
            .Where(axis => axis.Fits && (!axis.CeilMode || 2 * axis.Padding <= axis.Kernel));

    [Theory]
    // Worked example 1: M = 6, r = 3, p = 0, s = 1.
    [InlineData(6, 3, 1, 0, 1, false, 4)]
    // The convolutions and poolings of the networks with stride 1 and 2.
    [InlineData(28, 5, 1, 2, 1, false, 28)]
    [InlineData(28, 5, 1, 0, 1, false, 24)]
    [InlineData(28, 5, 2, 2, 1, false, 14)]
    [InlineData(14, 5, 2, 0, 1, false, 5)]
    // floor((7 + 0 - 2) / 2) + 1 = 3, and 4 when rounded up.
    [InlineData(7, 2, 2, 0, 1, false, 3)]
    [InlineData(7, 2, 2, 0, 1, true, 4)]
    // Rounded up, a fourth window would start at pixel 6 of the padded input, past the input's end: it is left out.
    [InlineData(5, 2, 2, 1, 1, true, 3)]
    // A dilated kernel of 3 covers 2 (3 - 1) + 1 = 5 pixels.
    [InlineData(9, 3, 1, 0, 2, false, 5)]
    public void Windows_are_counted_as_by_hand(int input, int kernel, int stride, int padding, int dilation, bool ceil, int expected) =>
        Assert.Equal(expected, new WindowAxis(input, kernel, stride, padding, dilation, ceil).Output);

    [Fact]
    public void A_window_larger_than_the_padded_input_does_not_fit()
    {
        var axis = new WindowAxis(input: 3, kernel: 6, padding: 1);
        Assert.False(axis.Fits);
        Assert.Equal(0, axis.Output);
        Assert.True(new WindowAxis(input: 4, kernel: 6, padding: 1).Fits);
    }

    [Fact]
    public void Windows_are_those_that_a_walk_along_the_padded_input_finds() => s_axes.Sample(axis =>
    {
        int windows = 0, padded = axis.Input + 2 * axis.Padding;
        for (int start = 0; ; start += axis.Stride)
        {
            bool whole = start + axis.Extent <= padded;
            // Rounding up adds one window where the last whole one does not reach the end, if it starts before the far padding.
            bool hanging = axis.CeilMode && start > 0 && start - axis.Stride + axis.Extent < padded && start < axis.Input + axis.Padding;
            if (!whole && !hanging) break;
            windows++;
        }
        Assert.Equal(windows, axis.Output);
    });

    [Fact]
    public void Taps_inside_are_those_on_a_pixel_of_the_input() => s_axes.Sample(axis =>
    {
        for (int output = 0; output < axis.Output; output++)
        {
            int[] expected = [.. Enumerable.Range(0, axis.Kernel).Where(tap => axis.Pixel(output, tap) >= 0 && axis.Pixel(output, tap) < axis.Input)];
            var (first, end) = axis.TapsInside(output);
            Assert.Equal(expected, Enumerable.Range(first, end - first));
            Assert.InRange(first, 0, axis.Kernel);
        }
    });

    [Fact]
    public void Taps_inside_of_neighbouring_windows_are_those_of_any_of_them() => s_axes.Sample(axis =>
    {
        for (int first = 0; first < axis.Output; first++)
        {
            for (int last = first; last < axis.Output; last++)
            {
                var (from, end) = axis.TapsInside(first, last);
                AssertSpans(from, end, [.. Enumerable.Range(first, last - first + 1).Select(output => axis.TapsInside(output))], axis.Kernel);
            }
        }

        for (int phase = 0; phase < axis.Stride; phase++)
        {
            BackwardPhase p = axis.Backward(phase);
            for (int first = 0; first < p.Pixels; first++)
            {
                for (int last = first; last < p.Pixels; last++)
                {
                    var (from, end) = p.TapsInside(first, last, axis.Output);
                    AssertSpans(from, end, [.. Enumerable.Range(first, last - first + 1).Select(pixel => p.TapsInside(pixel, pixel, axis.Output))], p.Taps);
                }
            }
        }

        // From the first of all taps to the last; what lies wholly on the padding may add more, which meet zeros.
        static void AssertSpans(int from, int end, (int First, int End)[] each, int all)
        {
            Assert.InRange(from, 0, end);
            Assert.InRange(end, 0, all);
            var some = each.Where(taps => taps.First < taps.End).ToArray();
            if (some.Length == 0) return;
            Assert.InRange(from, 0, some.Min(taps => taps.First));
            Assert.InRange(end, some.Max(taps => taps.End), all);
            if (some.Length == each.Length) Assert.Equal((some.Min(taps => taps.First), some.Max(taps => taps.End)), (from, end));
        }
    });

    [Fact]
    public void Outputs_at_a_pixel_are_the_windows_that_cover_it() => s_undilated.Sample(axis =>
    {
        for (int pixel = 0; pixel < axis.Input; pixel++)
        {
            int[] expected = [.. Enumerable.Range(0, axis.Output).Where(output => axis.Pixel(output, 0) <= pixel && pixel <= axis.Pixel(output, axis.Kernel - 1))];
            int first = axis.FirstOutputAt(pixel), last = axis.LastOutputAt(pixel);
            Assert.Equal(expected, Enumerable.Range(first, Math.Max(0, last - first + 1)));
        }
    });

    [Fact]
    public void Padded_taps_are_those_on_the_padded_input() => s_undilated.Sample(axis =>
    {
        for (int output = 0; output < axis.Output; output++)
            Assert.Equal(Enumerable.Range(0, axis.Kernel).Count(tap => axis.Pixel(output, tap) < axis.Input + axis.Padding), axis.PaddedTaps(output));
    });

    [Fact]
    public void Window_runs_are_all_windows_in_order_by_their_taps_on_the_input() => s_undilated.Sample(axis =>
    {
        var windows = from run in axis.WindowRuns()
                      from i in Enumerable.Range(0, run.Count)
                      select (Output: run.First + i, Pixel: run.Pixel + i * axis.Stride, First: run.FirstTap, End: run.FirstTap + run.Taps);
        var expected = from output in Enumerable.Range(0, axis.Output)
                       let taps = axis.TapsInside(output)
                       select (output, axis.Pixel(output, taps.First), taps.First, taps.End);
        Assert.Equal(expected, windows);
    });

    [Fact]
    public void Pixel_runs_are_all_pixels_with_the_windows_that_cover_them() => s_undilated.Sample(axis =>
    {
        var pixels = from run in axis.PixelRuns()
                     from i in Enumerable.Range(0, run.Count)
                     from window in Enumerable.Range(0, run.Windows)
                     select (Pixel: run.First + i * axis.Stride, Output: run.FirstWindow + i + window, Tap: run.Tap - window * axis.Stride);
        var expected = from output in Enumerable.Range(0, axis.Output)
                       from tap in Enumerable.Range(0, axis.Kernel)
                       where axis.Pixel(output, tap) >= 0 && axis.Pixel(output, tap) < axis.Input
                       select (axis.Pixel(output, tap), output, tap);
        Assert.Equal(expected.Order(), pixels.Order());
        Assert.Equal(Enumerable.Range(0, axis.Input), axis.PixelRuns().SelectMany(run => Enumerable.Range(0, run.Count).Select(i => run.First + i * axis.Stride)).Order());
    });

    [Fact]
    public void Backward_phases_are_all_meetings_of_pixels_taps_and_outputs() => s_axes.Sample(axis =>
    {
        var (before, after) = axis.BackwardMargin;
        var meetings = new List<(int Pixel, int Tap, int Output)>();
        for (int phase = 0; phase < axis.Stride; phase++)
        {
            BackwardPhase p = axis.Backward(phase);
            Assert.Equal(Enumerable.Range(0, axis.Input).Count(pixel => pixel % axis.Stride == phase), p.Pixels);
            for (int t = 0; t < p.Pixels; t++)
            {
                var (first, end) = p.TapsInside(t, t, axis.Output);
                for (int j = 0; j < p.Taps; j++)
                {
                    int output = t + p.FirstOutput - j * p.OutputStep;
                    bool inside = output >= 0 && output < axis.Output;
                    Assert.Equal(inside, j >= first && j < end);
                    Assert.InRange(output, -before, axis.Output - 1 + after);
                    if (inside) meetings.Add((phase + t * axis.Stride, p.FirstTap + j * p.TapStep, output));
                }
            }
        }
        var expected = from output in Enumerable.Range(0, axis.Output)
                       from tap in Enumerable.Range(0, axis.Kernel)
                       where axis.Pixel(output, tap) >= 0 && axis.Pixel(output, tap) < axis.Input
                       select (axis.Pixel(output, tap), tap, output);
        Assert.Equal(expected.Order(), meetings.Order());
    });

    [Theory]
    [InlineData(0, 1, 1, 0, 1)]
    [InlineData(1, 0, 1, 0, 1)]
    [InlineData(1, 1, 0, 0, 1)]
    [InlineData(1, 1, 1, -1, 1)]
    [InlineData(1, 1, 1, 0, 0)]
    public void Sizes_out_of_range_are_refused(int input, int kernel, int stride, int padding, int dilation) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WindowAxis(input, kernel, stride, padding, dilation));

    [Fact]
    public void Large_sizes_do_not_overflow()
    {
        // floor((10 + 0 - 2) / 2^31-1) + 1, and one more rounded up, which would start past the input.
        Assert.Equal(1, new WindowAxis(10, 2, stride: int.MaxValue).Output);
        Assert.Equal(1, new WindowAxis(10, 2, stride: int.MaxValue, ceilMode: true).Output);
        // 1 + 2 (2^30) - 1 = 2^31 pixels of padding, two apart.
        Assert.Equal((1 << 30) + 1, new WindowAxis(1, 1, stride: 2, padding: 1 << 30).Output);
    }
}
