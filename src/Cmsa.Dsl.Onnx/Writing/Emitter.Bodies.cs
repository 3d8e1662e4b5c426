using global::Onnx;

namespace Cmsa.Dsl.Onnx.Writing;

internal sealed partial class Emitter
{
    /// <summary>One of two values, by a condition that is known at run time; only the one is computed.</summary>
    /// <param name="condition">A boolean.</param>
    /// <param name="then">Computes the value where it is true.</param>
    /// <param name="otherwise">Computes a value of the same axes where it is false.</param>
    public Value If(Value condition, Func<Emitter, Value> then, Func<Emitter, Value> otherwise)
    {
        var (whenTrue, value) = Branch("then", then);
        var (whenFalse, _) = Branch("otherwise", otherwise);
        return Emit(
            "If",
            [condition],
            value.Dimensions,
            value.Type,
            Attributes.Of("then_branch", whenTrue),
            Attributes.Of("else_branch", whenFalse)
        );
    }

    private (GraphProto Body, Value Result) Branch(string name, Func<Emitter, Value> compute)
    {
        var body = new GraphProto { Name = Fresh(name) };
        var result = compute(new(body, scope));
        body.Output.Add(Info(result, shaped: false));
        return (body, result);
    }

    /// <summary>What is computed step by step along an axis.</summary>
    /// <param name="states">What is carried from step to step: the values before the first.</param>
    /// <param name="each">
    /// What has a part for each step, with the axis of the steps, which the body does not see.
    /// </param>
    /// <param name="body">Given the states and the parts of a step: the states after it, and what it gives out.</param>
    /// <param name="steps">The axis and size of the steps.</param>
    /// <returns>The states after the last step; what all steps gave out, the axis of the steps outermost.</returns>
    public (Many<Value> States, Many<Value> Given) Scan(
        Many<Value> states,
        Many<Value> each,
        Dimension steps,
        Func<Emitter, Many<Value>, Many<Value>, (Many<Value> States, Many<Value> Given)> body
    )
    {
        var graph = new GraphProto { Name = Fresh("step") };
        var inner = new Emitter(graph, scope);
        var carried = states.Map(s => new Value(Fresh("state"), s.Dimensions, s.Type));
        var parts = each.Map(v => new Value(Fresh("part"), v.Dimensions.Filter(d => d.Axis != steps.Axis), v.Type));
        graph.Input.AddRange((carried + parts).Map(v => Info(v)));
        var (after, given) = body(inner, carried, parts);
        // A result must be made by the body itself, and each once.
        var results = (after + given).Map(v => inner.Emit("Identity", [v], v.Dimensions, v.Type));
        graph.Output.AddRange(results.Map(v => Info(v, shaped: false)));

        var name = Fresh("Scan");
        var outputs = results.Map(_ => Fresh("Scan"));
        Add(
            "Scan",
            name,
            states + each,
            outputs,
            [
                Attributes.Of("num_scan_inputs", (long)each.Count),
                Attributes.Of("scan_input_axes", each.Map(v => (long)v.At(steps.Axis))),
                Attributes.Of("body", graph),
            ]
        );
        var made = outputs.Zip(results, (output, r) => r with { Name = output });
        return (
            made.Take(states.Count),
            made.Slice(states.Count, given.Count).Map(v => v with { Dimensions = [steps, .. v.Dimensions] })
        );
    }

    /// <summary>A value as a graph's input or output.</summary>
    /// <param name="value">The value.</param>
    /// <param name="shaped">Whether its shape is part of the description.</param>
    public static ValueInfoProto Info(Value value, bool shaped = true)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)value.Type };
        if (shaped)
        {
            tensor.Shape = new TensorShapeProto();
            tensor.Shape.Dim.AddRange(value.Dimensions.Map(Length));
        }
        return new()
        {
            Name = value.Name,
            Type = new() { TensorType = tensor },
        };
    }

    // Only the batch has a name: what it is merged with differs from place to place.
    private static TensorShapeProto.Types.Dimension Length(Dimension d)
    {
        var length = new TensorShapeProto.Types.Dimension();
        if (d.Size != Value.Dynamic)
            length.DimValue = d.Size;
        else if (d.Axis == Axis.Batch)
            length.DimParam = d.Axis.Name;
        return length;
    }
}
