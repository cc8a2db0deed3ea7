namespace Fovea.Lab;

/// <summary>
/// An image of one digit as MNIST's makers would have made it: light on dark, scaled into 20x20 pixels with its proportions kept, and
/// centred by its centre of mass in 28x28 (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition",
/// 1998).
/// </summary>
/// <param name="Pixels">28x28 bytes, row by row: 0 is paper, 255 is ink.</param>
/// <param name="Steps">What was done to the image, in words; empty when it was left alone.</param>
public sealed record DigitImage(byte[] Pixels, IReadOnlyList<string> Steps)
{
    /// <summary>What the image looked like on the way, the result last.</summary>
    public IReadOnlyList<DigitStage> Stages { get; init; } = [];

    /// <summary>The shape of MNIST's images.</summary>
    public static Shape Shape { get; } = new(1, Side, Side);

    // A larger photo is made smaller first: nothing of a digit is lost, and much time saved.
    private const int LargestSide = 1024;

    private const int Side = 28, Box = 20;

    // Contrast below this is taken for the grain of an empty sheet.
    private const float LeastContrast = 24;

    // A speck is a spot smaller than this share of the largest one. The bar of a 5 written in two strokes is larger.
    private const double SpeckShare = 0.03;

    /// <summary>Reads an image: a photo or scan of a dark digit on white paper, a light one on dark, or one that is as MNIST's already.</summary>
    /// <exception cref="DataFormatException">The image cannot be read, or there is no digit to be seen.</exception>
    public static DigitImage Read(string path)
    {
        var (grey, height, width) = ImageFile.ReadGrey(path);
        return From(grey, height, width) ?? throw new DataFormatException($"{path}: there is no digit to be seen: the image is of one shade. Give a photo of a dark digit on white paper.");
    }

    /// <summary>The same for grey values, row by row; null where all are of one shade.</summary>
    public static DigitImage? From(ReadOnlySpan<byte> grey, int height, int width)
    {
        if (height < 1 || width < 1 || grey.Length != height * width)
            throw new DataFormatException($"{height} rows of {width} pixels are {(long)height * width} values, but there are {grey.Length}.");
        float[] values = new float[grey.Length];
        for (int i = 0; i < values.Length; i++) values[i] = grey[i];
        return From(values, height, width);
    }

