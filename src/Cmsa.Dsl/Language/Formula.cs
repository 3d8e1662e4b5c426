using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// Formulas as text. A part that stands several times in a formula is written once, under a name: <c>var memory =
/// x.Each(..., "memory");</c>. So the text of a formula is as long as what its author wrote.
/// </summary>
internal sealed class Formula
{
    // A part this small is repeated rather than named.
    private const int Small = 4;

    private readonly Text text;
    private readonly Many<string> arguments;
    private readonly Option<Kind> takes;
    private readonly Sharing sharing = new();
    private readonly Dictionary<int, string> names = [];
    private readonly System.Collections.Generic.HashSet<string> taken;

    private Formula(Many<string> arguments, Option<Kind> takes, Text text) =>
        (this.arguments, this.takes, this.text, taken) = (arguments, takes, text, [.. arguments]);

    /// <summary>A formula with its parts inline, for where no statement can stand.</summary>
    public static Document Of(Expression formula, Many<string> arguments, Text text) =>
        new Formula(arguments, None, text).Of(formula).Document;

    /// <summary>
    /// A function of arguments as a lambda: <c>x =&gt; x * x</c>, followed by what closes the call around it.
    /// </summary>
    public static Document Lambda(Expression body, Many<string> arguments, Kind takes, Text text, string close)
    {
        var head = arguments is [var only] ? only : $"({string.Join(", ", arguments)})";
        return new Formula(arguments, takes, text).Lambda(head, body, 0, close);
    }

    // ---- scalar functions

    /// <summary>The body of a scalar function of x.</summary>
    public static Written Of(Scalar body, Text text) =>
        body switch
        {
            Scalar.Argument => Text.Atom("x"),
            Scalar.Number(var value) => Number(value, text),
            Scalar.Call(Function.Negate, var of) => Negative(Of(of, text)),
            Scalar.Call(var function, var of) => Text.Call(NameOf(function), Of(of, text).Document),
            Scalar.Plus(var left, Scalar.Call(Function.Negate, var right)) => Text.Filled(
                Of(left, text),
                "-",
                Of(right, text),
                Binding.Plus
            ),
            Scalar.Plus(var left, var right) => Text.Filled(Of(left, text), "+", Of(right, text), Binding.Plus),
            Scalar.Times(var left, Scalar.Call(Function.Reciprocal, var right)) => Text.Filled(
                Of(left, text),
                "/",
                Of(right, text),
                Binding.Times
            ),
            Scalar.Times(var left, var right) => Text.Filled(Of(left, text), "*", Of(right, text), Binding.Times),
            Scalar.Combined(var combination, var left, var right) => Text.Call(
                $"{combination}",
                Of(left, text).Document,
                Of(right, text).Document
            ),
            Scalar.Embedded(var formula) => Text.Atom(Of(formula, ["x"], text)),
            _ => Text.Atom("?"),
        };

    /// <summary>What a function is called in the language.</summary>
    public static string NameOf(Function function) => function == Function.Log ? "Ln" : $"{function}";

    private static Written Number(double value, Text text) =>
        Text.Atom(text.Number(value)) with
        {
            Binding = value < 0 ? Binding.Sign : Binding.Atom,
        };

    private static Written Negative(Written of) => Text.Atom("-" + of.At(Binding.Atom)) with { Binding = Binding.Sign };

    // ---- equations

    private Written Of(Expression formula) =>
        names.TryGetValue(sharing.IdOf(formula), out var name) ? Text.Atom(name) : Whole(formula);

    private Written Whole(Expression formula) =>
        formula switch
        {
            Expression.Argument(var steps) => Text.Atom(Argument(steps)),
            Expression.Number(var value) => Number(value, text),
            Expression.Learnable(var label, 1) => Text.Call("Learnable", Text.Quoted(label)),
            Expression.Learnable(var label, var initial) => Text.Call(
                "Learnable",
                Text.Quoted(label),
                text.Number(initial)
            ),
            Expression.Call(Function.Negate, var of) => Negative(Of(of)),
            Expression.Call(var function, var of) => Text.Call(NameOf(function), Of(of).Document),
            Expression.Plus => Sum(formula),
            Expression.Times(var left, Expression.Call(Function.Reciprocal, var right)) => Text.Filled(
                Of(left),
                "/",
                Of(right),
                Binding.Times
            ),
            Expression.Times(var left, var right) => Text.Filled(Of(left), "*", Of(right), Binding.Times),
            Expression.Combined(var combination, var left, var right) => Text.Call(
                $"{combination}",
                Of(left).Document,
                Of(right).Document
            ),
            Expression.Pair(var left, var right) => Text.Atom(
                Document.Bracketed("(", [Of(left).Document, Of(right).Document], ")")
            ),
            Expression.Applied(var label, ILevels { IsUniform: true } each, var to) => Each(Of(to), each, label),
            Expression.Applied(var label, var layer, var to) => Then(Of(to), layer, label),
            Expression.At(var levels, var index) => Text.Atom(Of(levels).At(Binding.Atom) + $"[{Index(index)}]"),
            Expression.Named(var levels, var level) => Text.Atom(
                Of(levels).At(Binding.Atom) + $"[{Text.Quoted(level)}]"
            ),
            Expression.SumOver sum => SumOver(sum),
            _ => Text.Atom("?"),
        };

