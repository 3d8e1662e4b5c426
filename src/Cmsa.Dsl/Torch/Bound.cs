using System.Diagnostics;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// A model of which some inputs are given already: what depends on them and on the weights alone is computed and kept,
/// and a run costs the rest.
/// A model of a picture and words, bound to a picture, is a model of words.
/// </summary>
/// <remarks>
/// <para>Several threads may run it at once. It computes what it keeps anew when the weights have changed; see
/// <see cref="Compiled"/>.</para>
/// <para>
/// Bound to one sample, it runs with batches of any size: one picture with many expressions. Bound to a batch, it runs
/// with batches of that size.
/// </para>
/// <para>
/// In training it keeps gradients: add up the losses of several runs, and go back through all of them at once. Dropout
/// and statistics of what
/// depends on the bound inputs alone are drawn and gathered once, when they are bound.
/// </para>
/// </remarks>
public sealed class Bound : IDisposable
{
    private readonly Compiled module;
    private readonly Many<Given> given;
    private readonly Lock filling = new();
    private volatile State? state;
    private bool disposed;

    /// <summary>What is bound at once: the inputs by name, and their tensors, or the features that they stand for.</summary>
    private sealed record Given(Many<string> Names, Many<Tensor> Tensors, bool AreFeatures = false)
    {
        public Given Aliased() => this with { Tensors = Tensors.Map(t => t.alias().DetachFromDisposeScope()) };
    }

    /// <summary>What was computed, and from which weights.</summary>
    private sealed record State(
        Engine Engine,
        int Generation,
        ulong Weights,
        Tensor?[] Values,
        IReadOnlyDictionary<int, Tensor> Kept
    );

    private Bound(Compiled module, Many<Given> given) => (this.module, this.given) = (module, given);

    /// <summary>A model of which nothing is bound.</summary>
    internal static Bound Of(Compiled module) => new(module, []);

    /// <summary>The inputs that a run takes, in order.</summary>
    public Many<Input> Inputs => Remaining.Map(c => c.Input);

    /// <summary>
    /// How it is run: what was computed at each binding and what is computed at each run, and in how much memory.
    /// </summary>
    public ExecutionPlan Plan => For(module.Engine).Plan;

    /// <summary>Binds the first of the inputs that are left.</summary>
    /// <inheritdoc cref="Compiled.Bind(Tensor[])"/>
    public Bound Bind(params Tensor[] arguments)
    {
        var free = Remaining;
        if (arguments.Length == 0 || arguments.Length > free.Count)
            throw new ArgumentException(
                $"Bind takes the first inputs, 1 to {free.Count} of {Names(free)}, and got {arguments.Length}."
            );
        return Bind(free.Take(arguments.Length), arguments);
    }

    /// <summary>Binds one of the inputs that are left by its name.</summary>
    /// <inheritdoc cref="Compiled.Bind(string, Tensor)"/>
    public Bound Bind(string input, Tensor argument)
    {
        var free = Remaining;
        if (free.Find(c => c.Input.Name == input).Case is not InputCheck found)
        {
            var near = Nearest.To(input, free.Map(c => c.Input.Name)).Map(name => $" Did you mean {name}?").IfNone("");
            throw new ArgumentException(
                $"There is no input {input} left to bind; there is {Names(free)}.{near}",
                nameof(input)
            );
        }
        return Bind([found], [argument]);
    }

    /// <summary>Runs a model that gives one tensor on the inputs that are left.</summary>
    /// <inheritdoc cref="Compiled.Run"/>
    public Tensor Run(params Tensor[] arguments)
    {
        module.RequireOne();
        return Showing(arguments).Only();
    }

    /// <summary>Runs the model on the inputs that are left.</summary>
    /// <inheritdoc cref="Compiled.RunAll"/>
    public Output RunAll(params Tensor[] arguments) => Showing(arguments).WithoutProbes();

    /// <summary>
    /// Runs the model on the inputs that are left, and hands out the probes that it was compiled with.
    /// </summary>
    /// <inheritdoc cref="Compiled.RunShowing"/>
    public Outcome RunShowing(params Tensor[] arguments) => Showing(arguments);

