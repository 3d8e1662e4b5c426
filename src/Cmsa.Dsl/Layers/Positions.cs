using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// A learnt number added for every place and channel. Parameter: <c>positions</c>, of the shape of the argument, normal
/// with deviation 0.02 at the start.
/// </summary>
/// <typeparam name="A">Any kind of one tensor.</typeparam>
public sealed record LearntPositions<A> : Layer<A, A>
    where A : IKind
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var shape = input.Node.Shape.Only(A.Axes);
        var start = new Initializer.Normal(0.02);
        var positions = scope.Parameter("positions", start, Role.Embedding, [.. shape.Dimensions]);
        return input.Map(x => x + positions);
    }
}

/// <summary>
/// The sines and cosines of Vaswani et al. 2017 added to the channels: at place p, channel 2i gets <c>sin(p / 10000^(2i
/// / d))</c> and channel 2i + 1 the cosine of it. Where there are several axes of places, as rows and columns, each has
/// an equal stretch of the channels. Statistic: <c>positions</c>.
/// </summary>
/// <typeparam name="A">Any kind that has channels and places.</typeparam>
public sealed record SinusoidalPositions<A> : Layer<A, A>
    where A : IKind
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var shape = input.Node.Shape.Only(A.Axes);
        var (places, channels) = (shape.Without(Axis.Channel).Dimensions.Count, shape[Axis.Channel]);
        if (places == 0 || channels % (2 * places) != 0)
            return input.Map(x =>
                x.With(
                    Error.Misfit(
                        $"sines and cosines of {places} axes in {channels} channels",
                        "a pair of channels at least for each axis of places",
                        $"give a multiple of {2 * Math.Max(1, places)} channels"
                    )
                )
            );
        var table = scope.Parameter("positions", new Initializer.Sinusoids(), Role.Statistic, [.. shape.Dimensions]);
        return input.Map(x => x + table);
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.LearntPositions{A}"/>
    public static Layer<A, A> LearntPositions<A>()
        where A : IKind => new LearntPositions<A>();

    /// <inheritdoc cref="Layers.SinusoidalPositions{A}"/>
    public static Layer<A, A> SinusoidalPositions<A>()
        where A : IKind => new SinusoidalPositions<A>();
}
