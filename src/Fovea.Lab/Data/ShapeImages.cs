using SkiaSharp;

namespace Fovea.Lab;

/// <summary>
/// Drawn silhouettes of fruit in two classes: round (label 0) and odd (label 1: curved, pear-shaped or spiked), turned, lit from a side, with
/// clutter behind them and noise over them. The same numbers give the same images.
/// </summary>
public sealed record ShapeImages
{
    /// <summary>The names of the classes, by label.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["round", "odd"];

    /// <summary>The height and width of an image.</summary>
    public int Size { get; init; } = 32;

    /// <summary>How many images there are.</summary>
    public int Count { get; init; } = 4000;

    /// <summary>What everything is drawn by.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The standard deviation of the noise, as a share of white.</summary>
    public double Noise { get; init; } = 0.1;

    /// <summary>How many round ones there are for each odd one.</summary>
    public double Imbalance { get; init; } = 1;

    /// <summary>Throws when a number is out of its range.</summary>
    /// <exception cref="FoveaException">It says which.</exception>
    public void Check()
    {
        Require(Size is >= 16 and <= 512, $"the size must be from 16 to 512 pixels, got {Size}");
        Require(Count is >= 10 and <= 1_000_000, $"the count must be from 10 to 1,000,000, got {Count}");
        Require(Noise is >= 0 and <= 1, $"the noise must be from 0 to 1, got {Noise}");
        Require(Imbalance is > 0 and < double.PositiveInfinity, $"the imbalance must be above 0, got {Imbalance}");
        int odd = Odd;
        Require(odd >= 5 && Count - odd >= 5, $"{Count} images leave {Math.Min(odd, Count - odd)} of a class; at least 5 are needed");

        static void Require(bool condition, string problem)
        {
            if (!condition) throw new FoveaException($"shapes: {problem}.");
        }
    }

    /// <summary>The class of an image: the odd ones are spread evenly.</summary>
    public int Label(int image) => (long)(image + 1) * Odd / Count > (long)image * Odd / Count ? 1 : 0;

    /// <summary>The images as a dataset, in memory.</summary>
    /// <param name="name">What it is called.</param>
    public Dataset ToDataset(string name = Datasets.Shapes)
    {
        Check();
        var shape = new Shape(3, Size, Size);
        byte[] pixels = new byte[Count * shape.Count];
        int[] labels = [.. Enumerable.Range(0, Count).Select(Label)];
        for (int image = 0; image < Count; image++)
        {
            using SKBitmap bitmap = Draw(image);
            ReadOnlySpan<byte> source = bitmap.GetPixelSpan();
            for (int i = 0; i < Size * Size; i++)
                for (int channel = 0; channel < 3; channel++) pixels[image * shape.Count + channel * Size * Size + i] = source[4 * i + channel];
        }
        return Dataset.FromBytes(name, shape, pixels, labels, Classes, Datasets.FolderNormalization);
    }

    /// <summary>Writes the images as PNG files, one folder for each class, and a sheet of samples beside them.</summary>
    /// <returns>The path of the sheet.</returns>
    /// <exception cref="FoveaException">A number is out of its range, or the folder cannot be written.</exception>
    public string Save(string folder)
    {
        Check();
        try
        {
            foreach (string name in Classes) Directory.CreateDirectory(Path.Combine(folder, name));
            const int across = 12, down = 6;
            using var sheet = new SKBitmap(new SKImageInfo(across * (Size + 2), down * (Size + 2), SKColorType.Rgba8888, SKAlphaType.Opaque));
            using var canvas = new SKCanvas(sheet);
            canvas.Clear(SKColors.White);
            int[] shown = [0, 0];
            for (int image = 0; image < Count; image++)
            {
                using SKBitmap bitmap = Draw(image);
                int label = Label(image);
                Write(bitmap, Path.Combine(folder, Classes[label], $"{image:D6}.png"));
                // The round ones in the upper half.
                if (shown[label] < across * down / 2)
                {
                    int place = shown[label]++ + label * across * down / 2;
                    canvas.DrawBitmap(bitmap, place % across * (Size + 2) + 1, place / across * (Size + 2) + 1);
                }
            }
            canvas.Flush();
            string path = Path.Combine(folder, "sheet.png");
            Write(sheet, path);
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FoveaException($"{folder}: the images cannot be written: {exception.Message}", exception);
        }
    }

    private int Odd => (int)Math.Round(Count / (1 + Imbalance));

    private static void Write(SKBitmap bitmap, string path)
    {
        using FileStream stream = File.Create(path);
        bitmap.Encode(stream, SKEncodedImageFormat.Png, quality: 100);
    }

