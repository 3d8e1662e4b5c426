using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// Learnt vectors that are the same whatever the argument is, such as the object queries of DETR (Carion et al. 2020):
/// <c>[Count, Channels]</c>. Parameter: <c>weight</c>, normal with deviation 1 at the start.
/// </summary>
/// <typeparam name="A">Any kind of one tensor; its values are not used.</typeparam>
/// <param name="Count">How many.</param>
/// <param name="Channels">Channels of each.</param>
public sealed record Queries<A>(int Count, int Channels) : Layer<A, Patches>
    where A : IKind
{
    /// <inheritdoc/>
    public override Caption Caption => new("queries", $"{Count}");

    /// <inheritdoc/>
    public override LanguageExt.Option<string> Name => "queries";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        if (Count < 1 || Channels < 1)
            return input.Node.With(Error.Misfit($"{this}", "at least 1 query and 1 channel", "give positive numbers"));
        var count = new Dimension(Patches.Patch, Count);
        return scope.Parameter("weight", new Initializer.Normal(1), Role.Embedding, count, new(Axis.Channel, Channels));
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Queries{A}"/>
    public static Layer<A, Patches> Queries<A>(int count, int channels)
        where A : IKind => new Queries<A>(count, channels);
}
