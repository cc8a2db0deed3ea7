using System.Globalization;
using System.Text.RegularExpressions;

namespace Fovea;

/// <summary>One row of a table that somebody claims describes a network.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Name">As it was written: "LogSoftmax-12".</param>
/// <param name="Output">The shape of the output; null when the row does not say.</param>
/// <param name="Parameters">The number of parameters; null when the row does not say.</param>
/// <param name="Working">How the number was computed, when the row says: "(10*10) + 10".</param>
public sealed record ClaimedRow(int Line, string Name, Shape? Output, long? Parameters, string? Working = null)
{
    /// <summary>The type of the layer, without the number: "LogSoftmax".</summary>
    public string Type => Split().Type;

    /// <summary>The number of the row in its name: 12 of "LogSoftmax-12"; null without one.</summary>
    public int? Number => Split().Number;

    private (string Type, int? Number) Split()
    {
        int dash = Name.LastIndexOf('-');
        return dash > 0 && int.TryParse(Name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? (Name[..dash], number) : (Name, null);
    }
}

/// <summary>A number that is claimed of the whole network.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Figure">What it is.</param>
/// <param name="Value">The number.</param>
public sealed record ClaimedTotal(int Line, TotalFigure Figure, double Value);

/// <summary>What can be claimed of a whole network.</summary>
public enum TotalFigure
{
    /// <summary>All parameters.</summary>
    Parameters,

    /// <summary>Those that training changes.</summary>
    TrainableParameters,

    /// <summary>Those that it does not.</summary>
    NonTrainableParameters,

    /// <summary>The input in MB.</summary>
    InputMegabytes,

    /// <summary>All outputs and their gradients in MB.</summary>
    ForwardBackwardMegabytes,

    /// <summary>The parameters in MB.</summary>
    ParametersMegabytes,

    /// <summary>All of it in MB.</summary>
    TotalMegabytes,
}

/// <summary>
/// A table of layers, outputs and parameters that somebody claims describes a network: CSV with the columns layer, output and parameters
/// (<c>LogSoftmax-12,"[-1, 10]",110</c>; the total as <c>Total,,61816</c>), or the text that torchsummary prints. A head may name the columns in
/// another order, with others between them; cells may be parted by semicolons or tabs too.
/// </summary>
/// <param name="Rows">The layers.</param>
/// <param name="Totals">What is said of the whole.</param>
/// <param name="Batch">The batch that the shapes begin with; null for -1 or none.</param>
public sealed partial record Claim(IReadOnlyList<ClaimedRow> Rows, IReadOnlyList<ClaimedTotal> Totals, int? Batch)
{
    // Sums of such numbers are exact in double and far from the end of long.
    private const double Most = 1e15;

    private static readonly (string Name, TotalFigure Figure)[] s_totals =
    [
        ("Total params", TotalFigure.Parameters), ("Trainable params", TotalFigure.TrainableParameters),
        ("Non-trainable params", TotalFigure.NonTrainableParameters), ("Input size (MB)", TotalFigure.InputMegabytes),
        ("Forward/backward pass size (MB)", TotalFigure.ForwardBackwardMegabytes), ("Params size (MB)", TotalFigure.ParametersMegabytes),
        ("Estimated Total Size (MB)", TotalFigure.TotalMegabytes), ("Total", TotalFigure.Parameters),
    ];

    /// <summary>What a figure is called in a summary.</summary>
    internal static string NameOf(TotalFigure figure) => s_totals.First(total => total.Figure == figure).Name;

    /// <summary>Reads a table from a file.</summary>
    /// <exception cref="DataFormatException">There is no such file, it is a folder, or it is neither kind of table.</exception>
    public static Claim Read(string path)
    {
        if (Directory.Exists(path)) throw new DataFormatException($"{path}: this is a folder. Give a table in a file, CSV or the text of torchsummary.");
        return Parse(TextFile.Read(path), path);
    }

