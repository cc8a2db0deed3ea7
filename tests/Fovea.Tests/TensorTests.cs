namespace Fovea.Tests;

public class TensorTests
{
    [Fact]
    public void Samples_lie_one_after_the_other()
    {
        var tensor = new Tensor(2, new Shape(1, 2, 1), [1, 2, 3, 4]);
        Assert.Equal([3, 4], tensor[1].ToArray());
        tensor[0][1] = 9;
        Assert.Equal([1, 9, 3, 4], tensor.Values);
    }

    [Fact]
    public void Another_number_of_values_is_refused() =>
        Assert.Equal("tensor: 2 samples of 1x2x3 are 12 numbers, but 11 were given. (Parameter 'values')",
            Assert.Throws<ArgumentException>(() => new Tensor(2, new Shape(1, 2, 3), new float[11])).Message);
}
