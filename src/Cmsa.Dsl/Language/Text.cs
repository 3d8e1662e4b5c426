using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>
/// How tightly the outermost operator of a text binds, as in C#: <c>&amp;</c>, <c>&gt;&gt;</c>, <c>+</c>, <c>*</c>, a
/// sign, a call.
/// </summary>
internal enum Binding
{
    Fan,
    Then,
    Plus,
    Times,
    Sign,
    Atom,
}

/// <summary>A layer or a formula as a document.</summary>
/// <param name="Document">The document, for a line of its own: further lines begin where the first does.</param>
/// <param name="Hanging">The document after other text: further lines are indented.</param>
/// <param name="Binding">How tightly its outermost operator binds.</param>
internal readonly record struct Written(Document Document, Document Hanging, Binding Binding)
{
    /// <summary>The document as an operand: in parentheses unless it binds at least so tightly.</summary>
    public Document At(Binding least) => Binding < least ? Document.Bracketed("(", [Document], ")") : Hanging;
}

/// <summary>Layers and formulas as text.</summary>
internal sealed class Text
{
    /// <summary>The most columns that a line of a model takes where it can be broken.</summary>
    public const int Width = 100;

    private readonly bool isCode;

    private Text(bool isCode, bool isOutline = false) => (this.isCode, IsOutline) = (isCode, isOutline);

    /// <summary>
    /// The names that reports and errors use: arguments that equal their defaults and the types of enumerations are
    /// left out.
    /// </summary>
    public static Text Plain { get; } = new(isCode: false);

    /// <summary>C# that compiles.</summary>
    public static Text Code { get; } = new(isCode: true);

    /// <summary>Plain text in which … is in the place of the statements of formulas, for what is cut anyway.</summary>
    public static Text Outline { get; } = new(isCode: false, isOutline: true);

    /// <summary>Whether statements are left out.</summary>
    public bool IsOutline { get; }

    /// <summary>Whether the text must compile.</summary>
    public bool IsCode => isCode;

    /// <summary>A layer as text, broken over lines where it is long.</summary>
    public static string Of(Layer layer) => layer.Write(Plain).Document.Render(Width);

    /// <summary>A layer as text on one line.</summary>
    public static string OnOneLine(Layer layer) => Plain.Line(layer);

    /// <summary>A layer as this text on one line.</summary>
    public string Line(Layer layer) => layer.Write(this).Document.Render(int.MaxValue);

    /// <summary>Steps one after the other as text on one line.</summary>
    public static string OnOneLine(Many<Layer> steps) => Plain.Chain(steps).Document.Render(int.MaxValue);

    /// <summary>A formula as text, broken over lines where it is long.</summary>
    public static string Of(Expression formula) => Formula.Of(formula, ["x"], Plain).Render(Width);

    /// <summary>A scalar function as text on one line.</summary>
    public static string Of(Scalar body) => Formula.Of(body, Plain).Document.Render(int.MaxValue);

    // ---- operators

    /// <summary>A layer as an operand.</summary>
    public Document At(Layer layer, Binding least) => layer.Write(this).At(least);

    /// <summary>
    /// Steps joined by <c>&gt;&gt;</c>; a layer on every level after a <see cref="Distribute{A, B}"/> is written as
    /// the one layer that it is.
    /// </summary>
    public Written Chain(Many<Layer> steps)
    {
        var written = new List<Written>();
        for (var i = 0; i < steps.Count; i++)
            written.Add(
                steps[i] switch
                {
                    IElementwise function => function.WriteFunction(this),
                    IDistribute when i + 1 < steps.Count && steps[i + 1] is ILevels levels => Distributed(
                        levels,
                        ref i
                    ),
                    var step => step.Write(this),
                }
            );
        // In C#, >> between two scalar functions is a scalar function, no layer.
        if (isCode && steps is [IElementwise, ..])
            written.Insert(0, Atom($"Identity{Kinds(steps[0].In)}()"));
        return written is [var only] ? only : Operators(">>", Binding.Then, written.ToMany());
    }

    private Written Distributed(ILevels levels, ref int step)
    {
        step++;
        return levels.WriteDistributed(this);
    }

    /// <summary>
    /// Operands of one operator: on one line, or each on a line of its own that begins with the operator.
    /// </summary>
    public static Written Operators(string sign, Binding binding, params Many<Written> operands) =>
        Operators(operands.Head, binding, operands.Tail.Map(operand => (sign, operand)));

