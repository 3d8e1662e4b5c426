using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Layers;

/// <summary>The words last to first, padding with them.</summary>
/// <typeparam name="A">Words, Tokens or WordMaps.</typeparam>
public sealed record ReverseWords<A> : Layer<A, A>
    where A : IKind
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        input.Map(
            x => new Node(new Reverse(Axis.Word, x.Type), x),
            present => new Node(new Reverse(Axis.Word, ElementType.Boolean), present)
        );
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.ReverseWords{A}"/>
    public static Layer<A, A> ReverseWords<A>()
        where A : IKind => new ReverseWords<A>();

    /// <summary>
    /// A layer over the words first to last, and one like it with weights of its own last to first; the channels of
    /// both one after the other. Their paths are <c>forward</c> and <c>backward</c>.
    /// </summary>
    /// <param name="f">Such as <c>Lstm&lt;Words&gt;(128)</c>.</param>
    public static Layer<A, A> Bidirectional<A>(Layer<A, A> f)
        where A : IKind => Concat(f.Named("forward"), ReverseWords<A>() >> f.Named("backward") >> ReverseWords<A>());
}
