using Cmsa.Dsl.Graphs;
using LanguageExt;
using static Cmsa.Dsl.Rewriting.Examples;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// Attention over the others and oneself, where the others differ in both of two ways, is a blend of attention over the
/// others and of oneself: each support is then a product of conditions on single axes, which factors. Where the scores
/// do not factor nothing would be won.
/// </summary>
public static class SplitSupport
{
    private static readonly Variable<Node> q = new("q"),
        k = new("k"),
        v = new("v"),
        mask = new("mask"),
        same = new("others and oneself");
    private static readonly Variable<Contract> sum = new("sum"),
        scores = new("scores");
    private static readonly Variable<Softmax> softmax = new("softmax");
    private static readonly Variable<Many<Node>> present = new("mask of the rest");
    private static readonly Axis i = Axis.Row.Prime,
        j = Axis.Word.Prime,
        l = Axis.Column.Prime;

    /// <summary>The rule.</summary>
    public static Rule Rule { get; } =
        new Rule("split support", sum.On(softmax.On(scores.On(q, k), mask), v))
            .Finds(
                "a mask of others, that differ in both of two ways, and oneself",
                same,
                at => OthersAndSelf(mask.In(at))
            )
            .Let(present, at => mask.In(at).Conditions.Filter(c => c != same.In(at)))
            .When(
                "the values are summed along the axes of the distribution",
                at => sum.In(at).Over == softmax.In(at).Axes,
                refused: () =>
                    Attended(Data("k", C(2), I(2)) + Data("l", C(2), J(2)), [i, j], Some(OnTheFarSide()))
                        .Contract(Data("v", I(2), C(2)), [i])
            )
            .When(
                "others differ along the axes of the distribution and no others",
                at =>
                    Differing(same.In(at)) is var differing
                    && softmax.In(at).Axes is var axes
                    && axes.Count == differing.Count
                    && axes.ForAll(a => differing.Contains(a.Prime)),
                refused: () =>
                    Attended(
                            Data("k", C(2), I(2)) + Data("l", C(2), J(2)) + Data("p", C(2), new Dimension(l, 2)),
                            [i, j, l],
                            None,
                            K(2)
                        )
                        .Contract(Data("v", I(2), J(2), new Dimension(l, 2)), [i, j, l])
            )
            .Pays(
                "the scores fall apart where others differ",
                at =>
                    FactorSoftmax.Applies(
                        q.In(at).Contract(k.In(at), scores.In(at).Over),
                        softmax.In(at).Axes,
                        same.In(at).Operands[0].And(same.In(at).Operands[1])
                    ),
                refused: () =>
                    Attended(Data("k", C(2), I(2), J(2)), [i, j], None).Contract(Data("v", I(2), J(2), C(2)), [i, j])
            )
            .Becomes(at =>
                Blend(
                    q.In(at),
                    k.In(at),
                    v.In(at),
                    scores.In(at).Over,
                    softmax.In(at).Axes,
                    same.In(at).Operands + present.In(at),
                    present.In(at)
                )
            )
            .Example(() =>
                Attended(Data("k", C(2), I(2)) + Data("l", C(2), J(3)), [i, j], Some(OnTheFarSide(3)))
                    .Contract(Data("v", I(2), J(3), C(2)), [i, j])
            );

    // Scores of queries at rows and words, as weights over the others and oneself.
    private static Node Attended(Node keys, Many<Axis> axes, Option<Node> far, params Many<Dimension> more)
    {
        var words = keys.Shape[Axis.Word.Prime];
        var either = new Node(
            new Logic(Connective.Same),
            new(new NotEqual(new(R(2)))),
            new(new NotEqual(new(N(words))))
        );
        var support = far.Match(Some: f => either.And(f), None: () => either);
        return Data("q", [C(2), R(2), N(words), .. more]).Contract(keys, [Axis.Channel]).Softmax(axes, support);
    }

    private static Node OnTheFarSide(int words = 2) => Mask("m", N(words)).Rename((Axis.Word, Axis.Word.Prime));

    // Of the conditions of a mask the one that says that both differ or neither.
    private static Option<Node> OthersAndSelf(Node mask)
    {
        var found = mask.Conditions.Filter(c =>
            c is { Operation: Logic(Connective.Same), Operands: [{ Operation: NotEqual }, { Operation: NotEqual }] }
        );
        return found is [var one] ? Some(one) : None;
    }

    private static Many<Axis> Differing(Node same) => same.Operands.Bind(d => ((NotEqual)d.Operation).Of.Axes);

    // g attend(others) + (1 - g) self where g = sigmoid(logsumexp(others) - score(self)).
    private static Node Blend(
        Node near,
        Node far,
        Node values,
        Many<Axis> channels,
        Many<Axis> axes,
        Many<Node> others,
        Many<Node> present
    )
    {
        var scores = near.Contract(far, channels);
        var elsewhere = others.All();
        var here = present.All().Map(Back);
        var own = near.Contract(Back(far), channels).LogSumExp([], here);
        var among = scores.LogSumExp(axes, elsewhere);
        var shareOfOthers = (among - own).Map(Function.Sigmoid);
        var shareOfSelf = here.Fold((own - among).Map(Function.Sigmoid), (share, mask) => share * mask.Any([]));
        return shareOfOthers * scores.Softmax(axes, elsewhere).Contract(values, axes) + shareOfSelf * Back(values);

        // On the near side of the attention.
        Node Back(Node x) => x.Rename(axes.Filter(x.Shape.Has).Map(a => (a, a.Prime)));
    }
}
