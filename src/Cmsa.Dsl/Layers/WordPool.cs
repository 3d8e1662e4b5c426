using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// The mean (CVPR 2019, equation 4), the greatest or the sum over the words that are there: of <see cref="WordMaps"/>
/// one <see cref="FeatureMap"/>.
/// </summary>
public sealed record WordPool(Reduction Reduction) : Layer<WordMaps, FeatureMap>
{
    /// <inheritdoc/>
    public override Caption Caption => new($"{Pool.Named(Reduction)} over words");

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        input.Node.Reduce(Reduction, [Axis.Word], input.Present);
}

/// <summary>
/// The mean, the greatest or the sum over the words that are there: of <see cref="Words"/> one <see cref="Sentence"/>.
/// </summary>
public sealed record SentencePool(Reduction Reduction) : Layer<Words, Sentence>
{
    /// <inheritdoc/>
    public override Caption Caption => new($"{Pool.Named(Reduction)} over words");

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        input.Node.Reduce(Reduction, [Axis.Word], input.Present);
}

/// <summary>
/// A sentence's vector as an expression of one word, so that what works on words works on it (the CMSA-S of CVPR
/// 2019, table 2).
/// </summary>
public sealed record SentenceAsWord : Layer<Sentence, Words>
{
    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        new Signal.Tensor(new(new Widen(Axis.Word), input.Node), new Node(new Always(Axis.Word)));
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.SentenceAsWord"/>
    public static Layer<Sentence, Words> AsWord { get; } = new SentenceAsWord();

    /// <summary>The mean over the words that are there (CVPR 2019, equation 4).</summary>
    public static Layer<WordMaps, FeatureMap> WordMean { get; } = new WordPool(Cmsa.Dsl.Graphs.Reduction.Mean);

    /// <summary>The greatest over the words that are there.</summary>
    public static Layer<WordMaps, FeatureMap> WordMax { get; } = new WordPool(Cmsa.Dsl.Graphs.Reduction.Max);

    /// <summary>The mean of the words' vectors.</summary>
    public static Layer<Words, Sentence> SentenceMean { get; } = new SentencePool(Cmsa.Dsl.Graphs.Reduction.Mean);
}
