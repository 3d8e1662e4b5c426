using LanguageExt;
using static LanguageExt.Prelude;
using NodeSet = System.Collections.Generic.HashSet<Cmsa.Dsl.Graphs.Node>;

namespace Cmsa.Dsl.Graphs;

/// <summary>
/// How a graph is computed: in which stages, in which order, in whose memory, and when each value is freed. A target
/// follows it; how much memory that takes follows from it before anything runs.
/// </summary>
/// <remarks>
/// A value belongs to the first stage in which all that it depends on is known: constants when the graph is compiled,
/// weights when it first runs, inputs that are bound when they are bound, and the other inputs at each run. In training
/// a binding has two stages: what follows from its inputs and from weights that training leaves as they are (a frozen
/// backbone's results), which needs no gradients unless the inputs do, and what trained weights take part in.
/// </remarks>
public sealed class ExecutionPlan
{
    private const int ConstantStage = 0,
        WeightStage = 1,
        FirstInputStage = 2;

    private readonly Dictionary<Node, Node> storage = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Node, int> stageOf = new(ReferenceEqualityComparer.Instance);
    private readonly NodeSet learned = new(ReferenceEqualityComparer.Instance);
    private readonly int stagesOfBinding;

    private ExecutionPlan(Graph graph, bool training, Many<Many<string>> bindings)
    {
        stagesOfBinding = training ? 2 : 1;
        var last = FirstInputStage + stagesOfBinding * bindings.Count;
        foreach (var node in graph.Nodes)
        {
            if (training && (Learns(node) || node.Operands.Exists(learned.Contains)))
                learned.Add(node);
            stageOf[node] = StageOf(node, bindings);
        }
        foreach (var leaf in graph.Nodes.Filter(IsGiven))
            storage[leaf] = leaf;

        var computed = graph.Nodes.Filter(n => !IsGiven(n));
        var laterUsed = LaterUsed(computed);
        var returned = graph.Output.All + graph.Returned;
        foreach (var node in returned)
            laterUsed.Add(node);

        var stages = new List<Stage>();
        var kept = 0L;
        foreach (var at in Many.Range(last + 1))
        {
            var nodes = computed.Filter(n => stageOf[n] == at);
            // What training keeps for its gradients, and what is computed once for all runs, is not written over.
            var needsGradients = training && at >= FirstInputStage && (at == last || IsLearning(at));
            var overwrites = at >= FirstInputStage && !training;
            var steps = StepsOf(nodes, laterUsed, overwrites);
            var results = nodes.Filter(laterUsed.Contains);
            var peak = PeakOf(steps, kept);
            var own = at == last ? 0 : BytesOf(results, at);
            var work = nodes.Total(n => n.MultiplyAdds());
            stages.Add(new Stage(NameOf(at, bindings), steps, results, work, own, peak, needsGradients));
            kept += own;
        }
        Stages = stages.ToMany();
    }

    /// <summary>How a graph is run.</summary>
    /// <param name="graph">The graph, rewritten or not.</param>
    /// <param name="training">
    /// Whether gradients are kept: nothing is overwritten then, and only what depends on frozen weights alone is
    /// computed beforehand.
    /// </param>
    /// <param name="bindings">The names of the inputs that are bound beforehand, in turn; none if absent.</param>
    public static ExecutionPlan Of(Graph graph, bool training = false, Many<Many<string>> bindings = default) =>
        new(graph, training, bindings);

    /// <summary>All stages in order: constants, weights, one for each binding, and the run.</summary>
    public Many<Stage> Stages { get; }

    /// <summary>What depends on nothing: computed once, when the graph is compiled.</summary>
    public Stage Constants => Stages[ConstantStage];

    /// <summary>What depends on weights that stay as they are: computed once, before the first run.</summary>
    public Stage Weights => Stages[WeightStage];

    /// <summary>
    /// What depends on bound inputs, on those of each binding and of those before it: one stage for each binding at
    /// inference, two in training.
    /// </summary>
    public Many<Stage> Bindings => [.. Stages.Skip(FirstInputStage).Take(Stages.Count - FirstInputStage - 1)];

