using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting.Rules;

namespace Cmsa.Dsl.Rewriting;

/// <summary>Applies rules to a graph until nothing changes.</summary>
public static class GraphOptimizer
{
    /// <summary>
    /// Rules that bring a node nearer to the leaves of what it is made of, so that applying them ends.
    /// </summary>
    public static Many<Rule> Algebra { get; } =
    [
        DropNothing.Rename,
        DropNothing.Undone,
        SumOfSoftmax.TimesOne,
        RepeatOutward.IntoElements,
        RepeatOutward.Past,
        RepeatOutward.Mean,
        DistributeLinear.OverConcat,
        DistributeLinear.OverSum,
        RegroupSum.Rule,
        SplitSupport.Rule,
        FactorSoftmax.Rule,
        FactorSoftmax.Denominator,
        FactorContraction.OverSum,
        FactorContraction.OverProduct,
        FactorContraction.OfSums,
        SumOfSoftmax.Rule,
        MeanInward.ThroughSum,
        MeanInward.ThroughConcat,
        MeanInward.ThroughLinear,
        MeanInward.ThroughProduct,
        MeanInward.ThroughAttention,
        MeanOfSoftmax.Rule,
        MeanOfSoftmax.Denominator,
        Recurrence.OfSum,
        DropNothing.Dropout,
        FoldBatchNorm.Rule,
    ];

    /// <summary>
    /// Rules that make one operation of two, which pays where nothing else needs what stands between them.
    /// </summary>
    public static Many<Rule> Composition { get; } = [ComposeMaps.Rule, Recurrence.Last];

    /// <summary>Rules that choose better kernels for what is left.</summary>
    public static Many<Rule> Kernels { get; } = [FuseAttention.Rule, FuseBias.Rule, Winograd.Rule, ChannelsLast.Rule];

    /// <summary>Every rule.</summary>
    public static Many<Rule> Rules { get; } = Algebra + Composition + Kernels;

    /// <summary>A graph that computes the same for less.</summary>
    /// <param name="graph">The graph; it stays as it is.</param>
    /// <param name="level">How far it is rewritten.</param>
    /// <param name="training">
    /// Whether it is to be trained: rules that hold at inference alone are then left out.
    /// </param>
    /// <param name="on">What it is to run on.</param>
    public static Graph Optimize(Graph graph, OptimizationLevel level, bool training, Processor on = Processor.Cpu) =>
        Explain(graph, Stages(level, training, on)).Graph;

    /// <summary>
    /// The graph that a module runs: optimised, and where weights stay as they are with the maps behind attentions moved
    /// inward, which pays where products of weights are computed once.
    /// </summary>
    /// <inheritdoc cref="Optimize(Graph, OptimizationLevel, bool, Processor)"/>
    internal static Graph ForModule(Graph graph, OptimizationLevel level, bool training, Processor on = Processor.Cpu)
    {
        var optimized = Optimize(graph, level, training, on);
        return !training && level == OptimizationLevel.All ? MapInward.Apply(optimized) : optimized;
    }

    /// <summary>
    /// The stages of a level: those that bring a graph nearer to the leaves, and the one that then chooses kernels.
    /// </summary>
    /// <inheritdoc cref="Optimize(Graph, OptimizationLevel, bool, Processor)"/>
    public static Many<RewriteStage> Stages(OptimizationLevel level, bool training, Processor on = Processor.Cpu)
    {
        var context =
            (training ? RuleContext.Anywhere : RuleContext.Inference)
            | (on == Processor.Cpu ? RuleContext.Cpu : RuleContext.Anywhere);
        Many<Rule> Here(Many<Rule> rules) => rules.Filter(r => context.HasFlag(r.Context));
        return level switch
        {
            OptimizationLevel.AsWritten => [],
            OptimizationLevel.Fused => [new([FuseAttention.Rule], MustPay: false)],
            _ =>
            [
                new(Here(Algebra), MustPay: true),
                new(Here(Algebra + Composition), MustPay: true),
                new(Here(Kernels), MustPay: false),
            ],
        };
    }

