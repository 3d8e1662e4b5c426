using System.Collections.Concurrent;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;
using Parameter = Cmsa.Dsl.Graphs.Parameter;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// Runs a graph on one device in one precision: its execution plan as kernels, the values of its weights, and what
/// follows from them alone.
/// </summary>
internal sealed class Engine : IDisposable
{
    private readonly Graph graph;
    private readonly bool training;
    private readonly Dictionary<Node, int> slots = new(ReferenceEqualityComparer.Instance);
    private readonly System.Collections.Generic.HashSet<int> parameters;
    private readonly Dictionary<string, int> inputSlots;
    private readonly Tensor?[] held;
    private readonly StageCode weights;
    private readonly ConcurrentDictionary<string, Bindings> bindings = new();
    private readonly Lock preparing = new();
    private volatile bool prepared;
    private ulong seen;

    /// <param name="graph">The graph, as it is run.</param>
    /// <param name="training">Whether gradients are kept.</param>
    /// <param name="on">Where it runs.</param>
    /// <param name="owned">The tensor of each parameter, by path; they stay the caller's.</param>
    public Engine(Graph graph, bool training, Kernels.DeviceContext on, IReadOnlyDictionary<string, Tensor> owned)
    {
        (this.graph, this.training, Context) = (graph, training, on);
        foreach (var node in graph.Nodes)
            slots[node] = slots.Count;
        held = new Tensor?[slots.Count];
        foreach (var node in graph.Nodes)
            if (node.Operation is Parameter(var path, _, _, _))
                held[slots[node]] = owned[path];

        Inputs = graph.Inputs.Map(input => new InputCheck(input, graph, on));
        inputSlots = graph
            .Nodes.Choose(n =>
                n.Operation is Input input
                    ? Option<(string, int)>.Some((input.Name, slots[n]))
                    : Option<(string, int)>.None
            )
            .ToDictionary();
        parameters = [.. graph.Nodes.Filter(n => n.Operation is Parameter).Map(n => slots[n])];
        Returned = [.. (graph.Output.All + graph.Returned).Map(n => slots[n]).Distinct()];
        var unbound = For([]);
        Hold(new StageCode(unbound.Plan.Constants, slots, on));
        weights = new StageCode(unbound.Plan.Weights, slots, on);
        var bytes = graph.Parameters.Total(p => sizeof(float) * p.Of.Count);
        Together = Batches.Together(unbound.Plan, bytes, training, on.Device);
    }

    /// <summary>Where and in which precision it runs.</summary>
    public Kernels.DeviceContext Context { get; }

    /// <summary>What it takes, in the order of the graph's inputs.</summary>
    public Many<InputCheck> Inputs { get; }

    /// <summary>How often it has been prepared from its weights: what was computed before is out of date.</summary>
    public int Generation { get; private set; }

    /// <summary>How many samples go through the graph at a time; a larger batch is run in parts.</summary>
    public int Together { get; }

    /// <summary>How the graph is run when some inputs are bound beforehand, in turn.</summary>
    public Bindings For(Many<Many<string>> bound)
    {
        var key = string.Join('|', bound.Map(names => string.Join(',', names)));
        return bindings.GetOrAdd(
            key,
            _ =>
            {
                var plan = ExecutionPlan.Of(graph, training, bound);
                var run = Code(plan.Run);
                var each = Many.Range(bound.Count).Map(at => plan.Of(at).Map(Code));
                var last = run.Reads.Concat(Returned).ToMany();
                return new Bindings(
                    plan,
                    each.Zip(bound, (stages, names) => new Binding(stages, FixedOf(stages[0], names, each, last))),
                    run
                );
            }
        );

        // What a binding's first stage gives to the others, and the inputs that they read themselves.
        Many<int> FixedOf(StageCode first, Many<string> names, Many<Many<StageCode>> each, Many<int> last)
        {
            var others = each.Bind(stages => stages).Filter(stage => !ReferenceEquals(stage, first));
            var read = others.Bind(stage => stage.Reads.ToMany()).Concat(last).ToHashSet();
            var inputs = names.Choose(name => Optional(SlotOf(name)));
            return [.. inputs.Concat(first.Results).Where(read.Contains).Distinct().Order()];
        }

        StageCode Code(ExecutionPlan.Stage stage) => new(stage, slots, Context);
    }

