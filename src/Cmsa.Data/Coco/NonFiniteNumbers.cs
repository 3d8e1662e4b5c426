namespace Cmsa.Data.Coco;

/// <summary>
/// Makes JSON of what Python writes for numbers that are none: <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> become
/// an empty list of the same length. In a field that nobody reads they do no harm; in one that is read they are
/// malformed.
/// </summary>
/// <remarks>
/// Outside a text, JSON has no capital letter, so the first one decides. Places in the file stay the same.
/// </remarks>
internal sealed class NonFiniteNumbers
{
    private bool inText;
    private bool escaped;
    private byte last;

    /// <summary>Changes the bytes of a buffer from a position to its end; the byte before may change too.</summary>
    public void Replace(Span<byte> buffer, int from)
    {
        for (var at = from; at < buffer.Length; at++)
        {
            var letter = buffer[at];
            if (inText)
                (escaped, inText) = (!escaped && letter == '\\', escaped || letter != '"');
            else if (letter == '"')
                inText = true;
            else
                buffer[at] = Outside(letter, at > 0 ? buffer[(at - 1)..] : default);
            last = letter;
        }
    }

    // NaN: N opens, a fills, N closes. Infinity: I opens, its small letters fill, y closes.
    private byte Outside(byte letter, Span<byte> before)
    {
        switch ((char)last, (char)letter)
        {
            case ('a', 'N'):
                return (byte)']';
            case (_, 'N'):
                return (byte)'[';
            case ('N', 'a'):
                return (byte)' ';
            case ('-', 'I'):
                if (before.Length > 0)
                    before[0] = (byte)' ';
                return (byte)'[';
            case (_, 'I'):
                return (byte)'[';
            case ('I', 'n') or ('n', 'f') or ('f', 'i') or ('i', 'n') or ('n', 'i') or ('i', 't'):
                return (byte)' ';
            case ('t', 'y'):
                return (byte)']';
            default:
                return letter;
        }
    }
}
