using SkiaSharp;

namespace Fovea.Lab;

/// <summary>What the trained networks of a study look like: their worst mistakes, what their first filters have learned, and what these make of
/// some test samples. Made of the weights of the first seed's runs, as they lie in the study's folder.</summary>
/// <param name="Variants">One for each variant whose weights are there.</param>
public sealed record StudyGallery(IReadOnlyList<VariantPictures> Variants)
{
    private const int MostMistakes = 12, MostFilters = 32, MostMaps = 16, Digits = 3;

    /// <summary>Draws the pictures of a study that was run in a folder.</summary>
    /// <exception cref="FoveaException">The data are not there, or a checkpoint is damaged.</exception>
    public static StudyGallery Of(Study study, string folder)
    {
        ArgumentNullException.ThrowIfNull(study);
        Dataset test = Datasets.Load(study.Data, DatasetPart.Test, study.Variants[0].Model.Input, study.DataFolder);
        var variants = new List<VariantPictures>();
        foreach (var (i, variant) in study.Variants.Index())
        {
            TrialFolder trial = TrialFolder.Of(folder, i, study.Seeds[0]);
            if (!trial.IsFinished || !TrainedNetwork.Exists(trial.Path)) continue;
            variants.Add(Of(variant, TrainedNetwork.Load(trial.Path), test));
        }
        return new StudyGallery(variants);
    }

    private static VariantPictures Of(StudyVariant variant, TrainedNetwork trained, Dataset test)
    {
        int first = variant.Model.Layers.ToList().FindIndex(layer => layer is Conv2D);
        return new VariantPictures(variant.Name, StudyRunner.Budget(variant.Settings), test.ClassNames.Count > 0 ? Mistakes(trained, test) : [],
            first >= 0 ? Filters(trained.Network, first) : null, first >= 0 ? Maps(trained.Network, first, test) : []);
    }

    // Those of which the network was surest.
    private static IReadOnlyList<MistakePicture> Mistakes(TrainedNetwork trained, Dataset test)
    {
        IReadOnlyList<Classification> answers = trained.Classify(test);
        return
        [
            .. answers.Index().Where(answer => answer.Item.Label != test.Label(answer.Index))
                .OrderByDescending(answer => answer.Item.Probabilities[answer.Item.Label]).ThenBy(answer => answer.Index).Take(MostMistakes)
                .Select(answer => new MistakePicture(answer.Index, trained.Data.ClassName(test.Label(answer.Index)), trained.Data.ClassName(answer.Item.Label),
                    answer.Item.Probabilities[answer.Item.Label], Sample(test, answer.Index))),
        ];
    }

    private static byte[]? Filters(Network network, int layer)
    {
        NetworkParameter weight = network.Parameters.First(parameter => parameter.Name == $"{layer}.weight");
        var (filters, channels, height, width) = (weight.Shape[0], weight.Shape[1], weight.Shape[2], weight.Shape[3]);
        if (channels is not (1 or 3) || height * width == 1) return null;
        float[] values = network.GetParameter(weight.Name);
        float largest = Math.Max(values.Max(Math.Abs), float.Epsilon);
        int size = channels * height * width;
        return Tiles(Math.Min(filters, MostFilters), height, width, across: 8, (filter, row, column) =>
        {
            // 0 is the grey in the middle.
            byte Level(int channel) => ImageFile.ToByte(127.5f + 127.5f * values[filter * size + (channel * height + row) * width + column] / largest);
            return channels == 1 ? new SKColor(Level(0), Level(0), Level(0)) : new SKColor(Level(0), Level(1), Level(2));
        });
    }

