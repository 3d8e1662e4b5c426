namespace Cmsa.Data.Tests;

/// <summary>
/// The permutohedral lattice as Adams, Baek and Davis define it, by sorting, with whole vertices (all d + 1
/// coordinates, as text) in dictionaries. As in the authors' code, a vertex that is in no point's simplex takes no
/// part.
/// </summary>
internal sealed class CrfLattice
{
    private readonly int _d;
    private readonly (int[] Vertex, double Share)[][] _simplices;
    private readonly Dictionary<string, int[]> _vertices;

    public CrfLattice(double[][] points)
    {
        _d = points[0].Length;
        _simplices = System.Array.ConvertAll(points, Simplex);
        _vertices = _simplices.SelectMany(s => s).Select(s => s.Vertex).DistinctBy(Name).ToDictionary(Name);
    }

    public double[] Filter(double[] values)
    {
        var at = _vertices.Keys.ToDictionary(v => v, _ => 0.0);
        for (var i = 0; i < values.Length; i++)
            foreach (var (vertex, share) in _simplices[i])
                at[Name(vertex)] += share * values[i];
        for (var direction = 0; direction <= _d; direction++)
            at = at.Keys.ToDictionary(
                v => v,
                v => at[v] + .5 * (Beside(at, v, direction, 1) + Beside(at, v, direction, -1))
            );
        return System.Array.ConvertAll(_simplices, s => s.Sum(corner => corner.Share * at[Name(corner.Vertex)]));
    }

    private double Beside(Dictionary<string, double> at, string vertex, int direction, int way) =>
        at.GetValueOrDefault(Name([.. _vertices[vertex].Select((c, j) => c + way * (j == direction ? _d : -1))]));

    private (int[], double)[] Simplex(double[] point)
    {
        var (d, corners) = (_d, _d + 1);
        var scaled = point
            .Select((p, i) => (float)p * (float)(Math.Sqrt(2.0 / 3) * corners / Math.Sqrt((i + 1) * (i + 2))))
            .ToArray();
        // Coordinate j is what comes after it less j times its own. Single precision, from the last on, so that ties
        // fall as they do there.
        var after = Enumerable
            .Range(0, corners)
            .Select(j => scaled.Skip(j).Reverse().Aggregate(0f, (sum, s) => sum + s))
            .ToArray();
        var plane = Enumerable
            .Range(0, corners)
            .Select(j => j == 0 ? after[0] : after[j] - j * scaled[j - 1])
            .ToArray();

        var whole = System.Array.ConvertAll(plane, x => corners * (int)MathF.Round(x / corners));
        var beyond = whole.Sum() / corners;
        var order = Enumerable.Range(0, corners).OrderByDescending(j => plane[j] - whole[j]).ToArray();
        // Those that were rounded up the most come down, or those that were rounded down the most go up, until the sum
        // is 0.
        foreach (var j in beyond > 0 ? order[^beyond..] : order[..-beyond])
            whole[j] -= corners * Math.Sign(beyond);
        order = [.. order.OrderByDescending(j => plane[j] - whole[j])];

        double Left(int place) => plane[order[place]] - (double)whole[order[place]];
        return
        [
            .. Enumerable
                .Range(0, corners)
                .Select(corner =>
                    (
                        whole
                            .Select((c, j) => c + corner - (System.Array.IndexOf(order, j) > d - corner ? corners : 0))
                            .ToArray(),
                        corner == 0
                            ? 1 - (Left(0) - Left(d)) / corners
                            : (Left(d - corner) - Left(d - corner + 1)) / corners
                    )
                ),
        ];
    }

    private static string Name(int[] vertex) => string.Join(' ', vertex);
}
