using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>A height and a width: of a kernel, a stride, a padding or a dilation. An <see cref="int"/> converts to a square.</summary>
[JsonConverter(typeof(Size2DJsonConverter))]
public readonly record struct Size2D(int Height, int Width)
{
    /// <summary>A square of <paramref name="side"/> x <paramref name="side"/>.</summary>
    public static implicit operator Size2D(int side) => new(side, side);

    /// <summary>"5" for a square, "5x3" (height x width) otherwise.</summary>
    public override string ToString() => Height == Width
        ? Height.ToString(CultureInfo.InvariantCulture)
        : $"{Height}x{Width}";

    /// <summary>Reads what <see cref="ToString"/> writes; false when the text is something else, or has a sign.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Size2D size)
    {
        size = default;
        string[] sides = text?.Split('x') ?? [];
        if (sides.Length is not (1 or 2)) return false;
        if (!int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int height)
            || !int.TryParse(sides[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int width)) return false;
        size = new Size2D(height, width);
        return true;
    }
}

/// <summary>A size in JSON: a number for a square, [height, width] otherwise.</summary>
internal sealed class Size2DJsonConverter : JsonConverter<Size2D>
{
    private const string Expected = "a size is a number, or [height, width]";

    public override Size2D Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int side)) return side;
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException(Expected);
        if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int height)) throw new JsonException(Expected);
        if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int width)) throw new JsonException(Expected);
        if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray) throw new JsonException(Expected);
        return new Size2D(height, width);
    }

    public override void Write(Utf8JsonWriter writer, Size2D value, JsonSerializerOptions options)
    {
        if (value.Height == value.Width)
        {
            writer.WriteNumberValue(value.Height);
            return;
        }
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Height);
        writer.WriteNumberValue(value.Width);
        writer.WriteEndArray();
    }
}
