using Cmsa.Dsl.Graphs;
using LanguageExt;
using static Cmsa.Dsl.Rewriting.Examples;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// Averages move inward through whatever is linear, so that one average is mapped and not every element.
/// </summary>
public static class MeanInward
{
    private static readonly Variable<Node> of = new("x");
    private static readonly Variable<Many<Node>> operands = new("x"),
        masks = new("mask");
    private static readonly Variable<Reduce> mean = new("mean");
    private static readonly Variable<Add> add = new("sum");
    private static readonly Variable<Concat> concat = new("concat");
    private static readonly Variable<Operation> linear = new("L");
    private static readonly Variable<int> carrier = new("operand");
    private static readonly Variable<(Node Factor, Node Of)> scaled = new("g x");
    private static readonly Axis i = Axis.Row.Prime,
        j = Axis.Word.Prime;

    /// <summary>Through a sum; a term that lacks the axis is its own mean.</summary>
    public static Rule ThroughSum { get; } =
        Certain(Through("mean of sum", add.On(operands)), Data("x", R(3)) + Data("y", C(2)))
            .Pays(
                "it moves into a term, or a term lacks its axes",
                at => operands.In(at).Exists(o => Lacks(o, Axes(at)) || Moves(o, Axes(at))),
                refused: () => (Data("x", R(1)) + Data("y", R(1))).Mean(Axis.Row)
            )
            .Becomes(at => operands.In(at).Map(o => Mean(at, o)).Sum())
            .Example(() => (Data("x", N(3)) + Data("y", C(2))).Mean(Axis.Word))
            .Example(() =>
                (Data("x", N(3), R(2)) + Data("y", C(2))).Reduce(
                    Reduction.Mean,
                    [Axis.Word, Axis.Row],
                    Some(Mask("m", N(3)))
                )
            );

    /// <summary>Through a concatenation along another axis.</summary>
    public static Rule ThroughConcat { get; } =
        Certain(
                Through("mean of concat", concat.On(operands)),
                Node.Concat(Axis.Channel, Data("x", R(3), C(1)), Data("y", C(2)))
            )
            .Becomes(at => Node.Concat(concat.In(at).Axis, operands.In(at).Map(o => Mean(at, o))))
            .Example(() => Node.Concat(Axis.Channel, Data("x", N(3), C(2)), Data("y", C(2))).Mean(Axis.Word))
            .Example(() =>
                Node.Concat(Axis.Channel, Data("x", N(3), C(2)), Data("y", R(2), C(2)))
                    .Reduce(Reduction.Mean, [Axis.Word], Some(Mask("m", N(3))))
            );

    /// <summary>
    /// Through an operation that is linear in the one operand that has the axis, and does not mix along it.
    /// </summary>
    public static Rule ThroughLinear { get; } =
        Certain(
                Through("mean of linear", of.Is(linear.On(o => o is not (Add or Concat), [], operands))),
                Data("x", R(3), C(2)).Affine(Weight("W", 2, 2), Own("b", C(2)))
            )
            // No operation of ours is well-formed without an axis that it mixes; a custom one may be.
            .Where("the operation is known to mix none of the averaged axes", at => MixesNone(linear.In(at), Axes(at)))
            .When(
                "the mask has the averaged axes alone",
                at => masks.In(at).ForAll(m => m.Shape.Axes.ForAll(s => s == Axis.Batch || Axes(at).Contains(s))),
                refused: () => Data("x", N(3), J(3)).SumOver(Axis.Word).Reduce(Reduction.Mean, [j], Some(Differ(N(3))))
            )
            .When(
                "one operand alone has the averaged axes",
                at => Carriers(of.In(at), Axes(at)).Count == 1,
                refused: () => (Data("x", N(3)) * Data("y", N(3))).Mean(Axis.Word)
            )
            .Let(carrier, at => Carriers(of.In(at), Axes(at)).Head)
            .When(
                "the operation is linear in it",
                at => linear.In(at).IsLinearIn(carrier.In(at)),
                refused: () => Data("x", N(3)).Map(Function.Sigmoid).Mean(Axis.Word)
            )
            .Pays(
                "of two means the one over outer axes moves",
                at => Ends(linear.In(at), Axes(at)),
                refused: () => Data("x", R(2), K(3)).Mean(Axis.Row).Mean(Axis.Column)
            )
            .Pays(
                "the weights of an attention can be averaged as a whole",
                at => LeavesKernel(of.In(at), carrier.In(at), Axes(at)),
                refused: () => Attention(12).Mean(Axis.Word)
            )
            .Becomes(at => new(linear.In(at), operands.In(at).Map(o => Mean(at, o))))
            .Example(() => Data("x", N(3), C(2)).Linear(Weight("W", 2, 2)).Mean(Axis.Word))
            .Example(() =>
                Data("x", N(3), C(2))
                    .Affine(Weight("W", 2, 2), Own("b", C(2)))
                    .Reduce(Reduction.Mean, [Axis.Word], Some(Mask("m", N(3))))
            )
            .Example(() => (Data("x", N(3)) * Data("g", C(2))).Mean(Axis.Word))
            .Example(() => Data("x", N(3), C(2), R(3), K(3)).Convolve(Weight("W", 2, 2, 3)).Mean(Axis.Word))
            .Example(() => Data("x", R(2), K(3)).Mean(Axis.Column).Mean(Axis.Row))
            .Example(() => Shared(Data("v", I(3), C(2))).Mean(Axis.Word));

