using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// The head of the released graph, level by level, against its formulas on plain doubles: from the features of the
/// backbone and the rows of the embedding to X^i, their fusion and the scores.
/// </summary>
public class ReleasedLevelTests
{
    private static readonly Sizes sizes = new(
        new ResNet([1, 1, 1, 1], Bottleneck: false, Width: 2, OutputStride: 8),
        Image: 24,
        Words: 5,
        Vocabulary: 9,
        WordChannels: 7,
        Attention: 16,
        FusedChannels: 6,
        FixedBackbone: false
    );

    // The second and the third expression are padded on the left: an even and an odd count of words.
    private static readonly long[][] tokens =
    [
        [3, 8, 1, 5, 2],
        [0, 0, 0, 7, 4],
        [0, 0, 6, 1, 3],
    ];

    private sealed record Weights(Dictionary<string, (double[] Data, long[] Shape)> Of)
    {
        public double this[string path, params int[] at]
        {
            get
            {
                var (data, shape) = Of[path];
                return data[at.Zip(shape, (i, n) => (i, n)).Aggregate(0L, (sum, x) => sum * x.n + x.i)];
            }
        }

        public int Rows(string path) => (int)Of[path].Shape[0];
    }

    /// <summary>Numbers at rows and columns, channels last: <c>map[row][column][channel]</c>.</summary>
    private static double[][][] Grid(int rows, int columns, Func<int, int, double[]> at) =>
        [.. Enumerable.Range(0, rows).Select(y => Enumerable.Range(0, columns).Select(x => at(y, x)).ToArray())];

    private static double[][][] Grid(Tensor map)
    {
        var numbers = map.contiguous().data<double>().ToArray();
        var (channels, rows, columns) = ((int)map.shape[0], (int)map.shape[1], (int)map.shape[2]);
        return Grid(
            rows,
            columns,
            (y, x) => [.. Enumerable.Range(0, channels).Select(c => numbers[(c * rows + y) * columns + x])]
        );
    }

    private static double Relu(double x) => Math.Max(0, x);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double[] Normal(double[] x)
    {
        var inverse = 1 / Math.Sqrt(Math.Max(x.Sum(v => v * v), 1e-12));
        return [.. x.Select(v => v * inverse)];
    }

    /// <summary><c>W x + b</c> of a matrix or a 1x1 convolution.</summary>
    private static double[] Map(Weights w, string name, double[] x) =>
        [
            .. Enumerable
                .Range(0, w.Rows($"{name}.weight"))
                .Select(o => w[$"{name}.bias", o] + x.Select((v, i) => v * w[$"{name}.weight", o, i, 0, 0]).Sum()),
        ];

    private static double[] Linear(Weights w, string name, double[] x) =>
        [
            .. Enumerable
                .Range(0, w.Rows($"{name}.weight"))
                .Select(o => w[$"{name}.bias", o] + x.Select((v, i) => v * w[$"{name}.weight", o, i]).Sum()),
        ];

    /// <summary>A 3x3 convolution with zeros around.</summary>
    private static double[][][] Conv3(Weights w, string name, double[][][] x) =>
        Grid(
            x.Length,
            x[0].Length,
            (row, column) =>
                [
                    .. Enumerable
                        .Range(0, w.Rows($"{name}.weight"))
                        .Select(o =>
                            w[$"{name}.bias", o]
                            + (
                                from dy in Enumerable.Range(-1, 3)
                                from dx in Enumerable.Range(-1, 3)
                                let y = row + dy
                                let c = column + dx
                                where y >= 0 && y < x.Length && c >= 0 && c < x[0].Length
                                from i in Enumerable.Range(0, x[0][0].Length)
                                select x[y][c][i] * w[$"{name}.weight", o, i, dy + 1, dx + 1]
                            ).Sum()
                        ),
                ]
        );

