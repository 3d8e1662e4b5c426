using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

/// <summary>
/// Self-attention over the multimodal features of all places and words (CVPR 2019, equations 2 and 3, and the W_o of
/// 4). With q, k and v linear in f: <c>a_{pn,p'n'} = softmax over (p', n') of q_{p'n'} . k_{pn}</c>, and the result
/// is <c>W_o sum_{p'n'} a_{pn,p'n'} v_{p'n'}</c>, of the channels of f. Padding words take no part. Parameters:
/// <c>query</c>, <c>key</c>, <c>value</c> <c>[Width, channel]</c> and <c>output [channel, Width]</c>, each with a
/// bias. Probe: <c>weights</c>.
/// </summary>
/// <param name="Width">d, the width of q, k and v.</param>
/// <param name="Over">What is attended to.</param>
/// <param name="Heads">In how many parts of the width the attention is taken apart.</param>
public sealed record SelfAttention(int Width, AttentionScope Over = AttentionScope.All, int Heads = 1)
    : Layer<WordMaps, WordMaps>
{
    /// <inheritdoc/>
    public override Caption Caption =>
        new("self-attention", Attention.Named(Over), Heads == 1 ? $"width {Width}" : $"width {Width}, {Heads} heads");

    /// <inheritdoc/>
    public override Option<string> Name => "attention";

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        if (Width < 1 || Heads < 1 || Width % Heads != 0)
            return input.Map(x =>
                x.With(Error.Misfit($"{this}", "a positive width that the heads divide", "correct Width or Heads"))
            );
        var f = input.Node;
        var q = Attention.Split(scope.Below("query").Linear(f, Width, start: Attention.Initializer), Heads);
        var k = Attention.Split(scope.Below("key").Linear(f, Width, start: Attention.Initializer), Heads);
        var v = Attention.Split(scope.Below("value").Linear(f, Width, start: Attention.Initializer), Heads);
        var attended = Attention.Attend(k, q, v, input.Present, Over, scope);
        return new Signal.Tensor(
            scope.Below("output").Linear(Attention.Merge(attended, Heads), f.Shape[Axis.Channel]),
            input.Present
        );
    }
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.SelfAttention"/>
    public static Layer<WordMaps, WordMaps> SelfAttention(
        int width,
        AttentionScope over = AttentionScope.All,
        int heads = 1
    ) => new SelfAttention(width, over, heads);
}
