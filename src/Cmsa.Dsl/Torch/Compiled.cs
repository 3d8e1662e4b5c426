using System.Diagnostics;
using Cmsa.Dsl.Programs;
using LanguageExt;
using TorchSharp;
using Parameter = Cmsa.Dsl.Programs.Parameter;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// A program as a TorchSharp module. Its parameters and statistics are registered by path. It owns all it makes on the way: each value is freed
/// after its last use, and the caller disposes nothing but the result.
/// </summary>
public sealed class Compiled : nn.Module
{
    private readonly Step[] steps;
    private readonly Step[] preparation;
    private bool prepared;
    private readonly int[] inputs;
    private readonly int result;
    private readonly (string Name, int Slot)[] probes;
    private readonly Tensor?[] held;
    private readonly Dictionary<string, Tensor> owned = [];

    private sealed record Step(Kernel Kernel, int[] Operands, int Slot, int[] Last);

    /// <summary>A program as it is, without rewriting, as a module.</summary>
    /// <param name="program">The program.</param>
    /// <param name="options">Where and how it runs; what they say of rewriting and probes is not looked at.</param>
    public Compiled(Program program, Options options) : base("model")
    {
        Native.Problem.IfSome(problem => throw new InvalidOperationException(problem));
        (Program, Options) = (program, options);
        var on = Place = new Kernels.Place(torch.device(options.Device), options.Real);

        var root = new Node(this);
        foreach (var parameter in program.Parameters)
        {
            using var scope = NewDisposeScope();
            var start = StartValues.Of(parameter, options.Seed).to(on.Real).to(on.Device);
            owned[parameter.Path] = root.Register(parameter.Path, start, parameter.Role, options.Training);
        }

        var slots = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
        foreach (var value in program.Values) slots[value] = slots.Count;
        held = new Tensor?[slots.Count];
        foreach (var value in program.Values)
            if (value.Operation is Parameter(var path, _, _, _)) held[slots[value]] = owned[path];

        // What depends on nothing is computed here, once; what depends on the weights alone, when they are first used, unless they are to change.
        var constant = Without<Input, Parameter>(program.Values);
        var settled = options.Training ? constant : Without<Input, Input>(program.Values);
        var kept = program.Output.Values.Map(v => slots[v]).ToHashSet();
        var uses = program.Values.SelectMany(v => v.Operands.Distinct()).GroupBy(o => slots[o]).ToDictionary(g => g.Key, g => g.Count());
        var lastUse = new Dictionary<int, int>();
        foreach (var value in program.Values)
            foreach (var operand in value.Operands)
                lastUse[slots[operand]] = slots[value];

        steps = [.. program.Values.Filter(v => v.Operation is not (Input or Parameter) && !settled.Contains(v)).Map(value =>
        {
            var (slot, operands) = (slots[value], value.Operands.Map(o => slots[o]).ToArray());
            var last = operands.Distinct().Where(o => lastUse[o] == slot && !settled.Contains(program.Values[o]) && program.Values[o].Operation is not Input && !kept.Contains(o)).ToArray();
            var over = !options.Training && operands.Length > 0 && last.Contains(operands[0]) && uses[operands[0]] == 1 && operands.Count(o => o == operands[0]) == 1;
            return new Step((over ? Kernels.OverOperand(value) : null) ?? Kernels.Of(value, on), operands, slot, last);
        })];
        preparation = [.. program.Values.Filter(v => v.Operation is not Parameter && settled.Contains(v) && !constant.Contains(v))
            .Map(v => new Step(Kernels.Of(v, on), v.Operands.Map(o => slots[o]).ToArray(), slots[v], []))];
        foreach (var value in program.Values.Filter(constant.Contains))
            Hold(new Step(Kernels.Of(value, on), value.Operands.Map(o => slots[o]).ToArray(), slots[value], []));
        inputs = [.. program.Inputs.Map(i => program.Values.Find(v => v.Operation == i).Map(v => slots[v]).IfNone(-1))];
        result = slots[program.Output.Values.Head];
        probes = [.. program.HandedOut.Zip(program.Output.Values.TakeLast(program.HandedOut.Count), (name, value) => (name, slots[value]))];
        train(options.Training);
    }

    /// <summary>The program as it is run, after rewriting.</summary>
    public Program Program { get; }

    /// <summary>How it was compiled.</summary>
    public Options Options { get; }

    /// <summary>Where and in which precision it runs.</summary>
    public Kernels.Place Place { get; }

    /// <summary>The parameters and statistics by path, in the order of the layers. They belong to the module.</summary>
    public IEnumerable<(Parameter Parameter, Tensor Tensor)> Tensors => Program.Parameters.Map(p => (p, owned[p.Path]));

