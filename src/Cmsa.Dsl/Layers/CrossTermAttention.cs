using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// The second reading of "word-pixel pair" (CVPR 2019, table 3): attention over all words at all places whose score
/// keeps its cross-modal terms alone, <c>a_{pn,p'n'} = softmax over (p', n') of k_p . q_n' + k_n . q_p'</c>. A
/// place's query is that of its feature with the word at zero, <c>q_p = W_q [v_p, 0, s_p] + b_q</c>, and a word's
/// that with the place at zero, <c>q_n = W_q [0, e_n, 0] + b_q</c>; keys likewise. Values, output, parameters and
/// probe are those of <see cref="SelfAttention"/>.
/// </summary>
/// <param name="Width">d, the width of q, k and v.</param>
/// <param name="Word">
/// C_l, the length of a word's vector: the channels before the last 8 of f, as <see cref="MultimodalFeature"/> puts
/// them.
/// </param>
public sealed record CrossTermAttention(int Width, int Word) : Layer<WordMaps, WordMaps>
{
    private static readonly Many<Axis> words = [Axis.Word];
    private static readonly Many<Axis> places = [Axis.Row, Axis.Column];
    private static readonly Many<Axis> everything = [Axis.Word, Axis.Row, Axis.Column];

    /// <inheritdoc/>
    public override Option<string> Name => "attention";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var (f, channels) = (input.Node, input.Node.Shape[Axis.Channel]);
        if (Width < 1 || Word < 1 || Word + Coordinates.Channels >= channels)
            return input.Map(x =>
                x.With(
                    Error.Misfit(
                        $"{this} of {x.Shape}",
                        $"a positive width, and channels of which Word and {Coordinates.Channels} more are a part",
                        "give Word as the embedding's channels"
                    )
                )
            );

        // f is the same for all words in the place's channels, and for all places in the word's: their means are these
        // parts.
        var visual = channels - Word - Coordinates.Channels;
        var v = f.Slice(Axis.Channel, 0, visual).Reduce(Reduction.Mean, words, input.Present);
        var e = f.Slice(Axis.Channel, visual, Word).Reduce(Reduction.Mean, places);
        var s = f.Slice(Axis.Channel, visual + Word, Coordinates.Channels).Reduce(Reduction.Mean, words, input.Present);
        var (queryOfPlace, queryOfWord) = Parts(scope.Below("query"));
        var (keyOfPlace, keyOfWord) = Parts(scope.Below("key"));
        var values = scope.Below("value").Linear(f, Width, start: Attention.Initializer);

        var placeToWord = keyOfPlace.Contract(queryOfWord.Prime(words), [Axis.Channel]);
        var wordToPlace = keyOfWord.Contract(queryOfPlace.Prime(places), [Axis.Channel]);
        var score = placeToWord + wordToPlace;
        var far = everything.Map(a => a.Prime);
        var weights = scope.Probed(score.Softmax(far, input.Present.Map(p => p.Prime(words))), "weights");
        return new Signal.Tensor(
            scope.Below("output").Linear(weights.Contract(values.Prime(everything), far), channels),
            input.Present
        );

        (Node OfPlace, Node OfWord) Parts(Scope at)
        {
            var weight = at.Parameter(
                "weight",
                Attention.Initializer,
                Role.Weight,
                new(Axis.Out, Width),
                new(Axis.In, channels)
            );
            var bias = at.Parameter("bias", new Initializer.Fill(0), Role.Bias, new Dimension(Axis.Channel, Width));
            var ofPlace =
                v.Linear(weight.Slice(Axis.In, 0, visual))
                + s.Linear(weight.Slice(Axis.In, visual + Word, Coordinates.Channels));
            return (ofPlace + bias, e.Linear(weight.Slice(Axis.In, visual, Word)) + bias);
        }
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.CrossTermAttention"/>
    public static Layer<WordMaps, WordMaps> CrossTermAttention(int width, int word) =>
        new CrossTermAttention(width, word);
}
