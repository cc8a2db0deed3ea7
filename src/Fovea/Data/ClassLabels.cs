using System.Globalization;

namespace Fovea;

/// <summary>What files call the classes of their samples, and the numbers that they become: in order of size where all are whole numbers, in alphabetical
/// order otherwise.</summary>
internal sealed class ClassLabels
{
    // More are no classes, but numbers or names of the samples themselves.
    private const int Most = 10_000;

    private readonly Dictionary<string, int> _numbers = [];

    /// <summary>The label of a sample, as it is counted for now.</summary>
    /// <exception cref="DataFormatException">There are too many labels.</exception>
    public int Add(string label, string path)
    {
        if (_numbers.TryGetValue(label, out int number)) return number;
        if (_numbers.Count == Most) throw new DataFormatException($"{path}: there are more than {Most:N0} different labels: these are no classes. Give a column or array of classes.");
        return _numbers[label] = _numbers.Count;
    }

    /// <summary>The names of the classes in their order, and the class of each number that <see cref="Add"/> has returned.</summary>
    public (string[] Names, int[] Classes) Sort()
    {
        bool areNumbers = _numbers.Keys.All(label => long.TryParse(label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));
        string[] names = areNumbers
            ? [.. _numbers.Keys.OrderBy(label => long.Parse(label, CultureInfo.InvariantCulture))]
            : [.. _numbers.Keys.Order(StringComparer.Ordinal)];
        int[] classes = new int[names.Length];
        for (int i = 0; i < names.Length; i++) classes[_numbers[names[i]]] = i;
        return (names, classes);
    }
}