    /// <summary>X^i of a level: the words are those that are there.</summary>
    private static double[][][] Level(Weights w, string level, double[][][] v, double[][] words)
    {
        var (rows, columns) = (v.Length, v[0].Length);
        if (level == "res5")
            v = Grid(rows, columns, (y, x) => Map(w, "res5.reduce", v[y][x]));
        // f_pn = [v/|v|, e/|e|, s], and for the lower levels relu(conv f_pn).
        var f = words
            .Select(e =>
                Grid(
                    rows,
                    columns,
                    (y, x) =>
                    {
                        double[] joined = [.. Normal(v[y][x]), .. Normal(e), .. Position(y, x)];
                        return level == "res5" ? joined : [.. Map(w, $"{level}.narrow.conv", joined).Select(Relu)];
                    }
                )
            )
            .ToArray();
        var (query, key, value) = (Mapped("query"), Pooled(Mapped("key")), Pooled(Mapped("value")));
        return Grid(
            rows,
            columns,
            (y, x) =>
            {
                var attended = Enumerable.Range(0, words.Length).Select(n => Attended(n, y, x)).ToArray();
                var mean = attended[0].Select((_, c) => attended.Average(a => a[c])).ToArray();
                return [.. Map(w, $"{level}.conv", mean).Select(Relu)];
            }
        );

        double[] Position(int y, int x) =>
            [
                2.0 * x / columns - 1,
                2.0 * y / rows - 1,
                2.0 * (x + 1) / columns - 1,
                2.0 * (y + 1) / rows - 1,
                (2.0 * x + 1) / columns - 1,
                (2.0 * y + 1) / rows - 1,
                1.0 / columns,
                1.0 / rows,
            ];

        double[][][][] Mapped(string part) =>
            [
                .. f.Select(map =>
                    Grid(rows, columns, (y, x) => [.. Linear(w, $"{level}.attention.{part}", map[y][x]).Select(Relu)])
                ),
            ];

        // The greatest of 2 words by 2 rows by 2 columns, as many as there are at the ends.
        double[][] Pooled(double[][][][] all) =>
            [
                .. from n in Enumerable.Range(0, (all.Length + 1) / 2)
                from y in Enumerable.Range(0, (rows + 1) / 2)
                from x in Enumerable.Range(0, (columns + 1) / 2)
                select (
                    from word in all.Skip(2 * n).Take(2)
                    from row in word.Skip(2 * y).Take(2)
                    from cell in row.Skip(2 * x).Take(2)
                    select cell
                ).Aggregate((a, b) => [.. a.Zip(b, Math.Max)]),
            ];

        // relu(W_o sum softmax(q k) v + b) + f
        double[] Attended(int n, int y, int x)
        {
            var scores = key.Select(k => k.Zip(query[n][y][x], (a, b) => a * b).Sum()).ToArray();
            var weights = scores.Select(s => Math.Exp(s - scores.Max())).ToArray();
            var mixed = value[0]
                .Select((_, c) => value.Zip(weights, (u, a) => u[c] * a).Sum() / weights.Sum())
                .ToArray();
            return [.. Linear(w, $"{level}.attention.output", mixed).Select(Relu).Zip(f[n][y][x], (a, b) => a + b)];
        }
    }

    /// <summary>
    /// One 3x3 convolution gives u, f and r; <c>c = a f X^j + (1 - a) f X^k + (1 - f) u</c>, the higher of the other
    /// levels first; <c>r tanh(c) + (1 - r) X^i</c>, summed over the levels.
    /// </summary>
    private static double[][][] Fused(Weights w, Dictionary<string, double[][][]> x)
    {
        var each = new[] { ("res3", "res5", "res4"), ("res4", "res5", "res3"), ("res5", "res4", "res3") }
            .Select(levels =>
            {
                var (i, j, k) = levels;
                var gates = Conv3(w, $"fusion.{i}.gates", x[i]);
                var (a, count) = (w.Of[$"fusion.{i}.mix"].Data[0], sizes.FusedChannels);
                return Grid(
                    gates.Length,
                    gates[0].Length,
                    (row, column) =>
                        [
                            .. Enumerable
                                .Range(0, count)
                                .Select(channel =>
                                {
                                    double Here(string level) => x[level][row][column][channel];
                                    var u = gates[row][column][channel];
                                    var f = Sigmoid(gates[row][column][count + channel] + 1);
                                    var r = Sigmoid(gates[row][column][2 * count + channel] + 1);
                                    var c = a * f * Here(j) + (1 - a) * f * Here(k) + (1 - f) * u;
                                    return r * Math.Tanh(c) + (1 - r) * Here(i);
                                }),
                        ]
                );
            })
            .ToArray();
        return Grid(
            each[0].Length,
            each[0][0].Length,
            (y, c) => [.. each[0][y][c].Select((_, channel) => each.Sum(e => e[y][c][channel]))]
        );
    }

