using System.Text.Json;
using System.Xml.Linq;

namespace Fovea.Tests.Explain;

public class DerivationTests
{
    private static readonly Derivation s_example = new("The mean of $x_1$ & $x_2$",
    [
        new("Half of the sum; <no> _magic_, 50%.", "m = \\frac{x_1 + x_2}{2}", "\\frac{3 + 4}{2} \\\\ \\frac{7}{2}", "3.5"),
        new("The values:", Table: new(["name", "value"], [["$x_1$", "3"], ["$x_2$", "4"]])),
    ], [new("What it is good for", [new("Nothing.")])]);

    [Fact]
    public void A_line_of_a_page_is_not_broken_before_a_comma() =>
        // A formula and the mark behind it stand together; where a word follows there is no need.
        Assert.Matches("<p>The stride <span class=\"short\"><math>[^$]*</math>,</span> the padding <math>[^$]*</math> and more\\.</p>",
            new Derivation("Test", [new("The stride $s$, the padding $p$ and more.")]).ToHtml());

    [Fact]
    public void A_derivation_is_text() => Assert.Equal("""
        The mean of x₁ & x₂
          Half of the sum; <no> _magic_, 50%.
            m = (x₁ + x₂) / 2
              = (3 + 4) / 2
              = 7/2
              = 3.5
          The values:
            name  value
            ────  ─────
            x₁        3
            x₂        4

          What it is good for
            Nothing.

        """, s_example.ToText());

    [Fact]
    public void A_derivation_is_markdown() => Assert.Equal("""
        ## The mean of $x_1$ & $x_2$

        Half of the sum; \<no> \_magic\_, 50%.

        $$
        \begin{aligned}
        m &= \frac{x_1 + x_2}{2} \\
        &= \frac{3 + 4}{2} \\
        &= \frac{7}{2} \\
        &= 3.5
        \end{aligned}
        $$

        The values:

        | name | value |
        | --- | ---: |
        | $x_1$ | 3 |
        | $x_2$ | 4 |

        ### What it is good for

        Nothing.


        """, s_example.ToMarkdown());

    [Fact]
    public void A_derivation_is_latex() => Assert.Equal("""
        \subsection*{The mean of $x_1$ \& $x_2$}
        Half of the sum; $<$no$>$ \_magic\_, 50\%.
        \[
        \begin{aligned}
        m &= \frac{x_1 + x_2}{2} \\
        &= \frac{3 + 4}{2} \\
        &= \frac{7}{2} \\
        &= 3.5
        \end{aligned}
        \]
        The values:

        \begin{center}
        \begin{tabular}{lr}
        name & value \\ \hline
        $x_1$ & 3 \\
        $x_2$ & 4 \\
        \end{tabular}
        \end{center}
        \subsubsection*{What it is good for}
        Nothing.


        """, s_example.ToLatex());

    [Fact]
    public void A_derivation_is_well_formed_html_that_loads_nothing()
    {
        string html = s_example.ToHtml();
        XElement section = XElement.Parse(html.Replace("&nbsp;", " "));
        Assert.Equal("section", section.Name);
        Assert.Equal(4, section.Descendants("div").Single(part => part.Attribute("class")?.Value == "formula").Descendants("mtr").Count());
        Assert.Contains("&lt;no&gt;", html);
        Assert.DoesNotContain("http", html);
        Assert.DoesNotContain("src=", html);
    }

    [Fact]
    public void Json_keeps_every_part()
    {
        using var json = JsonDocument.Parse(s_example.ToJson());
        JsonElement step = json.RootElement.GetProperty("steps")[0];
        Assert.Equal("m = \\frac{x_1 + x_2}{2}", step.GetProperty("formula").GetString());
        Assert.Equal("3.5", step.GetProperty("result").GetString());
        Assert.Equal("4", json.RootElement.GetProperty("steps")[1].GetProperty("table").GetProperty("rows")[1][1].GetString());
        Assert.Equal("What it is good for", json.RootElement.GetProperty("parts")[0].GetProperty("title").GetString());
    }

