using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Graphs;

/// <summary>
/// Batch normalisation over batch, rows and columns. Operands: x, gain, bias, running mean, running variance, all
/// <c>[channel]</c>.
/// </summary>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Momentum">The share of a new batch in the running statistics.</param>
/// <param name="Frozen">Whether the running statistics are used, and left as they are, in training too.</param>
public sealed record NormaliseBatch(double Epsilon, double Momentum, bool Frozen) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override bool IsPure => Frozen;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var x = operands[0];
        var misfit = operands.Tail.Exists(o => o.Axes != [Axis.Channel] || o[Axis.Channel] != x[Axis.Channel]);
        return x.With(
            Requirements.Image(x),
            Requirements.Holds(
                !misfit && operands.Count == 5,
                $"a batch norm of {x} by {string.Join(" and ", operands.Tail)}",
                $"gain, bias, mean and variance of {x[Axis.Channel]} channels",
                "give each one number a channel"
            )
        );
    }
}

/// <summary>
/// In training, each element is 0 with this probability and the others are scaled up to make up for it; at inference
/// nothing happens.
/// </summary>
/// <param name="Probability">In [0, 1).</param>
/// <param name="OfSample">Whether the elements of a sample are dropped together.</param>
public sealed record Drop(double Probability, bool OfSample = false) : Operation
{
    /// <inheritdoc/>
    public override bool IsPure => false;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => operands[0];
}
