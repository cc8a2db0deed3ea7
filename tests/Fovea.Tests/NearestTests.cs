namespace Fovea.Tests;

public class NearestTests
{
    private static readonly string[] s_names = ["stride1", "stride2", "lenet5", "lenet5-classic", "mnist", "2", "e", "10"];

    [Theory]
    [InlineData("stride3", "Did you mean stride1 or stride2? ")]
    [InlineData("stirde1", "Did you mean stride1? ")]
    [InlineData("LeNet", "Did you mean lenet5 or lenet5-classic? ")]
    [InlineData("mnits", "Did you mean mnist? ")]
    [InlineData("resnet50", "")]
    [InlineData("", "")]
    [InlineData("3", "")]
    [InlineData("E", "Did you mean e? ")]
    public void Names_that_somebody_may_have_meant_are_told(string name, string expected) => Assert.Equal(expected, Nearest.Hint(name, s_names));
}
