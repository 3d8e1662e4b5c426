using Cmsa.Dsl.Elaboration;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Torch;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>What a model can be read as: a graph at some sizes, a TorchSharp module.</summary>
public static class Readings
{
    extension(Layer model)
    {
        /// <summary>The model at some sizes as a graph, or all that does not fit.</summary>
        /// <param name="inputs">The sizes of the model's argument.</param>
        public Validation<Error, Graph> At(InputSpec inputs) => Elaborator.Elaborate(model, inputs);

        /// <summary>The model at some sizes as a TorchSharp module, or all that does not fit.</summary>
        /// <param name="inputs">The sizes of the model's argument.</param>
        /// <param name="options">How it is compiled; for inference on the CPU in float32 if not given.</param>
        public Validation<Error, Compiled> Compile(InputSpec inputs, Options? options = null) =>
            model.At(inputs).Bind(graph => graph.Compile(options ?? new()));
    }

    extension(Graph graph)
    {
        /// <summary>
        /// The graph as a TorchSharp module, or why there is none: a device that does not exist, a probe that the graph
        /// does not have.
        /// </summary>
        /// <param name="options">How it is compiled.</param>
        public Validation<Error, Compiled> Compile(Options options)
        {
            if (Devices.Problem(options.Device).Case is Error problem)
                return Fail<Error, Compiled>(problem.At("model"));
            return graph
                .Showing(options.Probes)
                .Match(
                    Left: unknown => Fail<Error, Compiled>(toSeq(unknown.Map(Unknown))),
                    Right: shown => Success<Error, Compiled>(Module(shown))
                );

            Error Unknown(string probe) =>
                Error
                    .Misfit(
                        $"a probe {probe}",
                        $"one of {string.Join(", ", graph.Probes)}",
                        "ask for a probe that the model has"
                    )
                    .At("model");

            Compiled Module(Graph shown) =>
                new(GraphOptimizer.ForModule(shown, options.Optimise, options.Training, options.On), options);
        }
    }
}
