using LanguageExt;

namespace Cmsa.Data.Pictures;

/// <summary>The size that a picture file claims, as its pixels are stored.</summary>
/// <param name="Height">Rows, in pixels.</param>
/// <param name="Width">Columns, in pixels.</param>
internal readonly record struct PictureSize(int Height, int Width)
{
    /// <summary>How many pixels a picture may have where no other bound is given: 100 megapixels, 300 MB when decoded.</summary>
    public const long MostPixels = 100_000_000;

    private const string TooLarge = "is too large";

    /// <summary>Whether an error of <see cref="Checked"/> is about too many pixels.</summary>
    public static bool IsTooLarge(Error error) => error.What.EndsWith(TooLarge, StringComparison.Ordinal);

    /// <summary>How many pixels it has.</summary>
    public long Pixels => (long)Height * Width;

    /// <summary>The size, if a picture may have it; an error where it is empty or too large.</summary>
    /// <param name="where">Names the file in the error.</param>
    /// <param name="mostPixels">How many pixels the picture may have.</param>
    public Either<Error, PictureSize> Checked(string where, long mostPixels) =>
        Height <= 0 || Width <= 0 ? new Error($"a picture of {Height} x {Width} pixels", where)
        : Pixels > mostPixels
            ? new Error(
                $"a picture of {Height} x {Width} pixels {TooLarge}",
                where,
                $"scale it to at most {mostPixels:#,0} pixels"
            )
        : this;

    /// <summary>The error of a file that ends too early.</summary>
    public static Error CutOff(string where) => new("the picture is cut off", where, "copy the file again");

    /// <summary>The error of a file whose bytes are wrong.</summary>
    /// <param name="what">What is wrong.</param>
    /// <param name="where">Names the file.</param>
    public static Error Damaged(string what, string where) =>
        new($"the picture is damaged ({what})", where, "copy the file again");
}
