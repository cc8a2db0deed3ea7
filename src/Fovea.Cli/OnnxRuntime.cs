using System.Runtime.InteropServices;
using System.Text;

namespace Fovea.Cli;

/// <summary>
/// ONNX Runtime where the machine has it, by its C interface: a table of functions whose order never changes, only grows. The program does not
/// bring it along, as its native library is larger than everything else together.
/// </summary>
internal sealed unsafe class OnnxRuntime
{
    // Places in the table (OrtApi of onnxruntime_c_api.h).
    private const int GetErrorMessage = 2, CreateEnvironment = 3, CreateSessionFromArray = 8, RunSession = 9, CreateSessionOptions = 10, CreateTensorWithData = 49,
        GetTensorMutableData = 51, GetTensorShapeElementCount = 64, GetTensorTypeAndShape = 65, CreateCpuMemoryInfo = 69, ReleaseEnvironment = 92, ReleaseStatus = 93,
        ReleaseMemoryInfo = 94, ReleaseSession = 95, ReleaseValue = 96, ReleaseTensorTypeAndShape = 99, ReleaseSessionOptions = 100;

    // What the interface calls warnings that are no errors, numbers of 32 bits, and memory of the processor.
    private const int LogErrors = 3, Float = 1, ArenaAllocator = 1, DefaultMemory = 0;

    private readonly nint* _table;

    private OnnxRuntime(nint* table, string version)
    {
        _table = table;
        Version = version;
    }

    /// <summary>Its version.</summary>
    public string Version { get; }