    /// <summary>The stages of a binding: those of <see cref="Bindings"/> that belong to it.</summary>
    /// <param name="binding">Which one, from 0.</param>
    public Many<Stage> Of(int binding) => Bindings.Slice(stagesOfBinding * binding, stagesOfBinding);

    /// <summary>What is computed on each run.</summary>
    public Stage Run => Stages[^1];

    /// <summary>What is kept between runs beside the weights, in bytes, in float32 for one sample.</summary>
    public long Kept => Stages.Total(s => s.Kept);

    /// <summary>
    /// The most memory at a time beyond weights and inputs when one sample is run for inference in float32, in bytes:
    /// what is kept between runs, the values that are still needed, and what kernels need on the way.
    /// </summary>
    public long Peak => Stages.Fold(0L, (most, stage) => Math.Max(most, stage.Peak));

    /// <summary>The stages as text, one a line.</summary>
    public override string ToString() => string.Join('\n', Stages);

    /// <summary>One node computed.</summary>
    /// <param name="Node">The node.</param>
    /// <param name="Over">The operand that it overwrites; none where it gets memory of its own.</param>
    /// <param name="Freed">The nodes that nothing needs afterwards.</param>
    public sealed record Step(Node Node, Option<int> Over, Many<Node> Freed);

    /// <summary>What is computed at one time.</summary>
    /// <param name="Name">
    /// When: <c>constants</c>, <c>weights</c>, <c>image</c> (the inputs bound), <c>run</c>; in training <c>image,
    /// fixed</c> is what no trained weight takes part in.
    /// </param>
    /// <param name="Steps">What is computed, in order.</param>
    /// <param name="Results">
    /// The nodes that remain when the stage has ended: those that later stages need, and results of the graph.
    /// </param>
    /// <param name="MultiplyAdds">Its multiply-adds for one sample.</param>
    /// <param name="Kept">The memory that remains for later stages, in bytes, in float32 for one sample.</param>
    /// <param name="Peak">
    /// The most memory at a time while it is computed, with what earlier stages keep, in bytes.
    /// </param>
    /// <param name="NeedsGradients">Whether trained weights take part in it, in training.</param>
    public sealed record Stage(
        string Name,
        Many<Step> Steps,
        Many<Node> Results,
        long MultiplyAdds,
        long Kept,
        long Peak,
        bool NeedsGradients
    )
    {
        /// <summary>The stage in one line: <c>image: 65.8 G multiply-adds, 12.0 MB kept, 48.1 MB at most</c>.</summary>
        public override string ToString() =>
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{Name}: {MultiplyAdds / 1e9:0.###} G multiply-adds, {Kept / 1e6:0.#} MB kept, {Peak / 1e6:0.#} MB at most"
            );
    }

    private string NameOf(int stage, Many<Many<string>> bindings)
    {
        if (stage == ConstantStage)
            return "constants";
        if (stage == WeightStage)
            return "weights";
        var binding = (stage - FirstInputStage) / stagesOfBinding;
        if (binding == bindings.Count)
            return "run";
        var names = string.Join(" and ", bindings[binding]);
        return stagesOfBinding == 2 && !IsLearning(stage) ? $"{names}, fixed" : names;
    }

    // The second of a binding's two stages.
    private bool IsLearning(int stage) => stagesOfBinding == 2 && (stage - FirstInputStage) % 2 == 1;

    // Weights that training changes, and what is drawn or gathered anew each time.
    private static bool Learns(Node node) =>
        node.Operation is Parameter parameter
            ? parameter.Role is not (Role.Frozen or Role.Statistic)
            : !node.Operation.IsPure;

