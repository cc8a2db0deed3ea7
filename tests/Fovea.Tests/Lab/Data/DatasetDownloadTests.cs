using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Fovea.Lab;

namespace Fovea.Tests;

public sealed class DatasetDownloadTests : IDisposable
{
    private static readonly byte[] s_content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31 % 251))];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static DatasetEntry Entry(params string[] mirrors) => new("little", "a test", new Shape(1, 1, 1), ["a", "b"], 1, 1, Normalization.None, "nobody", "none")
    {
        Mirrors = mirrors,
        Files = [new DatasetFile("data.bin", s_content.Length, Convert.ToHexStringLower(SHA256.HashData(s_content)))],
    };

    private string Refusal(DatasetEntry entry) => Assert.Throws<FoveaException>(() => DatasetDownload.Get(entry, _folder.Path)).Message;

    private void AssertWhole()
    {
        Assert.Equal(s_content, File.ReadAllBytes(_folder["data.bin"]));
        Assert.Equal(["data.bin"], Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_file_is_fetched_and_then_only_checked()
    {
        using var server = new Server(s_content);
        long seen = 0;
        Assert.Equal((_folder.Path, s_content.Length), DatasetDownload.Get(Entry(server.Address), _folder.Path, progress: (_, bytes) => seen = bytes));
        Assert.Equal(s_content.Length, seen);
        AssertWhole();
        Assert.Equal((_folder.Path, 0), DatasetDownload.Get(Entry(server.Address), _folder.Path));
        Assert.Single(server.Requests);
        // What was put there by hand is checked in the same way.
        File.WriteAllBytes(_folder["data.bin"], s_content[1..]);
        Assert.StartsWith($"{_folder["data.bin"]}: this is not the file that is published (100,000 bytes, SHA-256 ", Refusal(Entry(server.Address)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_interrupted_fetch_goes_on_where_it_ended(bool canGoOn)
    {
        using var broken = new Server(s_content) { EndsAfter = 40_000 };
        string message = Refusal(Entry(broken.Address));
        Assert.StartsWith("data.bin cannot be fetched (127.0.0.1: the connection ended after 40,000 of 100,000 bytes). What came so far is kept: the next attempt goes on from there.", message);
        Assert.Contains($"By hand: fetch {broken.Address}data.bin (100,000 bytes) somewhere else, put it into {_folder.Path}, and run this again to check it.", message);
        Assert.Equal(["data.bin.part"], Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName));
        using var server = new Server(s_content) { KnowsRanges = canGoOn };
        Assert.Equal(canGoOn ? 60_000 : 100_000, DatasetDownload.Get(Entry(server.Address), _folder.Path).Fetched);
        AssertWhole();
        Assert.Contains("Range: bytes=40000-", server.Requests[0]);
    }

    [Fact]
    public void Mirrors_are_tried_in_their_order()
    {
        using var missing = new Server(s_content) { Status = "404 Not Found" };
        using var wrong = new Server([.. s_content.Reverse()]);
        using var longer = new Server([.. s_content, 1]);
        using var server = new Server(s_content);
        Assert.Equal("data.bin cannot be fetched (127.0.0.1: the answer is 404 NotFound; 127.0.0.1: what came is another file: its SHA-256 is not "
            + $"{Entry().Files[0].Sha256}; 127.0.0.1: what comes is longer than 100,000 bytes).", Refusal(Entry(missing.Address, wrong.Address, longer.Address)).Split(" Behind")[0].Split(" What")[0]);
        DatasetDownload.Get(Entry(missing.Address, wrong.Address, server.Address), _folder.Path);
        AssertWhole();
    }

    [Fact]
    public void Without_a_network_it_is_said_where_to_put_the_file()
    {
        // A port that nobody listens to.
        string address;
        using (var server = new Server(s_content)) address = server.Address;
        Assert.Matches(@"^data\.bin cannot be fetched \(127\.0\.0\.1: .*refused.*\)\. Behind a proxy, set HTTPS_PROXY\. By hand: fetch http://127\.0\.0\.1:\d+/data\.bin \(100,000 bytes\) somewhere else, put it into .*, and run this again to check it\.$",
            Refusal(Entry(address)));
        Assert.StartsWith("expected the address of a folder, as in https://example.org/files/, got \"ftp://x\".",
            Assert.Throws<FoveaException>(() => DatasetDownload.Get(Entry(address), _folder.Path, mirror: "ftp://x")).Message);
        string file = _folder["file"];
        File.WriteAllText(file, "");
        Assert.StartsWith($"{file}: the files cannot be written: ", Assert.Throws<FoveaException>(() => DatasetDownload.Get(Entry(address), file)).Message);
    }

    [Fact]
    public void A_command_gets_from_another_address_and_says_so()
    {
        CommandLineRun.AssertRefused("there is no dataset \"cifar10\" to get. Did you mean cifar-10?", "data", "get", "cifar10");
        Assert.Equal("mnist comes with the program: there is nothing to get\n", CommandLineRun.OutputOf("data", "get", "mnist"));
        using var server = new Server(s_content);
        CommandLineRun.AssertRefused("cifar-10-binary.tar.gz cannot be fetched (127.0.0.1: the connection ended after 100,000 of 170,052,171 bytes).",
            "data", "get", "cifar-10", "--out", _folder.Path, "--mirror", server.Address);
        Assert.Equal(["cifar-10-binary.tar.gz.part"], Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName));
    }

    /// <summary>A web server of one file, in as much of HTTP as a fetch takes.</summary>
    private sealed class Server : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly byte[] _content;

        public Server(byte[] content)
        {
            _content = content;
            _listener.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";
            _ = Task.Run(async () =>
            {
                while (true) Answer(await _listener.AcceptTcpClientAsync());
            });
        }

        public string Address { get; }

        public string Status { get; init; } = "200 OK";

        public int EndsAfter { get; init; } = int.MaxValue;

        public bool KnowsRanges { get; init; } = true;

        public List<string> Requests { get; } = [];

        public void Dispose() => _listener.Dispose();

        private void Answer(TcpClient client)
        {
            using (client)
            {
                NetworkStream stream = client.GetStream();
                using var reader = new StreamReader(stream, leaveOpen: true);
                var request = new StringBuilder();
                while (reader.ReadLine() is { Length: > 0 } line) request.Append(line).Append('\n');
                Requests.Add(request.ToString());
                int start = 0;
                string status = Status;
                if (KnowsRanges && request.ToString().Split("bytes=") is [_, var range])
                {
                    start = int.Parse(range.Split('-')[0], System.Globalization.CultureInfo.InvariantCulture);
                    status = $"206 Partial Content\r\nContent-Range: bytes {start}-{_content.Length - 1}/{_content.Length}";
                }
                stream.Write(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {_content.Length - start}\r\nConnection: close\r\n\r\n"));
                stream.Write(_content.AsSpan(start, Math.Min(_content.Length - start, EndsAfter)));
            }
        }
    }
}
