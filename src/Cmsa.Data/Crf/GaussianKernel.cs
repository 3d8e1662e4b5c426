namespace Cmsa.Data.Crf;

/// <summary>
/// A Gaussian kernel between all pairs of points, normalised on both sides: <c>D^-1/2 K D^-1/2</c>, where <c>K</c> is
/// <c>exp(-|f - f'|^2 / 2)</c> (the diagonal included), and <c>D</c> holds the sums of its rows.
/// </summary>
internal sealed class GaussianKernel
{
    private readonly Lattice _lattice;
    private readonly float[] _norm,
        _scaled,
        _filtered;

    public GaussianKernel(Features features)
    {
        _lattice = new(features);
        (_norm, _scaled, _filtered) = (new float[features.Count], new float[features.Count], new float[features.Count]);
        Array.Fill(_scaled, 1);
        _lattice.Filter(_scaled, _norm);
        for (var i = 0; i < _norm.Length; i++)
            _norm[i] = 1 / MathF.Sqrt(_norm[i]);
    }

    /// <summary>Adds <paramref name="weight"/> times the product of the kernel and the values to the sums.</summary>
    /// <param name="weight">The factor.</param>
    /// <param name="values">One number a point.</param>
    /// <param name="sums">One number a point; changed in place.</param>
    public void Add(float weight, ReadOnlySpan<float> values, Span<float> sums)
    {
        for (var i = 0; i < values.Length; i++)
            _scaled[i] = values[i] * _norm[i];
        _lattice.Filter(_scaled, _filtered);
        for (var i = 0; i < values.Length; i++)
            sums[i] += weight * _norm[i] * _filtered[i];
    }
}
