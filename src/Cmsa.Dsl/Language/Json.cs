using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>
/// Layers as JSON: what is written is read back equal. A layer is an object of its name and its constructor's
/// parameters, those equal to their defaults left out: <c>{ "layer": "Conv", "channels": 500, "kernel": 3 }</c>. A
/// generic layer also has its type arguments, which are kinds: <c>"kinds": ["(Image, Tokens)",
/// "Levels&lt;FeatureMap&gt;"]</c>. Formulas are objects of their case: <c>{ "term": "Number", "value": 1 }</c>.
/// Layers and kinds are found by name in every loaded assembly that uses the language; a name that several have is
/// written with its namespace.
/// </summary>
public static class Json
{
    /// <summary>
    /// How many arrays and objects may stand inside one another in a file that is read; what is written deeper is not
    /// read back.
    /// </summary>
    public const int MaxDepth = 512;

    /// <summary>
    /// A layer as JSON, indented, in the order of the constructors' parameters; equal layers give equal text.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The layer holds what no file can say: a value of a type that is neither a number, text, enumeration, list,
    /// option, tuple, layer or record, or a type argument that is no kind.
    /// </exception>
    public static string Write(Layer layer) => JsonLayout.Of(new JsonWriting(LayerTypes.Loaded()).Of(layer)) + "\n";

    /// <summary>
    /// A layer as JSON with the names that everything had in the first version: what hashes are made of, so that a
    /// rename changes none.
    /// </summary>
    /// <inheritdoc cref="Write"/>
    public static string WriteOriginal(Layer layer) =>
        JsonLayout.Of(new JsonWriting(LayerTypes.Loaded(), original: true).Of(layer)) + "\n";

    /// <summary>
    /// The layer that some JSON says, or all that is wrong with it. Kinds are checked as the compiler checks them, in
    /// sequences, sums and equations too: elaborating what was read finds at worst sizes that do not fit.
    /// Of a <see cref="ModelFile"/> it reads the model and leaves the sizes.
    /// </summary>
    public static Validation<Error, Layer> Read(string json) =>
        JsonSyntax.Parse(json).Bind(node => JsonReading.Of(ModelFile.ModelIn(node), typeof(Layer)));

    /// <summary>
    /// The layer from an <typeparamref name="A"/> to a <typeparamref name="B"/> that some JSON says; one of other
    /// kinds is an error.
    /// </summary>
    /// <inheritdoc cref="Read(string)"/>
    public static Validation<Error, Layer<A, B>> Read<A, B>(string json) =>
        JsonSyntax
            .Parse(json)
            .Bind(node => JsonReading.Of(ModelFile.ModelIn(node), typeof(Layer<A, B>)))
            .Map(layer => (Layer<A, B>)layer);
}
