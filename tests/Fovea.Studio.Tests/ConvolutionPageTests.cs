using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Fovea.Studio.Tests;

public class ConvolutionPageTests(StudioHost studio)
{
    // Sobel's kernel on an upright edge, by hand: each window gives 1 * 10 * (-1) + 2 * 10 * (-1) + 1 * 10 * (-1) = -40.
    private const string Edge = "/convolution?image=10+10+0+0%3B10+10+0+0%3B10+10+0+0%3B10+10+0+0&kernel=sobel-x";

    [Fact]
    public async Task Steps_fill_the_result_with_the_numbers_of_the_library()
    {
        await using StudioSession session = await studio.OpenAsync(Edge);
        ILocator result = session.Page.Locator(".cells.result .cell text");
        await Expect(result).ToHaveTextAsync(["-40", "", "", ""]);
        await session.Page.GetByRole(AriaRole.Button, new() { Name = "Step", Exact = true }).ClickAsync();
        await Expect(result).ToHaveTextAsync(["-40", "-40", "", ""]);
        await Expect(session.Page.Locator("#place")).ToHaveTextAsync("row 1, column 2: -40");
        await session.Page.Locator("#scrub").FillAsync("3");
        // The address follows a moment later, and what is shown follows the address.
        await session.Page.WaitForURLAsync("**at=3**");
        await Expect(result).ToHaveTextAsync(["-40", "-40", "-40", "-40"]);
        var library = new ImageConvolution(Planes.Parse("10 10 0 0; 10 10 0 0; 10 10 0 0; 10 10 0 0", 1, "image"), NamedKernels.Create("sobel-x"));
        Assert.Equal(library.Apply().Values, (await result.AllTextContentsAsync()).Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task No_step_is_lost_while_the_address_follows()
    {
        await using StudioSession session = await studio.OpenAsync("/convolution");
        // The address follows a quarter of a second after a step: each next one meets the browser's answer to that.
        for (int i = 0; i < 8; i++)
        {
            await session.Page.Locator("#step").ClickAsync();
            await session.Page.WaitForTimeoutAsync(250);
        }
        await session.Page.WaitForURLAsync("**at=8");
        // 6 - 3 + 1 = 4 columns: the ninth number of the result is the first of the third row.
        await Expect(session.Page.Locator("#place")).ToContainTextAsync("row 3, column 1");
    }

    [Fact]
    public async Task Play_goes_to_the_end_by_itself()
    {
        await using StudioSession session = await studio.OpenAsync(Edge);
        await session.Page.Locator("#play").ClickAsync();
        await Expect(session.Page.Locator("#place")).ToHaveTextAsync("row 2, column 2: -40");
        await Expect(session.Page.Locator("#play")).ToHaveTextAsync("Play");
    }

    [Fact]
    public async Task A_cell_that_is_pointed_at_lights_up_in_all_views()
    {
        await using StudioSession session = await studio.OpenAsync(Edge);
        await session.Page.Locator(".view").First.Locator("[data-link=x5]").HoverAsync();
        // The image, the vector and the row above it, and pixel, weight and product of the window.
        await Expect(session.Page.Locator("[data-lit]")).ToHaveCountAsync(6);
    }

    [Fact]
    public async Task The_image_is_drawn_on_and_the_result_follows()
    {
        await using StudioSession session = await studio.OpenAsync(Edge);
        await session.Page.Locator(".view").First.Locator("[data-cell=\"2\"]").ClickAsync();
        // The pixel above the right column is 9 instead of 0: -40 + 1 * 9.
        await Expect(session.Page.Locator("#place")).ToHaveTextAsync("row 1, column 1: -31");
        await Expect(session.Page.Locator("#image")).ToHaveValueAsync("10 10 9 0\n10 10 0 0\n10 10 0 0\n10 10 0 0");
    }

    [Fact]
    public async Task A_kernel_that_does_not_fit_says_what_to_do()
    {
        await using StudioSession session = await studio.OpenAsync(Edge);
        await session.Page.Locator("#dilation").FillAsync("3");
        await Expect(session.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("does not fit");
        await session.Page.Locator("#image").FillAsync("1 2\n3");
        await Expect(session.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("expected 2 numbers as in row 1, got 1");
    }

    [Fact]
    public async Task A_picture_is_uploaded_and_what_is_none_refused()
    {
        await using StudioSession session = await studio.OpenAsync(Edge);
        await session.Page.Locator("#picture").SetInputFilesAsync(new FilePayload { Name = "notes.png", MimeType = "image/png", Buffer = "no picture"u8.ToArray() });
        await Expect(session.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("notes.png: expected a PNG or JPEG image");
        // A PNG of 3 x 3 white pixels, which the page makes.
        string data = await session.Page.EvaluateAsync<string>("() => { const c = document.createElement('canvas'); c.width = c.height = 3; const g = c.getContext('2d'); g.fillStyle = 'white'; g.fillRect(0, 0, 3, 3); return c.toDataURL().split(',')[1]; }");
        byte[] white = Convert.FromBase64String(data);
        ILocator alert = session.Page.GetByRole(AriaRole.Alert).First;
        await session.Page.Locator("#picture").SetInputFilesAsync(new FilePayload { Name = "half.png", MimeType = "image/png", Buffer = white[..(white.Length / 2)] });
        await Expect(alert).ToContainTextAsync("half.png: ");
        // Of the header the width is told, and made 50 million; its checksum follows.
        byte[] bomb = [.. white];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bomb.AsSpan(16), 50_000_000);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bomb.AsSpan(29), Checksum(bomb.AsSpan(12, 17)));
        await session.Page.Locator("#picture").SetInputFilesAsync(new FilePayload { Name = "bomb.png", MimeType = "image/png", Buffer = bomb });
        await Expect(alert).ToContainTextAsync("bomb.png: ");
        await session.Page.Locator("#picture").SetInputFilesAsync(new FilePayload { Name = "huge.png", MimeType = "image/png", Buffer = new byte[9 << 20] });
        await Expect(alert).ToContainTextAsync("huge.png has 9.0 MiB, more than 8.0 MiB. Scale the picture down.");
        await session.Page.Locator("#picture").SetInputFilesAsync(new FilePayload { Name = "white.png", MimeType = "image/png", Buffer = white });
        await Expect(session.Page.Locator("#image")).ToHaveValueAsync("255 255 255\n255 255 255\n255 255 255");
    }

    [Fact]
    public async Task Steps_need_no_mouse()
    {
        await using StudioSession session = await studio.OpenAsync(Edge);
        await session.Page.Locator("#step").FocusAsync();
        await session.Page.Keyboard.PressAsync("Enter");
        await Expect(session.Page.Locator("#place")).ToContainTextAsync("row 1, column 2");
        await session.Page.Locator("#scrub").FocusAsync();
        await session.Page.Keyboard.PressAsync("End");
        await Expect(session.Page.Locator("#place")).ToContainTextAsync("row 2, column 2");
        await session.Page.Keyboard.PressAsync("ArrowLeft");
        await Expect(session.Page.Locator("#place")).ToContainTextAsync("row 2, column 1");
    }

    // As PNG has it: the remainder of the polynomial 0xEDB88320.
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint remainder = uint.MaxValue;
        foreach (byte value in bytes)
        {
            remainder ^= value;
            for (int bit = 0; bit < 8; bit++) remainder = (remainder & 1) == 1 ? remainder >> 1 ^ 0xEDB88320 : remainder >> 1;
        }
        return ~remainder;
    }
}