    /// <summary>Runs the model on the inputs that are left and measures each operation.</summary>
    /// <inheritdoc cref="Compiled.Timings"/>
    public Many<(Node Value, TimeSpan Time)> Timings(params Tensor[] arguments)
    {
        var times = new List<(Node, TimeSpan)>();
        Showing(arguments, Ended).Dispose();
        return times.ToMany();

        void Ended(Node node, long start)
        {
            if (module.Context.Device.type == DeviceType.CUDA)
                cuda.synchronize();
            times.Add((node, Stopwatch.GetElapsedTime(start)));
        }
    }

    /// <summary>Frees what is kept.</summary>
    public void Dispose()
    {
        lock (filling)
        {
            disposed = true;
            Forget();
            foreach (var tensor in given.Bind(g => g.Tensors))
                tensor.Dispose();
        }
    }

    /// <summary>Runs the model and hands out its probes.</summary>
    /// <param name="arguments">The inputs that are left.</param>
    /// <param name="ended">Called after each step.</param>
    internal Outcome Showing(Tensor[] arguments, Action<Node, long>? ended = null)
    {
        RequireLive();
        var (engine, free) = (module.Engine, Remaining);
        if (arguments.Length != free.Count)
            throw new ArgumentException(
                $"The model takes {free.Count} tensors ({Names(free)}) and got {arguments.Length}."
            );
        var tensors = Checked(free, arguments);
        try
        {
            var batch = BatchOf(free, tensors);
            var values = (Tensor?[])Filled(engine).Clone();
            Place(engine, free.Map(c => c.Input.Name), tensors, values);
            var code = For(engine).Run;
            engine.Fill(values, code, batch, module.training, ended);
            return engine.Collected(values, code, batch);
        }
        finally
        {
            // Those that were moved to the device.
            foreach (var (tensor, argument) in tensors.Zip(arguments))
                if (!ReferenceEquals(tensor, argument))
                    tensor.Dispose();
        }
    }

    /// <summary>Binds the first inputs by what was computed from them before; nothing else is bound yet.</summary>
    /// <inheritdoc cref="Compiled.Bind(Features)"/>
    internal Bound Bind(Features features)
    {
        RequireLive();
        features.RequireOf(module.Engine);
        var own = new Given(features.Inputs, features.Tensors, AreFeatures: true);
        return With(own.Aliased());
    }

    private Bound Bind(Many<InputCheck> checks, Tensor[] arguments)
    {
        RequireLive();
        var tensors = Checked(checks, arguments);
        _ = BatchOf(checks, tensors);
        var own = new Given(checks.Map(c => c.Input.Name), tensors).Aliased();
        foreach (var (tensor, argument) in tensors.Zip(arguments))
            if (!ReferenceEquals(tensor, argument))
                tensor.Dispose();
        return With(own);
    }

