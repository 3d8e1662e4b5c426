using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>The signal times one learnt number. Parameter: <c>gain []</c>.</summary>
/// <param name="Initial">The number before training.</param>
public sealed record Gain<A>(double Initial = 1) : Layer<A, A>
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    public override Option<string> Name => "gain";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var gain = scope.Parameter("gain", new Initializer.Fill(Initial), Role.Gain);
        return input.Map(x => x * gain);
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Gain{A}"/>
    public static Layer<A, A> Gain<A>(double initial = 1) => new Gain<A>(initial);
}
