using System.Text;

namespace Fovea;

/// <summary>
/// Draws a formula in Unicode characters: on one line (⌊(32 - 5) / 1⌋ + 1) unless it has a matrix, which takes a line for each row.
/// </summary>
internal static class FormulaText
{
    private const string Digits = "0123456789+-=()aehijklmnoprstuvx";
    private const string Lowered = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ";
    private const string RaisedFrom = "0123456789+-=()abcdefghijklmnoprstuvwxyzNTMK⊤′,";
    private const string Raised = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴺᵀᴹᴷᵀ′ ";

    /// <summary>The lines of a formula; all are of the same length.</summary>
    public static IReadOnlyList<string> Lines(string formula) => Draw(Formula.Parse(formula).Root).Lines;

    /// <summary>A formula that fits into a line of text.</summary>
    public static string Inline(string formula) => string.Join(' ', Lines(formula)).Trim();

    // The line of `Baseline` is the one that stands on the line of text.
    internal sealed record Box(IReadOnlyList<string> Lines, int Baseline)
    {
        public int Width => Lines[0].Length;

        public static implicit operator Box(string line) => new([line], 0);

        public static Box Join(params IReadOnlyList<Box> boxes)
        {
            int above = boxes.Max(b => b.Baseline), below = boxes.Max(b => b.Lines.Count - 1 - b.Baseline);
            var lines = new string[above + 1 + below];
            for (int i = 0; i < lines.Length; i++)
            {
                lines[i] = string.Concat(boxes.Select(b =>
                    i - above + b.Baseline is var line && line >= 0 && line < b.Lines.Count ? b.Lines[line] : new string(' ', b.Width)));
            }
            return new Box(lines, above);
        }
    }

    internal static Box Draw(FormulaNode node) => node switch
    {
        FormulaNode.Row row => DrawRow(row.Items),
        FormulaNode.Number number => number.Text,
        FormulaNode.Symbol symbol => symbol.Text == "⊤" ? "T" : symbol.Text,
        FormulaNode.Function function => function.Name,
        FormulaNode.Operator op => op.Text,
        FormulaNode.Words words => words.Text,
        FormulaNode.Fraction fraction => Box.Join(Operand(fraction.Above), IsAtom(fraction.Above) && IsAtom(fraction.Below) ? "/" : " / ", Operand(fraction.Below)),
        FormulaNode.Root root => Box.Join("√", IsAtom(root.Body) ? Draw(root.Body) : Bracket("(", Draw(root.Body), ")")),
        FormulaNode.Accent accent => Box.Join(Draw(accent.Body), accent.Mark switch { '^' => "\u0302", '¯' => "\u0304", _ => "\u0303" }),
        FormulaNode.Script script => DrawScript(script),
        FormulaNode.Fence fence => Bracket(fence.Open, Draw(fence.Body), fence.Close),
        FormulaNode.Grid grid => DrawGrid(grid),
        _ => throw new ArgumentOutOfRangeException(nameof(node), node, "a part of a formula that has no drawing"),
    };

    private static Box DrawRow(IReadOnlyList<FormulaNode> items)
    {
        if (items.Count == 0) return "";
        var boxes = new List<Box>();
        FormulaNode? before = null;
        for (int i = 0; i < items.Count; i++)
        {
            FormulaNode item = items[i];
            bool operand = before is not (null or FormulaNode.Operator { Kind: not OperatorKind.Large });
            bool spaced = item is FormulaNode.Operator { Kind: OperatorKind.Binary or OperatorKind.Relation } && (operand || item is FormulaNode.Operator { Kind: OperatorKind.Relation });
            if (spaced)
            {
                boxes.Add(before is null or FormulaNode.Row { Items.Count: 0 } ? "" : " ");
                boxes.Add(Draw(item));
                boxes.Add(" ");
            }
            else
            {
                if (operand && NeedsSpace(before!, item)) boxes.Add(" ");
                bool factor = operand && !IsWords(before) || i + 1 < items.Count && items[i + 1] is not (FormulaNode.Operator or FormulaNode.Words);
                boxes.Add(item is FormulaNode.Fraction && factor ? Bracket("(", Draw(item), ")") : Draw(item));
                if (item is FormulaNode.Operator { Kind: OperatorKind.Punctuation }) boxes.Add(" ");
            }
            before = item;
        }
        return Box.Join(boxes);
    }

    // Between two operands that stand side by side.
    private static bool NeedsSpace(FormulaNode before, FormulaNode item)
    {
        if (IsWords(before) || IsWords(item) || item is FormulaNode.Operator) return false;
        if (IsName(before)) return item is not FormulaNode.Fence || before is not (FormulaNode.Function or FormulaNode.Script { Base: FormulaNode.Function });
        if (before is FormulaNode.Script && item is not FormulaNode.Fence) return true;
        return IsName(item) || item is FormulaNode.Number || before is FormulaNode.Grid || item is FormulaNode.Grid;
    }

