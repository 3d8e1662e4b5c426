using System.Text;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Masks;

/// <summary>
/// A region as the lengths of runs of pixels, column by column and from top to bottom, alternately outside and inside
/// (COCO's run-length encoding). Neighbouring runs are merged: only the first may be 0, so equal regions are equal
/// values.
/// </summary>
public sealed record Rle
{
    private const string Encoding = "run-length encoding";

    private Rle(int height, int width, Many<int> counts) => (Height, Width, Counts) = (height, width, counts);

    /// <summary>Rows, in pixels.</summary>
    public int Height { get; }

    /// <summary>Columns, in pixels.</summary>
    public int Width { get; }

    /// <summary>The lengths of the runs, the first one outside; their sum is Height * Width.</summary>
    public Many<int> Counts { get; }

    /// <summary>How many pixels the region has.</summary>
    public int Area => Inside.Sum(run => run.End - run.Start);

    /// <summary>
    /// The runs inside, each as the first pixel and the one after the last, counted column by column.
    /// </summary>
    private IEnumerable<(int Start, int End)> Inside
    {
        get
        {
            var start = 0;
            for (var i = 0; i < Counts.Count; start += Counts[i], i++)
            {
                if (i % 2 == 1)
                    yield return (start, start + Counts[i]);
            }
        }
    }

    /// <summary>
    /// The smallest box around the region, as pycocotools' <c>toBbox</c> has it; all 0 where the region is empty.
    /// </summary>
    public Box Box
    {
        get
        {
            var (left, right, top, bottom) = (Width, -1, Height, -1);
            foreach (var (start, end) in Inside)
            {
                var (first, last) = (start, end - 1);
                // A run that continues in the next column touches the last row and the first one.
                var wraps = first / Height != last / Height;
                left = Math.Min(left, first / Height);
                right = Math.Max(right, last / Height);
                top = Math.Min(top, wraps ? 0 : first % Height);
                bottom = Math.Max(bottom, wraps ? Height - 1 : last % Height);
            }
            return right < left ? default : new(left, top, right - left + 1, bottom - top + 1);
        }
    }

    /// <summary>The region of these runs; an error where one is negative, or they do not fill the picture.</summary>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="counts">The lengths of the runs, the first one outside; runs of length 0 are allowed.</param>
    public static Either<Error, Rle> Of(int height, int width, IEnumerable<long> counts) =>
        Size(height, width)
            .Bind(size =>
                Merged(counts, size)
                    .ToEither(new Error($"runs that do not fill {height} x {width} pixels", Encoding))
                    .Map(merged => new Rle(height, width, merged))
            );

    /// <summary>How many pixels a picture of this size has; an error where a mask cannot hold them.</summary>
    internal static Either<Error, int> Size(int height, int width)
    {
        var size = (long)height * width;
        return height < 0 || width < 0 || size > System.Array.MaxLength
            ? new Error($"a region of {height} x {width} pixels", "mask", "give the height and width of the picture")
            : (int)size;
    }

    // The runs with those of length 0 left out and their neighbours joined.
    private static Option<Many<int>> Merged(IEnumerable<long> counts, int size)
    {
        var (sum, inside, merged) = (0L, false, new List<int> { 0 });
        foreach (var count in counts)
        {
            if (count < 0 || count > size - sum)
                return None;
            sum += count;
            var changes = (merged.Count % 2 == 0) != inside;
            if (count > 0 && changes)
                merged.Add((int)count);
            else
                merged[^1] += (int)count;
            inside = !inside;
        }
        return sum == size ? Some(merged.ToMany()) : None;
    }

    /// <summary>The region of a compressed string: COCO's <c>counts</c> where they are text.</summary>
    /// <remarks>
    /// A character holds six bits, counted from '0': five bits of a signed number, the low ones first, and one that is
    /// set where more follow. From the fourth run on, the number is the difference to the run before the last
    /// (pycocotools' <c>rleFrString</c>).
    /// </remarks>
    public static Either<Error, Rle> Parse(int height, int width, string compressed)
    {
        var counts = new List<long>();
        for (var at = 0; at < compressed.Length;)
        {
            var (value, shift, more) = (0L, 0, true);
            while (more)
            {
                if (at == compressed.Length || shift > 30 || compressed[at] is < '0' or > 'o')
                    return Left(new Error($"not a compressed region at character {at}", Encoding));
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
    public static Rle Of(BinaryMask mask)
    {
        var counts = new List<int> { 0 };
        for (var x = 0; x < mask.Width; x++)
            for (var at = x; at < mask.Pixels.Length; at += mask.Width)
                if ((counts.Count % 2 == 0) == (mask.Pixels[at] != 0))
                    counts[^1]++;
                else
                    counts.Add(1);
        return new(mask.Height, mask.Width, counts.ToMany());
    }

    /// <summary>The region as pixels.</summary>
    public BinaryMask ToMask() => Union(Height, Width, [this]);

    /// <summary>The compressed string, as COCO's files have it.</summary>
    public string Compressed()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Counts.Count; i++)
        {
            var value = (long)(i > 2 ? Counts[i] - Counts[i - 2] : Counts[i]);
            for (var more = true; more;)
            {
                var bits = (int)(value & 0x1f);
                value >>= 5;
                more = (bits & 0x10) != 0 ? value != -1 : value != 0;
                text.Append((char)('0' + (more ? bits | 0x20 : bits)));
            }
        }
        return text.ToString();
    }

    /// <summary>The union of regions of one size: pixels that are in any of them.</summary>
    internal static BinaryMask Union(int height, int width, IEnumerable<Rle> regions)
    {
        var pixels = new byte[height * width];
        var painted = 0;
        foreach (var (start, end) in regions.SelectMany(region => region.Inside).OrderBy(run => run.Start))
        {
            for (var at = Math.Max(start, painted); at < end; at++)
                pixels[at % height * width + at / height] = 1;
            painted = Math.Max(painted, end);
        }
        return new(height, width, pixels);
    }
}
