using Cmsa.Dsl.Programs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>What attentions are made of: distributions over places and words, and the means under them.</summary>
internal static class Attention
{
    /// <summary>
    /// As what query, key and value of <see cref="MultimodalFeature"/>s start: by their outputs alone. |f| does not grow with its channels, so by Xavier, which counts them,
    /// all logits would start near 0, all weights alike, and the words would be heard late.
    /// </summary>
    public static Start Start { get; } = new Start.He();

    private static readonly Many<Axis> places = [Axis.Row, Axis.Column];
    private static readonly Many<Axis> everything = [Axis.Word, Axis.Row, Axis.Column];

    /// <summary>
    /// For every place-and-word of <paramref name="near"/>: the distribution over the places-and-words of <paramref name="far"/> that it may attend to, and the mean of
    /// <paramref name="values"/> under it.
    /// </summary>
    public static Value Attend(Value near, Value far, Value values, Option<Value> present, Over over, Scope scope)
    {
        var axes = over switch { Over.Words => [Axis.Word], Over.Pixels => places, Over.None => [], _ => everything };
        if (axes.IsEmpty) return values;
        var takesPart = axes.Contains(Axis.Word) ? present.Map(p => p.Prime(axes)) : Option<Value>.None;
        var weights = near.Contract(far.Prime(axes), [Axis.Channel])
            .Softmax(axes.Map(a => a.Prime), over == Over.Pairs ? Some(Pairs(near.Shape, takesPart)) : takesPart)
            .Probed(Placement.Join(scope.Path, "weights"));
        return weights.Contract(values.Prime(axes), axes.Map(a => a.Prime));
    }

    /// <summary>Another place and another word, or the same place and the same word; and a word that is there.</summary>
    private static Value Pairs(Shape shape, Option<Value> takesPart)
    {
        var elsewhere = new Value(new Differ(shape.Only(places)));
        var otherwise = new Value(new Differ(shape.Only(Axis.Word)));
        var either = new Value(new Logic(Connective.Same), elsewhere, otherwise);
        return takesPart.Map(p => new Value(new Logic(Connective.And), either, p)).IfNone(either);
    }

    public static Value Split(Value x, int heads) => heads == 1 ? x : new(new Split(Axis.Channel, Axis.Head, heads), x);

    public static Value Merge(Value x, int heads) => heads == 1 ? x : new(new Merge(Axis.Head, Axis.Channel), x);
}
