namespace Cmsa.Data;

/// <summary>
/// A Gaussian kernel between all pairs of points, normalised on both sides: <c>D^-1/2 K D^-1/2</c>, where <c>K</c> is
/// <c>exp(-|f - f'|^2 / 2)</c>, of a point with itself too, and <c>D</c> holds the sums of its rows.
/// </summary>
internal sealed class Kernel
{
    private readonly Lattice _lattice;
    private readonly float[] _norm,
        _scaled,
        _filtered;

    public Kernel(Features features)
    {
        _lattice = new(features);
        (_norm, _scaled, _filtered) = (new float[features.Count], new float[features.Count], new float[features.Count]);
        Array.Fill(_scaled, 1);
        _lattice.Filter(_scaled, _norm);
        for (var i = 0; i < _norm.Length; i++)
            _norm[i] = 1 / MathF.Sqrt(_norm[i]);
    }

    /// <summary>
    /// Adds <paramref name="weight"/> times the kernel's product with a number a point to another number a point.
    /// </summary>
    public void Add(float weight, ReadOnlySpan<float> values, Span<float> sums)
    {
        for (var i = 0; i < values.Length; i++)
            _scaled[i] = values[i] * _norm[i];
        _lattice.Filter(_scaled, _filtered);
        for (var i = 0; i < values.Length; i++)
            sums[i] += weight * _norm[i] * _filtered[i];
    }
}
