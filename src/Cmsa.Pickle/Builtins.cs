using System.Text;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Pickle;

/// <summary>The value of a call, or what is wrong with it; pays for what it allocates and compares.</summary>
/// <param name="callable">What the pickle calls.</param>
/// <param name="arguments">The arguments, in order.</param>
/// <param name="budget">What there is to spend.</param>
internal delegate Either<Error, PickleValue> Builtin(PickleValue callable, Many<PickleValue> arguments, Budget budget);

/// <summary>Python's own containers and bytes, where a pickle writes them as calls.</summary>
internal static class Builtins
{
    private const int MadeSize = 72;

    /// <summary>Keeps a call as data.</summary>
    public static Builtin Keep { get; } =
        (callable, arguments, budget) =>
        {
            budget.Pay(MadeSize);
            return new PickleValue.Made(callable, arguments);
        };

    /// <summary>The names that are plain data. Kept are types that factories of dictionaries name.</summary>
    public static HashMap<PickleName, Builtin> All { get; } =
        toHashMap(
            from entry in new (string Modules, string Name, Builtin Make)[]
            {
                ("__builtin__ builtins", "set", Set),
                ("__builtin__ builtins", "frozenset", Set),
                ("__builtin__ builtins", "bytes", Bytes),
                ("__builtin__ builtins", "bytearray", Bytes),
                ("__builtin__ builtins", "list", List),
                ("__builtin__ builtins", "tuple", Tuple),
                ("__builtin__ builtins", "dict", Dict),
                ("__builtin__ builtins", "int", Keep),
                ("__builtin__ builtins", "float", Keep),
                ("__builtin__ builtins", "str", Keep),
                ("__builtin__ builtins", "bool", Keep),
                ("collections", "OrderedDict", Dict),
                ("collections", "defaultdict", DefaultDict),
                ("_codecs", "encode", Encode),
                ("numpy", "dtype", Keep),
                ("numpy", "ndarray", Keep),
                ("numpy.core.multiarray numpy._core.multiarray", "_reconstruct", Keep),
                ("numpy.core.multiarray numpy._core.multiarray", "scalar", NumPy.Scalar),
            }
            from module in entry.Modules.Split(' ')
            select (new PickleName(module, entry.Name), entry.Make)
        );

    /// <summary>A user's function; it is paid for by the lengths of its arguments.</summary>
    public static Builtin Of(PickleConstructor constructor) =>
        (_, arguments, budget) =>
        {
            var bytes = arguments.Fold(0L, (sum, argument) => sum + Length(argument));
            return budget.Pay(bytes * Budget.Small) ? constructor(arguments) : Spent;
        };

    // The reader says itself that nothing is left to spend.
    private static Either<Error, PickleValue> Spent => PickleValue.None.Value;

    /// <summary><c>set(items)</c> and <c>frozenset(items)</c>.</summary>
    private static Either<Error, PickleValue> Set(PickleValue callable, Many<PickleValue> arguments, Budget budget)
    {
        if (Items(arguments, budget) is not { } items)
            return new Error("a set is made of one list");
        return Sound(Keys.Set(items, budget));
    }

    /// <summary><c>list(items)</c>.</summary>
    private static Either<Error, PickleValue> List(PickleValue callable, Many<PickleValue> arguments, Budget budget) =>
        Items(arguments, budget) is { } items
            ? new PickleValue.List([.. items])
            : new Error("a list is made of one list");

    /// <summary><c>tuple(items)</c>.</summary>
    private static Either<Error, PickleValue> Tuple(PickleValue callable, Many<PickleValue> arguments, Budget budget) =>
        Items(arguments, budget) is { } items
            ? new PickleValue.Tuple([.. items])
            : new Error("a tuple is made of one list");

    /// <summary><c>dict(pairs)</c> and <c>OrderedDict(pairs)</c>; the pairs may be a dictionary.</summary>
    private static Either<Error, PickleValue> Dict(PickleValue callable, Many<PickleValue> arguments, Budget budget)
    {
        if (arguments.IsEmpty)
            return PickleValue.Dict.Empty;
        if (arguments is [PickleValue.Dict same])
            return same;
        if (Items(arguments, budget) is not { } items || Pairs(items, budget) is not { } pairs)
            return new Error("a dictionary is made of one list of pairs");
        return Sound(Keys.Dict(pairs, budget));
    }

