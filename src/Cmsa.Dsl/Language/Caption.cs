using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>What a picture says of a layer.</summary>
/// <param name="Title">What it is: <c>conv 3×3</c>.</param>
/// <param name="Notes">What else is worth a line each: <c>512, stride 2</c>.</param>
public sealed record Caption(string Title, params Many<string> Notes)
{
    // Wider boxes would push the picture apart.
    private const int MaxNoteLength = 22;
    private const int MaxNotes = 3;

    /// <summary>
    /// What the layer is within a box of several: <c>3×3</c>. Blocks made only of layers that have one, and of what
    /// appears as a <see cref="Appearance.Remark"/>, are one box. Empty for a layer that always has a box of its own.
    /// </summary>
    public string InBlock { get; init; } = "";

    /// <summary>
    /// The caption that follows from a layer's record: the name of its type, and up to three arguments that differ
    /// from their defaults.
    /// </summary>
    public static Caption Of(Layer layer) => new(Spaced(layer.Operator), Arguments(layer));

    private static Many<string> Arguments(Layer layer) =>
        Schema
            .TryOf(layer.GetType())
            .Map(record => record.Fields.Where(f => !f.IsDefaultIn(layer) && !HoldsLayers(f.Type)).Take(MaxNotes))
            .Map(fields =>
                fields.Select(f => Brief.Cut($"{Spaced(f.Name)} {Shown(f.Of(layer))}", MaxNoteLength)).ToMany()
            )
            .IfNone(default(Many<string>));

    // The parts of a layer are shown by themselves.
    private static bool HoldsLayers(Type type) =>
        type.IsAssignableTo(typeof(Layer)) || type == typeof(Expression) || type.GenericTypeArguments.Any(HoldsLayers);

    private static string Shown(object? value) => value as string ?? Text.Plain.Value(value).Render(int.MaxValue);

    /// <summary>A name in small letters, its words apart: <c>word pool</c>.</summary>
    internal static string Spaced(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : $"{c}"));
}

/// <summary>A part of a model; pictures give each a colour.</summary>
public enum Section
{
    /// <summary>None of its own: in pictures, that of what comes before.</summary>
    Plain,

    /// <summary>What sees the picture.</summary>
    Backbone,

    /// <summary>What reads the words.</summary>
    Words,

    /// <summary>What relates words and places.</summary>
    Attention,

    /// <summary>What makes one signal of several.</summary>
    Fusion,

    /// <summary>What gives the result.</summary>
    Output,
}

/// <summary>How a layer appears in pictures and tables.</summary>
public enum Appearance
{
    /// <summary>As a box and a row.</summary>
    Box,

    /// <summary>
    /// As a line in the box before it, such as an activation; as a box where there is none. It has a row.
    /// </summary>
    Remark,

    /// <summary>As part of the line between two boxes. It has a row.</summary>
    Wire,

    /// <summary>
    /// As part of the line between two boxes, with no row unless it costs something: it only hands signals on.
    /// </summary>
    Hidden,
}

internal static class Sections
{
    private static readonly Many<Kind> words = [Kind.Of<Tokens>(), Kind.Of<Words>(), Kind.Of<Sentence>()];
    private static readonly Many<Kind> results = [Kind.Of<Mask>(), Kind.Of<Vector>()];

    /// <summary>The part of a model that a layer between these kinds belongs to.</summary>
    public static Section Of(Kind takes, Kind gives)
    {
        var (given, made) = (Tensors(takes), Tensors(gives));
        return given.ForAll(words.Contains) ? Section.Words
            : (given + made).Contains(Kind.Of<WordMaps>()) ? Section.Attention
            : takes is Kind.Levels || given.Count > 1 ? Section.Fusion
            : made.Exists(results.Contains) ? Section.Output
            : Section.Plain;
    }

    private static Many<Kind> Tensors(Kind kind) =>
        kind switch
        {
            Kind.Pair(var first, var second) => Tensors(first) + Tensors(second),
            Kind.Levels(var each) => Tensors(each),
            _ => [kind],
        };
}