    private static bool IsWords(FormulaNode? node) => node is FormulaNode.Words;

    // A function or a large operator, perhaps with scripts.
    private static bool IsName(FormulaNode node) => node switch
    {
        FormulaNode.Function or FormulaNode.Operator { Kind: OperatorKind.Large } => true,
        FormulaNode.Script script => IsName(script.Base),
        _ => false,
    };

    private static Box DrawScript(FormulaNode.Script script)
    {
        var parts = new List<Box> { Draw(script.Base) };
        if (script.Below is not null) parts.Add(Shift(Draw(script.Below), Digits, Lowered, "_", script.Below));
        if (script.Above is not null) parts.Add(Shift(Draw(script.Above), RaisedFrom, Raised, "^", script.Above));
        return Box.Join(parts);
    }

    private static Box Shift(Box box, string from, string to, string sign, FormulaNode node)
    {
        if (box.Lines.Count > 1) return Box.Join(sign, Bracket("(", box, ")"));
        string text = box.Lines[0];
        string compact = text.Replace(" ", "");
        if (node is not FormulaNode.Words && compact.All(c => from.Contains(c))) return new string([.. compact.Select(c => to[from.IndexOf(c)])]);
        return IsAtom(node) || node is FormulaNode.Words or FormulaNode.Function ? sign + text : $"{sign}({text})";
    }

    private static bool IsAtom(FormulaNode node) => node switch
    {
        FormulaNode.Number or FormulaNode.Symbol or FormulaNode.Words or FormulaNode.Function or FormulaNode.Accent => true,
        FormulaNode.Script script => IsAtom(script.Base),
        _ => false,
    };

    // Above or below a fraction's bar.
    private static Box Operand(FormulaNode node) =>
        node is FormulaNode.Row or FormulaNode.Fraction || node is FormulaNode.Words words && words.Text.Contains(' ') ? Bracket("(", Draw(node), ")") : Draw(node);

    private static Box Bracket(string open, Box body, string close) => Box.Join(Side(open, body), body, Side(close, body));

    private static Box Side(string bracket, Box body)
    {
        int count = body.Lines.Count;
        if (count == 1 || bracket.Length == 0) return new Box([.. Enumerable.Repeat(bracket, count)], body.Baseline);
        string pieces = bracket switch
        {
            "[" => "⎡⎢⎣",
            "]" => "⎤⎥⎦",
            "(" => "⎛⎜⎝",
            ")" => "⎞⎟⎠",
            "{" => "⎧⎪⎩",
            "}" => "⎫⎪⎭",
            "⌊" => "⎢⎢⎣",
            "⌋" => "⎥⎥⎦",
            "⌈" => "⎡⎢⎢",
            "⌉" => "⎤⎥⎥",
            _ => new string(bracket[0], 3),
        };
        return new Box([.. Enumerable.Range(0, count).Select(i => pieces[i == 0 ? 0 : i == count - 1 ? 2 : 1].ToString())], body.Baseline);
    }

    private static Box DrawGrid(FormulaNode.Grid grid)
    {
        int columns = grid.ColumnCount;
        string[][] cells = [.. grid.Rows.Select(row => row.Select(cell => Draw(cell).Lines[0]).ToArray())];
        int[] widths = [.. Enumerable.Range(0, columns).Select(column => cells.Max(row => column < row.Length ? row[column].Length : 0))];
        var lines = new List<string>();
        for (int row = 0; row <= cells.Length; row++)
        {
            if (grid.Rules.Contains(row)) lines.Add(Line(column => new string('─', widths[column]), "─", "┼"));
            if (row < cells.Length) lines.Add(Line(column => Align(column < cells[row].Length ? cells[row][column] : "", widths[column], grid.Alignment(column)), " ", "│"));
        }
        var body = new Box(lines, (lines.Count - 1) / 2);
        return Bracket(grid.Open, body, grid.Close);

        string Line(Func<int, string> cell, string space, string rule)
        {
            var text = new StringBuilder(" ");
            for (int column = 0; column < columns; column++)
            {
                if (column > 0) text.Append(space).Append(space);
                if (column > 0 && grid.HasRuleBefore(column)) text.Append(rule).Append(space).Append(space);
                text.Append(cell(column));
            }
            return text.Append(' ').ToString();
        }
    }

    // Numbers, centred in LaTeX, are read more easily with their last digits below each other.
    private static string Align(string cell, int width, char alignment) => alignment == 'l' ? cell.PadRight(width) : cell.PadLeft(width);
}