    /// <summary>Where the tensor of an input stands; null where nothing needs it.</summary>
    public int? SlotOf(string input) => inputSlots.TryGetValue(input, out var slot) ? slot : null;

    /// <summary>The slots of what the graph returns.</summary>
    public int[] Returned { get; }

    /// <summary>The weights that some stages read, as one number that changes with them.</summary>
    public ulong FingerprintOf(Many<StageCode> stages) => Fingerprint.Of(Weights(stages.Bind(s => s.Reads.ToMany())));

    /// <summary>Forgets what was computed from the weights.</summary>
    public void Refresh()
    {
        lock (preparing)
            Forget();
    }

    /// <summary>
    /// The weights and what follows from them, computed where that is not done, or where the weights are not those of
    /// then.
    /// </summary>
    /// <returns>A value for each slot that is known before any input is.</returns>
    public Tensor?[] Prepare()
    {
        if (weights.IsEmpty || (prepared && Fingerprint.Of(Weights(weights.Reads)) == seen))
            return held;
        lock (preparing)
        {
            var found = Fingerprint.Of(Weights(weights.Reads));
            if (prepared && found == seen)
                return held;
            Forget();
            using var mode = torch.no_grad();
            Hold(weights);
            (prepared, seen) = (true, found);
            Generation++;
            return held;
        }
    }

    /// <summary>Fills the slots of a stage; a batch too large to go together goes in parts.</summary>
    /// <param name="values">The values that are known before the stage, by slot.</param>
    /// <param name="code">The stage.</param>
    /// <param name="batch">How many samples there are.</param>
    /// <param name="trains">Whether dropout and batch norms train.</param>
    /// <param name="ended">Called after each step.</param>
    /// <exception cref="ArgumentException">A batch norm would train on one value a channel.</exception>
    public void Fill(Tensor?[] values, StageCode code, long batch, bool trains, Action<Node, long>? ended = null)
    {
        if (trains)
            code.CheckNorms(batch);
        // A module for inference keeps no gradients, whatever the caller's mode; a stage of frozen weights does for
        // inputs that want theirs.
        var keeps =
            training && (code.NeedsGradients || code.Reads.Any(slot => values[slot] is { requires_grad: true }));
        using var mode = keeps ? null : torch.no_grad();
        Action<int, long>? told = ended is null ? null : (slot, start) => ended(graph.Nodes[slot], start);
        if (batch <= Together)
        {
            Run(code, values, trains, told);
            return;
        }
        using var scope = NewDisposeScope();
        var parts = new List<Tensor?[]>();
        for (long from = 0; from < batch; from += Together)
        {
            var part = Part(values, code, batch, from, Math.Min(Together, batch - from));
            code.Run(part, trains, told);
            parts.Add(part);
        }
        foreach (var slot in code.Results)
            values[slot] = Joined(slot, [.. parts.Select(p => p[slot]!)]).MoveToOuterDisposeScope();
    }

    // On a CPU values are looked at where they are made, on a GPU when all is done.
    private void Run(StageCode code, Tensor?[] values, bool trains, Action<int, long>? told)
    {
        if (!code.LooksAtValues || Context.Device.type == DeviceType.CPU)
        {
            code.Run(values, trains, told);
            return;
        }
        using var before = trains ? Copies.Of(code.Statistics.Select(slot => values[slot]!)) : null;
        DeferredChecks.Run(
            () => code.Run(values, trains, told),
            () =>
            {
                code.Undo(values);
                before?.Restore();
            }
        );
    }

