using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// How training images are changed at random, so that a network does not learn what does not matter. What is drawn follows from the seed of
/// the training, the epoch and the sample alone: the same pixels on any number of threads, and after a resume. Pixels from outside of the
/// image are black (0 where the data are no bytes).
/// </summary>
[JsonConverter(typeof(AugmentationJsonConverter))]
public sealed record Augmentation
{
    /// <summary>Images stay as they are.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>Pixels by which an image is moved at most, to each side and up and down. A crop of an image with so wide a margin is the same.</summary>
    public int Shift { get; init; }

    /// <summary>Degrees by which it is turned at most, either way.</summary>
    public float Rotate { get; init; }

    /// <summary>The share by which it grows or shrinks at most: 0.1 is from 0.9 to 1.1.</summary>
    public float Scale { get; init; }

    /// <summary>Whether every other one, on average, is mirrored, left to right.</summary>
    public bool Flip { get; init; }

    /// <summary>The least share of height and width that a window of it takes, which is then enlarged to the whole; 1 takes all.</summary>
    public float Crop { get; init; } = 1;

    /// <summary>The side of a square anywhere on it that is blackened, in pixels (DeVries and Taylor 2017, "cutout").</summary>
    public int Erase { get; init; }

    /// <summary>The standard deviation of noise, as a share of white; of data that are no bytes, in their own unit.</summary>
    public float Noise { get; init; }

