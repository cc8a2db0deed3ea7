using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>How much a sample of each class counts in a loss: numbers, one for each class, or what balances the classes of the training samples.</summary>
[JsonConverter(typeof(ClassWeightsJsonConverter))]
public sealed class ClassWeights : IEquatable<ClassWeights>
{
    private const string BalancedName = "balanced";

    private ClassWeights(IReadOnlyList<double>? values) => Values = values;

    /// <summary>Each class counts the same in all: n / (K n_c) for n samples of K classes, n_c of which are of the class. A <see cref="Trainer"/> computes the
    /// numbers from the samples that it trains on. A class without samples has the weight 1.</summary>
    public static ClassWeights Balanced { get; } = new(null);

    /// <summary>The weights, by the number of the class; null for <see cref="Balanced"/>.</summary>
    public IReadOnlyList<double>? Values { get; }

    /// <summary>These weights.</summary>
    /// <exception cref="FoveaException">There are fewer than two, one is negative or not finite, or all are 0.</exception>
    public static ClassWeights Of(params IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Count < 2) throw new FoveaException($"expected a class weight for each of at least two classes, got {weights.Count}.");
        if (weights.Any(weight => !(weight >= 0 && double.IsFinite(weight))))
            throw new FoveaException($"expected class weights of at least 0, got {weights.First(weight => !(weight >= 0 && double.IsFinite(weight))).ToString(CultureInfo.InvariantCulture)}.");
        if (weights.All(weight => weight == 0)) throw new FoveaException("all class weights are 0, so that no sample counts. Give at least one class a weight.");
        return new ClassWeights([.. weights]);
    }

    /// <summary>Reads "balanced", or the weights with colons or commas between: "1:20".</summary>
    /// <exception cref="FoveaException">It is neither.</exception>
    public static ClassWeights Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == BalancedName) return Balanced;
        var weights = new List<double>();
        foreach (string word in text.Split(':', ','))
        {
            if (!double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double weight))
                throw new FoveaException($"expected class weights as in balanced or 1:20, got \"{text}\".");
            weights.Add(weight);
        }
        return Of(weights);
    }

    /// <summary>The numbers for training samples, so many of each class.</summary>
    internal ClassWeights For(IReadOnlyList<int> counts)
    {
        int present = counts.Count(count => count > 0), all = counts.Sum();
        return Values is not null ? this : new ClassWeights([.. counts.Select(count => count == 0 ? 1 : (double)all / present / count)]);
    }

    /// <inheritdoc/>
    public bool Equals(ClassWeights? other) => other is not null && (Values is null ? other.Values is null : other.Values is not null && Values.SequenceEqual(other.Values));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ClassWeights);

    /// <inheritdoc/>
    public override int GetHashCode() => Values is null ? 0 : Values.Aggregate(Values.Count, HashCode.Combine);

    /// <summary>As <see cref="Parse"/> reads it, rounded to four digits.</summary>
    public override string ToString() => Values is null ? BalancedName : string.Join(':', Values.Select(weight => weight.ToString("G4", CultureInfo.InvariantCulture)));
}

/// <summary>Class weights in JSON: "balanced", a text as in "1:20", or a list of numbers.</summary>
public sealed class ClassWeightsJsonConverter : JsonConverter<ClassWeights>
{
    /// <inheritdoc/>
    public override ClassWeights Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            if (reader.TokenType == JsonTokenType.String) return ClassWeights.Parse(reader.GetString()!);
            if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("expected class weights as in \"balanced\" or [1, 20].");
            var weights = new List<double>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                weights.Add(reader.TokenType == JsonTokenType.Number ? reader.GetDouble() : throw new JsonException("a class weight is a number."));
            return ClassWeights.Of(weights);
        }
        catch (FoveaException exception)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ClassWeights value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Values is null)
        {
            writer.WriteStringValue($"{value}");
            return;
        }
        writer.WriteStartArray();
        foreach (double weight in value.Values) writer.WriteNumberValue(weight);
        writer.WriteEndArray();
    }
}
