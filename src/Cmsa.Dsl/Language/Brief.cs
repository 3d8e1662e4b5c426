using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>
/// Layers in a few words on one line, for where there is no room for all of them: rows of tables, changes, errors.
/// </summary>
internal static class Brief
{
    /// <summary>
    /// The layer as text if that has at most so many letters; otherwise the operators that it is made of. Notes may
    /// be left out.
    /// </summary>
    public static string Of(Layer layer, int length)
    {
        var text = Text.OnOneLine(layer);
        return text.Length <= length ? text : Shortened(layer, length);
    }

    /// <summary>The layer as text with its notes; the notes are never cut.</summary>
    public static string WithNotes(Layer layer, int length)
    {
        var text = Text.OnOneLine(layer);
        var notes = Note.All(layer);
        return text.Length <= length ? text
            : notes.Length == 0 ? Shortened(layer, length)
            : $"({Shortened(layer, length)}){notes}";
    }

    /// <summary>
    /// Steps one after the other, without their notes, as text if that has at most so many letters; otherwise their
    /// operators, or their number.
    /// </summary>
    public static string Of(Many<Layer> steps, int length)
    {
        var bare = steps.Map(Note.Bare);
        if (bare is [var only])
            return Of(only, length);
        var text = Text.OnOneLine(bare);
        return text.Length <= length ? text : Operators(bare, length);
    }

    private static string Operators(Many<Layer> bare, int length)
    {
        if (bare.ForAll(step => step is ISequence))
            return $"{bare.Count} blocks";
        var words = string.Join(" >> ", bare.Map(Word));
        return words.Length <= length ? words : $"{bare.Count} steps";
    }

    private static string Shortened(Layer layer, int length)
    {
        var bare = Note.Bare(layer);
        return bare switch
        {
            ISequence => Operators(bare.Parts.Map(Note.Bare), length),
            ISum { IsResidual: true } => Cut($"Residual({Shortened(bare.Parts[1], length)})", length),
            ISum => Terms(bare, length),
            _ => Cut(Text.Outline.Line(bare), length),
        };
    }

    private static string Terms(Layer sum, int length)
    {
        var terms = string.Join(" + ", sum.Parts.Map(term => Word(Note.Bare(term))));
        return terms.Length <= length ? terms : Cut(Text.OnOneLine(sum), length);
    }

    private static string Word(Layer bare) => bare is IElementwise ? Text.OnOneLine(bare) : bare.Operator;

    /// <summary>Text, ended by … where it is longer than so many letters.</summary>
    public static string Cut(string text, int length) =>
        text.Length <= length ? text : text[..Math.Max(0, length - 1)].TrimEnd() + "…";
}
