using System.Text.Json;
using FsCheck.Xunit;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Tests;

[Properties(Arbitrary = [typeof(Generated)], MaxTest = 300)]
public class MasksTests
{
    /// <summary>
    /// What pycocotools' own C code (maskApi.c) says of polygons: made at random, and of the awkward ones by hand.
    /// </summary>
    public static IEnumerable<object[]> Golden()
    {
        using var stream = typeof(MasksTests).Assembly.GetManifestResourceStream("polygons.json")!;
        var cases = JsonSerializer.Deserialize<Case[]>(stream, JsonSerializerOptions.Web)!;
        return [.. cases.Select((c, i) => new object[] { $"{i}, {c.Kind}", c })];
    }

    [Theory, MemberData(nameof(Golden), DisableDiscoveryEnumeration = true)]
    public void Polygons_cover_what_pycocotools_says(string name, Case golden)
    {
        var mask = new Region.Polygons(golden.Polygons.ToMany()).ToMask(golden.Height, golden.Width).Value();
        var rle = Rle.Of(mask);
        Assert.True(
            golden.Counts.SequenceEqual(rle.Counts),
            $"{name}: {string.Join(' ', golden.Counts)} is not {string.Join(' ', rle.Counts)}"
        );
        Assert.Equal((golden.Area, golden.Area, golden.Compressed), (rle.Area, mask.Area, rle.Compressed()));
        Assert.Equal(new Box(golden.Box[0], golden.Box[1], golden.Box[2], golden.Box[3]), rle.Box);
        Assert.Equal(rle, Rle.Parse(golden.Height, golden.Width, golden.Compressed).Value());
    }

    [Property]
    public bool A_mask_is_its_runs_and_its_runs_are_their_string(BinaryMask mask)
    {
        var rle = Rle.Of(mask);
        return rle.ToMask().Pixels.SequenceEqual(mask.Pixels)
            && Rle.Parse(mask.Height, mask.Width, rle.Compressed()).Value() == rle
            && Rle.Of(mask.Height, mask.Width, rle.Counts.Select(c => (long)c)).Value() == rle
            && rle.Area == mask.Area
            && rle.Counts.Skip(1).All(c => c > 0);
    }

    [Property]
    public bool The_box_is_the_smallest_around_the_mask(BinaryMask mask)
    {
        var inside = Enumerable
            .Range(0, mask.Pixels.Length)
            .Where(i => mask.Pixels[i] == 1)
            .Select(i => (X: i % mask.Width, Y: i / mask.Width))
            .ToArray();
        var box = Rle.Of(mask).Box;
        return inside.Length == 0
            ? box == default
            : box
                == new Box(
                    inside.Min(p => p.X),
                    inside.Min(p => p.Y),
                    inside.Max(p => p.X) - inside.Min(p => p.X) + 1,
                    inside.Max(p => p.Y) - inside.Min(p => p.Y) + 1
                );
    }

    [Property(MaxTest = 1000)]
    public bool A_polygon_covers_what_a_walk_around_it_covers(byte height, byte width, byte reach, int seed)
    {
        var (rows, columns) = (1 + height % 30, 1 + width % 30);
        var random = new Random(seed);
        // Up to twelve corners, from near the picture to fifty times its size away, and some on the grid.
        var far = 1 + reach % 50;
        var corners = Enumerable
            .Range(0, 2 * random.Next(1, 12))
            .Select(i => (random.NextDouble() * (1 + 2 * far) - far) * (i % 2 == 0 ? columns : rows))
            .Select(c => random.Next(3) == 0 ? Math.Round(c * 5) / 5 : c)
            .ToArray();
        return Polygon
            .Rasterise(rows, columns, corners)
            .Value()
            .ToMask()
            .Pixels.SequenceEqual(PolygonWalk.Pixels(rows, columns, corners));
    }

    // A walk along these sides has 2 * 10^9 steps; each of them crosses 640 columns.
    [Fact]
    public void Corners_far_outside_cost_no_more_than_those_inside()
    {
        var corners = Enumerable.Range(0, 200).Select(i => i / 2 % 2 == 0 ? -1e6 + i : 1e6 - i).ToArray();
        Assert.True(new Region.Polygons([corners]).ToMask(480, 640).IsRight);
    }

