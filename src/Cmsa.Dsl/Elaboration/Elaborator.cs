using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Elaboration;

/// <summary>Runs a model on symbolic inputs: sizes in, a graph out, or every error at once.</summary>
public static class Elaborator
{
    /// <summary>The graph of a model at some sizes, or all that does not fit.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">The sizes of its argument.</param>
    public static Validation<Error, Graph> Elaborate(Layer model, InputSpec inputs) =>
        Trace(model, inputs).Map(t => t.Graph);

    /// <summary>The graph of a model at some sizes with the trace of every layer, or all that does not fit.</summary>
    /// <inheritdoc cref="Elaborate"/>
    /// <exception cref="ElaborationException">A layer's <c>Elaborate</c> threw.</exception>
    public static Validation<Error, (Graph Graph, Trace Trace)> Trace(Layer model, InputSpec inputs)
    {
        var wrong = inputs.Against(model.In);
        if (!wrong.IsEmpty)
            return Fail<Error, (Graph, Trace)>(toSeq(wrong.Map(e => e.At(Model))));

        var placed = Placement.Of(model);
        var unusable = (ValueProblems.Of(placed) + Names.Problems(placed))
            .Map(e => e.Where.Length == 0 ? e.At(Model) : e)
            .Distinct();
        if (!unusable.IsEmpty)
            return Fail<Error, (Graph, Trace)>(toSeq(unusable));

        var input = inputs.Symbols();
        input.Locate("");
        var scope = Scope.Of(placed);
        var output = scope.Elaborate(input);

        var given = Graph.Of(input).Inputs;
        var graph = Graph.Of(output, given);
        var errors = Errors(graph);
        return errors.IsEmpty
            ? Success<Error, (Graph, Trace)>((graph, scope.Trace(input, output)))
            : Fail<Error, (Graph, Trace)>(toSeq(errors));
    }

    private const string Model = "model";

    private static Many<Error> Errors(Graph graph)
    {
        var noted = graph.Nodes.Bind(n => n.Errors.Map(e => e.At(Where(n))));
        var misfits = (noted + Clashes(graph.Parameters)).Distinct();
        if (!misfits.IsEmpty)
            return misfits;
        // What is made of a value that is too large is too large as well: the first error says it all.
        return graph.Nodes.Choose(n => TooLarge.ErrorOf(n).Map(e => e.At(Where(n)))).Take(1);
    }

    private static string Where(Node node) => string.IsNullOrEmpty(node.Path) ? Model : node.Path;

    private static Many<Error> Clashes(Many<Parameter> parameters)
    {
        var unlike = parameters
            .GroupBy(p => p.Path)
            .Where(g => g.Count() > 1)
            .Select(g => Unlike(g.ToMany()).At(g.Key));
        var nested = parameters
            .Where(p => parameters.Exists(q => q.Path.StartsWith($"{p.Path}.", StringComparison.Ordinal)))
            .Select(p =>
                Error
                    .Misfit(
                        $"a parameter {p.Path} and parameters under {p.Path}",
                        "another name for one of them",
                        "name the layer or the learnable number otherwise"
                    )
                    .At(p.Path)
            );
        return [.. unlike, .. nested];
    }

    private static Error Unlike(Many<Parameter> uses) =>
        uses.Map(p => p.Of).Distinct().Count > 1
            ? Error.Misfit(
                $"one parameter as {string.Join(" and as ", uses.Map(p => p.Of).Distinct())}",
                "one shape for all who share it",
                "give the layers different names, or make them equal"
            )
            : Error.Misfit(
                $"one parameter as {string.Join(" and as ", uses.Map(Kept))}",
                "the same for all who share it",
                "write Frozen, InitializedBy and InFloat32 inside Shared, so that they are the same for all"
            );

    private static string Kept(Parameter use) =>
        $"{use.Role}, {RecordText.Of(use.Initializer)}{(use.InFloat32 ? ", in float32" : "")}";
}
