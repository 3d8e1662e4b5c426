using LanguageExt;
using SkiaSharp;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>Picture files in and out. The only place that knows the library behind them.</summary>
public static class Pictures
{
    // 100 megapixels: what a header may claim before anything is allocated for it.
    private const long MostPixels = 100_000_000;

    /// <summary>
    /// The picture in a JPEG or PNG file's bytes, as stored: not turned by its orientation tag, its colours not
    /// converted, transparency dropped. An error where they are no picture, or the picture is cut off or damaged.
    /// </summary>
    /// <param name="file">The bytes of the file.</param>
    /// <param name="where">Names the file in the error.</param>
    public static Either<Error, Picture> Decode(byte[] file, string where)
    {
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data);
        if (codec is null)
            return Left(new Error("not a picture that can be read", where, "pictures are JPEG or PNG files"));
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MostPixels)
            return Left(new Error($"a picture of {height} x {width} pixels is too large", where));
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        return codec.GetPixels(info, out var pixels) switch
        {
            SKCodecResult.Success => new Picture(height, width, WithoutAlpha(pixels)),
            SKCodecResult.IncompleteInput => Left(new Error("the picture is cut off", where, "copy the file again")),
            var result => Left(new Error($"the picture is damaged ({result})", where, "copy the file again")),
        };
    }

    /// <summary>The picture in a file; an error where there is none, or as <see cref="Decode"/>.</summary>
    public static Either<Error, Picture> Read(string path) => Files.Bytes(path).Bind(file => Decode(file, path));

    /// <summary>
    /// The bytes of a PNG file of the picture, from which <see cref="Decode"/> gives the same picture again.
    /// </summary>
    public static byte[] Png(Picture picture)
    {
        using var bitmap = new SKBitmap(
            new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque)
        );
        WithAlpha(picture.Rgb).CopyTo(bitmap.GetPixelSpan());
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static byte[] WithoutAlpha(byte[] rgba)
    {
        var rgb = new byte[rgba.Length / 4 * 3];
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
            (rgb[to], rgb[to + 1], rgb[to + 2]) = (rgba[from], rgba[from + 1], rgba[from + 2]);
        return rgb;
    }

    private static byte[] WithAlpha(byte[] rgb)
    {
        var rgba = new byte[rgb.Length / 3 * 4];
        for (int from = 0, to = 0; from < rgb.Length; from += 3, to += 4)
            (rgba[to], rgba[to + 1], rgba[to + 2], rgba[to + 3]) = (rgb[from], rgb[from + 1], rgb[from + 2], 255);
        return rgba;
    }
}
