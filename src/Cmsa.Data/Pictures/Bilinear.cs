namespace Cmsa.Data;

/// <summary>
/// Bilinear resizing of planes or pixels: the middle of a pixel maps to the middle of a pixel, the edge goes on beyond the picture, nothing
/// is smoothed first (as the released code's <c>skimage.transform.resize</c> of its day).
/// </summary>
internal static class Bilinear
{
    /// <summary>
    /// Resizes a window of values (Height x Width x channels, row by row) and writes it into a window of the target.
    /// </summary>
    public static void Resize<T>(Window<T> from, Window<float> to, int channels, Func<T, float> value)
    {
        var (rows, columns) = (Taps(from.Height, to.Height), Taps(from.Width, to.Width));
        for (var y = 0; y < to.Height; y++)
        {
            var (above, below, down) = rows[y];
            var (upper, lower) = ((from.Top + above) * from.Stride, (from.Top + below) * from.Stride);
            for (var x = 0; x < to.Width; x++)
            {
                var (before, after, right) = columns[x];
                var (l, r) = ((from.Left + before) * channels, (from.Left + after) * channels);
                var target = (to.Top + y) * to.Stride + (to.Left + x) * channels;
                for (var c = 0; c < channels; c++)
                {
                    var top = Mix(value(from.Values[upper + l + c]), value(from.Values[upper + r + c]), right);
                    var bottom = Mix(value(from.Values[lower + l + c]), value(from.Values[lower + r + c]), right);
                    to.Values[target + c] = Mix(top, bottom, down);
                }
            }
        }
    }

    private static float Mix(float a, float b, float t) => a + (b - a) * t;

    private static (int First, int Second, float Weight)[] Taps(int from, int to) => [.. Enumerable.Range(0, to).Select(i =>
    {
        var at = Math.Clamp((i + .5) * from / to - .5, 0, from - 1);
        var first = (int)at;
        return (first, Math.Min(first + 1, from - 1), (float)(at - first));
    })];

    /// <summary>A part of an array of rows: where it begins, its size, and how many values a whole row has.</summary>
    internal readonly record struct Window<T>(T[] Values, int Top, int Left, int Height, int Width, int Stride);
}
