using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting.Rules;
using LanguageExt;

namespace Cmsa.Dsl.Rewriting;

/// <summary>Applies rules until nothing changes.</summary>
public static class GraphOptimizer
{
    /// <summary>
    /// What holds always: each application brings a value nearer to the leaves of what it is made of, so that it ends.
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
    ];

    /// <summary>What holds at inference alone.</summary>
    public static Many<Rule> Inference { get; } = [DropNothing.Dropout, FoldBatchNorm.Rule];

    /// <summary>
    /// What makes one operation of two, which pays where nothing else needs what stands between them.
    /// </summary>
    public static Many<Rule> Composition { get; } = [ComposeMaps.Rule, Recurrence.Last];

    /// <summary>What chooses better kernels for what is left.</summary>
    public static Many<Rule> Kernels { get; } = [FuseAttention.Rule, FuseBias.Rule];

    /// <summary>What chooses better kernels for a CPU where the weights stay as they are.</summary>
    public static Many<Rule> InferenceKernels { get; } = [Winograd.Rule, ChannelsLast.Rule];

    /// <summary>The program rewritten as far as an effort says.</summary>
    /// <param name="graph">The program; it stays as it is.</param>
    /// <param name="effort">How far.</param>
    /// <param name="training">Whether it is to be trained, so that what holds at inference alone is left out.</param>
    /// <param name="on">What it is to run on.</param>
    public static Graph Optimise(Graph graph, OptimizationLevel effort, bool training, Processor on = Processor.Cpu) =>
        Explain(graph, Stages(effort, training, on)).Graph;

    /// <summary>
    /// The stages of an effort: those that bring a program nearer to the leaves, and the one that then chooses kernels.
    /// </summary>
    /// <inheritdoc cref="Optimise(Graph, OptimizationLevel, bool, Processor)"/>
    public static Many<RewriteStage> Stages(OptimizationLevel effort, bool training, Processor on = Processor.Cpu) =>
        (effort, training ? Algebra : Algebra + Inference) switch
        {
            (OptimizationLevel.AsWritten, _) => [],
            (OptimizationLevel.Fused, _) => [new([FuseAttention.Rule], MustPay: false)],
            (_, var algebra) =>
            [
                new(algebra, MustPay: true),
                new(algebra + Composition, MustPay: true),
                new(training || on != Processor.Cpu ? Kernels : Kernels + InferenceKernels, MustPay: false),
            ],
        };

    /// <summary>
    /// The program rewritten stage by stage, again until no stage changes it, so that a program that was rewritten
    /// stays as it is; and every application of a rule on the way.
    /// </summary>
    public static OptimizationResult Explain(Graph graph, Many<RewriteStage> stages)
    {
        var once = stages.Fold(
            new OptimizationResult(graph, []),
            (sofar, stage) =>
                Rewrite(sofar.Graph, stage.Rules) is var better
                && (!stage.MustPay || Spent(better.Graph).CompareTo(Spent(sofar.Graph)) <= 0)
                    ? new(better.Graph, sofar.Applications + better.Applications)
                    : sofar
        );
        return once.Applications.IsEmpty ? once
            : Explain(once.Graph, stages) is var more ? new(more.Graph, once.Applications + more.Applications)
            : once;
    }

    private static (long, long) Spent(Graph graph) => (graph.Work, graph.WorkOnWeights);

    /// <summary>
    /// The program rewritten with some rules until none matches. Equal values become one, unless they are drawn anew or
    /// learn on the way; what nothing needs goes.
    /// </summary>
    public static OptimizationResult Rewrite(Graph graph, Many<Rule> rules)
    {
        var pass = new Pass(rules);
        return new(graph.Rewrite(pass.Best), [.. pass.Firings]);
    }

    /// <summary>
    /// One pass over a program: every value once, operands first; what a rule gives is looked at again.
    /// </summary>
    private sealed class Pass(Many<Rule> rules)
    {
        private readonly Dictionary<Node, Node> best = new(ReferenceEqualityComparer.Instance);
        private readonly Dictionary<(Operation, Many<int>), Node> equal = [];
        private readonly Dictionary<Node, int> numbers = new(ReferenceEqualityComparer.Instance);

        public List<RuleApplication> Firings { get; } = [];

        public Node Best(Node node) =>
            best.TryGetValue(node, out var known)
                ? known
                : best[node] = Rewritten(One(node.On(node.Operands.Map(Best))));

        private Node Rewritten(Node node)
        {
            if (best.TryGetValue(node, out var known))
                return known;
            foreach (var rule in rules)
                if (rule.Apply(node).Case is Node better)
                {
                    ((Signal)better).Locate(node.Path ?? "");
                    Firings.Add(new RuleApplication(rule, node.Path ?? "", node, better));
                    return best[node] = Best(better);
                }
            return best[node] = node;
        }

        /// <summary>The one value that stands for all equal ones.</summary>
        private Node One(Node node)
        {
            if (!node.Operation.IsPure)
                return node;
            var key = (
                node.Operation,
                node.Operands.Map(o => numbers.TryGetValue(o, out var n) ? n : numbers[o] = numbers.Count)
            );
            return equal.TryGetValue(key, out var known) ? known : equal[key] = node;
        }
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
/// <param name="Path">The layer whose value it replaced.</param>
/// <param name="Before">The value replaced.</param>
/// <param name="After">What stands in its place; it may be rewritten further.</param>
public sealed record RuleApplication(Rule Rule, string Path, Node Before, Node After);

/// <summary>A program rewritten.</summary>
/// <param name="Graph">The program that means the same.</param>
/// <param name="Applications">How it came about, in order.</param>
public sealed record OptimizationResult(Graph Graph, Many<RuleApplication> Applications);
