using System.Net;

namespace Fovea.Studio;

/// <summary>Where the studio listens and what it works on.</summary>
public sealed record StudioOptions
{
    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The address; that of this machine alone unless given.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The database of finished runs.</summary>
    public required string Store { get; init; }

    /// <summary>Whether other machines can reach the address.</summary>
    public bool IsOpenToOthers => !IPAddress.IsLoopback(Address);
}
