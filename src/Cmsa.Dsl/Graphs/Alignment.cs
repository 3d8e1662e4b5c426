namespace Cmsa.Dsl.Graphs;

/// <summary>
/// Which place of a row of <c>n</c> cells the cell <c>i</c> of <c>m</c> resampled ones stands for. Places beyond the first
/// or the last cell are taken to be there.
/// </summary>
public enum Alignment
{
    /// <summary>
    /// Centres of pixels: <c>(i + 1/2) n / m - 1/2</c>. PyTorch's <c>align_corners=False</c>, ONNX's <c>half_pixel</c>.
    /// </summary>
    HalfPixel,

    /// <summary>
    /// The first on the first and the last on the last: <c>i (n - 1) / (m - 1)</c>. PyTorch's
    /// <c>align_corners=True</c>, ONNX's <c>align_corners</c>.
    /// </summary>
    AlignCorners,

    /// <summary>
    /// Upper left corners of pixels: <c>i n / m</c>. TensorFlow 1's <c>resize_bilinear</c>, ONNX's <c>asymmetric</c>.
    /// </summary>
    Asymmetric,
}

/// <summary>Bilinear resampling of one axis as a linear map.</summary>
public static class Bilinear
{
    /// <summary>What each of the cells takes of each cell there was: <c>[to, from]</c>, row by row; a row sums to 1.</summary>
    /// <param name="alignment">Where the cells stand.</param>
    /// <param name="from">How many cells there are.</param>
    /// <param name="to">How many there will be.</param>
    public static double[] Weights(Alignment alignment, int from, int to)
    {
        var weights = new double[to * from];
        for (var i = 0; i < to; i++)
        {
            var place = Math.Clamp(Place(alignment, i, from, to), 0, from - 1);
            var below = (int)place;
            var above = Math.Min(below + 1, from - 1);
            weights[i * from + below] += 1 - (place - below);
            weights[i * from + above] += place - below;
        }
        return weights;
    }

    private static double Place(Alignment alignment, int i, int from, int to) =>
        alignment switch
        {
            Alignment.AlignCorners => to == 1 ? 0 : (double)i * (from - 1) / (to - 1),
            Alignment.Asymmetric => (double)i * from / to,
            _ => (i + 0.5) * from / to - 0.5,
        };
}
