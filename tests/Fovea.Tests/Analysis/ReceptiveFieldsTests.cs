namespace Fovea.Tests.Analysis;

public class ReceptiveFieldsTests
{
    [Fact]
    public void The_receptive_fields_of_lenet5_are_those_of_hand_calculation()
    {
        // r = 5; pool: 5 + 1 = 6, j = 2; conv: 6 + 4 * 2 = 14; pool: 14 + 2 = 16, j = 4; conv: 16 + 4 * 4 = 32.
        ReceptiveFields fields = ReceptiveFields.Of(Zoo.Get("lenet5"));
        Assert.Equal([5, 5, 6, 14, 14, 16, 32, 32, 32, 32, 32, 32, 32], fields.Layers.Select(layer => layer.Rows.Size));
        Assert.Equal([1, 1, 2, 2, 2, 4, 4], fields.Layers.Take(7).Select(layer => layer.Rows.Jump));
    }

    [Fact]
    public void Padding_moves_the_start_and_the_view_onto_the_border()
    {
        // 5x5 with padding 2 and stride 2, then 5x5 pooling with stride 2: r = 5 + 4 * 2 = 13, j = 4, start -2; output 2 of 5 sees 6 to 18.
        LayerReceptiveField pool = ReceptiveFields.Of(Zoo.Get("stride2")).Layers[2];
        Assert.Equal(new ReceptiveField(13, 4, -2), pool.Rows);
        Assert.Equal(new PixelRange(6, 18), pool.SeenRows);
    }

    [Fact]
    public void Rows_and_columns_are_told_apart()
    {
        LayerReceptiveField layer = ReceptiveFields.Of(ModelSpec.Parse("conv 2 k5x3 s2x1", new Shape(1, 21, 9))).Layers[0];
        Assert.Equal((new ReceptiveField(5, 2), new ReceptiveField(3, 1)), (layer.Rows, layer.Columns));
    }

    [Fact]
    public void A_gradient_lies_inside_of_the_receptive_field_and_fills_it()
    {
        ModelSpec model = ModelSpec.Parse("conv 3 k3 p1 | tanh | conv 4 k3 s2 p1 | tanh | avgpool 2", new Shape(2, 20, 16));
        LayerReceptiveField layer = ReceptiveFields.Of(model).Layers[^1];
        EffectiveReceptiveField effective = EffectiveReceptiveField.Measure(model, draws: 3);
        for (int row = 0; row < 20; row++)
        {
            for (int column = 0; column < 16; column++)
            {
                bool inside = row >= layer.SeenRows.First && row <= layer.SeenRows.Last && column >= layer.SeenColumns.First && column <= layer.SeenColumns.Last;
                Assert.Equal(inside, effective.Map[row * 16 + column] > 0);
            }
        }
        Assert.Equal(1, effective.Map.Max());
        Assert.InRange(effective.Size, 1, effective.TheoreticalSize);
    }

    [Fact]
    public void A_stack_of_convolutions_sees_less_than_its_receptive_field()
    {
        // Ten 3x3 convolutions: 1 + 10 * 2 = 21 pixels, of which the outer ones hardly count (Luo et al. 2016).
        ModelSpec model = ModelSpec.Parse(string.Join(" | ", Enumerable.Repeat("conv 4 k3 p1", 10)), new Shape(1, 31, 31));
        EffectiveReceptiveField effective = EffectiveReceptiveField.Measure(model, draws: 4);
        Assert.Equal(21, effective.TheoreticalSize);
        Assert.InRange(effective.Size, 7, 18);
    }

    [Fact]
    public void The_same_seed_gives_the_same_map() =>
        Assert.Equal(EffectiveReceptiveField.Measure(Zoo.Get("stride2"), draws: 1, seed: 3).Map, EffectiveReceptiveField.Measure(Zoo.Get("stride2"), draws: 1, seed: 3).Map);

    [Fact]
    public void What_cannot_be_asked_is_refused()
    {
        Assert.Contains("there is no layer 20; the model has 13 layers", Assert.Throws<ShapeException>(() => EffectiveReceptiveField.Measure(Zoo.Get("lenet5"), 19)).Message);
        Assert.Contains("the input is a flat vector of 10", Assert.Throws<ShapeException>(() => ReceptiveFields.Of(ModelSpec.Parse("linear 2", Shape.Flat(10)))).Message);
    }

    [Fact]
    public void The_derivation_shows_size_jump_and_start()
    {
        string text = ReceptiveFields.Of(Zoo.Get("stride2")).Derivation.ToText();
        Assert.Contains("r′ = r + d(k - 1)j\n         = 5 + 1 · (5 - 1) · 2\n         = 13", text);
        Assert.Contains("a′ = a - pj\n         = 0 - 2 · 1\n         = -2", text);
    }
}
