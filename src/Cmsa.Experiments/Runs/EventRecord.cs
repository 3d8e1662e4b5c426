using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Cmsa.Experiments.Runs;

/// <summary>
/// The records of a TensorBoard event file: TFRecord frames (length, masked CRC-32C, data, masked CRC-32C; little
/// endian) around <c>Event</c> messages of Protocol Buffers. Fields: <c>Event</c> has wall_time = 1, step = 2,
/// file_version = 3, summary = 5; <c>Summary</c> has value = 1; <c>Value</c> has tag = 1, simple_value = 2.
/// </summary>
internal static class EventRecord
{
    private const int Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5;

    /// <summary>The first record of a file.</summary>
    public static byte[] Header(double time) => Framed([.. Double(1, time), .. Text(3, "brain.Event:2")]);

    /// <summary>The record of some numbers of a step.</summary>
    /// <param name="time">Seconds since 1970.</param>
    /// <param name="step">The step.</param>
    /// <param name="scalars">The numbers with their tags.</param>
    public static byte[] Scalars(double time, int step, IEnumerable<(string Tag, double Value)> scalars)
    {
        byte[] summary = [.. scalars.SelectMany(s => Block(1, [.. Text(1, s.Tag), .. Single(2, (float)s.Value)]))];
        return Framed([.. Double(1, time), .. Key(2, Varint), .. Number((ulong)step), .. Block(5, summary)]);
    }

    /// <summary>The CRC-32C of some bytes, masked as TFRecord masks it.</summary>
    public static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
            crc = BitOperations.Crc32C(crc, one);
        return unchecked(BitOperations.RotateRight(~crc, 15) + 0xA282EAD8u);
    }

    private static byte[] Framed(byte[] data)
    {
        var frame = new byte[data.Length + 16];
        BinaryPrimitives.WriteUInt64LittleEndian(frame, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(8), MaskedCrc(frame.AsSpan(0, 8)));
        data.CopyTo(frame, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(12 + data.Length), MaskedCrc(data));
        return frame;
    }

    private static byte[] Double(int field, double value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return [.. Key(field, Fixed64), .. bytes];
    }

    private static byte[] Single(int field, float value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return [.. Key(field, Fixed32), .. bytes];
    }

    private static byte[] Text(int field, string text) => Block(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Block(int field, byte[] content) =>
        [.. Key(field, Bytes), .. Number((ulong)content.Length), .. content];

    private static byte[] Key(int field, int wire) => Number((ulong)(field << 3 | wire));

    private static byte[] Number(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
