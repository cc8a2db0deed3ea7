using System.Net;
using System.Net.WebSockets;

namespace Fovea.Studio.Tests;

/// <summary>What the studio does not answer: each request differs in one thing from one that it answers.</summary>
public sealed class RefusalTests(StudioHost studio) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public static TheoryData<string> Routes => ["/", "/shapes", "/assets/studio.css", "/_blazor/negotiate", "/_blazor/initializers", "/nothing", "/../etc/passwd"];

    [Theory, MemberData(nameof(Routes))]
    public async Task Without_credentials_every_route_is_refused(string path) =>
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(path));

    [Theory, MemberData(nameof(Routes))]
    public async Task A_foreign_host_is_refused_on_every_route_in_spite_of_the_cookie(string path)
    {
        string cookie = await CookieAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(path, request => { Authorize(request, cookie); request.Headers.Host = "rebound.example"; }));
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task A_foreign_origin_is_refused_on_every_route_in_spite_of_the_cookie(string path)
    {
        string cookie = await CookieAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(path, request => { Authorize(request, cookie); request.Headers.Add("Origin", "https://elsewhere.example"); }));
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
    public async Task A_token_given_twice_is_refused() => Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(studio.Address.PathAndQuery + "&token=0"));

    [Fact]
    public async Task The_token_is_no_cookie()
    {
        string name = (await CookieAsync()).Split('=')[0], token = studio.Address.Query.Split('=')[1];
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/", request => Authorize(request, $"{name}={token}")));
    }

    [Fact]
    public async Task The_token_gives_a_cookie_that_scripts_and_other_sites_cannot_use_and_leaves_the_address()
    {
        using HttpResponseMessage response = await _client.GetAsync(studio.At("/losses" + studio.Address.Query + "&base=2"));
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/losses?base=2", response.Headers.Location!.OriginalString);
        string cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"));
        Assert.Contains("; httponly", cookie);
        Assert.Contains("; samesite=strict", cookie);
        // 64 hexadecimal digits are 256 bits.
        Assert.Matches("^fovea-studio-[0-9]+=[0-9a-f]{64};", cookie);
        Assert.Matches("^[?]token=[0-9a-f]{64}$", studio.Address.Query);
    }

    [Fact]
    public async Task With_the_cookie_it_answers_and_lets_nothing_foreign_in()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, studio.At("/"));
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
    public async Task A_form_without_its_antiforgery_token_is_refused()
    {
        string cookie = await CookieAsync();
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync("/", request =>
        {
            Authorize(request, cookie);
            request.Method = HttpMethod.Post;
            request.Content = new FormUrlEncodedContent([new("_handler", "x")]);
        }));
    }

    [Fact]
    public async Task What_is_no_page_is_not_found()
    {
        string cookie = await CookieAsync();
        foreach (string path in (string[])["/nothing", "/assets/studio.css", "/assets/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd"])
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(path, request => Authorize(request, cookie)));
        using var request = new HttpRequestMessage(HttpMethod.Get, studio.At("/nothing"));
        Authorize(request, cookie);
        using HttpResponseMessage response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        string page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("<h1>There is no such page</h1><p><a href=\"/\">Back to the studio</a></p>", page);
        Assert.Contains("default-src 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, "http://{0}", true)]
    [InlineData(false, "http://{0}", false)]
    [InlineData(true, "https://elsewhere.example", false)]
    public async Task The_socket_opens_to_the_studio_s_own_page_with_its_cookie_only(bool hasCookie, string? origin, bool opens)
    {
        using var socket = new ClientWebSocket();
        if (hasCookie) socket.Options.SetRequestHeader("Cookie", await CookieAsync());
        if (origin is not null) socket.Options.SetRequestHeader("Origin", string.Format(null, origin, studio.Address.Authority));
        var address = new UriBuilder(studio.At("/_blazor")) { Scheme = "ws" };
        if (opens) await socket.ConnectAsync(address.Uri, TestContext.Current.CancellationToken);
        else await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address.Uri, TestContext.Current.CancellationToken));
        Assert.Equal(opens, socket.State == WebSocketState.Open);
    }

    public void Dispose() => _client.Dispose();

    private static void Authorize(HttpRequestMessage request, string cookie) => request.Headers.Add("Cookie", cookie);

    private async Task<string> CookieAsync()
    {
        using HttpResponseMessage response = await _client.GetAsync(studio.Address);
        return Assert.Single(response.Headers.GetValues("Set-Cookie")).Split(';')[0];
    }

    private async Task<HttpStatusCode> StatusAsync(string path, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, studio.At(path));
        change?.Invoke(request);
        using HttpResponseMessage response = await _client.SendAsync(request);
        return response.StatusCode;
    }
}
