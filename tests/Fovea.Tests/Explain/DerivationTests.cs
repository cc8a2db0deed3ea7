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
        Assert.Equal(4, section.Descendants("div").Single().Descendants("mtr").Count());
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
    public void A_result_that_begins_with_a_relation_gets_no_equals_sign()
    {
        Derivation derivation = new("t", [new("s", "a = \\frac{1}{3}", Result: "\\approx 0.333")]);
        Assert.Equal("t\n  s\n    a = 1/3\n      ≈ 0.333\n", derivation.ToText());
    }

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
