using System.Runtime.Intrinsics;

namespace Cmsa.Data.Crf;

/// <summary>
/// The permutohedral lattice (Adams, Baek and Davis, Eurographics 2010): for each point, the sum of all points' values,
/// weighted by a Gaussian of their distance, in time linear in the number of points. Each point lies in a simplex of d
/// + 1 vertices. Its value is distributed over them (splat), blurred along each of the d + 1 directions with (1/2, 1,
/// 1/2), and interpolated from them (slice).
/// </summary>
/// <remarks>
/// As in Kraehenbuehl's code, only the vertices of the points' simplices exist; what the blur would move elsewhere is
/// lost. All results carry one common factor, which cancels in a normalised kernel. The approximation is coarse: the
/// rows of the normalised kernel differ from the exact ones by about 0.1 (position) to 0.2 (position and colour) in
/// sums of absolute differences. Most of it is because the blur is not exactly Gaussian, the rest because of what is
/// lost.
/// </remarks>
internal sealed class Lattice
{
    private readonly int _dimensions,
        _points;

    // The vertices of each point's simplex and their barycentric weights: d + 1 for each point.
    private readonly int[] _vertices;
    private readonly float[] _shares;

    // The neighbours of each vertex, in each direction.
    private readonly (int Before, int After)[][] _neighbours;
    private float[] _values,
        _blurred;

    public Lattice(Features features)
    {
        (_dimensions, _points) = (features.Dimensions, features.Count);
        _vertices = new int[_points * (_dimensions + 1)];
        _shares = new float[_vertices.Length];
        var vertices = new Vertices(2 * _points);
        Enclose(features, vertices);
        _neighbours = [.. Enumerable.Range(0, _dimensions + 1).Select(direction => Neighbours(vertices, direction))];
        (_values, _blurred) = (new float[vertices.Count + 1], new float[vertices.Count + 1]);
    }

    /// <summary>Whether 16 bits hold the vertices of points whose coordinates are between 0 and these.</summary>
    public static bool Holds(ReadOnlySpan<float> extent)
    {
        var (scales, sum) = (Scales(extent.Length), 2f * (extent.Length + 1));
        for (var i = 0; i < extent.Length; i++)
            sum += (i + 1) * scales[i] * extent[i];
        return sum <= short.MaxValue;
    }

    /// <summary>For each point, the sum of all points' values, weighted by the Gaussian.</summary>
    public void Filter(ReadOnlySpan<float> values, Span<float> sums)
    {
        Splat(values);
        foreach (var neighbours in _neighbours)
        {
            Blur(_values, neighbours, _blurred);
            (_values, _blurred) = (_blurred, _values);
        }
        Slice(sums);
    }

    private void Splat(ReadOnlySpan<float> values)
    {
        Array.Clear(_values);
        var (corners, size) = (_dimensions + 1, _points);
        for (var i = 0; i < size; i++)
            for (var at = i * corners; at < (i + 1) * corners; at++)
                _values[_vertices[at]] += _shares[at] * values[i];
    }

    private static void Blur(float[] values, (int Before, int After)[] neighbours, float[] blurred)
    {
        for (var i = 1; i < neighbours.Length; i++)
            blurred[i] = values[i] + .5f * (values[neighbours[i].Before] + values[neighbours[i].After]);
    }

    private void Slice(Span<float> sums)
    {
        var (corners, size) = (_dimensions + 1, _points);
        for (var i = 0; i < size; i++)
        {
            var sum = 0f;
            for (var at = i * corners; at < (i + 1) * corners; at++)
                sum += _shares[at] * _values[_vertices[at]];
            sums[i] = sum;
        }
    }