    private SKBitmap Draw(int image)
    {
        // The generator of .NET for a given seed is the same in all versions.
        var random = new Random(unchecked((int)(Seed * 1_000_003 + (ulong)image * 7_919 + 17)));
        var bitmap = new SKBitmap(new SKImageInfo(Size, Size, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColor.FromHsv(Between(random, 0, 360), Between(random, 0, 25), Between(random, 55, 95)));
            Clutter(canvas, random);
            canvas.Translate(Size * Between(random, 0.43f, 0.57f), Size * Between(random, 0.43f, 0.57f));
            canvas.RotateDegrees(Between(random, 0, 360));
            float radius = Size * Between(random, 0.24f, 0.36f);
            using SKPath outline = Label(image) == 0 ? Round(random, radius) : Outline(random, radius);
            SKColor colour = SKColor.FromHsv(Between(random, 0, 140), Between(random, 55, 95), Between(random, 45, 90));
            SKColor dark = new((byte)(colour.Red / 3), (byte)(colour.Green / 3), (byte)(colour.Blue / 3));
            using SKShader light = SKShader.CreateRadialGradient(new SKPoint(radius * Between(random, -0.6f, 0.6f), radius * Between(random, -0.6f, 0.6f)), radius * 1.8f,
                [SKColors.White, colour, dark], [0, Between(random, 0.2f, 0.45f), 1], SKShaderTileMode.Clamp);
            using var paint = new SKPaint { Shader = light, IsAntialias = true };
            canvas.DrawPath(outline, paint);
        }
        AddNoise(bitmap, random);
        return bitmap;
    }

    private void Clutter(SKCanvas canvas, Random random)
    {
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            using var paint = new SKPaint
            {
                Color = SKColor.FromHsv(Between(random, 0, 360), Between(random, 0, 40), Between(random, 35, 95)),
                StrokeWidth = Size * Between(random, 0.02f, 0.08f),
                IsAntialias = true,
            };
            canvas.DrawLine(Between(random, 0, Size), Between(random, 0, Size), Between(random, 0, Size), Between(random, 0, Size), paint);
        }
    }

    // An apple, orange or plum: nearly a circle.
    private static SKPath Round(Random random, float radius)
    {
        var path = new SKPath();
        float height = radius * Between(random, 0.85f, 1.1f);
        path.AddOval(new SKRect(-radius, -height, radius, height));
        return path;
    }

    private static SKPath Outline(Random random, float radius)
    {
        var path = new SKPath();
        switch (random.Next(3))
        {
            case 0:
                // A banana: between two arcs of different depth.
                float outer = Between(random, 1.0f, 1.3f), inner = Between(random, 0.2f, 0.5f);
                path.MoveTo(-1.25f * radius, -0.3f * radius);
                path.QuadTo(0, 2 * outer * radius, 1.25f * radius, -0.3f * radius);
                path.QuadTo(0, 2 * inner * radius, -1.25f * radius, -0.3f * radius);
                break;
            case 1:
                // A pear: a belly and a neck.
                float neck = Between(random, 0.25f, 0.45f) * radius;
                path.MoveTo(-neck, -1.2f * radius);
                path.CubicTo(-neck, -0.3f * radius, -1.1f * radius, -0.2f * radius, -0.9f * radius, 0.6f * radius);
                path.CubicTo(-0.6f * radius, 1.3f * radius, 0.6f * radius, 1.3f * radius, 0.9f * radius, 0.6f * radius);
                path.CubicTo(1.1f * radius, -0.2f * radius, neck, -0.3f * radius, neck, -1.2f * radius);
                break;
            default:
                // A star fruit or a husk: spikes all round.
                int spikes = random.Next(5, 10);
                float depth = Between(random, 0.45f, 0.7f);
                for (int i = 0; i < 2 * spikes; i++)
                {
                    float length = radius * (i % 2 == 0 ? 1.2f : 1.2f * depth);
                    var (sine, cosine) = MathF.SinCos(MathF.PI * i / spikes);
                    if (i == 0) path.MoveTo(length * cosine, length * sine);
                    else path.LineTo(length * cosine, length * sine);
                }
                break;
        }
        path.Close();
        return path;
    }

    private void AddNoise(SKBitmap bitmap, Random random)
    {
        if (Noise == 0) return;
        Span<byte> bytes = bitmap.GetPixelSpan();
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i % 4 == 3) continue;
            // Box and Muller 1958.
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            bytes[i] = ImageFile.ToByte((float)(bytes[i] + 255 * Noise * normal));
        }
    }

    private static float Between(Random random, float low, float high) => low + (high - low) * random.NextSingle();
}
