using System.Globalization;
using System.Text;

namespace Fovea.Studio.State;

/// <summary>What a page shows, as the query of its address: what is as usual is left out.</summary>
public sealed class PageState
{
    private readonly Dictionary<string, string> _values;

    private PageState(Dictionary<string, string> values) => _values = values;

    /// <summary>Reads the query of an address; of a name that is given twice the first counts.</summary>
    public static PageState Of(string address)
    {
        var values = new Dictionary<string, string>();
        foreach (string pair in new Uri(address).Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            values.TryAdd(Decode(parts[0]), parts.Length > 1 ? Decode(parts[1]) : "");
        }
        return new PageState(values);
    }

    /// <summary>A text.</summary>
    public string Text(string name, string usual = "") => _values.GetValueOrDefault(name, usual);

    /// <summary>A whole number in a range; what is none, or outside, is as usual.</summary>
    public int Whole(string name, int usual, int least, int most) =>
        _values.TryGetValue(name, out string? text) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
        && value >= least && value <= most ? value : usual;

    /// <summary>A number in a range; what is none, or outside, is as usual.</summary>
    public double Number(string name, double usual, double least, double most) =>
        _values.TryGetValue(name, out string? text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
        && value >= least && value <= most ? value : usual;

    /// <summary>Whether something is switched on.</summary>
    public bool Flag(string name) => Text(name) == "yes";

    /// <summary>The state with another value; null takes it out.</summary>
    public PageState With(string name, string? value)
    {
        var values = new Dictionary<string, string>(_values);
        if (value is null) values.Remove(name);
        else values[name] = value;
        return new PageState(values);
    }

    /// <summary>The query, with its question mark where there is anything.</summary>
    public string ToQuery()
    {
        var text = new StringBuilder();
        foreach (var (name, value) in _values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            text.Append(text.Length == 0 ? '?' : '&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal));
        return text.ToString();
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
