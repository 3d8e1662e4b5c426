using Cmsa.Models.Tables;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>Each row's head, taken out of the row, against its definition written out by hand.</summary>
[Trait("Speed", "Slow")]
public class AblationsHeadTests
{
    private const double Close = 1e-10;
    private static readonly Sizes sizes = new(
        ResNet.Of18 with
        {
            Width = 4,
            OutputStride = 8,
        },
        Image: 32,
        Words: 4,
        Vocabulary: 9,
        WordChannels: 5,
        Attention: 4,
        FusedChannels: 8,
        FixedBackbone: false
    );
    private static readonly long[][] expressions =
    [
        [0, 0, 3, 7],
        [5, 1, 8, 2],
    ];

    public static IEnumerable<object[]> Attending =>
        from row in PaperTables.Three.Models
        from effort in Enum.GetValues<OptimizationLevel>()
        select new object[] { row.Name, effort };

    public static TheoryData<OptimizationLevel> Efforts => new(Enum.GetValues<OptimizationLevel>());

    private static Layer<(Image, Tokens), Mask> Model(Table table, string row) =>
        table
            .Row(row)
            .Match(Right: r => r.Model, Left: _ => default)
            .Match(m => m(sizes), () => throw new InvalidOperationException(row));

    private static Layer Part(Layer<(Image, Tokens), Mask> model, Func<Placement, bool> where) =>
        model.Everything.Find(where).Match(p => p.Layer, () => throw new InvalidOperationException());

    private static double[,,] Array(Tensor x)
    {
        Assert.Equal(3, x.dim());
        var (h, w) = (x.shape[1], x.shape[2]);
        var data = x.contiguous().data<double>().ToArray();
        return ByHand.Map((int)x.shape[0], (int)h, (int)w, (k, y, u) => data[(k * h + y) * w + u]);
    }

