namespace Fovea;

/// <summary>Shows a convolution as a product with a matrix, and its backward pass as the product with the transposed one.</summary>
public static class ToeplitzExplanation
{
    // Wider matrices are told by their blocks.
    private const int LargestDrawn = 40;

    // Characters of a vector on one line.
    private const int LongestVector = 80;

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
        steps.Add(matrix.Columns <= LargestDrawn && matrix.Rows <= LargestDrawn && ConvolutionExplanation.FitsTerminal(matrix.Cells(), matrix.Columns / matrix.Input.Width)
            ? new("The matrix; lines part the blocks, of which each joins a row of the image and a row of the result.", $"W = {matrix.ToLatex()}")
            : new("The matrix is too large to be drawn here; as a file (--out) it is whole."));
        steps.Add(new("The rows of the image one after the other, a vector:", $"v(x) = {Vector(image.Values)}"));
        int shown = Math.Min(rows, matrix.Rows);
        if (shown > 0) steps.Add(new("Each row of $W$ times $v(x)$, its zeros left out:", string.Join(" \\\\ ", Enumerable.Range(0, shown).Select(row => Row(matrix, row, image, product)))));
        if (shown > 0 && shown < matrix.Rows) steps.Add(new($"The other {matrix.Rows - shown} of the {matrix.Rows} rows are computed alike."));
        steps.Add(new("Together:", $"W \\, v(x) = {Vector(product.Values)}"));
        steps.Add(new("Folded back into rows and columns, this is the result:", string.Join(" \\\\ ", ConvolutionExplanation.Planes(product, "y"))));
        steps.Add(new($"Check: the direct convolution gives {ConvolutionExplanation.Same(product.LargestDifference(convolution.Apply().Values), convolution.Magnitude)}."));
        return new Derivation("A convolution as a product with a sparse matrix", steps, [Backward(convolution, matrix)]);
    }

    /// <summary>The transposed matrix as the backward pass, for a gradient of ones.</summary>
    public static Derivation Backward(ImageConvolution convolution, ToeplitzMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        ArgumentNullException.ThrowIfNull(matrix);
        var ones = new Planes(matrix.Output, [.. Enumerable.Repeat(1.0, matrix.Rows)]);
        var gradient = new Planes(matrix.Input, matrix.MultiplyTransposed(ones.Values));
        List<DerivationStep> steps =
        [
            new("As $y_r = \\sum_c W_{r c} v_c$, a pixel moves every output by its weight there, so its gradient is the sum of theirs, weighted: a column of $W$ is a row of $W^\\top$. This is the transposed convolution.",
                "\\frac{\\partial L}{\\partial v_c} = \\sum_r W_{r c} \\frac{\\partial L}{\\partial y_r} \\\\ v(dx) = W^\\top \\, v(dy)"),
        ];
        if (matrix.Columns <= ConvolutionExplanation.LargestPlane && matrix.Rows <= ConvolutionExplanation.LargestPlane)
            steps.Add(new("The transposed matrix has a row for each pixel and a column for each output:", $"W^\\top = {matrix.ToLatex(transposed: true)}"));
        steps.AddRange(
        [
            new("For a gradient of one at every output (the loss is the sum of the result):", string.Join(" \\\\ ", ConvolutionExplanation.Planes(gradient, "dx"))),
            new($"Check: the engine's gradient of the image is {ConvolutionExplanation.Same(gradient.LargestDifference(convolution.Backward(ones).Values), convolution.Kernel.Values.Sum(Math.Abs))}."),
        ]);
        return new Derivation("Backward: the product with the transposed matrix", steps);
    }

    // The blocks of the first filter and channel: one for each row of the kernel, and where they stand.
    private static IEnumerable<DerivationStep> Blocks(ImageConvolution convolution, ConvGeometry geometry, ToeplitzMatrix matrix)
    {
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        bool several = matrix.Input.Channels > 1 || matrix.Output.Channels > 1, isRing = convolution.PaddingMode == PaddingMode.Circular;
        if (several)
        {
            yield return new($"There is a part for each filter and channel: {matrix.Output.Channels} below each other by {matrix.Input.Channels} side by side"
                + (geometry.Groups > 1 ? ", zero outside of the groups" : "") + ". These are the blocks of the first.");
        }
        // Where a row of the kernel stands: the first block row that has it on the image.
        string[][] places = [.. Enumerable.Range(0, vertical.Output).Select(_ => Enumerable.Repeat("0", vertical.Input).ToArray())];
        bool fits = vertical.Output <= LargestDrawn && vertical.Input <= LargestDrawn;
        var drawn = new List<string>();
        for (int tap = 0; fits && tap < vertical.Kernel; tap++)
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
            if (!stands || horizontal.Output > 12 || horizontal.Input > 16) continue;
            string[][] block = Block(convolution, geometry, tap);
            if (ConvolutionExplanation.FitsTerminal(block)) drawn.Add($"W_{{{tap + 1}}} = {Tex.Matrix(block)}");
        }
        string dilated = horizontal.Dilation > 1 ? $", with {horizontal.Dilation - 1} {(horizontal.Dilation == 2 ? "zero" : "zeros")} between them" : "";
        string movedOn = $"its weights{dilated}, moved on by {Pixels(horizontal.Stride)} from line to line{(isRing ? ", around the ring" : "")}";
        string blocks = horizontal.Stride == 1
            ? $"Each row of the kernel gives a block, a {Name(convolution, horizontal)} matrix: {movedOn}."
            : $"Each row of the kernel gives a block: {movedOn}. These are {Every(horizontal.Stride)} row of the {Name(convolution, horizontal)} matrix of stride 1.";
        if (drawn.Count > 0) yield return new(blocks, string.Join(" \\\\ ", drawn));
        string apart = vertical.Dilation > 1 ? $", {vertical.Dilation} apart as the dilation wants it" : "";
        if (fits && ConvolutionExplanation.FitsTerminal([.. places.Select(row => row.Select(FormulaText.Inline).ToArray())]))
            yield return new($"The blocks stand in $W$ as the rows of the kernel stand on the image{apart}.", $"W{(several ? "_{1 1}" : "")} = {Tex.Matrix(places)}");
        yield return new(Structure(convolution, vertical, horizontal, several ? "Such a part" : "$W$"));
    }

    // What kind of matrix it is. On a ring a window that leaves at one side comes back at the other.
    private static string Structure(ImageConvolution convolution, WindowAxis vertical, WindowAxis horizontal, string what)
    {
        string kind = (Name(convolution, vertical), Name(convolution, horizontal)) switch
        {
            ("circulant", "circulant") => "block circulant with circulant blocks (doubly circulant)",
            ("Toeplitz", "Toeplitz") => "a doubly blocked Toeplitz matrix: Toeplitz blocks that stand as in a Toeplitz matrix",
            ("circulant", _) => "block circulant with Toeplitz blocks",
            _ => "block Toeplitz with circulant blocks",
        };
        if (vertical.Stride == 1 && horizontal.Stride == 1)
        {
            return $"{what} is {kind}." + (convolution.IsDoublyCirculant
                ? " Every row is the one above it moved on around a ring, first within its block, then from block to block. The discrete Fourier transform makes such a matrix diagonal." : "");
        }
        string rows = vertical.Stride == 1 ? $"in each block {Every(horizontal.Stride)} row"
            : horizontal.Stride == 1 ? $"{Every(vertical.Stride)} row of blocks"
            : $"{Every(vertical.Stride)} row of blocks, and in these {Every(horizontal.Stride)} row,";
        string own = what == "$W$" ? what : "the part";
        return $"{what} holds {rows} of the matrix of stride 1, which is {kind}. "
            + $"With rows left out the numbers do not repeat along the diagonals any more: {own} itself is no Toeplitz matrix.";
    }

    // Of stride 1. A ring that gives as many outputs as it has pixels moves every row around.
    private static string Name(ImageConvolution convolution, WindowAxis axis) => convolution.IsCirculant(axis) ? "circulant" : "Toeplitz";

    private static string Pixels(int count) => count == 1 ? "one pixel" : $"{count} pixels";

    private static string Every(int stride) => "every " + (stride, stride % 10, stride / 10 % 10) switch
    {
        (2, _, _) => "second",
        (3, _, _) => "third",
        (_, 1, not 1) => $"{stride}st",
        (_, 2, not 1) => $"{stride}nd",
        (_, 3, not 1) => $"{stride}rd",
        _ => $"{stride}th",
    };

    private static string[][] Block(ImageConvolution convolution, in ConvGeometry geometry, int tap)
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
        return [.. cells.Select(row => row.Select(value => Tex.Number(value, 4)).ToArray())];
    }

    // "y_1 = 2 \cdot 10 + 1 \cdot 5 = 25".
    private static string Row(ToeplitzMatrix matrix, int row, Planes image, Planes product)
    {
        string[] terms = [.. matrix.Row(row).Where(entry => entry.Value != 0).Select(entry => ConvolutionExplanation.Product(entry.Value, image.Values[entry.Column]))];
        return $"y_{{{row + 1}}} = {(terms.Length == 0 ? "" : Tex.Sum(terms) + " = ")}{Tex.Number(product.Values[row], 4)}";
    }

    private static string Vector(double[] values)
    {
        string[] numbers = [.. values.Select(value => Tex.Number(value, 4)).Take(LargestDrawn + 1)];
        return numbers.Length <= LargestDrawn && numbers.Sum(number => number.Length + 2) <= LongestVector
            ? $"({string.Join(", ", numbers)})^\\top"
            : $"({string.Join(", ", numbers.Take(8))}, \\dots)^\\top \\quad \\text{{{values.Length:N0} numbers}}";
    }
}
