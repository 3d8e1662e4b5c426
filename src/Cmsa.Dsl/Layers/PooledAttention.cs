using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// The attention of the released graph: relu after query, key, value and output; keys and values pooled to the
/// greatest of blocks of 2 words by 2 rows by 2 columns before they are attended to. Parameters and probe as those of
/// <see cref="SelfAttention"/>.
/// </summary>
/// <param name="Width">d, the width of q, k and v.</param>
/// <param name="Over">What is attended to: all (pooled blocks), or places, words or nothing else (not pooled).</param>
public sealed record PooledAttention(int Width, AttentionScope Over = AttentionScope.All) : Layer<WordMaps, WordMaps>
{
    /// <inheritdoc/>
    public override Caption Caption => new("pooled self-attention", Attention.Named(Over), $"width {Width}");

    /// <inheritdoc/>
    public override Option<string> Name => "attention";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        if (Width < 1)
            return input.Map(x => x.With(Error.Misfit($"{this}", "a positive width", "correct Width")));
        var f = input.Node;
        var q = scope.Below("query").Linear(f, Width).Map(Function.Relu);
        var k = scope.Below("key").Linear(f, Width).Map(Function.Relu);
        var v = scope.Below("value").Linear(f, Width).Map(Function.Relu);
        var attended =
            Over == AttentionScope.All
                ? Attention.Attend(
                    q,
                    Blocks(k),
                    Blocks(v),
                    input.Present.Map(p => new Node(new PoolPresence(), p)),
                    Over,
                    scope
                )
                : Attention.Attend(q, k, v, input.Present, Over, scope);
        return new Signal.Tensor(
            scope.Below("output").Linear(attended, f.Shape[Axis.Channel]).Map(Function.Relu),
            input.Present
        );

        Node Blocks(Node x) => new(new PoolBlocks(), [x, .. input.Present.ToMany()]);
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.PooledAttention"/>
    public static Layer<WordMaps, WordMaps> PooledAttention(int width, AttentionScope over = AttentionScope.All) =>
        new PooledAttention(width, over);
}