    [Fact]
    public void A_polygon_around_everything_is_everything() => Assert.Equal(7 * 9, new Region.Polygons([
                [-1e6, -1e6, 1e6, -1e6, 1e6, 1e6, -1e6, 1e6, -1e6, 0],
            ]).ToMask(7, 9).Value().Area);

    [Property]
    public bool A_union_is_every_pixel_of_any_of_its_regions(BinaryMask mask, int seed)
    {
        var random = new Random(seed);
        var masks = Enumerable
            .Range(0, 3)
            .Select(_ => mask with { Pixels = [.. mask.Pixels.Select(p => (byte)(random.Next(3) == 0 ? 1 - p : p))] })
            .ToArray();
        return Rle.Union(mask.Height, mask.Width, masks.Select(Rle.Of))
            .Pixels.SequenceEqual(Enumerable.Range(0, mask.Pixels.Length).Select(i => masks.Max(m => m.Pixels[i])));
    }

    [Theory]
    [InlineData(65_536, 65_536)]
    [InlineData(46_341, 46_341)]
    [InlineData(-1, 5)]
    [InlineData(int.MinValue, int.MinValue)]
    public void A_size_that_no_picture_has_is_an_error(int height, int width)
    {
        Assert.True(new Region.Polygons([
                [0, 0, 1, 0, 1, 1],
            ]).ToMask(height, width).IsLeft);
        Assert.True(new Region.Runs(height, width, [0]).ToMask(height, width).IsLeft);
        Assert.True(new Region.Compressed(height, width, "0").ToMask(height, width).IsLeft);
    }

    [Property]
    public bool Any_string_is_a_region_or_an_error(string? text) =>
        Rle.Parse(3, 4, text ?? "").Match(rle => rle.Counts.Sum() == 12, wrong => wrong.What.Length > 0);

    [Fact]
    public void Runs_of_nothing_are_joined() =>
        Assert.Equal(Rle.Of(2, 3, [1, 2, 3]).Value(), Rle.Of(2, 3, [1, 1, 0, 1, 0, 0, 3, 0]).Value());

    [Fact]
    public void Runs_go_down_columns() =>
        Assert.Equal(new byte[] { 0, 1, 0, 1, 1, 0 }, new Region.Runs(2, 3, [1, 3, 2]).ToMask(2, 3).Value().Pixels);

    [Fact]
    public void Four_numbers_are_a_box() => Assert.Equal(new byte[] { 0, 0, 0, 0, 1, 1, 0, 1, 1 }, new Region.Polygons([
                [1, 1, 2, 2],
            ]).ToMask(3, 3).Value().Pixels);

    [Fact]
    public void What_is_malformed_is_an_error()
    {
        Assert.True(new Region.Runs(2, 3, [1, 3]).ToMask(2, 3).IsLeft);
        Assert.True(new Region.Runs(2, 3, [1, 3, 3]).ToMask(2, 3).IsLeft);
        Assert.True(new Region.Runs(2, 3, [7, -1]).ToMask(2, 3).IsLeft);
        Assert.True(new Region.Runs(2, 3, [1, 3, 2]).ToMask(3, 2).IsLeft);
        Assert.True(new Region.Compressed(2, 3, "6 ").ToMask(2, 3).IsLeft);
        Assert.True(new Region.Compressed(2, 3, "oooooooooooooooooooo").ToMask(2, 3).IsLeft);
        Assert.True(new Region.Polygons([
                [1, 2, 3],
            ]).ToMask(9, 9).IsLeft);
        Assert.True(new Region.Polygons([
                [],
            ]).ToMask(9, 9).IsLeft);
        Assert.True(new Region.Polygons([
                [1, 2, 3, 4, 5, double.NaN],
            ]).ToMask(9, 9).IsLeft);
        Assert.True(new Region.Polygons([
                [1, 2, 3, 4, 5, 1e9],
            ]).ToMask(9, 9).IsLeft);
    }

    public sealed record Case(
        string Kind,
        int Height,
        int Width,
        double[][] Polygons,
        int Area,
        int[] Box,
        int[] Counts,
        string Compressed
    );
}
