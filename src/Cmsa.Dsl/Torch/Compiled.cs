using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = Cmsa.Dsl.Graphs.Parameter;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// A graph as a TorchSharp module. Its parameters and statistics are registered by path. It owns all it makes on the
/// way: each value is freed
/// after its last use, and the caller disposes nothing but the result.
/// </summary>
/// <remarks>
/// <para>
/// It is what TorchSharp calls a module: <c>named_parameters</c>, <c>state_dict</c>, <c>load_state_dict</c>,
/// <c>load</c>, <c>to</c>, <c>train</c>
/// and <c>eval</c> do what they do there, and it converts to <c>nn.Module&lt;Tensor, Tensor&gt;</c> or
/// <c>nn.Module&lt;Tensor, Tensor, Tensor&gt;</c>, so that
/// it can stand in another module.
/// </para>
/// <para>
/// A module that was compiled for training trains after <c>train()</c>, its state at first. After <c>eval()</c> its
/// batch norms use their running
/// statistics and its dropout does nothing, while gradients are still kept. A module that was compiled for inference is
/// always in the mode of
/// <c>eval()</c>, and <c>train()</c> refuses.
/// </para>
/// <para>
/// What follows from the weights alone is computed at the first run and kept. Loading, moving and changing the mode
/// compute it anew. So do writes
/// from outside, such as those of a module around this one, as long as the weights are on the CPU and more than single
/// elements of one change;
/// for other writes call <see cref="Refresh"/>.
/// </para>
/// <para>Several threads may run a module for inference at once, as long as none changes its weights.</para>
/// </remarks>
public sealed class Compiled : nn.Module, nn.IModule<Tensor, Tensor>, nn.IModule<Tensor, Tensor, Tensor>
{
    private Engine engine;
    private bool disposed;

    /// <summary>A graph as it is, without rewriting, as a module.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="options">Where and how it runs; its level of optimization and its probes are not looked at.</param>
    /// <exception cref="InvalidOperationException">The graph has errors, or TorchSharp does not load here.</exception>
    public Compiled(Graph graph, Options options)
        : base("model")
    {
        Native.Problem.IfSome(problem => throw new InvalidOperationException(problem));
        if (graph.Nodes.Find(n => !n.Errors.IsEmpty).Case is Node wrong)
            throw new InvalidOperationException(
                $"The graph does not fit together at {wrong.Path}: {wrong.Errors.Head}."
            );
        (Graph, Options) = (graph, options);

        var (tree, on) = (new ModuleTree(this), new Kernels.DeviceContext(torch.CPU, options.Real));
        foreach (var parameter in graph.Parameters)
        {
            using var scope = NewDisposeScope();
            var start = InitialValues.Of(parameter, options.Seed).to(on.Of(parameter));
            tree.Register(parameter.Path, start, parameter.Role, options.Training);
        }
        base.train(options.Training);
        // Where it is, TorchSharp must know as well: it moves nothing to where it believes it to be.
        var device = torch.device(options.Device);
        if (device.type != DeviceType.CPU)
            base._to(device.type, device.index, non_blocking: false);
        engine = Started();
    }

    /// <summary>The graph as it is run, after rewriting.</summary>
    public Graph Graph { get; }

    /// <summary>How it was compiled, and where it is now.</summary>
    public Options Options { get; private set; }

    /// <summary>Where and in which precision it runs.</summary>
    public Kernels.DeviceContext Context => engine.Context;

    /// <summary>How it is run: what is computed when, in how much memory.</summary>
    public ExecutionPlan Plan => engine.For([]).Plan;

    /// <summary>The parameters and statistics by path, in the order of the layers. They belong to the module.</summary>
    public IEnumerable<(Parameter Parameter, Tensor Tensor)> Tensors => Graph.Parameters.Map(p => (p, TensorOf(p)));

    /// <summary>How many samples go through the graph at a time; a larger batch is run in parts of so many.</summary>
    public int Together => engine.Together;

    /// <summary>The graph as it is run.</summary>
    internal Engine Engine => engine;

    /// <summary>Runs a model that gives one tensor on a batch.</summary>
    /// <param name="arguments">
    /// One tensor for each of the graph's inputs, in order, batch first: real numbers in the module's precision, words
    /// as int64 or int32, which words are there as bool. Tensors on the CPU are checked, and moved to the module's
    /// device. Tensors on a GPU are not looked into, since that would wait for the GPU: word numbers beyond the
    /// vocabulary are then an error of CUDA's.
    /// </param>
    /// <returns>The result; the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">
    /// The tensors are not what the model takes, or the module is disposed.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The model gives a pair or levels; see <see cref="RunAll"/>.
    /// </exception>
    public Tensor Run(params Tensor[] arguments)
    {
        RequireOne();
        return Whole.Showing(arguments).Only();
    }

