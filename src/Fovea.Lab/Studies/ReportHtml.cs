using System.Globalization;
using System.Security;
using System.Text.RegularExpressions;

namespace Fovea.Lab;

/// <summary>The parts that a report is written with.</summary>
internal static partial class ReportHtml
{
    public static string Section(string title, string content, string style = "") =>
        $"""<section{(style.Length > 0 ? $" class=\"{style}\"" : "")}><h2>{title}</h2>{content}</section>""";

    public static string Figure(string caption, ReportChart chart, string note = "") =>
        $"""<figure><figcaption>{caption}<span class="files">{chart.Links}</span></figcaption>{chart.Html}{(note.Length > 0 ? $"<p class=\"note\">{note}</p>" : "")}</figure>""";

    public static string Key(StudyResult result, VariantResult variant) =>
        $"""<span class="key">{StudyCharts.Marker(Index(result, variant))}{Text(variant.Name)}</span>""";

    public static bool Several(StudyResult result) => result.Variants.Any(variant => variant.Runs.Count > 1);

    public static int Index(StudyResult result, VariantResult variant) =>
        result.Variants.Index().First(other => other.Item.Name == variant.Name).Index;

    public static string Each<T>(IEnumerable<T> items, Func<T, string> html) => string.Concat(items.Select(html));

    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    public static string Count(long count, string unit) => $"{count:N0} {unit}{(count == 1 ? "" : "s")}";

    public static string Verbatim(string text) => SecurityElement.Escape(text);

    // In running text a minus is as long as a plus.
    public static string Text(string text) => Verbatim(Minus().Replace(text, "\u2212"));

    [GeneratedRegex(@"(?<![\w-])-(?=\d)")]
    private static partial Regex Minus();
}