    private static Either<Error, PickleValue> Sound(Either<string, PickleValue> made) =>
        made.Case is PickleValue value ? value : new Error((string)made.Case);

    /// <summary>
    /// <c>defaultdict(factory, pairs)</c>: a dictionary, whatever would make the values it does not have.
    /// </summary>
    private static Either<Error, PickleValue> DefaultDict(
        PickleValue callable,
        Many<PickleValue> arguments,
        Budget budget
    ) => Dict(callable, arguments.Count < 2 ? default : arguments.Tail, budget);

    /// <summary>
    /// <c>_codecs.encode(text, 'latin1')</c>: how protocols 0 to 2 write bytes, each character a byte.
    /// </summary>
    private static Either<Error, PickleValue> Encode(PickleValue callable, Many<PickleValue> arguments, Budget budget)
    {
        if (!PayText(arguments, budget))
            return Spent;
        return arguments switch
        {
            [PickleValue.Text text] when text.Value.All(char.IsAscii) => Latin1(text.Value),
            [PickleValue.Text text, PickleValue.Text { Value: "latin1" or "latin-1" }] => Latin1(text.Value),
            _ => new Error("only text in Latin-1 can be encoded"),
        };
    }

    /// <summary><c>bytes(b)</c>, <c>bytearray(b)</c> and <c>bytearray(text, 'latin-1')</c>.</summary>
    private static Either<Error, PickleValue> Bytes(PickleValue callable, Many<PickleValue> arguments, Budget budget)
    {
        if (!PayText(arguments, budget))
            return Spent;
        return arguments switch
        {
            [] => new PickleValue.Bytes(default),
            [PickleValue.Bytes bytes] => bytes,
            [PickleValue.Text text] => new PickleValue.Bytes(Encoding.UTF8.GetBytes(text.Value)),
            [PickleValue.Text text, PickleValue.Text { Value: "latin1" or "latin-1" }] => Latin1(text.Value),
            _ => new Error("bytes are made of bytes or of text in Latin-1"),
        };
    }

    private static Either<Error, PickleValue> Latin1(string text) =>
        text.All(c => c <= 0xff)
            ? new PickleValue.Bytes(Encoding.Latin1.GetBytes(text))
            : new Error("the text is not Latin-1");

    // Up to three bytes a character in UTF-8, and as much again for looking at each.
    private static bool PayText(Many<PickleValue> arguments, Budget budget) =>
        budget.Pay(
            6 * arguments.Fold(0L, (sum, argument) => sum + (argument is PickleValue.Text ? Length(argument) : 0))
        );

    /// <summary>The items of the one container that is given; null where something else is.</summary>
    private static PickleValue[]? Items(Many<PickleValue> arguments, Budget budget)
    {
        Many<PickleValue> items;
        switch (arguments)
        {
            case []:
                return [];
            case [PickleValue.List list]:
                items = list.Items;
                break;
            case [PickleValue.Tuple tuple]:
                items = tuple.Items;
                break;
            case [PickleValue.Set set]:
                items = set.Items;
                break;
            default:
                return null;
        }
        return budget.Pay(3 * Budget.Array(items.Count)) ? [.. items] : [];
    }

    /// <summary>The keys and values of a list of pairs; null where an item is not a pair.</summary>
    private static (PickleValue, PickleValue)[]? Pairs(PickleValue[] items, Budget budget)
    {
        if (!budget.Pay(Budget.Array(2 * items.Length)))
            return [];
        var pairs = new (PickleValue, PickleValue)[items.Length];
        for (var i = 0; i < pairs.Length; i++)
        {
            Many<PickleValue> pair = items[i] switch
            {
                PickleValue.Tuple tuple => tuple.Items,
                PickleValue.List list => list.Items,
                _ => default,
            };
            if (pair is not [var key, var value])
                return null;
            pairs[i] = (key, value);
        }
        return pairs;
    }

    private static long Length(PickleValue value) =>
        value switch
        {
            PickleValue.Text text => text.Value.Length,
            PickleValue.Bytes bytes => bytes.Value.Length,
            PickleValue.List list => list.Items.Count,
            PickleValue.Tuple tuple => tuple.Items.Count,
            PickleValue.Set set => set.Items.Count,
            PickleValue.Dict dict => dict.Entries.Count,
            _ => 1,
        };
}
