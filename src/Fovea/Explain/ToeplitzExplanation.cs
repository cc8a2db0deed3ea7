using System.Globalization;

namespace Fovea;

/// <summary>Shows a convolution as a product with a matrix, and its backward pass as the product with the transposed one.</summary>
public static class ToeplitzExplanation
{
    // Wider matrices are told by their blocks.
    private const int LargestDrawn = 40;

    /// <summary>The working: the matrix, its blocks, the product row by row, the result folded back, both checks.</summary>
    /// <param name="convolution">What is convolved.</param>
    /// <param name="matrix">Its matrix.</param>
    /// <param name="rows">How many rows of the product are shown at most.</param>
    public static Derivation Product(ImageConvolution convolution, ToeplitzMatrix matrix, int rows = 100)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        ArgumentNullException.ThrowIfNull(matrix);
        ConvGeometry geometry = convolution.Geometry;
        Planes image = convolution.Image;
        var product = new Planes(matrix.Output, matrix.Multiply(image.Values));
        List<DerivationStep> steps =
        [
            new("The image and the kernel" + (convolution.Mode == ConvolutionMode.Convolution ? ", turned by 180 degrees" : "") + ":", string.Join(" \\\\ ",
                ConvolutionExplanation.Planes(image, "x").Concat(ConvolutionExplanation.Planes(convolution.Weights, "w")))),
            new("$W$ has a row for each output and a column for each pixel.",
                "\\text{size} = (f \\cdot h' \\cdot w') \\times (c \\cdot h \\cdot w)",
                $"({matrix.Output.Channels} \\cdot {matrix.Output.Height} \\cdot {matrix.Output.Width}) \\times ({matrix.Input.Channels} \\cdot {matrix.Input.Height} \\cdot {matrix.Input.Width})",
                $"{Tex.Number(matrix.Rows)} \\times {Tex.Number(matrix.Columns)}"),
            new($"A weight stands in ${Tex.Number(matrix.Entries)}$ of the ${Tex.Number((long)matrix.Rows * matrix.Columns)}$ cells; ${Tex.Number(matrix.NonZeros)}$ are not zero.",
                "\\text{sparsity} = 1 - \\frac{\\text{not zero}}{\\text{cells}}", $"1 - \\frac{{{Tex.Number(matrix.NonZeros)}}}{{{Tex.Number((long)matrix.Rows * matrix.Columns)}}}", Tex.Number(matrix.Sparsity, 6)),
        ];
        steps.AddRange(Blocks(convolution, geometry, matrix));
        if (matrix.Columns <= LargestDrawn && matrix.Rows <= LargestDrawn) steps.Add(new("The matrix; lines part the blocks, of which each joins a row of the image and a row of the result.", $"W = {matrix.ToLatex()}"));
        steps.Add(new("The image row by row below each other, a vector:", $"v(x) = {Vector(image.Values)}"));
        int shown = Math.Min(rows, matrix.Rows);
        if (shown > 0) steps.Add(new("Each row of $W$ times $v(x)$, its zeros left out:", string.Join(" \\\\ ", Enumerable.Range(0, shown).Select(row => Row(matrix, row, image, product)))));
        if (shown > 0 && shown < matrix.Rows) steps.Add(new($"The other {matrix.Rows - shown} of the {matrix.Rows} rows are computed alike."));
        steps.Add(new("Together:", $"W \\, v(x) = {Vector(product.Values)}"));
        steps.Add(new("Folded back into rows and columns, this is the result:", string.Join(" \\\\ ", ConvolutionExplanation.Planes(product, "y"))));
        steps.Add(new($"Check: the direct convolution gives {ConvolutionExplanation.Same(product.LargestDifference(convolution.Apply().Values), product)}."));
        return new Derivation("A convolution as a product with a sparse matrix", steps, [Backward(convolution, matrix)]);
    }

    /// <summary>The transposed matrix as the backward pass, for a gradient of ones.</summary>
    public static Derivation Backward(ImageConvolution convolution, ToeplitzMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        ArgumentNullException.ThrowIfNull(matrix);
        var ones = new Planes(matrix.Output, [.. Enumerable.Repeat(1.0, matrix.Rows)]);
        var gradient = new Planes(matrix.Input, matrix.MultiplyTransposed(ones.Values));
        return new Derivation("Backward: the product with the transposed matrix",
        [
            new("As $y_r = \\sum_c W_{r c} v_c$, a pixel moves every output by its weight there, so its gradient is the sum of theirs, weighted: a column of $W$ is a row of $W^\\top$. This is the transposed convolution.",
                "\\frac{\\partial L}{\\partial v_c} = \\sum_r W_{r c} \\frac{\\partial L}{\\partial y_r} \\\\ v(dx) = W^\\top \\, v(dy)"),
            new("For a gradient of one at every output (the loss is the sum of the result):", string.Join(" \\\\ ", ConvolutionExplanation.Planes(gradient, "dx"))),
            new($"Check: the engine's gradient of the image is {ConvolutionExplanation.Same(gradient.LargestDifference(convolution.Backward(ones).Values), gradient)}."),
        ]);
    }

    // The blocks of the first filter and channel: one for each row of the kernel, and where they stand.
    private static IEnumerable<DerivationStep> Blocks(ImageConvolution convolution, ConvGeometry geometry, ToeplitzMatrix matrix)
    {
        WindowAxis vertical = geometry.Vertical;
        int outputWidth = matrix.Output.Width, width = matrix.Input.Width;
        bool several = matrix.Input.Channels > 1 || matrix.Output.Channels > 1;
        if (matrix.IsDoublyCirculant)
            yield return new("With circular padding that keeps the size, every row is the one above it moved on around a ring: $W$ is doubly circulant, its blocks and the numbers in each.");
        if (several)
        {
            yield return new($"There is a doubly blocked part for each filter and channel: {matrix.Output.Channels} below each other by {matrix.Input.Channels} side by side"
                + (geometry.Groups > 1 ? ", zero outside of the groups" : "") + ". These are the blocks of the first.");
        }
        if (vertical.Output > LargestDrawn || vertical.Input > LargestDrawn) yield break;
        // Where a row of the kernel stands: the first block row that has it on the image.
        string[][] places = [.. Enumerable.Range(0, vertical.Output).Select(_ => Enumerable.Repeat("0", vertical.Input).ToArray())];
        var drawn = new List<string>();
        for (int tap = 0; tap < vertical.Kernel; tap++)
        {
            bool stands = false;
            for (int row = 0; row < vertical.Output; row++)
            {
                int pixel = convolution.Pixel(vertical, row, tap);
                if (pixel < 0) continue;
                string name = $"W_{{{tap + 1}}}";
                places[row][pixel] = places[row][pixel] == "0" ? name : $"{places[row][pixel]} + {name}";
                stands = true;
            }
            if (stands && outputWidth <= 12 && width <= 16) drawn.Add($"W_{{{tap + 1}}} = {Block(convolution, geometry, tap)}");
        }
        if (drawn.Count > 0) yield return new("Each row of the kernel gives a block, a Toeplitz matrix: the row of weights, moved on by the stride from line to line.", string.Join(" \\\\ ", drawn));
        yield return new("The blocks stand in $W$ as the rows of the kernel stand on the image: Toeplitz again.", $"W{(several ? "_{1 1}" : "")} = {Tex.Matrix(places)}");
    }

    private static string Block(ImageConvolution convolution, in ConvGeometry geometry, int tap)
    {
        WindowAxis horizontal = geometry.Horizontal;
        double[][] cells = [.. Enumerable.Range(0, horizontal.Output).Select(_ => new double[horizontal.Input])];
        for (int column = 0; column < horizontal.Output; column++)
        {
            for (int j = 0; j < horizontal.Kernel; j++)
            {
                int pixel = convolution.Pixel(horizontal, column, j);
                if (pixel >= 0) cells[column][pixel] += convolution.Weights[0, tap, j];
            }
        }
        return Tex.Matrix(cells.Select(row => row.Select(value => Tex.Number(value, 4))));
    }

    // "y_1 = 2 \cdot 10 + 1 \cdot 5 = 25".
    private static string Row(ToeplitzMatrix matrix, int row, Planes image, Planes product)
    {
        string[] terms = [.. matrix.Row(row).Where(entry => entry.Value != 0).Select(entry => ConvolutionExplanation.Product(entry.Value, image.Values[entry.Column]))];
        return $"y_{{{row + 1}}} = {(terms.Length == 0 ? "" : string.Join(" + ", terms) + " = ")}{Tex.Number(product.Values[row], 4)}";
    }

    private static string Vector(double[] values) => values.Length > 64
        ? string.Create(CultureInfo.InvariantCulture, $"({string.Join(", ", values.Take(16).Select(value => Tex.Number(value, 4)))}, \\dots)^\\top \\quad \\text{{{values.Length:N0} numbers}}")
        : $"({string.Join(", ", values.Select(value => Tex.Number(value, 4)))})^\\top";
}
