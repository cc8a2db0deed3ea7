namespace Fovea;

/// <summary>
/// A formula in the small part of LaTeX that derivations use, read into a tree that the renderers draw:
/// numbers, letters, Greek letters, + - = &lt; &gt; , ; ! /, \cdot \times \pm \le \ge \ne \approx \in \to \Rightarrow, brackets ( ) [ ] and
/// \{ \} \lfloor \rfloor \lceil \rceil \lvert \rvert \lVert \rVert (with \left and \right or without), \frac \sqrt \hat \bar \text
/// \mathrm \mathbf, functions such as \log \exp \max, \sum \prod, ' ^ _, \partial \nabla \infty \top \dots \vdots, \quad \, and
/// the environments bmatrix, pmatrix, matrix, cases and array (with | between columns and \hline between rows).
/// </summary>
internal sealed class Formula
{
    private static readonly Dictionary<string, (string Text, OperatorKind Kind)> s_operators = new()
    {
        ["cdot"] = ("·", OperatorKind.Binary),
        ["times"] = ("×", OperatorKind.Binary),
        ["pm"] = ("±", OperatorKind.Binary),
        ["circ"] = ("∘", OperatorKind.Binary),
        ["odot"] = ("⊙", OperatorKind.Binary),
        ["ast"] = ("∗", OperatorKind.Binary),
        ["star"] = ("⋆", OperatorKind.Binary),
        ["bmod"] = ("mod", OperatorKind.Binary),
        ["le"] = ("≤", OperatorKind.Relation),
        ["ge"] = ("≥", OperatorKind.Relation),
        ["ne"] = ("≠", OperatorKind.Relation),
        ["approx"] = ("≈", OperatorKind.Relation),
        ["in"] = ("∈", OperatorKind.Relation),
        ["to"] = ("→", OperatorKind.Relation),
        ["Rightarrow"] = ("⇒", OperatorKind.Relation),
        ["mid"] = ("|", OperatorKind.Relation),
        ["equiv"] = ("≡", OperatorKind.Relation),
        ["sum"] = ("∑", OperatorKind.Large),
        ["prod"] = ("∏", OperatorKind.Large),
    };

    private static readonly Dictionary<string, string> s_symbols = new()
    {
        ["alpha"] = "α",
        ["beta"] = "β",
        ["gamma"] = "γ",
        ["delta"] = "δ",
        ["Delta"] = "Δ",
        ["epsilon"] = "ε",
        ["eta"] = "η",
        ["theta"] = "θ",
        ["lambda"] = "λ",
        ["mu"] = "μ",
        ["nu"] = "ν",
        ["pi"] = "π",
        ["rho"] = "ρ",
        ["sigma"] = "σ",
        ["Sigma"] = "Σ",
        ["tau"] = "τ",
        ["phi"] = "φ",
        ["omega"] = "ω",
        ["partial"] = "∂",
        ["nabla"] = "∇",
        ["infty"] = "∞",
        ["top"] = "⊤",
        ["ell"] = "ℓ",
        ["dots"] = "…",
        ["ldots"] = "…",
        ["cdots"] = "⋯",
        ["vdots"] = "⋮",
        ["ddots"] = "⋱",
        ["%"] = "%",
        ["#"] = "#",
        ["_"] = "_",
        ["&"] = "&",
        ["$"] = "$",
    };

    private static readonly HashSet<string> s_functions =
        ["log", "ln", "exp", "max", "min", "tanh", "cosh", "sinh", "sin", "cos", "gcd", "arg", "det", "sup", "inf", "lim"];

    private static readonly Dictionary<string, string> s_open = new()
    {
        ["("] = "(",
        ["["] = "[",
        ["\\{"] = "{",
        ["\\lfloor"] = "⌊",
        ["\\lceil"] = "⌈",
        ["\\lvert"] = "|",
        ["\\lVert"] = "‖",
        ["\\langle"] = "⟨",
    };

    private static readonly Dictionary<string, string> s_close = new()
    {
        [")"] = ")",
        ["]"] = "]",
        ["\\}"] = "}",
        ["\\rfloor"] = "⌋",
        ["\\rceil"] = "⌉",
        ["\\rvert"] = "|",
        ["\\rVert"] = "‖",
        ["\\rangle"] = "⟩",
    };

