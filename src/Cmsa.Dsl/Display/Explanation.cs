using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;

namespace Cmsa.Dsl.Display;

/// <summary>What a rule did to a program.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Fired">How often it was applied, by the path of the layer, in the order of first use.</param>
/// <param name="MultiplyAddsWithout">Multiply-adds of one sample had all rules but this one been applied.</param>
/// <param name="PeakWithout">The most memory at a time had all rules but this one been applied, in bytes.</param>
public sealed record Effect(Rule Rule, Many<(string Path, int Times)> Fired, long MultiplyAddsWithout, long PeakWithout)
{
    /// <summary>How often the rule was applied.</summary>
    public int Times => Fired.Fold(0, (n, f) => n + f.Times);
}

/// <summary>How a program was rewritten: rule by rule, where each was applied and what it is worth.</summary>
/// <param name="Written">The program as written.</param>
/// <param name="Optimised">The program that is run.</param>
/// <param name="Effects">The rules that were applied, in the order in which they first were.</param>
/// <param name="Training">
/// Whether it is to be trained, so that what is computed from weights is computed anew each time.
/// </param>
public sealed record Explanation(Graph Written, Graph Optimised, Many<Effect> Effects, bool Training)
{
    /// <summary>The explanation of a program.</summary>
    /// <param name="graph">The program as written.</param>
    /// <param name="training">Whether it is to be trained, so that what holds at inference alone is left out.</param>
    public static Explanation Of(Graph graph, bool training = false)
    {
        var stages = GraphOptimizer.Stages(OptimizationLevel.All, training);
        var all = GraphOptimizer.Explain(graph, stages);
        return new(
            graph,
            all.Graph,
            [
                .. all
                    .Applications.GroupBy(f => f.Rule)
                    .Select(fired =>
                        Without(fired.Key) is var without
                            ? new Effect(
                                fired.Key,
                                [.. fired.GroupBy(f => f.Path).Select(g => (g.Key, g.Count()))],
                                Each(without, training),
                                ExecutionPlan.Of(without).Peak
                            )
                            : default!
                    ),
            ],
            training
        );

        Graph Without(Rule rule) => GraphOptimizer.Explain(graph, stages.Map(s => s.Without(rule))).Graph;
    }

    /// <summary>
    /// The explanation as lines of text: each rule with its law, where it was applied, and what the program would cost
    /// without it.
    /// </summary>
    public Many<string> Lines() =>
        [
            $"as written   {Amounts.Rounded(Each(Written, Training)), 8} multiply-adds   {Amounts.Memory(ExecutionPlan.Of(Written).Peak), 9} at a time",
            $"optimised    {Amounts.Rounded(Each(Optimised, Training)), 8} multiply-adds   {Amounts.Memory(ExecutionPlan.Of(Optimised).Peak), 9} at a time"
                + $"   ({(double)Each(Written, Training) / Math.Max(1, Each(Optimised, Training)):0.#} times fewer)",
            "",
            .. Effects.Bind<string>(e =>
                [
                    $"{e.Rule.Name}   ({e.Times} times)",
                    $"    {e.Rule.Law}",
                    $"    at {Places(e.Fired)}",
                    e.MultiplyAddsWithout == Each(Optimised, Training)
                    && e.PeakWithout == ExecutionPlan.Of(Optimised).Peak
                        ? "    without it: the same count of multiply-adds and bytes"
                        : $"    without it: {Amounts.Rounded(e.MultiplyAddsWithout)} multiply-adds, {Amounts.Memory(e.PeakWithout)} at a time",
                ]
            ),
        ];

    private static long Each(Graph graph, bool training) => graph.MultiplyAdds - (training ? 0 : graph.WorkOnWeights);

    private static string Places(Many<(string Path, int Times)> fired) =>
        string.Join(", ", fired.Take(6).Map(f => f.Path.Length == 0 ? "the model" : f.Path))
        + (fired.Count > 6 ? $" and {fired.Count - 6} more" : "");

    /// <summary>The explanation as text.</summary>
    public override string ToString() => string.Join('\n', Lines());
}