    /// <summary>Through a product with a sum one of whose terms it moves through then.</summary>
    public static Rule ThroughProduct { get; } =
        Certain(
                Through("mean of product", scaled.Seen("{0}", Scaled<Add>, [typeof(Multiply)])),
                Data("g", C(2)) * (Data("x", R(3)) + Data("y", C(2)))
            )
            .Pays(
                "a term of the sum can be averaged by itself",
                at => Spreads(scaled.In(at), Axes(at)),
                refused: () => (Data("g", N(3)) * (Data("x", N(3)) + Data("y", N(3)))).Mean(Axis.Word)
            )
            .Becomes(at => scaled.In(at).Of.Addends.Map(term => Mean(at, scaled.In(at).Factor * term)).Sum())
            .Example(() => (Data("g", N(3)) * (Data("x", N(3), C(2)) + Data("y", C(2)))).Mean(Axis.Word))
            .Example(() =>
                (Data("g", N(3)) * (Shared(Data("v", I(3), C(2))) + Data("z", N(3), C(2)))).Reduce(
                    Reduction.Mean,
                    [Axis.Word],
                    Some(Mask("m", N(3)))
                )
            );

    /// <summary>Through an attention whose weights have factors of their own.</summary>
    public static Rule ThroughAttention { get; } =
        Through("mean of attention", scaled.Seen("{0}", Scaled<Contract>, [typeof(Multiply)]))
            .When(
                "the mask has none of the axes that the attention sums over",
                at => masks.In(at).ForAll(m => !Over(at).Exists(m.Shape.Has)),
                refused: () =>
                    (
                        Data("g", J(3))
                        * (Data("x", K(2), N(3)) + Data("y", J(3), N(3)))
                            .Softmax([Axis.Word])
                            .Contract(Data("v", N(3), C(2)), [Axis.Word])
                    ).Reduce(Reduction.Mean, [j], Some(Differ(N(3))))
            )
            .When(
                "the factor has none of the axes that the attention sums over",
                at => !Over(at).Exists(scaled.In(at).Factor.Shape.Has),
                refused: () =>
                    (
                        Data("g", N(3))
                        * (Data("x", R(2), I(3)) + Data("y", N(3), I(3)))
                            .Softmax([i])
                            .Contract(Data("v", N(3), R(2), I(3)), [i, Axis.Word])
                    ).Mean(Axis.Word)
            )
            .Pays(
                "the weights can be averaged as a whole",
                at => Averages(scaled.In(at).Factor * scaled.In(at).Of.Operands[0], Axes(at)),
                refused: () => (Data("g", N(12)) * Attention(12)).Mean(Axis.Word)
            )
            .Becomes(at =>
                Mean(at, scaled.In(at).Factor * scaled.In(at).Of.Operands[0])
                    .Contract(scaled.In(at).Of.Operands[1], Over(at))
            )
            .Example(() => (Data("g", N(3)) * Shared(Data("v", I(3), C(2)))).Mean(Axis.Word))
            .Example(() =>
                (Data("g", N(3), R(2)) * Shared(Data("v", I(3), C(2)))).Reduce(
                    Reduction.Mean,
                    [Axis.Word],
                    Some(Mask("m", N(3)))
                )
            );

    private static Rule Through(string name, Pattern looks) =>
        new(name, mean.On(r => r.Reduction == Reduction.Mean, [looks], masks));

