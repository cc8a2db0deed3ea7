using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using Fovea.Studio;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea studio</c>: the web studio, in a browser on this machine.</summary>
internal static class StudioCommand
{
    private const int UsualPort = 5180;

    public static Verb Create(Terminal terminal)
    {
        var port = new Option<int>("--port")
        {
            Description = $"The port to listen on; 0 takes a free one. {UsualPort} unless given, or a free one where that is taken.",
            HelpName = "N",
            CustomParser = result =>
            {
                if (ushort.TryParse(result.Tokens[0].Value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out ushort value)) return value;
                result.AddError($"--port: expected a whole number from 0 to {ushort.MaxValue}, got \"{result.Tokens[0].Value}\".");
                return 0;
            },
        };
        var listen = new Option<IPAddress?>("--listen")
        {
            Description = "The address to listen on, for use from other machines; this machine alone unless given.",
            HelpName = "ADDRESS",
            CustomParser = result =>
            {
                if (IPAddress.TryParse(result.Tokens[0].Value, out IPAddress? address)) return address;
                result.AddError($"--listen: expected an address such as 192.168.1.5, or 0.0.0.0 for all of this machine's, got \"{result.Tokens[0].Value}\".");
                return null;
            },
        };
        var noBrowser = new Option<bool>("--no-browser") { Description = "Print the address, but open no browser." };
        Option<string> store = Options.Store();
        var verb = new Verb("studio", "Open the web studio: shapes, convolutions, losses and trainings, interactively, in a browser.") { port, listen, noBrowser, store };
        verb.Examples = ["fovea studio", "fovea studio --port 8080 --no-browser"];
        verb.SetAction(result =>
        {
            using var interruption = new Interruption();
            bool isFree = result.GetResult(port) is null;
            var options = new StudioOptions
            {
                Port = isFree ? UsualPort : result.GetValue(port),
                Address = result.GetValue(listen) ?? IPAddress.Loopback,
                Store = result.GetRequiredValue(store),
            };
            // A store that is not there yet is made by the first training, but its folder is not.
            string folder = Path.GetDirectoryName(Path.GetFullPath(options.Store))!;
            if (!Directory.Exists(folder)) throw new FoveaException($"{options.Store}: there is no folder {folder}. Make it first, or give another --store.");
            if (options.IsOpenToOthers)
                terminal.Error.WriteLine($"fovea: warning: {options.Address} can be reached from other machines, without encryption. Whoever learns the address with its token can use this studio.");
            RunAsync(terminal, options, isFree, !result.GetValue(noBrowser), interruption.Token).GetAwaiter().GetResult();
            return Program.Done;
        });
        return verb;
    }

    private static async Task RunAsync(Terminal terminal, StudioOptions options, bool takesFreePort, bool opensBrowser, CancellationToken cancellation)
    {
        await using StudioServer studio = await StartAsync(options, takesFreePort);
        terminal.WriteLine("The studio is open until Ctrl-C. Its address is a key: give it to nobody.");
        terminal.WriteLine(studio.Address.AbsoluteUri);
        terminal.Out.Flush();
        if (opensBrowser) OpenBrowser(studio);
        await studio.RunAsync(cancellation);
    }

    private static async Task<StudioServer> StartAsync(StudioOptions options, bool takesFreePort)
    {
        try
        {
            return await StudioServer.StartAsync(options);
        }
        catch (FoveaException) when (takesFreePort)
        {
            return await StudioServer.StartAsync(options with { Port = 0 });
        }
    }

    // The address is printed anyway: where there is no browser, nothing is wrong.
    private static void OpenBrowser(StudioServer studio)
    {
        bool hasScreen = !OperatingSystem.IsLinux() || (Environment.GetEnvironmentVariable("DISPLAY") ?? Environment.GetEnvironmentVariable("WAYLAND_DISPLAY")) is { Length: > 0 };
        if (!hasScreen) return;
        try
        {
            using Process? browser = Process.Start(new ProcessStartInfo(studio.CreateTicket().AbsoluteUri) { UseShellExecute = true });
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
        {
        }
    }
}
