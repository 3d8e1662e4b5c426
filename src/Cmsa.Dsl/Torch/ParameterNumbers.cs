using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = Cmsa.Dsl.Graphs.Parameter;

namespace Cmsa.Dsl.Torch;

/// <summary>The numbers of a module's parameters, for targets that know no tensors.</summary>
public static class ParameterNumbers
{
    extension(Compiled module)
    {
        /// <summary>The numbers of a parameter or statistic, outermost axis first.</summary>
        /// <param name="parameter">The parameter, of a graph of the same model.</param>
        /// <returns>The numbers; an error where the module has no parameter of this path and shape.</returns>
        public Either<Error, double[]> NumbersOf(Parameter parameter)
        {
            using var scope = NewDisposeScope();
            var found = module.Tensors.FirstOrDefault(t => t.Parameter.Path == parameter.Path);
            if (found.Parameter is null)
            {
                var names = module.Tensors.Select(t => t.Parameter.Path);
                return new Error(
                    $"the module has no parameter {parameter.Path}",
                    "",
                    Nearest.Hint(parameter.Path, names)
                );
            }
            return found.Parameter.Of == parameter.Of
                ? found.Tensor.detach().cpu().to(ScalarType.Float64).contiguous().data<double>().ToArray()
                : Error.Misfit(
                    $"the parameter {parameter.Path} of {found.Parameter.Of}",
                    $"{parameter.Of}",
                    "give the weights of this model"
                );
        }
    }
}
