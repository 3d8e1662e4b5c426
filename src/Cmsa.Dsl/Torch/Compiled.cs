using System.Diagnostics;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using Parameter = Cmsa.Dsl.Graphs.Parameter;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// A program as a TorchSharp module. Its parameters and statistics are registered by path. It owns all it makes on the way: each value is freed
/// after its last use, and the caller disposes nothing but the result. A module for inference may be run by several threads at once, as long as none changes its weights.
/// </summary>
public sealed class Compiled : nn.Module
{
    private readonly Step[] steps;
    private readonly Step[] preparation;
    private readonly Lock preparing = new();
    private volatile bool prepared;
    private readonly int[] inputs;
    private readonly int[] outputs;
    private readonly (string Name, int Slot)[] probes;
    private readonly Tensor?[] held;
    private readonly Dictionary<string, Tensor> owned = [];

    private sealed record Step(Kernel Kernel, int[] Operands, int Slot, int[] Freed);

    /// <summary>A program as it is, without rewriting, as a module.</summary>
    /// <param name="graph">The program.</param>
    /// <param name="options">Where and how it runs; what they say of rewriting and probes is not looked at.</param>
    public Compiled(Graph graph, Options options) : base("model")
    {
        Native.Problem.IfSome(problem => throw new InvalidOperationException(problem));
        if (graph.Nodes.Find(v => !v.Errors.IsEmpty).Case is Node wrong)
            throw new InvalidOperationException($"The program does not fit together at {wrong.Path}: {wrong.Errors.Head}.");
        (Graph, Options) = (graph, options);
        var on = Context = new Kernels.DeviceContext(torch.device(options.Device), options.Real);

        var root = new ModuleTree(this);
        foreach (var parameter in graph.Parameters)
        {
            using var scope = NewDisposeScope();
            var start = InitialValues.Of(parameter, options.Seed).to(on.Of(parameter)).to(on.Device);
            owned[parameter.Path] = root.Register(parameter.Path, start, parameter.Role, options.Training);
        }

        var slots = new Dictionary<Node, int>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes) slots[node] = slots.Count;
        held = new Tensor?[slots.Count];
        foreach (var node in graph.Nodes)
            if (node.Operation is Parameter(var path, _, _, _)) held[slots[node]] = owned[path];

        var plan = ExecutionPlan.Of(graph, options.Training);
        steps = [.. plan.Steps.Map(Step)];
        preparation = [.. plan.Preparation.Map(Step)];
        foreach (var node in plan.Constants) Hold(Step(new(node, Option<int>.None, [])));
        inputs = [.. graph.Inputs.Map(i => graph.Nodes.Find(v => v.Operation == i).Map(v => slots[v]).IfNone(-1))];
        outputs = [.. graph.Returned.Map(n => slots[n])];
        probes = [.. graph.Shown.Map(s => (s.Name, slots[s.Node]))];
        train(options.Training);

