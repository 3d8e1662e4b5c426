namespace Cmsa.Data.Tests;

/// <summary>
/// pycocotools' <c>rleFrPoly</c> step by step: it walks every point of the fine grid along the sides of a polygon.
/// </summary>
internal static class PolygonWalk
{
    public static byte[] Pixels(int height, int width, double[] corners)
    {
        var changes = new bool[height * width + 1];
        (int U, int V)? before = null;
        foreach (var point in Points(corners))
        {
            if (before is { } last && point.U != last.U)
                Cross(last, point);
            before = point;
        }
        var (pixels, inside) = (new byte[height * width], false);
        for (var i = 0; i < pixels.Length; i++)
        {
            inside ^= changes[i];
            pixels[i % height * width + i / height] = (byte)(inside ? 1 : 0);
        }
        return pixels;

        void Cross((int U, int V) last, (int U, int V) point)
        {
            var x = ((point.U < last.U ? point.U : point.U - 1) + .5) / 5 - .5;
            if (Math.Floor(x) != x || x < 0 || x > width - 1)
                return;
            var y = Math.Ceiling(Math.Clamp((Math.Min(point.V, last.V) + .5) / 5 - .5, 0, height));
            changes[(int)x * height + (int)y] ^= true;
        }
    }

    private static IEnumerable<(int U, int V)> Points(double[] corners)
    {
        var xs = corners.Where((_, i) => i % 2 == 0).Select(c => (int)(5 * c + .5)).ToArray();
        var ys = corners.Where((_, i) => i % 2 == 1).Select(c => (int)(5 * c + .5)).ToArray();
        for (var j = 0; j < xs.Length; j++)
        {
            var (x, y, toX, toY) = (xs[j], ys[j], xs[(j + 1) % xs.Length], ys[(j + 1) % xs.Length]);
            var (dx, dy) = (Math.Abs(toX - x), Math.Abs(toY - y));
            var flip = (dx >= dy && x > toX) || (dx < dy && y > toY);
            if (flip)
                (x, toX, y, toY) = (toX, x, toY, y);
            var slope = dx >= dy ? (double)(toY - y) / dx : (double)(toX - x) / dy;
            for (var d = 0; d <= Math.Max(dx, dy); d++)
            {
                var t = flip ? Math.Max(dx, dy) - d : d;
                // A side of length 0 has a slope that is not a number; C makes 0 of what it adds.
                var across = double.IsNaN(slope) ? 0 : slope * t;
                yield return dx >= dy ? (x + t, (int)(y + across + .5)) : ((int)(x + across + .5), y + t);
            }
        }
    }
}
