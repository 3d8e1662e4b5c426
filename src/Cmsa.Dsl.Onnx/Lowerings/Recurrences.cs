using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>
/// A recurrence as a Scan over the words: ONNX's own LSTM and GRU expect padding behind the words, and take the input's
/// share of the gates as one value for all words.
/// </summary>
internal static class Recurrences
{
    private static readonly Axis place = new("place");

    public static Value Recur(Recur recur, Node node, Many<Value> x, Emitter emit)
    {
        var terms = recur.Terms(x);
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

        var shares = terms.Map(Laid);
        var own = recur.HasVector ? Many.Range(3).Map(OwnGate) : (Many<Value>)[];
        var (told, given) = (shares.Filter(s => s.Has(Axis.Word)), shares.Filter(s => !s.Has(Axis.Word)));
        var present = Laid(x[1]);
        var every = present.Has(Axis.Word)
            ? present
            : emit.Expand(emit.Arrange(present, [Axis.Word, .. present.Axes]), [words, .. present.Dimensions]);
        Many<Dimension> state =
        [
            .. outer.Map(a => new Dimension(a, SizeOf(a))),
            new(Axis.Channel, recur.Hidden),
            new(place, Sizes.Product(places.Map(a => new Dimension(a, SizeOf(a))))),
        ];
        var zeros = emit.Expand(emit.Number(0), state);
        var isGated = recur.Cell is RecurrentCell.Gru or RecurrentCell.GruResetFirst;

        var (last, all) = emit.Scan(
            isGated ? [zeros] : [zeros, zeros],
            [every, .. told],
            words,
            (step, before, part) =>
            {
                var parts = part.Tail + given;
                var after =
                    recur.Cell == RecurrentCell.GruResetFirst ? ResetFirst(step, before[0], parts)
                    : isGated ? Gated(step, before[0], parts)
                    : Remembered(step, before[0], before[1], parts);
                // A padding word leaves the state as it is.
                var kept = after.Zip(before, (next, old) => step.Choose(part[0], next, old));
                return (kept, recur.Last ? [] : [kept[0]]);
            }
        );

        var result = recur.Last ? last[0] : all[0];
        var open = result.Dimensions.Take(result.Rank - 1) + places.Map(a => new Dimension(a, SizeOf(a)));
        return emit.Arrange(emit.Reshape(result, open), node.Shape.Axes);

        Many<Dimension> Wide(int count) =>
            state.Map(d => d.Axis == Axis.Channel ? d with { Size = count * recur.Hidden } : d);

        Value Part(Emitter step, Value of, int i) => step.Slice(of, Axis.Channel, i * recur.Hidden, recur.Hidden);

        Value OwnGate(int i) => Part(emit, Laid(x[3]), i);

        Many<Value> Remembered(Emitter step, Value hidden, Value cell, Many<Value> parts)
        {
            var share = step.MatMul(x[2], hidden) with { Dimensions = Wide(4) };
            var gates = parts.Fold(share, step.Plus);
            Value Gate(int i) => Part(step, gates, i);
            Value Seen(int gate, int peephole, Value memory) =>
                own.IsEmpty ? Gate(gate) : step.Plus(Gate(gate), step.Times(own[peephole], memory));
            var (input, forget) = (step.Each("Sigmoid", Seen(0, 0, cell)), step.Each("Sigmoid", Seen(1, 1, cell)));
            var candidate = step.Each("Tanh", Gate(2));
            var next = step.Plus(step.Times(forget, cell), step.Times(input, candidate));
            var output = step.Each("Sigmoid", Seen(3, 2, next));
            return [step.Times(output, step.Each("Tanh", next)), next];
        }

        Many<Value> Gated(Emitter step, Value hidden, Many<Value> parts)
        {
            var held = step.MatMul(x[2], hidden) with { Dimensions = Wide(3) };
            Value Held(int i) => step.Plus(Part(step, held, i), own[i]);
            Value Told(int i) => Sum(step, parts.Map(p => Part(step, p, i)));
            var reset = step.Each("Sigmoid", step.Plus(Held(0), Told(0)));
            var update = step.Each("Sigmoid", step.Plus(Held(1), Told(1)));
            var candidate = step.Each("Tanh", step.Plus(step.Times(reset, Held(2)), Told(2)));
            return [Updated(step, hidden, update, candidate)];
        }

        Many<Value> ResetFirst(Emitter step, Value hidden, Many<Value> parts)
        {
            Value Gate(int i, Value of)
            {
                var weight = step.Slice(x[2], Axis.Out, i * recur.Hidden, recur.Hidden);
                var held = step.MatMul(weight, of) with { Dimensions = state };
                return parts.Map(p => Part(step, p, i)).Fold(held, step.Plus);
            }

            var reset = step.Each("Sigmoid", Gate(0, hidden));
            var update = step.Each("Sigmoid", Gate(1, hidden));
            var candidate = step.Each("Tanh", Gate(2, step.Times(reset, hidden)));
            return [Updated(step, hidden, update, candidate)];
        }

        Value Updated(Emitter step, Value hidden, Value update, Value candidate) =>
            step.Plus(candidate, step.Times(update, step.Minus(hidden, candidate)));

        Value Sum(Emitter step, Many<Value> parts) => parts.Tail.Fold(parts.Head, step.Plus);

        // [outer, channel, place], with the words before all where there are several.
        Value Laid(Value of)
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