    private string Argument(Many<int> steps)
    {
        var (name, inside) = arguments.Count == 2 ? (arguments[steps[0]], steps.Tail) : (arguments[0], steps);
        return name + string.Concat(inside.Map(step => step == 0 ? ".First" : ".Second"));
    }

    // a + b - c: the terms of a sum, each on a line of its own where they do not fit on one.
    private Written Sum(Expression formula)
    {
        var terms = new Stack<(string, Written)>();
        while (formula is Expression.Plus(var left, var right) && !IsNamed(formula))
        {
            var (sign, term) =
                right is Expression.Call(Function.Negate, var of) && !IsNamed(right) ? ("-", of) : ("+", right);
            terms.Push((sign, Of(term)));
            formula = left;
        }
        return Text.Operators(Of(formula), Binding.Plus, [.. terms]);
    }

    private Written Each(Written to, ILevels each, string label) =>
        Text.Atom(
            to.At(Binding.Atom) + ".Each" + Document.Arguments([text.At(each.Body, Binding.Fan), Text.Quoted(label)])
        );

    private Written Then(Written to, Layer layer, string label)
    {
        var applied =
            label.Length == 0
                ? layer.Write(text)
                : Text.Atom(text.At(layer, Binding.Atom) + $".Named({Text.Quoted(label)})");
        return Text.Filled(to, ">>", applied, Binding.Then);
    }

    private Written SumOver(Expression.SumOver sum)
    {
        var others = sum.Except.Map(e => $".Others({Index(e)})").IfNone("");
        var levels = Of(sum.Levels).At(Binding.Atom);
        // A scalar function of terms does not tell C# the kind that it is summed as.
        var inferred =
            text.IsCode && IsScalar(sum.Body)
                ? takes.Bind(kind => Inference.KindOf(sum.Body, kind, sum.Index + 1))
                : None;
        var kinds = inferred.Map(kind => Text.Kinds(kind)).IfNone("");
        return Text.Atom(levels + $"{others}.Sum{kinds}(" + Lambda(Index(sum.Index), sum.Body, sum.Index + 1, ")"));
    }

    private static bool IsScalar(Expression formula) =>
        formula switch
        {
            Expression.Number or Expression.Learnable => true,
            Expression.Call(Function.Negate, var of) => IsScalar(of),
            Expression.Call or Expression.Combined => true,
            Expression.Plus(var left, var right) => IsScalar(left) && IsScalar(right),
            Expression.Times(var left, Expression.Call(Function.Reciprocal, var right)) => IsScalar(left)
                && IsScalar(right),
            Expression.Times(var left, var right) => IsScalar(left) && IsScalar(right),
            _ => false,
        };

    private static string Index(int index) => index < 18 ? ((char)('i' + index)).ToString() : $"i{index}";

    /// <summary>A function of an argument or an index: its repeated parts as statements, and its value.</summary>
    private Document Lambda(string head, Expression body, int depth, string close)
    {
        var repeated = sharing.Repeated(body, depth, IsNamed);
        var declared = repeated.Map(Declared);
        var value = Of(body);
        foreach (var part in repeated)
            names.Remove(sharing.IdOf(part));
        if (declared.IsEmpty)
            return (head + " =>" + (Document.Line + value.Document).Nested + Document.SoftLine + close).Grouped;
        if (text.IsOutline)
            declared = ["…;"];
        var statements = Document.Joined(Document.Line, declared.Add("return " + value.Hanging + ";"));
        return (
            head + " =>" + Document.Line + "{" + (Document.Line + statements).Nested + Document.Line + "}" + close
        ).Grouped;
    }

    private Document Declared(Expression part)
    {
        var value = Whole(part).Hanging;
        var name = NewName(part);
        names.Add(sharing.IdOf(part), name);
        return $"var {name} = " + value + ";";
    }

    private bool IsNamed(Expression part) => names.ContainsKey(sharing.IdOf(part));

    // ---- names

    private string NewName(Expression part)
    {
        var word = Camel(
            part switch
            {
                Expression.Applied(var label, _, _) when label.Length > 0 => label,
                Expression.Applied(_, var layer, _) => layer.Operator,
                Expression.Call(Function.Negate, _) => "negative",
                Expression.Call(var function, _) => $"{function}",
                Expression.Plus => "sum",
                Expression.Times => "product",
                Expression.Combined(var combination, _, _) => $"{combination}",
                Expression.Pair => "pair",
                _ => "part",
            }
        );
        return Enumerable.Range(1, int.MaxValue - 1).Select(n => n == 1 ? word : $"{word}{n}").First(taken.Add);
    }