        Step Step(ExecutionPlan.Step work) => new(
            work.Over.Match(Some: operand => Kernels.Over(work.Node, operand), None: () => Kernels.Of(work.Node, on)),
            work.Node.Operands.Map(o => slots[o]).ToArray(), slots[work.Node], work.Freed.Map(v => slots[v]).ToArray());
    }

    /// <summary>The program as it is run, after rewriting.</summary>
    public Graph Graph { get; }

    /// <summary>How it was compiled.</summary>
    public Options Options { get; }

    /// <summary>Where and in which precision it runs.</summary>
    public Kernels.DeviceContext Context { get; }

    /// <summary>The parameters and statistics by path, in the order of the layers. They belong to the module.</summary>
    public IEnumerable<(Parameter Parameter, Tensor Tensor)> Tensors => Graph.Parameters.Map(p => (p, owned[p.Path]));

    /// <summary>Runs the program on a batch.</summary>
    /// <param name="arguments">One tensor for each of the program's inputs, in order, batch first, on the module's device: real numbers in its precision, words as int64, presence as bool.</param>
    /// <returns>The result; the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">The tensors are not the program's inputs.</exception>
    public Tensor Run(params Tensor[] arguments)
    {
        var slots = Execute(arguments);
        var result = Own(slots, outputs[0], arguments);
        FreeOthers(slots);
        return result;
    }

    /// <summary>Runs the program on a batch and hands out the probes that it was compiled with.</summary>
    /// <inheritdoc cref="Run"/>
    public Outcome RunShowing(params Tensor[] arguments)
    {
        var slots = Execute(arguments);
        var shown = probes.ToDictionary(p => p.Name, p => held[p.Slot] is null ? slots[p.Slot]!.alias() : held[p.Slot]!.alias());
        var result = Own(slots, outputs[0], arguments);
        FreeOthers(slots);
        return new Outcome(result, shown);
    }

    /// <summary>Runs the program on a batch and says how long each operation took, in the order in which they ran.</summary>
    /// <inheritdoc cref="Run"/>
    public Many<(Node Value, TimeSpan Time)> Timings(params Tensor[] arguments)
    {
        var times = new List<(Node, TimeSpan)>();
        var slots = Execute(arguments, (slot, time) => times.Add((Graph.Nodes[slot], time)));
        foreach (var slot in outputs) Free(slots, slot);
        return [.. times];
    }

    private Tensor Own(Tensor?[] slots, int slot, Tensor[] arguments)
    {
        var result = held[slot]?.alias() ?? (inputs.Contains(slot) ? slots[slot]!.alias() : slots[slot]!);
        // What is the same for all samples may have been computed once.
        if (!Graph.Nodes[slot].Shape.Has(Axis.Batch) || arguments.Length == 0 || result.shape[0] == arguments[0].shape[0]) return result;
        using (result) return result.expand([arguments[0].shape[0], .. result.shape[1..]]);
    }

    // What else the program gives: the other levels of a backbone, the probes.
    private void FreeOthers(Tensor?[] slots)
    {
        foreach (var slot in outputs)
            if (slot != outputs[0]) Free(slots, slot);
    }

    private void Free(Tensor?[] slots, int slot)
    {
        if (held[slot] is not null || inputs.Contains(slot)) return;
        slots[slot]?.Dispose();
        slots[slot] = null;
    }

    private Tensor?[] Execute(Tensor[] arguments, Action<int, TimeSpan>? watch = null)
    {
        Check(arguments);
        // A module for inference keeps no gradients, whatever the caller's mode.
        using var mode = Options.Training ? null : torch.no_grad();
        Prepare();
        var slots = new Tensor?[held.Length];
        for (var i = 0; i < arguments.Length; i++)
            if (inputs[i] >= 0) slots[inputs[i]] = arguments[i];
        try
        {
            var operands = new Tensor[8];
            foreach (var step in steps)
            {
                if (operands.Length < step.Operands.Length) operands = new Tensor[step.Operands.Length];
                for (var i = 0; i < step.Operands.Length; i++) operands[i] = held[step.Operands[i]] ?? slots[step.Operands[i]]!;
                var start = watch is null ? 0 : Stopwatch.GetTimestamp();
                using (NewDisposeScope())
                    slots[step.Slot] = step.Kernel(operands.AsSpan(0, step.Operands.Length), training).MoveToOuterDisposeScope();
                if (watch is not null)
                {
                    if (Context.Device.type == DeviceType.CUDA) cuda.synchronize();
                    watch(step.Slot, Stopwatch.GetElapsedTime(start));
                }
                foreach (var gone in step.Freed) Free(slots, gone);
            }
            return slots;
        }
        catch
        {
            for (var slot = 0; slot < slots.Length; slot++) Free(slots, slot);
            throw;
        }
    }

    private void Check(Tensor[] arguments)
    {
        if (arguments.Length != Graph.Inputs.Count)
            throw new ArgumentException($"The model takes {Graph.Inputs.Count} tensors ({string.Join(", ", Graph.Inputs.Map(i => $"{i.Name} {i.Of}"))}) and got {arguments.Length}.");
        foreach (var (input, tensor) in Graph.Inputs.Zip(arguments))
        {
            if (!tensor.shape.Skip(1).SequenceEqual(input.Of.Dimensions.Tail.Map(d => (long)d.Size)) || tensor.shape[0] != arguments[0].shape[0])
                throw new ArgumentException($"Input {input.Name} is [{string.Join(", ", tensor.shape)}]; the model is compiled for [{arguments[0].shape.FirstOrDefault()}, {string.Join(", ", input.Of.Dimensions.Tail)}] (batch first).");
            if (input.Of.Axes == [Axis.Batch, Axis.Word] && input.Element != ElementType.Real) CheckWords(input, tensor);
        }
    }

    // What has no words has no mean over them, and rules take for granted that distributions over words sum to one.
    private static void CheckWords(Input input, Tensor given)
    {
        using var scope = NewDisposeScope();
        var present = input.Element == ElementType.Boolean ? given : given.ne(Scalars.Of(0L));
        if (given.shape[0] > 0 && !present.any(1).all().item<bool>())
            throw new ArgumentException($"Input {input.Name} has an expression of padding alone; each must have a word at least ({(input.Element == ElementType.Boolean ? "true" : "a number other than 0")}).");
    }

    /// <summary>
    /// Forgets what was computed from the weights when they were first used. To be called after changing the weights of a module for inference by hand;
    /// loading them does it by itself.
    /// </summary>
    public void Refresh()
    {
        lock (preparing)
        {
            foreach (var step in preparation)
            {
                held[step.Slot]?.Dispose();
                held[step.Slot] = null;
            }
            prepared = false;
        }
    }

    private void Prepare()
    {
        if (prepared) return;
        lock (preparing)
        {
            if (prepared) return;
            using var mode = torch.no_grad();
            foreach (var step in preparation)
            {
                Hold(step);
                foreach (var slot in step.Freed)
                {
                    held[slot]!.Dispose();
                    held[slot] = null;
                }
            }
            prepared = true;
        }
    }

    private void Hold(Step step)
    {
        using var scope = NewDisposeScope();
        held[step.Slot] = step.Kernel([.. step.Operands.Select(o => held[o]!)], false).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (var tensor in held) tensor?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>A part of a path as a module, so that parameters go by their paths in TorchSharp too.</summary>
    private sealed class ModuleTree(nn.Module module) : nn.Module("part")
    {
        private readonly Dictionary<string, ModuleTree> below = [];

        public Tensor Register(string path, Tensor start, Role role, bool training)
        {
            if (path.IndexOf('.', StringComparison.Ordinal) is var dot && dot >= 0)
                return Below(path[..dot]).Register(path[(dot + 1)..], start, role, training);
            if (role == Role.Statistic)
            {
                var buffer = start.DetachFromDisposeScope();
                (module is ModuleTree node ? node : module).register_buffer(path, buffer);
                return buffer;
            }
            var parameter = new TorchSharp.Modules.Parameter(start, training && role != Role.Frozen);
            parameter.DetachFromDisposeScope();
            module.register_parameter(path, parameter);
            return parameter;
        }

        private ModuleTree Below(string segment)
        {
            if (below.TryGetValue(segment, out var node)) return node;
            var child = new Holder();
            module.register_module(segment, child);
            return below[segment] = new ModuleTree(child);
        }

        private sealed class Holder() : nn.Module("part");
    }
}

/// <summary>What a run gave: the result, and the probes asked for. Disposing it disposes both.</summary>
/// <param name="Result">The result.</param>
/// <param name="Probes">The probes by name.</param>
public sealed record Outcome(Tensor Result, IReadOnlyDictionary<string, Tensor> Probes) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Result.Dispose();
        foreach (var probe in Probes.Values) probe.Dispose();
    }
}
