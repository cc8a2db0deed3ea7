namespace Fovea.Studio.Tests;

/// <summary>Texts to copy: a link from a stranger puts no command of its own into them.</summary>
public class SnippetTests(StudioHost studio)
{
    [Theory]
    [InlineData("/train?model=lenet5&data=mnist%3Bevil", "--data \"mnist;evil\" ", "Datasets.Load(\"mnist;evil\", ")]
    [InlineData("/losses?link=x%3Bevil&base=2%3Bevil", "--log e ", "LogarithmBase: Math.E)")]
    [InlineData("/losses?loss=x%3Bevil", "fovea loss compare mse,mae,huber --link identity ", "LossLink.Identity")]
    [InlineData("/experiments?study=x%3Bevil&seeds=1%3Bevil(),2", "--seeds \"1;evil(),2\" ", "Seeds = [1,2], ")]
    public async Task What_an_address_says_is_quoted_or_left_out(string address, string command, string program)
    {
        await using StudioSession session = await studio.OpenAsync(address);
        string shell = await session.Page.Locator("pre.command").TextContentAsync() ?? "", code = await session.Page.Locator("pre.csharp").TextContentAsync() ?? "";
        Assert.Contains(command, shell);
        Assert.Contains(program, code);
        // In no other place than in quotes.
        Assert.DoesNotContain("evil", string.Concat((shell + code).Split('"').Where((_, part) => part % 2 == 0)));
    }
}
