using System.Text.Json;
using System.Text.Json.Nodes;
using Fovea.Tests.Laws;
using Fovea.Tests.Training;

namespace Fovea.Tests.Data;

public class AugmentationTests
{
    private const int Height = 9, Width = 12, Many = 300;

    private static readonly Shape s_shape = new(1, Height, Width);

    // Each pixel differs from its neighbours by one to the right and by a hundred downwards: bilinear interpolation of it is exact.
    private static readonly float[] s_ramp = [.. Enumerable.Range(0, Height * Width).Select(i => 5000f + i % Width + 100 * (i / Width))];

    private static float[] Apply(string text, uint sample, uint epoch = 0, ulong seed = 1, float[]? image = null, Shape? shape = null, Normalization? bytes = null)
    {
        float[] source = image ?? s_ramp, result = new float[source.Length];
        Augmentation.Parse(text).Apply(source, result, shape ?? s_shape, bytes, seed, sample, epoch);
        return result;
    }

    // The image moved by so many pixels, mirrored first or not, by the definition.
    private static float[] Moved(int right, int down, bool mirrored) =>
    [
        .. Enumerable.Range(0, Height * Width).Select(i =>
        {
            int row = i / Width - down, column = i % Width - right;
            if (row is < 0 or >= Height || column is < 0 or >= Width) return 0;
            return s_ramp[row * Width + (mirrored ? Width - 1 - column : column)];
        }),
    ];

    [Fact]
    public void Nothing_is_changed_by_none() => Assert.Equal(s_ramp, Apply("none", 3));

