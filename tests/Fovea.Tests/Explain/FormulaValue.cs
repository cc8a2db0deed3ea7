namespace Fovea.Tests.Explain;

/// <summary>Computes formulas that have numbers only: the tests' own arithmetic, against which results are held.</summary>
internal static class FormulaValue
{
    public static double Of(string formula) => Value(Formula.Parse(formula).Root);

    private static double Value(FormulaNode node) => node switch
    {
        FormulaNode.Number number => double.Parse(number.Text.Replace(",", ""), System.Globalization.CultureInfo.InvariantCulture),
        FormulaNode.Fraction fraction => Value(fraction.Above) / Value(fraction.Below),
        FormulaNode.Script { Below: null, Above: { } exponent } script => Math.Pow(Value(script.Base), Value(exponent)),
        FormulaNode.Fence { Open: "⌊" } floor => Math.Floor(Value(floor.Body)),
        FormulaNode.Fence { Open: "⌈" } ceiling => Math.Ceiling(Value(ceiling.Body)),
        FormulaNode.Fence { Open: "(" } bracket => Value(bracket.Body),
        FormulaNode.Row row => Sum(row.Items),
        _ => throw new NotSupportedException($"{node} is no number"),
    };

    private static double Sum(IReadOnlyList<FormulaNode> items)
    {
        double sum = 0, product = 1;
        int sign = 1;
        foreach (FormulaNode item in items)
        {
            if (item is FormulaNode.Operator { Text: "+" or "-" } op)
            {
                sum += item == items[0] ? 0 : sign * product;
                (sign, product) = (op.Text == "+" ? 1 : -1, 1);
            }
            else if (item is not (FormulaNode.Operator { Text: "·" or "×" or "=" or "≈" } or FormulaNode.Words { Text: " MB" }))
                product *= Value(item);
        }
        return sum + sign * product;
    }
}
