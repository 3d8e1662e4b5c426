using Cmsa.Data.Masks;
using Cmsa.Data.Pictures;
using Cmsa.Data.Samples;
using Cmsa.Data.Words;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Folders;

/// <summary>A sample of a folder before its files are read.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Split">Its split.</param>
/// <param name="Picture">The path of the picture.</param>
/// <param name="Expression">The expression.</param>
/// <param name="Topic">Its topic; empty where none is given.</param>
/// <param name="Truth">The region.</param>
/// <param name="Place">Where it is written, for errors.</param>
internal sealed record FolderSample(
    string Id,
    string Split,
    string Picture,
    string Expression,
    string Topic,
    RegionSource Truth,
    string Place
)
{
    /// <summary>
    /// The sample with its picture and mask; an error that names its place where they cannot be read.
    /// </summary>
    /// <param name="recent">The pictures that were read last.</param>
    public Either<Error, Sample> Read(RecentPictures recent)
    {
        var sample =
            from mask in Truth.File.Map(PictureFile.Read).Sequence()
            from picture in PictureOf(mask, recent)
            from truth in MaskOf(mask, picture)
            from seen in truth.Area > 0
                ? Right<Error, Unit>(unit)
                : new Error("the region has no pixel", "", "a mask is black outside the region")
            select new Sample(Id, picture, truth, Expression, Tokenizer.Split(Expression), Topic);
        return sample.MapLeft(wrong => wrong.At(wrong.Where.Length == 0 ? Place : $"{wrong.Where} ({Place})"));
    }

    // A mask says which size was annotated.
    private Either<Error, Picture> PictureOf(Option<Picture> mask, RecentPictures recent) =>
        mask.Map(m => new PictureSize(m.Height, m.Width))
            .Match(
                size => recent.Read($"{Picture} {size}", () => PictureFile.Read(Picture, size)),
                () => recent.Read(Picture, () => PictureFile.Read(Picture))
            );

    private Either<Error, BinaryMask> MaskOf(Option<Picture> file, Picture picture)
    {
        if (file.Case is Picture mask)
            return (mask.Height, mask.Width) == (picture.Height, picture.Width)
                ? new BinaryMask(mask.Height, mask.Width, NotBlack(mask))
                : new Error(
                    $"a mask of {mask.Height} x {mask.Width} pixels"
                        + $" for a picture of {picture.Height} x {picture.Width}",
                    Truth.File.IfNone("")
                );
        var masks = new List<BinaryMask>();
        foreach (var region in Truth.Regions)
        {
            var covered = region.ToMask(picture.Height, picture.Width);
            if (covered.Case is not BinaryMask found)
                return covered;
            masks.Add(found);
        }
        return Rle.Union(picture.Height, picture.Width, masks.Select(Rle.Of));
    }

    private static byte[] NotBlack(Picture mask)
    {
        var pixels = new byte[mask.Height * mask.Width];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)((mask.Rgb[3 * i] | mask.Rgb[3 * i + 1] | mask.Rgb[3 * i + 2]) != 0 ? 1 : 0);
        return pixels;
    }
}

/// <summary>Where the region of a sample comes from: a file, or the union of regions.</summary>
/// <param name="File">The path of a mask, if it is a file.</param>
/// <param name="Regions">The regions, if it is not.</param>
internal sealed record RegionSource(Option<string> File, Many<Region> Regions);

/// <summary>What one file of a folder holds.</summary>
/// <param name="Samples">Its samples.</param>
/// <param name="Skipped">What in it is wrong.</param>
internal sealed record FolderFile(Many<FolderSample> Samples, Many<Error> Skipped);
