using System.Runtime.CompilerServices;
using LanguageExt;

namespace Cmsa.Pickle;

/// <summary>Makes values of what a pickle left unfinished, each cell once, from the innermost outwards.</summary>
internal sealed class Freezing(PickleOptions options, Budget budget)
{
    /// <summary>The first thing wrong; null if nothing is.</summary>
    public PickleFault? Fault { get; private set; }

    /// <summary>
    /// The value of anything on the stack; meaningless where there is a fault or nothing is left to spend.
    /// </summary>
    public PickleValue Freeze(object any) => Freeze(any, 0, out _);

    private PickleValue Freeze(object any, int depth, out int height)
    {
        height = any is PickleValue.Tuple { Items.IsEmpty: false } ? 2 : 1;
        if (any is PickleValue value)
            return value;
        var cell = (Cell)any;
        if (cell.Value is null)
            Close(cell, depth);
        height = cell.Height;
        if (depth + height > options.MaxDepth)
            Fail($"values are nested more than {options.MaxDepth} deep");
        return cell.Value ?? PickleValue.Cycle.Value;
    }

    private bool IsOver => Fault is not null || budget.IsSpent;

    private void Close(Cell cell, int depth)
    {
        cell.Height = Math.Max(cell.Height, 1);
        if (cell.IsOpen && !options.KeepsObjects)
            Fail("contains itself");
        if (depth >= options.MaxDepth)
            Fail($"values are nested more than {options.MaxDepth} deep");
        if (IsOver || cell.IsOpen)
            return;
        cell.IsOpen = true;
        var tallest = 0;
        cell.Value = cell switch
        {
            Container container => Contained(container, depth + 1, ref tallest),
            Call call => Called(call, depth + 1, ref tallest),
            _ => Stored((Outside)cell, depth + 1, ref tallest),
        };
        cell.Height = tallest + 1;
    }

    private PickleValue Contained(Container container, int depth, ref int tallest)
    {
        PickleValue value;
        switch (container.Shape)
        {
            case Shape.Dict:
                value = Sound(Keys.Dict(Pairs(container.Items, depth, ref tallest), budget));
                break;
            case Shape.Set:
                value = Sound(Keys.Set(Values(container.Items, depth, ref tallest), budget));
                break;
            case Shape.List:
                var items = Values(container.Items, depth, ref tallest);
                value = items.Length == 0 ? PickleValue.List.Empty : new PickleValue.List(Listed(items));
                break;
            default:
                value = new PickleValue.Tuple(Listed(Values(container.Items, depth, ref tallest)));
                break;
        }
        container.Clear();
        return value;
    }

    private PickleValue.Outside Stored(Outside outside, int depth, ref int tallest)
    {
        budget.Pay(Budget.Small);
        var id = Freeze(outside.Id, depth, out tallest);
        return new PickleValue.Outside(id);
    }

    private PickleValue Called(Call call, int depth, ref int tallest)
    {
        var callable = Freeze(call.Callable, depth, out var first);
        var arguments = Freeze(call.Arguments, depth, out var second);
        tallest = Math.Max(first, second);
        var items = Values(call.Items, depth, ref tallest);
        var entries = Pairs(call.Entries, depth, ref tallest);
        PickleValue? state = null;
        if (call.State is not null)
        {
            state = Freeze(call.State, depth, out var third);
            tallest = Math.Max(tallest, third);
        }
        if (IsOver)
            return PickleValue.None.Value;
        if (arguments is not PickleValue.Tuple tuple)
            return Wrong(call, callable, new("the arguments of a call are not a tuple"));
        var answer = Builtin(callable)(callable, tuple.Items, budget);
        return answer.Case is PickleValue made
            ? Filled(call, made, items, entries, state)
            : Wrong(call, callable, (Error)answer.Case);
    }

    private Builtin Builtin(PickleValue callable) =>
        callable is PickleValue.Global global && options.Names.Find(global.Name).Case is Builtin builtin
            ? builtin
            : Builtins.Keep;

    /// <summary>What a call gave, with what was added to it since.</summary>
    private PickleValue Filled(
        Call call,
        PickleValue made,
        PickleValue[] items,
        (PickleValue, PickleValue)[] entries,
        PickleValue? state
    )
    {
        switch (made)
        {
            case PickleValue.Made kept when items.Length > 0 || entries.Length > 0 || state is not null:
                return kept with { Items = Listed(items), Entries = Listed(entries), State = state };
            case PickleValue.Dict dict when items.Length == 0 && entries.Length > 0:
                return Sound(Keys.Dict(Joined(dict.Entries, entries), budget));
            case PickleValue.Set set when items.Length > 0 && entries.Length == 0:
                return Sound(Keys.Set(Joined(set.Items, items), budget));
            case PickleValue.List list when items.Length > 0 && entries.Length == 0:
                return new PickleValue.List(Listed(Joined(list.Items, items)));
            default:
                return items.Length + entries.Length == 0
                    ? made
                    : Wrong(call, PickleValue.None.Value, new("adds items to what holds none"));
        }
    }

    private PickleValue[] Values(ReadOnlySpan<object> items, int depth, ref int tallest)
    {
        if (items.IsEmpty || !budget.Pay(Budget.Array(items.Length)))
            return [];
        var values = new PickleValue[items.Length];
        for (var i = 0; i < values.Length && !IsOver; i++)
        {
            values[i] = Freeze(items[i], depth, out var height);
            tallest = Math.Max(tallest, height);
        }
        return IsOver ? [] : values;
    }

    private (PickleValue Key, PickleValue Value)[] Pairs(ReadOnlySpan<object> flat, int depth, ref int tallest)
    {
        if (flat.IsEmpty || !budget.Pay(Budget.Array(flat.Length)))
            return [];
        var pairs = new (PickleValue, PickleValue)[flat.Length / 2];
        for (var i = 0; i < pairs.Length && !IsOver; i++)
        {
            var key = Freeze(flat[2 * i], depth, out var first);
            var value = Freeze(flat[2 * i + 1], depth, out var second);
            pairs[i] = (key, value);
            tallest = Math.Max(tallest, Math.Max(first, second));
        }
        return IsOver ? [] : pairs;
    }

    private T[] Joined<T>(Many<T> before, T[] more)
    {
        if (before.IsEmpty)
            return more;
        return budget.Pay(Budget.Array(Words<T>() * (before.Count + more.Length))) ? [.. before, .. more] : [];
    }

    // An entry of a dictionary is two references.
    private static int Words<T>() => Unsafe.SizeOf<T>() / Budget.Slot;

    private Many<T> Listed<T>(T[] items)
    {
        // The list and the value that holds it.
        if (items.Length == 0 || !budget.Pay(Budget.Small + Budget.Array(Words<T>() * items.Length)))
            return default;
        return Many.Create(items.AsSpan());
    }

    // ---- faults: the first one stays

    private void Fail(string what) => Fault ??= new(what);

    private PickleValue Sound(Either<string, PickleValue> made)
    {
        if (made.Case is PickleValue value)
            return value;
        Fail((string)made.Case);
        return PickleValue.None.Value;
    }

    private PickleValue.None Wrong(Call call, PickleValue callable, Error wrong)
    {
        var subject = callable is PickleValue.Global global ? $"{global.Name}" : "";
        Fault ??= new(wrong.What, wrong.Hint, Opcodes.Name(call.Opcode), call.Offset, subject);
        return PickleValue.None.Value;
    }
}
