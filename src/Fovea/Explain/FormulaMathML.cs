using System.Globalization;
using System.Net;
using System.Text;

namespace Fovea;

/// <summary>
/// Draws a formula in MathML Core, which browsers show without a script. The classes are those of <see cref="DerivationHtml.Style"/>.
/// </summary>
internal static class FormulaMathML
{
    /// <summary>A formula within a line of text.</summary>
    public static string Inline(string formula) => $"<math>{Draw(Formula.Parse(formula).Root)}</math>";

    /// <summary>Lines below each other, aligned between their two halves.</summary>
    public static string Lines(IReadOnlyList<(string Left, string Right)> lines)
    {
        var text = new StringBuilder("<math><mtable class=\"lines\">");
        foreach (var (left, right) in lines)
            text.Append(CultureInfo.InvariantCulture, $"<mtr><mtd class=\"right\">{Draw(Formula.Parse(left).Root)}</mtd><mtd class=\"left\">{Draw(Formula.Parse(right).Root)}</mtd></mtr>");
        return text.Append("</mtable></math>").ToString();
    }

    private static string Draw(FormulaNode node) => node switch
    {
        FormulaNode.Row row => DrawRow(row.Items),
        FormulaNode.Number number => $"<mn>{number.Text}</mn>",
        FormulaNode.Symbol symbol => DrawSymbol(symbol),
        FormulaNode.Function function => $"<mi>{Escape(function.Name)}</mi>",
        FormulaNode.Operator op => DrawOperator(op),
        FormulaNode.Words words => $"<mtext>{Escape(words.Text).Replace(" ", "&#xA0;")}</mtext>",
        FormulaNode.Fraction fraction => $"<mfrac>{Draw(fraction.Above)}{Draw(fraction.Below)}</mfrac>",
        FormulaNode.Root root => $"<msqrt>{Draw(root.Body)}</msqrt>",
        // The overline is drawn thicker than the macron, which is lost on a screen.
        FormulaNode.Accent accent => $"<mover accent=\"true\">{Draw(accent.Body)}<mo stretchy=\"false\">{(accent.Mark == '¯' ? '\u203E' : accent.Mark)}</mo></mover>",
        FormulaNode.Script script => DrawScript(script),
        FormulaNode.Fence fence => Bracket(fence.Open, Draw(fence.Body), fence.Close),
        FormulaNode.Grid grid => Bracket(grid.Open, DrawGrid(grid), grid.Close),
        _ => throw new ArgumentOutOfRangeException(nameof(node), node, "a part of a formula that has no drawing"),
    };

    // A function keeps a distance from its neighbours, unless they are operators or brackets.
    private static string DrawRow(IReadOnlyList<FormulaNode> items)
    {
        var text = new StringBuilder("<mrow>");
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0 && items[i - 1] is not FormulaNode.Operator && items[i] is not FormulaNode.Operator
                && (IsFunction(items[i - 1]) && items[i] is not FormulaNode.Fence || IsFunction(items[i])))
                text.Append("<mspace width=\"0.17em\"/>");
            bool isSign = i > 0 && items[i] is FormulaNode.Operator { Text: "-" or "+" } && items[i - 1] is FormulaNode.Operator { Kind: not OperatorKind.Large };
            // After an operator it is a sign, which browsers take for one at the beginning of a row only.
            text.Append(isSign ? Draw(items[i]).Replace("<mo>", "<mo form=\"prefix\">") : Draw(items[i]));
        }
        return text.Append("</mrow>").ToString();
    }

    private static bool IsFunction(FormulaNode node) => node is FormulaNode.Function or FormulaNode.Script { Base: FormulaNode.Function };

    private static string DrawSymbol(FormulaNode.Symbol symbol)
    {
        // One letter is italic by itself; what is not a letter must not be.
        string text = Escape(symbol.Text);
        if (symbol.Bold) return $"<mi mathvariant=\"normal\" style=\"font-weight:bold\">{text}</mi>";
        return char.IsLetter(symbol.Text[0]) || symbol.Text is "∂" or "∇" or "∞" or "⊤" ? $"<mi>{text}</mi>" : $"<mo lspace=\"0\" rspace=\"0\">{text}</mo>";
    }

    private static string DrawOperator(FormulaNode.Operator op) => op.Text switch
    {
        "-" => "<mo>−</mo>",
        "∑" or "∏" => $"<mo movablelimits=\"false\">{op.Text}</mo>",
        _ => $"<mo>{Escape(op.Text)}</mo>",
    };

    private static string DrawScript(FormulaNode.Script script)
    {
        // A prime stands as high by itself; as a script browsers draw it tiny and far off.
        if (script.Above is FormulaNode.Symbol { Text: ['\u2032', ..] } primes)
            return $"<mrow>{(script.Below is null ? Draw(script.Base) : DrawScript(script with { Above = null }))}<mo lspace=\"0\" rspace=\"0\">{primes.Text}</mo></mrow>";
        bool limits = script.Base is FormulaNode.Operator { Kind: OperatorKind.Large };
        string tag = (limits, script.Below, script.Above) switch
        {
            (true, not null, not null) => "munderover",
            (true, not null, _) => "munder",
            (true, _, _) => "mover",
            (_, not null, not null) => "msubsup",
            (_, not null, _) => "msub",
            _ => "msup",
        };
        string scripts = (script.Below is null ? "" : Draw(script.Below)) + (script.Above is null ? "" : Draw(script.Above));
        return $"<{tag}>{Draw(script.Base)}{scripts}</{tag}>";
    }

    private static string DrawGrid(FormulaNode.Grid grid)
    {
        var text = new StringBuilder("<mtable>");
        for (int row = 0; row < grid.Rows.Count; row++)
        {
            text.Append("<mtr>");
            for (int column = 0; column < grid.Rows[row].Count; column++)
            {
                string classes = (grid.Alignment(column) switch { 'l' => "left", 'r' => "right", _ => "" }
                    + (column > 0 && grid.HasRuleBefore(column) ? " rule-before" : "") + (grid.Rules.Contains(row) ? " rule-above" : "")).Trim();
                text.Append(classes.Length == 0 ? "<mtd>" : $"<mtd class=\"{classes}\">").Append(Draw(grid.Rows[row][column])).Append("</mtd>");
            }
            text.Append("</mtr>");
        }
        return text.Append("</mtable>").ToString();
    }

    private static string Bracket(string open, string body, string close)
    {
        string Side(string bracket, string form) => bracket.Length == 0 ? "" : $"<mo form=\"{form}\" fence=\"true\" stretchy=\"true\">{bracket}</mo>";
        return $"<mrow>{Side(open, "prefix")}{body}{Side(close, "postfix")}</mrow>";
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
