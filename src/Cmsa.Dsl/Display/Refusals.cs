using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Display;

/// <summary>Why a rule was not applied to what looks as it should.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Pattern">What it looks for.</param>
/// <param name="Missing">Where it would have to hold, if it does not hold here.</param>
/// <param name="Applied">How often it was applied, by the path of the layer.</param>
/// <param name="Refused">In the graph that is run, what kept it from a node, and the path of the node's layer.</param>
public sealed record Refusals(
    Rule Rule,
    Pattern Pattern,
    RuleContext Missing,
    Many<(string Path, int Times)> Applied,
    Many<(string Reason, string Path)> Refused
)
{
    /// <summary>Why a rule was not applied, and where it was.</summary>
    /// <param name="graph">The graph as written.</param>
    /// <param name="name">The rule's name.</param>
    /// <param name="path">The layer to look at, with those inside it; the whole graph if not given.</param>
    /// <param name="training">Whether the graph is to be trained.</param>
    /// <returns>The reasons, or an error where there is no such rule or layer.</returns>
    public static Either<Error, Refusals> Of(
        Graph graph,
        string name,
        Option<string> path = default,
        bool training = false
    )
    {
        var names = GraphOptimizer.Rules.Map(r => r.Name);
        if (GraphOptimizer.Rules.Find(r => Nearest.Key(r.Name) == Nearest.Key(name)).Case is not Rule rule)
            return new Error($"There is no rule {name}", "", Hint(name, names));
        var result = GraphOptimizer.Explain(graph, GraphOptimizer.Stages(OptimizationLevel.All, training));
        bool Inside(string at) => path.ForAll(p => at == p || at.StartsWith($"{p}.", StringComparison.Ordinal));
        if (!(graph.Nodes + result.Graph.Nodes).Exists(n => Inside(n.Path ?? "")))
            return new Error(
                $"No layer is at {path.IfNone("")}",
                "",
                Hint(path.IfNone(""), graph.Nodes.Map(n => n.Path ?? "").Distinct())
            );
        var applied = Explanation.ByPath(result.Applications.Filter(a => a.Rule == rule && Inside(a.Path)));
        var missing = training ? rule.Context & RuleContext.Inference : RuleContext.Anywhere;
        var looked = missing == RuleContext.Anywhere ? result.Graph.Nodes.Filter(n => Inside(n.Path ?? "")) : [];
        var refused = looked.Choose(n => Reason(rule, n));
        return new Refusals(rule, rule.Pattern, missing, applied, refused);
    }

    /// <summary>The reasons as lines of text, each counted and with an example.</summary>
    public Many<string> Lines() =>
        [
            Rule.Name,
            .. Rule.Law.Lines.Map(line => $"    {line}"),
            Missing == RuleContext.Inference ? "    never in training: it holds at inference alone"
            : Applied.IsEmpty ? "    applied nowhere"
            : $"    applied {Explanation.Times(Applied.Fold(0, (n, a) => n + a.Times))}, at {Explanation.Places(Applied)}",
            .. Refused
                .GroupBy(r => r.Reason)
                .OrderByDescending(g => g.Count())
                .Select(g => $"    {Explanation.Times(g.Count())} not, since {g.Key}, e.g. {g.First().Path}"),
            .. Refused.IsEmpty && Missing == RuleContext.Anywhere
                ? (string[])[$"    nothing else looks like {Pattern}"]
                : [],
        ];

    private static Option<(string, string)> Reason(Rule rule, Node node)
    {
        var path = string.IsNullOrEmpty(node.Path) ? "the model" : node.Path;
        if (rule.Apply(node).IsSome)
            return Some(("the whole would cost more work", path));
        return rule.Blocking(node)
            .Bind(c =>
                c.Kind switch
                {
                    ConditionKind.Pattern => None,
                    _ when c == Condition.Fits => Some(("the replacement would not fit", path)),
                    _ => Some(($"\"{c}\" does not hold", path)),
                }
            );
    }

    private static string Hint(string written, Many<string> names)
    {
        var near = Nearest.Hint(written, names);
        return near.Length > 0 ? near : $"there is {string.Join(", ", names.Take(40))}";
    }

    /// <summary>The reasons as text.</summary>
    public override string ToString() => string.Join('\n', Lines());
}