    private static void Same(double[,,] expected, Tensor actual)
    {
        var found = Array(actual);
        Assert.Equal(
            [expected.GetLength(0), expected.GetLength(1), expected.GetLength(2)],
            actual.shape.Select(d => (int)d)
        );
        Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Cast<double>().Max(), 0, Close);
    }

    // What a row makes of one level and the words: its encoder of words, then its body of a level.
    private static void Represents(
        Layer<(Image, Tokens), Mask> row,
        OptimizationLevel effort,
        Func<DrawnWeights, double[,,], List<double[]>, double[,,]> definition
    )
    {
        var encoder =
            (Layer<Tokens, Words>)Part(row, p => p.Layer is Beside<Image, Levels<FeatureMap>, Tokens, Words>).Parts[1];
        var body = (Layer<(FeatureMap, Words), FeatureMap>)Part(row, p => p.Path == "*");
        var weights = new DrawnWeights(7);
        using var compiled = (Identity<FeatureMap>() * encoder >> body.Named("level")).Compile(
            InputSpec.FeatureMap(3, 2, 3) & InputSpec.Tokens(4),
            weights.Draw,
            new(Precision: Precision.Float64, Optimise: effort)
        );
        torch.manual_seed(3);
        using var v = torch.randn([2, 3, 2, 3], dtype: ScalarType.Float64);
        using var result = compiled.Run(v, torch.tensor(expressions.SelectMany(e => e).ToArray(), [2, 4]));
        for (var b = 0; b < 2; b++)
            Same(
                definition(
                    weights,
                    Array(v[b]),
                    [
                        .. expressions[b]
                            .Where(n => n != 0)
                            .Select(n => ByHand.Vector(5, c => weights["embedding.weight", (int)n, c])),
                    ]
                ),
                result[b]
            );
    }

    private static double[,,] Projected(double[,,] x, DrawnWeights w) =>
        ByHand.Conv(x, w, "level.conv", 1).Select(a => Math.Max(a, 0));

    /// <summary>Equations 2 to 4 by loops over all pairs: what may be attended to, and how a pair is scored.</summary>
    private static double[,,] Attended(
        DrawnWeights w,
        double[,,] v,
        List<double[]> words,
        Func<(int P, int N), (int P, int N), bool> attends,
        bool crossTerms = false
    )
    {
        var (rows, columns) = (v.GetLength(1), v.GetLength(2));
        var f = words.Select(e => ByHand.Multimodal(v, e)).ToArray();
        var tokens = (
            from n in Enumerable.Range(0, words.Count)
            from p in Enumerable.Range(0, rows * columns)
            select (P: p, N: n)
        ).ToArray();
        var (visual, word) = (v.GetLength(0), words[0].Length);

        // The feature of a token with one modality at zero. Where a token attends to itself alone there are no queries
        // and keys.
        double[] OfPlace((int P, int N) t) =>
            ByHand.Vector(f[t.N][t.P].Length, c => c >= visual && c < visual + word ? 0 : f[t.N][t.P][c]);
        double[] OfWord((int P, int N) t) =>
            ByHand.Vector(f[t.N][t.P].Length, c => c >= visual && c < visual + word ? f[t.N][t.P][c] : 0);
        Dictionary<(int, int), double[]> Mapped(string name, Func<(int P, int N), double[]> feature) =>
            tokens.ToDictionary(
                t => t,
                t =>
                    w.Has($"level.attention.{name}.weight")
                        ? ByHand.Linear(feature(t), w, $"level.attention.{name}")
                        : []
            );
        double Dot(double[] a, double[] b) => ByHand.Sum(a.Length, i => a[i] * b[i]);

        var (q, k, value) = (
            Mapped("query", t => f[t.N][t.P]),
            Mapped("key", t => f[t.N][t.P]),
            Mapped("value", t => f[t.N][t.P])
        );
        var (qp, qn, kp, kn) = (
            Mapped("query", OfPlace),
            Mapped("query", OfWord),
            Mapped("key", OfPlace),
            Mapped("key", OfWord)
        );
        var attended = tokens.ToDictionary(
            t => t,
            t =>
            {
                var seen = tokens
                    .Where(o => attends(t, o))
                    .Select(o =>
                        (
                            Token: o,
                            Weight: Math.Exp(crossTerms ? Dot(kp[t], qn[o]) + Dot(kn[t], qp[o]) : Dot(q[o], k[t]))
                        )
                    )
                    .ToArray();
                var mean = ByHand.Vector(
                    value[t].Length,
                    c => seen.Sum(o => o.Weight * value[o.Token][c]) / seen.Sum(o => o.Weight)
                );
                return ByHand.Linear(mean, w, "level.attention.output");
            }
        );
        var pooled = Enumerable
            .Range(0, rows * columns)
            .Select(p =>
                ByHand.Vector(
                    f[0][0].Length,
                    c => ByHand.Sum(words.Count, n => attended[(p, n)][c] + f[n][p][c]) / words.Count
                )
            )
            .ToList();
        return Projected(pooled.AsMap(rows, columns), w);
    }

    [Theory, MemberData(nameof(Attending))]
    public void Attention_is_equations_2_to_4_with_its_part_of_the_sum(string row, OptimizationLevel effort) =>
        Represents(
            Model(PaperTables.Three, row),
            effort,
            (w, v, words) =>
                Attended(
                    w,
                    v,
                    words,
                    row switch
                    {
                        "No attention" => (t, o) => t == o,
                        "Word attention" => (t, o) => t.P == o.P,
                        "Pixel attention" => (t, o) => t.N == o.N,
                        "Word-pixel pair attention" => (t, o) => t == o || (t.P != o.P && t.N != o.N),
                        _ => (_, _) => true,
                    },
                    crossTerms: row.EndsWith("(cross terms)", StringComparison.Ordinal)
                )
        );

    [Theory, MemberData(nameof(Efforts))]
    public void Rmi_lstm_reads_the_words_at_every_place(OptimizationLevel effort) =>
        Represents(
            Model(PaperTables.Two, "RMI-LSTM"),
            effort,
            (w, v, words) =>
            {
                var read = words
                    .Zip(ByHand.Lstm(words, w, "lstm"), (e, h) => (double[])[.. e, .. h])
                    .Select(eh => ByHand.Multimodal(v, eh))
                    .ToArray();
                return Enumerable
                    .Range(0, 6)
                    .Select(p => ByHand.Lstm(read.Select(f => f[p]), w, "level.lstm")[^1])
                    .ToList()
                    .AsMap(2, 3);
            }
        );

    [Theory, MemberData(nameof(Efforts))]
    public void Rrn_cnn_tiles_the_sentence(OptimizationLevel effort) =>
        Represents(
            Model(PaperTables.Two, "RRN-CNN"),
            effort,
            (w, v, words) => Projected(ByHand.Multimodal(v, ByHand.Lstm(words, w, "lstm")[^1]).AsMap(2, 3), w)
        );

    [Theory, MemberData(nameof(Efforts))]
    public void Rmi_lstm_as_cited_leaves_words_unscaled_and_ends_in_arctanh(OptimizationLevel effort) =>
        Represents(
            Model(PaperTables.Two, "RMI-LSTM (as cited)"),
            effort,
            (w, v, words) =>
            {
                var reduced = ByHand.Conv(v, w, "level.reduce", 1);
                var read = words
                    .Zip(ByHand.Lstm(words, w, "lstm", forget: 1), (e, h) => (double[])[.. e, .. ByHand.Unit(h)])
                    .Select(eh => ByHand.MultimodalOf(reduced, eh))
                    .ToArray();
                return Enumerable
                    .Range(0, 6)
                    .Select(p => ByHand.Lstm(read.Select(f => f[p]), w, "level.lstm", forget: 1)[^1])
                    .Select(h =>
                        ByHand.Vector(h.Length, k => Math.Max(0, 0.5 * (Math.Log(1.001 + h[k]) - Math.Log(1.001 - h[k]))))
                    )
                    .ToList()
                    .AsMap(2, 3);
            }
        );

    [Fact]
    public void Rmi_lstm_as_cited_scores_each_place_alone()
    {
        var mask = Part(Model(PaperTables.Two, "RMI-LSTM (as cited)"), p => p.Path == "mask");
        Assert.Equal(Conv(1, 1).Named("mask"), mask);
    }

    [Theory, MemberData(nameof(Efforts))]
    public void Rrn_cnn_as_cited_reduces_the_picture_first(OptimizationLevel effort) =>
        Represents(
            Model(PaperTables.Two, "RRN-CNN (as cited)"),
            effort,
            (w, v, words) =>
                Projected(
                    ByHand
                        .Multimodal(
                            ByHand.Conv(v, w, "level.reduce", 1),
                            ByHand.Lstm(words, w, "lstm", forget: 1)[^1]
                        )
                        .AsMap(2, 3),
                    w
                )
        );

    [Theory, MemberData(nameof(Efforts))]
    public void Cmsa_s_attends_over_places_with_one_word(OptimizationLevel effort) =>
        Represents(
            Model(PaperTables.Two, "CMSA-S"),
            effort,
            (w, v, words) => Attended(w, v, [ByHand.Lstm(words, w, "lstm")[^1]], (_, _) => true)
        );

    [Theory, MemberData(nameof(Efforts))]
    public void Cmsa_w_attends_over_places_and_words(OptimizationLevel effort) =>
        Represents(Model(PaperTables.Two, "CMSA-W"), effort, (w, v, words) => Attended(w, v, words, (_, _) => true));

    // What a row makes of its three levels, given from Res3 to Res5.
    private static void Fuses(
        string row,
        OptimizationLevel effort,
        Func<DrawnWeights, double[][,,], double[,,]> definition
    )
    {
        var fusion = (Layer<Levels<FeatureMap>, FeatureMap>)Part(Model(PaperTables.Two, row), p => p.Path == "fusion");
        var (weights, level) = (new DrawnWeights(11), InputSpec.FeatureMap(8, 5, 7));
        using var compiled = fusion.Compile(
            InputSpec.Levels(("res3", level), ("res4", level), ("res5", level)),
            weights.Draw,
            new(Precision: Precision.Float64, Optimise: effort)
        );
        torch.manual_seed(5);
        Tensor[] x = [.. Enumerable.Range(0, 3).Select(_ => torch.randn([2, 8, 5, 7], dtype: ScalarType.Float64))];
        using var fused = compiled.Run(x);
        for (var b = 0; b < 2; b++)
            Same(definition(weights, [.. x.Select(level => Array(level[b]))]), fused[b]);
    }

    private static readonly string[] levels = ["res3", "res4", "res5"];

    [Theory, MemberData(nameof(Efforts))]
    public void Gated_is_each_level_times_its_gate(OptimizationLevel effort) =>
        Fuses(
            "CMSA+Gated",
            effort,
            (w, x) =>
            {
                var m = levels.Select((level, i) => ByHand.Conv(x[i], w, $"memory.{level}.conv", 3)).ToArray();
                return ByHand.Map(
                    8,
                    5,
                    7,
                    (c, y, u) => ByHand.Sum(3, i => ByHand.Sigmoid(m[i][0, y, u]) * x[i][c, y, u])
                );
            }
        );

    [Theory, MemberData(nameof(Efforts))]
    public void Deconv_spreads_every_cell_over_its_neighbours_top_down(OptimizationLevel effort) =>
        Fuses(
            "CMSA+Deconv",
            effort,
            (w, x) =>
            {
                var d4 = x[1].Zip(Spread(x[2], "res5.deconv"), (a, b) => Math.Max(0, a + b));
                return x[0].Zip(Spread(d4, "res4.deconv"), (a, b) => Math.Max(0, a + b));

                double[,,] Spread(double[,,] d, string path)
                {
                    var result = ByHand.Map(8, 5, 7, (o, _, _) => w[$"{path}.bias", o]);
                    foreach (var (y, u) in ByHand.Places(d))
                        for (var (ky, kx) = (0, 0); ky < 3; (ky, kx) = kx < 2 ? (ky, kx + 1) : (ky + 1, 0))
                            if (y + ky - 1 is >= 0 and < 5 && u + kx - 1 is >= 0 and < 7)
                                for (var o = 0; o < 8; o++)
                                    result[o, y + ky - 1, u + kx - 1] += ByHand.Sum(
                                        8,
                                        i => d[i, y, u] * w[$"{path}.weight", i, o, ky, kx]
                                    );
                    return result;
                }
            }
        );

    [Theory, MemberData(nameof(Efforts))]
    public void Ppm_is_the_means_of_four_grids_beside_the_levels(OptimizationLevel effort) =>
        Fuses(
            "CMSA+PPM",
            effort,
            (w, x) =>
            {
                var all = ByHand.Stack(x);
                var pyramid = new[] { 1, 2, 3, 6 }.Select(bins =>
                    ByHand.Spread(
                        ByHand.Conv(ByHand.Bins(all, bins), w, $"bins{bins}", 1).Select(a => Math.Max(a, 0)),
                        5,
                        7
                    )
                );
                return ByHand.Conv(ByHand.Stack([all, .. pyramid]), w, "conv", 3).Select(a => Math.Max(a, 0));
            }
        );

    [Theory, MemberData(nameof(Efforts))]
    public void Ppm_as_cited_has_a_quarter_of_the_joined_channels_for_each_grid(OptimizationLevel effort) =>
        Fuses(
            "CMSA+PPM (as cited)",
            effort,
            (w, x) =>
            {
                var all = ByHand.Stack(x);
                Assert.Equal(24 / 4, w.Shape("bins6.conv.weight")[0]);
                var pyramid = new[] { 1, 2, 3, 6 }.Select(bins =>
                    ByHand.SpreadByCorners(
                        Relu(Normed(ByHand.Conv(ByHand.Bins(all, bins), w, $"bins{bins}.conv", 1, bias: false), $"bins{bins}.norm")),
                        5,
                        7
                    )
                );
                return Relu(Normed(ByHand.Conv(ByHand.Stack([all, .. pyramid]), w, "joined", 3, bias: false), "norm"));

                double[,,] Normed(double[,,] y, string path) =>
                    ByHand.Map(
                        y.GetLength(0),
                        y.GetLength(1),
                        y.GetLength(2),
                        (c, r, u) =>
                            (y[c, r, u] - w[$"{path}.running_mean", c])
                                / Math.Sqrt(w[$"{path}.running_var", c] + 1e-5)
                                * w[$"{path}.weight", c]
                            + w[$"{path}.bias", c]
                    );
            }
        );

    private static double[,,] Relu(double[,,] x) => x.Select(a => Math.Max(a, 0));

    [Theory, MemberData(nameof(Efforts))]
    public void Conv_lstm_as_cited_sees_its_cell_through_peepholes_and_norms(OptimizationLevel effort) =>
        Fuses(
            "CMSA+ConvLSTM (as cited)",
            effort,
            (w, x) =>
            {
                var (h, c) = (new double[8, 5, 7], new double[8, 5, 7]);
                foreach (var level in x.Reverse())
                {
                    var gates = ByHand
                        .Conv(level, w, "input", 1, bias: false)
                        .Zip(ByHand.Conv(h, w, "state", 1, bias: false), (a, b) => a + b);
                    var j = ByHand.MapNorm(gates.Channels(0, 8), w, "norm_j");
                    var i = ByHand.MapNorm(Seen(gates.Channels(8, 8), c, "peephole_i"), w, "norm_i");
                    var f = ByHand.MapNorm(Seen(gates.Channels(16, 8), c, "peephole_f"), w, "norm_f");
                    var last = c;
                    var next = ByHand.Map(
                        8,
                        5,
                        7,
                        (k, y, u) =>
                            ByHand.Sigmoid(f[k, y, u] + 1) * last[k, y, u]
                            + ByHand.Sigmoid(i[k, y, u]) * Math.Tanh(j[k, y, u])
                    );
                    var o = ByHand.MapNorm(Seen(gates.Channels(24, 8), next, "peephole_o"), w, "norm_o");
                    c = ByHand.MapNorm(next, w, "norm_c");
                    h = c.Zip(o, (cell, output) => ByHand.Sigmoid(output) * Math.Tanh(cell));
                }
                return h;

                double[,,] Seen(double[,,] gate, double[,,] cell, string path) =>
                    ByHand.Map(8, 5, 7, (k, y, u) => gate[k, y, u] + w[$"{path}.weight", k, y, u] * cell[k, y, u]);
            }
        );

    [Theory, MemberData(nameof(Efforts))]
    public void Conv_lstm_reads_the_levels_from_res5_down(OptimizationLevel effort) =>
        Fuses(
            "CMSA+ConvLSTM",
            effort,
            (w, x) =>
            {
                var (h, c) = (new double[8, 5, 7], new double[8, 5, 7]);
                foreach (var level in x.Reverse())
                {
                    var gates = ByHand
                        .Conv(level, w, "input", 3)
                        .Zip(ByHand.Conv(h, w, "state", 3, bias: false), (a, b) => a + b);
                    var (i, f, g, o) = (
                        gates.Channels(0, 8),
                        gates.Channels(8, 8),
                        gates.Channels(16, 8),
                        gates.Channels(24, 8)
                    );
                    var last = c;
                    c = ByHand.Map(
                        8,
                        5,
                        7,
                        (k, y, u) =>
                            ByHand.Sigmoid(f[k, y, u]) * last[k, y, u]
                            + ByHand.Sigmoid(i[k, y, u]) * Math.Tanh(g[k, y, u])
                    );
                    h = c.Zip(o, (cell, output) => ByHand.Sigmoid(output) * Math.Tanh(cell));
                }
                return h;
            }
        );
}
