using System.Security.Cryptography;
using System.Text;

namespace Fovea.Studio.Server;

/// <summary>
/// What somebody must have to use the studio: the token of its address or a ticket, and then a cookie. Token and cookie live as long as the program. A
/// ticket is for a browser that the program itself opens: an address that is handed over stays in the list of processes and in the browser's history.
/// </summary>
internal sealed class Credentials(TimeProvider time)
{
    /// <summary>The name of the token in the address.</summary>
    public const string Parameter = "token";

    /// <summary>The name of a ticket in the address.</summary>
    public const string TicketParameter = "ticket";

    // 256 bits.
    private const int Bytes = 32;

    // What a browser takes to start, on a slow machine.
    private static readonly TimeSpan s_ticketLife = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private string? _ticket;
    private long _issued;

    /// <summary>The token.</summary>
    public string Token { get; } = Secret();

    /// <summary>The value of the cookie, another one: what lies in a browser's history does not open the studio by itself.</summary>
    public string Cookie { get; } = Secret();

    /// <summary>Makes a ticket that takes the place of the one before. It is good once, for a minute.</summary>
    public string Issue()
    {
        lock (_lock) (_ticket, _issued) = (Secret(), time.GetTimestamp());
        return _ticket;
    }

    /// <summary>Whether a ticket is good; it is no longer afterwards.</summary>
    public bool Redeem(string? given)
    {
        lock (_lock)
        {
            if (_ticket is null || !AreEqual(given, _ticket)) return false;
            _ticket = null;
            return time.GetElapsedTime(_issued) <= s_ticketLife;
        }
    }

    /// <summary>The name of the cookie. Cookies do not tell ports apart, so their names must.</summary>
    public static string CookieName(int port) => $"fovea-studio-{port}";

    /// <summary>Compares in a time that does not tell where the texts differ.</summary>
    public static bool AreEqual(string? given, string secret) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(secret));

    private static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
}