    /// <summary>The slot of a node.</summary>
    public int SlotOf(Node node) => slots[node];

    /// <summary>The node of a slot.</summary>
    public Node NodeOf(int slot) => graph.Nodes[slot];

    /// <summary>The result and the probes.</summary>
    /// <param name="values">All values that are left, by slot.</param>
    /// <param name="code">The stage of the run, whose values the caller gets.</param>
    /// <param name="batch">How many samples there are.</param>
    public Outcome Collected(Tensor?[] values, StageCode code, long batch)
    {
        var left = code.Results.ToHashSet();
        var output = Collect(graph.Output);
        return new Outcome(output, graph.Shown.ToDictionary(s => s.Name, s => Take(s.Node)));

        Output Collect(Signal signal) =>
            signal switch
            {
                Signal.Tensor(var node, var present) => new Output.One(
                    Take(node),
                    present.Case is Node mask ? Mask(mask) : null
                ),
                Signal.Pair(var first, var second) => new Output.Pair(Collect(first), Collect(second)),
                Signal.Levels(var each) => new Output.Levels(each.Map(l => (l.Name, Collect(l.Signal)))),
                _ => throw new InvalidOperationException(),
            };

        // The caller owns what the run made; of all else it gets another view.
        Tensor Take(Node node)
        {
            var slot = slots[node];
            var mine = left.Remove(slot) ? values[slot]! : values[slot]!.alias();
            if (!node.Shape.Has(Axis.Batch) || mine.shape[0] == batch)
                return mine;
            // What is the same for all samples may have been computed once.
            using (mine)
                return mine.expand([batch, .. mine.shape[1..]]);
        }

        Tensor? Mask(Node present) => present.Operation is Always ? null : Take(present);
    }

    /// <summary>The values of some of the samples.</summary>
    private Tensor?[] Part(Tensor?[] values, StageCode code, long batch, long from, long count)
    {
        var part = (Tensor?[])values.Clone();
        foreach (var slot in code.Reads)
            if (graph.Nodes[slot].Shape.Has(Axis.Batch) && values[slot] is { } value && value.shape[0] == batch)
                part[slot] = value.narrow(0, from, count);
        return part;
    }

    private Tensor Joined(int slot, Tensor[] parts)
    {
        var isOfSamples = graph.Nodes[slot].Shape.Has(Axis.Batch) && parts[0].shape[0] == Together;
        return isOfSamples ? torch.cat(parts, 0) : parts[0];
    }

    private IEnumerable<Tensor> Weights(IEnumerable<int> read) =>
        read.Where(parameters.Contains).Distinct().Select(slot => held[slot]!);

    private void Hold(StageCode code)
    {
        using var scope = NewDisposeScope();
        code.Run(held, training: false);
        foreach (var slot in code.Results)
            held[slot]!.DetachFromDisposeScope();
    }

    private void Forget()
    {
        foreach (var slot in weights.Results)
        {
            held[slot]?.Dispose();
            held[slot] = null;
        }
        prepared = false;
        Generation++;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var slot = 0; slot < held.Length; slot++)
            if (!parameters.Contains(slot))
                held[slot]?.Dispose();
    }

    /// <summary>How a graph is run when some inputs are bound beforehand.</summary>
    /// <param name="Plan">The plan.</param>
    /// <param name="Each">What is computed at each binding.</param>
    /// <param name="Run">What is computed at each run.</param>
    internal sealed record Bindings(ExecutionPlan Plan, Many<Binding> Each, StageCode Run)
    {
        /// <summary>The stages of all bindings, in order.</summary>
        public Many<StageCode> Stages => Each.Bind(binding => binding.Stages);
    }

    /// <summary>What is computed when some inputs are bound.</summary>
    /// <param name="Stages">In training first what no trained weight takes part in.</param>
    /// <param name="Fixed">The slots of what the first stage gives, and of inputs that later stages read.</param>
    internal sealed record Binding(Many<StageCode> Stages, Many<int> Fixed);
}
