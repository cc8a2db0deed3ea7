using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Primitives;

namespace Fovea.Studio.Server;

/// <summary>
/// Stands before every route and the WebSocket: refuses foreign Host and Origin headers and whoever has neither the token, a ticket nor the cookie, and
/// says what the browser may load.
/// </summary>
internal sealed class Guard(RequestDelegate next, Credentials credentials, AllowedHosts hosts)
{
    // Nothing but what the studio itself serves; no scripts or styles in the page. Images may also be made by the page (data:).
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "form-action 'self'; frame-ancestors 'none'; base-uri 'self'";

    public async Task InvokeAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        if (!hosts.Contains(request.Host.Value))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "The studio answers to its own address only.");
            return;
        }
        if (!IsOwnOrigin(request))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "Another page asked the studio for something.");
            return;
        }
        bool hasCookie = Credentials.AreEqual(request.Cookies[Credentials.CookieName(hosts.Port)], credentials.Cookie);
        if (hasCookie && !request.Query.ContainsKey(Credentials.Parameter) && !request.Query.ContainsKey(Credentials.TicketParameter))
        {
            await next(context);
            return;
        }
        if (HttpMethods.IsGet(request.Method) && HasKey(request.Query))
        {
            context.Response.Cookies.Append(Credentials.CookieName(hosts.Port), credentials.Cookie,
                new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true });
            // The address without the key, so that it is not copied with a link.
            QueryString rest = QueryString.Create(request.Query.Where(pair => pair.Key is not (Credentials.Parameter or Credentials.TicketParameter)));
            context.Response.Redirect(UriHelper.BuildRelative(path: request.Path, query: rest));
            return;
        }
        await RefuseAsync(context, StatusCodes.Status401Unauthorized,
            "The key to this studio is missing, old or used. Open the address that <code>fovea studio</code> printed, with its token.");
    }

    private bool HasKey(IQueryCollection query)
    {
        StringValues token = query[Credentials.Parameter], ticket = query[Credentials.TicketParameter];
        return (token.Count, ticket.Count) switch
        {
            (1, 0) => Credentials.AreEqual(token[0], credentials.Token),
            (0, 1) => credentials.Redeem(ticket[0]),
            _ => false,
        };
    }

    // A browser names the page that asks, in every request that could change something and for every WebSocket.
    private static bool IsOwnOrigin(HttpRequest request)
    {
        StringValues origin = request.Headers.Origin, site = request.Headers["Sec-Fetch-Site"];
        if (origin.Count > 0 && (origin.Count > 1 || origin[0] != $"http://{request.Host.Value}")) return false;
        return site.Count == 0 || site[0] is "same-origin" or "none" || (site[0] is "same-site" or "cross-site" && IsOpening(request));
    }

    // A link somewhere else that leads to the studio: it shows a page only to who has the token, as the cookie is not sent along.
    private static bool IsOpening(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document";

    private static Task RefuseAsync(HttpContext context, int status, string reason) => WriteAsync(context, status, "The studio is not opened", reason);

    /// <summary>Answers with a page that says what is the matter.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status of the answer.</param>
    /// <param name="title">What is the matter.</param>
    /// <param name="reason">Why, and what to do, as HTML.</param>
    public static async Task WriteAsync(HttpContext context, int status, string title, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync($"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Fovea studio: {title}</title></head>
            <body><main><h1>{title}</h1><p>{reason}</p></main></body>
            </html>

            """);
    }
}