    /// <summary>Reads words and numbers, "shift=2 rotate=10 flip", or "none".</summary>
    /// <exception cref="FoveaException">It is none, or a number is out of its range.</exception>
    public static Augmentation Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var result = None;
        string[] words = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (words is ["none"]) return result;
        var given = new HashSet<string>();
        foreach (string word in words)
        {
            string[] pair = word.Split('=', 2);
            if (!s_names.Contains(pair[0]))
                throw new FoveaException($"augmentation: there is no \"{pair[0]}\". {Nearest.Hint(pair[0], s_names)}There are: {string.Join(", ", s_names)}, as in \"shift=2 rotate=10 flip\", or none.");
            if (!given.Add(pair[0])) throw new FoveaException($"augmentation: {pair[0]} is given twice.");
            result = pair[0] switch
            {
                "shift" => result with { Shift = Whole(pair, 0, "pixels") },
                "rotate" => result with { Rotate = Number(pair, x => x is >= 0 and <= 180, "degrees from 0 to 180") },
                "scale" => result with { Scale = Number(pair, x => x is >= 0 and < 1, "a share of at least 0 and below 1") },
                "crop" => result with { Crop = Number(pair, x => x is > 0 and <= 1, "a share above 0 and at most 1") },
                "erase" => result with { Erase = Whole(pair, 0, "pixels") },
                "noise" => result with { Noise = Number(pair, x => x is >= 0 and < float.PositiveInfinity, "a number of at least 0") },
                _ => pair.Length == 1 ? result with { Flip = true } : throw new FoveaException($"augmentation: flip takes no number, got \"{pair[1]}\"."),
            };
        }
        return words.Length > 0 ? result : throw new FoveaException("augmentation: nothing is given. Write what is changed, as in \"shift=2 rotate=10 flip\", or none.");
    }

    private static readonly string[] s_names = ["shift", "rotate", "scale", "flip", "crop", "erase", "noise"];

    private static int Whole(string[] pair, int least, string what) =>
        pair.Length == 2 && int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least ? value
            : throw new FoveaException($"augmentation: {pair[0]} takes a whole number of {what}, as in {pair[0]}=2, got \"{(pair.Length == 2 ? pair[1] : "")}\".");

    private static float Number(string[] pair, Func<float, bool> isInRange, string range) =>
        pair.Length == 2 && float.TryParse(pair[1], NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && isInRange(value) ? value
            : throw new FoveaException($"augmentation: {pair[0]} takes {range}, got \"{(pair.Length == 2 ? pair[1] : "")}\".");

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        var words = new List<string>();
        if (Shift != 0) words.Add($"shift={Shift}");
        if (Rotate != 0) words.Add($"rotate={Rotate}");
        if (Scale != 0) words.Add($"scale={Scale}");
        if (Flip) words.Add("flip");
        if (Crop != 1) words.Add($"crop={Crop}");
        if (Erase != 0) words.Add($"erase={Erase}");
        if (Noise != 0) words.Add($"noise={Noise}");
        return words.Count > 0 ? string.Join(' ', words) : "none";
    }

    /// <summary>What is wrong with the settings; null when there is nothing.</summary>
    internal string? Problem()
    {
        try
        {
            return Parse(ToString()) == this ? null : "the augmentation cannot be written";
        }
        catch (FoveaException exception)
        {
            return exception.Message.TrimEnd('.');
        }
    }

    /// <summary>What does not fit images of this shape; null when all does.</summary>
    internal string? Problem(Shape shape)
    {
        int least = Math.Min(shape.Height, shape.Width);
        foreach (var (name, pixels, effect) in ((string, int, string)[])[("shift", Shift, "move images out of sight"), ("erase", Erase, "blacken all of an image")])
        {
            if (pixels >= least) return $"augmentation: {name}={pixels} may {effect}, as they are {shape.Height}x{shape.Width} pixels. Give less than {least}";
        }
        return null;
    }

    /// <summary>A changed image.</summary>
    /// <param name="source">The image, as the network sees it.</param>
    /// <param name="destination">Where the changed one goes.</param>
    /// <param name="shape">The shape of both.</param>
    /// <param name="bytes">How bytes became its numbers; null where they were no bytes.</param>
    /// <param name="seed">What is drawn by, with the next two.</param>
    /// <param name="sample">Which image of the data it is.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    internal void Apply(ReadOnlySpan<float> source, Span<float> destination, Shape shape, Normalization? bytes, ulong seed, uint sample, uint epoch)
    {
        var random = new Philox(seed, RandomPurpose.Augment);
        var (mirror, across, down, turn) = random.Block(0, sample, epoch);
        var (growth, window, windowAcross, windowDown) = random.Block(1, sample, epoch);
        var (eraseAcross, eraseDown, _, _) = random.Block(2, sample, epoch);
        Span<float> black = shape.Channels <= 64 ? stackalloc float[shape.Channels] : new float[shape.Channels];
        for (int channel = 0; channel < black.Length; channel++) black[channel] = bytes?.Shift(channel) ?? 0;

        // Around the middle: moved back, turned back, shrunk back, mirrored; then into the window.
        float middleX = (shape.Width - 1) / 2f, middleY = (shape.Height - 1) / 2f;
        float x = Draw(across, 2 * Shift + 1) - Shift + middleX, y = Draw(down, 2 * Shift + 1) - Shift + middleY;
        var (sine, cosine) = Rotate == 0 ? (0, 1) : MathF.SinCos((2 * Philox.Unit(turn) - 1) * Rotate * MathF.PI / 180);
        float size = 1 + (2 * Philox.Unit(growth) - 1) * Scale, side = 1 - Philox.Unit(window) * (1 - Crop), sign = Flip && mirror >> 31 == 1 ? -1 : 1;
        float left = Philox.Unit(windowAcross) * shape.Width * (1 - side), top = Philox.Unit(windowDown) * shape.Height * (1 - side);
        float xx = sign * cosine / size, xy = sign * sine / size, yx = -sine / size, yy = cosine / size;
        AugmentationKernels.Warp(source, destination, shape, new PixelMap(
            xx * side, xy * side, (middleX - xx * x - xy * y + 0.5f) * side + left - 0.5f,
            yx * side, yy * side, (middleY - yx * x - yy * y + 0.5f) * side + top - 0.5f), black);

        if (Erase > 0) AugmentationKernels.Erase(destination, shape, Draw(eraseDown, shape.Height) - Erase / 2, Draw(eraseAcross, shape.Width) - Erase / 2, Erase, black);
        if (Noise == 0) return;
        int pixels = shape.Height * shape.Width;
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            Span<float> plane = destination.Slice(channel * pixels, pixels);
            float white = bytes is null ? 1 : 255 * bytes.Scale(channel);
            AugmentationKernels.AddNoise(plane, Noise * white, random, FirstNoise + (uint)channel * (uint)((pixels + 3) / 4), sample, epoch);
            // A byte cannot be darker than black nor lighter than white.
            if (bytes is not null) foreach (ref float value in plane) value = Math.Clamp(value, black[channel], black[channel] + white);
        }
    }

    // The counters before it are for what is drawn once.
    private const uint FirstNoise = 16;

    // A whole number from 0 to below the count.
    private static int Draw(uint word, int count) => (int)(((ulong)word * (ulong)count) >> 32);
}

/// <summary>An augmentation in an epoch of a training.</summary>
internal sealed record AugmentationPass(Augmentation Augmentation, ulong Seed, uint Epoch)
{
    /// <summary>A sample as the network sees it in this epoch.</summary>
    public void Copy(Dataset data, int sample, Span<float> scratch, Span<float> destination)
    {
        data.CopySample(sample, scratch);
        Augmentation.Apply(scratch, destination, data.Shape, data.HasBytes ? data.Normalization : null, Seed, (uint)data.Index(sample), Epoch);
    }
}

/// <summary>An augmentation as its line of text.</summary>
public sealed class AugmentationJsonConverter : JsonConverter<Augmentation>
{
    /// <inheritdoc/>
    public override Augmentation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return Augmentation.Parse(reader.TokenType == JsonTokenType.String ? reader.GetString()! : "");
        }
        catch (FoveaException exception)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Augmentation value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
