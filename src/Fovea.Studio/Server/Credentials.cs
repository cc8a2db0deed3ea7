using System.Security.Cryptography;
using System.Text;

namespace Fovea.Studio.Server;

/// <summary>What somebody must have to use the studio: the token of its address, and then a cookie. Both live as long as the program.</summary>
internal sealed class Credentials
{
    /// <summary>The name of the token in the address.</summary>
    public const string Parameter = "token";

    // 256 bits.
    private const int Bytes = 32;

    /// <summary>The token.</summary>
    public string Token { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>The value of the cookie, another one: what lies in a browser's history does not open the studio by itself.</summary>
    public string Cookie { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>The name of the cookie. Cookies do not tell ports apart, so their names must.</summary>
    public static string CookieName(int port) => $"fovea-studio-{port}";

    /// <summary>Compares in a time that does not tell where the texts differ.</summary>
    public static bool AreEqual(string? given, string secret) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(secret));
}
