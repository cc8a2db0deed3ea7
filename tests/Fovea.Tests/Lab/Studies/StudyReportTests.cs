using System.Text.RegularExpressions;
using System.Xml.Linq;
using Fovea.Lab;

namespace Fovea.Tests;

public partial class StudyReportTests
{
    private static readonly VariantResult s_one =
        MadeUpStudy.Variant("stride 1", "stride1", (0.988, 14, 200), (0.989, 14, 205), (0.987, 15, 210));

    private static readonly VariantResult s_two =
        MadeUpStudy.Variant("stride 2", "stride2", (0.984, 2, 100), (0.985, 2, 101), (0.984, 3, 102));

    private static readonly string s_page = StudyReport.ToHtml(MadeUpStudy.Result(s_one, s_two));

    [Fact]
    public void The_page_needs_nothing_beside_itself()
    {
        Assert.All(Regex.Matches(s_page, "(?i)(src|href|srcset|action|poster)\\s*=\\s*\"([^\"]{0,5})"), match => Assert.Equal("data:", match.Groups[2].Value));
        Assert.DoesNotMatch("(?i)@import|<link|<script|<iframe|<object|<embed", s_page);
        Assert.All(Regex.Matches(s_page, @"url\(([^)]*)\)"), match => Assert.StartsWith("#", match.Groups[1].Value));
        // The one address is the name of SVG itself.
        Assert.All(Regex.Matches(s_page, "https?://[^\"'<> ]*"), match => Assert.Equal("http://www.w3.org/2000/svg", match.Value));
    }

