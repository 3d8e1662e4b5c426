using Cmsa.Dsl.Programs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>The mean (CVPR 2019, equation 4), the greatest or the sum over the words that are there: of <see cref="WordMaps"/> one <see cref="FeatureMap"/>.</summary>
public sealed record WordPool(Reduction Reduction) : Layer<WordMaps, FeatureMap>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => input.Value.Reduce(Reduction, [Axis.Word], input.Present);
}

/// <summary>The mean, the greatest or the sum over the words that are there: of <see cref="Words"/> one <see cref="Sentence"/>.</summary>
public sealed record SentencePool(Reduction Reduction) : Layer<Words, Sentence>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => input.Value.Reduce(Reduction, [Axis.Word], input.Present);
}

/// <summary>A sentence's vector as an expression of one word, so that what works on words works on it (the CMSA-S of CVPR 2019, table 2).</summary>
public sealed record SentenceAsWord : Layer<Sentence, Words>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        new Signal.Tensor(new(new Widen(Axis.Word), input.Value), new Value(new Always(Axis.Word)));
}
