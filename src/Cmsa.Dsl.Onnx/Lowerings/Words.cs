using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Words and their vectors.</summary>
internal static class Words
{
    public static Value IsWord(IsWord isWord, Node node, Many<Value> x, Emitter emit) =>
        emit.Each("Not", emit.Each("Equal", x[0], emit.Integer(0), DataType.Bool));

    public static Value LookUp(LookUp lookUp, Node node, Many<Value> x, Emitter emit) =>
        emit.Emit(
            "Gather",
            [x[1], x[0]],
            [.. x[0].Dimensions, new(Axis.Channel, x[1][Axis.Channel])],
            x[1].Type,
            Attributes.Of("axis", 0L)
        );

    public static Value LastOne(LastOne last, Node node, Many<Value> x, Emitter emit) =>
        emit.Squeeze(emit.Slice(x[0], Axis.Word, x[0][Axis.Word] - 1, 1), [Axis.Word]);
}
