using System.Net;
using System.Net.Sockets;

namespace Fovea.Studio.Tests;

public class PortTests
{
    [Fact]
    public async Task A_port_that_is_taken_is_told_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var (code, error) = await StudioProgram.RefusedAsync("studio", "--port", $"{port}", "--no-browser");
        Assert.Equal(2, code);
        Assert.StartsWith($"fovea: studio: 127.0.0.1 port {port} cannot be listened on: ", error);
        Assert.EndsWith("Use another --port; 0 takes a free one.\n", error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
