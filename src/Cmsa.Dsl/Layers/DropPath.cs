using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// Stochastic depth (Huang et al. 2016): in training, a whole sample is set to 0 with a probability, and the others are
/// scaled up to make up for it; at inference it gives back what it gets. Stands at the end of a residual branch.
/// </summary>
/// <param name="Probability">In [0, 1).</param>
public sealed record DropPath<A>(double Probability) : Layer<A, A>
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        input.Map(x =>
            Probability is >= 0 and < 1
                ? new Node(new Drop(Probability, OfSample: true), x)
                : x.With(
                    Error.Misfit(
                        $"a path dropped with probability {Probability}",
                        "a probability in [0, 1)",
                        "0.1 is usual"
                    )
                )
        );
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.DropPath{A}"/>
    public static Layer<A, A> DropPath<A>(double probability) => new DropPath<A>(probability);
}
