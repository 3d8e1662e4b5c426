using FsCheck.Xunit;

namespace Cmsa.Data.Tests;

/// <summary>
/// What the dense CRF promises. How near is near enough was measured on 60 to 200 cases, then given room.
/// </summary>
[Properties(Arbitrary = [typeof(CrfCase)], MaxTest = 40)]
[Trait("Speed", "Slow")]
public class CrfTests
{
    private static readonly DenseCrf Paper = new();

    [Fact]
    public void It_says_what_the_authors_code_says() =>
        Assert.All(
            CrfGolden.All,
            golden => Assert.True(Furthest(Inside(Paper, golden.Case), golden.Inside) < 1e-3, golden.Case.Kind)
        );

    [Property(MaxTest = 15)]
    public bool It_is_mean_field_on_the_permutohedral_lattice(CrfCase of) =>
        Furthest(Inside(Paper, of), CrfBrute.OnLattice(Paper, of.Picture, of.Logits)) < 1e-3;

    // The lattice's kernels are not quite Gaussians; what is left of that shows in proportion to their weights.
    [Property]
    public bool It_is_mean_field_with_Gaussians_where_they_speak_softly(CrfCase of)
    {
        var soft = Paper with { GaussianWeight = .2, BilateralWeight = .05 };
        return Furthest(Inside(soft, of), CrfBrute.Exact(soft, of.Picture, of.Logits)) < 1e-2;
    }

    [Property]
    public bool It_is_about_mean_field_with_a_Gaussian_of_the_paper_s_weight(CrfCase of)
    {
        var gaussian = Paper with { BilateralWeight = 0 };
        var (ours, exact) = (Inside(gaussian, of), CrfBrute.Exact(gaussian, of.Picture, of.Logits));
        return Furthest(ours, exact) < .1 && Apart(ours, exact).Average() < .02;
    }

    // A few pixels end on the other side: thirteen logits' worth of neighbours make up their minds for good, one way or
    // the other.
    [Fact]
    public void With_both_of_the_paper_s_weights_nearly_all_pixels_end_as_with_Gaussians()
    {
        var pixels = Some(60)
            .SelectMany(of =>
                Inside(Paper, of).Zip(CrfBrute.Exact(Paper, of.Picture, of.Logits), (a, b) => (Ours: a, Exact: b))
            )
            .ToArray();
        Assert.InRange(pixels.Average(p => Math.Abs(p.Ours - p.Exact)), 0, .012);
        Assert.InRange(pixels.Average(p => p.Ours >= .5 == p.Exact >= .5 ? 0.0 : 1), 0, .012);
    }

    [Fact]
    public void It_sees_differences_of_colour_not_colours()
    {
        Assert.InRange(Some(60).Average(of => Apart(Inside(Paper, of), Inside(Paper, Brighter(of))).Average()), 0, .01);
        var soft = Paper with { BilateralWeight = .05 };
        Assert.All(Some(60), of => Assert.InRange(Furthest(Inside(soft, of), Inside(soft, Brighter(of))), 0, .01));
    }

    [Property]
    public bool Probabilities_lie_between_0_and_1(CrfCase of) => Inside(Paper, of).All(p => p is > 0 and < 1);

    [Property]
    public bool What_says_nothing_leaves_the_logits_as_they_are(CrfCase of) =>
        Refined(Paper with { GaussianWeight = 0, BilateralWeight = 0 }, of).SequenceEqual(of.Logits)
        && Refined(Paper with { Iterations = 0 }, of).SequenceEqual(of.Logits);

    [Property]
    public bool Outside_is_inside_the_other_way_round(CrfCase of)
    {
        var turned = of with { Logits = System.Array.ConvertAll(of.Logits, l => -l) };
        return Furthest(Inside(Paper, turned), Inside(Paper, of).Select(p => 1 - p)) < 1e-5;
    }

