using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// A vector a word, looked up in a learnt table: <c>[word]</c> to <c>[word, Channels]</c>. Parameter: <c>weight
/// [Vocabulary, Channels]</c>, uniform in +-0.08 at the start, as released.
/// </summary>
/// <param name="Vocabulary">How many words there are; number 0 is padding.</param>
/// <param name="Channels">C_l, the length of a word's vector (1000 in CVPR 2019).</param>
public sealed record Embedding(int Vocabulary, int Channels) : Layer<Tokens, Words>
{
    /// <inheritdoc/>
    public override Caption Caption => new("embedding", $"{Vocabulary} words");

    /// <inheritdoc/>
    public override Option<string> Name => "embedding";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        if (Vocabulary < 1 || Channels < 1)
            return input.Map(x =>
                x.With(Error.Misfit($"{this}", "at least 1 word and 1 channel", "give the vocabulary's size"))
            );
        var weight = scope.Parameter(
            "weight",
            new Initializer.Uniform(0.08),
            Role.Embedding,
            new(Axis.In, Vocabulary),
            new(Axis.Channel, Channels)
        );
        return new Signal.Tensor(new(new LookUp(), input.Node, weight), input.Present);
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.Embedding"/>
    public static Layer<Tokens, Words> Embedding(int vocabulary, int channels) => new Embedding(vocabulary, channels);
}
