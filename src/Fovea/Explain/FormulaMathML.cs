using System.Net;
using System.Text;

namespace Fovea;

/// <summary>Draws a formula in MathML Core, which browsers show without a script.</summary>
internal static class FormulaMathML
{
    /// <summary>A formula within a line of text.</summary>
    public static string Inline(string formula) => $"<math>{Draw(Formula.Parse(formula).Root)}</math>";

    /// <summary>Lines below each other, aligned between their two halves.</summary>
    public static string Lines(IReadOnlyList<(string Left, string Right)> lines)
    {
        var text = new StringBuilder("<math display=\"block\"><mtable class=\"lines\">");
        foreach (var (left, right) in lines)
            text.Append($"<mtr><mtd>{Draw(Formula.Parse(left).Root)}</mtd><mtd>{Draw(Formula.Parse(right).Root)}</mtd></mtr>");
        return text.Append("</mtable></math>").ToString();
    }

    private static string Draw(FormulaNode node) => node switch
    {
        FormulaNode.Row row => $"<mrow>{string.Concat(row.Items.Select(Draw))}</mrow>",
        FormulaNode.Number number => $"<mn>{number.Text}</mn>",
        FormulaNode.Symbol symbol => DrawSymbol(symbol),
        FormulaNode.Function function => $"<mi>{Escape(function.Name)}</mi><mspace width=\"0.17em\"/>",
        FormulaNode.Operator op => DrawOperator(op),
        FormulaNode.Words words => $"<mtext>{Escape(words.Text).Replace(" ", "&#xA0;")}</mtext>",
        FormulaNode.Fraction fraction => $"<mfrac>{Group(fraction.Above)}{Group(fraction.Below)}</mfrac>",
        FormulaNode.Root root => $"<msqrt>{Draw(root.Body)}</msqrt>",
        FormulaNode.Accent accent => $"<mover accent=\"true\">{Group(accent.Body)}<mo stretchy=\"false\">{accent.Mark}</mo></mover>",
        FormulaNode.Script script => DrawScript(script),
        FormulaNode.Fence fence => Bracket(fence.Open, Draw(fence.Body), fence.Close),
        FormulaNode.Grid grid => Bracket(grid.Open, DrawGrid(grid), grid.Close),
        _ => throw new ArgumentOutOfRangeException(nameof(node), node, "a part of a formula that has no drawing"),
    };

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
        bool limits = script.Base is FormulaNode.Operator { Kind: OperatorKind.Large };
        string name = script.Base is FormulaNode.Function function ? $"<mi>{Escape(function.Name)}</mi>" : Group(script.Base);
        string tag = (limits, script.Below, script.Above) switch
        {
            (true, not null, not null) => "munderover",
            (true, not null, _) => "munder",
            (true, _, _) => "mover",
            (_, not null, not null) => "msubsup",
            (_, not null, _) => "msub",
            _ => "msup",
        };
        string scripts = (script.Below is null ? "" : Group(script.Below)) + (script.Above is null ? "" : Group(script.Above));
        return $"<{tag}>{name}{scripts}</{tag}>" + (script.Base is FormulaNode.Function ? "<mspace width=\"0.17em\"/>" : "");
    }

    private static string DrawGrid(FormulaNode.Grid grid)
    {
        var text = new StringBuilder("<mtable>");
        for (int row = 0; row < grid.Rows.Count; row++)
        {
            text.Append("<mtr>");
            for (int column = 0; column < grid.Rows[row].Count; column++)
            {
                string align = grid.Alignment(column) switch { 'l' => "text-align:left;", 'r' => "text-align:right;", _ => "" };
                string left = column > 0 && grid.HasRuleBefore(column) ? "border-left:1px solid;" : "";
                string top = grid.Rules.Contains(row) ? "border-top:1px solid;" : "";
                string style = align + left + top;
                text.Append(style.Length == 0 ? "<mtd>" : $"<mtd style=\"{style}\">").Append(Draw(grid.Rows[row][column])).Append("</mtd>");
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

    // Exactly one element, as fractions and scripts count their children.
    private static string Group(FormulaNode node) => node is FormulaNode.Function or FormulaNode.Script ? $"<mrow>{Draw(node)}</mrow>" : Draw(node);

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