    [Property]
    public bool Who_is_surer_is_no_less_sure_after(CrfCase of)
    {
        var surer = of with { Logits = [.. of.Logits.Select((l, i) => l + i % 3)] };
        return Refined(Paper, of).Zip(Refined(Paper, surer), (less, more) => less <= more + 1e-3).All(right => right);
    }

    [Property]
    public bool The_same_twice_and_the_arguments_as_they_were(CrfCase of)
    {
        var (rgb, logits) = (of.Picture.Rgb.ToArray(), of.Logits.ToArray());
        return Refined(Paper, of).SequenceEqual(Refined(Paper, of))
            && rgb.SequenceEqual(of.Picture.Rgb)
            && logits.SequenceEqual(of.Logits);
    }

    [Property]
    public bool However_sure_it_stays_a_number(CrfCase of)
    {
        var sure = of with { Logits = System.Array.ConvertAll(of.Logits, l => MathF.CopySign(1e4f, l)) };
        var certain = of with { Logits = System.Array.ConvertAll(of.Logits, l => l * float.PositiveInfinity) };
        return Refined(Paper, sure)
                .Zip(sure.Logits, (after, before) => Math.Abs(after - before))
                .All(moved => moved < 40) && Refined(Paper, certain).SequenceEqual(certain.Logits);
    }

    [Fact]
    public void A_pixel_alone_in_its_opinion_on_a_plain_picture_gives_it_up()
    {
        var grey = new Picture(20, 20, [.. Enumerable.Repeat((byte)120, 3 * 20 * 20)]);
        var logits = Enumerable.Range(0, 20 * 20).Select(i => i == 9 * 20 + 11 ? 2f : -2f).ToArray();
        Assert.All(Paper.Refine(grey, logits).Value(), l => Assert.True(l < -2));
    }

    [Fact]
    public void An_edge_of_colour_is_an_edge_of_opinion()
    {
        var halves = new Picture(
            20,
            20,
            [.. Enumerable.Range(0, 3 * 20 * 20).Select(i => (byte)(i / 3 % 20 < 10 ? 60 : 180))]
        );
        var early = Enumerable.Range(0, 20 * 20).Select(i => i % 20 < 8 ? 1f : -1f).ToArray();
        Assert.Equal(
            Enumerable.Range(0, 20 * 20).Select(i => i % 20 < 10),
            (Paper with { GaussianWeight = 0 }).Refine(halves, early).Value().Select(l => l >= 0)
        );
    }

    // 0.52 before and 0.70 after.
    [Fact]
    public void Coarse_masks_of_scenes_get_nearer_to_the_truth()
    {
        var scenes = SceneDataset.Of(SceneFlavour.Unc, size: 320);
        var overlaps = Enumerable
            .Range(0, 20)
            .Select(i =>
            {
                var sample = scenes.Read("val", i).Value();
                var coarse = Coarse(sample.Truth, i);
                return (
                    Before: Overlap(sample.Truth, coarse),
                    After: Overlap(sample.Truth, Paper.Refine(sample.Picture, coarse).Value())
                );
            })
            .ToArray();
        Assert.True(overlaps.Average(o => o.After) > overlaps.Average(o => o.Before) + .1, string.Join('\n', overlaps));
    }

    [Fact]
    public void Pictures_of_any_shape_are_refined()
    {
        Assert.Empty(Paper.Refine(new(0, 5, []), []).Value());
        var alone = (Paper with { Iterations = 1 }).Refine(new(1, 1, [1, 2, 3]), [4f]).Value();
        Assert.Equal(4 + 13 * MathF.Tanh(2), Assert.Single(alone), 1e-3);
        Assert.Equal(700, Paper.Refine(new(1, 700, new byte[2100]), new float[700]).Value().Length);
    }

