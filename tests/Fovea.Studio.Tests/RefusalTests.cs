using System.Net;
using System.Net.WebSockets;
using System.Reflection;
using Fovea.Studio.Layout;
using Fovea.Studio.Server;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Fovea.Studio.Tests;

/// <summary>What the studio does not answer: each request differs in one thing from one that it answers.</summary>
public sealed class RefusalTests(FilledWorkspace workspace) : IClassFixture<FilledWorkspace>, IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private static readonly StudioAssets s_assets = new();

    /// <summary>What is asked for, and what somebody with the cookie gets.</summary>
    public static TheoryData<string, string, HttpStatusCode> Routes
    {
        get
        {
            var routes = new TheoryData<string, string, HttpStatusCode>
            {
                { "GET", "/", HttpStatusCode.OK },
                { "GET", s_assets.Path("studio.js"), HttpStatusCode.OK },
                { "GET", s_assets.Path("studio.css"), HttpStatusCode.OK },
                { "GET", s_assets.Path("blazor.web.js"), HttpStatusCode.OK },
                { "POST", "/_blazor/negotiate?negotiateVersion=1", HttpStatusCode.OK },
                { "GET", "/_blazor/initializers", HttpStatusCode.OK },
                { "GET", "/reports/{run}", HttpStatusCode.OK },
                { "GET", "/reports/999", HttpStatusCode.NotFound },
                { "GET", "/nothing", HttpStatusCode.NotFound },
                { "GET", "/../etc/passwd", HttpStatusCode.NotFound },
            };
            foreach (Chapter chapter in Chapter.All) routes.Add("GET", "/" + chapter.Path, HttpStatusCode.OK);
            return routes;
        }
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task Every_route_answers_its_own_page_and_nobody_else(string method, string path, HttpStatusCode expected)
    {
        string cookie = await CookieAsync(), address = path.Replace("{run}", $"{workspace.StudyRun}", StringComparison.Ordinal);
        Assert.Equal(expected, (await AskAsync(method, address, request => Authorize(request, cookie))).Status);
        // Its own page says where it comes from, too.
        Assert.Equal(expected, (await AskAsync(method, address, request => { Authorize(request, cookie); request.Headers.Add("Origin", $"http://{workspace.Address.Authority}"); })).Status);
        (HttpStatusCode Refused, Action<HttpRequestMessage> Change)[] wrong =
        [
            (HttpStatusCode.Unauthorized, _ => { }),
            (HttpStatusCode.Unauthorized, request => Authorize(request, cookie[..^1] + (cookie[^1] == '0' ? '1' : '0'))),
            (HttpStatusCode.Forbidden, request => { Authorize(request, cookie); request.Headers.Host = "rebound.example"; }),
            (HttpStatusCode.Forbidden, request => { Authorize(request, cookie); request.Headers.Host = $"127.0.0.1.rebound.example:{workspace.Address.Port}"; }),
            (HttpStatusCode.Forbidden, request => { Authorize(request, cookie); request.Headers.Host = "127.0.0.1:1"; }),
            (HttpStatusCode.Forbidden, request => { Authorize(request, cookie); request.Headers.Add("Origin", "https://elsewhere.example"); }),
        ];
        foreach (var (refused, change) in wrong)
        {
            var (answer, said) = await AskAsync(method, address, change);
            Assert.Equal(refused, answer);
            // The page that says so, and nothing of what was asked for.
            Assert.Matches("^<!DOCTYPE html>\n<html lang=\"en\">\n<head>.*</head>\n<body><main><h1>The studio is not opened</h1><p>[A-Za-z ,.]+(<code>fovea studio</code>[a-z ,.]+)?</p></main></body>\n</html>\n$", said);
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("https://127.0.0.1")]
    public async Task An_origin_that_only_resembles_the_studio_is_refused(string origin)
    {
        string cookie = await CookieAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("/", request => { Authorize(request, cookie); request.Headers.Add("Origin", origin); }));
    }

    [Theory]
    [InlineData("cors")]
    [InlineData("no-cors")]
    [InlineData("websocket")]
    public async Task What_another_site_loads_is_refused(string mode)
    {
        string cookie = await CookieAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("/", request =>
        {
            Authorize(request, cookie);
            request.Headers.Add("Sec-Fetch-Site", "cross-site");
            request.Headers.Add("Sec-Fetch-Mode", mode);
        }));
    }

    [Theory]
    [InlineData("?token=")]
    [InlineData("?token=0")]
    [InlineData("?token=0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_wrong_token_is_refused(string query) => Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/" + query));

    [Fact]
    public async Task A_token_given_twice_is_refused() => Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(workspace.Address.PathAndQuery + "&token=0"));

    [Fact]
    public async Task The_token_is_no_cookie()
    {
        string name = (await CookieAsync()).Split('=')[0], token = workspace.Address.Query.Split('=')[1];
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/", request => Authorize(request, $"{name}={token}")));
    }

    [Fact]
    public async Task The_token_gives_a_cookie_that_scripts_and_other_sites_cannot_use_and_leaves_the_address()
    {
        using HttpResponseMessage response = await _client.GetAsync(At("/losses" + workspace.Address.Query + "&base=2"));
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/losses?base=2", response.Headers.Location!.OriginalString);
        string cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"));
        Assert.Contains("; httponly", cookie);
        Assert.Contains("; samesite=strict", cookie);
        // 64 hexadecimal digits are 256 bits.
        Assert.Matches("^fovea-studio-[0-9]+=[0-9a-f]{64};", cookie);
        Assert.Matches("^[?]token=[0-9a-f]{64}$", workspace.Address.Query);
    }

    [Fact]
    public async Task A_ticket_opens_the_studio_once_and_leaves_the_address()
    {
        Uri ticket = workspace.Server.CreateTicket();
        Assert.Matches("^[?]ticket=[0-9a-f]{64}$", ticket.Query);
        Assert.DoesNotContain(workspace.Address.Query.Split('=')[1], ticket.Query);
        // No token, and not good beside a token.
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/" + ticket.Query.Replace("ticket", "token", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(workspace.Address.PathAndQuery + "&" + ticket.Query[1..]));
        // Who asks for something else than a page does not use it up.
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("HEAD", ticket.PathAndQuery)).Status);
        using HttpResponseMessage response = await _client.GetAsync(new Uri(ticket.AbsoluteUri + "&base=2"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/?base=2", response.Headers.Location!.OriginalString);
        Assert.Equal(await CookieAsync(), Assert.Single(response.Headers.GetValues("Set-Cookie")).Split(';')[0]);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(ticket.PathAndQuery));
        // The token is as good as before.
        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(workspace.Address.PathAndQuery));
    }

    [Fact]
    public void A_ticket_is_good_for_a_minute_and_until_the_next_is_made()
    {
        var clock = new Clock();
        var credentials = new Credentials(clock);
        Assert.False(credentials.Redeem(null));
        string first = credentials.Issue(), second = credentials.Issue();
        Assert.NotEqual(first, second);
        Assert.False(credentials.Redeem(first));
        clock.Now += TimeSpan.FromSeconds(60);
        Assert.True(credentials.Redeem(second));
        Assert.False(credentials.Redeem(second));
        string late = credentials.Issue();
        clock.Now += TimeSpan.FromSeconds(61);
        Assert.False(credentials.Redeem(late));
    }

    [Fact]
    public async Task The_browser_that_is_opened_is_handed_a_ticket_and_not_the_token()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("elsewhere a browser is not opened by a program whose place can be taken");
        string folder = Directory.CreateTempSubdirectory("fovea-studio-").FullName, handed = Path.Combine(folder, "handed");
        try
        {
            string browser = Path.Combine(folder, "xdg-open");
            await File.WriteAllTextAsync(browser, $"#!/bin/sh\necho \"$1\" > '{handed}.new' && mv '{handed}.new' '{handed}'\n", TestContext.Current.CancellationToken);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(browser, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            using StudioProgram program = await StudioProgram.StartAsync(Path.Combine(folder, "fovea.db"), browserFolder: folder);
            while (!File.Exists(handed)) await Task.Delay(10, TestContext.Current.CancellationToken);
            var address = new Uri((await File.ReadAllTextAsync(handed, TestContext.Current.CancellationToken)).Trim());
            Assert.Equal(program.Address.Authority, address.Authority);
            Assert.Matches("^[?]ticket=[0-9a-f]{64}$", address.Query);
            using HttpResponseMessage response = await _client.GetAsync(address, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(1 << 20, "HTTP/1.1 100 Continue")]
    [InlineData((1 << 20) + 1, "HTTP/1.1 400 Bad Request")]
    public async Task A_body_of_more_than_a_mebibyte_is_refused(int length, string answer)
    {
        string cookie = await CookieAsync();
        // Who waits for leave to send a body is told by its length alone whether the studio will read it.
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, workspace.Address.Port, TestContext.Current.CancellationToken);
        await using System.Net.Sockets.NetworkStream stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: {workspace.Address.Authority}\r\nCookie: {cookie}\r\n"
            + $"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        Assert.Equal(answer, await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task With_the_cookie_it_answers_and_lets_nothing_foreign_in()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, At("/"));
        Authorize(request, await CookieAsync());
        using HttpResponseMessage response = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        string html = await response.Content.ReadAsStringAsync();
        Assert.DoesNotMatch(@"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|(src|href)=""https?:", html);
        Assert.Matches("<script[^>]* integrity=\"sha256-", html);
    }

    [Fact]
    public async Task Forms_without_their_antiforgery_token_are_refused()
    {
        string cookie = await CookieAsync();
        var application = (WebApplication)typeof(StudioServer).GetField("_application", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(workspace.Server)!;
        // Whatever page takes a form. Were it not validated at all, the framework would answer that with an error of its own: 500.
        Endpoint[] pages = [.. application.Services.GetRequiredService<EndpointDataSource>().Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null
            && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("POST") != false)];
        Assert.True(pages.Length > Chapter.All.Count);
        Assert.All(pages, page => Assert.True(page.Metadata.GetMetadata<IAntiforgeryMetadata>()?.RequiresValidation, page.DisplayName));
        foreach (string path in (string[])["/", .. Chapter.All.Select(chapter => "/" + chapter.Path)])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync("POST", path, request =>
            {
                Authorize(request, cookie);
                request.Content = new FormUrlEncodedContent([new("_handler", "x")]);
            })).Status);
        }
    }

    [Fact]
    public async Task What_is_no_page_is_not_found()
    {
        string cookie = await CookieAsync();
        foreach (string path in (string[])["/nothing", "/assets/studio.css", "/assets/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd"])
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(path, request => Authorize(request, cookie)));
        using var request = new HttpRequestMessage(HttpMethod.Get, At("/nothing"));
        Authorize(request, cookie);
        using HttpResponseMessage response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        string page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("<h1>There is no such page</h1><p><a href=\"/\">Back to the studio</a></p>", page);
        Assert.Contains("default-src 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
    }

    [Theory]
    [InlineData(true, null, null, HttpStatusCode.SwitchingProtocols)]
    [InlineData(true, "http://{0}", "{0}", HttpStatusCode.SwitchingProtocols)]
    [InlineData(false, "http://{0}", null, HttpStatusCode.Unauthorized)]
    [InlineData(true, "https://elsewhere.example", null, HttpStatusCode.Forbidden)]
    [InlineData(true, "null", null, HttpStatusCode.Forbidden)]
    [InlineData(true, null, "rebound.example", HttpStatusCode.Forbidden)]
    [InlineData(true, "http://rebound.example", "rebound.example", HttpStatusCode.Forbidden)]
    public async Task The_socket_opens_to_the_studio_s_own_page_with_its_cookie_only(bool hasCookie, string? origin, string? host, HttpStatusCode expected)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (hasCookie) socket.Options.SetRequestHeader("Cookie", await CookieAsync());
        if (origin is not null) socket.Options.SetRequestHeader("Origin", string.Format(null, origin, workspace.Address.Authority));
        if (host is not null) socket.Options.SetRequestHeader("Host", string.Format(null, host, workspace.Address.Authority));
        var address = new UriBuilder(At("/_blazor")) { Scheme = "ws" };
        if (expected == HttpStatusCode.SwitchingProtocols) await socket.ConnectAsync(address.Uri, TestContext.Current.CancellationToken);
        else await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address.Uri, TestContext.Current.CancellationToken));
        Assert.Equal(expected, socket.HttpStatusCode);
        Assert.Equal(expected == HttpStatusCode.SwitchingProtocols ? WebSocketState.Open : WebSocketState.Closed, socket.State);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>A clock that is set by hand.</summary>
    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    private static void Authorize(HttpRequestMessage request, string cookie) => request.Headers.Add("Cookie", cookie);

    private async Task<string> CookieAsync()
    {
        using HttpResponseMessage response = await _client.GetAsync(workspace.Address);
        return Assert.Single(response.Headers.GetValues("Set-Cookie")).Split(';')[0];
    }

    private Uri At(string path) => new(new Uri(workspace.Address.GetLeftPart(UriPartial.Authority)), path);

    private async Task<HttpStatusCode> StatusAsync(string path, Action<HttpRequestMessage>? change = null) => (await AskAsync("GET", path, change)).Status;

    private async Task<(HttpStatusCode Status, string Body)> AskAsync(string method, string path, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), At(path));
        change?.Invoke(request);
        using HttpResponseMessage response = await _client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
