using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// A layer several times one after the other, each time on what it gave before. Steps with weights of their own have
/// them under <c>0</c>, <c>1</c>, ...; shared steps have the layer's own paths. Where every step gives one tensor of
/// the shape that it takes, the graph has one node for all of them.
/// </summary>
/// <param name="Count">How many times, at least 1.</param>
/// <param name="Body">The layer.</param>
/// <param name="Shared">Whether all steps have the same weights.</param>
public sealed record Repeat<A>(int Count, Layer<A, A> Body, bool Shared = false) : Layer<A, A>
{
    /// <inheritdoc/>
    public override Many<Layer> Parts => [Body];

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) => this with { Body = (Layer<A, A>)parts[0] };

    internal override Placing PlaceOf(int part) =>
        Shared ? Placing.Transparent : new Placing.PerLevel(Placement.AnyLevel);

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        if (Count < 1)
            return input.Map(x =>
                x.With(Error.Misfit($"a layer repeated {Count} times", "at least once", "give a positive count"))
            );
        Many<Signal> states = [input];
        for (var step = 0; step < Count; step++)
        {
            states = states.Add(Step(scope, step, states[step]));
            // One of several shared steps says all.
            if (step == 0 && Shared && Count > 1 && Loops.Of(states, Count, Shared).Case is Signal loop)
                return loop;
        }
        return Count > 1 && !Shared && Loops.Of(states, Count, Shared).Case is Signal all ? all : states[Count];
    }

    private Signal Step(Scope scope, int step, Signal state) =>
        Shared ? scope.Run(0, state) : scope.RunLevel(0, $"{step}", state);
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Repeat{A}"/>
    public static Layer<A, A> Repeat<A>(int count, Layer<A, A> f, bool shared = false) =>
        new Repeat<A>(count, f, shared);

    /// <summary>What does not fit, said by the compiler.</summary>
    [System.Runtime.CompilerServices.OverloadResolutionPriority(-1), Obsolete(NoRepeat, error: true)]
    public static Layer<A, A> Repeat<A, B>(int count, Layer<A, B> f, bool shared = false) =>
        throw new NotSupportedException(NoRepeat);

    private const string NoRepeat =
        "Repeat(n, f) gives f what it gave before, so f must give the kind that it takes. End f with a layer that gives this kind.";
}
