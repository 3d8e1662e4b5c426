using System.Buffers.Binary;
using LanguageExt;

namespace Cmsa.Data.Pictures;

/// <summary>
/// Checks a JPEG file before it is decoded: that its segments and scans are whole up to the end-of-image marker. The
/// decoder leaves the missing part of a cut-off picture grey without a word. (ITU-T T.81, annex B.)
/// </summary>
internal static class JpegStructure
{
    private const byte EndOfImage = 0xD9,
        StartOfScan = 0xDA;

    // A block of 64 values takes at least one bit; at most two components are sampled a fourth as often as the picture.
    private const long MostPixelsPerByte = 8 * 64 * 4;

    /// <summary>The signature of JPEG files.</summary>
    public static ReadOnlySpan<byte> Signature => [0xFF, 0xD8, 0xFF];

    /// <summary>
    /// The size of the picture; an error where the file is cut off or damaged, or the picture is too large.
    /// </summary>
    /// <param name="file">The bytes of the file, which begin with the signature.</param>
    /// <param name="where">Names the file in the error.</param>
    /// <param name="mostPixels">How many pixels the picture may have.</param>
    public static Either<Error, PictureSize> Inspect(ReadOnlySpan<byte> file, string where, long mostPixels)
    {
        var (at, size, coded) = (2, default(PictureSize), 0L);
        while (true)
        {
            if (!Marker(file, ref at, out var marker))
                return at >= file.Length
                    ? PictureSize.CutOff(where)
                    : PictureSize.Damaged($"no marker at byte {at}", where);
            if (marker == EndOfImage)
                break;
            if (file.Length - at < 2)
                return PictureSize.CutOff(where);
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (length > file.Length - at)
                return PictureSize.CutOff(where);
            if (IsFrame(marker) && length >= 8)
                size = new(
                    BinaryPrimitives.ReadUInt16BigEndian(file[(at + 3)..]),
                    BinaryPrimitives.ReadUInt16BigEndian(file[(at + 5)..])
                );
            at += length;
            if (marker == StartOfScan)
                coded += Skip(file, ref at);
        }
        var filled = size.Pixels <= coded * MostPixelsPerByte;
        return size.Checked(where, mostPixels)
            .Bind(whole =>
                filled ? (Either<Error, PictureSize>)whole : PictureSize.Damaged("it has less data than pixels", where)
            );
    }

    // Frames of any coding; three of the numbers between them are tables.
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    // A marker is 0xFF and a number; any count of 0xFF may come before.
    private static bool Marker(ReadOnlySpan<byte> file, ref int at, out byte marker)
    {
        marker = 0;
        if (at < file.Length && file[at] != 0xFF)
            return false;
        while (at < file.Length && file[at] == 0xFF)
            at++;
        if (at >= file.Length)
            return false;
        marker = file[at++];
        return true;
    }

    // The coded bytes of a scan, up to the next marker that is not part of it.
    private static long Skip(ReadOnlySpan<byte> file, ref int at)
    {
        var start = at;
        while (at < file.Length)
        {
            var next = file[at..].IndexOf((byte)0xFF);
            if (next < 0)
            {
                at = file.Length;
                break;
            }
            at += next;
            // A stuffed 0 or a restart marker belongs to the scan; a second 0xFF only fills.
            if (at + 1 >= file.Length || file[at + 1] is not (0 or (>= 0xD0 and <= 0xD7) or 0xFF))
                break;
            at += file[at + 1] == 0xFF ? 1 : 2;
        }
        return at - start;
    }
}
