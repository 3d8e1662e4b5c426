using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;
using LanguageExt;

namespace Cmsa.Dsl.Display;

/// <summary>What a rule did to a graph.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Applied">How often it was applied, by the path of the layer, in the order of first use.</param>
/// <param name="MultiplyAddsWithout">Multiply-adds of one sample had all rules but this one been applied.</param>
/// <param name="PeakWithout">The most memory at a time had all rules but this one been applied, in bytes.</param>
public sealed record Effect(
    Rule Rule,
    Many<(string Path, int Times)> Applied,
    long MultiplyAddsWithout,
    long PeakWithout
)
{
    /// <summary>How often the rule was applied.</summary>
    public int Times => Applied.Fold(0, (n, a) => n + a.Times);
}

/// <summary>How a graph was rewritten: rule by rule, where each was applied and what it is worth.</summary>
/// <param name="Written">The graph as written.</param>
/// <param name="Optimized">The graph that is run.</param>
/// <param name="Effects">The rules that were applied, in the order in which they first were.</param>
/// <param name="Training">
/// Whether it is to be trained, so that what is computed from weights is computed anew each time.
/// </param>
public sealed record Explanation(Graph Written, Graph Optimized, Many<Effect> Effects, bool Training)
{
    private const int PathsShown = 6;

    /// <summary>The explanation of a graph.</summary>
    /// <param name="graph">The graph as written.</param>
    /// <param name="training">
    /// Whether it is to be trained: rules that hold at inference alone are then left out.
    /// </param>
    public static Explanation Of(Graph graph, bool training = false)
    {
        var stages = GraphOptimizer.Stages(OptimizationLevel.All, training);
        var all = GraphOptimizer.Explain(graph, stages);
        var effects = all.Applications.GroupBy(a => a.Rule).Select(applied => EffectOf(applied.Key, applied.ToMany()));
        return new(graph, all.Graph, effects.ToMany(), training);

        Effect EffectOf(Rule rule, Many<RuleApplication> applied)
        {
            var without = GraphOptimizer.Explain(graph, stages.Map(s => s.Without(rule))).Graph;
            return new(rule, ByPath(applied), Each(without, training), ExecutionPlan.Of(without).Peak);
        }
    }

    /// <summary>
    /// The explanation as lines of text: each rule with its law, where it was applied, and what the graph would cost
    /// without it.
    /// </summary>
    public Many<string> Lines()
    {
        var (before, after) = (Each(Written, Training), Each(Optimized, Training));
        var times = (double)before / Math.Max(1, after);
        return
        [
            $"as written   {Amounts.Rounded(before), 8} multiply-adds   {Amounts.Memory(ExecutionPlan.Of(Written).Peak), 9} at a time",
            $"optimised    {Amounts.Rounded(after), 8} multiply-adds   {Amounts.Memory(ExecutionPlan.Of(Optimized).Peak), 9} at a time"
                + $"   ({times:0.#} times fewer)",
            "",
            .. Effects.Bind(Lines),
        ];
    }

    private Many<string> Lines(Effect effect)
    {
        var (products, peak) = (Amounts.Rounded(effect.MultiplyAddsWithout), Amounts.Memory(effect.PeakWithout));
        var alike =
            effect.MultiplyAddsWithout == Each(Optimized, Training)
            && effect.PeakWithout == ExecutionPlan.Of(Optimized).Peak;
        return
        [
            $"{effect.Rule.Name}   ({Times(effect.Times)})",
            .. effect.Rule.Law.Lines.Map(line => $"    {line}"),
            $"    at {Places(effect.Applied)}",
            alike
                ? "    without it: the same count of multiply-adds and bytes"
                : $"    without it: {products} multiply-adds, {peak} at a time",
        ];
    }

    /// <summary>How often each layer is in some applications, in the order of first use.</summary>
    internal static Many<(string Path, int Times)> ByPath(Many<RuleApplication> applied) =>
        [.. applied.GroupBy(a => a.Path).Select(g => (g.Key, g.Count()))];

    /// <summary>The first layers of some, and how many more there are.</summary>
    internal static string Places(Many<(string Path, int Times)> applied)
    {
        var first = string.Join(", ", applied.Take(PathsShown).Map(a => a.Path.Length == 0 ? "the model" : a.Path));
        return applied.Count <= PathsShown ? first : $"{first} and {applied.Count - PathsShown} more";
    }

    /// <summary>A count of times.</summary>
    internal static string Times(int count) => count == 1 ? "1 time" : $"{count} times";

    private static long Each(Graph graph, bool training) => graph.MultiplyAdds - (training ? 0 : graph.WorkOnWeights);

    /// <summary>The explanation as text.</summary>
    public override string ToString() => string.Join('\n', Lines());
}
