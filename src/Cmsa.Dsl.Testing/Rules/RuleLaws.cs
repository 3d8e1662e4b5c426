using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;

namespace Cmsa.Dsl.Testing;

/// <summary>
/// What must be true of a rule of rewriting, ours or yours: it keeps what a graph computes at its examples and at
/// whatever is near them, and none of its conditions could be left out.
/// </summary>
public static class RuleLaws
{
    private const int MostOfOneStep = 120,
        MostOfTwoSteps = 60;

    /// <summary>The rule is applied to each of its examples, alone, and keeps what it computes.</summary>
    public static Verdict KeepsItsExamples(Rule rule) =>
        new(
            $"{rule} keeps its examples",
            rule.Examples.Bind(example =>
            {
                var before = example();
                if (rule.Apply(before).IsNone)
                    return [$"it is not applied to {Text(before)}"];
                var written = Graph.Of("example", before);
                return Changed(rule, before, GraphOptimizer.Rewrite(written, [rule]).Graph);
            })
        );

    /// <summary>
    /// Whatever is near an example of the rule, or near something that it refuses, is kept, whether the rule is applied
    /// or not.
    /// </summary>
    public static Verdict KeepsNearMisses(Rule rule, out int applied)
    {
        var refused = rule.Conditions.Choose(c =>
            c.Refused is { } node ? LanguageExt.Prelude.Some(node) : LanguageExt.Prelude.None
        );
        var near = (rule.Examples + refused + rule.LookAlikes)
            .Map(node => node())
            .Bind(node => NearMisses.OneStep(node) + NearMisses.TwoSteps(node, 6 * MostOfTwoSteps));
        var changed = near.Filter(node => rule.Apply(node).IsSome);
        applied = changed.Count;
        var tried = NearMisses.Chosen(changed, MostOfOneStep + MostOfTwoSteps);
        return new(
            $"{rule} keeps near misses",
            tried.Bind(node => Changed(rule, node, Graph.Of("near", After(rule, node))))
        );
    }

    /// <summary>
    /// Without a condition of soundness the rule would be wrong where the condition alone refuses it: another value,
    /// gradient or statistic.
    /// </summary>
    public static Verdict IsNecessary(Rule rule, Condition condition)
    {
        var without = rule.Without(condition);
        return Refuses(
            rule,
            condition,
            before =>
            {
                Node after;
                try
                {
                    after = After(without, before);
                }
                catch (InvalidOperationException)
                {
                    return [];
                }
                return Changed(rule, before, Graph.Of("after", after)).IsEmpty
                    ? [$"without it {Text(before)} is kept"]
                    : [];
            }
        );
    }

    /// <summary>The rule is not applied to what only looks like what it looks for.</summary>
    public static Verdict LeavesLookAlikes(Rule rule) =>
        new(
            $"{rule} leaves what only looks alike",
            rule.LookAlikes.Map(node => node())
                .Filter(node => rule.Apply(node).IsSome || node.All().Exists(n => !n.Errors.IsEmpty))
                .Map(Text)
        );

    /// <summary>
    /// Without a condition of profit the rule would be right, and dearer or endless, where the condition alone refuses
    /// it.
    /// </summary>
    public static Verdict Pays(Rule rule, Condition condition)
    {
        var without = rule.Without(condition);
        return Refuses(
            rule,
            condition,
            before =>
            {
                var after = After(without, before);
                var (written, rewritten) = (Graph.Of("before", before), Graph.Of("after", after));
                var paysNot = IsDearer(rewritten, written) || IsEndless(without, after);
                return Changed(rule, before, rewritten)
                    + (paysNot ? [] : (Many<string>)[$"without it {Text(before)} is cheaper"]);
            }
        );
    }

    private static Verdict Refuses(Rule rule, Condition condition, Func<Node, Many<string>> shown)
    {
        var law = $"{rule} is not applied unless {condition}";
        if (condition.Refused is not { } refused)
            return new(law, []);
        var before = refused();
        var problems = before.All().Bind(n => n.Errors);
        if (!problems.IsEmpty)
            return new(law, [$"{Text(before)} does not fit: {problems.Head}"]);
        if (rule.Apply(before).IsSome)
            return new(law, [$"it is applied to {Text(before)}"]);
        if (rule.Blocking(before) != condition)
            return new(law, [$"something else keeps it from {Text(before)}"]);
        return new(law, shown(before));
    }

    private static Node After(Rule rule, Node before) =>
        rule.Apply(before).IfNone(() => throw new ArgumentException($"{rule} is not applied to {Text(before)}."));

    private static Many<string> Changed(Rule rule, Node before, Graph rewritten)
    {
        var written = Graph.Of("before", before);
        var modes = rule.Context.HasFlag(RuleContext.Inference) ? (Many<bool>)[false] : [true, false];
        return modes.Bind(training =>
            GraphComparison
                .Differences(written, rewritten, training)
                .Map(what => $"{what}{(training ? " in training" : "")}, of {Text(before)} as {rewritten}")
        );
    }

    // More multiply-adds and numbers computed, or more memory, by itself or after attention is fused.
    private static bool IsDearer(Graph after, Graph before) =>
        Costs(after).Zip(Costs(before), (a, b) => a > b).Exists(more => more);

    private static Many<long> Costs(Graph graph)
    {
        var fused = GraphOptimizer.Optimize(graph, OptimizationLevel.Fused, training: true);
        var plan = ExecutionPlan.Of(graph);
        return [graph.Work, graph.WorkOnWeights, plan.Peak, plan.Kept, ExecutionPlan.Of(fused).Peak];
    }

    // What it gives is again what it looks for.
    private static bool IsEndless(Rule rule, Node node)
    {
        var at = node;
        for (var i = 0; i < 3; i++)
        {
            if (rule.Apply(at).Case is not Node next)
                return false;
            at = next;
        }
        return true;
    }

    private static string Text(Node node) => Graph.Of("node", node).ToString();
}
