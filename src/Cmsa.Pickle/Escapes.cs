using System.Globalization;
using System.Text;

namespace Cmsa.Pickle;

/// <summary>
/// How Python writes text inside a pickle: each function gives the text, or null where it is malformed.
/// </summary>
internal static class Escapes
{
    private static readonly UTF8Encoding Strict = new(false, true);

    /// <summary>UTF-8 in which lone surrogates are allowed (Python's <c>surrogatepass</c>).</summary>
    public static string? Utf8(ReadOnlySpan<byte> bytes, bool surrogates = true)
    {
        // Asking first is cheaper than an exception, and bytes that are not text are expected.
        if (System.Text.Unicode.Utf8.IsValid(bytes))
            return Strict.GetString(bytes);
        if (!surrogates)
            return null;
        var text = new StringBuilder(bytes.Length);
        for (var i = 0; i < bytes.Length;)
        {
            if (
                bytes.Length - i >= 3
                && bytes[i] == 0xed
                && bytes[i + 1] is >= 0xa0 and <= 0xbf
                && bytes[i + 2] is >= 0x80 and <= 0xbf
            )
            {
                text.Append((char)(0xd000 | (bytes[i + 1] & 0x3f) << 6 | bytes[i + 2] & 0x3f));
                i += 3;
            }
            else if (Rune.DecodeFromUtf8(bytes[i..], out var rune, out var used) == System.Buffers.OperationStatus.Done)
            {
                Append(text, rune);
                i += used;
            }
            else
                return null;
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, Rune rune)
    {
        Span<char> characters = stackalloc char[2];
        text.Append(characters[..rune.EncodeToUtf16(characters)]);
    }

    /// <summary>
    /// Python's <c>raw-unicode-escape</c>: latin1, with \uXXXX and \UXXXXXXXX after an odd number of backslashes.
    /// </summary>
    public static string? RawUnicode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOf((byte)'\\') < 0)
            return Encoding.Latin1.GetString(bytes);
        var text = new StringBuilder(bytes.Length);
        for (var i = 0; i < bytes.Length;)
        {
            if (bytes[i] != '\\')
            {
                text.Append((char)bytes[i++]);
                continue;
            }
            var run = 0;
            while (i < bytes.Length && bytes[i] == '\\')
                (run, i) = (run + 1, i + 1);
            var digits =
                run % 2 == 0 || i == bytes.Length
                    ? 0
                    : bytes[i] switch
                    {
                        (byte)'u' => 4,
                        (byte)'U' => 8,
                        _ => 0,
                    };
            text.Append('\\', digits == 0 ? run : run - 1);
            if (digits == 0)
                continue;
            if (Hex(bytes, i + 1, digits) is not { } code || code > 0x10ffff)
                return null;
            if (code >= 0x10000)
                Append(text, new Rune(code));
            else
                text.Append((char)code);
            i += 1 + digits;
        }
        return text.ToString();
    }

    /// <summary>The bytes of a quoted Python 2 string, as <c>repr</c> writes it.</summary>
    public static byte[]? Quoted(ReadOnlySpan<byte> line)
    {
        var trimmed = line.Trim((byte)' ');
        if (trimmed.Length < 2 || trimmed[0] is not ((byte)'\'' or (byte)'"') || trimmed[^1] != trimmed[0])
            return null;
        var bytes = trimmed[1..^1];
        if (bytes.IndexOf((byte)'\\') < 0)
            return bytes.ToArray();
        var plain = new List<byte>(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '\\')
            {
                plain.Add(bytes[i]);
                continue;
            }
            if (++i == bytes.Length)
                return null;
            switch ((char)bytes[i])
            {
                case '\n':
                    break;
                case '\\' or '\'' or '"':
                    plain.Add(bytes[i]);
                    break;
                case 'a':
                    plain.Add(7);
                    break;
                case 'b':
                    plain.Add(8);
                    break;
                case 't':
                    plain.Add(9);
                    break;
                case 'n':
                    plain.Add(10);
                    break;
                case 'v':
                    plain.Add(11);
                    break;
                case 'f':
                    plain.Add(12);
                    break;
                case 'r':
                    plain.Add(13);
                    break;
                case 'x':
                    if (Hex(bytes, i + 1, 2) is not { } hex)
                        return null;
                    plain.Add((byte)hex);
                    i += 2;
                    break;
                case >= '0' and <= '7':
                    var octal = bytes[i] - '0';
                    for (
                        var more = 0;
                        more < 2 && i + 1 < bytes.Length && bytes[i + 1] is >= (byte)'0' and <= (byte)'7';
                        more++
                    )
                        octal = octal * 8 + bytes[++i] - '0';
                    plain.Add((byte)octal);
                    break;
                default:
                    plain.Add((byte)'\\');
                    plain.Add(bytes[i]);
                    break;
            }
        }
        return [.. plain];
    }

    private static int? Hex(ReadOnlySpan<byte> bytes, int start, int digits) =>
        start + digits <= bytes.Length
        && int.TryParse(
            bytes.Slice(start, digits),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out var code
        )
        && code >= 0
            ? code
            : null;
}