    /// <summary>Runs the model on a batch.</summary>
    /// <returns>
    /// The result in the form of the model's kind: a tensor, a pair, or levels; the caller's to dispose.
    /// </returns>
    /// <inheritdoc cref="Run"/>
    public Output RunAll(params Tensor[] arguments) => Whole.Showing(arguments).WithoutProbes();

    /// <summary>Runs the model on a batch and hands out the probes that it was compiled with.</summary>
    /// <returns>The result in the form of the model's kind and the probes; the caller's to dispose.</returns>
    /// <inheritdoc cref="Run"/>
    public Outcome RunShowing(params Tensor[] arguments) => Whole.Showing(arguments);

    /// <summary>Runs the model on a batch and measures each operation.</summary>
    /// <returns>How long each operation took, in the order in which they ran.</returns>
    /// <inheritdoc cref="Run"/>
    public Many<(Node Value, TimeSpan Time)> Timings(params Tensor[] arguments) => Whole.Timings(arguments);

    /// <summary>
    /// Binds the first inputs: what depends on them and on the weights alone is computed once, and each run costs the
    /// rest. <c>using var photo = module.Bind(picture); using var mask = photo.Run(words);</c>
    /// </summary>
    /// <param name="arguments">One tensor for each of the first inputs, as <see cref="Run"/> takes them.</param>
    /// <returns>The model of the other inputs; the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">
    /// The tensors are not what the model takes, or the module is disposed.
    /// </exception>
    public Bound Bind(params Tensor[] arguments) => Bound.Of(this).Bind(arguments);

    /// <summary>Binds an input by its name, <c>image</c> or <c>tokens</c>.</summary>
    /// <param name="input">The name, of <see cref="Graph.Inputs"/>.</param>
    /// <param name="argument">Its tensor.</param>
    /// <inheritdoc cref="Bind(Tensor[])"/>
    public Bound Bind(string input, Tensor argument) => Bound.Of(this).Bind(input, argument);

    /// <summary>
    /// Computes what the model needs of its first inputs and of weights that training leaves as they are, such as a
    /// frozen backbone's results: to be kept, and bound later in the place of the inputs.
    /// </summary>
    /// <param name="arguments">One tensor for each of the first inputs, as <see cref="Run"/> takes them.</param>
    /// <returns>The features; the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">
    /// The tensors are not what the model takes, or the module is disposed.
    /// </exception>
    public Features FeaturesOf(params Tensor[] arguments)
    {
        RequireLive();
        var inputs = engine.Inputs;
        if (arguments.Length == 0 || arguments.Length > inputs.Count)
            throw new ArgumentException($"FeaturesOf takes the first inputs, 1 to {inputs.Count}.", nameof(arguments));
        using var scope = NewDisposeScope();
        var checks = inputs.Take(arguments.Length);
        return Features.Of(engine, checks, checks.Zip([.. arguments], (check, argument) => check.Checked(argument)));
    }

    /// <summary>Features that were computed before and kept, from the tensors of their parts.</summary>
    /// <param name="inputs">How many of the first inputs they stand for.</param>
    /// <param name="tensors">
    /// The parts in the order of <see cref="Features.Parts"/>, in any precision; they stay the caller's.
    /// </param>
    /// <returns>The features; the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">There are more or fewer parts, or they have other shapes.</exception>
    public Features FeaturesFrom(int inputs, params Many<Tensor> tensors)
    {
        RequireLive();
        return Features.From(engine, engine.Inputs.Take(inputs).Map(c => c.Input.Name), tensors);
    }

    /// <summary>
    /// What <see cref="FeaturesOf"/> computes, as SHA-256 of the graph between the inputs and the features and of the
    /// weights in it: equal keys and equal inputs have equal features.
    /// </summary>
    /// <param name="inputs">How many of the first inputs they stand for.</param>
    public string FeaturesKey(int inputs)
    {
        RequireLive();
        return Features.KeyOf(engine, engine.Inputs.Take(inputs).Map(c => c.Input.Name));
    }

    /// <summary>Binds inputs by what was computed from them before.</summary>
    /// <param name="features">Of this model; they stay the caller's.</param>
    /// <returns>The model of the other inputs; the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">They are of another model, or the module is disposed.</exception>
    public Bound Bind(Features features) => Bound.Of(this).Bind(features);

    /// <summary>
    /// Forgets what was computed from the weights. It is needed after writes to single elements of weights, and after
    /// any write to weights on a GPU that is not by <c>load_state_dict</c>, <c>load</c> or <see cref="Weights"/>.
    /// </summary>
    public void Refresh() => engine.Refresh();

    /// <inheritdoc/>
    public Tensor call(Tensor input) => Run(input);

    /// <inheritdoc/>
    public Tensor call(Tensor first, Tensor second) => Run(first, second);

