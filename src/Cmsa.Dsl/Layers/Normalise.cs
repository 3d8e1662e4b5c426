using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Layers;

/// <summary>Every vector of channels scaled to length 1: <c>x / sqrt(max(sum x^2, 1e-12))</c>.</summary>
/// <typeparam name="A">Any kind that has channels.</typeparam>
public sealed record Normalise<A> : Layer<A, A>
    where A : IKind
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => input.Map(Normalise.Channels);
}

internal static class Normalise
{
    public static Node Channels(Node x) =>
        x * x.Map(Function.Square).Reduce(Reduction.Sum, [Axis.Channel]).Map(Function.InverseRoot);
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Normalise{A}"/>
    public static Layer<A, A> Normalise<A>()
        where A : IKind => new Normalise<A>();
}
