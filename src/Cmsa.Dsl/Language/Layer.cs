using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>
/// A layer as a value: immutable, equal by structure, printable, serialisable. This is the untyped view, for walking
/// over a model; authors write <see cref="Layer{A, B}"/>.
/// </summary>
public abstract record Layer
{
    /// <summary>The kind it takes.</summary>
    public abstract Kind In { get; }

    /// <summary>The kind it gives.</summary>
    public abstract Kind Out { get; }

    /// <summary>
    /// The path segment under which its parameters stand unless <see cref="Naming.Named{A, B}(Layer{A, B}, string)"/>
    /// gives another; none for a layer that has no parameters of its own.
    /// </summary>
    public virtual Option<string> Name => Option<string>.None;

    /// <summary>The layers that this one is made of, in order.</summary>
    public virtual Many<Layer> Parts => [];

    /// <summary>The same layer made of other parts: as many, of the same kinds.</summary>
    public virtual Layer With(Many<Layer> parts) => this;

    /// <summary>
    /// What pictures and formulas call the layer, with its most telling arguments. By default the name of its type in
    /// small letters and up to three arguments that differ from their defaults; override it to say more.
    /// </summary>
    public virtual Caption Caption => Caption.Of(this);

    /// <summary>
    /// Which part of a model the layer belongs to, so that pictures colour it. By default it follows from the kinds
    /// that it takes and gives.
    /// </summary>
    public virtual Section Section => Sections.Of(In, Out);

    /// <summary>How the layer appears in pictures and tables. By default it has a box and a row.</summary>
    public virtual Appearance Appearance => Appearance.Box;

    /// <summary>
    /// What the layer is called where its parts are shown elsewhere or there is no room for them: <c>Residual</c>,
    /// <c>Sequence</c>.
    /// </summary>
    internal virtual string Operator => RecordText.NameOf(GetType());

    /// <summary>The layer as a document.</summary>
    internal virtual Written Write(Text text) => text.Record(this);

    /// <summary>
    /// How the layer's parts are named: by themselves, under a name of this layer's giving, or on their own from the
    /// root.
    /// </summary>
    internal virtual Placing PlaceOf(int part) => Placing.Transparent;

    /// <summary>
    /// What the layer computes: operations on symbolic values, each of which knows its shape. Never fails; what does
    /// not fit is noted on the values.
    /// </summary>
    /// <param name="input">The values of the layer's argument.</param>
    /// <param name="scope">Where the layer stands: makes its parameters and runs its parts.</param>
    protected internal abstract Signal Elaborate(Signal input, Scope scope);

    /// <summary>
    /// The layer as C#-like text: on one line where it is short, otherwise broken over lines of at most 100 columns.
    /// </summary>
    public sealed override string ToString() => Text.Of(this);

    /// <summary>
    /// The layer as C# that compiles to an equal layer where the namespaces of its types are imported and
    /// <c>Cmsa.Dsl.Layers.Syntax</c> is imported as static. What only a file can say is not written: a level of an
    /// equation with a layer for itself, functions that have no name in the language.
    /// </summary>
    public string ToCode() => Write(Text.Code).Document.Render(Text.Width);
}

/// <summary>
/// A layer that takes an <typeparamref name="A"/> and gives a <typeparamref name="B"/>. Layers compose with
/// <c>&gt;&gt;</c> (then), <c>*</c> (side by side), <c>&amp;</c> (fan out) and <c>+</c> (sum); see
/// <see cref="Composition"/>. To add a primitive, derive a record from this in any assembly: its constructor's
/// parameters are its hyper-parameters, and <see cref="Layer.Elaborate"/> says what it computes.
/// </summary>
/// <typeparam name="A">The kind of the argument.</typeparam>
/// <typeparam name="B">The kind of the result.</typeparam>
public abstract record Layer<A, B> : Layer
{
    /// <inheritdoc/>
    public sealed override Kind In => Kind.Of<A>();

    /// <inheritdoc/>
    public sealed override Kind Out => Kind.Of<B>();

    /// <summary>
    /// The layer with every part of a type replaced: <c>model.Replace&lt;SelfAttention&gt;(a => a with { Over =
    /// Over.Pixels })</c>.
    /// </summary>
    /// <param name="change">What stands in the place of such a part, of the same kinds.</param>
    /// <exception cref="ArgumentException">
    /// There is no such part, or what stands there instead has other kinds.
    /// </exception>
    public Layer<A, B> Replace<T>(Func<T, Layer> change)
        where T : Layer =>
        this.Select<T>() is { IsEmpty: false }
            ? this.Replace(p => p.Layer is T, layer => change((T)layer))
            : throw new ArgumentException($"The model has no {typeof(T).Name} to replace.", nameof(change));

    /// <summary>
    /// The layer on every element along the axes that <typeparamref name="V"/> has beyond its own kind, with the same
    /// weights:
    /// <c>Conv(8, 3).Each&lt;Video, Video&gt;()</c> runs on every frame.
    /// </summary>
    /// <typeparam name="V">A kind with all axes of <typeparamref name="A"/> and some more.</typeparam>
    /// <typeparam name="W">A kind with all axes of <typeparamref name="B"/> and the same ones more.</typeparam>
    public Layer<V, W> Each<V, W>() => new Carried<A, B, V, W>(this);

    /// <summary>
    /// The layer with its weights starting from another initial value; the innermost of several counts.
    /// </summary>
    /// <param name="initializer">
    /// The initial value of weights and embeddings; biases, gains and statistics start as before.
    /// </param>
    public Layer<A, B> InitializedBy(Initializer initializer) => new InitializedBy<A, B>(this, initializer);

    /// <summary>
    /// The layer in float32, its parameters too, where the model's precision is lower; otherwise the layer itself.
    /// </summary>
    public Layer<A, B> InFloat32() => new InFloat32<A, B>(this);
}
