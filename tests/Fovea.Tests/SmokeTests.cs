namespace Fovea.Tests;

public class SmokeTests
{
    [Fact]
    public void A() => Assert.Equal(5, Zoo.Models.Count());
}
