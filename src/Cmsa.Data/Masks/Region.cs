using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Masks;

/// <summary>A region as an annotation describes it (COCO's <c>segmentation</c>): polygons, or runs of pixels.</summary>
public abstract record Region
{
    private Region() { }

    /// <summary>The union of polygons. Where each has four numbers, they are boxes: x, y, width, height.</summary>
    /// <param name="Corners">
    /// x0, y0, x1, y1, ... of each polygon, in pixels. They are shared: do not write to them.
    /// </param>
    public sealed record Polygons(Many<double[]> Corners) : Region;

    /// <summary>Runs of pixels as numbers, with the size of their picture.</summary>
    /// <param name="Height">Rows, in pixels.</param>
    /// <param name="Width">Columns, in pixels.</param>
    /// <param name="Counts">
    /// The lengths of the runs, column by column, the first one outside. Do not write to them.
    /// </param>
    public sealed record Runs(int Height, int Width, int[] Counts) : Region;

    /// <summary>Runs of pixels as COCO's compressed text, with the size of their picture.</summary>
    /// <param name="Height">Rows, in pixels.</param>
    /// <param name="Width">Columns, in pixels.</param>
    /// <param name="Counts">The compressed text.</param>
    public sealed record Compressed(int Height, int Width, string Counts) : Region;

    /// <summary>
    /// The region's pixels in a picture of this size, as pycocotools computes them (<c>frPyObjects</c>, <c>merge</c>,
    /// <c>decode</c>). An error where the annotation is malformed, belongs to another size, or the size is too large.
    /// </summary>
    public Either<Error, BinaryMask> ToMask(int height, int width) =>
        this switch
        {
            Polygons polygons => from size in Rle.Size(height, width)
                                 from regions in Rasterised(polygons.Corners, height, width)
                                 select Rle.Union(height, width, regions),
            Runs runs => from same in Same(runs.Height, runs.Width, height, width)
                         from rle in Rle.Of(height, width, runs.Counts.Select(count => (long)count))
                         select rle.ToMask(),
            Compressed runs => from same in Same(runs.Height, runs.Width, height, width)
                               from rle in Rle.Parse(height, width, runs.Counts)
                               select rle.ToMask(),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static Either<Error, Many<Rle>> Rasterised(Many<double[]> polygons, int height, int width)
    {
        var outlines = polygons.ForAll(corners => corners.Length == 4) ? polygons.Map(Rectangle) : polygons;
        var regions = new List<Rle>();
        foreach (var outline in outlines)
        {
            var region = Polygon.Rasterise(height, width, outline);
            if (region.Case is not Rle covered)
                return region.Map(_ => new Many<Rle>());
            regions.Add(covered);
        }
        return regions.ToMany();
    }

    private static double[] Rectangle(double[] box)
    {
        var (left, top, right, bottom) = (box[0], box[1], box[0] + box[2], box[1] + box[3]);
        return [left, top, left, bottom, right, bottom, right, top];
    }

    private static Either<Error, Unit> Same(int height, int width, int pictureHeight, int pictureWidth) =>
        (height, width) == (pictureHeight, pictureWidth)
            ? unit
            : new Error(
                $"a region of {height} x {width} pixels in a picture of {pictureHeight} x {pictureWidth}",
                "run-length encoding",
                "use the annotations of this picture"
            );
}