    private static readonly Dictionary<string, (string Open, string Close)> s_environments = new()
    {
        ["bmatrix"] = ("[", "]"),
        ["pmatrix"] = ("(", ")"),
        ["matrix"] = ("", ""),
        ["array"] = ("", ""),
        ["cases"] = ("{", ""),
    };

    private readonly string _source;
    private int _position, _depth;

    private Formula(string source)
    {
        _source = source;
        Root = Row();
        if (_position < source.Length) throw Error($"\"{Peek()}\" closes nothing");
    }

    /// <summary>The formula as a tree.</summary>
    public FormulaNode Root { get; }

    /// <summary>Where in the source the first relation sign outside of brackets and environments is; -1 without one.</summary>
    public int FirstRelation { get; private set; } = -1;

    /// <summary>Reads a formula.</summary>
    /// <exception cref="FormatException">It is not in the subset.</exception>
    public static Formula Parse(string source) => new(source);

    /// <summary>Cuts at the line breaks \\ that are outside of environments.</summary>
    public static IEnumerable<string> SplitLines(string? source)
    {
        if (source is null) yield break;
        int start = 0, depth = 0;
        for (int i = 0; i + 1 < source.Length; i++)
        {
            if (source[i] != '\\') continue;
            if (string.CompareOrdinal(source, i, "\\begin", 0, 6) == 0) depth++;
            else if (string.CompareOrdinal(source, i, "\\end", 0, 4) == 0) depth--;
            else if (source[i + 1] == '\\')
            {
                if (depth == 0)
                {
                    yield return source[start..i].Trim();
                    start = i + 2;
                }
                i++;
            }
        }
        yield return source[start..].Trim();
    }

    private FormulaNode Row()
    {
        var items = new List<FormulaNode>();
        while (true)
        {
            SkipSpaces();
            string token = Peek();
            if (token is "" or "}" or "&" or "\\\\" or "\\end" || s_close.ContainsKey(token) || token == "\\right" && _depth > 0) break;
            int start = _position;
            FormulaNode? item = Item();
            if (item is null) continue;
            if (_depth == 0 && FirstRelation < 0 && item is FormulaNode.Operator { Kind: OperatorKind.Relation }) FirstRelation = start;
            items.Add(item);
        }
        return items.Count == 1 ? items[0] : new FormulaNode.Row(items);
    }

    // One atom with its scripts.
    private FormulaNode? Item()
    {
        FormulaNode? atom = Atom();
        if (atom is null) return null;
        FormulaNode? below = null, above = null;
        while (true)
        {
            SkipSpaces();
            string token = Peek();
            if (token == "_" && below is null)
            {
                Next();
                below = Argument();
            }
            else if (token == "^" && above is null)
            {
                Next();
                above = Argument();
            }
            else if (token == "'" && above is null)
            {
                int primes = 0;
                while (Peek() == "'")
                {
                    Next();
                    primes++;
                }
                above = new FormulaNode.Symbol(new string('′', primes));
            }
            else break;
        }
        return below is null && above is null ? atom : new FormulaNode.Script(atom, below, above);
    }

    private FormulaNode? Atom()
    {
        string token = Next();
        if (token.Length == 0) throw Error("something is missing at the end");
        if (s_open.TryGetValue(token, out string? open)) return Fence(open);
        if (token[0] == '\\') return Command(token[1..]);
        char first = token[0];
        if (char.IsAsciiDigit(first)) return new FormulaNode.Number(token.Replace("{,}", ","));
        if (char.IsLetter(first)) return new FormulaNode.Symbol(token);
        return first switch
        {
            '{' => Group(),
            '+' or '-' or '/' or '*' => new FormulaNode.Operator(token, OperatorKind.Binary),
            '=' or '<' or '>' or ':' => new FormulaNode.Operator(token, OperatorKind.Relation),
            ',' or ';' => new FormulaNode.Operator(token, OperatorKind.Punctuation),
            '!' or '.' => new FormulaNode.Symbol(token),
            _ => throw Error($"\"{token}\" is not expected here"),
        };
    }