    // The vertices of the simplex around each point and the point's barycentric coordinates in it (Adams et al.,
    // section 3.2).
    private void Enclose(Features features, Vertices vertices)
    {
        var (d, scales) = (_dimensions, Scales(_dimensions));
        Span<float> elevated = stackalloc float[d + 1],
            shares = stackalloc float[d + 2];
        Span<int> nearest = stackalloc int[d + 1],
            rank = stackalloc int[d + 1];
        Span<short> key = stackalloc short[Vector128<short>.Count];
        for (var i = 0; i < _points; i++)
        {
            Elevate(features.Values.AsSpan(i * d, d), scales, elevated);
            Round(elevated, nearest, rank);
            Share(elevated, nearest, rank, shares);
            for (var corner = 0; corner <= d; corner++)
            {
                for (var j = 0; j < d; j++)
                    key[j] = (short)(nearest[j] + corner - (rank[j] > d - corner ? d + 1 : 0));
                _vertices[i * (d + 1) + corner] = vertices.Add(Vector128.Create<short>(key));
                _shares[i * (d + 1) + corner] = shares[corner];
            }
        }
    }

    // The point in the plane of d + 1 coordinates with sum 0. The basis is orthogonal; its unit is the blur's standard
    // deviation.
    private static void Elevate(ReadOnlySpan<float> point, ReadOnlySpan<float> scales, Span<float> elevated)
    {
        var sum = 0f;
        for (var j = point.Length; j > 0; j--)
        {
            var along = point[j - 1] * scales[j - 1];
            elevated[j] = sum - j * along;
            sum += along;
        }
        elevated[0] = sum;
    }

    private static float[] Scales(int d) =>
        [.. Enumerable.Range(1, d).Select(i => (float)(Math.Sqrt(2.0 / 3) * (d + 1) / Math.Sqrt(i * (i + 1.0))))];

    // The nearest vertex with multiples of d + 1 as coordinates, and the rank of each remainder, the largest first.
    private static void Round(ReadOnlySpan<float> elevated, Span<int> nearest, Span<int> rank)
    {
        var (corners, beyond) = (elevated.Length, 0);
        for (var i = 0; i < corners; i++)
        {
            var multiple = (int)MathF.Round(elevated[i] / corners);
            nearest[i] = multiple * corners;
            beyond += multiple;
        }
        rank.Fill(beyond);
        for (var i = 0; i < corners; i++)
            for (var j = i + 1; j < corners; j++)
                rank[elevated[i] - nearest[i] < elevated[j] - nearest[j] ? i : j]++;
        // Rounding may leave the plane: the coordinates with the largest error are rounded the other way.
        for (var i = 0; i < corners; i++)
        {
            var back =
                rank[i] < 0 ? corners
                : rank[i] >= corners ? -corners
                : 0;
            rank[i] += back;
            nearest[i] += back;
        }
    }

    private static void Share(
        ReadOnlySpan<float> elevated,
        ReadOnlySpan<int> nearest,
        ReadOnlySpan<int> rank,
        Span<float> shares
    )
    {
        var corners = elevated.Length;
        shares.Clear();
        for (var i = 0; i < corners; i++)
        {
            var left = (elevated[i] - nearest[i]) / corners;
            shares[corners - 1 - rank[i]] += left;
            shares[corners - rank[i]] -= left;
        }
        shares[0] += 1 + shares[corners];
    }

    // Neighbours are mutual, so one direction finds both.
    private (int, int)[] Neighbours(Vertices vertices, int direction)
    {
        Span<short> step = stackalloc short[Vector128<short>.Count];
        step[.._dimensions].Fill(-1);
        if (direction < _dimensions)
            step[direction] = (short)_dimensions;
        var (towards, neighbours) = (Vector128.Create<short>(step), new (int Before, int After)[vertices.Count + 1]);
        for (var vertex = 1; vertex < neighbours.Length; vertex++)
        {
            var other = vertices.Find(vertices[vertex] + towards);
            if (other == 0)
                continue;
            neighbours[vertex].After = other;
            neighbours[other].Before = vertex;
        }
        return neighbours;
    }
}
