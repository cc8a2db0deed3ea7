using System.Globalization;

namespace Fovea.Tests.Explain;

/// <summary>Computes formulas: the tests' own arithmetic, against which results are held.</summary>
internal sealed class FormulaValue
{
    /// <summary>The value of a variable, y'_{ik}: its name with primes, and its indices.</summary>
    public delegate double Variable(string name, IReadOnlyList<int> indices);

    private readonly Variable _variable;
    private readonly Dictionary<string, int> _indices;

    // How far the sum of each index goes.
    private readonly int _length;

    private FormulaValue(Variable variable, Dictionary<string, int> indices, int length) =>
        (_variable, _indices, _length) = (variable, indices, length);

    /// <summary>The value of a formula that has numbers only.</summary>
    public static double Of(string formula) => Of(formula, (name, _) => throw new NotSupportedException($"{name} is no number"), [], 0);

    /// <summary>The value of a formula's right side.</summary>
    public static double Of(string formula, Variable variable, Dictionary<string, int> indices, int length)
    {
        Formula whole = Formula.Parse(formula);
        string right = whole.FirstRelation > 0 ? formula[(whole.FirstRelation + 1)..] : formula;
        return new FormulaValue(variable, indices, length).Value(Formula.Parse(right).Root);
    }

    private double Value(FormulaNode node) => node switch
    {
        FormulaNode.Number number => double.Parse(number.Text.Replace(",", ""), CultureInfo.InvariantCulture),
        FormulaNode.Symbol symbol => _variable(symbol.Text, []),
        FormulaNode.Fraction fraction => Value(fraction.Above) / Value(fraction.Below),
        FormulaNode.Script { Below: null, Above: { } exponent } script => Math.Pow(Value(script.Base), Value(exponent)),
        FormulaNode.Script { Base: FormulaNode.Symbol symbol } script => _variable(symbol.Text
            + (script.Above is FormulaNode.Symbol prime ? prime.Text : ""), [.. Items(script.Below!).Select(Index)]),
        FormulaNode.Fence { Open: "⌊" } floor => Math.Floor(Value(floor.Body)),
        FormulaNode.Fence { Open: "⌈" } ceiling => Math.Ceiling(Value(ceiling.Body)),
        FormulaNode.Fence { Open: "|" } size => Math.Abs(Value(size.Body)),
        FormulaNode.Fence { Open: "(" } bracket => Value(bracket.Body),
        // An interval of subgradients: 0 is taken.
        FormulaNode.Fence { Open: "[" } interval when Arguments(interval) is [<= 0, >= 0] => 0,
        FormulaNode.Grid { Open: "{" } cases => Value(cases.Rows.First(row => Holds(row[1]))[0]),
        FormulaNode.Row or FormulaNode.Function => Sum(Items(node)),
        _ => throw new NotSupportedException($"{node} is no number"),
    };

    private int Index(FormulaNode node) => node is FormulaNode.Number number
        ? int.Parse(number.Text, CultureInfo.InvariantCulture) : _indices[((FormulaNode.Symbol)node).Text];

    private static IReadOnlyList<FormulaNode> Items(FormulaNode node) => node is FormulaNode.Row row ? row.Items : [node];

    private double Sum(IReadOnlyList<FormulaNode> items)
    {
        double sum = 0;
        int at = 0;
        while (at < items.Count)
        {
            int sign = 1;
            while (at < items.Count && items[at] is FormulaNode.Operator { Text: "+" or "-" or "=" or "≈" } op)
            {
                if (op.Text == "-") sign = -sign;
                at++;
            }
            sum += sign * Product(items, ref at);
        }
        return sum;
    }

    private double Product(IReadOnlyList<FormulaNode> items, ref int at)
    {
        double product = 1;
        for (; at < items.Count && items[at] is not FormulaNode.Operator { Text: "+" or "-" or "=" or "≈" };)
        {
            if (items[at] is FormulaNode.Operator { Text: "·" or "×" } or FormulaNode.Words { Text: " MB" }) at++;
            else if (items[at] is FormulaNode.Script { Base: FormulaNode.Operator { Text: "∑" }, Below: FormulaNode.Symbol index })
            {
                double sum = 0;
                int start = at + 1;
                for (int i = 0; i < _length; i++)
                {
                    at = start;
                    _indices[index.Text] = i;
                    sum += Product(items, ref at);
                }
                _indices.Remove(index.Text);
                product *= sum;
            }
            else
            {
                double factor = Factor(items, ref at);
                // 0 log(0) is 0.
                product = product == 0 ? 0 : product * factor;
            }
        }
        return product;
    }

    // A function takes what follows it.
    private double Factor(IReadOnlyList<FormulaNode> items, ref int at)
    {
        FormulaNode item = items[at++];
        string? name = item switch
        {
            FormulaNode.Function function => function.Name,
            FormulaNode.Script { Base: FormulaNode.Function function } => function.Name,
            FormulaNode.Symbol { Text: "σ" } => "σ",
            _ => null,
        };
        if (name is null) return Value(item);
        if (items[at] is FormulaNode.Fence { Open: "(" } list && name is "max" or "min")
        {
            double[] numbers = Arguments((FormulaNode.Fence)items[at++]);
            return name == "max" ? numbers.Max() : numbers.Min();
        }
        double x = Factor(items, ref at);
        return name switch
        {
            "ln" => Math.Log(x),
            "log" => Math.Log(x) / Math.Log(Value(((FormulaNode.Script)item).Below!)),
            "exp" => Math.Exp(x),
            "cosh" => Math.Cosh(x),
            "tanh" => Math.Tanh(x),
            "σ" => 1 / (1 + Math.Exp(-x)),
            _ => throw new NotSupportedException(name),
        };
    }

    private double[] Arguments(FormulaNode.Fence list)
    {
        var arguments = new List<double>();
        var argument = new List<FormulaNode>();
        foreach (FormulaNode item in Items(list.Body).Append(new FormulaNode.Operator(",", OperatorKind.Punctuation)))
        {
            if (item is not FormulaNode.Operator { Kind: OperatorKind.Punctuation })
            {
                argument.Add(item);
                continue;
            }
            arguments.Add(Sum(argument));
            argument.Clear();
        }
        return [.. arguments];
    }

    private bool Holds(FormulaNode condition)
    {
        if (condition is FormulaNode.Words) return true;
        IReadOnlyList<FormulaNode> items = Items(condition);
        int at = items.Index().First(item => item.Item is FormulaNode.Operator { Kind: OperatorKind.Relation }).Index;
        double left = Sum([.. items.Take(at)]), right = Sum([.. items.Skip(at + 1)]);
        return ((FormulaNode.Operator)items[at]).Text switch
        {
            "<" => left < right,
            ">" => left > right,
            "≤" => left <= right,
            "=" => left == right,
            var other => throw new NotSupportedException(other),
        };
    }
}
