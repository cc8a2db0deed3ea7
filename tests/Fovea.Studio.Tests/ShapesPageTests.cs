using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Fovea.Studio.Tests;

public class ShapesPageTests(StudioHost studio)
{
    [Fact]
    public async Task The_example_shows_the_costs_of_lenet()
    {
        await using StudioSession session = await studio.OpenAsync("/shapes");
        ILocator row = session.Page.Locator(".layers tbody tr").Nth(3);
        await Expect(row.Locator("input")).ToHaveValueAsync("conv 16 k5");
        // (5 * 5 * 6 + 1) * 16 parameters; 5 * 5 * 6 * 16 * 10 * 10 multiply-adds.
        await Expect(row).ToContainTextAsync("2,416");
        await Expect(row).ToContainTextAsync("240,000");
        await Expect(session.Page.Locator("#total")).ToContainTextAsync("61,706");
    }

    [Fact]
    public async Task A_number_shows_its_working_when_it_is_clicked()
    {
        await using StudioSession session = await studio.OpenAsync("/shapes");
        await session.Page.Locator(".layers tbody tr").First.GetByRole(AriaRole.Button, new() { Name = "156" }).ClickAsync();
        ILocator working = session.Page.Locator("#derivation");
        await Expect(working.GetByRole(AriaRole.Heading)).ToContainTextAsync("Conv2d-1");
        Assert.True(await working.Locator("math").CountAsync() > 0);
        await session.Page.WaitForURLAsync("**/shapes?show=1");
        await session.Page.ReloadAsync();
        await Expect(working).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_blank_is_solved_and_the_solution_taken()
    {
        await using StudioSession session = await studio.OpenAsync("/shapes");
        await session.Page.GetByLabel("Network, layer by layer").FillAsync("conv 6 k? | relu | maxpool 2");
        await session.Page.GetByLabel("Size of each output").FillAsync("28, 14");
        // 32 - 28 + 1 = 5.
        await Expect(session.Page.Locator(".layers .choices button")).ToHaveTextAsync(["conv 6 k5"]);
        await session.Page.GetByRole(AriaRole.Button, new() { Name = "Take it" }).ClickAsync();
        await Expect(session.Page.GetByLabel("Network, layer by layer")).ToHaveValueAsync("conv 6 k5 | relu | maxpool 2");
        await Expect(session.Page.Locator("#total")).ToContainTextAsync("156");
    }

    [Fact]
    public async Task A_layer_that_does_not_fit_says_so_at_its_row_with_the_remedy()
    {
        await using StudioSession session = await studio.OpenAsync("/shapes");
        await session.Page.GetByRole(AriaRole.Button, new() { Name = "one that does not fit" }).ClickAsync();
        await Expect(session.Page.Locator("tr.wrong [role=alert]")).ToHaveTextAsync(
            "layer 3 conv2d(filters 4, kernel 5): kernel 5x5 does not fit input 8x2x3 with padding 0. Use padding 2 or a smaller kernel.");
        await session.Page.GetByLabel("Layer 3", new() { Exact = true }).FillAsync("conv 4 k5 p2");
        await Expect(session.Page.Locator("tr.wrong")).ToHaveCountAsync(0);
        await Expect(session.Page.Locator(".layers tbody tr").Nth(2)).ToContainTextAsync("4x2x3");
    }

    [Theory]
    [InlineData("Input", "main > .problem")]
    [InlineData("Its input", ".audit .problem")]
    public async Task An_input_is_written_letter_by_letter(string field, string problem)
    {
        await using StudioSession session = await studio.OpenAsync("/shapes?net=conv+6+k5&claim=Conv2d-1,%22[-1,+6,+24,+24]%22,156");
        ILocator input = session.Page.GetByLabel(field, new() { Exact = true });
        foreach (string text in new[] { "", "1", "1x", "1x28", "1x28x", "abc", "-1x28x28", "0x0x0" })
        {
            await input.FillAsync(text);
            if (text != "1") await Expect(session.Page.Locator(problem)).ToHaveTextAsync($"shape: expected CHANNELSxHEIGHTxWIDTH such as 1x28x28, or a number of features such as 128; got \"{text}\".");
        }
        await input.FillAsync("1x28x28");
        await Expect(session.Page.Locator(problem)).ToHaveCountAsync(0);
        // 28 - 5 + 1 = 24.
        await Expect(session.Page.Locator(field == "Input" ? ".layers tbody tr" : ".audit")).ToContainTextAsync(field == "Input" ? "6x24x24" : "All figures are right.");
    }

    [Fact]
    public async Task Rows_are_added_moved_and_removed()
    {
        await using StudioSession session = await studio.OpenAsync("/shapes?net=conv+4+k3+%7C+relu");
        ILocator net = session.Page.GetByLabel("Network, layer by layer");
        await session.Page.GetByRole(AriaRole.Button, new() { Name = "Add a layer after layer 2" }).ClickAsync();
        await session.Page.GetByLabel("Layer 3", new() { Exact = true }).FillAsync("maxpool 2");
        await session.Page.GetByRole(AriaRole.Button, new() { Name = "Move layer 3 up" }).ClickAsync();
        await Expect(net).ToHaveValueAsync("conv 4 k3 | maxpool 2 | relu");
        await session.Page.GetByRole(AriaRole.Button, new() { Name = "Remove layer 1" }).ClickAsync();
        await Expect(net).ToHaveValueAsync("maxpool 2 | relu");
    }

    [Fact]
    public async Task A_claim_is_checked_with_its_likely_mistake()
    {
        await using StudioSession session = await studio.OpenAsync("/shapes");
        ILocator audit = session.Page.Locator(".audit");
        await Expect(audit).ToContainTextAsync("LogSoftmax-12: parameters 0, not 110. LogSoftmax was counted");
        await audit.Locator("#claim").FillAsync("Linear-1,\"[-1, 10]\",850");
        await audit.GetByLabel("Its input").FillAsync("84");
        await Expect(audit).ToContainTextAsync("All figures are right.");
        await audit.Locator("#claim").FillAsync("");
        await Expect(audit).ToContainTextAsync("Paste a table");
    }

    [Fact]
    public async Task The_view_is_copied_as_a_command_and_as_code()
    {
        await using StudioSession session = await studio.OpenAsync("/shapes?net=conv+4+k3&in=1x9x9");
        await session.Page.Locator("main > .copy").GetByRole(AriaRole.Button, new() { Name = "Copy as command" }).ClickAsync();
        await Expect(session.Page.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.Equal("fovea summary \"conv 4 k3\" --input 1x9x9 --batch 1", await session.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        await session.Page.Locator("main > .copy").GetByText("Show both").ClickAsync();
        await Expect(session.Page.Locator("main > .copy pre.csharp")).ToContainTextAsync("ModelSpec.Parse(\"conv 4 k3\", new Shape(1, 9, 9))");
    }

    [Fact]
    public async Task Two_sessions_do_not_disturb_each_other()
    {
        await using StudioSession first = await studio.OpenAsync("/shapes"), second = await studio.OpenAsync("/shapes");
        await first.Page.GetByLabel("Network, layer by layer").FillAsync("flatten | linear 10");
        await second.Page.GetByLabel("Network, layer by layer").FillAsync("flatten | linear 20");
        // 1,024 * 10 + 10 and 1,024 * 20 + 20.
        await Expect(first.Page.Locator("#total")).ToContainTextAsync("10,250");
        await Expect(second.Page.Locator("#total")).ToContainTextAsync("20,500");
    }

    [Fact]
    public async Task Time_and_memory_of_a_training_are_predicted_for_what_can_be_trained()
    {
        await using StudioSession session = await studio.OpenAsync("/shapes?net=conv+4+k3+%7C+relu+%7C+flatten+%7C+linear+10&in=1x9x9&batch=32");
        ILocator cost = session.Page.Locator("#cost");
        await Expect(cost).ToContainTextAsync("An update of 32 here");
        await Expect(cost.Locator("#per-epoch")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^[0-9.]+ (ms|s|min)$"));
        // What is large is measured when that is asked for.
        await session.Page.GetByRole(AriaRole.Button, new() { Name = "vgg16", Exact = true }).ClickAsync();
        await Expect(session.Page.Locator("#measure")).ToBeVisibleAsync();
        await Expect(cost.Locator("#per-epoch")).ToHaveTextAsync("…");
    }
}