    [Fact]
    public void Images_are_moved_and_mirrored_by_whole_pixels_exactly_and_evenly()
    {
        (int Right, int Down, bool Mirrored)[] cases = [.. from right in (int[])[-1, 0, 1] from down in (int[])[-1, 0, 1] from mirrored in (bool[])[false, true] select (right, down, mirrored)];
        var counts = new Dictionary<(int, int, bool), int>();
        for (uint sample = 0; sample < 1800; sample++)
        {
            float[] result = Apply("shift=1 flip", sample);
            var found = cases.Single(c => result.AsSpan().SequenceEqual(Moved(c.Right, c.Down, c.Mirrored)));
            counts[found] = counts.GetValueOrDefault(found) + 1;
        }
        // Eighteen cases of 100 each: six deviations of a binomial distribution.
        Assert.Equal(18, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 42, 158));
    }

    // Of what is taken from inside: how much the values grow from pixel to pixel, to the right and downwards.
    private static (double Right, double Down, double Middle) Slopes(float[] result)
    {
        int row = Height / 2, column = Width / 2;
        double At(int r, int c) => result[r * Width + c];
        return (At(row, column) - At(row, column - 1), At(row + 1, column) - At(row, column), (At(row, column) + At(row, column - 1)) / 2);
    }

    [Fact]
    public void A_turn_is_about_the_middle_and_within_the_degrees_asked_for()
    {
        var angles = new List<double>();
        for (uint sample = 0; sample < Many; sample++)
        {
            var (right, down, middle) = Slopes(Apply("rotate=20", sample));
            // The slope (1, 100), turned by an angle a, is (cos a - 100 sin a, sin a + 100 cos a): its length stays, and so does the middle.
            Assert.Equal(Math.Sqrt(10001), Math.Sqrt(right * right + down * down), 0.02);
            angles.Add((Math.Atan2(down, right) - Math.Atan2(100, 1)) * 180 / Math.PI);
            Assert.Equal(5000 + 5.5 + 400, middle, 0.02);
        }
        Assert.All(angles, angle => Assert.InRange(angle, -20.01, 20.01));
        // Uniform from -20 to 20: the mean of 300 lies within five of its deviations of 0.67.
        Assert.InRange(angles.Average(), -3.4, 3.4);
        Assert.True(angles.Min() < -18 && angles.Max() > 18);
    }

    [Fact]
    public void A_scale_grows_and_shrinks_by_the_share_asked_for()
    {
        double[] sizes = [.. Enumerable.Range(0, Many).Select(sample => 100 / Slopes(Apply("scale=0.25", (uint)sample)).Down)];
        Assert.All(sizes, size => Assert.InRange(size, 0.7499, 1.2501));
        Assert.True(sizes.Min() < 0.77 && sizes.Max() > 1.23);
    }

    [Fact]
    public void A_crop_enlarges_a_window_that_lies_inside()
    {
        float[] columns = [.. Enumerable.Range(0, Height * Width).Select(i => (float)(i % Width))], rows = [.. Enumerable.Range(0, Height * Width).Select(i => (float)(i / Width))];
        var lefts = new List<double>();
        for (uint sample = 0; sample < Many; sample++)
        {
            // Where the pixel of row 4 and column 6 comes from, and how far its neighbours are.
            float[] across = Apply("crop=0.5", sample, image: columns), down = Apply("crop=0.5", sample, image: rows);
            double side = across[4 * Width + 6] - across[4 * Width + 5];
            Assert.Equal(side, down[4 * Width + 6] - down[3 * Width + 6], 1e-5);
            Assert.InRange(side, 0.4999, 1.0001);
            // Pixels are squares: its left edge lies half a new pixel before its middle, that of the old one half an old pixel.
            double left = across[4 * Width + 6] + 0.5 - side * 6.5, top = down[4 * Width + 6] + 0.5 - side * 4.5;
            Assert.InRange(left, -1e-4, Width * (1 - side) + 1e-4);
            Assert.InRange(top, -1e-4, Height * (1 - side) + 1e-4);
            lefts.Add(left);
        }
        Assert.True(lefts.Max() > 4.5);
    }

    [Fact]
    public void Erased_is_one_square()
    {
        var places = new HashSet<(int, int)>();
        for (uint sample = 0; sample < Many; sample++)
        {
            float[] result = Apply("erase=3", sample);
            int[] erased = [.. Enumerable.Range(0, result.Length).Where(i => result[i] != s_ramp[i])];
            Assert.All(erased, i => Assert.Equal(0, result[i]));
            int top = erased.Min(i => i / Width), bottom = erased.Max(i => i / Width), left = erased.Min(i => i % Width), right = erased.Max(i => i % Width);
            Assert.Equal((bottom - top + 1) * (right - left + 1), erased.Length);
            // A side is shorter at the edge of the image alone.
            Assert.Equal(top == 0 || bottom == Height - 1 ? Math.Min(3, bottom - top + 1) : 3, bottom - top + 1);
            Assert.Equal(left == 0 || right == Width - 1 ? Math.Min(3, right - left + 1) : 3, right - left + 1);
            places.Add((top, left));
        }
        Assert.True(places.Count > 60);
    }

    [Fact]
    public void Noise_has_the_deviation_asked_for_and_stays_between_black_and_white()
    {
        var shape = new Shape(2, 40, 51);
        var bytes = new Normalization([0.5f, 0.4f], [0.5f, 0.2f]);
        float[] grey = [.. Enumerable.Range(0, shape.Count).Select(i => i < shape.Count / 2 ? 0f : (0.5f - 0.4f) / 0.2f)];
        float[] result = Apply("noise=0.05", 7, image: grey, shape: shape, bytes: bytes);
        for (int channel = 0; channel < 2; channel++)
        {
            double[] noise = [.. Enumerable.Range(channel * 2040, 2040).Select(i => (double)(result[i] - grey[i]) * (channel == 0 ? 0.5 : 0.2))];
            Assert.Equal(0, noise.Average(), 0.006);
            Assert.Equal(0.05, Math.Sqrt(noise.Average(x => x * x)), 0.004);
        }
        // Much noise: half of what is black stays black, which is -0.4 / 0.2 in the second channel.
        float[] black = [.. Enumerable.Range(0, shape.Count).Select(i => i < shape.Count / 2 ? -1f : -2f)];
        float[] much = Apply("noise=0.5", 7, image: black, shape: shape, bytes: bytes);
        Assert.Equal(-1, much[..2040].Min());
        Assert.Equal(-2, much[2040..].Min(), 1e-6);
        Assert.InRange(much[2040..].Max(), 2.9, 3.00001);
        Assert.InRange(much[..2040].Count(value => value == -1), 920, 1120);
    }

    [Fact]
    public void Of_bytes_what_lies_outside_is_black()
    {
        float[] result = Apply("shift=1", 0, image: [.. Enumerable.Repeat(1f, 12)], shape: new Shape(1, 3, 4), bytes: new Normalization([0.5f], [0.25f]));
        Assert.All(result, value => Assert.True(value is 1 or -2));
        Assert.Contains(Enumerable.Range(0, 20).SelectMany(sample => Apply("shift=1", (uint)sample, image: [.. Enumerable.Repeat(1f, 12)], shape: new Shape(1, 3, 4),
            bytes: new Normalization([0.5f], [0.25f]))), value => value == -2);
    }

    [Fact]
    public void The_same_seed_epoch_and_sample_give_the_same_pixels_and_others_give_others()
    {
        const string all = "shift=2 rotate=15 scale=0.1 flip crop=0.8 erase=3 noise=0.1";
        float[] once = Apply(all, 5, 2, 9);
        Assert.Equal(once, Apply(all, 5, 2, 9));
        Assert.NotEqual(once, Apply(all, 6, 2, 9));
        Assert.NotEqual(once, Apply(all, 5, 3, 9));
        Assert.NotEqual(once, Apply(all, 5, 2, 10));
    }

    [Fact]
    public void A_network_sees_these_pixels_whatever_the_threads_the_lanes_and_the_batch()
    {
        // Bytes of images of two channels; a network that gives them back.
        var shape = new Shape(2, 7, 6);
        byte[] pixels = [.. Enumerable.Range(0, 37 * shape.Count).Select(i => (byte)(i * 37 % 256))];
        Dataset whole = Dataset.FromBytes("bytes", shape, pixels, new int[37], ["only", "other"], new Normalization([0.3f, 0.6f], [0.2f, 0.4f]));
        int[] order = [.. Enumerable.Range(0, 37).Select(i => i * 11 % 37)];
        Dataset data = whole.Subset(order);
        var network = new Network(ModelSpec.Parse("zeropad 0", shape));
        var pass = new AugmentationPass(Augmentation.Parse("shift=2 rotate=15 flip noise=0.1"), Seed: 3, Epoch: 4);
        int[] samples = [.. Enumerable.Range(0, 37)];
        float[] expected = new float[shape.Count], scratch = new float[shape.Count];
        foreach (var (threads, lanes) in (IEnumerable<(int, int)>)[(1, 4), (2, 4), (8, 4), .. Plans.HasVectors ? [(3, 8), (8, 16)] : (IEnumerable<(int, int)>)[]])
        {
            ExecutionPlan plan = Plans.Create(network, new PlanOptions { BatchSize = 37, Threads = threads, Lanes = lanes, MicroBatchGroups = 2 });
            int seen = 0;
            plan.Observe(new Batch(data, samples, pass), null, (_, sample, output) =>
            {
                pass.Copy(data, sample, scratch, expected);
                Numbers.AssertSameBits(expected, output, $"sample {sample}, {threads} threads, {lanes} lanes");
                seen++;
            });
            Assert.Equal(37, seen);
        }
    }

    [Fact]
    public void A_training_has_the_same_bits_on_any_number_of_threads_and_after_a_resume()
    {
        var settings = new TrainingSettings { Epochs = 2, BatchSize = 8, ValidationFraction = 0.2, Seed = 4, Augmentation = Augmentation.Parse("shift=1 rotate=10 flip erase=2") };
        float[] Train(int threads, int stop)
        {
            var trainer = new Trainer(Problems.Model, Problems.Bars(50), settings, threads);
            using var folder = new TemporaryFolder();
            using var cancellation = new CancellationTokenSource();
            int done = 0;
            if (!trainer.Run(_ => { if (++done == stop) cancellation.Cancel(); }, cancellation: cancellation.Token))
            {
                trainer.Save(folder.Path);
                trainer = Trainer.Resume(folder.Path, Problems.Bars(50), threads: 1);
                trainer.Run();
            }
            return [.. trainer.Network.ParameterMemory.Span];
        }
        float[] expected = Train(1, stop: 0);
        foreach (int threads in (int[])[2, 3, 8]) Numbers.AssertSameBits(expected, Train(threads, stop: 0), $"{threads} threads");
        foreach (int stop in (int[])[3, 5, 7]) Numbers.AssertSameBits(expected, Train(2, stop), $"resumed after {stop}");
        var plain = new Trainer(Problems.Model, Problems.Bars(50), settings with { Augmentation = Augmentation.None }, threads: 1);
        plain.Run();
        Assert.False(expected.AsSpan().SequenceEqual(plain.Network.ParameterMemory.Span));
    }

    [Fact]
    public void Rows_of_numbers_are_no_images()
    {
        var settings = new TrainingSettings { Loss = new MseLoss(), Augmentation = Augmentation.Parse("flip") };
        Assert.StartsWith("lines: the samples are rows of 1 numbers, no images: they cannot be augmented.",
            Assert.Throws<FoveaException>(() => new Trainer(ModelSpec.Parse("linear 2", Shape.Flat(1)), Problems.Lines(20), settings)).Message);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("shift=2 rotate=10.5 scale=0.1 flip crop=0.8 erase=8 noise=0.05")]
    [InlineData("flip")]
    public void Text_and_json_are_read_back_as_the_same(string text)
    {
        var augmentation = Augmentation.Parse(text);
        Assert.Equal(text, $"{augmentation}");
        Assert.Equal(augmentation, JsonSerializer.Deserialize<Augmentation>(JsonSerializer.Serialize(augmentation)));
        TrainingSettings settings = new TrainingSettings().With("augment", text);
        Assert.Equal(augmentation, settings.Augmentation);
        Assert.Equal(text, settings.Describe()["augment"]);
    }

    [Theory]
    [InlineData("shfit=2", "augmentation: there is no \"shfit\". Did you mean shift? There are: shift, rotate, scale, flip, crop, erase, noise, as in \"shift=2 rotate=10 flip\", or none.")]
    [InlineData("shift", "augmentation: shift takes a whole number of pixels, as in shift=2, got \"\".")]
    [InlineData("shift=1.5", "augmentation: shift takes a whole number of pixels, as in shift=2, got \"1.5\".")]
    [InlineData("rotate=181", "augmentation: rotate takes degrees from 0 to 180, got \"181\".")]
    [InlineData("scale=1", "augmentation: scale takes a share of at least 0 and below 1, got \"1\".")]
    [InlineData("crop=0", "augmentation: crop takes a share above 0 and at most 1, got \"0\".")]
    [InlineData("noise=NaN", "augmentation: noise takes a number of at least 0, got \"NaN\".")]
    [InlineData("flip=1", "augmentation: flip takes no number, got \"1\".")]
    [InlineData("flip flip", "augmentation: flip is given twice.")]
    [InlineData("", "augmentation: nothing is given. Write what is changed, as in \"shift=2 rotate=10 flip\", or none.")]
    public void What_is_none_is_refused(string text, string message) => Assert.Equal(message, Assert.Throws<FoveaException>(() => Augmentation.Parse(text)).Message);

    [Theory]
    [InlineData("shift=3", "augmentation: shift=3 may move images out of sight, as they are 3x4 pixels. Give less than 3.")]
    [InlineData("shift=2147483647", "augmentation: shift=2147483647 may move images out of sight, as they are 3x4 pixels. Give less than 3.")]
    [InlineData("erase=3", "augmentation: erase=3 may blacken all of an image, as they are 3x4 pixels. Give less than 3.")]
    public void What_leaves_nothing_of_an_image_is_refused(string text, string message)
    {
        var model = ModelSpec.Parse("flatten | linear 2 | logsoftmax", new Shape(1, 3, 4));
        var data = Dataset.FromTensor(new Tensor(4, new Shape(1, 3, 4)), [0, 1, 0, 1], classes: 2);
        Trainer Make(string changes) => new(model, data, new TrainingSettings { ValidationFraction = 0, Augmentation = Augmentation.Parse(changes) });
        Assert.Equal(message, Assert.Throws<FoveaException>(() => Make(text)).Message);
        Assert.NotNull(Make("shift=2 erase=2"));
    }

    [Fact]
    public void Settings_that_were_made_by_hand_are_checked() =>
        Assert.Equal("settings: augmentation: scale takes a share of at least 0 and below 1, got \"2\".",
            Assert.Throws<FoveaException>(() => new TrainingSettings { Augmentation = new Augmentation { Scale = 2 } }.Check()).Message);

    [Fact]
    public void Settings_written_before_there_was_any_are_read_without()
    {
        JsonObject json = JsonSerializer.SerializeToNode(new TrainingSettings(), FoveaJson.Of<TrainingSettings>())!.AsObject();
        json.Remove("augmentation");
        JsonDefaults.Complete(json, new TrainingSettings());
        Assert.Equal(Augmentation.None, JsonDefaults.Read<TrainingSettings>(json).Augmentation);
    }
}