    [Fact]
    public void The_conclusion_comes_first_and_is_the_studys()
    {
        string sentence = MadeUpStudy.Result(s_one, s_two).Comparisons[0].Finding;
        int conclusion = s_page.IndexOf(sentence, StringComparison.Ordinal);
        Assert.True(conclusion > 0);
        Assert.True(conclusion < s_page.IndexOf("<table>", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_study_gives_the_same_page_to_the_byte_and_its_charts_refer_to_themselves()
    {
        Assert.Equal(s_page, StudyReport.ToHtml(MadeUpStudy.Result(s_one, s_two)));
        string[] names = [.. Regex.Matches(s_page, " id=\"([^\"]*)\"").Select(match => match.Groups[1].Value)];
        Assert.Equal(names.Length, names.Distinct().Count());
        string[] references = [.. Regex.Matches(s_page, @"url\(#([^)]*)\)").Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(references);
        Assert.Empty(references.Except(names));
    }

    [Fact]
    public void The_engine_is_told_and_runs_of_different_engines_are_marked()
    {
        Assert.DoesNotContain("<dt>Engine</dt>", s_page);
        VariantResult On(VariantResult variant, params string[][] engines) =>
            variant with
            {
                Runs = [.. variant.Runs.Zip(engines, (run, names) => run with { Places = [.. names.Select(name => new TrainingPlace(Machine.This with { Engine = name }, 1))] })],
            };
        VariantResult one = On(s_one, ["A"], ["A"], ["A"]);
        Assert.Contains("<dt>Engine</dt><dd>A: another gives", StudyReport.ToHtml(MadeUpStudy.Result(one, On(s_two, ["A"], ["A"], ["A"]))));
        Assert.Contains("<dt>Engine</dt><dd>not the same for all runs, which cannot be had again to the bit on one machine: A (stride 1, seed 1; stride 1, seed 2; stride 1, seed 3; stride 2, seed 3); "
            + "A and then B (stride 2, seed 1); B (stride 2, seed 2).</dd>", StudyReport.ToHtml(MadeUpStudy.Result(one, On(s_two, ["A", "B"], ["B"], ["A"]))));
        Assert.Contains("not the same for all runs", StudyReport.ToHtml(MadeUpStudy.Result(On(s_one, ["A", "B"], ["A", "B"], ["A", "B"]))));
    }

    [Fact]
    public void Every_variant_has_its_figures_and_its_summary()
    {
        foreach (VariantResult variant in (VariantResult[])[s_one, s_two])
        {
            Assert.Contains($"{variant.Name}</span></th>", s_page);
            Assert.Contains($"<pre>{variant.Summary.TrimEnd('\n')}</pre>", s_page);
        }
        // The mean of 98.8, 98.9, 98.7, whose deviation is 0.1: 4.3027 x 0.1 / sqrt(3) = 0.25; that of 200, 205, 210: fifty times as much.
        Assert.Contains("""<td>98.80 <span class="spread">± 0.25</span></td>""", s_page);
        Assert.Contains("""<td>205 <span class="spread">± 12</span></td>""", s_page);
        Assert.Contains("<td>2,361,546</td><td>104,650</td>", s_page);
        Assert.Contains("fovea study stride --seeds 1,2,3", s_page);
        Assert.Contains("A host: A processor, 2 processors, 2 threads; An operating system; .NET 10.", s_page);
    }

    [Fact]
    public void What_runs_suffer_from_is_told_with_the_seeds_and_beside_the_noise_scale()
    {
        Assert.DoesNotContain("<h2>Diagnosis</h2>", s_page);
        var finding = new Finding(Finding.DeadUnits, "layer 2 relu", 0.5, "layer 2 relu: 16 of 32 channels are 0", "Use <leakyrelu>");
        VariantResult Examined(VariantResult variant, Func<ulong, Finding[]> findings, params double?[] scales) => variant with
        {
            Runs = [.. variant.Runs.Select((run, i) => run with { Diagnosis = new Diagnosis(findings(run.Seed), [], 1024, 2.3, new GradientNoise(scales[i], 1, 1, 32, 1024)) })],
        };
        StudyResult result = MadeUpStudy.Result(Examined(s_one, seed => seed == 2 ? [] : [finding], 100, 300, 1200), Examined(s_two, _ => [], 50, null, null));
        StudyFinding found = Assert.Single(StudyFinding.Of(result));
        Assert.Equal(("stride 1", "seeds 1, 3 of 3 (figures of seed 1)"), (found.Variant.Name, found.Where));
        string page = StudyReport.ToHtml(result);
        Assert.Contains("<td>layer 2 relu: 16 of 32 channels are 0.</td><td>Use &lt;leakyrelu&gt;.</td><td>at the end</td><td>seeds 1, 3 of 3 (figures of seed 1)</td>", page);
        // The median of 100, 300 and 1,200.
        Assert.Contains("<td>64</td><td>300</td>", page);
        Assert.Contains("<td>64</td><td>the gradient is lost in noise</td>", page);
        Assert.Contains("Nothing wrong was found in any run.", StudyReport.ToHtml(MadeUpStudy.Result(Examined(s_one, _ => [], 1, 1, 1))));
    }

    [Fact]
    public void When_runs_suffered_from_something_is_told()
    {
        var finding = new Finding(Finding.DeadUnits, "layer 2 relu", 0.5, "layer 2 relu: 16 of 32 channels are 0", "Use leakyrelu") { Epoch = 4 };
        VariantResult one = s_one with
        {
            Runs = [.. s_one.Runs.Select((run, i) => run with { Diagnosis = new Diagnosis(i == 0 ? [finding] : [], [], 1024, 2.3, null) { Passed = i == 0 ? [] : [finding] } })],
        };
        EpochResult epoch = new(4, 1, 0.5, null, null, 1) { Findings = [finding with { Kind = Finding.ExplodingGradient }] };
        VariantResult two = s_two with { Runs = [], Diverged = [new DivergedRun(1, 100, "the loss of update 101 (epoch 5) is NaN", finding with { Kind = Finding.NotFinite, Epoch = null }, [epoch])] };
        Assert.Equal([("seed 1 of 3", "after epoch 4 and at the end"), ("seeds 2, 3 of 3 (figures of seed 2)", "after epoch 4, no longer at the end"), ("seed 1", "where it diverged"), ("seed 1", "after epoch 4")],
            StudyFinding.Of(MadeUpStudy.Result(one, two)).Select(found => (found.Where, found.When)));
    }

    [Fact]
    public void Times_and_memory_of_different_machines_are_neither_compared_nor_drawn()
    {
        VariantResult moved = s_two with { Runs = [s_two.Runs[0], s_two.Runs[1] with { Places = [MadeUpStudy.Place(), MadeUpStudy.Place("Another host")] }, s_two.Runs[2]] };
        StudyResult result = MadeUpStudy.Result(s_one, moved);
        string page = StudyReport.ToHtml(result);
        Assert.Contains("training times not compared, as the runs were made on different machines", page);
        Assert.Contains("Times and memory are not drawn, as the runs were made on different machines.", page);
        Assert.Contains("Nothing is drawn by seconds, as the runs were made on different machines.", page);
        Assert.Contains("Times and memory are not set side by side, as the runs were made on different machines.", page);
        Assert.All((string[])["Training time, s", "Peak memory of the process, MB", "loss by seconds"], name => Assert.DoesNotContain(name, page));
        Assert.All((string[])["Training time, s", "Peak memory of the process, MB", "loss by seconds"], name => Assert.Contains(name, s_page));
        Assert.Contains("A host: A processor, 2 processors, 2 threads; An operating system; .NET 10; and Another host: A processor, 2 processors", page);
        Assert.DoesNotContain(StudyRow.Of(result), row => row.Name.Contains("time") || row.Name.Contains("emory") || row.Name.Contains("Speed"));
    }

    [Fact]
    public void What_batches_hold_is_set_beside_what_each_seed_leads_to_expect()
    {
        // Batches of 1 from 10 samples, of which 1, 2 and 3 are rare: shares of 10, 20 and 30% are expected, and 90, 80 and 70% of the batches without; 20 and 80% on average.
        // The deviation of one sample is sqrt(p (1 - p)): 0.3, 0.4 and 0.4583, on average 0.3861.
        VariantResult variant = s_one with { Runs = [.. s_one.Runs.Select((run, i) => run with { Batches = new BatchComposition("odd", 10, 1 + i, 9 - i, 1, [9 - i, 1 + i]) })] };
        string page = StudyReport.ToHtml(MadeUpStudy.Result(variant));
        Assert.Contains("<td>20.00</td><td>20.00</td>\n<td>0.39</td><td>0.39</td><td>80.0</td><td>80.0</td></tr>", Regex.Replace(page, "\n +", "\n"));
    }

    [Fact]
    public void Words_are_escaped()
    {
        Assert.Contains("<h1>Stride 1 against &lt;stride 2&gt;</h1>", s_page);
        Assert.Contains("What does it cost &amp; what does it save?", s_page);
    }

    [Fact]
    public void Charts_are_XML_with_names_of_their_own_and_colours_of_the_page()
    {
        XElement[] charts = [.. Charts(s_page)];
        // Four curves, the same four by updates and seconds, four bars, the accuracies, and a key for each variant in legend, tables and summaries.
        Assert.Equal(13, charts.Count(chart => ((string)chart.Attribute("aria-label")!).Length > 0));
        string[] ids = [.. charts.SelectMany(c => c.Descendants()).Attributes("id").Select(a => a.Value).Distinct()];
        string[] used = [.. Regex.Matches(s_page, @"url\(#([^)]*)\)").Select(match => match.Groups[1].Value).Distinct()];
        Assert.Equal(ids.Order(), used.Order());
        var colours = charts.SelectMany(c => c.DescendantsAndSelf()).Attributes().Where(a => a.Name == "fill" || a.Name == "stroke");
        Assert.All(colours, colour => Assert.Matches(@"^(none|var\(--[a-z0-9-]+\))$", colour.Value));
        Assert.All(Regex.Matches(s_page, @"var\((--[a-z0-9-]+)\)").Select(match => match.Groups[1].Value).Distinct(),
            name => Assert.Contains($"{name}:", s_page));
    }

    [Fact]
    public void Every_chart_can_be_had_as_SVG_PNG_and_CSV()
    {
        var files = Regex.Matches(s_page, "<a download=\"([^\"]*)\" href=\"data:([^;]*);base64,([^\"]*)\"")
            .ToDictionary(match => match.Groups[1].Value, match => (Type: match.Groups[2].Value, Content: Convert.FromBase64String(match.Groups[3].Value)));
        // Thirteen charts (see above); without a font there are no PNG files.
        Assert.Equal(Picture.HasFont ? 39 : 26, files.Count);
        XElement svg = XElement.Parse(System.Text.Encoding.UTF8.GetString(files["validation-loss.svg"].Content));
        Assert.Contains("epoch 1", svg.Value);
        Assert.DoesNotContain("var(--", svg.ToString());
        if (Picture.HasFont) Assert.Equal((byte[])[0x89, 0x50, 0x4E, 0x47], files["validation-loss.png"].Content[..4]);
        // The validation losses of the made-up runs: 0.4, then 0.2 and a hundredth for each seed.
        Assert.StartsWith("variant,seed,epoch,validation-loss\nstride 1,1,1,0.4\nstride 1,1,2,0.21",
            System.Text.Encoding.UTF8.GetString(files["validation-loss.csv"].Content));
    }

    [Fact]
    public void Ticks_are_whole_epochs()
    {
        XElement chart = Charts(s_page).First(c => (string?)c.Attribute("aria-label") == "Validation loss by epoch");
        Assert.Equal(["epoch 1", "2"], chart.Descendants().Where(e => (string?)e.Attribute("class") == "tick middle").Select(e => e.Value));
        Assert.Equal(2, chart.Descendants().Count(e => e.Name.LocalName == "ellipse"));
    }

    [Fact]
    public void A_single_epoch_is_drawn_as_marks()
    {
        static RunResult FirstEpoch(RunResult run) => run with { History = [run.History[0]] };
        var variants = new[] { s_one, s_two }.Select(v => v with { Runs = [.. v.Runs.Select(FirstEpoch)] });
        string page = StudyReport.ToHtml(MadeUpStudy.Result([.. variants]));
        XElement chart = Charts(page).First(c => (string?)c.Attribute("aria-label") == "Training loss by epoch");
        Assert.Equal(["epoch 1"], chart.Descendants().Where(e => (string?)e.Attribute("class") == "tick middle").Select(e => e.Value));
        Assert.Single(chart.Descendants(), e => e.Name.LocalName == "ellipse");
    }

    [Fact]
    public void An_interrupted_study_says_so_and_shows_what_there_is()
    {
        string page = StudyReport.ToHtml(MadeUpStudy.Result(s_one with { Runs = [s_one.Runs[0]] }, s_two with { Runs = [] }));
        Assert.Contains("The study was interrupted", page);
        Assert.Contains("There are no runs to compare yet.", page);
        Assert.Contains("<td>98.80</td><td>not run</td>", page);
        Assert.DoesNotContain("The study was interrupted", s_page);
    }

    [Fact]
    public void A_study_without_runs_has_no_report() =>
        Assert.Throws<ArgumentException>(() => StudyReport.ToHtml(MadeUpStudy.Result(s_one with { Runs = [] })));

    private static IEnumerable<XElement> Charts(string page) => Svg().Matches(page).Select(match => XElement.Parse(match.Value));

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Svg();
}
