using FsCheck.Xunit;
using SkiaSharp;

namespace Cmsa.Data.Tests;

[Properties(Arbitrary = [typeof(Generated)])]
public class PicturesTests
{
    [Property]
    public bool A_picture_is_its_png(Picture picture)
    {
        var read = Pictures.Decode(Pictures.Png(picture), "picture.png").Value();
        return (read.Height, read.Width) == (picture.Height, picture.Width) && read.Rgb.SequenceEqual(picture.Rgb);
    }

    [Fact]
    public void A_jpeg_is_nearly_the_picture()
    {
        var read = Pictures.Decode(Jpeg(Slope(40, 60)), "picture.jpg").Value();
        Assert.Equal((40, 60), (read.Height, read.Width));
        Assert.InRange(
            Enumerable.Range(0, read.Rgb.Length).Max(i => Math.Abs(read.Rgb[i] - Slope(40, 60).Rgb[i])),
            0,
            12
        );
    }

    [Fact]
    public void Every_part_of_a_jpeg_or_png_is_an_error_that_names_the_file()
    {
        foreach (var file in new[] { Jpeg(Slope(40, 60)), Pictures.Png(Slope(40, 60)) })
        foreach (var length in Enumerable.Range(0, 20).Select(i => i * (file.Length - 20) / 20))
            Assert.Equal("a.jpg", Pictures.Decode(file[..length], "a.jpg").Error().Where);
        Assert.Contains(
            "cut off",
            Pictures.Decode(Jpeg(Slope(40, 60))[..^200], "a.jpg").Error().What,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_is_no_picture_is_an_error()
    {
        Assert.True(Pictures.Decode([], "empty").IsLeft);
        Assert.True(Pictures.Decode("GIF? no, just text"u8.ToArray(), "text").IsLeft);
        Assert.True(Pictures.Read(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString())).IsLeft);
    }

    internal static Picture Slope(int height, int width) =>
        new(
            height,
            width,
            [
                .. Enumerable
                    .Range(0, height * width)
                    .SelectMany(i => new[] { (byte)(4 * (i % width)), (byte)(6 * (i / width)), (byte)100 }),
            ]
        );

    internal static byte[] Jpeg(Picture picture)
    {
        using var image = SKBitmap.Decode(Pictures.Png(picture));
        using var data = image.Encode(SKEncodedImageFormat.Jpeg, 95);
        return data.ToArray();
    }
}