    /// <summary>The same for grey values from 0 to 255, row by row; null where all are of one shade.</summary>
    internal static DigitImage? From(float[] grey, int height, int width)
    {
        bool isDarkOnLight = MedianOfBorder(grey, height, width) > 127.5f;
        if ((height, width) == (Side, Side) && !isDarkOnLight) return new DigitImage([.. grey.Select(ImageFile.ToByte)], []) { Stages = [Stage("as it came", grey, height, width)] };

        if (Math.Max(height, width) > LargestSide)
        {
            double reduction = (double)LargestSide / Math.Max(height, width);
            var (fewerRows, fewerColumns) = (Math.Max(1, (int)(height * reduction)), Math.Max(1, (int)(width * reduction)));
            grey = Resampling.Resize(grey, height, width, fewerRows, fewerColumns);
            (height, width) = (fewerRows, fewerColumns);
        }
        DigitStage came = Stage("as it came", grey, height, width);
        float[] ink = [.. grey.Select(value => isDarkOnLight ? 255 - value : value)];
        TakeOffPaper(ink, height, width);
        float threshold = Otsu(ink);
        if (ink.Max() < LeastContrast) return null;
        LeaveOutSpecks(ink, height, width, threshold);
        var (top, bottom, left, right) = Bounds(ink, height, width, threshold);
        int cropHeight = bottom - top, cropWidth = right - left;
        float most = ink.Max();
        // MNIST's originals were black and white: its greys came with the reduction. Where there is little to reduce, the soft edge of the stroke
        // stays, but paper is 0 exactly and ink 255.
        bool isLarge = Math.Max(cropHeight, cropWidth) >= 2 * Box;

        float[] crop = new float[cropHeight * cropWidth];
        for (int row = 0; row < cropHeight; row++)
        {
            for (int column = 0; column < cropWidth; column++)
            {
                float value = ink[(top + row) * width + left + column];
                crop[row * cropWidth + column] = 255 * (isLarge ? value > threshold ? 1 : 0 : Math.Clamp((value - threshold / 2) / (most - threshold / 2), 0, 1));
            }
        }
        double scale = (double)Box / Math.Max(cropHeight, cropWidth);
        int newHeight = Math.Max(1, (int)Math.Round(cropHeight * scale)), newWidth = Math.Max(1, (int)Math.Round(cropWidth * scale));
        float[] small = Resampling.Resize(crop, cropHeight, cropWidth, newHeight, newWidth);
        // A thin stroke of a large photo is pale at this size; MNIST's are not.
        float brightest = small.Max();
        for (int i = 0; i < small.Length; i++) small[i] *= 255 / brightest;

        string[] steps =
        [
            .. isDarkOnLight ? (string[])["inverted, as it is dark on light"] : [],
            "cropped to the digit",
            $"scaled to {newHeight}x{newWidth}",
            $"centred by its centre of mass in {Side}x{Side}",
        ];
        byte[] pixels = Centre(small, newHeight, newWidth);
        return new DigitImage(pixels, steps)
        {
            Stages =
            [
                came,
                Stage(isDarkOnLight ? "inverted, without paper and specks" : "without paper and specks", ink, height, width),
                Stage("cropped to the digit", crop, cropHeight, cropWidth),
                Stage("scaled", small, newHeight, newWidth),
                Stage("centred by its centre of mass", [.. pixels.Select(pixel => (float)pixel)], Side, Side),
            ],
        };
    }

    private static DigitStage Stage(string text, float[] values, int height, int width) =>
        new(text, new Planes(new Shape(1, height, width), [.. values.Select(value => (double)value)]));

    private static float MedianOfBorder(float[] grey, int height, int width)
    {
        var border = new List<float>();
        for (int column = 0; column < width; column++) border.AddRange([grey[column], grey[(height - 1) * width + column]]);
        for (int row = 0; row < height; row++) border.AddRange([grey[row * width], grey[row * width + width - 1]]);
        border.Sort();
        return border[border.Count / 2];
    }

    // Paper is seldom evenly lit: a plane is laid through what is not ink, by least squares, and taken off.
    private static void TakeOffPaper(float[] ink, int height, int width)
    {
        float threshold = Otsu(ink);
        double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0, sv = 0, sxv = 0, syv = 0;
        for (int i = 0; i < ink.Length; i++)
        {
            if (ink[i] > threshold) continue;
            double x = (i % width + 0.5) / width - 0.5, y = (i / width + 0.5) / height - 0.5, value = ink[i];
            (n, sx, sy, sv) = (n + 1, sx + x, sy + y, sv + value);
            (sxx, sxy, syy, sxv, syv) = (sxx + x * x, sxy + x * y, syy + y * y, sxv + x * value, syv + y * value);
        }
        // The normal equations, with the means taken off.
        double cxx = sxx - sx * sx / n, cxy = sxy - sx * sy / n, cyy = syy - sy * sy / n, cxv = sxv - sx * sv / n, cyv = syv - sy * sv / n;
        double determinant = cxx * cyy - cxy * cxy;
        double a = 0, b = 0;
        if (determinant > 1e-9 * n * n) (a, b) = ((cxv * cyy - cyv * cxy) / determinant, (cyv * cxx - cxv * cxy) / determinant);
        double c = (sv - a * sx - b * sy) / n;
        for (int i = 0; i < ink.Length; i++)
        {
            double x = (i % width + 0.5) / width - 0.5, y = (i / width + 0.5) / height - 0.5;
            ink[i] = (float)Math.Clamp(ink[i] - (a * x + b * y + c), 0, 255);
        }
    }

