using System.Reflection;
using System.Runtime.CompilerServices;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// The layers and kinds that there are, by name: those of every loaded assembly that refers to the language. A name
/// is a type's own where one type has it, or one of the language itself; otherwise it stands with its namespace.
/// </summary>
internal sealed class LayerTypes
{
    // Kinds in a file are small; a bound keeps hostile ones from exhausting the stack or the type system.
    private const int MaxKindLength = 400;

    private static readonly Assembly language = typeof(Layer).Assembly;
    private static readonly ConditionalWeakTable<Assembly, Type[]> known = [];

    private readonly ILookup<string, Type> layers;
    private readonly ILookup<string, Type> kinds;

    private LayerTypes(IReadOnlyList<Type> types)
    {
        layers = ByName(types.Where(t => t.IsAssignableTo(typeof(Layer)) && !t.IsAbstract));
        kinds = ByName(
            types.Where(t =>
                t.IsAssignableTo(typeof(IKind))
                && t is { IsInterface: false, IsAbstract: false, ContainsGenericParameters: false }
            )
        );
    }

    /// <summary>What is loaded now.</summary>
    public static LayerTypes Loaded() =>
        new([.. AppDomain.CurrentDomain.GetAssemblies().SelectMany(a => known.GetValue(a, TypesOf))]);

    private static Type[] TypesOf(Assembly assembly) =>
        assembly.IsDynamic
        || (assembly != language && !assembly.GetReferencedAssemblies().Any(r => r.Name == language.GetName().Name))
            ? []
            : [.. Loadable(assembly).Where(t => t.IsAssignableTo(typeof(Layer)) || t.IsAssignableTo(typeof(IKind)))];

