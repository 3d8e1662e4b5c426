using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Functions and combinations of elements.</summary>
internal static class Elementwise
{
    private const double SmallestSquare = 1e-12;

    // The smallest square whose inverse root float16 holds: below it 1e-12 is 0.
    private const double SmallestHalfSquare = 1.0 / (1 << 22);

    public static Value Apply(Apply apply, Node node, Many<Value> x, Emitter emit) =>
        apply.Function switch
        {
            Function.Negate => emit.Each("Neg", x[0]),
            Function.Relu => emit.Each("Relu", x[0]),
            Function.Sigmoid => emit.Each("Sigmoid", x[0]),
            Function.Tanh => emit.Each("Tanh", x[0]),
            Function.Exp => emit.Each("Exp", x[0]),
            Function.Log => emit.Each("Log", x[0]),
            Function.Reciprocal => emit.Each("Reciprocal", x[0]),
            Function.Square => emit.Times(x[0], x[0]),
            Function.Sqrt => emit.Each("Sqrt", x[0]),
            Function.Abs => emit.Each("Abs", x[0]),
            Function.Erf => emit.Each("Erf", x[0]),
            Function.InverseRoot => InverseRoot(x[0], emit),
            _ => throw new NotSupportedException($"{apply.Function} is no function that the ONNX target knows."),
        };

    private static Value InverseRoot(Value x, Emitter emit)
    {
        var least = x.Type == DataType.Float16 ? SmallestHalfSquare : SmallestSquare;
        return emit.Each("Reciprocal", emit.Each("Sqrt", emit.AtLeast(x, least)));
    }

    public static Value Combine(Combine combine, Node node, Many<Value> x, Emitter emit)
    {
        var axes = node.Shape.Axes;
        return combine.Combination switch
        {
            Combination.Max => emit.Each("Max", x[0], x[1], axes),
            Combination.Min => emit.Each("Min", x[0], x[1], axes),
            Combination.Power => emit.Each("Pow", x[0], x[1], axes),
            Combination.Greater => emit.Cast(emit.Each("Greater", x[0], x[1], axes, DataType.Bool), x[0].Type),
            Combination.Less => emit.Cast(emit.Each("Less", x[0], x[1], axes, DataType.Bool), x[0].Type),
            _ => throw new NotSupportedException(
                $"{combine.Combination} is no combination that the ONNX target knows."
            ),
        };
    }

    public static Value Logic(Logic logic, Node node, Many<Value> x, Emitter emit)
    {
        var op = logic.Connective switch
        {
            Connective.And => "And",
            Connective.Or => "Or",
            _ => "Equal",
        };
        return emit.Each(op, x[0], x[1], node.Shape.Axes);
    }
}