    [
        Theory,
        InlineData(OptimizationLevel.AsWritten),
        InlineData(OptimizationLevel.Fused),
        InlineData(OptimizationLevel.All)
    ]
    public void Levels_fusion_and_scores_are_the_released_formulas(OptimizationLevel optimise)
    {
        using var scope = NewDisposeScope();
        string[] levels = ["res3", "res4", "res5"];
        var model = Released
            .Model(sizes)
            .Replace("backbone", Paper.Backbone(sizes).Probed("features"))
            .Replace(
                "fusion",
                Identity<Levels<FeatureMap>>().Probed("x") >> Released.GatedFusion(sizes.FusedChannels).Probed("fused")
            )
            .Replace("mask", Conv(1, 3).Probed("scores"));
        Many<string> probes =
        [
            .. levels.Select(l => $"backbone.features.{l}"),
            .. levels.Select(l => $"fusion.x.{l}"),
            "fusion.fused",
            "mask.scores",
        ];
        using var module = model
            .Compile(sizes.Inputs, new Options(Precision: Precision.Float64, Optimise: optimise, Probes: probes))
            .Fits()
            .WithDrawnWeights(5);
        var weights = new Weights(
            module.Tensors.ToDictionary(t => t.Parameter.Path, t => (t.Tensor.data<double>().ToArray(), t.Tensor.shape))
        );
        var image = Drawn.Uniform("image", [3, 3, sizes.Image, sizes.Image], map: u => u * 2 - 1);
        var ids = torch.tensor(tokens.SelectMany(t => t).ToArray(), [3, sizes.Words]);
        using var outcome = module.RunShowing(image, ids);
        for (var sample = 0; sample < tokens.Length; sample++)
        {
            var words = tokens[sample]
                .Where(id => id != 0)
                .Select(id =>
                    Enumerable
                        .Range(0, sizes.WordChannels)
                        .Select(c => weights["embedding.weight", (int)id, c])
                        .ToArray()
                )
                .ToArray();
            var x = new Dictionary<string, double[][][]>();
            foreach (var level in levels)
            {
                x[level] = Level(weights, level, Grid(outcome.Probes[$"backbone.features.{level}"][sample]), words);
                Near($"{level} of sample {sample}", x[level], outcome.Probes[$"fusion.x.{level}"][sample]);
            }
            var fused = Fused(weights, x);
            Near($"the fusion of sample {sample}", fused, outcome.Probes["fusion.fused"][sample]);
            Near(
                $"the scores of sample {sample}",
                Conv3(weights, "mask.conv", fused),
                outcome.Probes["mask.scores"][sample]
            );
        }

        static void Near(string what, double[][][] expected, Tensor found)
        {
            var numbers = Grid(found);
            Assert.Equal(
                (expected.Length, expected[0].Length, expected[0][0].Length),
                (numbers.Length, numbers[0].Length, numbers[0][0].Length)
            );
            var pairs = expected
                .SelectMany(r => r)
                .Zip(numbers.SelectMany(r => r), (a, b) => a.Zip(b))
                .SelectMany(p => p);
            Assert.All(
                pairs,
                p => Assert.True(Math.Abs(p.Item1 - p.Item2) < 1e-10, $"{what}: {p.Item2}, not {p.Item1}")
            );
            Assert.Contains(expected.SelectMany(r => r).SelectMany(c => c), v => Math.Abs(v) > 1e-3);
        }
    }

    [Fact]
    public void Widths_are_those_of_the_released_graph()
    {
        var paths = Released
            .Model(Sizes.Paper)
            .At(Sizes.Paper.Inputs)
            .Fits()
            .Parameters.ToDictionary(p => p.Path, p => p.Of);
        var widths = new[]
        {
            ("res5.attention.query.weight", 512, 2008),
            ("res4.attention.query.weight", 128, 256),
            ("res3.attention.query.weight", 64, 128),
            ("res5.attention.output.weight", 2008, 512),
            ("res5.reduce.weight", 1000, 2048),
            ("res4.narrow.conv.weight", 256, 2032),
            ("res3.narrow.conv.weight", 128, 1520),
            ("res3.conv.weight", 500, 128),
            ("fusion.res4.gates.weight", 1500, 500),
        };
        Assert.All(widths, w => Assert.Equal((w.Item2, w.Item3), (paths[w.Item1][Axis.Out], paths[w.Item1][Axis.In])));
    }
}
