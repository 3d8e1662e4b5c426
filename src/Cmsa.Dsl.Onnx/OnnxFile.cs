using LanguageExt;

namespace Cmsa.Dsl.Onnx;

/// <summary>What was written.</summary>
/// <param name="Path">The model's file.</param>
/// <param name="Data">The file of the weights, where they are beside the model.</param>
/// <param name="Bytes">The size of both, in bytes.</param>
/// <param name="Nodes">How many ONNX operators the model has.</param>
/// <param name="Unneeded">
/// Paths of parameters that the graph no longer needs, such as after rewriting: they are not in the file.
/// </param>
public sealed record OnnxFile(string Path, Option<string> Data, long Bytes, int Nodes, Many<string> Unneeded);