    /// <summary>Runs the program on a batch.</summary>
    /// <param name="arguments">One tensor for each of the program's inputs, in order, batch first, on the module's device: real numbers in its precision, words as int64, presence as bool.</param>
    /// <returns>The result; the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">The tensors are not the program's inputs.</exception>
    public Tensor Run(params Tensor[] arguments)
    {
        var slots = Execute(arguments);
        foreach (var (_, slot) in probes)
            if (slot != result) Free(slots, slot);
        return Own(slots, result);
    }

    /// <summary>Runs the program on a batch and hands out the probes that it was compiled with.</summary>
    /// <inheritdoc cref="Run"/>
    public Outcome RunShowing(params Tensor[] arguments)
    {
        var slots = Execute(arguments);
        var shown = probes.ToDictionary(p => p.Name, p => held[p.Slot] is null ? slots[p.Slot]!.alias() : held[p.Slot]!.alias());
        foreach (var (_, slot) in probes)
            if (slot != result) Free(slots, slot);
        return new Outcome(Own(slots, result), shown);
    }

    /// <summary>Runs the program on a batch and says how long each operation took, in the order in which they ran.</summary>
    /// <inheritdoc cref="Run"/>
    public Many<(Value Value, TimeSpan Time)> Timings(params Tensor[] arguments)
    {
        var times = new List<(Value, TimeSpan)>();
        var slots = Execute(arguments, (slot, time) => times.Add((Program.Values[slot], time)));
        foreach (var value in Program.Output.Values) Free(slots, IndexOf(value));
        return [.. times];

        int IndexOf(Value value) => Many.Range(Program.Values.Count).Find(i => ReferenceEquals(Program.Values[i], value)).IfNone(0);
    }

    private Tensor Own(Tensor?[] slots, int slot) =>
        held[slot]?.alias() ?? (inputs.Contains(slot) ? slots[slot]!.alias() : slots[slot]!);

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
                    if (Place.Device.type == DeviceType.CUDA) cuda.synchronize();
                    watch(step.Slot, Stopwatch.GetElapsedTime(start));
                }
                foreach (var last in step.Last) Free(slots, last);
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
        if (arguments.Length != Program.Inputs.Count)
            throw new ArgumentException($"The model takes {Program.Inputs.Count} tensors ({string.Join(", ", Program.Inputs.Map(i => $"{i.Name} {i.Of}"))}) and got {arguments.Length}.");
        foreach (var (input, tensor) in Program.Inputs.Zip(arguments))
            if (!tensor.shape.Skip(1).SequenceEqual(input.Of.Dimensions.Tail.Map(d => (long)d.Size)) || tensor.shape[0] != arguments[0].shape[0])
                throw new ArgumentException($"Input {input.Name} is [{string.Join(", ", tensor.shape)}]; the model is compiled for [{arguments[0].shape.FirstOrDefault()}, {string.Join(", ", input.Of.Dimensions.Tail)}] (batch first).");
    }

    /// <summary>
    /// Forgets what was computed from the weights when they were first used. To be called after changing the weights of a module for inference by hand;
    /// loading them does it by itself.
    /// </summary>
    public void Refresh()
    {
        foreach (var step in preparation)
        {
            held[step.Slot]?.Dispose();
            held[step.Slot] = null;
        }
        prepared = false;
    }

    private void Prepare()
    {
        if (prepared) return;
        foreach (var step in preparation) Hold(step);
        prepared = true;
    }

    private void Hold(Step step)
    {
        using var scope = NewDisposeScope();
        held[step.Slot] = step.Kernel([.. step.Operands.Select(o => held[o]!)], false).DetachFromDisposeScope();
    }

    /// <summary>The values that depend on no operation of either kind.</summary>
    private static System.Collections.Generic.HashSet<Value> Without<A, B>(Many<Value> values) where A : Operation where B : Operation
    {
        var found = new System.Collections.Generic.HashSet<Value>(ReferenceEqualityComparer.Instance);
        foreach (var value in values)
            if (value.Operation is not (A or B) && value.Operands.ForAll(found.Contains)) found.Add(value);
        return found;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (var tensor in held) tensor?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>A part of a path as a module, so that parameters go by their paths in TorchSharp too.</summary>
    private sealed class Node(nn.Module module) : nn.Module("part")
    {
        private readonly Dictionary<string, Node> below = [];

        public Tensor Register(string path, Tensor start, Role role, bool training)
        {
            if (path.IndexOf('.', StringComparison.Ordinal) is var dot && dot >= 0)
                return Below(path[..dot]).Register(path[(dot + 1)..], start, role, training);
            if (role == Role.Statistic)
            {
                var buffer = start.DetachFromDisposeScope();
                (module is Node node ? node : module).register_buffer(path, buffer);
                return buffer;
            }
            var parameter = new TorchSharp.Modules.Parameter(start, training && role != Role.Frozen);
            parameter.DetachFromDisposeScope();
            module.register_parameter(path, parameter);
            return parameter;
        }

        private Node Below(string segment)
        {
            if (below.TryGetValue(segment, out var node)) return node;
            var child = new Holder();
            module.register_module(segment, child);
            return below[segment] = new Node(child);
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
