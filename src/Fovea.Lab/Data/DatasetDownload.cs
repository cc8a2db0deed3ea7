using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Fovea.Lab;

/// <summary>
/// Fetches the files of a dataset: from its mirrors in their order, going on where an earlier attempt ended, and checked by their SHA-256. A file
/// has its name only when it is whole; until then it is called NAME.part.
/// </summary>
public static class DatasetDownload
{
    // How long nothing may come.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Fetches what is not there yet, and checks what is.</summary>
    /// <param name="entry">The dataset.</param>
    /// <param name="folder">Where the files go; null for their usual place.</param>
    /// <param name="mirror">An address to fetch from instead of the usual ones.</param>
    /// <param name="progress">Is told of each piece: the file, its bytes so far.</param>
    /// <param name="cancellation">Ends it; what was fetched is kept for the next time.</param>
    /// <returns>The folder, and the bytes that were fetched: 0 where all was there.</returns>
    /// <exception cref="FoveaException">A file cannot be had; the message says why, and how to put it there by hand.</exception>
    public static (string Folder, long Fetched) Get(DatasetEntry entry, string? folder = null, string? mirror = null, Action<DatasetFile, long>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.IsEmbedded) throw new FoveaException($"{entry.Name} comes with the program: there is nothing to get.");
        string target = folder ?? entry.Home;
        string[] addresses = mirror is null ? [.. entry.Mirrors] : [mirror.EndsWith('/') ? mirror : mirror + "/"];
        if (mirror is not null && !(Uri.TryCreate(addresses[0], UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"))
            throw new FoveaException($"expected the address of a folder, as in https://example.org/files/, got \"{mirror}\".");
        // A proxy does not reach this machine's own addresses.
        using var handler = new HttpClientHandler { UseProxy = !addresses.All(address => new Uri(address).IsLoopback) };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("fovea", null));
        long fetched = 0;
        try
        {
            Directory.CreateDirectory(target);
            foreach (DatasetFile file in entry.Files) fetched += Get(client, file, target, addresses, progress, cancellation);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FoveaException($"{target}: the files cannot be written: {exception.Message.TrimEnd('.')}. Make room or the folder writable, or give another --out.", exception);
        }
        return (target, fetched);
    }

    private static long Get(HttpClient client, DatasetFile file, string folder, string[] mirrors, Action<DatasetFile, long>? progress, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, file.Name), part = path + ".part";
        if (File.Exists(path))
        {
            if (IsWhole(path, file)) return 0;
            throw new FoveaException($"{path}: this is not the file that is published ({file.Bytes:N0} bytes, SHA-256 {file.Sha256}). Remove it, and get it anew.");
        }
        long fetched = 0;
        var problems = new List<string>();
        foreach (string mirror in mirrors)
        {
            var address = new Uri(new Uri(mirror), file.Name);
            string? problem;
            try
            {
                (long bytes, problem) = Fetch(client, address, file, part, progress, cancellation);
                fetched += bytes;
            }
            catch (HttpRequestException exception)
            {
                problem = exception.StatusCode is { } status ? $"the answer is {(int)status} {status}" : exception.Message.TrimEnd('.');
            }
            if (problem is null)
            {
                if (IsWhole(part, file))
                {
                    File.Move(part, path);
                    return fetched;
                }
                // Nothing can be gone on with from there.
                File.Delete(part);
                problem = $"what came is another file: its SHA-256 is not {file.Sha256}";
            }
            problems.Add($"{address.Host}: {problem}");
        }
        if (new FileInfo(part) is { Exists: true, Length: 0 } nothing) nothing.Delete();
        string kept = File.Exists(part) ? " What came so far is kept: the next attempt goes on from there." : "";
        throw new FoveaException($"{file.Name} cannot be fetched ({string.Join("; ", problems)}).{kept} Behind a proxy, set HTTPS_PROXY. By hand: fetch {mirrors[0]}{file.Name} "
            + $"({file.Bytes:N0} bytes) somewhere else, put it into {folder}, and run this again to check it.");
    }

    /// <summary>Fetches the rest of a file.</summary>
    /// <returns>The bytes that came, and what is wrong where they are not all.</returns>
    private static (long Fetched, string? Problem) Fetch(HttpClient client, Uri address, DatasetFile file, string part, Action<DatasetFile, long>? progress, CancellationToken cancellation)
    {
        using var output = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        if (output.Length > file.Bytes) output.SetLength(0);
        if (output.Length == file.Bytes) return (0, null);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (output.Length > 0) request.Headers.Range = new RangeHeaderValue(output.Length, null);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        long fetched = 0;
        try
        {
            patience.CancelAfter(s_patience);
            using HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            response.EnsureSuccessStatusCode();
            // Not every server goes on: then it begins anew.
            if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != output.Length) output.SetLength(0);
            output.Seek(0, SeekOrigin.End);
            using Stream content = response.Content.ReadAsStream(patience.Token);
            byte[] buffer = new byte[1 << 16];
            while (true)
            {
                patience.CancelAfter(s_patience);
                int read = Read(content, buffer, patience.Token);
                if (read == 0) break;
                // Of a file that is longer than it should be, no more than shows that.
                if (output.Length + read > file.Bytes) return (fetched, Spoil(output, file));
                output.Write(buffer, 0, read);
                fetched += read;
                progress?.Invoke(file, output.Length);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (fetched, $"nothing came for {s_patience.TotalSeconds:N0} seconds, after {output.Length:N0} bytes");
        }
        catch (HttpIOException)
        {
            return (fetched, Cut(output, file));
        }
        return (fetched, output.Length < file.Bytes ? Cut(output, file) : null);
    }

    private static string Cut(FileStream output, DatasetFile file) => $"the connection ended after {output.Length:N0} of {file.Bytes:N0} bytes";

    private static string Spoil(FileStream output, DatasetFile file)
    {
        output.SetLength(0);
        return $"what comes is longer than {file.Bytes:N0} bytes";
    }

    // A read that can be given up must be an asynchronous one.
    private static int Read(Stream content, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            return content.ReadAsync(buffer, cancellation).AsTask().GetAwaiter().GetResult();
        }
        catch (IOException exception) when (exception is not HttpIOException)
        {
            // Not to be taken for one of the disk's.
            throw new HttpIOException(HttpRequestError.Unknown, exception.Message, exception);
        }
    }

    private static bool IsWhole(string path, DatasetFile file)
    {
        using FileStream stream = File.OpenRead(path);
        return stream.Length == file.Bytes && Convert.ToHexStringLower(SHA256.HashData(stream)) == file.Sha256;
    }
}
