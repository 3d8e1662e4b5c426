using System.Globalization;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.PyTorch;

/// <summary>What a file of PyTorch source says of its model.</summary>
/// <param name="Name">What the model is called.</param>
/// <param name="Description">What it is, in a sentence.</param>
/// <param name="Notes">
/// What else a user must know, a line each: what pixels and words become, how the graph was rewritten.
/// </param>
/// <param name="FoldsWeights">
/// Whether what depends on the weights alone is computed once and kept until weights are loaded: for graphs that were
/// rewritten for inference.
/// </param>
public sealed record SourceOptions(
    string Name,
    string Description = "",
    Many<string> Notes = default,
    bool FoldsWeights = false
);

/// <summary>
/// PyTorch source of a graph: one file with a <c>torch.nn.Module</c> whose parameters have the graph's names, so that a
/// .safetensors file fits both. The file needs PyTorch 1.13 or newer and nothing else.
/// </summary>
public static class PyTorchSource
{
    /// <summary>The source of a graph.</summary>
    /// <param name="graph">The graph, as written or rewritten; nothing of it is rewritten here.</param>
    /// <param name="options">What the file says of the model.</param>
    /// <returns>The text of the file, or all that has no Python.</returns>
    public static Validation<Error, string> Write(Graph graph, SourceOptions options) =>
        WriteUnrolled(graph.Unrolled, options);

    private static Validation<Error, string> WriteUnrolled(Graph graph, SourceOptions options)
    {
        var errors =
            graph.Nodes.Filter(n => !Emitters.Knows(n.Operation)).Map(Unknown).Distinct()
            + graph.Nodes.Bind(n => n.Errors)
            + graph
                .Parameters.Filter(p => IsPartToo(p, graph))
                .Map(p => new Error(
                    "a parameter and a part of one name",
                    p.Path,
                    "name one of them otherwise: nn.Module holds one thing under a name"
                ));
        return errors.IsEmpty ? Success<Error, string>(Source(graph, options)) : Fail<Error, string>(toSeq(errors));
    }

    private static Error Unknown(Node node) =>
        new(
            $"the operation {node.Operation.GetType().Name} has no PyTorch source",
            node.Path ?? "",
            "write the layer in operations of Cmsa.Dsl.Graphs"
        );

    private static bool IsPartToo(Parameter parameter, Graph graph) =>
        graph.Parameters.Exists(p => p.Path.StartsWith($"{parameter.Path}.", StringComparison.Ordinal));

    private static string Source(Graph graph, SourceOptions options)
    {
        var classes = string.Join("\n\n\n", new Modules(graph, options.FoldsWeights).Classes());
        var rest = $"{RandomInputs(graph)}\n\n\n{Main}";
        var library = Library.UsedBy($"{classes}\n{rest}\nPart(load_weights(save_weights(");
        return $"""
            {'"'}{'"'}{'"'}
            {Header(graph, options)}
            {'"'}{'"'}{'"'}
            import argparse
            import json
            import math
            import os

            import torch
            import torch.nn as nn
            import torch.nn.functional as F

            # Multiply-adds of one forward pass of one sample, those of linear maps, convolutions and contractions.
            MULTIPLY_ADDS = {graph.MultiplyAdds.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '_')}


            {library}


            # ---- the model


            {classes}


            # ---- trying it


            {rest}

            """.ReplaceLineEndings("\n");
    }

    private static string Header(Graph graph, SourceOptions options)
    {
        var lines = new List<string>
        {
            $"{options.Name}{(options.Description.Length > 0 ? $": {options.Description}" : "")}.",
        };
        lines.AddRange(["", "Written by Cmsa.Dsl. It needs PyTorch 1.13 or newer and nothing else:", ""]);
        lines.AddRange([
            "    from model import Model, load_weights",
            "    model = load_weights(Model(), \"model.safetensors\").eval()",
            $"    result = model({string.Join(", ", graph.Inputs.Map(Variable))})",
            "",
            "Model() alone starts as for training from nothing. Parameters are named by path, as in Cmsa.Dsl, whose .safetensors",
            "files fit.",
            "",
            "Arguments, batch first:",
        ]);
        lines.AddRange(graph.Inputs.Map(i => $"    {Variable(i)}: {Meaning(i)}"));
        lines.AddRange(["Result, batch first:", .. graph.Output.Nodes.Map(n => $"    {Sizes(n.Shape)}"), ""]);
        lines.AddRange(options.Notes);
        lines.Add(
            FormattableString.Invariant(
                $"{graph.ParameterCount:#,0} parameters; {graph.MultiplyAdds:#,0} multiply-adds a sample."
            )
        );
        lines.AddRange([
            "",
            "In comments: b is the batch; in equations of einsum b is the batch, n a word, c a channel, y a row, x a column, and capitals",
            "are what an attention looks at.",
        ]);
        return string.Join('\n', lines)
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"\"\"", "'''", StringComparison.Ordinal);
    }

    private static string Variable(Input input) => Python.Variable(input.Name.Replace('.', '_'));

    private static string Sizes(Shape shape) => $"[{string.Join(", ", shape.Dimensions.Map(Size))}]";

    private static string Size(Dimension of) => of.Axis == Axis.Batch ? "batch" : $"{of.Axis.Name} {of.Size}";

    private static string Meaning(Input input) =>
        $"{Sizes(input.Of)}, "
        + input.Element switch
        {
            ElementType.Integer =>
                "int64: the numbers of words, right-aligned, 0 at padding; each sample has a word at least",
            ElementType.Boolean => "bool: which words are there; each sample has one at least",
            _ => "real numbers",
        };

    private static string RandomInputs(Graph graph)
    {
        var vocabularies = graph.Nodes.Filter(n => n.Operation is LookUp).Map(n => n.Operands[1].Shape[Axis.In]);
        var vocabulary = vocabularies.IsEmpty ? 2 : vocabularies.Min();
        var made = graph.Inputs.Map(i => $"        {Random(i, vocabulary)},\n");
        return string.Concat(
            "def random_inputs(batch=2, dtype=torch.float32, device=None):\n",
            "    \"\"\"Random arguments of the model.\"\"\"\n",
            $"    return [tensor.to(device) for tensor in (\n{string.Concat(made)}    )]"
        );
    }

    private static string Random(Input input, int vocabulary)
    {
        var sizes = string.Concat(input.Of.Dimensions.Tail.Map(d => $", {d.Size}"));
        var words = input.Of[Axis.Word];
        return input.Element switch
        {
            ElementType.Integer =>
                $"torch.randint(1, {Math.Max(2, vocabulary)}, (batch{sizes})) * random_presence(batch, {words})",
            ElementType.Boolean => $"random_presence(batch, {words})",
            _ => $"torch.rand(batch{sizes}, dtype=dtype) * 2 - 1",
        };
    }

    private const string Main = """
        def main():
            parser = argparse.ArgumentParser(description="Runs the model on random arguments.")
            parser.add_argument("weights", nargs="?", help="a .safetensors file; random weights if not given")
            parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
            parser.add_argument("--batch", type=int, default=2)
            given = parser.parse_args()
            model = Model(device=given.device)
            if given.weights:
                load_weights(model, given.weights)
            torch.manual_seed(0)
            with torch.no_grad():
                result = model.eval()(*random_inputs(given.batch, device=given.device))
            for tensor in result if isinstance(result, tuple) else (result,):
                print(list(tensor.shape), tensor.dtype, "mean", tensor.double().mean().item())


        if __name__ == "__main__":
            main()
        """;
}
