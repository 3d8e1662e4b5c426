using System.Text;

namespace Cmsa.Dsl;

/// <summary>
/// Text that can be laid out in several ways: on one line where it fits, over several lines where it does not
/// (Wadler, <i>A prettier printer</i>, 2003). A document is built once and rendered in time linear in its size.
/// </summary>
internal abstract class Document
{
    /// <summary>How many columns a nested line is indented.</summary>
    public const int Step = 4;

    private Document() { }

    /// <summary>Nothing.</summary>
    public static Document Empty { get; } = new Join([]);

    /// <summary>A space, or the end of a line.</summary>
    public static Document Line { get; } = new Break(" ");

    /// <summary>Nothing, or the end of a line.</summary>
    public static Document SoftLine { get; } = new Break("");

    /// <summary>Words that stay on one line.</summary>
    public static implicit operator Document(string text) => new Words(text);

    /// <summary>One document after the other.</summary>
    public static Document operator +(Document first, Document second) => new Join([first, second]);

    /// <summary>Several documents one after the other.</summary>
    public static Document All(params Many<Document> parts) => new Join(parts);

    /// <summary>Several documents with one between each two of them.</summary>
    public static Document Joined(Document between, Many<Document> parts) =>
        new Join(Many.Range(parts.Count).Map(i => i == 0 ? parts[0] : between + parts[i]));

    /// <summary>The document with its lines after the first indented.</summary>
    public Document Nested => new Nest(this);

    /// <summary>The document on one line if it fits; otherwise every line break that belongs to it is one.</summary>
    public Document Grouped => new Group(this);

    /// <summary>
    /// A list in brackets: on one line, or an item a line and the closing bracket on a line of its own.
    /// </summary>
    public static Document Bracketed(string open, Many<Document> items, string close) =>
        items.IsEmpty
            ? open + close
            : new Bracket(All(open, (SoftLine + Joined("," + Line, items)).Nested, SoftLine, close).Grouped);

    /// <summary>
    /// The arguments of a call. A single list shares its brackets' lines with the call's: <c>Taps([ ... ])</c>.
    /// </summary>
    public static Document Arguments(Many<Document> items) =>
        items is [Bracket only] ? All("(", only, ")") : Bracketed("(", items, ")");

    /// <summary>The document as text.</summary>
    /// <param name="width">The most columns a line may take; a line without a place to break it takes more.</param>
    public string Render(int width)
    {
        var text = new StringBuilder();
        var column = 0;
        var rest = new Stack<Placed>();
        rest.Push(new(0, Flat: false, this));
        while (rest.TryPop(out var next))
            switch (next.Document)
            {
                case Words words:
                    text.Append(words.Text);
                    column += words.Text.Length;
                    break;
                case Break line when next.Flat:
                    text.Append(line.Flat);
                    column += line.Flat.Length;
                    break;
                case Break:
                    text.Append('\n').Append(' ', next.Indent);
                    column = next.Indent;
                    break;
                case Group group:
                    rest.Push(new(next.Indent, next.Flat || Fits(group.Inner, rest, width - column), group.Inner));
                    break;
                default:
                    next.PushParts(rest);
                    break;
            }
        return text.ToString();
    }

    // Whether a document fits flat on what is left of the line, with what follows it up to the next place where the
    // line may end.
    private static bool Fits(Document document, Stack<Placed> after, int room)
    {
        var ahead = new Stack<Placed>();
        ahead.Push(new(0, Flat: true, document));
        using var following = after.GetEnumerator();
        while (room >= 0)
        {
            if (!ahead.TryPop(out var next))
            {
                if (!following.MoveNext())
                    return true;
                next = following.Current;
            }
            switch (next.Document)
            {
                case Words words:
                    room -= words.Text.Length;
                    break;
                case Break line when next.Flat:
                    room -= line.Flat.Length;
                    break;
                case Break:
                    return true;
                default:
                    next.PushParts(ahead);
                    break;
            }
        }
        return false;
    }

    private readonly record struct Placed(int Indent, bool Flat, Document Document)
    {
        public void PushParts(Stack<Placed> onto)
        {
            switch (Document)
            {
                case Join join:
                    for (var i = join.Parts.Count - 1; i >= 0; i--)
                        onto.Push(this with { Document = join.Parts[i] });
                    break;
                case Nest nest:
                    onto.Push(this with { Indent = Indent + Step, Document = nest.Inner });
                    break;
                case Group group:
                    onto.Push(this with { Document = group.Inner });
                    break;
                case Bracket bracket:
                    onto.Push(this with { Document = bracket.Inner });
                    break;
            }
        }
    }

    private sealed class Words(string text) : Document
    {
        public string Text => text;
    }

    private sealed class Break(string flat) : Document
    {
        public string Flat => flat;
    }

    private sealed class Join(Many<Document> parts) : Document
    {
        public Many<Document> Parts => parts;
    }

    private sealed class Nest(Document inner) : Document
    {
        public Document Inner => inner;
    }

    private sealed class Group(Document inner) : Document
    {
        public Document Inner => inner;
    }

    private sealed class Bracket(Document inner) : Document
    {
        public Document Inner => inner;
    }
}
