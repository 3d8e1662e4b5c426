using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>
/// A long short-term memory as a Scan over the words: ONNX's own LSTM expects padding behind the words, and takes the
/// input's share of the gates as one value for
/// all words.
/// </summary>
internal static class Recurrences
{
    private static readonly Axis place = new("place");

    public static Value Recur(Recur recur, Node node, Many<Value> x, Emitter emit)
    {
        var terms = Graphs.Recur.Terms(x);
        var order = new Shape(
            node.Operands.Bind(o => o.Shape.Dimensions)
                .Map(d => d.Axis)
                .Distinct()
                .Filter(a => a != Axis.Out && a != Axis.In)
                .Map(a => new Dimension(a, 1))
        ).Axes;
        var outer = order.Filter(a => a != Axis.Word && a < Axis.Channel);
        var places = order.Filter(a => a > Axis.Channel);
        var whole = Sizes.Broadcast(order, terms.Add(x[1]));
        int SizeOf(Axis axis) => whole.Find(d => d.Axis == axis).Map(d => d.Size).IfNone(1);
        var words = new Dimension(Axis.Word, SizeOf(Axis.Word));

        var shares = terms.Map(t => Laid(t, 4 * recur.Hidden));
        var (told, given) = (shares.Filter(s => s.Has(Axis.Word)), shares.Filter(s => !s.Has(Axis.Word)));
        var present = Laid(x[1], 1);
        var every = present.Has(Axis.Word)
            ? present
            : emit.Expand(emit.Arrange(present, [Axis.Word, .. present.Axes]), [words, .. present.Dimensions]);
        Many<Dimension> state =
        [
            .. outer.Map(a => new Dimension(a, SizeOf(a))),
            new(Axis.Channel, recur.Hidden),
            new(place, Sizes.Product(places.Map(a => new Dimension(a, SizeOf(a))))),
        ];
        var wide = state.Map(d => d.Axis == Axis.Channel ? d with { Size = 4 * recur.Hidden } : d);
        var zeros = emit.Expand(emit.Number(0), state);

        var (last, all) = emit.Scan(
            [zeros, zeros],
            [every, .. told],
            words,
            (step, before, part) =>
            {
                var (hidden, cell) = (before[0], before[1]);
                var share = step.MatMul(x[2], hidden) with { Dimensions = wide };
                var gates = (part.Tail + given).Fold(share, step.Plus);
                Value Gate(int i) => step.Slice(gates, Axis.Channel, i * recur.Hidden, recur.Hidden);
                var (input, forget) = (step.Each("Sigmoid", Gate(0)), step.Each("Sigmoid", Gate(1)));
                var (candidate, output) = (step.Each("Tanh", Gate(2)), step.Each("Sigmoid", Gate(3)));
                var next = step.Plus(step.Times(forget, cell), step.Times(input, candidate));
                var shown = step.Times(output, step.Each("Tanh", next));
                // A padding word leaves the state as it is.
                var kept = step.Choose(part[0], shown, hidden);
                return ([kept, step.Choose(part[0], next, cell)], recur.Last ? [] : [kept]);
            }
        );

        var result = recur.Last ? last[0] : all[0];
        var open = result.Dimensions.Take(result.Rank - 1) + places.Map(a => new Dimension(a, SizeOf(a)));
        return emit.Arrange(emit.Reshape(result, open), node.Shape.Axes);

        // [outer, channel, place], with the words before all where there are several.
        Value Laid(Value of, int channels)
        {
            var wordy = of.Has(Axis.Word);
            Many<Axis> word = wordy ? [Axis.Word] : [];
            var arranged = emit.Arrange(of, word + outer + [Axis.Channel] + places);
            var placed = places.Exists(of.Has);
            var partly = arranged.Dimensions.Map(d =>
                placed && places.Contains(d.Axis) ? d with { Size = SizeOf(d.Axis) }
                : d.Axis == Axis.Word ? words
                : d
            );
            return emit.Merge(emit.Expand(arranged, partly), places, place, arranged.Rank - places.Count);
        }
    }
}
