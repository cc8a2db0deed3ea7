using System.Net;
using System.Net.NetworkInformation;

namespace Fovea.Studio.Server;

/// <summary>The names under which the studio may be called: a page of another name that leads here is not answered.</summary>
internal sealed class AllowedHosts
{
    private HashSet<string> _hosts = [];

    /// <summary>The one that is printed.</summary>
    public string Preferred { get; private set; } = "";

    /// <summary>The port that is listened on.</summary>
    public int Port { get; private set; }

    /// <summary>Sets the names when the port is known.</summary>
    public void Set(IPAddress address, int port)
    {
        bool isAny = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        List<string> names = [Name(address)];
        if (IPAddress.IsLoopback(address) || isAny) names.AddRange(["127.0.0.1", "[::1]", "localhost"]);
        if (isAny)
        {
            names.Add(Dns.GetHostName());
            names.AddRange(NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(own => Name(own.Address)));
        }
        Preferred = $"{(isAny ? Dns.GetHostName() : names[0])}:{port}";
        Port = port;
        _hosts = new HashSet<string>(names.Select(name => $"{name}:{port}"), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether a Host header, which has the port, is one of the names.</summary>
    public bool Contains(string? host) => host is not null && _hosts.Contains(host);

    private static string Name(IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
        ? $"[{new IPAddress(address.GetAddressBytes())}]" : address.ToString();
}