    /// <summary>
    /// A graph rewritten stage by stage, again until no stage changes it, so that rewriting the result changes nothing;
    /// and every application of a rule on the way.
    /// </summary>
    public static OptimizationResult Explain(Graph graph, Many<RewriteStage> stages)
    {
        var once = stages.Fold(new OptimizationResult(graph, []), Step);
        if (once.Applications.IsEmpty)
            return once;
        var more = Explain(once.Graph, stages);
        return new(more.Graph, once.Applications + more.Applications);

        static OptimizationResult Step(OptimizationResult sofar, RewriteStage stage)
        {
            var better = Rewrite(sofar.Graph, stage.Rules);
            if (stage.MustPay && CostOf(better.Graph).CompareTo(CostOf(sofar.Graph)) > 0)
                return sofar;
            return new(better.Graph, sofar.Applications + better.Applications);
        }
    }

    private static (long, long) CostOf(Graph graph) => (graph.Work, graph.WorkOnWeights);

    /// <summary>
    /// A graph rewritten with some rules until none is applied. Equal nodes become one, unless they are random or learn
    /// on the way; what nothing needs is removed.
    /// </summary>
    public static OptimizationResult Rewrite(Graph graph, Many<Rule> rules)
    {
        var pass = new Pass(rules);
        var rewritten = graph.Rewrite(pass.Best);
        return new(rewritten, pass.Applications.ToMany());
    }

    /// <summary>One pass over a graph: every node once, operands first; what a rule gives is looked at again.</summary>
    private sealed class Pass(Many<Rule> rules)
    {
        private readonly Dictionary<Type, Rule[]> byRoot = [];
        private readonly Dictionary<Node, Node> best = new(ReferenceEqualityComparer.Instance);
        private readonly Dictionary<(Operation, Many<int>), Node> equal = [];
        private readonly Dictionary<Node, int> numbers = new(ReferenceEqualityComparer.Instance);

        public List<RuleApplication> Applications { get; } = [];

        public Node Best(Node node)
        {
            if (best.TryGetValue(node, out var known))
                return known;
            var operands = node.Operands.Map(Best);
            var unchanged = operands.Zip(node.Operands, ReferenceEquals).ForAll(same => same);
            return best[node] = Rewritten(One(unchanged ? node : node.On(operands)));
        }

        private Node Rewritten(Node node)
        {
            if (best.TryGetValue(node, out var known))
                return known;
            foreach (var rule in RulesFor(node.Operation.GetType()))
                if (rule.Apply(node).Case is Node better)
                {
                    ((Signal)better).Locate(node.Path ?? "");
                    Applications.Add(new RuleApplication(rule, node.Path ?? "", node, better));
                    return best[node] = Best(better);
                }
            return best[node] = node;
        }

        // Of all rules those that look for a node of this operation.
        private Rule[] RulesFor(Type operation)
        {
            if (byRoot.TryGetValue(operation, out var known))
                return known;
            return byRoot[operation] = [
                .. rules.Filter(r => r.Pattern.Roots.Exists(root => root.IsAssignableFrom(operation))),
            ];
        }

        // The one node that stands for all equal ones.
        private Node One(Node node)
        {
            if (!node.Operation.IsPure)
                return node;
            var key = (node.Operation, node.Operands.Map(Number));
            return equal.TryGetValue(key, out var known) ? known : equal[key] = node;
        }

        private int Number(Node node) =>
            numbers.TryGetValue(node, out var number) ? number : numbers[node] = numbers.Count;
    }
}

/// <summary>Rules that are applied together until nothing changes.</summary>
/// <param name="Rules">The rules; where several match, the first.</param>
/// <param name="MustPay">Whether what they did is undone where it costs work.</param>
public sealed record RewriteStage(Many<Rule> Rules, bool MustPay)
{
    /// <summary>The stage without a rule.</summary>
    public RewriteStage Without(Rule rule) => this with { Rules = Rules.Filter(r => r != rule) };
}

/// <summary>One application of a rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Path">The layer whose node it replaced.</param>
/// <param name="Before">The node replaced.</param>
/// <param name="After">What took its place; it may be rewritten further.</param>
public sealed record RuleApplication(Rule Rule, string Path, Node Before, Node After);

/// <summary>A graph rewritten.</summary>
/// <param name="Graph">The graph that computes the same.</param>
/// <param name="Applications">How it came about, in order.</param>
public sealed record OptimizationResult(Graph Graph, Many<RuleApplication> Applications);
