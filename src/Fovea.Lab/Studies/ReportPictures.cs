using static Fovea.Lab.ReportHtml;

namespace Fovea.Lab;

/// <summary>Pictures of what the networks of a report have learned, and where their numbers come from.</summary>
internal static class ReportPictures
{
    private const int MostVariantsWithPictures = 6;

    /// <summary>The sections of a panel.</summary>
    public static string All(StudyResult panel, StudyGallery? gallery)
    {
        VariantPictures[] all = [.. (gallery?.Variants ?? []).Where(pictures => panel.Variants.Any(v => v.Name == pictures.Name && v.Budget == pictures.Budget))];
        VariantPictures[] shown = [.. all.Take(MostVariantsWithPictures)];
        if (shown.Length == 0) return "";
        string left = all.Length > shown.Length ? $" Of the {all.Length} variants the first {shown.Length} are shown." : "";
        return MistakesOf(panel, shown, left) + FiltersOf(panel, shown, left) + MapsOf(panel, shown, left);
    }

    // What is no probability is shown as it is: the output of a network that ends without softmax or sigmoid and was trained on numbers.
    private static string Sure(VariantPictures variant, MistakePicture mistake) => variant.Mistakes.All(other => other.Probability is >= 0 and <= 1)
        ? Number(100 * mistake.Probability, mistake.Probability > 0.9995 ? "N2" : "N1") + "%" : $"output {Number(mistake.Probability, "N2")}";

    private static string MistakesOf(StudyResult panel, VariantPictures[] shown, string left) => shown.All(v => v.Mistakes.Count == 0) ? "" : Section("The worst mistakes", $"""
        {Each(shown, v => $"""
            <figure class="gallery"><figcaption>{KeyOf(panel, v.Name)}</figcaption>
            <div class="mistakes">{Each(v.Mistakes, m => $"""<div>{Image(m.Image, $"Test sample {m.Sample}: {m.Class}, taken for {m.TakenFor}")}<span>{Text(m.Class)} → <b>{Text(m.TakenFor)}</b></span><span class="spread">{Sure(v, m)}</span></div>""")}</div>
            {(v.Mistakes.Count == 0 ? "<p>None.</p>" : "")}</figure>
            """)}
        <p class="note">Test samples that the network of the first seed takes for another class, those first of which it is surest: what it is, what it is taken for and with what
        probability.{left}</p>
        """);

    private static string FiltersOf(StudyResult panel, VariantPictures[] shown, string left) => shown.All(v => v.Filters is null) ? "" : Section("Learned filters", $"""
        <div class="charts">{Each(shown.Where(v => v.Filters is not null), v => $"""
            <figure class="gallery"><figcaption>{KeyOf(panel, v.Name)}</figcaption>{Image(v.Filters!, $"Filters of the first convolution: {v.Name}", "filters")}</figure>
            """)}</div>
        <p class="note">The first convolution of the first seed, up to 32 filters; grey is 0, white the largest weight, black its opposite.{left}</p>
        """);

    private static string MapsOf(StudyResult panel, VariantPictures[] shown, string left) => shown.All(v => v.FeatureMaps.Count == 0) ? "" : Section("Feature maps", $"""
        {Each(shown, v => $"""
            <figure class="gallery"><figcaption>{KeyOf(panel, v.Name)}</figcaption>
            <div class="maps">{Each(v.FeatureMaps, m => $"""<div>{Image(m.Image, $"Test sample {m.Sample}: {m.Class}", "sample")}{Image(m.Maps, $"Its feature maps: {v.Name}", "map")}</div>""")}</div></figure>
            """)}
        <p class="note">Test samples of different classes, and up to 16 of the images that the first convolution and its activation make of each; white is the largest value of
        a sample, black the smallest.{left}</p>
        """);

    private static string Image(byte[] png, string description, string style = "") =>
        $"""<img{(style.Length > 0 ? $" class=\"{style}\"" : "")} alt="{Verbatim(description)}" src="data:image/png;base64,{Convert.ToBase64String(png)}">""";

    private static string KeyOf(StudyResult panel, string name) => Key(panel, panel.Variants.First(variant => variant.Name == name));

    /// <summary>Where the numbers of a network come from, to be opened.</summary>
    public static string DerivationOf(VariantResult variant) => variant.Input is not { } input ? "" : $"""
        <details><summary>How these numbers come about</summary>
        {SummaryExplanation.Of(ModelSpec.Parse(variant.Layers, input), hide: ["flatten"], renumber: false).ToHtml(3)}
        </details>
        """;
}
