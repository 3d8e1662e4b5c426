using Cmsa.Data.Pictures;
using LanguageExt;

namespace Cmsa.Data.Crf;

/// <summary>
/// A fully connected conditional random field over the pixels of a picture. It moves the label of each pixel towards
/// the labels of pixels nearby, and of pixels nearby with a similar colour. Two labels, Potts compatibility, mean field
/// inference. (Kraehenbuehl and Koltun, NIPS 2011; the paper's published rows are measured after it.)
/// </summary>
/// <remarks>
/// The defaults are the paper's protocol for pictures of 320 x 320. Spreads are in pixels, so they are too wide for
/// much smaller pictures. The unary energy of a label is the negative logarithm of its probability; the two unary
/// energies differ by the logit. The kernels are Gaussians of position (<c>exp(-|p - p'|^2 / 2 s^2)</c>) and of
/// position and colour. As in the authors' code, a pixel is its own neighbour too, a kernel is normalised on both sides
/// (<c>NORMALIZE_SYMMETRIC</c>: <c>D^-1/2 K D^-1/2</c>, where <c>D</c> holds the sums of the rows), and a permutohedral
/// lattice approximates it (<see cref="Lattice"/>).
/// </remarks>
/// <param name="GaussianSpread">Standard deviation of the first kernel, in pixels; positive.</param>
/// <param name="GaussianWeight">
/// Roughly what the first kernel adds to a logit where all neighbours are certainly inside.
/// </param>
/// <param name="BilateralSpread">
/// Standard deviation of the second kernel along rows and columns, in pixels; positive.
/// </param>
/// <param name="ColourSpread">
/// Standard deviation of the second kernel along red, green and blue, in steps of a byte; positive.
/// </param>
/// <param name="BilateralWeight">
/// Roughly what the second kernel adds to a logit where all similar neighbours are certainly inside.
/// </param>
/// <param name="Iterations">Steps of mean field; 0 returns the logits unchanged.</param>
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
    /// The logits of each pixel after mean field. An error where the sizes disagree, where a logit is not a number, and
    /// where the picture is too large for the spreads.
    /// </summary>
    /// <param name="picture">The picture, of any size.</param>
    /// <param name="logits">
    /// The model's output: Height * Width logits of being inside, row by row; they may be infinite.
    /// </param>
    /// <returns>As many logits in the same order; 0 or more is inside. The arguments do not change.</returns>
    public Either<Error, float[]> Refine(Picture picture, float[] logits)
    {
        ThrowIfSenseless();
        var pixels = (long)picture.Height * picture.Width;
        if (pixels != logits.Length || 3 * pixels != picture.Rgb.Length)
            return Wrong(
                $"{logits.Length} logits and {picture.Rgb.Length} bytes of colour"
                    + $" for {picture.Height} x {picture.Width} pixels",
                "give a logit and three bytes for each pixel"
            );
        if (Array.Exists(logits, float.IsNaN))
            return Wrong("a logit that is not a number", "check whether the training diverged");
        var fits =
            Lattice.Holds(Extent(picture, GaussianSpread))
            && Lattice.Holds(Extent(picture, BilateralSpread, ColourSpread));
        if (!fits)
            return Wrong(
                $"a picture of {picture.Height} x {picture.Width} pixels is too large for these spreads",
                "choose larger spreads"
            );
        return MeanField(picture, logits);
    }

    // Two labels need one number a pixel: the expected sign s = q(inside) - q(outside) = tanh(x / 2), where x is the
    // logit. The Potts messages w K q(inside) and w K q(outside) then differ by w K s.
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

    private (double Weight, GaussianKernel Kernel)[] Kernels(Picture picture) =>
        [
            .. Weighed(GaussianWeight, () => Features.OfPosition(picture, GaussianSpread)),
            .. Weighed(BilateralWeight, () => Features.OfPositionAndColour(picture, BilateralSpread, ColourSpread)),
        ];

    private static IEnumerable<(double, GaussianKernel)> Weighed(double weight, Func<Features> features) =>
        weight == 0 ? [] : [(weight, new GaussianKernel(features()))];

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
