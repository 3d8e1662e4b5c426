using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>Which pixels a polygon covers: pycocotools' rule (<c>rleFrPoly</c>), pixel for pixel.</summary>
/// <remarks>
/// Corners are rounded to a grid five times as fine; the boundary is walked in steps of that grid; wherever it crosses
/// the middle of a column of pixels, the column changes between outside and inside at the row it crosses. Corner (0, 0)
/// is the top left corner of the picture.
/// </remarks>
internal static class Polygon
{
    private const double Scale = 5;

    // Keeps the walk around a polygon short, and its steps within an int; no picture is a million pixels wide.
    private const double Farthest = 1e6;

    /// <summary>
    /// The region that a polygon covers in a picture, from x0, y0, x1, y1, ...; an error where these are no corners.
    /// </summary>
    public static Either<Error, Rle> Rasterise(int height, int width, ReadOnlySpan<double> corners)
    {
        if (corners.Length == 0 || corners.Length % 2 != 0)
            return Left(new Error($"a polygon of {corners.Length} numbers", "polygon", "x and y of each corner"));
        foreach (var number in corners)
            if (!(Math.Abs(number) <= Farthest))
                return Left(new Error($"a corner at {number}", "polygon", "corners are pixels of the picture"));
        var crossings = Crossings(height, width, corners);
        crossings.Sort();
        return Rle.Of(height, width, Differences(crossings, (long)height * width));
    }

    private static List<int> Crossings(int height, int width, ReadOnlySpan<double> corners)
    {
        var (crossings, count) = (new List<int>(), corners.Length / 2);
        (int U, int V)? before = null;
        for (var j = 0; j < count; j++)
        {
            var (xs, ys) = Fine(corners, j);
            var (xe, ye) = Fine(corners, (j + 1) % count);
            var (dx, dy) = (Math.Abs(xe - xs), Math.Abs(ys - ye));
            // Each side is walked from its smaller end, so that two polygons that share it agree on it.
            var flip = (dx >= dy && xs > xe) || (dx < dy && ys > ye);
            if (flip)
                (xs, xe, ys, ye) = (xe, xs, ye, ys);
            var slope = dx >= dy ? (dx == 0 ? 0 : (double)(ye - ys) / dx) : (double)(xe - xs) / dy;
            for (var d = 0; d <= Math.Max(dx, dy); d++)
            {
                var t = flip ? Math.Max(dx, dy) - d : d;
                var point =
                    dx >= dy ? (U: xs + t, V: (int)(ys + slope * t + .5)) : (U: (int)(xs + slope * t + .5), V: ys + t);
                if (before is { } last && point.U != last.U)
                    Cross(last, point);
                before = point;
            }
        }
        return crossings;

        void Cross((int U, int V) last, (int U, int V) point)
        {
            var x = ((point.U < last.U ? point.U : point.U - 1) + .5) / Scale - .5;
            if (Math.Floor(x) != x || x < 0 || x > width - 1)
                return;
            var y = Math.Ceiling(Math.Clamp((Math.Min(point.V, last.V) + .5) / Scale - .5, 0, height));
            crossings.Add((int)x * height + (int)y);
        }
    }

    private static (int X, int Y) Fine(ReadOnlySpan<double> corners, int corner) =>
        ((int)(Scale * corners[2 * corner] + .5), (int)(Scale * corners[2 * corner + 1] + .5));

    private static IEnumerable<long> Differences(List<int> crossings, long size)
    {
        var last = 0;
        foreach (var crossing in crossings)
        {
            yield return crossing - last;
            last = crossing;
        }
        yield return size - last;
    }
}