    [Fact]
    public void A_picture_is_part_of_every_document_and_of_no_terminal()
    {
        Derivation derivation = new("t", [new("", Picture: new("A & B", [1, 2, 3]))], [new("p", [new("s", Picture: DerivationPicture.OfSvg("C", "<svg/>"))])]);
        Assert.Equal("t\n\n  p\n    s\n", derivation.ToText());
        Assert.Equal(["A & B", "C"], derivation.Pictures.Select(picture => picture.Description));
        // The bytes 1, 2, 3 and the five letters in base 64.
        Assert.Contains("<p class=\"picture\"><img alt=\"A &amp; B\" src=\"data:image/png;base64,AQID\"></p>", derivation.ToHtml());
        Assert.Contains("src=\"data:image/svg+xml;base64,PHN2Zy8+\"", derivation.ToHtml());
        Assert.Contains("![A & B](<data:image/png;base64,AQID>)", derivation.ToMarkdown());
        Assert.Contains("![A & B](<a.png>)", derivation.ToMarkdown(pictureName: picture => "a" + picture.Extension));
        Assert.Contains("\\begin{center}\n[Picture: A \\& B]\n\\end{center}\n", derivation.ToLatex());
        Assert.Contains("\\includegraphics[width=\\linewidth]{a.png}\\\\\nA \\& B\n", derivation.ToLatex(picture => "a" + picture.Extension));
        Assert.Contains("[Picture: C]", derivation.ToLatex(picture => "a" + picture.Extension));
    }

    [Theory]
    [InlineData(true, "1,234", "", "-0.5", "1e-9")]
    [InlineData(true, "0.80%", "100.00%")]
    [InlineData(true, "5x5", "(13, 13)", "-2 to 10")]
    [InlineData(false, "1", "conv 8 k5")]
    [InlineData(false, "32x14x14")]
    [InlineData(false, "2, 0, -1")]
    [InlineData(false, "x")]
    public void Columns_of_numbers_are_known(bool isNumeric, params string[] cells) =>
        Assert.Equal(isNumeric, new DerivationTable(["c"], [.. cells.Select(cell => new[] { cell })]).IsNumeric(0));

    [Fact]
    public void A_result_that_begins_with_a_relation_gets_no_equals_sign()
    {
        Derivation derivation = new("t", [new("s", "a = \\frac{1}{3}", Result: "\\approx 0.333")]);
        Assert.Equal("t\n  s\n    a = 1/3\n      ≈ 0.333\n", derivation.ToText());
    }

    [Fact]
    public void A_table_too_wide_is_broken_in_its_widest_column()
    {
        Derivation derivation = new("t", [new("s", Table: new(["name", "words"], [["a", string.Join(' ', Enumerable.Repeat("word", 30))]]))]);
        string[] lines = derivation.ToText(60).Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= 60, line));
        Assert.Equal(31, string.Join(' ', lines).Split("word").Length - 1);
    }

    [Fact]
    public void A_prime_stands_beside_its_letter_in_html() =>
        Assert.Contains("<mrow><mi>n</mi><mo lspace=\"0\" rspace=\"0\">′</mo></mrow>", new Derivation("t", [new("s", "n' = 2")]).ToHtml());

    [Fact]
    public void A_number_of_more_digits_than_a_double_knows_is_a_power_of_ten() => Assert.Equal("1.5 \\cdot 10^{38}", Tex.Number(1.5e38, 3));

    [Fact]
    public void Long_lines_are_broken_at_spaces()
    {
        Derivation derivation = new("t", [new(string.Join(' ', Enumerable.Repeat("word", 30)), "s = " + string.Join(" + ", Enumerable.Repeat("100", 30)))]);
        string[] lines = derivation.ToText(60).Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= 60, line));
        Assert.Equal(30, string.Join(' ', lines).Split("word").Length - 1);
        Assert.Equal(30, string.Join(' ', lines).Split("100").Length - 1);
    }
}
