using System.Text;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Pickle;

/// <summary>What stands for Python's own containers where a pickle writes them as calls.</summary>
public static class PickleConstructors
{
    /// <summary><c>set(items)</c> and <c>frozenset(items)</c>; no argument, or a list, tuple or set.</summary>
    public static PickleConstructor Set { get; } = arguments => (
                arguments.Count == 0 ? Some(Seq<PickleValue>())
                : arguments.Count == 1 ? ItemsOf(arguments[0])
                : None
            ).ToEither(new PickleError("a set is made of one list")).Bind(items => items.Find(i => !PickleKeys.CanBeKey(i)).Match(_ => Left<PickleError, PickleValue>(new("a set holds something that cannot be in a set")), () => Right<PickleError, PickleValue>(new PickleValue.Set(toSeq(items.Distinct().ToArray())))));

    /// <summary>
    /// <c>_codecs.encode(text, 'latin1')</c>: how protocols 0 to 2 write bytes; each character is one byte.
    /// </summary>
    public static PickleConstructor Encode { get; } =
        arguments =>
            arguments.ToArray() switch
            {
                [PickleValue.Text text] when text.Value.All(char.IsAscii) => Latin1(text.Value),
                [PickleValue.Text text, PickleValue.Text { Value: "latin1" or "latin-1" }] => Latin1(text.Value),
                _ => Left(new PickleError("only text in latin1 can be encoded")),
            };

    /// <summary>
    /// <c>bytes()</c>, <c>bytes(b)</c>, <c>bytearray()</c>, <c>bytearray(b)</c> and <c>bytearray(text, 'latin-1')</c>.
    /// </summary>
    public static PickleConstructor Bytes { get; } =
        arguments =>
            arguments.ToArray() switch
            {
                [] => Right<PickleError, PickleValue>(new PickleValue.Bytes(default)),
                [PickleValue.Bytes bytes] => Right<PickleError, PickleValue>(bytes),
                [PickleValue.Text text] => Right<PickleError, PickleValue>(
                    new PickleValue.Bytes(Encoding.UTF8.GetBytes(text.Value))
                ),
                [PickleValue.Text, PickleValue.Text] => Encode(arguments),
                _ => Left(new PickleError("bytes are made of bytes or of text in latin1")),
            };

    /// <summary>
    /// <c>collections.OrderedDict(pairs)</c> as a plain dictionary; no argument, or one list of pairs.
    /// </summary>
    public static PickleConstructor OrderedDict { get; } = arguments => (
                arguments.Count == 0 ? Some(Seq<PickleValue>())
                : arguments.Count == 1 ? ItemsOf(arguments[0])
                : None
            ).Bind(items => items.Map(PairOf).Sequence()).ToEither(new PickleError("a dictionary is made of one list of pairs")).Bind(PickleKeys.DictOf);

    /// <summary>Keeps a call as data.</summary>
    public static PickleConstructor Kept(PickleName name) => arguments => new PickleValue.Made(name, arguments);

    /// <summary>The names that are plain data.</summary>
    internal static HashMap<PickleName, PickleConstructor> Data { get; } =
        toHashMap(
                from module in Seq("__builtin__", "builtins")
                from entry in Seq(("set", Set), ("frozenset", Set), ("bytes", Bytes), ("bytearray", Bytes))
                select (new PickleName(module, entry.Item1), entry.Item2)
            )
            .Add(new("_codecs", "encode"), Encode);

    private static Either<PickleError, PickleValue> Latin1(string text) =>
        text.All(c => c <= 0xff)
            ? Right<PickleError, PickleValue>(new PickleValue.Bytes(Encoding.Latin1.GetBytes(text)))
            : Left(new PickleError("text that is not latin1 cannot be encoded as such"));

    private static Option<Seq<PickleValue>> ItemsOf(PickleValue value) =>
        value switch
        {
            PickleValue.List list => list.Items,
            PickleValue.Tuple tuple => tuple.Items,
            PickleValue.Set set => set.Items,
            _ => None,
        };

    private static Option<(PickleValue Key, PickleValue Value)> PairOf(PickleValue value) =>
        ItemsOf(value).Bind(items => items.Count == 2 ? Some((items[0], items[1])) : None);
}
