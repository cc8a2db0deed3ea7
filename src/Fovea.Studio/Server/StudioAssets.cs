using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fovea.Studio.Server;

/// <summary>Style sheet, scripts and icon, from the assembly itself. Their addresses hold a digest of what they are, so that a browser keeps them.</summary>
internal sealed class StudioAssets
{
    private const string Prefix = "assets/";

    private readonly Dictionary<string, Asset> _assets = [];

    public StudioAssets()
    {
        foreach (string name in typeof(StudioAssets).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using Stream stream = typeof(StudioAssets).Assembly.GetManifestResourceStream(name)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            Add(name[Prefix.Length..], bytes);
        }
        Add("derivation.css", Encoding.UTF8.GetBytes(Derivation.HtmlStyle));
    }

    private void Add(string file, byte[] bytes)
    {
        byte[] digest = SHA256.HashData(bytes);
        string path = $"/{Prefix}{Convert.ToHexStringLower(digest)[..16]}/{file}";
        _assets.Add(file, new Asset(path, $"sha256-{Convert.ToBase64String(digest)}", Type(file), bytes));
    }

    /// <summary>The address of a file.</summary>
    public string Path(string file) => _assets[file].Path;

    /// <summary>What the browser is to find in it.</summary>
    public string Integrity(string file) => _assets[file].Integrity;

    /// <summary>Serves them; a path is looked up among these names and nowhere else.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (Asset asset in _assets.Values)
        {
            routes.MapGet(asset.Path, (HttpContext context) =>
            {
                context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
                return Results.Bytes(asset.Bytes, asset.Type);
            });
        }
    }

    private static string Type(string file) => System.IO.Path.GetExtension(file) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };

    private sealed record Asset(string Path, string Integrity, string Type, byte[] Bytes);
}
