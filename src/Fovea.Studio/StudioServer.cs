using System.Net.Sockets;
using Fovea.Studio.Server;
using Fovea.Studio.Training;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fovea.Studio;

/// <summary>The studio while it runs: a web server on this machine that nobody without its address can use.</summary>
public sealed class StudioServer : IAsyncDisposable
{
    // Of one request, and of one message of a page. Pictures come in parts.
    private const int MostBytes = 1 << 20;

    private readonly WebApplication _application;
    private readonly Credentials _credentials;
    private readonly string _root;

    private StudioServer(WebApplication application, Credentials credentials, string root) => (_application, _credentials, _root) = (application, credentials, root);

    /// <summary>What is to be opened in a browser by hand; it holds the token, which is good as long as the studio runs.</summary>
    public Uri Address => new($"{_root}?{Credentials.Parameter}={_credentials.Token}");

    /// <summary>An address that a program hands to a browser: it opens the studio once, within a minute, and is then of no use to who finds it in the list of
    /// processes or the browser's history. An earlier one that was not used is no longer good.</summary>
    public Uri CreateTicket() => new($"{_root}?{Credentials.TicketParameter}={_credentials.Issue()}");

    /// <summary>Starts a studio.</summary>
    /// <exception cref="FoveaException">The port is taken, or the address is not one of this machine.</exception>
    public static async Task<StudioServer> StartAsync(StudioOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var credentials = new Credentials(TimeProvider.System);
        WebApplication application = Build(options, credentials);
        try
        {
            await application.StartAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            await application.DisposeAsync();
            throw new FoveaException($"studio: {options.Address} port {options.Port} cannot be listened on: {exception.Message} Use another --port; 0 takes a free one.", exception);
        }
        string bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        int port = new Uri(bound).Port;
        var guard = application.Services.GetRequiredService<AllowedHosts>();
        guard.Set(options.Address, port);
        return new StudioServer(application, credentials, $"http://{guard.Preferred}/");
    }

    /// <summary>Waits until the studio is stopped, and stops it when asked to.</summary>
    public Task RunAsync(CancellationToken cancellation) => _application.WaitForShutdownAsync(cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Pages that are open hold connections: they need not be waited for.
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await _application.StopAsync(soon.Token);
        }
        catch (OperationCanceledException)
        {
        }
        await _application.DisposeAsync();
    }

    private static WebApplication Build(StudioOptions options, Credentials credentials)
    {
        // Empty: no settings are read from the current folder or the environment.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "Fovea.Studio" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBytes;
            // An image of 128 x 128 pixels is part of an address too.
            kestrel.Limits.MaxRequestLineSize = MostBytes / 4;
            kestrel.Listen(options.Address, options.Port);
        });
        // That a start has failed is said in one sentence by who asked for it.
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Error)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        IServiceCollection services = builder.Services;
        services.AddRouting();
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.Cookie.HttpOnly = true;
        });
        services.AddRazorComponents().AddInteractiveServerComponents()
            // A pasted table or image, or a long drawing, is one message.
            .AddHubOptions(hub => hub.MaximumReceiveMessageSize = MostBytes);
        services.AddSingleton(options).AddSingleton(credentials).AddSingleton<AllowedHosts>().AddSingleton<StudioAssets>()
            .AddSingleton<Trainings>().AddSingleton<TrainedRuns>().AddSingleton<StudySessions>().AddSingleton<PageWork>().AddSingleton<TrainingCosts>();
        WebApplication application = builder.Build();
        application.UseMiddleware<Guard>();
        application.UseStatusCodePages(answer => answer.HttpContext.Response.StatusCode != StatusCodes.Status404NotFound ? Task.CompletedTask
            : Guard.WriteAsync(answer.HttpContext, StatusCodes.Status404NotFound, "There is no such page", "<a href=\"/\">Back to the studio</a>"));
        application.UseRouting();
        application.UseAntiforgery();
        application.Services.GetRequiredService<StudioAssets>().Map(application);
        Reports.Map(application, options);
        application.MapRazorComponents<App>().AddInteractiveServerRenderMode(server =>
        {
            server.ContentSecurityFrameAncestorsPolicy = null;
            // On the same machine it costs time, and saves nothing.
            server.DisableWebSocketCompression = true;
        });
        return application;
    }
}
