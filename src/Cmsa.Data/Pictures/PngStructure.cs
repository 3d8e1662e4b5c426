using System.Buffers.Binary;
using System.IO.Compression;
using LanguageExt;

namespace Cmsa.Data.Pictures;

/// <summary>
/// Checks a PNG file before it is decoded: that its chunks are whole up to the last one, and that its data fill the
/// picture. The decoder leaves missing rows black without a word. (W3C, Portable Network Graphics, third edition.)
/// </summary>
internal static class PngStructure
{
    // Deflate makes at most 1032 bytes of one.
    private const long MostGrowth = 1032;

    // The passes of an interlaced picture: first column and row, and the steps.
    private static readonly (int X, int Y, int AcrossStep, int DownStep)[] Passes =
    [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ];

    /// <summary>The signature of PNG files.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>
    /// The size of the picture; an error where the file is cut off or damaged, or the picture is too large.
    /// </summary>
    /// <param name="file">The bytes of the file, which begin with the signature.</param>
    /// <param name="where">Names the file in the error.</param>
    /// <param name="mostPixels">How many pixels the picture may have.</param>
    public static Either<Error, PictureSize> Inspect(byte[] file, string where, long mostPixels)
    {
        var (at, header, parts) = (Signature.Length, default(Header), new List<ArraySegment<byte>>());
        while (true)
        {
            if (file.Length - at < 12)
                return PictureSize.CutOff(where);
            var length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
                return PictureSize.CutOff(where);
            var type = file.AsSpan(at + 4, 4);
            var data = new ArraySegment<byte>(file, at + 8, (int)length);
            if (type.SequenceEqual("IHDR"u8) && data.Count == 13)
                header = Header.Of(data);
            else if (type.SequenceEqual("IDAT"u8))
                parts.Add(data);
            else if (type.SequenceEqual("IEND"u8))
                break;
            at += 12 + (int)length;
        }
        return header.Size.Checked(where, mostPixels).Bind(size => Filled(header, parts, where).Map(_ => size));
    }

    private static Either<Error, Unit> Filled(Header header, List<ArraySegment<byte>> parts, string where)
    {
        var needed = header.Bytes;
        if (needed > MostGrowth * parts.Sum(part => (long)part.Count))
            return PictureSize.Damaged("it has less data than pixels", where);
        try
        {
            using var inflated = new ZLibStream(new Joined(parts), CompressionMode.Decompress);
            var buffer = new byte[1 << 16];
            while (needed > 0)
            {
                var read = inflated.Read(buffer, 0, (int)Math.Min(needed, buffer.Length));
                if (read == 0)
                    return PictureSize.Damaged("it has less data than pixels", where);
                needed -= read;
            }
            return Unit.Default;
        }
        // The bytes are in memory, so an IOException is zlib's: a type that .NET does not show.
        catch (Exception wrong) when (wrong is InvalidDataException or IOException)
        {
            return PictureSize.Damaged($"its data cannot be inflated: {wrong.Message}", where);
        }
    }

    /// <summary>What the header says.</summary>
    private readonly record struct Header(PictureSize Size, int BitsPerPixel, bool Interlaced)
    {
        public static Header Of(ReadOnlySpan<byte> data)
        {
            var width = BinaryPrimitives.ReadInt32BigEndian(data);
            var height = BinaryPrimitives.ReadInt32BigEndian(data[4..]);
            // Colour types: grey, (none), colour, palette, grey and alpha, (none), colour and alpha.
            int[] channels = [1, 0, 3, 1, 2, 0, 4];
            return new(new(height, width), data[8] * channels[Math.Min((int)data[9], 6)], data[12] == 1);
        }

        /// <summary>
        /// How many bytes the data have when inflated: a filter byte and the pixels of each row of each pass.
        /// </summary>
        public long Bytes
        {
            get
            {
                var (size, bits) = (Size, BitsPerPixel);
                return Interlaced
                    ? Passes.Sum(pass =>
                        Rows(
                            (size.Height - pass.Y + pass.DownStep - 1) / pass.DownStep,
                            (size.Width - pass.X + pass.AcrossStep - 1) / pass.AcrossStep,
                            bits
                        )
                    )
                    : Rows(size.Height, size.Width, bits);
            }
        }

        private static long Rows(long height, long width, int bits) =>
            width == 0 ? 0 : height * (1 + (width * bits + 7) / 8);
    }

    /// <summary>Reads chunks of data one after the other.</summary>
    private sealed class Joined(List<ArraySegment<byte>> parts) : Stream
    {
        private int part,
            at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            while (part < parts.Count && at == parts[part].Count)
                (part, at) = (part + 1, 0);
            if (part == parts.Count)
                return 0;
            var taken = Math.Min(buffer.Length, parts[part].Count - at);
            parts[part].AsSpan(at, taken).CopyTo(buffer);
            at += taken;
            return taken;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
