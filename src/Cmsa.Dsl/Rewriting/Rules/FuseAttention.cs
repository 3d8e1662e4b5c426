using Cmsa.Dsl.Graphs;
using static Cmsa.Dsl.Rewriting.Examples;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>Attention computed without its matrix of weights.</summary>
public static class FuseAttention
{
    private static readonly Variable<Node> q = new("q"),
        k = new("k"),
        v = new("v");
    private static readonly Variable<Many<Node>> masks = new("mask");
    private static readonly Variable<Contract> sum = new("sum"),
        scores = new("scores");
    private static readonly Variable<Softmax> softmax = new("softmax");
    private static readonly Axis i = Axis.Row.Prime,
        j = Axis.Word.Prime;

    /// <summary>
    /// The rule. What shapes queries, keys, values and masks must be is what the fused operation takes.
    /// </summary>
    public static Rule Rule { get; } =
        new Rule("fuse attention", sum.On(softmax.On([scores.On(q, k)], masks), v))
            .When(
                "the values are summed along the axes of the distribution",
                at => sum.In(at).Over == softmax.In(at).Axes,
                refused: () =>
                    Data("q", R(2), C(2))
                        .Contract(Data("k", I(2), J(3), C(2)), [Axis.Channel])
                        .Softmax([i])
                        .Contract(Data("v", I(2), J(3), C(2)), [i, j])
            )
            .When(
                "the scores are sums over channels",
                at => scores.In(at).Over == [Axis.Channel],
                refused: () =>
                    Data("q", R(2), C(2))
                        .Contract(Data("k", R(2), I(3), C(2)), [Axis.Row])
                        .Softmax([i])
                        .Contract(Data("v", R(2), I(3), C(2)), [i])
            )
            .Becomes(at => new(new FusedAttention(sum.In(at).Over), [v.In(at), k.In(at), q.In(at), .. masks.In(at)]))
            .Example(() =>
                Data("q", R(2), C(2))
                    .Contract(Data("k", I(3), C(2)), [Axis.Channel])
                    .Softmax([i])
                    .Contract(Data("v", I(3), C(4)), [i])
            )
            .Example(() =>
                Data("q", N(2), R(2), C(2))
                    .Contract(Data("k", N(2), J(3), C(2)), [Axis.Channel])
                    .Softmax([j], Mask("m", J(3)))
                    .Contract(Data("v", N(2), J(3), C(4)), [j])
            )
            .Example(() =>
                Data("q", N(3), R(2), C(2))
                    .Contract(Data("k", J(3), C(2)), [Axis.Channel])
                    .Softmax([j], new Node(new NotEqual(new(N(3)))))
                    .Contract(Data("v", J(3), C(2)), [j])
            );
}
