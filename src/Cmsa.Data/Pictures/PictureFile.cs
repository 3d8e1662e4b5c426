using LanguageExt;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Pictures;

/// <summary>Reads JPEG and PNG files, and writes PNG files. No other file knows the library behind them.</summary>
public static class PictureFile
{
    private static readonly Configuration Formats = new(new JpegConfigurationModule(), new PngConfigurationModule())
    {
        // Pictures are read by several threads already.
        MaxDegreeOfParallelism = 1,
        MemoryAllocator = MemoryAllocator.Create(
            new() { MaximumPoolSizeMegabytes = 64, AllocationLimitMegabytes = 1024 }
        ),
    };

    /// <summary>
    /// The picture in the bytes of a JPEG or PNG file, turned as its EXIF orientation says: as a viewer shows it.
    /// Colours are not converted by colour profiles, 16 bits become 8, and transparency is dropped. An error where the
    /// bytes are no picture, the picture is cut off or damaged, or it has more than 100 megapixels.
    /// </summary>
    /// <param name="file">The bytes of the file.</param>
    /// <param name="where">Names the file in the error.</param>
    public static Either<Error, Picture> Decode(byte[] file, string where) =>
        Decode(file, where, PictureSize.MostPixels, _ => true);

    /// <summary>The same for a picture of at most some pixels: a larger one is an error before it is decoded.</summary>
    /// <param name="file">The bytes of the file.</param>
    /// <param name="where">Names the file in the error.</param>
    /// <param name="mostPixels">How many pixels the picture may have; never more than 100 megapixels.</param>
    public static Either<Error, Picture> Decode(byte[] file, string where, long mostPixels) =>
        Decode(file, where, Math.Min(mostPixels, PictureSize.MostPixels), _ => true);

    /// <summary>Whether an error of <see cref="Decode(byte[], string, long)"/> says that the picture has too many pixels.</summary>
    public static bool IsTooLarge(Error error) => PictureSize.IsTooLarge(error);

    /// <summary>
    /// The picture in a file; an error where there is no such file, or as <see cref="Decode(byte[], string)"/> has
    /// them.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    public static Either<Error, Picture> Read(string path) => FileReader.Bytes(path).Bind(file => Decode(file, path));

    /// <summary>
    /// The picture in a file whose annotations are for a known size: as a viewer shows it, unless only the picture as
    /// stored has that size. (Some annotation tools ignore the orientation.)
    /// </summary>
    internal static Either<Error, Picture> Read(string path, PictureSize annotated) =>
        FileReader.Bytes(path).Bind(file => Decode(file, path, PictureSize.MostPixels, upright => upright == annotated));

    /// <summary>
    /// The bytes of a PNG file, from which <see cref="Decode(byte[], string)"/> makes the same picture again.
    /// </summary>
    public static byte[] Png(Picture picture)
    {
        using var image = Image.LoadPixelData<Rgb24>(Formats, picture.Rgb, picture.Width, picture.Height);
        using var file = new MemoryStream();
        image.Save(file, new PngEncoder { ColorType = PngColorType.Rgb, BitDepth = PngBitDepth.Bit8 });
        return file.ToArray();
    }

    // The picture turned upright if its size then fits, else as stored.
    private static Either<Error, Picture> Decode(
        byte[] file,
        string where,
        long mostPixels,
        Func<PictureSize, bool> fits
    ) => Inspect(file, where, mostPixels).Bind(stored => Decoded(file, where, stored, fits));

    private static Either<Error, PictureSize> Inspect(byte[] file, string where, long mostPixels)
    {
        if (file.AsSpan().StartsWith(PngStructure.Signature))
            return PngStructure.Inspect(file, where, mostPixels);
        if (file.AsSpan().StartsWith(JpegStructure.Signature))
            return JpegStructure.Inspect(file, where, mostPixels);
        return new Error("not a picture that can be read", where, "pictures are JPEG or PNG files");
    }

    private static Either<Error, Picture> Decoded(
        byte[] file,
        string where,
        PictureSize stored,
        Func<PictureSize, bool> fits
    )
    {
        try
        {
            using var image = Image.Load<Rgb24>(Formats, file);
            if ((image.Height, image.Width) != (stored.Height, stored.Width))
                return PictureSize.Damaged("its size is ambiguous", where);
            var orientation = image.Metadata.ExifProfile?.GetValue(ExifTag.Orientation)?.Value ?? 1;
            var upright = orientation is >= 5 and <= 8 ? new PictureSize(stored.Width, stored.Height) : stored;
            if (orientation is >= 2 and <= 8 && fits(upright))
                image.Mutate(context => context.AutoOrient());
            return Pixels(image);
        }
        // A decoder that is given a crafted file may fail in any way; the file is what is wrong.
        catch (Exception wrong) when (wrong is not OutOfMemoryException)
        {
            return PictureSize.Damaged(wrong.Message, where);
        }
    }

    private static Picture Pixels(Image<Rgb24> image)
    {
        var rgb = new byte[3 * image.Height * image.Width];
        image.CopyPixelDataTo(rgb);
        return new(image.Height, image.Width, rgb);
    }
}