    private static IReadOnlyList<FeatureMapPicture> Maps(Network network, int layer, Dataset test)
    {
        // With the activation that follows, and what normalizes in between.
        int end = layer + 1;
        while (end < network.Model.Layers.Count && network.Model.Layers[end] is Activation or BatchNorm2D) end++;
        Network start = network.FirstLayers(end);
        Shape shape = start.Output;
        // The first test samples of different classes.
        int[] shown = test.ClassNames.Count == 0 ? [.. Enumerable.Range(0, Math.Min(Digits, test.Count))]
            : [.. Enumerable.Range(0, test.Count).DistinctBy(test.Label).Take(Digits)];
        var input = new Tensor(shown.Length, test.Shape);
        for (int i = 0; i < shown.Length; i++) test.CopySample(shown[i], input[i]);
        Tensor output = start.Predict(input);
        return
        [
            .. shown.Index().Select(sample =>
            {
                float[] maps = output[sample.Index].ToArray();
                float low = maps.Min(), range = Math.Max(maps.Max() - low, float.Epsilon);
                byte[] picture = Tiles(Math.Min(shape.Channels, MostMaps), shape.Height, shape.Width, across: 8, (map, row, column) =>
                {
                    byte level = ImageFile.ToByte(255 * (maps[(map * shape.Height + row) * shape.Width + column] - low) / range);
                    return new SKColor(level, level, level);
                });
                return new FeatureMapPicture(sample.Item, test.ClassNames.Count > 0 ? test.ClassNames[test.Label(sample.Item)] : "", Sample(test, sample.Item), picture);
            }),
        ];
    }

    private static byte[] Sample(Dataset data, int sample)
    {
        Shape shape = data.Shape;
        float[] values = new float[shape.Count];
        data.CopySample(sample, values);
        int pixels = shape.Height * shape.Width;
        byte Level(int channel, int pixel)
        {
            float deviation = data.Normalization.Deviation[channel % data.Normalization.Deviation.Count], mean = data.Normalization.Mean[channel % data.Normalization.Mean.Count];
            return ImageFile.ToByte(255 * (values[channel * pixels + pixel] * deviation + mean));
        }
        return Tiles(1, shape.Height, shape.Width, across: 1, (_, row, column) => row * shape.Width + column is var pixel && shape.Channels == 3
            ? new SKColor(Level(0, pixel), Level(1, pixel), Level(2, pixel)) : new SKColor(Level(0, pixel), Level(0, pixel), Level(0, pixel)));
    }

    // A pixel for each number; the page makes them larger.
    private static byte[] Tiles(int count, int height, int width, int across, Func<int, int, int, SKColor> colour)
    {
        int columns = Math.Min(across, count), rows = (count + columns - 1) / columns;
        using var bitmap = new SKBitmap(new SKImageInfo(columns * (width + 1) - 1, rows * (height + 1) - 1, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        bitmap.Erase(SKColors.Transparent);
        for (int tile = 0; tile < count; tile++)
        {
            for (int row = 0; row < height; row++)
                for (int column = 0; column < width; column++) bitmap.SetPixel(tile % columns * (width + 1) + column, tile / columns * (height + 1) + row, colour(tile, row, column));
        }
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}

/// <summary>The pictures of one variant's trained network, each a PNG file.</summary>
/// <param name="Name">The variant's name.</param>
/// <param name="Budget">What its runs may spend, in words.</param>
/// <param name="Mistakes">The wrongly classified test samples of which it was surest.</param>
/// <param name="Filters">The filters of the first convolution; null where they cannot be seen as images of one or three channels.</param>
/// <param name="FeatureMaps">What the first convolution and its activation make of some test samples.</param>
public sealed record VariantPictures(string Name, string Budget, IReadOnlyList<MistakePicture> Mistakes, byte[]? Filters, IReadOnlyList<FeatureMapPicture> FeatureMaps);

/// <summary>A test sample that is classified wrongly.</summary>
/// <param name="Sample">Its number.</param>
/// <param name="Class">What it is.</param>
/// <param name="TakenFor">What it is taken for.</param>
/// <param name="Probability">With what probability.</param>
/// <param name="Image">The image.</param>
public sealed record MistakePicture(int Sample, string Class, string TakenFor, double Probability, byte[] Image);

/// <summary>A test sample and its feature maps.</summary>
/// <param name="Sample">Its number.</param>
/// <param name="Class">What it is; empty where there are no classes.</param>
/// <param name="Image">The image.</param>
/// <param name="Maps">The maps, side by side.</param>
public sealed record FeatureMapPicture(int Sample, string Class, byte[] Image, byte[] Maps);
