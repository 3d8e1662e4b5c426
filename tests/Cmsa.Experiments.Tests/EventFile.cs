using System.Buffers.Binary;
using System.Text;

namespace Cmsa.Experiments.Tests;

/// <summary>
/// A reader of TensorBoard's event files, written from the formats' specifications and from no code of the writer: its
/// CRC-32C goes bit by bit over the reflected polynomial of Castagnoli.
/// </summary>
internal static class EventFile
{
    public sealed record Event(double Time, long Step, string Version, IReadOnlyList<(string Tag, float Value)> Scalars);

    public static IReadOnlyList<Event> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var events = new List<Event>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
            Assert.Equal(Masked(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
            var data = bytes.AsSpan(at + 12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
            events.Add(Message(data.ToArray()));
            at += length + 16;
        }
        return events;
    }

    public static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 1 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
        }
        return crc ^ 0xFFFFFFFFu;
    }

    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = Crc(bytes);
        return unchecked((crc >> 15 | crc << 17) + 0xA282EAD8u);
    }

    private static Event Message(byte[] data)
    {
        var fields = Fields(data);
        var summary = fields.Where(f => f.Number == 5).SelectMany(f => Fields(f.Bytes)).Where(f => f.Number == 1);
        return new(
            fields.Where(f => f.Number == 1).Select(f => BitConverter.Int64BitsToDouble((long)f.Value)).Single(),
            fields.Where(f => f.Number == 2).Select(f => (long)f.Value).SingleOrDefault(),
            fields.Where(f => f.Number == 3).Select(f => Encoding.UTF8.GetString(f.Bytes)).SingleOrDefault(""),
            [
                .. summary.Select(v =>
                {
                    var parts = Fields(v.Bytes);
                    return (
                        Encoding.UTF8.GetString(parts.Single(p => p.Number == 1).Bytes),
                        BitConverter.UInt32BitsToSingle((uint)parts.Single(p => p.Number == 2).Value)
                    );
                }),
            ]
        );
    }

    private static List<(int Number, ulong Value, byte[] Bytes)> Fields(byte[] data)
    {
        var (fields, at) = (new List<(int, ulong, byte[])>(), 0);
        while (at < data.Length)
        {
            var key = Varint();
            var number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    fields.Add((number, Varint(), []));
                    break;
                case 1:
                    fields.Add((number, BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(at)), []));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint();
                    fields.Add((number, 0, data[at..(at + length)]));
                    at += length;
                    break;
                case 5:
                    fields.Add((number, BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(at)), []));
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"wire type {key & 7}");
            }
        }
        return fields;

        ulong Varint()
        {
            var value = 0ul;
            for (var shift = 0; ; shift += 7)
            {
                var one = data[at++];
                value |= (ulong)(one & 0x7F) << shift;
                if (one < 0x80)
                    return value;
            }
        }
    }
}
