using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// The definitions behind the ablations, element by element on plain arrays: no tensor operation has a part in them.
/// </summary>
internal static class ByHand
{
    public static double[,,] Map(int channels, int rows, int columns, Func<int, int, int, double> at)
    {
        var map = new double[channels, rows, columns];
        for (var c = 0; c < channels; c++)
            for (var y = 0; y < rows; y++)
                for (var x = 0; x < columns; x++)
                    map[c, y, x] = at(c, y, x);
        return map;
    }

    public static double[] Vector(int length, Func<int, double> at) => [.. Enumerable.Range(0, length).Select(at)];

    public static double Sum(int count, Func<int, double> term) => Enumerable.Range(0, count).Sum(term);

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    public static double[] Unit(double[] x) => Vector(x.Length, i => x[i] / Math.Sqrt(x.Sum(a => a * a)));

    public static double[,,] Zip(this double[,,] a, double[,,] b, Func<double, double, double> combine) =>
        Map(a.GetLength(0), a.GetLength(1), a.GetLength(2), (c, y, x) => combine(a[c, y, x], b[c, y, x]));

    public static double[,,] Select(this double[,,] a, Func<double, double> change) => a.Zip(a, (x, _) => change(x));

    public static double[,,] Channels(this double[,,] a, int start, int count) =>
        Map(count, a.GetLength(1), a.GetLength(2), (c, y, x) => a[start + c, y, x]);

    public static double[] Place(this double[,,] a, int y, int x) => Vector(a.GetLength(0), c => a[c, y, x]);

    /// <summary>The element, or 0 outside the map.</summary>
    public static double Or0(this double[,,] a, int c, int y, int x) =>
        y >= 0 && y < a.GetLength(1) && x >= 0 && x < a.GetLength(2) ? a[c, y, x] : 0;

    /// <summary><c>y_o(p) = b_o + sum_{i,k} W_oik x_i(p + k)</c>.</summary>
    public static double[,,] Conv(double[,,] x, DrawnWeights w, string path, int kernel, bool bias = true) =>
        Map(
            (int)w.Shape($"{path}.weight")[0],
            x.GetLength(1),
            x.GetLength(2),
            (o, r, c) =>
                (bias ? w[$"{path}.bias", o] : 0)
                + Sum(
                    x.GetLength(0),
                    i =>
                        Sum(
                            kernel,
                            ky =>
                                Sum(
                                    kernel,
                                    kx =>
                                        w[$"{path}.weight", o, i, ky, kx]
                                        * x.Or0(i, r + ky - kernel / 2, c + kx - kernel / 2)
                                )
                        )
                )
        );

    /// <summary><c>y = W x + b</c>.</summary>
    public static double[] Linear(double[] x, DrawnWeights w, string path) =>
        Vector(
            (int)w.Shape($"{path}.weight")[0],
            o => w[$"{path}.bias", o] + Sum(x.Length, i => w[$"{path}.weight", o, i] * x[i])
        );

    /// <summary>
    /// The state of an LSTM after each of some vectors (Hochreiter and Schmidhuber 1997, with forget gates).
    /// </summary>
    public static List<double[]> Lstm(IEnumerable<double[]> inputs, DrawnWeights w, string path, double forget = 0)
    {
        var hidden = (int)w.Shape($"{path}.weight_hh")[1];
        var (h, c, states) = (new double[hidden], new double[hidden], new List<double[]>());
        foreach (var x in inputs)
        {
            var before = h;
            double Gate(int at) =>
                w[$"{path}.bias_ih", at]
                + w[$"{path}.bias_hh", at]
                + Sum(x.Length, i => w[$"{path}.weight_ih", at, i] * x[i])
                + Sum(hidden, i => w[$"{path}.weight_hh", at, i] * before[i]);
            var last = c;
            c = Vector(
                hidden,
                k => Sigmoid(Gate(hidden + k) + forget) * last[k] + Sigmoid(Gate(k)) * Math.Tanh(Gate(2 * hidden + k))
            );
            var next = c;
            h = Vector(hidden, k => Sigmoid(Gate(3 * hidden + k)) * Math.Tanh(next[k]));
            states.Add(h);
        }
        return states;
    }

    /// <summary>f_pn of every word and place: <c>[v/|v|, e/|e|, s]</c> with the 8 coordinates of a cell.</summary>
    public static double[][] Multimodal(double[,,] v, double[] e) => MultimodalOf(v, Unit(e));

    /// <summary>f_pn with the word as it is: <c>[v/|v|, e, s]</c>.</summary>
    public static double[][] MultimodalOf(double[,,] v, double[] e) =>
        [
            .. Places(v)
                .Select(p =>
                    (double[])
                        [.. Unit(v.Place(p.Y, p.X)), .. e, .. Position(p.Y, p.X, v.GetLength(1), v.GetLength(2))]
                ),
        ];

    public static IEnumerable<(int Y, int X)> Places(double[,,] v) =>
        from y in Enumerable.Range(0, v.GetLength(1))
        from x in Enumerable.Range(0, v.GetLength(2))
        select (y, x);