    /// <summary>Loads it.</summary>
    /// <param name="file">Its native library; null looks for it.</param>
    /// <exception cref="FoveaException">It is not there, or is something else.</exception>
    public static OnnxRuntime Load(string? file)
    {
        nint library = 0;
        if (file is not null)
        {
            if (!File.Exists(file)) throw new FoveaException($"--onnxruntime: there is no file {file}. Give the native library of ONNX Runtime: {Name}.");
            if (!NativeLibrary.TryLoad(Path.GetFullPath(file), out library)) throw new FoveaException($"--onnxruntime: {file} cannot be loaded as a native library. Give that of ONNX Runtime, for this kind of machine: {Name}.");
        }
        else if (!Places().Any(place => NativeLibrary.TryLoad(place, out library)))
        {
            throw new FoveaException("--verify: ONNX Runtime is not on this machine. Get it with \"dotnet add package Microsoft.ML.OnnxRuntime\" in any project or with "
                + $"\"pip install onnxruntime\", where it is found, or name its native library: --onnxruntime {Name}.");
        }
        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out nint entry)) throw new FoveaException($"--onnxruntime: {file ?? Name} is not ONNX Runtime: it has no OrtGetApiBase.");
        nint* start = ((delegate* unmanaged<nint*>)entry)();
        nint* table = ((delegate* unmanaged<uint, nint*>)start[0])(1);
        string version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)start[1])()) ?? "";
        return table is not null ? new OnnxRuntime(table, version) : throw new FoveaException($"--onnxruntime: {file ?? Name}, version {version}, does not have the interface that is used here.");
    }

    /// <summary>Makes a graph ready to run.</summary>
    /// <param name="model">The bytes of an ONNX file.</param>
    /// <exception cref="FoveaException">ONNX Runtime refuses the file.</exception>
    public Session Open(byte[] model)
    {
        var session = new Session(this);
        try
        {
            fixed (byte* bytes = model, log = Utf8("fovea"))
            fixed (nint* environment = &session.Environment, options = &session.Options, handle = &session.Handle, memory = &session.Memory)
            {
                Check(((delegate* unmanaged<int, byte*, nint*, nint>)_table[CreateEnvironment])(LogErrors, log, environment));
                Check(((delegate* unmanaged<nint*, nint>)_table[CreateSessionOptions])(options));
                Check(((delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint>)_table[CreateSessionFromArray])(*environment, bytes, (nuint)model.Length, *options, handle));
                Check(((delegate* unmanaged<int, int, nint*, nint>)_table[CreateCpuMemoryInfo])(ArenaAllocator, DefaultMemory, memory));
            }
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>A graph that is ready to run.</summary>
    public sealed class Session(OnnxRuntime runtime) : IDisposable
    {
        internal nint Environment, Options, Handle, Memory;

        /// <summary>What a graph of one input and one output makes of numbers.</summary>
        /// <param name="input">The name of the input, its extents and its numbers.</param>
        /// <param name="output">The name of the output.</param>
        /// <exception cref="FoveaException">The graph does not take the input.</exception>
        public float[] Run((string Name, long[] Shape, float[] Values) input, string output)
        {
            nint* table = runtime._table;
            nint given = 0, result = 0;
            fixed (byte* inputName = Utf8(input.Name), outputName = Utf8(output))
            fixed (float* values = input.Values)
            fixed (long* shape = input.Shape)
            {
                try
                {
                    runtime.Check(((delegate* unmanaged<nint, float*, nuint, long*, nuint, int, nint*, nint>)table[CreateTensorWithData])(
                        Memory, values, (nuint)input.Values.Length * sizeof(float), shape, (nuint)input.Shape.Length, Float, &given));
                    byte* inputs = inputName, outputs = outputName;
                    runtime.Check(((delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)table[RunSession])(Handle, 0, &inputs, &given, 1, &outputs, 1, &result));
                    return runtime.Numbers(result);
                }
                finally
                {
                    runtime.Release(given, ReleaseValue);
                    runtime.Release(result, ReleaseValue);
                }
            }
        }

        public void Dispose()
        {
            runtime.Release(Memory, ReleaseMemoryInfo);
            runtime.Release(Handle, ReleaseSession);
            runtime.Release(Options, ReleaseSessionOptions);
            runtime.Release(Environment, ReleaseEnvironment);
            (Environment, Options, Handle, Memory) = (0, 0, 0, 0);
        }
    }

    private void Release(nint handle, int release)
    {
        if (handle != 0) ((delegate* unmanaged<nint, void>)_table[release])(handle);
    }

    private float[] Numbers(nint value)
    {
        nint description = 0;
        nuint count = 0;
        float* data = null;
        Check(((delegate* unmanaged<nint, nint*, nint>)_table[GetTensorTypeAndShape])(value, &description));
        try
        {
            Check(((delegate* unmanaged<nint, nuint*, nint>)_table[GetTensorShapeElementCount])(description, &count));
        }
        finally
        {
            Release(description, ReleaseTensorTypeAndShape);
        }
        Check(((delegate* unmanaged<nint, float**, nint>)_table[GetTensorMutableData])(value, &data));
        return new ReadOnlySpan<float>(data, (int)count).ToArray();
    }

    private void Check(nint status)
    {
        if (status == 0) return;
        string message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)_table[GetErrorMessage])(status)) ?? "";
        Release(status, ReleaseStatus);
        throw new FoveaException($"--verify: ONNX Runtime {Version} says: {message}");
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static string Name => OperatingSystem.IsWindows() ? "onnxruntime.dll" : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib" : "libonnxruntime.so";

    // Where the loader looks, then where NuGet and pip put it, the newest first.
    private static IEnumerable<string> Places()
    {
        yield return "onnxruntime";
        yield return Name;
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set ? set : Path.Combine(home, ".nuget", "packages");
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string machine = $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        foreach (string version in Folders(Path.Combine(packages, "microsoft.ml.onnxruntime"), "*"))
            yield return Path.Combine(version, "runtimes", machine, "native", Name);
        string[] pythons = [.. ((string[])[Path.Combine(home, ".local", "lib"), "/usr/local/lib", "/usr/lib"]).SelectMany(lib => Folders(lib, "python3*"))];
        foreach (string python in pythons)
        {
            foreach (string packagesOfPython in (string[])["site-packages", "dist-packages"])
            {
                string folder = Path.Combine(python, packagesOfPython, "onnxruntime", "capi");
                if (Directory.Exists(folder)) foreach (string library in Directory.EnumerateFiles(folder, Name + "*").Order()) yield return library;
            }
        }
    }

    private static IEnumerable<string> Folders(string parent, string pattern) =>
        Directory.Exists(parent) ? Directory.EnumerateDirectories(parent, pattern).OrderDescending(StringComparer.Ordinal) : [];
}
