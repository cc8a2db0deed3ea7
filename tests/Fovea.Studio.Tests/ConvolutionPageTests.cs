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

    // Of 4 x 4 pixels and windows of 3 x 3 at (0, 0), (0, 1), (1, 0) and (1, 1), by hand. The sixth pixel, (1, 1), lies in all of them; the last,
    // (3, 3), in the last window alone, which is not the current one.
    private const string Image = ".view:nth-of-type(1) [data-cell]", Result = ".view:nth-of-type(2) [data-cell]", Row = ".view:nth-of-type(3) [data-cell]", Column = ".patch [data-cell]";

    [Theory]
    [InlineData(Image, 5, 1, 4, 2, 3)]
    [InlineData(Image, 15, 1, 1, 2, 0)]
    // The current number: its window, the nine weights above their pixels, and the whole column with weights and products.
    [InlineData(Result, 0, 9, 1, 18, 27)]
    // The number beside it: of its window six pixels are in the current one as well.
    [InlineData(Result, 1, 9, 1, 18, 18)]
    // The weight of the first pixel, the seventh pixel below the weights, and the product of the second tap.
    [InlineData(Row, 0, 1, 1, 2, 3)]
    [InlineData(Row, 22, 1, 4, 2, 3)]
    [InlineData(Column, 19, 1, 2, 2, 3)]
    public async Task A_cell_that_is_pointed_at_lights_up_in_all_views(string view, int cell, int image, int result, int row, int column)
    {
        await using StudioSession session = await studio.OpenAsync(Edge);
        await session.Page.Locator(view + $"[data-cell=\"{cell}\"]").HoverAsync();
        await ExpectLitAsync(session, image, result, row, column);
        await session.Page.Locator("h1").HoverAsync();
        await ExpectLitAsync(session, 0, 0, 0, 0);
        // What the keys reach lights up as well.
        await session.Page.Keyboard.PressAsync("Tab");
        await session.Page.Locator(view + $"[data-cell=\"{cell}\"]").FocusAsync();
        await ExpectLitAsync(session, image, result, row, column);
    }

    [Fact]
    public async Task On_padding_and_on_a_ring_cells_are_linked_too()
    {
        await using StudioSession session = await studio.OpenAsync(Edge + "&padding=1");
        // The corner of the padding lies in the first window alone, and is no column of the matrix.
        await session.Page.Locator(Image + "[data-cell=\"0\"]").HoverAsync();
        await ExpectLitAsync(session, 1, 1, 0, 3);
        await session.Page.Locator("#around").SelectOptionAsync("circular");
        // On a ring the same place is the last pixel, which is seen once inside and three times around: under windows 3, 0 and 1 of each direction.
        await session.Page.Locator(Image + "[data-cell=\"0\"]").HoverAsync();
        await ExpectLitAsync(session, 4, 9, 2, 3);
    }

    [Fact]
    public async Task The_arrow_keys_walk_over_the_cells_and_scroll_nothing()
    {
        await using StudioSession session = await studio.OpenAsync(Edge, height: 500);
        ILocator first = session.Page.Locator(Result + "[data-cell=\"0\"]");
        await first.EvaluateAsync("cell => cell.scrollIntoView({ block: 'center' })");
        await first.FocusAsync();
        double scrolled = await session.Page.EvaluateAsync<double>("scrollY");
        await session.Page.Keyboard.PressAsync("ArrowDown");
        await session.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(session.Page.Locator(Result + "[data-cell=\"3\"]")).ToBeFocusedAsync();
        // The numbers of the last window: its nine pixels, four of which the current one has too.
        await ExpectLitAsync(session, 9, 1, 18, 12);
        Assert.Equal(scrolled, await session.Page.EvaluateAsync<double>("scrollY"));
        // One cell of a grid is reached by Tab: the one that was left.
        await Expect(session.Page.Locator(Result + "[tabindex=\"0\"]")).ToHaveAttributeAsync("data-cell", "3");
        await session.Page.Keyboard.PressAsync("Enter");
        await Expect(session.Page.Locator("#place")).ToContainTextAsync("row 2, column 2");
        // Now it is the current one, and the views around have followed.
        await ExpectLitAsync(session, 9, 1, 18, 27);
        await session.Page.Locator(Image + "[data-cell=\"0\"]").FocusAsync();
        await session.Page.Keyboard.PressAsync(" ");
        // The brush is 9.
        await Expect(session.Page.Locator("#image")).ToHaveValueAsync("9 10 0 0\n10 10 0 0\n10 10 0 0\n10 10 0 0");
    }

    [Fact]
    public async Task That_all_numbers_are_shown_is_in_the_address()
    {
        await using StudioSession session = await studio.OpenAsync(Edge);
        await session.Page.GetByLabel("show all of it").CheckAsync();
        ILocator result = session.Page.Locator(".cells.result .cell text");
        await Expect(result).ToHaveTextAsync(["-40", "-40", "-40", "-40"]);
        await session.Page.WaitForURLAsync("**all=yes**");
        await session.Page.ReloadAsync();
        await session.ReadyAsync();
        await Expect(result).ToHaveTextAsync(["-40", "-40", "-40", "-40"]);
    }

    private static async Task ExpectLitAsync(StudioSession session, int image, int result, int row, int column)
    {
        foreach (var (view, count) in ((string, int)[])[(Image, image), (Result, result), (Row, row), (Column, column)])
            await Expect(session.Page.Locator(view + "[data-lit]")).ToHaveCountAsync(count);
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
        await Expect(alert).ToContainTextAsync("half.png: the image is damaged or cut off");
        // Of the header the size is told as what it is not; its checksum follows. Neither is unpacked: one is too large for any file, the other for
        // this one, of which 4 bytes a pixel would be made.
        await session.Page.Locator("#picture").SetInputFilesAsync(new FilePayload { Name = "bomb.png", MimeType = "image/png", Buffer = Sized(white, 16_000, 16_000) });
        await Expect(alert).ToHaveTextAsync("bomb.png: 16000 x 16000 pixels are more than 64 million. Scale the image down.");
        await session.Page.Locator("#picture").SetInputFilesAsync(new FilePayload { Name = "dense.png", MimeType = "image/png", Buffer = Sized(white, 8000, 8000) });
        await Expect(alert).ToContainTextAsync("dense.png: 8000 x 8000 pixels would take 244 MB, too much for a file of ");
        await session.Page.Locator("#picture").SetInputFilesAsync(new FilePayload { Name = "huge.png", MimeType = "image/png", Buffer = new byte[9 << 20] });
        await Expect(alert).ToContainTextAsync("huge.png has 9.0 MiB, more than 8.0 MiB. Scale the picture down.");
        // The image is what it was.
        await Expect(session.Page.Locator("#image")).ToHaveValueAsync("10 10 0 0\n10 10 0 0\n10 10 0 0\n10 10 0 0");
        Assert.EndsWith("&kernel=sobel-x", session.Page.Url);
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

    // The width and the height stand at 16 and 20, and the checksum of the header behind it.
    private static byte[] Sized(byte[] picture, int width, int height)
    {
        byte[] sized = [.. picture];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(sized.AsSpan(16), width);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(sized.AsSpan(20), height);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(sized.AsSpan(29), Checksum(sized.AsSpan(12, 17)));
        return sized;
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
