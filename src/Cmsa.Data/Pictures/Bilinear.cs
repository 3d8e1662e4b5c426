using System.Numerics;

namespace Cmsa.Data.Pictures;

/// <summary>
/// Bilinear resizing of planes or pixels. The centres of pixels correspond, the edge is repeated outside, and there is
/// no smoothing before (as in the <c>skimage.transform.resize</c> of the released code's time).
/// </summary>
internal static class Bilinear
{
    /// <summary>
    /// Resizes a window of values (Height x Width x channels, row by row) and writes the result into a window of the
    /// target.
    /// </summary>
    public static void Resize<T>(Window<T> from, Window<float> to, int channels)
        where T : struct, INumberBase<T>
    {
        var (rows, columns) = (Taps(from.Height, to.Height), Taps(from.Width, to.Width));
        for (var y = 0; y < to.Height; y++)
        {
            var (above, below, down) = rows[y];
            var upper = from.Row(above, channels);
            var lower = from.Row(below, channels);
            var target = to.Row(y, channels);
            for (var x = 0; x < columns.Length; x++)
            {
                var (before, after, right) = columns[x];
                var (l, r) = (before * channels, after * channels);
                for (var c = 0; c < channels; c++)
                {
                    var top = Mix(float.CreateTruncating(upper[l + c]), float.CreateTruncating(upper[r + c]), right);
                    var bottom = Mix(float.CreateTruncating(lower[l + c]), float.CreateTruncating(lower[r + c]), right);
                    target[x * channels + c] = Mix(top, bottom, down);
                }
            }
        }
    }

    private static float Mix(float a, float b, float t) => a + (b - a) * t;

    private static (int First, int Second, float Weight)[] Taps(int from, int to)
    {
        return [.. Enumerable.Range(0, to).Select(Tap)];

        (int, int, float) Tap(int i)
        {
            var at = Math.Clamp((i + .5) * from / to - .5, 0, from - 1);
            var first = (int)at;
            return (first, Math.Min(first + 1, from - 1), (float)(at - first));
        }
    }

    /// <summary>
    /// A rectangle of an array of rows: its position, its size, and the number of values in a whole row.
    /// </summary>
    internal readonly record struct Window<T>(T[] Values, int Top, int Left, int Height, int Width, int Stride)
    {
        /// <summary>The values of a row of the window.</summary>
        public Span<T> Row(int y, int channels) =>
            Values.AsSpan((Top + y) * Stride + Left * channels, Width * channels);
    }
}
