using Cmsa.Dsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Benchmarks.ByHand;

/// <summary>The weights of a compiled model given to the same model written by hand.</summary>
public static class EagerModels
{
    extension<M>(M module)
        where M : nn.Module
    {
        /// <summary>
        /// The module with the weights of another, found by their paths, and its norms fixed as they are.
        /// </summary>
        /// <param name="compiled">The other.</param>
        /// <param name="under">What the paths begin with there and not here: <c>backbone.</c></param>
        public M WithWeightsOf(Compiled compiled, string under = "")
        {
            using var mode = torch.no_grad();
            var own = module
                .named_parameters()
                .Select(p => (p.name, Tensor: (Tensor)p.parameter))
                .Concat(module.named_buffers().Select(b => (b.name, Tensor: b.buffer)))
                .ToDictionary(p => under + p.name, p => p.Tensor);
            foreach (var (parameter, tensor) in compiled.Tensors)
                own[parameter.Path].copy_(tensor);
            module.eval();
            foreach (var parameter in module.parameters())
                parameter.requires_grad_(compiled.Options.Training);
            return module;
        }
    }
}