    [Fact]
    public void What_cannot_be_refined_is_an_error()
    {
        var picture = new Picture(2, 3, new byte[18]);
        Assert.Contains("5 logits", Paper.Refine(picture, new float[5]).Error().What, StringComparison.Ordinal);
        Assert.True(Paper.Refine(picture with { Rgb = new byte[17] }, new float[6]).IsLeft);
        Assert.Contains(
            "not a number",
            Paper.Refine(picture, [0, 1, 2, float.NaN, 4, 5]).Error().What,
            StringComparison.Ordinal
        );
        Assert.True((Paper with { ColourSpread = .01 }).Refine(picture, new float[6]).IsLeft);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            (Paper with { BilateralSpread = 0 }).Refine(picture, new float[6])
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            (Paper with { Iterations = -1 }).Refine(picture, new float[6])
        );
    }

    private static float[] Refined(DenseCrf crf, CrfCase of) => crf.Refine(of.Picture, of.Logits).Value();

    private static double[] Inside(DenseCrf crf, CrfCase of) =>
        System.Array.ConvertAll(Refined(crf, of), l => CrfBrute.Sigmoid(l));

    private static IEnumerable<double> Apart(IEnumerable<double> a, IEnumerable<double> b) =>
        a.Zip(b, (x, y) => Math.Abs(x - y));

    private static double Furthest(IEnumerable<double> a, IEnumerable<double> b) => Apart(a, b).Max();

    private static IEnumerable<CrfCase> Some(int count) =>
        Enumerable
            .Range(0, count)
            .Select(seed =>
                CrfCase.Of(
                    seed % 2 == 0 ? 20 : 16,
                    seed % 2 == 0 ? 20 : 24,
                    new[] { 1, 4, 8, 100 }[seed % 4],
                    new[] { 0, 2, 6, 30 }[seed / 4 % 4],
                    new[] { 1, 3, 8 }[seed % 3],
                    seed
                )
            );

    private static CrfCase Brighter(CrfCase of) =>
        of with
        {
            Picture = of.Picture with
            {
                Rgb = System.Array.ConvertAll(of.Picture.Rgb, b => (byte)Math.Min(255, b + 7)),
            },
        };

    // The truth as a grid of 12 x 12 would have it, resized bilinearly, under noise of standard deviation 1.
    private static float[] Coarse(BinaryMask truth, int seed)
    {
        const int Cells = 12;
        var (h, w, random) = (truth.Height, truth.Width, new Random(seed));
        var shares = new double[Cells, Cells];
        for (var i = 0; i < truth.Pixels.Length; i++)
            shares[i / w * Cells / h, i % w * Cells / w] += truth.Pixels[i] * (double)Cells * Cells / (h * w);
        return
        [
            .. Enumerable
                .Range(0, h * w)
                .Select(i =>
                {
                    var (top, left, down, right) = (
                        At(i / w, h).Cell,
                        At(i % w, w).Cell,
                        At(i / w, h).Beyond,
                        At(i % w, w).Beyond
                    );
                    var share = Mix(
                        Mix(shares[top, left], shares[top, left + 1], right),
                        Mix(shares[top + 1, left], shares[top + 1, left + 1], right),
                        down
                    );
                    return (float)(
                        4 * (2 * share - 1)
                        + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
                            * Math.Cos(2 * Math.PI * random.NextDouble())
                    );
                }),
        ];

        static (int Cell, double Beyond) At(int pixel, int pixels)
        {
            var at = Math.Clamp((pixel + .5) * Cells / pixels - .5, 0, Cells - 1);
            var cell = Math.Min((int)at, Cells - 2);
            return (cell, at - cell);
        }

        static double Mix(double a, double b, double t) => a + (b - a) * t;
    }

    // Intersection over union; 1 where neither has a pixel.
    private static double Overlap(BinaryMask truth, float[] logits)
    {
        var pixels = truth.Pixels.Zip(logits, (p, l) => (Truth: p == 1, Said: l >= 0)).ToArray();
        return pixels.Any(p => p.Truth || p.Said)
            ? (double)pixels.Count(p => p.Truth && p.Said) / pixels.Count(p => p.Truth || p.Said)
            : 1;
    }
}
