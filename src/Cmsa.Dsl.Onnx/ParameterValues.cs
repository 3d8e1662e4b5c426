using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Onnx;

/// <summary>The numbers of a parameter, in the order of its shape's axes, or why there are none.</summary>
/// <param name="parameter">The parameter, with its path and shape.</param>
public delegate Either<Error, double[]> ParameterValues(Parameter parameter);
