using FsCheck.Xunit;

namespace Cmsa.Data.Tests;

[Properties(Arbitrary = [typeof(Generated)])]
public class LetterboxTests
{
    [Theory]
    [InlineData(480, 640, 320, 240, 320, 40, 0)]
    [InlineData(640, 427, 320, 320, 214, 0, 53)]
    [InlineData(180, 240, 320, 240, 320, 40, 0)]
    [InlineData(320, 320, 320, 320, 320, 0, 0)]
    [InlineData(1, 1000, 320, 1, 320, 159, 0)]
    [InlineData(5, 8, 4, 2, 4, 1, 0)]
    [InlineData(7, 8, 4, 4, 4, 0, 0)]
    public void The_longer_side_becomes_the_square_s_and_the_picture_is_in_the_middle(
        int height,
        int width,
        int size,
        int innerHeight,
        int innerWidth,
        int top,
        int left
    )
    {
        var box = Letterbox.Of(height, width, size);
        Assert.Equal((innerHeight, innerWidth, top, left), (box.InnerHeight, box.InnerWidth, box.Top, box.Left));
    }

    [Property]
    public bool Around_the_picture_is_nothing_and_inside_nothing_is_brighter_or_darker(Picture picture)
    {
        var box = Letterbox.Of(picture.Height, picture.Width, 16);
        var fitted = box.Fit(picture);
        return (fitted.Height, fitted.Width, fitted.Rgb.Length) == (16, 16, 3 * 16 * 16)
            && Enumerable
                .Range(0, 16 * 16)
                .All(i =>
                    i / 16 >= box.Top
                    && i / 16 < box.Top + box.InnerHeight
                    && i % 16 >= box.Left
                    && i % 16 < box.Left + box.InnerWidth
                        ? fitted.Rgb[3 * i] >= Reds(picture).Min() && fitted.Rgb[3 * i] <= Reds(picture).Max()
                        : fitted.Rgb[3 * i] == 0 && fitted.Rgb[3 * i + 1] == 0 && fitted.Rgb[3 * i + 2] == 0
                );
    }

    [Property]
    public bool A_square_of_its_own_size_is_the_picture_itself_and_back(BinaryMask mask)
    {
        var size = Math.Max(mask.Height, mask.Width);
        var box = Letterbox.Of(mask.Height, mask.Width, size);
        return box.Restore(box.Fit(mask)).Pixels.SequenceEqual(mask.Pixels);
    }

    [Property]
    public bool There_and_back_at_twice_the_size_is_the_same_mask(BinaryMask mask)
    {
        var size = 2 * Math.Max(mask.Height, mask.Width);
        var box = Letterbox.Of(mask.Height, mask.Width, size);
        var (fitted, back) = (box.Fit(mask), box.Restore(box.Fit(mask)));
        // A pixel whose neighbours are all like it keeps its value; a lone one may lose a tie.
        return fitted.Pixels.All(p => p <= 1)
            && Enumerable.Range(0, mask.Pixels.Length).All(i => !Alike(mask, i) || back.Pixels[i] == mask.Pixels[i]);
    }

    [Property]
    public bool Logits_go_back_by_linear_interpolation(Picture shape)
    {
        var box = Letterbox.Of(shape.Height, shape.Width, 24);
        // A plane is restored exactly away from the edge, which goes on flat.
        var logits = Enumerable
            .Range(0, 24 * 24)
            .Select(i => 3f * (i % 24 - box.Left) - 2f * (i / 24 - box.Top))
            .ToArray();
        var restored = box.Restore(logits);
        return Enumerable
            .Range(0, shape.Height * shape.Width)
            .All(i =>
            {
                var x = (i % shape.Width + .5) * box.InnerWidth / shape.Width - .5;
                var y = (i / shape.Width + .5) * box.InnerHeight / shape.Height - .5;
                var (atX, atY) = (Math.Clamp(x, 0, box.InnerWidth - 1), Math.Clamp(y, 0, box.InnerHeight - 1));
                return Math.Abs(restored[i] - (3 * atX - 2 * atY)) < 1e-3;
            });
    }

    [Fact]
    public void Bilinear_values_by_hand()
    {
        var doubled = Letterbox.Of(1, 2, 4).Fit(new Picture(1, 2, [0, 0, 0, 100, 100, 100]));
        Assert.Equal([0, 25, 75, 100], doubled.Rgb[(4 * 3)..(8 * 3)].Where((_, i) => i % 3 == 0).Select(b => (int)b));
    }

    private static IEnumerable<byte> Reds(Picture picture) => picture.Rgb.Where((_, i) => i % 3 == 0);

    private static bool Alike(BinaryMask mask, int i) =>
        (
            from dy in new[] { -1, 0, 1 }
            from dx in new[] { -1, 0, 1 }
            let y = i / mask.Width + dy
            let x = i % mask.Width + dx
            where y >= 0 && y < mask.Height && x >= 0 && x < mask.Width
            select mask.Pixels[y * mask.Width + x]
        ).All(p => p == mask.Pixels[i]);
}
