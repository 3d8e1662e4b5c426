using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Layers;

/// <summary>What attentions are made of: distributions over places and words, and the means under them.</summary>
internal static class Attention
{
    /// <summary>
    /// As what query, key and value of <see cref="MultimodalFeature"/>s start: by their outputs alone. |f| does not
    /// grow with its channels, so by Xavier, which counts them, all logits would start near 0, all weights alike, and
    /// the words would be heard late.
    /// </summary>
    public static Initializer Initializer { get; } = new Initializer.He();

    private static readonly Many<Axis> places = [Axis.Row, Axis.Column];
    private static readonly Many<Axis> everything = [Axis.Word, Axis.Row, Axis.Column];

    /// <summary>
    /// For every place-and-word of <paramref name="near"/>: the distribution over the places-and-words of
    /// <paramref name="far"/> that it may attend to, and the mean of <paramref name="values"/> under it.
    /// </summary>
    public static Node Attend(Node near, Node far, Node values, Option<Node> present, AttentionScope over, Scope scope)
    {
        var axes = over switch
        {
            AttentionScope.Words => [Axis.Word],
            AttentionScope.Pixels => places,
            AttentionScope.None => [],
            _ => everything,
        };
        if (axes.IsEmpty)
            return values;
        var takesPart = axes.Contains(Axis.Word) ? present.Map(p => p.Prime(axes)) : Option<Node>.None;
        var distribution = near.Contract(far.Prime(axes), [Axis.Channel])
            .Softmax(
                axes.Map(a => a.Prime),
                over == AttentionScope.Pairs ? Some(Pairs(near.Shape, takesPart)) : takesPart
            );
        var weights = scope.Probed(distribution, "weights");
        return weights.Contract(values.Prime(axes), axes.Map(a => a.Prime));
    }

    /// <summary>
    /// Another place and another word, or the same place and the same word; and a word that is there.
    /// </summary>
    private static Node Pairs(Shape shape, Option<Node> takesPart)
    {
        var elsewhere = new Node(new NotEqual(shape.Only(places)));
        var otherwise = new Node(new NotEqual(shape.Only(Axis.Word)));
        var either = new Node(new Logic(Connective.Same), elsewhere, otherwise);
        return takesPart.Map(p => new Node(new Logic(Connective.And), either, p)).IfNone(either);
    }

    /// <summary>What is attended to, in a caption.</summary>
    public static string Named(AttentionScope over) =>
        over switch
        {
            AttentionScope.All => "words × places",
            AttentionScope.Words => "over words",
            AttentionScope.Pixels => "over places",
            AttentionScope.Pairs => "over pairs",
            _ => "over nothing",
        };

    public static Node Split(Node x, int heads) => heads == 1 ? x : new(new Split(Axis.Channel, Axis.Head, heads), x);

    public static Node Merge(Node x, int heads) => heads == 1 ? x : new(new Merge(Axis.Head, Axis.Channel), x);
}