    private static double[] Position(int y, int x, int rows, int columns)
    {
        double Along(double cell, int count) => 2 * cell / count - 1;
        return
        [
            Along(x, columns),
            Along(y, rows),
            Along(x + 1, columns),
            Along(y + 1, rows),
            Along(x + .5, columns),
            Along(y + .5, rows),
            1.0 / columns,
            1.0 / rows,
        ];
    }

    /// <summary>The vectors of a map's places, in the order of <see cref="Places"/>, as the map.</summary>
    public static double[,,] AsMap(this IReadOnlyList<double[]> places, int rows, int columns) =>
        Map(places[0].Length, rows, columns, (c, y, x) => places[y * columns + x][c]);

    /// <summary>
    /// The mean of each of <c>bins x bins</c> cells that cover a map, with the edges of PSPNet's pooling.
    /// </summary>
    public static double[,,] Bins(double[,,] x, int bins)
    {
        var (rows, columns) = (x.GetLength(1), x.GetLength(2));
        return Map(
            x.GetLength(0),
            bins,
            bins,
            (c, row, column) =>
                (
                    from y in Enumerable.Range(0, rows)
                    where y >= row * rows / bins && y * bins < (row + 1) * rows
                    from u in Enumerable.Range(0, columns)
                    where u >= column * columns / bins && u * bins < (column + 1) * columns
                    select x[c, y, u]
                ).Average()
        );
    }

    /// <summary>Bilinear resampling where a cell's value stands at its centre.</summary>
    public static double[,,] Spread(double[,,] a, int rows, int columns)
    {
        static (int Low, int High, double Share) Between(int at, int size, int from)
        {
            var source = Math.Max(0, (at + .5) * from / size - .5);
            return ((int)source, Math.Min((int)source + 1, from - 1), source - (int)source);
        }
        return Map(
            a.GetLength(0),
            rows,
            columns,
            (c, y, x) =>
            {
                var (top, bottom, down) = Between(y, rows, a.GetLength(1));
                var (left, right, across) = Between(x, columns, a.GetLength(2));
                return (1 - down) * ((1 - across) * a[c, top, left] + across * a[c, top, right])
                    + down * ((1 - across) * a[c, bottom, left] + across * a[c, bottom, right]);
            }
        );
    }

    /// <summary>All channels and places to mean 0 and variance 1, then a gain and a bias for each channel.</summary>
    public static double[,,] MapNorm(double[,,] x, DrawnWeights w, string path)
    {
        var all = x.Cast<double>().ToArray();
        var mean = all.Average();
        var deviation = Math.Sqrt(all.Average(a => (a - mean) * (a - mean)) + 1e-12);
        return Map(
            x.GetLength(0),
            x.GetLength(1),
            x.GetLength(2),
            (c, y, u) => (x[c, y, u] - mean) / deviation * w[$"{path}.weight", c] + w[$"{path}.bias", c]
        );
    }

    /// <summary>A map enlarged bilinearly so that its corners keep their values.</summary>
    public static double[,,] SpreadByCorners(double[,,] a, int rows, int columns)
    {
        var (fromRows, fromColumns) = (a.GetLength(1), a.GetLength(2));
        return Map(
            a.GetLength(0),
            rows,
            columns,
            (c, y, x) =>
            {
                var (top, bottom, down) = Between(y, rows, fromRows);
                var (left, right, across) = Between(x, columns, fromColumns);
                var upper = a[c, top, left] * (1 - across) + a[c, top, right] * across;
                var lower = a[c, bottom, left] * (1 - across) + a[c, bottom, right] * across;
                return upper * (1 - down) + lower * down;
            }
        );

        static (int Low, int High, double Share) Between(int at, int size, int from)
        {
            var place = (double)at * (from - 1) / (size - 1);
            var low = (int)place;
            return (low, Math.Min(low + 1, from - 1), place - low);
        }
    }

    public static double[,,] Stack(params double[][,,] maps) =>
        Map(
            maps.Sum(m => m.GetLength(0)),
            maps[0].GetLength(1),
            maps[0].GetLength(2),
            (c, y, x) =>
            {
                var of = 0;
                while (c >= maps[of].GetLength(0))
                    c -= maps[of++].GetLength(0);
                return maps[of][c, y, x];
            }
        );
}

/// <summary>DrawnWeights drawn once for each path: for a compiled model as tensors, for formulas as numbers.</summary>
internal sealed class DrawnWeights(long seed)
{
    private readonly Dictionary<string, (double[] Data, long[] Shape)> known = [];

    public Tensor Draw(Parameter parameter)
    {
        using var generator = new Generator((ulong)(seed + known.Count));
        var drawn = torch
            .rand([.. parameter.Of.Dimensions.Map(d => (long)d.Size)], dtype: ScalarType.Float64, generator: generator)
            // A variance is positive.
            .sub(parameter.Path.EndsWith("running_var", StringComparison.Ordinal) ? -.5 : .5);
        known[parameter.Path] = (drawn.data<double>().ToArray(), drawn.shape);
        return drawn;
    }

    public long[] Shape(string path) => known[path].Shape;

    public double this[string path, params int[] at]
    {
        get
        {
            var (data, shape) = known[path];
            return data[at.Select((i, d) => i * shape[(d + 1)..].Aggregate(1L, (n, size) => n * size)).Sum()];
        }
    }

    public bool Has(string path) => known.ContainsKey(path);
}
