namespace Cmsa.Pickle;

/// <summary>The kinds of containers that a pickle fills.</summary>
internal enum Shape : byte
{
    /// <summary>A list.</summary>
    List,

    /// <summary>A tuple.</summary>
    Tuple,

    /// <summary>A dictionary; its items are keys and values in turn.</summary>
    Dict,

    /// <summary>A set or frozen set.</summary>
    Set,
}

/// <summary>
/// What a pickle has not finished: Python shares containers and objects before it fills them, so they become values
/// only at the end.
/// </summary>
internal abstract class Cell(Shape shape = default)
{
    /// <summary>The kind of a container.</summary>
    public Shape Shape => shape;

    /// <summary>What it became; null before the end.</summary>
    public PickleValue? Value { get; set; }

    /// <summary>The height of the value: 1 for a number, 2 for a list of numbers.</summary>
    public int Height { get; set; }

    /// <summary>Whether it is becoming a value right now: who meets it then is inside it.</summary>
    public bool IsOpen { get; set; }
}

/// <summary>A container that may still be filled.</summary>
internal sealed class Container(Shape shape, Slots items) : Cell(shape)
{
    /// <summary>The bytes that one takes.</summary>
    public const int Size = 48;

    private Slots items = items;

    /// <summary>Its items.</summary>
    public ReadOnlySpan<object> Items => items.All;

    /// <summary>Adds items.</summary>
    public void Add(ReadOnlySpan<object> more, Budget budget) => items.Add(more, budget);

    /// <summary>Frees the items once they are part of a value.</summary>
    public void Clear() => items = default;
}

/// <summary>
/// A call that the pickle asks for: nothing is called, the parts are kept or given to a pure function.
/// </summary>
internal sealed class Call(object callable, object arguments, byte opcode, int offset) : Cell
{
    /// <summary>The bytes that one takes.</summary>
    public const int Size = 104;

    private Slots items;
    private Slots entries;

    /// <summary>What would be called.</summary>
    public object Callable => callable;

    /// <summary>What it would be called with: a tuple.</summary>
    public object Arguments => arguments;

    /// <summary>The instruction that asks for it.</summary>
    public byte Opcode => opcode;

    /// <summary>The offset of that instruction.</summary>
    public int Offset => offset;

    /// <summary>The state that is set on the result; null if none.</summary>
    public object? State { get; set; }

    /// <summary>What is added to the result as a list or set.</summary>
    public ReadOnlySpan<object> Items => items.All;

    /// <summary>What is added to the result as a dictionary: keys and values in turn.</summary>
    public ReadOnlySpan<object> Entries => entries.All;

    /// <summary>Adds to the result.</summary>
    public void Add(Shape shape, ReadOnlySpan<object> more, Budget budget)
    {
        if (shape == Shape.Dict)
            entries.Add(more, budget);
        else
            items.Add(more, budget);
    }
}

/// <summary>An object stored outside the pickle.</summary>
internal sealed class Outside(object id) : Cell
{
    /// <summary>The bytes that one takes.</summary>
    public const int Size = 40;

    /// <summary>Its id.</summary>
    public object Id => id;
}
