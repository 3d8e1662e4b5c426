using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Masks;

/// <summary>Which pixels a polygon covers: the rule of pycocotools (<c>rleFrPoly</c>), pixel for pixel.</summary>
/// <remarks>
/// Corner (0, 0) is the top left corner of the picture. Corners are rounded to a grid that is five times finer than the
/// pixels, and each side becomes a staircase on that grid. Where a staircase crosses the middle of a pixel column, the
/// column changes between outside and inside at that row. pycocotools walks the whole staircase; here each crossing of
/// a column of the picture is computed alone, so the time does not depend on how far the corners are away.
/// </remarks>
internal static class Polygon
{
    private const int Scale = 5;

    // Keeps the fine grid within an int; no picture is a million pixels wide.
    private const double Farthest = 1e6;

    /// <summary>The region that a polygon covers in a picture; an error where the numbers are not corners.</summary>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="corners">x0, y0, x1, y1, ..., in pixels; corners outside the picture are allowed.</param>
    public static Either<Error, Rle> Rasterise(int height, int width, ReadOnlySpan<double> corners)
    {
        if (corners.Length == 0 || corners.Length % 2 != 0)
            return Left(new Error($"a polygon of {corners.Length} numbers", "polygon", "give x and y of each corner"));
        foreach (var number in corners)
        {
            if (!(Math.Abs(number) <= Farthest))
                return Left(new Error($"a corner at {number}", "polygon", "corners are in pixels of the picture"));
        }
        var crossings = Crossings(height, width, corners);
        crossings.Sort();
        return Rle.Of(height, width, Differences(crossings, (long)height * width));
    }

    private static List<int> Crossings(int height, int width, ReadOnlySpan<double> corners)
    {
        var (crossings, count) = (new List<int>(), corners.Length / 2);
        for (var corner = 0; corner < count; corner++)
        {
            var start = Fine(corners, corner);
            var end = Fine(corners, (corner + 1) % count);
            Cross(new Side(start, end), height, width, crossings);
        }
        return crossings;
    }

    // The middle of column c lies between 5 c + 2 and 5 c + 3 on the fine grid.
    private static void Cross(Side side, int height, int width, List<int> crossings)
    {
        var first = Math.Max(0, (side.Left - 2 + Scale - 1) / Scale);
        var last = Math.Min(width - 1L, Math.DivRem(side.Right - 3L, Scale).Quotient);
        for (var column = first; column <= last; column++)
        {
            if (side.Cross(Scale * column + 2) is { } row)
                crossings.Add(column * height + Pixel(row, height));
        }
    }

    private static int Pixel(int row, int height) => (int)Math.Ceiling(Math.Clamp((row + .5) / Scale - .5, 0, height));

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

    /// <summary>
    /// A side of a polygon as a staircase: one step along its longer direction at a time, from its smaller end.
    /// </summary>
    /// <remarks>Two polygons that share a side agree on it, since both begin at the same end.</remarks>
    private readonly struct Side
    {
        private readonly int x,
            y,
            steps;
        private readonly bool flat;
        private readonly double slope;

        public Side((int X, int Y) start, (int X, int Y) end)
        {
            var (dx, dy) = (Math.Abs(end.X - start.X), Math.Abs(end.Y - start.Y));
            (flat, steps) = (dx >= dy, Math.Max(dx, dy));
            var turned = flat ? start.X > end.X : start.Y > end.Y;
            if (turned)
                (start, end) = (end, start);
            (x, y) = start;
            (Left, Right) = (Math.Min(start.X, end.X), Math.Max(start.X, end.X));
            slope =
                steps == 0 ? 0
                : flat ? (double)(end.Y - start.Y) / dx
                : (double)(end.X - start.X) / dy;
        }

        /// <summary>The smallest x of the side, on the fine grid.</summary>
        public int Left { get; }

        /// <summary>The largest x of the side, on the fine grid.</summary>
        public int Right { get; }

        /// <summary>
        /// The upper one of the two rows between which the side passes from x = left to left + 1, if it does.
        /// </summary>
        public int? Cross(int left)
        {
            var step = flat ? left - x : StepBefore(left);
            if (step < 0 || step >= steps)
                return null;
            var (a, b) = (At(step), At(step + 1));
            return Math.Min(a.X, b.X) == left && a.X != b.X ? Math.Min(a.Y, b.Y) : null;
        }

        private (int X, int Y) At(int step) =>
            flat ? (x + step, (int)(y + slope * step + .5)) : ((int)(x + slope * step + .5), y + step);

        // The last step of a steep side before it passes from left to left + 1, or back: x only grows, or only falls.
        private int StepBefore(int left)
        {
            var (low, high) = (-1, steps + 1);
            while (high - low > 1)
            {
                var middle = (low + high) / 2;
                var passed = slope >= 0 ? At(middle).X > left : At(middle).X <= left;
                (low, high) = passed ? (low, middle) : (middle, high);
            }
            return low;
        }
    }
}
