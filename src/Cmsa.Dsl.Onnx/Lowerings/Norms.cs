using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Normalisations.</summary>
internal static class Norms
{
    public static Value NormaliseBatch(NormaliseBatch norm, Node node, Many<Value> x, Emitter emit) =>
        Images.Each(
            node,
            x[0],
            emit,
            images =>
                emit.Emit(
                    "BatchNormalization",
                    [images, .. x.Skip(1)],
                    images.Dimensions,
                    images.Type,
                    Attributes.Of("epsilon", (float)norm.Epsilon)
                )
        );
}
