namespace Cmsa.Experiments.Reports;

/// <summary>Pictures made of pictures: masks and heat laid over them, sheets of several.</summary>
public static class Painting
{
    private static readonly (float At, int Red, int Green, int Blue)[] heat =
    [
        (0, 12, 8, 48),
        (.25f, 90, 24, 120),
        (.5f, 190, 50, 100),
        (.75f, 245, 130, 50),
        (1, 255, 240, 150),
    ];

    /// <summary>A mask by itself: white on black.</summary>
    public static Picture Of(BinaryMask mask) =>
        Each(mask.Height, mask.Width, i => mask.Pixels[i] > 0 ? (255, 255, 255) : (0, 0, 0));

    /// <summary>A picture with a region in colour and what is around it dimmed, the region's edge drawn.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="mask">The region, of the same size.</param>
    public static Picture Overlay(Picture picture, BinaryMask mask) =>
        Each(
            picture.Height,
            picture.Width,
            i =>
            {
                var (r, g, b) = (picture.Rgb[3 * i], picture.Rgb[3 * i + 1], picture.Rgb[3 * i + 2]);
                var inside = mask.Pixels[i] > 0;
                return inside && IsEdge(mask, i) ? (255, 220, 0)
                    : inside ? Mixed((r, g, b), (255, 200, 0), .35f)
                    : Mixed((r, g, b), (24, 26, 34), .6f);
            }
        );

    /// <summary>A picture under heat: dark where it is least, bright where it is most.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="values">0 to 1 for each pixel.</param>
    public static Picture Heat(Picture picture, float[] values) =>
        Each(
            picture.Height,
            picture.Width,
            i =>
            {
                var grey = (picture.Rgb[3 * i] + picture.Rgb[3 * i + 1] + picture.Rgb[3 * i + 2]) / 3;
                return Mixed((grey, grey, grey), Colour(values[i]), .65f);
            }
        );

    /// <summary>Pictures of one height side by side, with a gap.</summary>
    public static Picture Beside(IReadOnlyList<Picture> pictures, int gap = 4)
    {
        var (height, width) = (pictures.Max(p => p.Height), pictures.Sum(p => p.Width) + gap * (pictures.Count - 1));
        var rgb = Blank(height, width);
        var left = 0;
        foreach (var picture in pictures)
        {
            Paste(rgb, width, picture, 0, left);
            left += picture.Width + gap;
        }
        return new(height, width, rgb);
    }

    /// <summary>Pictures under one another, with a gap; white to the right of narrower ones.</summary>
    public static Picture Below(IReadOnlyList<Picture> pictures, int gap = 8)
    {
        var (height, width) = (pictures.Sum(p => p.Height) + gap * (pictures.Count - 1), pictures.Max(p => p.Width));
        var rgb = Blank(height, width);
        var top = 0;
        foreach (var picture in pictures)
        {
            Paste(rgb, width, picture, top, 0);
            top += picture.Height + gap;
        }
        return new(height, width, rgb);
    }

    /// <summary>A text as a picture of a width: black on white, broken between words where a line is full.</summary>
    public static Picture Text(string text, int width)
    {
        var lines = Letters.Lines(text, width);
        var rgb = Blank(lines.Count * Letters.Height + 4, width);
        foreach (
            var (row, column) in lines
                .SelectMany((line, i) => Letters.Of(line).Select(at => (at.Row + i * Letters.Height, at.Column)))
                .Where(at => at.Column < width)
        )
            rgb.AsSpan(3 * ((row + 2) * width + column), 3).Clear();
        return new(lines.Count * Letters.Height + 4, width, rgb);
    }

    private static Picture Each(int height, int width, Func<int, (int Red, int Green, int Blue)> colour)
    {
        var rgb = new byte[3 * height * width];
        for (var i = 0; i < height * width; i++)
        {
            var (red, green, blue) = colour(i);
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = ((byte)red, (byte)green, (byte)blue);
        }
        return new(height, width, rgb);
    }

    private static bool IsEdge(BinaryMask mask, int i)
    {
        var (row, column) = Math.DivRem(i, mask.Width);
        return row == 0
            || column == 0
            || row == mask.Height - 1
            || column == mask.Width - 1
            || (mask.Pixels[i - 1] & mask.Pixels[i + 1] & mask.Pixels[i - mask.Width] & mask.Pixels[i + mask.Width])
                == 0;
    }

    private static (int, int, int) Mixed(
        (int Red, int Green, int Blue) a,
        (int Red, int Green, int Blue) b,
        float share
    ) => (Between(a.Red, b.Red, share), Between(a.Green, b.Green, share), Between(a.Blue, b.Blue, share));

    private static int Between(int a, int b, float share) => (int)MathF.Round(a + (b - a) * share);

    private static (int, int, int) Colour(float value)
    {
        var found = System.Array.FindIndex(heat, h => h.At >= value);
        var outside = value <= 0 ? 1 : heat.Length - 1;
        var above = found > 0 ? found : outside;
        var (low, high) = (heat[above - 1], heat[above]);
        return Mixed(
            (low.Red, low.Green, low.Blue),
            (high.Red, high.Green, high.Blue),
            Math.Clamp((value - low.At) / (high.At - low.At), 0, 1)
        );
    }

    private static byte[] Blank(int height, int width)
    {
        var rgb = new byte[3 * height * width];
        rgb.AsSpan().Fill(255);
        return rgb;
    }

    private static void Paste(byte[] rgb, int width, Picture picture, int top, int left)
    {
        for (var row = 0; row < picture.Height; row++)
            picture
                .Rgb.AsSpan(3 * row * picture.Width, 3 * picture.Width)
                .CopyTo(rgb.AsSpan(3 * ((top + row) * width + left)));
    }
}