    // This with one binding more, which it owns.
    private Bound With(Given own)
    {
        var bound = new Bound(module, given.Map(g => g.Aliased()).Add(own));
        try
        {
            bound.Begin(this);
            return bound;
        }
        catch
        {
            bound.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Takes over what another has computed that has one binding less, and computes what follows from the last.
    /// </summary>
    private void Begin(Bound before)
    {
        var engine = module.Engine;
        var known = before.Filled(engine);
        var held = engine.Prepare();
        var values = (Tensor?[])held.Clone();
        var kept = new Dictionary<int, Tensor>();
        for (var slot = 0; slot < values.Length; slot++)
            if (values[slot] is null && known[slot] is { } value)
                kept[slot] = values[slot] = value.alias().DetachFromDisposeScope();
        Fill(engine, values, kept, given.Count - 1);
    }

    /// <summary>
    /// The values that are known before a run, computed where that is not done, or where the weights are not those of
    /// then.
    /// </summary>
    private Tensor?[] Filled(Engine engine)
    {
        var held = engine.Prepare();
        if (given.IsEmpty)
            return held;
        if (IsUpToDate(engine))
            return state!.Values;
        lock (filling)
        {
            RequireLive();
            if (IsUpToDate(engine))
                return state!.Values;
            Forget();
            Fill(engine, (Tensor?[])held.Clone(), new Dictionary<int, Tensor>(), from: 0);
            return state!.Values;
        }
    }

    private void Fill(Engine engine, Tensor?[] values, Dictionary<int, Tensor> kept, int from)
    {
        using var scope = NewDisposeScope();
        var code = For(engine);
        try
        {
            foreach (var at in Many.Range(given.Count).Skip(from))
            {
                var (stages, features) = code.Each[at];
                if (given[at].AreFeatures)
                    foreach (var (slot, tensor) in features.Zip(given[at].Tensors))
                        kept[slot] = values[slot] = tensor.alias().DetachFromDisposeScope();
                else
                    Place(engine, given[at].Names, given[at].Tensors, values);
                foreach (var stage in given[at].AreFeatures ? stages.Tail : stages)
                {
                    engine.Fill(values, stage, BoundBatch(at + 1), module.training);
                    foreach (var slot in stage.Results)
                        kept[slot] = values[slot]!.DetachFromDisposeScope();
                }
            }
        }
        catch
        {
            foreach (var tensor in kept.Values)
                tensor.Dispose();
            throw;
        }
        // What only the bindings needed is not kept.
        var needed = code.Run.Reads.Concat(engine.Returned).ToHashSet();
        var held = engine.Prepare();
        for (var slot = 0; slot < values.Length; slot++)
        {
            if (values[slot] is null || held[slot] is not null || needed.Contains(slot))
                continue;
            if (kept.Remove(slot, out var value))
                value.Dispose();
            values[slot] = null;
        }
        state = new State(engine, engine.Generation, WeightsOf(engine), values, kept);
    }

    private bool IsUpToDate(Engine engine) =>
        state is { } known
        && ReferenceEquals(known.Engine, engine)
        && known.Generation == engine.Generation
        && known.Weights == WeightsOf(engine);

    private ulong WeightsOf(Engine engine) => engine.FingerprintOf(For(engine).Stages);

    private void Forget()
    {
        if (state is null)
            return;
        foreach (var tensor in state.Kept.Values)
            tensor.Dispose();
        state = null;
    }

    private Engine.Bindings For(Engine engine) => engine.For(given.Map(g => g.Names));

    private Many<InputCheck> Remaining
    {
        get
        {
            var bound = given.Bind(g => g.Names);
            return module.Engine.Inputs.Filter(c => !bound.Contains(c.Input.Name));
        }
    }

    private static Many<Tensor> Checked(Many<InputCheck> checks, Tensor[] arguments) =>
        checks.Zip([.. arguments], (check, argument) => check.Checked(argument));

    private static void Place(Engine engine, Many<string> names, Many<Tensor> tensors, Tensor?[] values)
    {
        foreach (var (name, tensor) in names.Zip(tensors))
            if (engine.SlotOf(name) is { } slot)
                values[slot] = tensor;
    }

    // One sample that is bound goes with any batch.
    private long BatchOf(Many<InputCheck> checks, Many<Tensor> tensors)
    {
        var bound = BoundBatch(given.Count);
        var batch = bound > 1 || tensors.IsEmpty ? bound : tensors[0].shape[0];
        foreach (var (check, tensor) in checks.Zip(tensors))
            if (tensor.shape[0] != batch)
                throw check.WrongBatch(tensor.shape[0], batch);
        return batch;
    }

    private long BoundBatch(int bindings) =>
        given.Take(bindings).Bind(g => g.Tensors).Fold(1L, (most, t) => Math.Max(most, t.shape[0]));

    private void RequireLive()
    {
        module.RequireLive();
        if (disposed)
            throw new ArgumentException("The bound inputs are disposed: bind them anew.");
    }

    private static string Names(Many<InputCheck> checks) =>
        string.Join(", ", checks.Map(c => $"{c.Input.Name} {c.Input.Of}"));
}
