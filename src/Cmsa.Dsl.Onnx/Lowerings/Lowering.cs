using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Writes one operation as ONNX operators.</summary>
/// <param name="node">The node, with its shape.</param>
/// <param name="x">The values of its operands, each laid out in the order of its shape's axes.</param>
/// <param name="emit">Where the operators go.</param>
/// <returns>The result, laid out in the order of the node's axes.</returns>
internal delegate Value Lowering(Node node, Many<Value> x, Emitter emit);
