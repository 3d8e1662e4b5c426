using System.Globalization;
using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// In training, sets each element to 0 with a probability and scales up the others to make up for it; at inference
/// gives back what it gets.
/// </summary>
/// <param name="Probability">In [0, 1).</param>
public sealed record Dropout<A>(double Probability) : Layer<A, A>
{
    /// <inheritdoc/>
    public override Caption Caption => new("dropout", Probability.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Remark;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        input.Map(x =>
            Probability is >= 0 and < 1
                ? new Node(new Drop(Probability), x)
                : x.With(
                    Error.Misfit($"dropout with probability {Probability}", "a probability in [0, 1)", "0.5 is usual")
                )
        );
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Dropout{A}"/>
    public static Layer<A, A> Dropout<A>(double probability) => new Dropout<A>(probability);

    /// <summary>The same on whatever the layer before it gives.</summary>
    /// <inheritdoc cref="Layers.Dropout{A}"/>
    public static OfAnyKind Dropout(double probability) => new DropoutOfAnyKind(probability);

    private sealed record DropoutOfAnyKind(double Probability) : OfAnyKind
    {
        public override Layer<A, A> For<A>() => new Dropout<A>(Probability);
    }
}