    // res3.gates as res3Gates; what is no name in C# becomes one.
    private static string Camel(string label)
    {
        var spaced = string.Concat(label.Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' '));
        var words = spaced.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var camel = string.Concat(
            words.Select((w, i) => (i == 0 ? char.ToLowerInvariant(w[0]) : char.ToUpperInvariant(w[0])) + w[1..])
        );
        var isName = camel.Length > 1 && char.IsAsciiLetter(camel[0]) && !reserved.Contains(camel);
        return isName ? camel : $"part{camel}";
    }

    // The keywords of C#: a label may well be one.
    private static readonly Many<string> reserved =
    [
        "abstract",
        "as",
        "base",
        "bool",
        "break",
        "byte",
        "case",
        "catch",
        "char",
        "checked",
        "class",
        "const",
        "continue",
        "decimal",
        "default",
        "delegate",
        "do",
        "double",
        "else",
        "enum",
        "event",
        "explicit",
        "extern",
        "false",
        "finally",
        "fixed",
        "float",
        "for",
        "foreach",
        "goto",
        "if",
        "implicit",
        "in",
        "int",
        "interface",
        "internal",
        "is",
        "lock",
        "long",
        "namespace",
        "new",
        "null",
        "object",
        "operator",
        "out",
        "override",
        "params",
        "private",
        "protected",
        "public",
        "readonly",
        "ref",
        "return",
        "sbyte",
        "sealed",
        "short",
        "sizeof",
        "stackalloc",
        "static",
        "string",
        "struct",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "uint",
        "ulong",
        "unchecked",
        "unsafe",
        "ushort",
        "using",
        "var",
        "virtual",
        "void",
        "volatile",
        "while",
    ];

    /// <summary>Which parts of a formula are equal: each distinct part has a number.</summary>
    private sealed class Sharing
    {
        private readonly Dictionary<Expression, int> seen = new(ReferenceEqualityComparer.Instance);
        private readonly Dictionary<(Type, object, Many<int>), int> ids = [];
        private readonly List<(Expression Formula, Many<int> Parts, int Depth, long Size)> known = [];

        public int IdOf(Expression formula)
        {
            if (seen.TryGetValue(formula, out var id))
                return id;
            var parts = formula.Parts.Map(IdOf);
            var key = (formula.GetType(), Payload(formula), parts);
            if (!ids.TryGetValue(key, out id))
            {
                ids[key] = id = known.Count;
                known.Add((formula, parts, Depth(formula, parts), 1 + parts.Total(p => known[p].Size)));
            }
            return seen[formula] = id;
        }

        // How many formulas a formula is made of, itself among them.
        private long SizeOf(Expression formula) => known[IdOf(formula)].Size;

        /// <summary>
        /// The parts of a formula that get a name: those that would be written several times and are worth a name, of
        /// those the ones that depend on the innermost index around the formula, or for depth 0 on none. Inner parts
        /// come first.
        /// </summary>
        public Many<Expression> Repeated(Expression body, int depth, Func<Expression, bool> isNamed)
        {
            var order = new List<int>();
            var written = new Dictionary<int, int>();
            Visit(IdOf(body));
            written[IdOf(body)] = 1;
            var repeated = order.AsEnumerable().Reverse().Where(IsRepeated).ToList();
            return repeated
                .AsEnumerable()
                .Reverse()
                .Where(id => known[id].Depth == depth)
                .Select(id => known[id].Formula)
                .ToMany();

            // Parts before what is made of them, each once.
            void Visit(int id)
            {
                if (isNamed(known[id].Formula) || !written.TryAdd(id, 0))
                    return;
                foreach (var part in known[id].Parts)
                    Visit(part);
                order.Add(id);
            }

            // A part is written wherever what it is a part of is written; where that has a name, once.
            bool IsRepeated(int id)
            {
                var isRepeated = written[id] > 1 && IsWorthAName(known[id].Formula);
                foreach (var part in known[id].Parts.Where(written.ContainsKey))
                    written[part] = Math.Min(2, written[part] + (isRepeated ? 1 : written[id]));
                return isRepeated;
            }
        }

        private bool IsWorthAName(Expression part) => part is Expression.Applied || SizeOf(part) > Small;

        private static object Payload(Expression formula) =>
            formula switch
            {
                Expression.Argument(var steps) => steps,
                Expression.Number(var value) => value,
                Expression.Learnable(var label, var initial) => (label, initial),
                Expression.Call(var function, _) => function,
                Expression.Applied applied => (applied.Label, applied.Layer, applied.Use),
                Expression.Combined(var combination, _, _) => combination,
                Expression.At(_, var index) => index,
                Expression.Named(_, var level) => level,
                Expression.SumOver(_, var except, var index, _) => (except, index),
                _ => "",
            };

        // How many of the indices around a formula it depends on, from the outermost.
        private int Depth(Expression formula, Many<int> parts) =>
            formula switch
            {
                Expression.At(_, var index) => Math.Max(known[parts[0]].Depth, index + 1),
                Expression.SumOver(_, var except, var index, _) => Math.Max(
                    Math.Max(known[parts[0]].Depth, except.Map(e => e + 1).IfNone(0)),
                    Math.Min(known[parts[1]].Depth, index)
                ),
                _ => parts.Fold(0, (most, part) => Math.Max(most, known[part].Depth)),
            };
    }
}
