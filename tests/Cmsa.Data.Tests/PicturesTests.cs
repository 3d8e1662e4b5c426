using FsCheck;
using FsCheck.Xunit;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;

namespace Cmsa.Data.Tests;

[Properties(Arbitrary = [typeof(Generated)])]
public class PicturesTests
{
    [Property]
    public bool A_picture_is_its_png(Picture picture)
    {
        var read = PictureFile.Decode(PictureFile.Png(picture), "picture.png").Value();
        return (read.Height, read.Width) == (picture.Height, picture.Width) && read.Rgb.SequenceEqual(picture.Rgb);
    }

    [Fact]
    public void A_jpeg_is_nearly_the_picture()
    {
        var read = PictureFile.Decode(Jpeg(Slope(40, 60)), "picture.jpg").Value();
        Assert.Equal((40, 60), (read.Height, read.Width));
        Assert.InRange(Furthest(read.Rgb, Slope(40, 60).Rgb), 0, 12);
    }

    // Python's PIL wrote these two files; the colours are those that PIL reads in the middle of each quarter.
    [Theory]
    [InlineData(
        """
            /9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFBgSFBUU
            /8AAFAgAEAAgBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFB
            BhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqS
            k5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD9U6/VOv1T
            r9U6/lXooor+qiv56a/PSiiv6Fq/Quvwfooor94K/lXooor+qiv56a/PSiiv6Fq/Quvwfr//2Q==
            """,
        new[] { 255, 255, 255, 0, 255, 255, 255, 55, 155, 75, 75, 75 }
    )]
    [InlineData(
        """
            /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIU
            FRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wgARCAAQACADASIAAhEB
            AxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABwb/xAAWAQEBAQAAAAAAAAAAAAAAAAAABAf/2gAMAwEAAhADEAAAAYNVKlXO7ipVKlU//8QAFBABAAAAAAAA
            AAAAAAAAAAAAMP/aAAgBAQABBQIP/8QAGBEAAgMAAAAAAAAAAAAAAAAAAAdEg8P/2gAIAQMBAT8BcUCzMcUCzM//xAAWEQADAAAAAAAAAAAAAAAAAAAA
            BEL/2gAIAQIBAT8Bekek/8QAFBABAAAAAAAAAAAAAAAAAAAAMP/aAAgBAQAGPwIP/8QAFBABAAAAAAAAAAAAAAAAAAAAMP/aAAgBAQABPyEP/9oADAMB
            AAIAAwAAABBZb//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQMBAT8QO7//xAAVEQEBAAAAAAAAAAAAAAAAAADBAP/aAAgBAgEBPxBCQv/EABQQAQAA
            AAAAAAAAAAAAAAAAADD/2gAIAQEAAT8QD//Z
            """,
        new[] { 250, 10, 21, 8, 241, 28, 250, 10, 21, 8, 241, 28 }
    )]
    public void Cmyk_and_progressive_jpegs_have_the_colours_that_others_see(string base64, int[] colours)
    {
        var read = PictureFile.Decode(Convert.FromBase64String(base64), "pil.jpg").Value();
        Assert.Equal((16, 32), (read.Height, read.Width));
        var middles = Enumerable.Range(0, 4).SelectMany(i => read.Rgb.Skip(3 * (4 * 32 + 8 * i + 4)).Take(3));
        Assert.InRange(middles.Zip(colours, (a, b) => Math.Abs(a - b)).Max(), 0, 3);
    }

    [Fact]
    public void Greys_palettes_alpha_and_16_bits_are_read()
    {
        Assert.Equal([7, 7, 7, 200, 200, 200], Pixels(PngBytes.Of(1, 2, 8, 0, [0, 7, 200])));
        Assert.Equal([0, 0, 0, 255, 255, 255, 0, 0, 0], Pixels(PngBytes.Of(1, 3, 1, 0, [0, 0b0100_0000])));
        Assert.Equal([9, 8, 7, 1, 2, 3], Pixels(PngBytes.Of(1, 2, 8, 3, [0, 1, 0], palette: [1, 2, 3, 9, 8, 7])));
        Assert.Equal([10, 20, 30], Pixels(PngBytes.Of(1, 1, 8, 6, [0, 10, 20, 30, 0])));
        Assert.Equal([128, 255, 0], Pixels(PngBytes.Of(1, 1, 16, 2, [0, 128, 128, 255, 255, 0, 0])));

        static byte[] Pixels(byte[] file) => PictureFile.Decode(file, "made.png").Value().Rgb;
    }