    // A mean of nothing is 0: what lacks the axes is its own mean where there is something.
    private static Rule Certain(Rule rule, Node refused) =>
        rule.When(
            "the mask is true somewhere",
            at => masks.In(at).ForAll(m => m.IsCertain(Axes(at))),
            refused: () => refused.Reduce(Reduction.Mean, [Axis.Row], Some(Mask("m", R(3))))
        );

    // An attention whose logits are the sum of a term with the averaged axis and one without.
    private static Node Shared(Node values) =>
        (Data("x", R(2), I(3)) + Data("y", N(3), I(3))).Softmax([i]).Contract(values, [i]);

    private static Node Attention(int size) =>
        Data("q", N(size), C(2))
            .Contract(Data("k", I(size), C(2)), [Axis.Channel])
            .Softmax([i])
            .Contract(Data("v", I(size), C(2)), [i]);

    private static Node Differ(Dimension of) => new(new NotEqual(new(of)));

    private static Many<Axis> Axes(Match at) => mean.In(at).Axes;

    private static Many<Axis> Over(Match at) => ((Contract)scaled.In(at).Of.Operation).Over;

    private static bool Lacks(Node x, Many<Axis> axes) => !axes.Exists(x.Shape.Has);

    // The mean of a part, along those of the axes that there are.
    private static Node Mean(Match at, Node x)
    {
        if (Lacks(x, Axes(at)))
            return x;
        var along = Axes(at).Filter(s => x.Shape.Has(s) || masks.In(at).Exists(m => m.Shape.Has(s)));
        return new(new Reduce(Reduction.Mean, along), [x, .. masks.In(at)]);
    }

    // A product of which one factor is of some operation, and the others.
    private static Option<(Node Factor, Node Of)> Scaled<T>(Node product)
        where T : Operation
    {
        var factors = product.Factors;
        if (factors.Count < 2 || factors.Filter(f => f.Operation is T) is not [var one])
            return None;
        var rest = factors.Filter(f => f != one);
        return rest.IsEmpty ? None : Some((rest.Product(), one));
    }

    // Whether a mean of a product with a sum comes to more by being taken term by term.
    private static bool Spreads(Node of, Many<Axis> axes) => Scaled<Add>(of).Exists(s => Spreads(s, axes));

    private static bool Spreads((Node Factor, Node Of) scaled, Many<Axis> axes) =>
        scaled.Of.Addends.Exists(term => Scales(scaled.Factor, term, axes) || Lacks(term, axes));

    private static bool Scales(Node factor, Node attention, Many<Axis> axes) =>
        attention is { Operation: Contract(var over), Operands: [var weights, var values] }
        && Lacks(values, axes)
        && factor.Shape.Axes.ForAll(a => !over.Contains(a) && a != Axis.Channel)
        && Averages(factor * weights, axes);

    // Whether the mean moves into a node.
    private static bool Moves(Node of, Many<Axis> axes) =>
        of.Operation switch
        {
            Concat(var along) => !axes.Contains(along),
            Add => of.Operands.Exists(o => Lacks(o, axes) || Moves(o, axes)),
            _ when Spreads(of, axes) => true,
            _ => MixesNone(of.Operation, axes)
                && Ends(of.Operation, axes)
                && Carriers(of, axes) is [var only]
                && of.Operation.IsLinearIn(only)
                && axes.ForAll(of.Operands[only].Shape.Has)
                && LeavesKernel(of, only, axes),
        };

    private static bool MixesNone(Operation operation, Many<Axis> axes) =>
        operation.ReducedAxes is { } mixes && !axes.Exists(mixes.Contains);

    private static Many<int> Carriers(Node of, Many<Axis> axes) =>
        Many.Range(of.Operands.Count).Filter(operand => axes.Exists(of.Operands[operand].Shape.Has));

    // Of two means either moves through the other: the one over axes that stand first does.
    private static bool Ends(Operation operation, Many<Axis> axes) =>
        operation is not Reduce(Reduction.Mean, var inner) || axes.ForAll(a => inner.ForAll(b => a < b));

    // An attention whose weights cannot be averaged as a whole is better left to a kernel that never holds them.
    private static bool LeavesKernel(Node of, int carrier, Many<Axis> axes) =>
        of.Operation is not Contract
        || of.Operands[carrier].Operation is not Softmax
        || Averages(of.Operands[carrier], axes);

    private static bool Averages(Node weights, Many<Axis> axes) =>
        MeanOfSoftmax.Rule.Apply(weights.Reduce(Reduction.Mean, axes)).IsSome;
}