    /// <summary>
    /// The module as TorchSharp's module of one tensor, to stand in a <c>Sequential</c> or in a module of yours. They
    /// share everything.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The model takes another number of tensors, or gives several.
    /// </exception>
    public nn.Module<Tensor, Tensor> AsUnary() => new TorchModule.Unary(Taking(1));

    /// <summary>The module as TorchSharp's module of two tensors. They share everything.</summary>
    /// <inheritdoc cref="AsUnary"/>
    public nn.Module<Tensor, Tensor, Tensor> AsBinary() => new TorchModule.Binary(Taking(2));

    /// <inheritdoc cref="AsUnary"/>
    public static implicit operator nn.Module<Tensor, Tensor>(Compiled module) => module.AsUnary();

    /// <inheritdoc cref="AsBinary"/>
    public static implicit operator nn.Module<Tensor, Tensor, Tensor>(Compiled module) => module.AsBinary();

    /// <summary>Trains from now on: batch norms use the batch's statistics and dropout is on.</summary>
    /// <param name="train">False for <c>eval()</c>.</param>
    /// <exception cref="InvalidOperationException">The module was compiled for inference, and is to train.</exception>
    public override void train(bool train = true)
    {
        if (train && !Options.Training)
            throw new InvalidOperationException(
                "The module was compiled for inference. To train it, compile the model with new Options(Training: true)."
            );
        base.train(train);
        engine.Refresh();
    }

    /// <inheritdoc/>
    public override (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
        Dictionary<string, Tensor> source,
        bool strict = true,
        IList<string>? skip = null
    )
    {
        var report = base.load_state_dict(source, strict, skip);
        engine.Refresh();
        return report;
    }

    /// <inheritdoc/>
    public override nn.Module load(
        string location,
        bool strict = true,
        IList<string>? skip = null,
        Dictionary<string, bool>? loadedParameters = null
    )
    {
        var module = base.load(location, strict, skip, loadedParameters);
        engine.Refresh();
        return module;
    }

    /// <inheritdoc/>
    public override nn.Module load(
        BinaryReader reader,
        bool strict = true,
        IList<string>? skip = null,
        Dictionary<string, bool>? loadedParameters = null
    )
    {
        var module = base.load(reader, strict, skip, loadedParameters);
        engine.Refresh();
        return module;
    }

    /// <summary>After TorchSharp has moved the parameters: the graph is made ready for where they are now.</summary>
    /// <exception cref="ArgumentException">The module does not run in this type.</exception>
    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        var options = Options.In(dtype ?? Options.Real, device is null ? Options.Device : Named(device));
        base._toEpilog(dtype, device, non_blocking);
        // It is called by the constructor as well, before there is anything to replace.
        Options = options;
        if (engine is null)
            return;
        engine.Dispose();
        engine = Started();
        if (Graph.Parameters.Find(p => TensorOf(p).dtype != engine.Context.Of(p)).Case is Parameter kept)
            throw new ArgumentException(
                $"{kept.Path} is kept in float32; compile the model for {Options.Precision} instead of moving it there."
            );
    }

    /// <summary>All modules below are parts of this one's paths.</summary>
    protected override void RegisterComponents() { }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !disposed)
            engine.Dispose();
        disposed = true;
        base.Dispose(disposing);
    }

    /// <summary>Refuses a module that is disposed.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    internal void RequireLive()
    {
        if (disposed)
            throw new ArgumentException("The module is disposed, and takes no inputs any more.");
    }

    /// <summary>Refuses a model that gives several tensors.</summary>
    /// <exception cref="InvalidOperationException">It does.</exception>
    internal void RequireOne()
    {
        if (Graph.Output is Signal.Tensor)
            return;
        var form = Graph.Output is Signal.Pair ? "a pair" : "levels";
        throw new InvalidOperationException(
            $"The model gives {form}, not one tensor: call RunAll, whose result has all of them."
        );
    }

    private Bound Whole => Bound.Of(this);

    private Compiled Taking(int count)
    {
        RequireOne();
        if (Graph.Inputs.Count == count)
            return this;
        throw new InvalidOperationException(
            $"The model takes {Graph.Inputs.Count} tensors ({string.Join(", ", Graph.Inputs.Map(i => i.Name))}), "
                + $"and a module of {count} was asked for."
        );
    }

    private Engine Started()
    {
        var context = new Kernels.DeviceContext(torch.device(Options.Device), Options.Real);
        return new Engine(Graph, Options.Training, context, Graph.Parameters.ToDictionary(p => p.Path, TensorOf));
    }

    private Tensor TensorOf(Parameter parameter) =>
        (parameter.Role == Role.Statistic ? get_buffer(parameter.Path) : get_parameter(parameter.Path))
        ?? throw new InvalidOperationException($"The module has no {parameter.Path} any more.");

    private static string Named(Device device) =>
        device.type != DeviceType.CUDA ? device.type.ToString().ToLowerInvariant()
        : device.index < 0 ? "cuda"
        : $"cuda:{device.index}";
}
