using LanguageExt;

namespace Cmsa.Data;

/// <summary>
/// A conditional random field over the pixels of a picture in which every pixel speaks to every other one: it draws
/// what a model says of each pixel towards what the model says of pixels that are near, and of pixels that are near and
/// look alike. Two labels, Potts' compatibility, mean field. (Kraehenbuehl and Koltun, NIPS 2011; the published rows of
/// the paper are after it.)
/// </summary>
/// <remarks>
/// The defaults are the paper's protocol, for pictures of 320 x 320; as spreads are in pixels, on much smaller ones
/// they reach too far. The unary energy of a label is minus the logarithm of its probability, so that of two labels
/// differs by the logit itself. The kernels are Gaussians of position (<c>exp(-|p - p'|^2 / 2 s^2)</c>) and of position
/// and colour. As in the authors' code, a pixel is its own neighbour too, a kernel is normalised on both sides
/// (<c>NORMALIZE_SYMMETRIC</c>: <c>D^-1/2 K D^-1/2</c> with <c>D</c> the sums of the rows), and a permutohedral lattice
/// approximates it (<see cref="Lattice"/>).
/// </remarks>
/// <param name="GaussianSpread">Standard deviation of the first kernel, in pixels; positive.</param>
/// <param name="GaussianWeight">
/// What the first kernel adds to a logit, about, where all around are sure to be inside.
/// </param>
/// <param name="BilateralSpread">
/// Standard deviation of the second kernel along rows and columns, in pixels; positive.
/// </param>
/// <param name="ColourSpread">
/// Standard deviation of the second kernel along red, green and blue, in steps of a byte; positive.
/// </param>
/// <param name="BilateralWeight">
/// What the second kernel adds to a logit, about, where all alike are sure to be inside.
/// </param>
/// <param name="Iterations">Steps of mean field; none gives the logits back.</param>
public sealed record DenseCrf(
    double GaussianSpread = 3,
    double GaussianWeight = 3,
    double BilateralSpread = 20,
    double ColourSpread = 3,
    double BilateralWeight = 10,
    int Iterations = 5
)
{
    /// <summary>
    /// The logits of what the field says of each pixel. An error where the sizes disagree, where a logit is not a
    /// number, and where the picture is too large for the spreads.
    /// </summary>
    /// <param name="picture">The picture, of any size.</param>
    /// <param name="logits">
    /// What the model says of each pixel: Height * Width logits of inside, row by row; infinite ones too.
    /// </param>
    /// <returns>As many logits in the same order; 0 or more is inside. The arguments are left as they are.</returns>
    public Either<Error, float[]> Refine(Picture picture, float[] logits)
    {
        ThrowIfSenseless();
        var pixels = (long)picture.Height * picture.Width;
        if (pixels != logits.Length || 3 * pixels != picture.Rgb.Length)
            return Wrong(
                $"{logits.Length} logits and {picture.Rgb.Length} bytes of colour for {picture.Height} x {picture.Width} pixels",
                "give a logit and three bytes for each pixel"
            );
        if (Array.Exists(logits, float.IsNaN))
            return Wrong("a logit that is not a number", "see whether the training diverged");
        if (
            !Lattice.Holds(Extent(picture, GaussianSpread))
            || !Lattice.Holds(Extent(picture, BilateralSpread, ColourSpread))
        )
            return Wrong(
                $"a picture of {picture.Height} x {picture.Width} pixels is too large for spreads this small",
                "choose larger ones"
            );
        return MeanField(picture, logits);
    }

    // Of two labels one number is left: the expected sign s = q(inside) - q(outside) = tanh(x / 2) of a pixel whose
    // logit is x. Potts'
    // messages w K q(inside) and w K q(outside) then differ by w K s.
    private float[] MeanField(Picture picture, float[] logits)
    {
        var kernels = Kernels(picture);
        var (field, signs) = (logits.AsSpan().ToArray(), new float[logits.Length]);
        for (var step = 0; step < Iterations; step++)
        {
            for (var i = 0; i < signs.Length; i++)
                signs[i] = MathF.Tanh(field[i] / 2);
            logits.CopyTo(field, 0);
            foreach (var (weight, kernel) in kernels)
                kernel.Add((float)weight, signs, field);
        }
        return field;
    }

    private (double Weight, Kernel Kernel)[] Kernels(Picture picture) =>
        [
            .. Weighed(GaussianWeight, () => Features.OfPosition(picture, GaussianSpread)),
            .. Weighed(BilateralWeight, () => Features.OfPositionAndColour(picture, BilateralSpread, ColourSpread)),
        ];

    private static IEnumerable<(double, Kernel)> Weighed(double weight, Func<Features> features) =>
        weight == 0 ? [] : [(weight, new Kernel(features()))];

    private static float[] Extent(Picture picture, double spread, params double[] colours) =>
        [
            (float)(picture.Width / spread),
            (float)(picture.Height / spread),
            .. colours.SelectMany(s => Enumerable.Repeat((float)(255 / s), 3)),
        ];

    private static Error Wrong(string what, string hint) => new(what, "dense CRF", hint);

    private void ThrowIfSenseless()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(GaussianSpread);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BilateralSpread);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ColourSpread);
        ArgumentOutOfRangeException.ThrowIfNegative(Iterations);
    }
}
