using Cmsa.Dsl.Programs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>What a place-and-word attends to (CVPR 2019, table 3).</summary>
public enum Over
{
    /// <summary>Itself alone: no attention.</summary>
    None,
    /// <summary>The words at its place: p' = p.</summary>
    Words,
    /// <summary>The places of its word: n' = n.</summary>
    Pixels,
    /// <summary>The other words at the other places, and itself: p' != p and n' != n.</summary>
    Pairs,
    /// <summary>All words at all places.</summary>
    All,
}

/// <summary>
/// Self-attention over the multimodal features of all places and words (CVPR 2019, equations 2 and 3, and the W_o of 4). With q, k and v linear in f:
/// <c>a_{pn,p'n'} = softmax over (p', n') of q_{p'n'} . k_{pn}</c>, and the result is <c>W_o sum_{p'n'} a_{pn,p'n'} v_{p'n'}</c>, of the channels of f. Padding words take no part.
/// Parameters: <c>query</c>, <c>key</c>, <c>value</c> <c>[Width, channel]</c> and <c>output [channel, Width]</c>, each with a bias. Probe: <c>weights</c>.
/// </summary>
/// <param name="Width">d, the width of q, k and v.</param>
/// <param name="Over">What is attended to.</param>
/// <param name="Heads">In how many parts of the width the attention is taken apart.</param>
public sealed record SelfAttention(int Width, Over Over = Over.All, int Heads = 1) : Layer<WordMaps, WordMaps>
{
    /// <inheritdoc/>
    public override Option<string> Name => "attention";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        if (Width < 1 || Heads < 1 || Width % Heads != 0)
            return input.Map(x => x.With(new($"{this}", "a positive width that the heads divide", "correct Width or Heads")));
        var f = input.Value;
        var q = Attention.Split(scope.Below("query").Linear(f, Width, start: Attention.Start), Heads);
        var k = Attention.Split(scope.Below("key").Linear(f, Width, start: Attention.Start), Heads);
        var v = Attention.Split(scope.Below("value").Linear(f, Width, start: Attention.Start), Heads);
        var attended = Attention.Attend(k, q, v, input.Present, Over, scope);
        return new Signal.Tensor(scope.Below("output").Linear(Attention.Merge(attended, Heads), f.Shape[Axis.Channel]), input.Present);
    }
}

/// <summary>
/// The attention of the released graph: relu after query, key, value and output; keys and values pooled to the greatest of blocks of 2 words by 2 rows by 2 columns
/// before they are attended to. Parameters and probe as those of <see cref="SelfAttention"/>.
/// </summary>
/// <param name="Width">d, the width of q, k and v.</param>
/// <param name="Over">What is attended to: all (pooled blocks), or places, words or nothing else (not pooled).</param>
public sealed record PooledAttention(int Width, Over Over = Over.All) : Layer<WordMaps, WordMaps>
{
    /// <inheritdoc/>
    public override Option<string> Name => "attention";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        if (Width < 1)
            return input.Map(x => x.With(new($"{this}", "a positive width", "correct Width")));
        var f = input.Value;
        var q = scope.Below("query").Linear(f, Width).Map(Function.Relu);
        var k = scope.Below("key").Linear(f, Width).Map(Function.Relu);
        var v = scope.Below("value").Linear(f, Width).Map(Function.Relu);
        var attended = Over == Over.All
            ? Attention.Attend(q, Blocks(k), Blocks(v), input.Present.Map(p => new Value(new PoolPresence(), p)), Over, scope)
            : Attention.Attend(q, k, v, input.Present, Over, scope);
        return new Signal.Tensor(scope.Below("output").Linear(attended, f.Shape[Axis.Channel]).Map(Function.Relu), input.Present);

        Value Blocks(Value x) => new(new PoolBlocks(), [x, .. input.Present.ToMany()]);
    }
}

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