    /// <summary>Reads a table.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="path">What messages call the file.</param>
    /// <exception cref="DataFormatException">It is neither.</exception>
    public static Claim Parse(string text, string path)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rows = new List<ClaimedRow>();
        var totals = new List<ClaimedTotal>();
        int? batch = null;
        string[] lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        bool csv = !lines.Any(line => TorchHead().IsMatch(line));
        ClaimTable? table = null;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0) continue;
            string place = $"{path} line {i + 1}: ";
            bool isHead = csv && table is null && (table = ClaimTable.Of(line, place)).HasHead;
            string[]? cells = isHead ? null : csv ? table!.Cells(lines[i], place) : TorchCells(line, place);
            if (cells is null) continue;
            if (cells[0].Length == 0) throw new DataFormatException($"{place}the layer has no name. Write its type and number: Conv2d-1.");
            if (s_totals.FirstOrDefault(total => total.Name.Equals(cells[0].TrimEnd(':'), StringComparison.OrdinalIgnoreCase)) is { Name: not null } known)
            {
                if (cells[2].Length > 0) totals.Add(new ClaimedTotal(i + 1, known.Figure, Real(cells[2], place)));
                continue;
            }
            var (output, samples) = Output(cells[1], place);
            batch ??= samples;
            var (parameters, working) = Parameters(cells[2], place);
            rows.Add(new ClaimedRow(i + 1, cells[0], output, parameters, working));
        }
        if (rows.Count == 0) throw new DataFormatException($"{path}: there is no layer in it. Expected rows such as Conv2d-1,\"[-1, 6, 28, 28]\",156, or the text of torchsummary.");
        return new Claim(rows, totals, batch);
    }

    private static string[]? TorchCells(string line, string place)
    {
        if (line.All(c => c is '-' or '=') || TorchHead().IsMatch(line)) return null;
        if (TorchRow().Match(line) is { Success: true } row) return [row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value];
        int colon = line.LastIndexOf(':');
        if (colon > 0 && s_totals.Any(total => total.Name.Equals(line[..colon], StringComparison.OrdinalIgnoreCase))) return [line[..colon], "", line[(colon + 1)..].Trim()];
        throw new DataFormatException($"{place}expected a row of torchsummary, such as \"Conv2d-1  [-1, 6, 28, 28]  156\" or \"Total params: 156\", got \"{line}\".");
    }

    // [-1, 6, 28, 28], (6, 28, 28), 6x28x28 or 10: with a batch in front when there are 2 or 4 numbers.
    private static (Shape? Shape, int? Batch) Output(string cell, string place)
    {
        if (cell.Length == 0) return (null, null);
        string[] parts = cell.Trim('[', ']', '(', ')').Split([',', 'x', '×'], StringSplitOptions.TrimEntries);
        int[] extents = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            bool isBatch = i == 0 && parts.Length is 2 or 4;
            if (!int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out extents[i]) || extents[i] < 1 && !(isBatch && extents[i] == -1) || parts.Length > 4)
                throw new DataFormatException($"{place}output \"{cell}\" is not a shape. Write [-1, channels, height, width] or [-1, features].");
        }
        if (extents.Skip(parts.Length is 2 or 4 ? 1 : 0).Aggregate(1.0, (product, extent) => product * extent) > int.MaxValue)
            throw new DataFormatException($"{place}output \"{cell}\" has more numbers than a network can hold. Check its digits.");
        int? batch = parts.Length is 2 or 4 && extents[0] > 0 ? extents[0] : null;
        return parts.Length switch
        {
            1 or 2 => (Shape.Flat(extents[^1]), batch),
            _ => (new Shape(extents[^3], extents[^2], extents[^1]), batch),
        };
    }

    // 156, 2,416 or (5*5*1 + 1) * 6 = 156.
    private static (long? Value, string? Working) Parameters(string cell, string place)
    {
        if (cell.Length == 0) return (null, null);
        int equals = cell.LastIndexOf('=');
        string number = cell[(equals + 1)..].Trim();
        return (Whole(number, cell, place), equals > 0 ? cell[..equals].Trim() : null);
    }

    private static long Whole(string number, string cell, string place)
    {
        const string how = "Write 2416, \"2,416\" or \"(5*5*6 + 1) * 16 = 2416\".";
        if (number.StartsWith('-') && Grouped().IsMatch(number[1..])) throw new DataFormatException($"{place}parameters \"{cell}\" is negative. A layer has 0 or more. {how}");
        if (!Grouped().IsMatch(number)) throw new DataFormatException($"{place}parameters \"{cell}\" is not a number. {how}");
        return long.TryParse(number, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out long value) && value <= Most
            ? value
            : throw new DataFormatException($"{place}parameters \"{cell}\" is more than any network has. Check its digits.");
    }

    private static double Real(string cell, string place)
    {
        string number = cell[(cell.LastIndexOf('=') + 1)..].Trim();
        if (number.EndsWith("MB", StringComparison.OrdinalIgnoreCase)) number = number[..^2].TrimEnd();
        // Where semicolons part the cells, decimals are often behind a comma.
        if (DecimalComma().IsMatch(number)) number = number.Replace(',', '.');
        if (number.StartsWith('-')) throw new DataFormatException($"{place}\"{cell}\" is negative. A total is 0 or more.");
        if (!Grouped().IsMatch(number) || !double.TryParse(number, NumberStyles.AllowThousands | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
            throw new DataFormatException($"{place}\"{cell}\" is not a number. Write the total as in Total,,61706.");
        return value <= Most ? value : throw new DataFormatException($"{place}\"{cell}\" is more than any network has. Check its digits.");
    }

    // Digits, or groups of three between commas; perhaps decimals.
    [GeneratedRegex(@"^(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$")]
    private static partial Regex Grouped();

    [GeneratedRegex(@"^\d+,\d{1,2}$")]
    private static partial Regex DecimalComma();

    [GeneratedRegex(@"^\s*Layer \(type\)\s")]
    private static partial Regex TorchHead();

    [GeneratedRegex(@"^(\S+)\s+(\[[^\]]*\])\s+([\d,]+)$")]
    private static partial Regex TorchRow();
}
