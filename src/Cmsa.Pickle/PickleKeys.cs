using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Pickle;

/// <summary>What may be a dictionary's key or a set's item, and dictionaries with each key once.</summary>
internal static class PickleKeys
{
    // Values are shared inside a pickle, so a small one can say a tuple that takes forever to hash: its size as a tree
    // is bounded.
    private const int MaxSize = 10_000;

    /// <summary>True for what Python can hash, as far as it is small.</summary>
    public static bool CanBeKey(PickleValue value) =>
        value is PickleValue.Text or PickleValue.Int || SizeLeft(value, MaxSize) >= 0;

    /// <summary>
    /// The dictionary of the entries: each key once, where it was first said, with the value last said for it.
    /// </summary>
    public static Either<PickleError, PickleValue> DictOf(Seq<(PickleValue Key, PickleValue Value)> entries) =>
        entries.Exists(e => !CanBeKey(e.Key))
            ? Left<PickleError, PickleValue>(new("a dictionary has a key that cannot be a key"))
            : new PickleValue.Dict(Distinct(entries));

    private static Seq<(PickleValue Key, PickleValue Value)> Distinct(
        Seq<(PickleValue Key, PickleValue Value)> entries
    ) =>
        entries.Count <= 16
            ? IsDistinct(entries)
                ? entries
                : Last(entries)
            : new System.Collections.Generic.HashSet<PickleValue>(entries.Map(e => e.Key)).Count == entries.Count
                ? entries
                : Last(entries);

    private static bool IsDistinct(Seq<(PickleValue Key, PickleValue Value)> entries)
    {
        for (var i = 1; i < entries.Count; i++)
        for (var j = 0; j < i; j++)
            if (entries[i].Key.Equals(entries[j].Key))
                return false;
        return true;
    }

    private static Seq<(PickleValue Key, PickleValue Value)> Last(Seq<(PickleValue Key, PickleValue Value)> entries) =>
        toSeq(entries.GroupBy(e => e.Key).Select(group => (group.Key, group.Last().Value)).ToArray());

    private static int SizeLeft(PickleValue value, int budget) =>
        value switch
        {
            _ when budget < 0 => budget,
            PickleValue.List or PickleValue.Dict => -1,
            PickleValue.Tuple tuple => Left(tuple.Items, budget),
            PickleValue.Set set => Left(set.Items, budget),
            PickleValue.Made made => Left(made.Parts, budget),
            _ => budget - 1,
        };

    private static int Left(IEnumerable<PickleValue> items, int budget)
    {
        var left = budget - 1;
        foreach (var item in items)
        {
            if (left < 0)
                break;
            left = SizeLeft(item, left);
        }
        return left;
    }
}
