using System.Text;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>
/// A region as runs of pixels, column by column, each from top to bottom: so many outside, so many inside, so many
/// outside, ... (COCO's run-length encoding). Runs are as long as can be: only the first may be 0, so equal regions are
/// equal values.
/// </summary>
public sealed record Rle
{
    private Rle(int height, int width, Arr<int> counts) => (Height, Width, Counts) = (height, width, counts);

    /// <summary>Rows, in pixels.</summary>
    public int Height { get; }

    /// <summary>Columns, in pixels.</summary>
    public int Width { get; }

    /// <summary>The lengths of the runs, the first outside; together Height * Width.</summary>
    public Arr<int> Counts { get; }

    /// <summary>How many pixels the region has.</summary>
    public int Area => Counts.Where((_, i) => i % 2 == 1).Sum();

    /// <summary>
    /// The smallest box around the region, as pycocotools' <c>toBbox</c> has it; all 0 where the region is empty.
    /// </summary>
    public Box Box
    {
        get
        {
            var (left, right, top, bottom, start) = (Width, 0, Height, 0, 0);
            for (var i = 0; i < Counts.Count; start += Counts[i], i++)
            {
                if (i % 2 == 0 || Counts[i] == 0)
                    continue;
                var (last, first) = (start + Counts[i] - 1, start);
                left = Math.Min(left, first / Height);
                right = Math.Max(right, last / Height);
                // A run that goes on in the next column touches the last row and the first one.
                var wraps = first / Height != last / Height;
                top = Math.Min(top, wraps ? 0 : first % Height);
                bottom = Math.Max(bottom, wraps ? Height - 1 : last % Height);
            }
            return right < left ? default : new(left, top, right - left + 1, bottom - top + 1);
        }
    }

    /// <summary>The region of these runs; an error where they are negative or do not fill the picture.</summary>
    public static Either<Error, Rle> Of(int height, int width, IEnumerable<long> counts)
    {
        var (sum, merged) = (0L, new List<int> { 0 });
        var (inside, size) = (false, (long)height * width);
        if (height < 0 || width < 0 || size > int.MaxValue)
            return Left(new Error($"a region of {height} x {width} pixels", "run-length encoding"));
        foreach (var count in counts)
        {
            sum += count;
            if (count < 0 || sum > size)
                return Left(new Error($"runs that do not fit {height} x {width} pixels", "run-length encoding"));
            if (count > 0 && (merged.Count % 2 == 0) != inside)
                merged.Add((int)count);
            else
                merged[^1] += (int)count;
            inside = !inside;
        }
        return sum == size
            ? Right<Error, Rle>(new Rle(height, width, toArray(merged)))
            : Left(new Error($"runs of {sum} pixels for {height} x {width}", "run-length encoding"));
    }

    /// <summary>The region of a compressed string: COCO's <c>counts</c> where they are text.</summary>
    /// <remarks>
    /// Six bits a character from '0' on: five of value, low ones first, and one that says more follow; signed; from the
    /// fourth run on the difference to the run before the last (pycocotools' <c>rleFrString</c>).
    /// </remarks>
    public static Either<Error, Rle> Parse(int height, int width, string compressed)
    {
        var counts = new List<long>();
        for (var at = 0; at < compressed.Length; )
        {
            var (value, shift, more) = (0L, 0, true);
            while (more)
            {
                if (at == compressed.Length || shift > 30 || compressed[at] is < '0' or > 'o')
                    return Left(new Error($"not a compressed region at character {at}", "run-length encoding"));
                var bits = compressed[at++] - '0';
                value |= (long)(bits & 0x1f) << shift;
                shift += 5;
                more = (bits & 0x20) != 0;
                if (!more && (bits & 0x10) != 0)
                    value |= -1L << shift;
            }
            counts.Add(counts.Count > 2 ? value + counts[^2] : value);
        }
        return Of(height, width, counts);
    }

    /// <summary>The region of a mask.</summary>
    public static Rle Of(Mask mask)
    {
        var counts = new List<int> { 0 };
        for (var x = 0; x < mask.Width; x++)
        for (var at = x; at < mask.Pixels.Length; at += mask.Width)
            if ((counts.Count % 2 == 0) == (mask.Pixels[at] != 0))
                counts[^1]++;
            else
                counts.Add(1);
        return new(mask.Height, mask.Width, toArray(counts));
    }

    /// <summary>The region as pixels.</summary>
    public Mask ToMask()
    {
        var pixels = new byte[Height * Width];
        Paint(pixels);
        return new(Height, Width, pixels);
    }

    /// <summary>The compressed string, as COCO's files have it.</summary>
    public string Compressed()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Counts.Count; i++)
        {
            var value = (long)(i > 2 ? Counts[i] - Counts[i - 2] : Counts[i]);
            for (var more = true; more; )
            {
                var bits = (int)(value & 0x1f);
                value >>= 5;
                more = (bits & 0x10) != 0 ? value != -1 : value != 0;
                text.Append((char)('0' + (more ? bits | 0x20 : bits)));
            }
        }
        return text.ToString();
    }

    /// <summary>Sets the region's pixels to 1 in row-by-row pixels of its size.</summary>
    internal void Paint(byte[] pixels)
    {
        var (start, inside) = (0, false);
        foreach (var count in Counts)
        {
            for (var at = start; inside && at < start + count; at++)
                pixels[at % Height * Width + at / Height] = 1;
            (start, inside) = (start + count, !inside);
        }
    }
}