    /// <inheritdoc cref="Operators(string, Binding, Many{Written})"/>
    /// <param name="first">The first operand; it alone may be of the same operator.</param>
    /// <param name="binding">How tightly the operators bind.</param>
    /// <param name="others">The other operands, each with the operator before it.</param>
    public static Written Operators(Written first, Binding binding, Many<(string Sign, Written Operand)> others)
    {
        var head = first.At(binding);
        var tail = Document.All(others.Map(o => Document.Line + $"{o.Sign} " + o.Operand.At(binding + 1)));
        return new((head + tail).Grouped, (head + tail.Nested).Grouped, binding);
    }

    /// <summary>Two operands: a line ends between them only where what follows would not fit on it.</summary>
    public static Written Filled(Written left, string sign, Written right, Binding binding)
    {
        var line = Document.Line.Grouped;
        var (head, tail) = (left.At(binding), $"{sign} " + right.At(binding + 1));
        return new(Document.All(head, line, tail), Document.All(head, line.Nested, tail), binding);
    }

    /// <summary>A text that needs no parentheses.</summary>
    public static Written Atom(Document document) => new(document, document, Binding.Atom);

    /// <summary>A call of a function.</summary>
    public static Written Call(string name, params Many<Document> arguments) =>
        Atom(name + Document.Arguments(arguments));

    /// <summary>A layer with what a note says of it.</summary>
    public Written Noted<T>(T note)
        where T : Layer, INote => Atom(At(note.Parts[0], Binding.Atom) + $".{note.Call}");

    // ---- records and values

    /// <summary>
    /// A record as a call of its constructor: arguments without a default in place, the others by name where they
    /// differ from it.
    /// </summary>
    public Written Record(object record)
    {
        var type = record.GetType();
        var kinds =
            record is Layer && type.IsGenericType
                ? $"<{string.Join(", ", type.GenericTypeArguments.Select(NameOf))}>"
                : "";
        var arguments = Schema
            .Of(type)
            .Fields.Where(f => !f.IsDefaultIn(record))
            .Select(f => Argument(f, record))
            .ToMany();
        var name = (isCode ? Outer(type) : "") + RecordText.NameOf(type) + kinds;
        return isCode ? Call($"new {name}", arguments)
            : arguments.IsEmpty ? Atom(name)
            : Call(name, arguments);
    }

    /// <summary>Kinds as type arguments.</summary>
    public static string Kinds(params Many<Kind> kinds) => $"<{string.Join(", ", kinds)}>";

    private static string Outer(Type type) =>
        type.DeclaringType is { } outer ? $"{Outer(outer)}{RecordText.NameOf(outer)}." : "";

    private static string NameOf(Type argument) =>
        Kind.Is(argument) ? $"{Kind.Of(argument)}" : RecordText.NameOf(argument);

    private Document Argument(Field field, object record)
    {
        var value = Value(field.Of(record));
        if (!field.HasDefault)
            return value;
        return $"{(isCode ? field.Name : RecordText.Lower(field.Name))}: " + value;
    }

    /// <summary>A value as it stands in a call.</summary>
    public Document Value(object? value) =>
        value switch
        {
            null => "null",
            Layer layer => layer.Write(this).Document,
            Expression formula => Formula.Of(formula, ["x"], this),
            Scalar body => Formula.Of(body, this).Document,
            string text => Quoted(text),
            bool flag => flag ? "true" : "false",
            double number => Number(number),
            float number => isCode
                ? $"{number.ToString(CultureInfo.InvariantCulture)}f"
                : number.ToString(CultureInfo.InvariantCulture),
            Enum member => isCode ? $"{member.GetType().Name}.{member}" : $"{member}",
            IOptional option => option.MatchUntypedUnsafe(Value, () => (Document)(isCode ? "default" : "None")),
            ITuple tuple => Document.Bracketed(
                "(",
                [.. Enumerable.Range(0, tuple.Length).Select(i => Value(tuple[i]))],
                ")"
            ),
            IEnumerable list => Document.Bracketed("[", [.. list.Cast<object?>().Select(Value)], "]"),
            _ when JsonNames.IsRecord(value.GetType()) => Record(value).Document,
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };

    /// <summary>A number.</summary>
    public string Number(double value) =>
        !isCode || double.IsFinite(value) ? value.ToString(CultureInfo.InvariantCulture)
        : double.IsNaN(value) ? "double.NaN"
        : value > 0 ? "double.PositiveInfinity"
        : "double.NegativeInfinity";

    /// <summary>Text in quotes, as a C# literal.</summary>
    public static string Quoted(string text) => $"\"{string.Concat(text.Select(Escaped))}\"";

    private static string Escaped(char letter) =>
        letter switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            _ when char.IsControl(letter) || letter is '\u2028' or '\u2029' => $"\\u{(int)letter:x4}",
            _ => $"{letter}",
        };
}
