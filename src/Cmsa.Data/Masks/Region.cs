using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>A region as an annotation says it (COCO's <c>segmentation</c>): polygons, or runs of pixels.</summary>
public abstract record Region
{
    private Region() { }

    /// <summary>The union of polygons; where each has four numbers, they are boxes: x, y, width, height.</summary>
    /// <param name="Corners">
    /// Each polygon's x0, y0, x1, y1, ..., in pixels; whoever holds a region must not write to them.
    /// </param>
    public sealed record Polygons(Seq<double[]> Corners) : Region;

    /// <summary>Runs of pixels, as numbers, in the size the annotation gives.</summary>
    /// <param name="Height">Rows, in pixels.</param>
    /// <param name="Width">Columns, in pixels.</param>
    /// <param name="Counts">
    /// The lengths of the runs, column by column, the first outside; nobody may write to them.
    /// </param>
    public sealed record Runs(int Height, int Width, int[] Counts) : Region;

    /// <summary>Runs of pixels, as COCO's compressed string.</summary>
    /// <param name="Height">Rows, in pixels.</param>
    /// <param name="Width">Columns, in pixels.</param>
    /// <param name="Counts">The compressed string.</param>
    public sealed record Compressed(int Height, int Width, string Counts) : Region;

    /// <summary>
    /// The region's pixels in a picture of this size, as pycocotools has them (<c>frPyObjects</c>, <c>merge</c>,
    /// <c>decode</c>); an error where the annotation is malformed or of another size.
    /// </summary>
    public Either<Error, Mask> ToMask(int height, int width) =>
        this switch
        {
            Polygons { Corners: var corners } => Union(
                corners.ForAll(c => c.Length == 4) ? corners.Map(Rectangle) : corners,
                height,
                width
            ),
            Runs runs => Same(runs.Height, runs.Width, height, width)
                .Bind(_ => Rle.Of(height, width, runs.Counts.Select(c => (long)c)))
                .Map(rle => rle.ToMask()),
            Compressed runs => Same(runs.Height, runs.Width, height, width)
                .Bind(_ => Rle.Parse(height, width, runs.Counts))
                .Map(rle => rle.ToMask()),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static Either<Error, Mask> Union(Seq<double[]> polygons, int height, int width)
    {
        var pixels = new byte[height * width];
        return polygons
            .Map(corners => Polygon.Rasterise(height, width, corners))
            .Sequence()
            .Map(regions =>
            {
                regions.Iter(region => region.Paint(pixels));
                return new Mask(height, width, pixels);
            });
    }

    private static double[] Rectangle(double[] box) =>
        [box[0], box[1], box[0], box[1] + box[3], box[0] + box[2], box[1] + box[3], box[0] + box[2], box[1]];

    private static Either<Error, Unit> Same(int height, int width, int pictureHeight, int pictureWidth) =>
        (height, width) == (pictureHeight, pictureWidth)
            ? Right<Error, Unit>(unit)
            : Left(
                new Error(
                    $"a region of {height} x {width} pixels in a picture of {pictureHeight} x {pictureWidth}",
                    "run-length encoding"
                )
            );
}