    private int StageOf(Node node, Many<Many<string>> bindings)
    {
        var run = FirstInputStage + stagesOfBinding * bindings.Count;
        var learning = Math.Min(FirstInputStage + stagesOfBinding - 1, run);
        if (node.Operation is Input input)
        {
            var bound = bindings.Find(names => names.Contains(input.Name));
            return FirstInputStage + stagesOfBinding * bound.Map(names => bindings.IndexOf(names)).IfNone(bindings.Count);
        }
        if (node.Operation is Parameter)
            return learned.Contains(node) ? learning : WeightStage;
        var earliest = node.Operation.IsPure ? ConstantStage : learning;
        var stage = node.Operands.Fold(earliest, (found, operand) => Math.Max(found, stageOf[operand]));
        // What a binding's first stage gives is not learned.
        var isFirst = stagesOfBinding == 2 && stage >= FirstInputStage && stage < run && !IsLearning(stage);
        return isFirst && learned.Contains(node) ? stage + 1 : stage;
    }

    private NodeSet LaterUsed(Many<Node> computed)
    {
        var found = new NodeSet(ReferenceEqualityComparer.Instance);
        foreach (var node in computed)
            foreach (var operand in node.Operands)
                if (stageOf[operand] < stageOf[node])
                    found.Add(operand);
        return found;
    }

    private static bool IsGiven(Node node) => node.Operation is Input or Parameter;

    private Many<Step> StepsOf(Many<Node> nodes, NodeSet stays, bool overwrites)
    {
        var here = nodes.ToHashSet<Node>(ReferenceEqualityComparer.Instance);
        var users = nodes
            .Bind(n => n.Operands.Distinct().Map(o => (Operand: o, User: n)))
            .ToLookup(u => u.Operand, u => u.User, (IEqualityComparer<Node>)ReferenceEqualityComparer.Instance);

        return nodes.Map(node =>
        {
            var over = overwrites ? Many.Range(node.Operands.Count).Find(i => Overwrites(node, i)) : None;
            var made = node.Operation.IsView ? storage[node.Operands.Head] : node;
            storage[node] = over.Map(i => storage[node.Operands[i]]).IfNone(() => made);
            var freed = node.Operands.Distinct().Filter(o => Ends(o, node));
            var unused = !users[node].Any() && !stays.Contains(node);
            return new Step(node, over, unused ? freed.Add(node) : freed);
        });

        bool Ends(Node operand, Node at) =>
            here.Contains(operand) && !stays.Contains(operand) && ReferenceEquals(users[operand].Last(), at);

        bool Overwrites(Node node, int operand)
        {
            var over = node.Operands[operand];
            return node.Operation.CanReplace(operand) && Ends(over, node) && Owns(over, users, node);
        }
    }

    // Its memory is its own, and nobody else looks at it.
    private static bool Owns(Node operand, ILookup<Node, Node> users, Node by) =>
        operand.Operation.IsFresh
        && operand.Shape == by.Shape
        && by.Operands.Count(o => ReferenceEquals(o, operand)) == 1
        && users[operand].All(u => ReferenceEquals(u, by) || u.Operation.IsFresh);

    private long PeakOf(Many<Step> steps, long kept)
    {
        var handles = new Dictionary<Node, int>(ReferenceEqualityComparer.Instance);
        var (now, most) = (kept, kept);
        foreach (var (node, _, freed) in steps)
        {
            var owner = storage[node];
            var made = ReferenceEquals(owner, node) ? Cost.BytesOf(node) : 0;
            most = Math.Max(most, now + made + (sizeof(float) * node.Operation.Scratch(node)));
            now += made;
            handles[owner] = handles.GetValueOrDefault(owner) + 1;
            foreach (var gone in freed)
                if (handles.TryGetValue(storage[gone], out var left) && (handles[storage[gone]] = left - 1) == 0)
                    now -= Cost.BytesOf(storage[gone]);
        }
        return most;
    }

    private long BytesOf(Many<Node> results, int stage) =>
        results
            .Map(n => storage[n])
            .Distinct()
            .Filter(owner => !IsGiven(owner) && stageOf[owner] == stage)
            .Total(Cost.BytesOf);
}
