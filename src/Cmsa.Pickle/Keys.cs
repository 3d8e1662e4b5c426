using LanguageExt;

namespace Cmsa.Pickle;

/// <summary>
/// What may be a key of a dictionary or an item of a set, and the containers that hold each key once.
/// </summary>
internal static class Keys
{
    // Hash tables of so few keys cost more than they save.
    private const int Few = 16;

    // The bytes of an entry in a hash table.
    private const long Hashed = 48;

    // The bytes of a key and a value in a list.
    private const long Pair = 16;

    /// <summary>The dictionary of some entries: each key once, where it first stands, with its last value.</summary>
    public static Either<string, PickleValue> Dict((PickleValue Key, PickleValue Value)[] entries, Budget budget)
    {
        if (entries.Length == 0)
            return PickleValue.Dict.Empty;
        foreach (var (key, _) in entries)
        {
            if (!Pay(key, budget))
                return "a dictionary has a key that cannot be a key";
        }
        if (!budget.Pay(2 * Budget.Small + Pair * entries.Length))
            return PickleValue.Dict.Empty;
        return new PickleValue.Dict(Distinct(entries, budget));
    }

    /// <summary>The set of some items, each once, where it first stands.</summary>
    public static Either<string, PickleValue> Set(ReadOnlySpan<PickleValue> items, Budget budget)
    {
        if (items.IsEmpty)
            return PickleValue.Set.Empty;
        foreach (var item in items)
        {
            if (!Pay(item, budget))
                return "a set has an item that cannot be in a set";
        }
        if (!budget.Pay(10 * Budget.Small + (Pair + Hashed) * items.Length))
            return PickleValue.Set.Empty;
        var seen = new System.Collections.Generic.HashSet<PickleValue>(items.Length);
        var once = new PickleValue[items.Length];
        var count = 0;
        foreach (var item in items)
        {
            if (seen.Add(item))
                once[count++] = item;
        }
        return new PickleValue.Set(Many.Create(once.AsSpan(0, count)));
    }

    private static Many<(PickleValue Key, PickleValue Value)> Distinct(
        (PickleValue Key, PickleValue Value)[] entries,
        Budget budget
    )
    {
        if (entries.Length <= Few && IsDistinct(entries))
            return Many.Create(entries.AsSpan());
        budget.Pay(10 * Budget.Small + Hashed * entries.Length);
        var places = new Dictionary<PickleValue, int>(entries.Length);
        foreach (var (key, value) in entries)
        {
            if (places.TryGetValue(key, out var place))
            {
                entries[place].Value = value;
                continue;
            }
            place = places.Count;
            places.Add(key, place);
            entries[place] = (key, value);
        }
        return Many.Create(entries.AsSpan(0, places.Count));
    }

    private static bool IsDistinct((PickleValue Key, PickleValue Value)[] entries)
    {
        for (var i = 1; i < entries.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (entries[i].Key.Equals(entries[j].Key))
                    return false;
            }
        }
        return true;
    }

    /// <summary>
    /// Pays for hashing and comparing a value; false where Python would not hash it. Values are shared, so a small
    /// pickle can hold a tuple of any size: once nothing is left to spend, nothing more is looked at.
    /// </summary>
    private static bool Pay(PickleValue value, Budget budget, bool anything = false)
    {
        if (!budget.Pay(Budget.Slot))
            return true;
        switch (value)
        {
            case PickleValue.Text text:
                budget.Pay(text.Value.Length / 8);
                return true;
            case PickleValue.Bytes bytes:
                budget.Pay(bytes.Value.Length / 8);
                return true;
            case PickleValue.Int number:
                budget.Pay(number.Value.GetByteCount() / 8);
                return true;
            case PickleValue.Tuple tuple:
                return All(tuple.Items, budget, anything);
            case PickleValue.Set set:
                return All(set.Items, budget, anything);
            case PickleValue.Made made:
                // Python hashes an object by its identity, whatever it is made of.
                Pay(made.Callable, budget, anything: true);
                Pay(made.State ?? PickleValue.None.Value, budget, anything: true);
                return All(made.Arguments, budget, true)
                    && All(made.Items, budget, true)
                    && Entries(made.Entries, budget);
            case PickleValue.List list:
                return anything && All(list.Items, budget, true);
            case PickleValue.Dict dict:
                return anything && Entries(dict.Entries, budget);
            case PickleValue.Outside outside:
                return Pay(outside.Id, budget, anything: true);
            default:
                return true;
        }
    }

    private static bool All(Many<PickleValue> items, Budget budget, bool anything)
    {
        for (var i = 0; i < items.Count && !budget.IsSpent; i++)
        {
            if (!Pay(items[i], budget, anything))
                return false;
        }
        return true;
    }

    private static bool Entries(Many<(PickleValue Key, PickleValue Value)> entries, Budget budget)
    {
        for (var i = 0; i < entries.Count && !budget.IsSpent; i++)
        {
            Pay(entries[i].Key, budget, anything: true);
            Pay(entries[i].Value, budget, anything: true);
        }
        return true;
    }
}
