using System.Globalization;
using System.Text;

namespace Fovea.Lab;

/// <summary>A chart of a report: the picture in the page, and the same as files, held in the page itself.</summary>
/// <param name="Name">What its files are called.</param>
/// <param name="Html">The picture, in the colours of the page.</param>
/// <param name="Files">Extension, type and content of each file.</param>
internal sealed record ReportChart(string Name, string Html, IReadOnlyList<(string Extension, string Type, byte[] Content)> Files)
{
    /// <summary>Draws a chart twice: for the page, and for files in the colours by day.</summary>
    /// <param name="name">A name that no other chart of the page has.</param>
    /// <param name="description">What it shows.</param>
    /// <param name="columns">The columns of its figures.</param>
    /// <param name="rows">Its figures.</param>
    /// <param name="draw">Draws it, for a page or not.</param>
    public static ReportChart Of(string name, string description, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object?>> rows, Func<bool, SvgChart> draw)
    {
        SvgChart chart = draw(false);
        var files = new List<(string, string, byte[])> { ("svg", "image/svg+xml", Encoding.UTF8.GetBytes(ChartFile.Svg([chart], description))) };
        if (ChartFile.Png([chart]) is { } png) files.Add(("png", "image/png", png));
        files.Add(("csv", "text/csv", Encoding.UTF8.GetBytes(Csv(columns, rows))));
        return new ReportChart(name, draw(true).Render(name, description), files);
    }

    /// <summary>Links that save the files.</summary>
    public string Links => string.Join(" ", Files.Select(file =>
        $"""<a download="{Name}.{file.Extension}" href="data:{file.Type};base64,{Convert.ToBase64String(file.Content)}">{file.Extension.ToUpperInvariant()}</a>"""));

    private static string Csv(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object?>> rows)
    {
        var text = new StringBuilder();
        text.AppendJoin(',', columns).Append('\n');
        foreach (var row in rows) text.AppendJoin(',', row.Select(Field)).Append('\n');
        return text.ToString();

        static string Field(object? value)
        {
            string field = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            return field.AsSpan().IndexOfAny(",\"\n") >= 0 ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
        }
    }
}