    private FormulaNode? Command(string name)
    {
        if (s_operators.TryGetValue(name, out var known)) return new FormulaNode.Operator(known.Text, known.Kind);
        if (s_symbols.TryGetValue(name, out string? symbol)) return new FormulaNode.Symbol(symbol);
        if (s_functions.Contains(name)) return new FormulaNode.Function(name);
        switch (name)
        {
            case "left":
                SkipSpaces();
                return s_open.TryGetValue(Next(), out string? open) ? Fence(open) : throw Error("\\left needs a bracket");
            case "frac":
                FormulaNode above = Argument();
                return new FormulaNode.Fraction(above, Argument());
            case "sqrt": return new FormulaNode.Root(Argument());
            case "hat": return new FormulaNode.Accent('^', Argument());
            case "bar": return new FormulaNode.Accent('¯', Argument());
            case "tilde": return new FormulaNode.Accent('~', Argument());
            case "text": return new FormulaNode.Words(Verbatim());
            case "mathrm" or "operatorname": return new FormulaNode.Function(Verbatim());
            case "mathbf": return new FormulaNode.Symbol(Verbatim(), Bold: true);
            case "quad" or "qquad": return new FormulaNode.Words("  ");
            case "," or ";" or " ": return new FormulaNode.Words(" ");
            case "!": return null;
            case "begin": return Environment();
            default: throw Error($"\\{name} is not known");
        }
    }

    private FormulaNode Fence(string open)
    {
        _depth++;
        FormulaNode body = Row();
        if (Peek() == "\\right") Next();
        SkipSpaces();
        if (!s_close.TryGetValue(Next(), out string? close)) throw Error($"\"{open}\" is not closed");
        _depth--;
        return new FormulaNode.Fence(open, body, close);
    }

    private FormulaNode Group()
    {
        _depth++;
        FormulaNode body = Row();
        if (Next() != "}") throw Error("\"{\" is not closed");
        _depth--;
        return body;
    }

    // What a command or a script takes: a group, or one digit, letter or command.
    private FormulaNode Argument()
    {
        SkipSpaces();
        if (_position < _source.Length && char.IsAsciiDigit(_source[_position]))
            return new FormulaNode.Number(_source[_position++].ToString());
        return Atom() ?? throw Error("an argument is missing");
    }

    private string Verbatim()
    {
        if (Next() != "{") throw Error("\"{\" is expected");
        int end = _source.IndexOf('}', _position);
        if (end < 0) throw Error("\"{\" is not closed");
        string text = _source[_position..end];
        _position = end + 1;
        return text;
    }

    private FormulaNode Environment()
    {
        string name = Verbatim();
        if (!s_environments.TryGetValue(name, out var fence)) throw Error($"the environment {name} is not known");
        string columns = name == "array" ? Verbatim().Replace(" ", "") : "";
        _depth++;
        var rows = new List<IReadOnlyList<FormulaNode>>();
        var rules = new List<int>();
        var row = new List<FormulaNode>();
        while (true)
        {
            SkipSpaces();
            while (Peek() == "\\hline")
            {
                Next();
                rules.Add(rows.Count);
                SkipSpaces();
            }
            if (Peek() == "\\end") break;
            row.Add(Row());
            string token = Next();
            if (token == "&") continue;
            rows.Add(row);
            row = [];
            if (token == "\\\\") continue;
            if (token != "\\end") throw Error($"\\begin{{{name}}} is not closed");
            _position -= token.Length;
        }
        Next();
        if (Verbatim() != name) throw Error($"\\begin{{{name}}} is closed by another name");
        _depth--;
        return new FormulaNode.Grid(fence.Open, rows, columns, rules, fence.Close);
    }

    private void SkipSpaces()
    {
        while (_position < _source.Length && char.IsWhiteSpace(_source[_position])) _position++;
    }

    private string Peek()
    {
        int position = _position;
        string token = Next();
        _position = position;
        return token;
    }

    // A number with its point and its {,}, a command, or one character; empty at the end.
    private string Next()
    {
        if (_position >= _source.Length) return "";
        int start = _position++;
        if (_source[start] == '\\')
        {
            while (_position < _source.Length && char.IsAsciiLetter(_source[_position])) _position++;
            if (_position == start + 1 && _position < _source.Length) _position++;
        }
        else if (char.IsAsciiDigit(_source[start]))
        {
            while (_position < _source.Length)
            {
                if (char.IsAsciiDigit(_source[_position])) _position++;
                else if (DigitAt(_position + 1) && _source[_position] == '.') _position++;
                else if (DigitAt(_position + 3) && string.CompareOrdinal(_source, _position, "{,}", 0, 3) == 0) _position += 3;
                else break;
            }
        }
        return _source[start.._position];
    }

    private bool DigitAt(int position) => position < _source.Length && char.IsAsciiDigit(_source[position]);

    private FormatException Error(string problem) =>
        new($"formula \"{_source}\", before character {_position}: {problem}.");
}
