using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>The shape of one sample: an image of channels x height x width, or a flat vector of features. There is no batch axis.</summary>
[JsonConverter(typeof(ShapeJsonConverter))]
public readonly record struct Shape
{
    /// <summary>An image of <paramref name="channels"/> x <paramref name="height"/> x <paramref name="width"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An extent is smaller than 1.</exception>
    public Shape(int channels, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (Channels, Height, Width) = (channels, height, width);
    }

    private Shape(int features)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        (Channels, Height, Width, IsFlat) = (features, 1, 1, true);
    }

    /// <summary>A vector of <paramref name="features"/> numbers, as a linear layer takes and gives.</summary>
    public static Shape Flat(int features) => new(features);

    /// <summary>Channels of an image, or the number of features of a flat vector.</summary>
    public int Channels { get; }

    /// <summary>Rows of each channel; 1 for a flat vector.</summary>
    public int Height { get; }

    /// <summary>Columns of each channel; 1 for a flat vector.</summary>
    public int Width { get; }

    /// <summary>True for a vector of features, false for an image (even one of 1x1 pixels).</summary>
    public bool IsFlat { get; }

    /// <summary>How many numbers one sample has.</summary>
    /// <exception cref="OverflowException">They are more than an array holds.</exception>
    public int Count => checked(Channels * Height * Width);

    /// <summary>"1x28x28" for an image, "128" for a flat vector.</summary>
    public override string ToString() => IsFlat
        ? Channels.ToString(CultureInfo.InvariantCulture)
        : $"{Channels}x{Height}x{Width}";

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">The text is neither "CxHxW" nor a number.</exception>
    public static Shape Parse(string text) => TryParse(text, out Shape shape)
        ? shape
        : throw new FormatException(
            $"shape: expected CHANNELSxHEIGHTxWIDTH such as 1x28x28, or a number of features such as 128; got \"{text}\".");

    /// <summary>Reads what <see cref="ToString"/> writes; false when the text is something else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Shape shape)
    {
        shape = default;
        string[] parts = text?.Split('x') ?? [];
        Span<int> extents = stackalloc int[3];
        if (parts.Length is not (1 or 3)) return false;
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out extents[i]) || extents[i] < 1) return false;
        }
        shape = parts.Length == 1 ? Flat(extents[0]) : new Shape(extents[0], extents[1], extents[2]);
        return true;
    }
}

/// <summary>A shape in JSON: [channels, height, width], or [features].</summary>
public sealed class ShapeJsonConverter : JsonConverter<Shape>
{
    /// <inheritdoc/>
    public override Shape Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Span<int> extents = stackalloc int[3];
        int count = 0;
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("a shape is [channels, height, width] or [features]");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (count == 3 || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int extent) || extent < 1)
                throw new JsonException("a shape is [channels, height, width] or [features], all at least 1");
            extents[count++] = extent;
        }
        return count switch
        {
            1 => Shape.Flat(extents[0]),
            3 => new Shape(extents[0], extents[1], extents[2]),
            _ => throw new JsonException("a shape is [channels, height, width] or [features]"),
        };
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Shape value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Channels);
        if (!value.IsFlat)
        {
            writer.WriteNumberValue(value.Height);
            writer.WriteNumberValue(value.Width);
        }
        writer.WriteEndArray();
    }
}
