using Cmsa.Dsl.Programs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>The greatest (<see cref="Reduction.Max"/>) or the mean of a window that slides over a feature map.</summary>
/// <param name="Reduction">Max or Mean.</param>
/// <param name="Kernel">The window's side, in cells.</param>
/// <param name="Stride">Step between windows, in cells.</param>
/// <param name="Padding">Cells added on each side, at most half the window.</param>
/// <param name="Ceiling">Whether a last window that is only partly inside counts.</param>
public sealed record Pool(Reduction Reduction, int Kernel, int Stride, int Padding = 0, bool Ceiling = false) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Kernel < 1 || Stride < 1 || Padding < 0 || 2 * Padding > Kernel || Reduction == Reduction.Sum
            ? input.Value.With(Error.Misfit($"{this}", "Max or Mean, a positive window and stride, and a padding of at most half the window", "correct these numbers"))
            : new Value(new PoolWindows(Reduction, Kernel, Stride, Padding, Ceiling), input.Value);
}

/// <summary>The greatest or the mean of each bin of a grid laid over a feature map, whatever its size: <c>[channel, Rows, Columns]</c>.</summary>
/// <param name="Reduction">Max or Mean.</param>
/// <param name="Rows">Bins from top to bottom.</param>
/// <param name="Columns">Bins from left to right.</param>
public sealed record AdaptivePool(Reduction Reduction, int Rows, int Columns) : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        Rows < 1 || Columns < 1 || Reduction == Reduction.Sum
            ? input.Value.With(Error.Misfit($"{this}", "Max or Mean, and at least one bin", "correct these numbers"))
            : new Value(new PoolBins(Reduction, Rows, Columns), input.Value);
}

/// <summary>The mean or the greatest over all places of a feature map: one vector.</summary>
public sealed record GlobalPool(Reduction Reduction) : Layer<FeatureMap, Vector>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => input.Value.Reduce(Reduction, [Axis.Row, Axis.Column]);
}