    private static IEnumerable<Type> Loadable(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException partly)
        {
            return partly.Types.OfType<Type>();
        }
    }

    private static ILookup<string, Type> ByName(IEnumerable<Type> types) =>
        types
            .SelectMany(t => NamesOf(t).Select(name => (Name: name, Type: t)))
            .Distinct()
            .ToLookup(e => e.Name, e => e.Type);

    private static Many<string> NamesOf(Type type)
    {
        Many<string> names = [Short(type), Full(type), .. Field.FormerNamesOf(type)];
        // The layers of the language were in its root namespace in earlier versions.
        return type.Assembly == language ? names.Add($"{language.GetName().Name}.{Short(type)}") : names;
    }

    private static string Short(Type type) => RecordText.NameOf(type);

    private static string Full(Type type) => (type.FullName ?? type.Name).Split('`')[0];

    private static Many<Type> Find(ILookup<string, Type> types, string name) =>
        types[name].Where(t => t.Assembly == language).ToMany() is { IsEmpty: false } own ? own : types[name].ToMany();

    /// <summary>The name of a layer's type in a file.</summary>
    public string NameOf(Type layer)
    {
        var namesakes = Find(layers, Short(layer)).Filter(t => Arity(t) == Arity(layer));
        return namesakes is [var only] && only == Definition(layer) ? Short(layer) : Full(Definition(layer));
    }

    private static int Arity(Type type) => type.GetGenericArguments().Length;

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    /// <summary>The type of a layer's name with these type arguments, or why there is none.</summary>
    public Either<(string What, string Hint), Type> Layer(string name, Many<Type> arguments)
    {
        var found = Find(layers, name);
        if (found.IsEmpty)
            return Left(
                ($"there is no layer {name}", $"{Suggestion(name, layers)}layers of your own: load their assembly")
            );
        return found.Filter(t => Arity(t) == arguments.Count) switch
        {
            [var type] => arguments.IsEmpty ? type : Close(type, arguments),
            [] => Left(
                (
                    $"{name} with {arguments.Count} kinds",
                    $"it has {string.Join(" or ", found.Map(Arity).Distinct())}, the type arguments of {Shown(found[0])}"
                )
            ),
            var several => Left(
                ($"{name} is the name of {string.Join(" and ", several.Map(Full))}", "write it with its namespace")
            ),
        };
    }

    private static string Suggestion(string name, ILookup<string, Type> types) =>
        Nearest.To(name, types.Select(t => t.Key)).Map(nearest => $"did you mean {nearest}? ").IfNone("");

    private static string Shown(Type definition)
    {
        var arguments = string.Join(", ", definition.GetGenericArguments().Select(a => a.Name));
        return definition.IsGenericType ? $"{Short(definition)}<{arguments}>" : Short(definition);
    }

    private static Either<(string What, string Hint), Type> Close(Type definition, Many<Type> arguments)
    {
        try
        {
            return definition.MakeGenericType([.. arguments]);
        }
        catch (ArgumentException)
        {
            return Left(
                (
                    $"{Short(definition)} of {string.Join(" and ", arguments.Map(TextOf))}",
                    "it takes kinds of one tensor, no pairs and no levels"
                )
            );
        }
    }

    /// <summary>A kind's type as it stands in a file: <c>(Image, Levels&lt;FeatureMap&gt;)</c>.</summary>
    /// <exception cref="ArgumentException">The type is no kind that a file can name.</exception>
    public string KindOf(Type type) =>
        type switch
        {
            { IsConstructedGenericType: true } when type.GetGenericTypeDefinition() == typeof(ValueTuple<,>) =>
                $"({KindOf(type.GenericTypeArguments[0])}, {KindOf(type.GenericTypeArguments[1])})",
            { IsConstructedGenericType: true } when type.GetGenericTypeDefinition() == typeof(Levels<>) =>
                $"Levels<{KindOf(type.GenericTypeArguments[0])}>",
            { IsGenericType: false } when type.IsAssignableTo(typeof(IKind)) => Find(kinds, Short(type)) is [var only]
            && only == type
                ? Short(type)
                : Full(type),
            _ => throw new ArgumentException($"{type} is no kind that a file can name.", nameof(type)),
        };

    /// <summary>A kind's type for a message.</summary>
    public static string TextOf(Type type) => $"{Kind.Of(type)}";

    /// <summary>The type of a kind as it stands in a file, or why there is none.</summary>
    public Either<(string What, string Hint), Type> KindNamed(string text)
    {
        if (text.Length > MaxKindLength)
            return Left(($"a kind of {text.Length} characters", $"at most {MaxKindLength} are read"));
        var at = 0;
        var read = Parse();
        return read.Bind(type => at == text.Length ? Right<(string, string), Type>(type) : Malformed());

        Either<(string What, string Hint), Type> Parse()
        {
            if (Take('('))
                return from first in Parse()
                       from comma in Expect(',')
                       from second in Parse()
                       from end in Expect(')')
                       select typeof(ValueTuple<,>).MakeGenericType(first, second);
            var word = Word();
            if (word == nameof(Levels<>) && Take('<'))
                return from each in Parse() from end in Expect('>') select typeof(Levels<>).MakeGenericType(each);
            return word.Length == 0 ? Malformed() : Named(word);
        }

        string Word()
        {
            Blank();
            var start = at;
            while (at < text.Length && !"(),<> ".Contains(text[at], StringComparison.Ordinal))
                at++;
            return text[start..at];
        }

        bool Take(char sign)
        {
            Blank();
            if (at == text.Length || text[at] != sign)
                return false;
            at++;
            return true;
        }

        void Blank()
        {
            while (at < text.Length && text[at] == ' ')
                at++;
        }

        Either<(string What, string Hint), Unit> Expect(char sign) => Take(sign) ? unit : Malformed().Map(_ => unit);

        Either<(string What, string Hint), Type> Malformed() =>
            Left<(string What, string Hint), Type>(
                ($"\"{text}\" is no kind", "a kind is written as Image, (Image, Tokens) or Levels<FeatureMap>")
            );
    }

    private Either<(string What, string Hint), Type> Named(string name) =>
        Find(kinds, name) switch
        {
            [var only] => only,
            [] => Left(
                ($"there is no kind {name}", $"{Suggestion(name, kinds)}kinds of your own: load their assembly")
            ),
            var several => Left(
                ($"{name} is the name of {string.Join(" and ", several.Map(Full))}", "write it with its namespace")
            ),
        };
}
