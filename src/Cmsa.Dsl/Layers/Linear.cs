using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// A linear map of the channels, the same at every word and place: <c>y = W x + b</c>. Parameters: <c>weight
/// [Channels, in]</c> and <c>bias [Channels]</c>.
/// </summary>
/// <typeparam name="A">Any kind that has channels.</typeparam>
/// <param name="Channels">Channels of the result.</param>
/// <param name="Bias">Whether b is there.</param>
public sealed record Linear<A>(int Channels, bool Bias = true) : Layer<A, A>
    where A : IKind
{
    /// <inheritdoc/>
    public override Caption Caption => new("linear", $"{Channels}");

    /// <inheritdoc/>
    public override Option<string> Name => "linear";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        input.Map(x =>
            Channels < 1 ? x.With(Error.Misfit($"{this}", "at least 1 channel", "give a positive width"))
            : x.Shape.Has(Axis.Channel) ? scope.Linear(x, Channels, Bias)
            : x.With(Error.Misfit($"a linear map of {x.Shape}", "channels", "embed the words first"))
        );
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Linear{A}"/>
    public static Layer<A, A> Linear<A>(int channels, bool bias = true)
        where A : IKind => new Linear<A>(channels, bias);
}
