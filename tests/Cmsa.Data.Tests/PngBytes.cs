using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Cmsa.Data.Tests;

/// <summary>PNG files byte by byte, also wrong ones that no encoder writes.</summary>
internal static class PngBytes
{
    public static byte[] Of(int height, int width, int bits, int colour, byte[] rows, byte[]? palette = null) =>
        File([
            Chunk("IHDR", Header(height, width, bits, colour)),
            .. palette is null ? [] : (byte[][])[Chunk("PLTE", palette)],
            Chunk("IDAT", Deflated(rows)),
            Chunk("IEND", []),
        ]);

    public static byte[] File(params byte[][] chunks) =>
        [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, .. chunks.SelectMany(chunk => chunk)];

    public static byte[] Header(int height, int width, int bits, int colour, bool interlaced = false) =>
        [.. Big(width), .. Big(height), (byte)bits, (byte)colour, 0, 0, (byte)(interlaced ? 1 : 0)];

    public static byte[] Chunk(string type, byte[] data)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(type), .. data];
        return [.. Big(data.Length), .. named, .. Big((int)Crc(named))];
    }

    public static byte[] Deflated(byte[] data)
    {
        using var file = new MemoryStream();
        using (var deflated = new ZLibStream(file, CompressionLevel.Optimal, leaveOpen: true))
            deflated.Write(data);
        return file.ToArray();
    }

    private static byte[] Big(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private static uint Crc(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xedb88320 ^ (crc >> 1) : crc >> 1;
        }
        return ~crc;
    }
}
