using System.Buffers.Binary;
using System.Text;

namespace Cmsa.Pickle;

/// <summary>
/// The bytes of a pickle, read from front to back. Whatever reaches past the end is empty, and sets
/// <see cref="Wrong"/>.
/// </summary>
internal sealed class PickleBytes(ReadOnlyMemory<byte> data, int start)
{
    /// <summary>The offset of the next byte.</summary>
    public int Position { get; private set; } = start;

    /// <summary>How many bytes are left.</summary>
    public int Left => data.Length - Position;

    /// <summary>The first thing wrong with the bytes; null if nothing is.</summary>
    public string? Wrong { get; private set; }

    /// <summary>Whether the data ended too early.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The next bytes.</summary>
    public ReadOnlyMemory<byte> Take(long length)
    {
        if (Wrong is not null)
            return default;
        if (length < 0)
        {
            Wrong = $"a length of {length}";
            return default;
        }
        if (length > Left)
        {
            Wrong = $"ends before it is complete: {length} bytes are needed, {Left} are left";
            IsCut = true;
            return default;
        }
        var taken = data.Slice(Position, (int)length);
        Position += (int)length;
        return taken;
    }

    /// <summary>The next line, without its end.</summary>
    public ReadOnlyMemory<byte> Line()
    {
        var length = data.Span[Position..].IndexOf((byte)'\n');
        if (length < 0)
        {
            Wrong ??= "ends before it is complete: a line has no end";
            IsCut = true;
            return default;
        }
        var line = Take(length);
        Take(1);
        return line;
    }

    /// <summary>The next line, as Latin-1.</summary>
    public string Text() => Encoding.Latin1.GetString(Line().Span);

    /// <summary>The next byte.</summary>
    public byte U8() => Take(1) is { Length: 1 } one ? one.Span[0] : (byte)0;

    /// <summary>The next two bytes.</summary>
    public ushort U16() => Take(2) is { Length: 2 } two ? BinaryPrimitives.ReadUInt16LittleEndian(two.Span) : (ushort)0;

    /// <summary>The next four bytes.</summary>
    public int I32() => Take(4) is { Length: 4 } four ? BinaryPrimitives.ReadInt32LittleEndian(four.Span) : 0;

    /// <summary>The next four bytes.</summary>
    public uint U32() => Take(4) is { Length: 4 } four ? BinaryPrimitives.ReadUInt32LittleEndian(four.Span) : 0;

    /// <summary>The next eight bytes.</summary>
    public long I64() => Take(8) is { Length: 8 } eight ? BinaryPrimitives.ReadInt64LittleEndian(eight.Span) : 0;

    /// <summary>The next eight bytes, big-endian.</summary>
    public double F64() => Take(8) is { Length: 8 } eight ? BinaryPrimitives.ReadDoubleBigEndian(eight.Span) : 0;
}