    // The threshold that separates two groups of values best (Otsu, "A threshold selection method from gray-level histograms", 1979).
    private static float Otsu(float[] values)
    {
        long[] histogram = new long[256];
        foreach (float value in values) histogram[ImageFile.ToByte(value)]++;
        double total = values.Length, sum = 0, below = 0, sumBelow = 0, largest = -1;
        for (int i = 0; i < 256; i++) sum += (double)i * histogram[i];
        int first = 0, last = 0;
        for (int i = 0; i < 255; i++)
        {
            below += histogram[i];
            sumBelow += (double)i * histogram[i];
            if (below == 0 || below == total) continue;
            double difference = sumBelow / below - (sum - sumBelow) / (total - below), between = below * (total - below) * difference * difference;
            if (between > largest) (largest, first) = (between, i);
            if (between >= largest) last = i;
        }
        // All thresholds in a gap of the histogram are as good: take its middle.
        return (first + last) / 2f + 0.5f;
    }

    private static void LeaveOutSpecks(float[] ink, int height, int width, float threshold)
    {
        int[] spots = new int[ink.Length];
        var sizes = new List<int> { 0 };
        var open = new Stack<int>();
        for (int start = 0; start < ink.Length; start++)
        {
            if (ink[start] <= threshold || spots[start] != 0) continue;
            int size = 0;
            spots[start] = sizes.Count;
            open.Push(start);
            while (open.TryPop(out int pixel))
            {
                size++;
                int row = pixel / width, column = pixel % width;
                for (int y = Math.Max(row - 1, 0); y <= Math.Min(row + 1, height - 1); y++)
                {
                    for (int x = Math.Max(column - 1, 0); x <= Math.Min(column + 1, width - 1); x++)
                    {
                        int neighbour = y * width + x;
                        if (ink[neighbour] <= threshold || spots[neighbour] != 0) continue;
                        spots[neighbour] = sizes.Count;
                        open.Push(neighbour);
                    }
                }
            }
            sizes.Add(size);
        }
        int largest = sizes.Max();
        for (int i = 0; i < ink.Length; i++)
        {
            if (spots[i] != 0 && sizes[spots[i]] < SpeckShare * largest) ink[i] = 0;
        }
    }

    private static (int Top, int Bottom, int Left, int Right) Bounds(float[] ink, int height, int width, float threshold)
    {
        var (top, bottom, left, right) = (height, 0, width, 0);
        for (int i = 0; i < ink.Length; i++)
        {
            if (ink[i] <= threshold) continue;
            int row = i / width, column = i % width;
            (top, bottom) = (Math.Min(top, row), Math.Max(bottom, row + 1));
            (left, right) = (Math.Min(left, column), Math.Max(right, column + 1));
        }
        return (top, bottom, left, right);
    }

    private static byte[] Centre(float[] digit, int height, int width)
    {
        double mass = 0, massRow = 0, massColumn = 0;
        for (int i = 0; i < digit.Length; i++)
        {
            mass += digit[i];
            massRow += digit[i] * (i / width + 0.5);
            massColumn += digit[i] * (i % width + 0.5);
        }
        // Whole pixels, so that nothing is blurred once more. MNIST's centres of mass lie in the pixel below and to the right of the middle.
        int top = Math.Clamp((int)Math.Ceiling(Side / 2.0 - massRow / mass), 0, Side - height);
        int left = Math.Clamp((int)Math.Ceiling(Side / 2.0 - massColumn / mass), 0, Side - width);
        byte[] pixels = new byte[Side * Side];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++) pixels[(top + row) * Side + left + column] = ImageFile.ToByte(digit[row * width + column]);
        }
        return pixels;
    }
}

/// <summary>An image of a digit on its way to what a network takes.</summary>
/// <param name="Text">What was done to it.</param>
/// <param name="Image">What it looked like then.</param>
public sealed record DigitStage(string Text, Planes Image);
