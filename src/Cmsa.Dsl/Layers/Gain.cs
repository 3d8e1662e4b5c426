using Cmsa.Dsl.Programs;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>The signal times one learnt number. Parameter: <c>gain []</c>.</summary>
/// <param name="Initial">The number before training.</param>
public sealed record Gain<A>(double Initial = 1) : Layer<A, A>
{
    /// <inheritdoc/>
    public override Option<string> Name => "gain";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        scope.Parameter("gain", new Start.Fill(Initial), Role.Gain) is var gain ? input.Map(x => x * gain) : input;
}
