namespace Fovea.Tests.Explain;

public class FormulaTests
{
    [Theory]
    [InlineData("n' = \\left\\lfloor \\frac{n + 2p - d(k - 1) - 1}{s} \\right\\rfloor + 1", "n′ = ⌊(n + 2p - d(k - 1) - 1) / s⌋ + 1")]
    [InlineData("-\\frac{1}{N} \\sum_{i=1}^{N} y_i \\log_2 p_i", "-(1/N) ∑ᵢ₌₁ᴺ yᵢ log₂ pᵢ")]
    [InlineData("\\sum_i (1 - y_i) \\log_2 (1 - p_i)", "∑ᵢ (1 - yᵢ) log₂(1 - pᵢ)")]
    [InlineData("2 \\cdot -3", "2 · -3")]
    [InlineData("61{,}706 \\approx 6 \\times 10^4", "61,706 ≈ 6 × 10⁴")]
    [InlineData("n_{\\text{in}} = x_{10}", "n_in = x₁₀")]
    [InlineData("W^\\top v(x)", "Wᵀ v(x)")]
    [InlineData("\\sqrt{2} \\le \\sqrt{a + b}", "√2 ≤ √(a + b)")]
    [InlineData("\\lVert w \\rVert^2 \\in \\{1, 2\\}", "‖w‖² ∈ {1, 2}")]
    [InlineData("\\lambda / 2m", "λ / 2m")]
    [InlineData("\\frac{\\partial L}{\\partial x}", "(∂L) / (∂x)")]
    [InlineData("1 - \\frac{\\text{not zero}}{\\text{cells}}", "1 - (not zero)/cells")]
    [InlineData("y = \\max(0, x)", "y = max(0, x)")]
    [InlineData("{} + 2 \\cdot (-1)", "+ 2 · (-1)")]
    public void A_formula_is_readable_on_one_line(string latex, string expected) => Assert.Equal([expected], FormulaText.Lines(latex));

    [Fact]
    public void A_matrix_takes_a_line_for_each_row() => Assert.Equal(
        [
            "    ⎡ -1  10 ⎤",
            "W = ⎢  0   2 ⎥",
            "    ⎣  3   4 ⎦",
        ],
        FormulaText.Lines("W = \\begin{bmatrix} -1 & 10 \\\\ 0 & 2 \\\\ 3 & 4 \\end{bmatrix}"));

    [Fact]
    public void Blocks_of_a_matrix_are_ruled_off() => Assert.Equal(
        [
            "⎡ 1  │  0 ⎤",
            "⎢ ───┼─── ⎥",
            "⎣ 0  │  1 ⎦",
        ],
        FormulaText.Lines("\\left[ \\begin{array}{c|c} 1 & 0 \\\\ \\hline 0 & 1 \\end{array} \\right]"));

    [Theory]
    [InlineData("\\frac{1}", "missing")]
    [InlineData("(1 + 2", "not closed")]
    [InlineData("1 + 2)", "closes nothing")]
    [InlineData("\\unknown", "\\unknown is not known")]
    [InlineData("\\begin{bmatrix} 1 & 2", "not closed")]
    public void What_is_not_in_the_subset_is_refused(string latex, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => Formula.Parse(latex)).Message);

    [Fact]
    public void The_first_relation_is_found_outside_of_brackets_and_scripts()
    {
        string latex = "\\sum_{i=1}^{n} f(a = b) = 3";
        Assert.Equal(latex.LastIndexOf('='), Formula.Parse(latex).FirstRelation);
        Assert.Equal(-1, Formula.Parse("\\sum_{i=1}^{n} i").FirstRelation);
    }

    [Fact]
    public void Lines_are_cut_outside_of_matrices() =>
        Assert.Equal(["a", "\\begin{matrix} 1 \\\\ 2 \\end{matrix}", "c"], Formula.SplitLines("a \\\\ \\begin{matrix} 1 \\\\ 2 \\end{matrix} \\\\ c"));

    [Fact]
    public void A_minus_sign_after_an_equals_sign_is_not_spaced_as_a_difference_is()
    {
        Assert.Contains("<mo>=</mo><mo form=\"prefix\">−</mo><mn>40</mn>", FormulaMathML.Inline("y = -40"));
        Assert.Contains("<mi>a</mi><mo>−</mo><mi>b</mi>", FormulaMathML.Inline("a - b"));
    }

    [Fact]
    public void MathML_has_one_element_for_each_part_of_a_fraction_and_of_scripts() => Assert.Equal(
        "<math><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><msup><mi>b</mi><mn>2</mn></msup></mfrac></math>",
        FormulaMathML.Inline("\\frac{a + 1}{b^2}"));
}