    [Fact]
    public void An_interlaced_png_is_the_same_picture()
    {
        var slope = Slope(13, 11);
        using var image = SixLabors.ImageSharp.Image.LoadPixelData<Rgb24>(slope.Rgb, slope.Width, slope.Height);
        using var file = new MemoryStream();
        image.Save(file, new PngEncoder { InterlaceMethod = PngInterlaceMode.Adam7 });
        Assert.Equal(slope.Rgb, PictureFile.Decode(file.ToArray(), "interlaced.png").Value().Rgb);
    }

    // Orientation: where the stored rows and columns belong in the picture as a viewer shows it (EXIF 2.3, tag 274).
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(6, true)]
    [InlineData(7, true)]
    [InlineData(8, true)]
    public void A_picture_is_as_a_viewer_shows_it(int orientation, bool turned)
    {
        var stored = Slope(3, 5);
        var read = PictureFile.Decode(Tagged(stored, orientation), "phone.png").Value();
        Assert.Equal(turned ? (5, 3) : (3, 5), (read.Height, read.Width));
        for (var y = 0; y < 3; y++)
        {
            for (var x = 0; x < 5; x++)
            {
                var (row, column) = orientation switch
                {
                    1 => (y, x),
                    2 => (y, 4 - x),
                    3 => (2 - y, 4 - x),
                    4 => (2 - y, x),
                    5 => (x, y),
                    6 => (x, 2 - y),
                    7 => (4 - x, 2 - y),
                    _ => (4 - x, y),
                };
                Assert.Equal(
                    stored.Rgb.AsSpan(3 * (5 * y + x), 3),
                    read.Rgb.AsSpan(3 * (read.Width * row + column), 3)
                );
            }
        }
    }

    [Fact]
    public void An_annotated_size_decides_whether_a_picture_is_turned()
    {
        using var folder = new Folder();
        var path = folder.Write("phone.png", Tagged(Slope(3, 5), 6));
        Assert.Equal(5, PictureFile.Read(path, new PictureSize(5, 3)).Value().Height);
        Assert.Equal(Slope(3, 5).Rgb, PictureFile.Read(path, new PictureSize(3, 5)).Value().Rgb);
    }

    [Fact]
    public void Every_part_of_a_jpeg_or_png_is_an_error_that_names_the_file()
    {
        foreach (var file in new[] { Jpeg(Slope(40, 60)), PictureFile.Png(Slope(40, 60)) })
            foreach (var length in Enumerable.Range(0, file.Length))
                Assert.Equal("a.jpg", PictureFile.Decode(file[..length], "a.jpg").Error().Where);
        Assert.Equal("the picture is cut off", PictureFile.Decode(Jpeg(Slope(40, 60))[..^2], "a.jpg").Error().What);
        Assert.Equal(
            "the picture is cut off",
            PictureFile.Decode(PictureFile.Png(Slope(40, 60))[..^1], "a.png").Error().What
        );
    }

    [Fact]
    public void What_follows_the_end_does_not_matter()
    {
        foreach (var file in new[] { Jpeg(Slope(40, 60)), PictureFile.Png(Slope(40, 60)) })
        {
            Assert.Equal(
                PictureFile.Decode(file, "whole").Value().Rgb,
                PictureFile.Decode([.. file, 0, 0xFF, 0xD8, 1, 2], "longer").Value().Rgb
            );
        }
    }

    [Fact]
    public void A_png_whose_rows_are_missing_is_damaged()
    {
        var whole = new byte[10 * (1 + 3 * 4)];
        Assert.True(PictureFile.Decode(PngBytes.Of(10, 4, 8, 2, whole), "whole.png").IsRight);
        var wrong = PictureFile.Decode(PngBytes.Of(10, 4, 8, 2, whole[..^1]), "short.png").Error();
        Assert.Equal("the picture is damaged (it has less data than pixels)", wrong.What);
    }

    // What the header claims is refused before anything of that size is allocated.
    [Theory]
    [InlineData(10_000, 10_000, "less data than pixels")]
    [InlineData(50_000, 50_000, "too large")]
    [InlineData(0, 5, "0 x 5")]
    [InlineData(-5, 5, "-5 x 5")]
    public void A_size_that_the_data_cannot_fill_costs_nothing(int height, int width, string says)
    {
        var png = PngBytes.Of(height, width, 8, 2, new byte[1000]);
        Assert.Contains(says, Cheaply(png).What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10_000, 10_000, "less data than pixels")]
    [InlineData(50_000, 50_000, "too large")]
    [InlineData(0, 5, "0 x 5")]
    public void So_does_that_of_a_jpeg(int height, int width, string says)
    {
        var jpeg = Jpeg(Slope(40, 60));
        var frame = jpeg.AsSpan().IndexOf((byte[])[0xFF, 0xC0]);
        (jpeg[frame + 5], jpeg[frame + 6], jpeg[frame + 7], jpeg[frame + 8]) = (
            (byte)(height >> 8),
            (byte)height,
            (byte)(width >> 8),
            (byte)width
        );
        Assert.Contains(says, Cheaply(jpeg).What, StringComparison.Ordinal);
    }

    private static Error Cheaply(byte[] file)
    {
        PictureFile.Decode(PictureFile.Png(Slope(2, 2)), "warm up");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var wrong = PictureFile.Decode(file, "claims").Error();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        return wrong;
    }

    [Fact]
    public void What_is_no_picture_is_an_error()
    {
        Assert.True(PictureFile.Decode([], "empty").IsLeft);
        Assert.True(PictureFile.Decode("GIF? no, just text"u8.ToArray(), "text").IsLeft);
        Assert.True(PictureFile.Read(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString())).IsLeft);
    }

    // The first is no zlib stream; the second asks for a dictionary, which zlib tells in another way.
    [Theory, InlineData(0x00, 0x00), InlineData(0x78, 0x7D)]
    public void A_png_whose_data_cannot_be_inflated_is_an_error(byte method, byte flags)
    {
        var png = PictureFile.Png(Slope(2, 2));
        var data = png.AsSpan().IndexOf("IDAT"u8) + 4;
        (png[data], png[data + 1]) = (method, flags);
        Assert.Contains("cannot be inflated", PictureFile.Decode(png, "a.png").Error().What, StringComparison.Ordinal);
    }

    // Other formats are not even tried: their decoders are not registered.
    [Fact]
    public void A_gif_is_an_error()
    {
        using var image = new SixLabors.ImageSharp.Image<Rgb24>(4, 4);
        using var file = new MemoryStream();
        image.SaveAsGif(file);
        Assert.Contains(
            "not a picture",
            PictureFile.Decode(file.ToArray(), "a.gif").Error().What,
            StringComparison.Ordinal
        );
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
        using var image = SixLabors.ImageSharp.Image.LoadPixelData<Rgb24>(picture.Rgb, picture.Width, picture.Height);
        using var file = new MemoryStream();
        image.Save(file, new JpegEncoder { Quality = 95 });
        return file.ToArray();
    }

    private static byte[] Tagged(Picture picture, int orientation)
    {
        using var image = SixLabors.ImageSharp.Image.LoadPixelData<Rgb24>(picture.Rgb, picture.Width, picture.Height);
        image.Metadata.ExifProfile = new ExifProfile();
        image.Metadata.ExifProfile.SetValue(ExifTag.Orientation, (ushort)orientation);
        using var file = new MemoryStream();
        image.SaveAsPng(file);
        return file.ToArray();
    }

    private static int Furthest(byte[] a, byte[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
