using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>Which samples the updates of an epoch take, where classes are of different size. An epoch always has as many as there are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Sampling>))]
public enum Sampling
{
    /// <summary>Each sample once, in random order.</summary>
    [JsonStringEnumMemberName("plain")]
    Plain,

    /// <summary>Drawn with replacement, a sample of a rare class more often: every class is drawn with the same probability, so that its
    /// share in a batch is equal on average.</summary>
    [JsonStringEnumMemberName("weighted")]
    Weighted,

    /// <summary>The classes take turns, so that their shares in every batch are equal but for one sample: samples of rare classes come
    /// several times in an epoch, some of common classes not at all.</summary>
    [JsonStringEnumMemberName("balanced")]
    Balanced,
}
