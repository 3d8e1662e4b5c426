using System.Globalization;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Display;

/// <summary>
/// A model of several inputs as a function of one after the other: what is computed once from the weights, what when
/// each input is bound, and what at each run.
/// </summary>
/// <param name="Plan">How the optimised graph is run.</param>
public sealed record StageTable(ExecutionPlan Plan)
{
    private const int PartsShown = 4;

    /// <summary>The stages of a graph.</summary>
    /// <param name="graph">The graph as written.</param>
    /// <param name="bound">The names of the inputs that are bound, in turn; the first one if there is none.</param>
    /// <param name="training">Whether it is to be trained.</param>
    /// <returns>The stages; an error where there is no such input, or where it is named twice.</returns>
    public static Either<Error, StageTable> Of(Graph graph, Many<string> bound = default, bool training = false)
    {
        var names = graph.Inputs.Map(i => i.Name);
        var asked = bound.IsEmpty ? names.Take(1) : bound;
        if (asked.Find(name => !names.Contains(name)).Case is string unknown)
            return new Error(
                $"the model has no input {unknown}",
                string.Join(", ", names),
                Nearest.To(unknown, names).Match(near => $"did you mean {near}?", () => "name one of these")
            );
        if (asked.Distinct().ToMany() != asked)
            return new Error("an input is bound twice", string.Join(", ", asked), "name each input once");
        var optimised = GraphOptimizer.ForModule(graph, OptimizationLevel.All, training);
        return new StageTable(ExecutionPlan.Of(optimised, training, asked.Map(name => (Many<string>)[name])));
    }

    /// <summary>The stages as lines of text: one of figures each, and one of the parts of the model that cost most.</summary>
    public Many<string> Lines() =>
        [
            $"{"stage", -16}{"multiply-adds", 14}{"kept", 12}{"at most", 12}",
            .. Plan.Stages.Filter(IsOfNote).Bind(Lines),
        ];

    private static bool IsOfNote(ExecutionPlan.Stage stage) =>
        stage.MultiplyAdds > 0 || stage.Name is not ("constants" or "weights");

    private Many<string> Lines(ExecutionPlan.Stage stage)
    {
        var kept = ReferenceEquals(stage, Plan.Run) ? "-" : Amounts.Memory(stage.Kept);
        var figures =
            $"{stage.Name,-16}{Amounts.Rounded(stage.MultiplyAdds),14}{kept,12}{Amounts.Memory(stage.Peak),12}";
        return Parts(stage) is { Length: > 0 } parts ? [figures, $"    {parts}"] : [figures];
    }

    // The parts are the first names of paths.
    private static string Parts(ExecutionPlan.Stage stage)
    {
        var all = stage
            .Steps.Map(s => s.Node)
            .GroupBy(n => n.Path is { Length: > 0 } path ? path.Split('.')[0] : "the model")
            .Select(g => (Part: g.Key, Work: g.ToMany().Total(n => n.MultiplyAdds())))
            .Where(p => p.Work > 0)
            .OrderByDescending(p => p.Work)
            .ToMany();
        var shown = all.Take(PartsShown).Map(p => $"{p.Part} {Share(p.Work, stage.MultiplyAdds)}");
        var more = all.Count > PartsShown ? $" and {all.Count - PartsShown} more" : "";
        return string.Join(", ", shown) + more;
    }

    private static string Share(long work, long of) =>
        (100.0 * work / of).ToString(work * 100 < of ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";

    /// <summary>The stages as text.</summary>
    public override string ToString() => string.Join('\n', Lines());
}
