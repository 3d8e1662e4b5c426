using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>
/// Names, sharing, fixing and probing: what says where parameters stand and what is shown, and changes nothing that
/// is computed.
/// </summary>
public static class Naming
{
    extension<A, B>(Layer<A, B> layer)
    {
        /// <summary>
        /// The layer with its parameters under a name: a primitive's stand at the name itself, a composition's below
        /// it. Layers share their weights exactly where they are equal and an author gave them one name in one place,
        /// in a pipeline as in an equation; layers without a name never do.
        /// </summary>
        public Layer<A, B> Named(string label) => new Named<A, B>(label, layer);

        /// <summary>
        /// The layer with its parameters at a path from the root: equal layers that are shared under one path share
        /// their weights, wherever they stand.
        /// </summary>
        public Layer<A, B> Shared(string path) => new Shared<A, B>(path, layer);

        /// <summary>The layer with all its parameters and running statistics fixed.</summary>
        public Layer<A, B> Frozen() => new Frozen<A, B>(layer);

        /// <summary>The layer with its result under a name for the compiled module to hand out.</summary>
        public Layer<A, B> Probed(string label) => layer >> new Probe<B>(label);
    }
}

/// <summary>A layer whose parameters stand under a name. Written <c>f.Named("fuse")</c>.</summary>
public sealed record Named<A, B>(string Label, Layer<A, B> Inner) : Layer<A, B>, INote
{
    /// <inheritdoc/>
    public override Many<Layer> Parts => [Inner];

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) => this with { Inner = (Layer<A, B>)parts[0] };

    internal override Placing PlaceOf(int part) => new Placing.Named(Label);

    /// <inheritdoc/>
    string INote.Call => $"Named({Text.Quoted(Label)})";

    internal override Written Write(Text text) => text.Noted(this);

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => scope.Run(0, input);
}

/// <summary>
/// A layer that shares its weights with all others under the same path from the root. Written
/// <c>f.Shared("encoder")</c>.
/// </summary>
public sealed record Shared<A, B>(string Path, Layer<A, B> Inner) : Layer<A, B>, INote
{
    /// <inheritdoc/>
    public override Many<Layer> Parts => [Inner];

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) => this with { Inner = (Layer<A, B>)parts[0] };

    internal override Placing PlaceOf(int part) => new Placing.Root(Path);

    /// <inheritdoc/>
    string INote.Call => $"Shared({Text.Quoted(Path)})";

    internal override Written Write(Text text) => text.Noted(this);

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => scope.Run(0, input);
}

/// <summary>
/// A layer whose parameters and running statistics training leaves as they are. Written <c>f.Frozen()</c>.
/// </summary>
public sealed record Frozen<A, B>(Layer<A, B> Inner) : Layer<A, B>, INote
{
    /// <inheritdoc/>
    string INote.Call => "Frozen()";

    internal override Written Write(Text text) => text.Noted(this);

    /// <inheritdoc/>
    public override Many<Layer> Parts => [Inner];

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) => this with { Inner = (Layer<A, B>)parts[0] };

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => scope.Frozen().Run(0, input);
}

/// <summary>
/// Gives back what it gets, and lets the compiled module hand it out as <c>path.label</c>. Written
/// <c>f.Probed("label")</c>.
/// </summary>
public sealed record Probe<A>(string Label) : Layer<A, A>
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Hidden;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => Show(input, scope, Label);

    private static Signal Show(Signal signal, Scope scope, string label) =>
        signal switch
        {
            Signal.Pair(var first, var second) => new Signal.Pair(
                Show(first, scope, $"{label}.1"),
                Show(second, scope, $"{label}.2")
            ),
            Signal.Levels(var levels) => new Signal.Levels(
                levels.Map(l => (l.Name, Show(l.Signal, scope, $"{label}.{l.Name}")))
            ),
            _ => signal.Map(v => scope.Probed(v, label)),
        };
}

/// <summary>
/// A layer that says something about another and computes the same: its name, that it is shared, that it is fixed.
/// Its only part is that layer.
/// </summary>
internal interface INote
{
    /// <summary>What it says, as it is written after the layer: <c>Named("fuse")</c>.</summary>
    string Call { get; }
}

internal static class Note
{
    /// <summary>The layer below all notes.</summary>
    public static Layer Bare(Layer layer) => layer is INote ? Bare(layer.Parts[0]) : layer;

    /// <summary>What all notes say, as it is written after the layer: <c>.Named("fuse").Frozen()</c>.</summary>
    public static string All(Layer layer) => layer is INote note ? $"{All(layer.Parts[0])}.{note.Call}" : "";
}
