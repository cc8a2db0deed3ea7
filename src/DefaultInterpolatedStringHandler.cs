using System.Globalization;
using System.Text;

namespace System.Runtime.CompilerServices;

/// <summary>
/// What the compiler makes strings such as <c>$"at least 1, got {value}"</c> with, in place of its namesake of .NET, which writes numbers as the culture of
/// the thread has them. What Fovea writes is read by other programs and compared by people in other countries: it is the same in every culture. All
/// projects beside this file compile it (Directory.Build.props), so that no text need say so.
/// </summary>
[InterpolatedStringHandler]
internal ref struct DefaultInterpolatedStringHandler
{
    private const int UsualLength = 11;

    private readonly StringBuilder _text;
    private StringBuilder.AppendInterpolatedStringHandler _parts;

    public DefaultInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        _text = new StringBuilder(literalLength + formattedCount * UsualLength);
        _parts = new StringBuilder.AppendInterpolatedStringHandler(literalLength, formattedCount, _text, CultureInfo.InvariantCulture);
    }

    public void AppendLiteral(string value) => _parts.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _parts.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string? format) => _parts.AppendFormatted(value, format);

    public void AppendFormatted<T>(T value, int alignment) => _parts.AppendFormatted(value, alignment);

    public void AppendFormatted<T>(T value, int alignment, string? format) => _parts.AppendFormatted(value, alignment, format);

    public void AppendFormatted(scoped ReadOnlySpan<char> value) => _parts.AppendFormatted(value);

    public readonly string ToStringAndClear() => _text.ToString();
}
