namespace Cmsa.Data.Tests;

/// <summary>
/// Mean field as the paper by Kraehenbuehl and Koltun writes it, in double precision: two labels with their energies,
/// Potts' compatibility, and two kernels given as what they make of a number a pixel. Probabilities of being inside.
/// </summary>
internal static class CrfBrute
{
    /// <summary>With the exact Gaussians between all pairs of pixels.</summary>
    public static double[] Exact(DenseCrf crf, Picture picture, float[] logits) =>
        MeanField(
            crf,
            picture,
            logits,
            points =>
            {
                var rows = System.Array.ConvertAll(
                    points,
                    p => System.Array.ConvertAll(points, o => Math.Exp(-Squared(p, o) / 2))
                );
                return values => System.Array.ConvertAll(rows, row => Product(row, values));
            }
        );

    /// <summary>With the permutohedral lattice, read off its definition.</summary>
    public static double[] OnLattice(DenseCrf crf, Picture picture, float[] logits) =>
        MeanField(crf, picture, logits, points => new CrfLattice(points).Filter);

    public static double Sigmoid(double logit) => 1 / (1 + Math.Exp(-logit));

    private static double[] MeanField(
        DenseCrf crf,
        Picture picture,
        float[] logits,
        Func<double[][], Func<double[], double[]>> filtering
    )
    {
        var gaussian = Normalised(crf.GaussianSpread, _ => []);
        var bilateral = Normalised(
            crf.BilateralSpread,
            i => picture.Rgb[(3 * i)..(3 * i + 3)].Select(c => c / crf.ColourSpread)
        );
        var energies = System.Array.ConvertAll(
            logits,
            l => (Outside: -Math.Log(1 - Sigmoid(l)), Inside: -Math.Log(Sigmoid(l)))
        );
        var inside = System.Array.ConvertAll(energies, e => Probability(e.Outside, e.Inside));
        for (var step = 0; step < crf.Iterations; step++)
        {
            // A label pays for what the others believe of the other one.
            var (forOutside, forInside) = (Messages(inside), Messages(System.Array.ConvertAll(inside, q => 1 - q)));
            inside = [.. energies.Select((e, i) => Probability(e.Outside + forOutside[i], e.Inside + forInside[i]))];
        }
        return inside;

        Func<double[], double[]> Normalised(double spread, Func<int, IEnumerable<double>> colours)
        {
            var filter = filtering([
                .. Enumerable
                    .Range(0, logits.Length)
                    .Select(i => (double[])[i % picture.Width / spread, i / picture.Width / spread, .. colours(i)]),
            ]);
            var roots = filter([.. Enumerable.Repeat(1.0, logits.Length)]).Select(Math.Sqrt).ToArray();
            return values => [.. filter([.. values.Zip(roots, (v, r) => v / r)]).Zip(roots, (v, r) => v / r)];
        }

        double[] Messages(double[] q) =>
            [.. gaussian(q).Zip(bilateral(q), (g, b) => crf.GaussianWeight * g + crf.BilateralWeight * b)];
    }

    private static double Squared(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }

    private static double Product(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static double Probability(double outside, double inside)
    {
        var least = Math.Min(outside, inside);
        return Math.Exp(least - inside) / (Math.Exp(least - inside) + Math.Exp(least - outside));
    }
}
