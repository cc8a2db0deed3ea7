namespace Fovea;

/// <summary>What an operator of a formula does to the space around it.</summary>
internal enum OperatorKind
{
    /// <summary>Between two operands: +; before one only, a sign.</summary>
    Binary,

    /// <summary>Between two expressions: =.</summary>
    Relation,

    /// <summary>After an item of a list: a comma.</summary>
    Punctuation,

    /// <summary>A sum or product sign, whose scripts are its limits.</summary>
    Large,
}

/// <summary>A part of a <see cref="Formula"/>.</summary>
internal abstract record FormulaNode
{
    /// <summary>Parts side by side.</summary>
    public sealed record Row(IReadOnlyList<FormulaNode> Items) : FormulaNode;

    /// <summary>A number, with commas between its thousands.</summary>
    public sealed record Number(string Text) : FormulaNode;

    /// <summary>A variable or sign.</summary>
    public sealed record Symbol(string Text, bool Bold = false) : FormulaNode;

    /// <summary>An upright name: log.</summary>
    public sealed record Function(string Name) : FormulaNode;

    /// <summary>See <see cref="OperatorKind"/>.</summary>
    public sealed record Operator(string Text, OperatorKind Kind) : FormulaNode;

    /// <summary>Words among the formula, spaces kept.</summary>
    public sealed record Words(string Text) : FormulaNode;

    /// <summary>A fraction.</summary>
    public sealed record Fraction(FormulaNode Above, FormulaNode Below) : FormulaNode;

    /// <summary>A square root.</summary>
    public sealed record Root(FormulaNode Body) : FormulaNode;

    /// <summary>A letter with a mark above it.</summary>
    public sealed record Accent(char Mark, FormulaNode Body) : FormulaNode;

    /// <summary>Something with an index, an exponent or limits.</summary>
    public sealed record Script(FormulaNode Base, FormulaNode? Below, FormulaNode? Above) : FormulaNode;

    /// <summary>Something in brackets.</summary>
    public sealed record Fence(string Open, FormulaNode Body, string Close) : FormulaNode;

    /// <summary>A matrix or the like.</summary>
    /// <param name="Open">The bracket before it; may be empty.</param>
    /// <param name="Rows">The cells.</param>
    /// <param name="Columns">As after \begin{array}: "cc|cc"; empty when all are centred.</param>
    /// <param name="Rules">Before which rows there is a line.</param>
    /// <param name="Close">The bracket after it; may be empty.</param>
    public sealed record Grid(
        string Open, IReadOnlyList<IReadOnlyList<FormulaNode>> Rows, string Columns, IReadOnlyList<int> Rules, string Close) : FormulaNode
    {
        /// <summary>How many columns there are.</summary>
        public int ColumnCount => Rows.Max(row => row.Count);

        /// <summary>The alignment of a column: 'l', 'c' or 'r'.</summary>
        public char Alignment(int column)
        {
            string letters = Columns.Replace("|", "");
            return column < letters.Length ? letters[column] : Open == "{" ? 'l' : 'c';
        }

        /// <summary>Whether there is a line before a column.</summary>
        public bool HasRuleBefore(int column)
        {
            int letters = 0;
            foreach (char c in Columns)
            {
                if (c != '|') letters++;
                else if (letters == column) return true;
            }
            return false;
        }
    }
}
