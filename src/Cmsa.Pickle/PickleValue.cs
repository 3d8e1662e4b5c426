using System.Numerics;
using LanguageExt;

namespace Cmsa.Pickle;

/// <summary>What a Python pickle holds, as data: a closed union of immutable values, equal by value.</summary>
public abstract record PickleValue
{
    private PickleValue() { }

    /// <summary>
    /// The value and every value inside it, each object once, though values are shared: a small pickle can hold a value
    /// that is enormous as a tree.
    /// </summary>
    public IEnumerable<PickleValue> Each()
    {
        var seen = new System.Collections.Generic.HashSet<PickleValue>(ReferenceEqualityComparer.Instance);
        var open = new Stack<PickleValue>([this]);
        while (open.TryPop(out var value))
        {
            if (!seen.Add(value))
                continue;
            yield return value;
            foreach (var part in value.Parts)
                open.Push(part);
        }
    }

    /// <summary>The values directly inside, in no particular order.</summary>
    private IEnumerable<PickleValue> Parts =>
        this switch
        {
            List list => list.Items,
            Tuple tuple => tuple.Items,
            Set set => set.Items,
            Dict dict => dict.Entries.SelectMany(Both),
            Outside outside => [outside.Id],
            Made made => made
                .Arguments.Concat(made.Items)
                .Concat(made.Entries.SelectMany(Both))
                .Append(made.Callable)
                .Append(made.State ?? None.Value),
            _ => [],
        };

    private static PickleValue[] Both((PickleValue Key, PickleValue Value) entry) => [entry.Key, entry.Value];

    /// <summary>Python's <c>None</c>.</summary>
    public sealed record None : PickleValue
    {
        /// <summary>The only value.</summary>
        public static None Value { get; } = new();
    }

    /// <summary>A truth value.</summary>
    /// <param name="Value">True or false.</param>
    public sealed record Bool(bool Value) : PickleValue;

    /// <summary>An integer of any size: Python's <c>int</c>, Python 2's <c>long</c>, NumPy's integer scalars.</summary>
    /// <param name="Value">The number.</param>
    public sealed record Int(BigInteger Value) : PickleValue
    {
        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Value.GetHashCode());
    }

    /// <summary>A floating-point number of 64 bits; NaN equals itself. NumPy's floating-point scalars too.</summary>
    /// <param name="Value">The number.</param>
    public sealed record Float(double Value) : PickleValue
    {
        // .NET folds the two halves of a double: many numbers can be made to collide.
        /// <inheritdoc/>
        public override int GetHashCode()
        {
            var plain =
                Value == 0 ? 0
                : double.IsNaN(Value) ? double.NaN
                : Value;
            var bits = BitConverter.DoubleToUInt64Bits(plain);
            return HashCode.Combine((uint)bits, (uint)(bits >> 32));
        }
    }

    /// <summary>
    /// Text: Python's <c>str</c>, Python 2's <c>unicode</c>, and Python 2's <c>str</c> where its bytes are UTF-8.
    /// </summary>
    /// <param name="Value">The characters.</param>
    public sealed record Text(string Value) : PickleValue;

    /// <summary>
    /// Bytes: Python's <c>bytes</c> and <c>bytearray</c>, and Python 2's <c>str</c> where it is not UTF-8.
    /// </summary>
    /// <param name="Value">The bytes; a copy of the file's.</param>
    public sealed record Bytes(ReadOnlyMemory<byte> Value) : PickleValue
    {
        /// <summary>True where both hold the same bytes.</summary>
        public bool Equals(Bytes? other) => other is not null && Value.Span.SequenceEqual(other.Value.Span);

        /// <inheritdoc/>
        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.AddBytes(Value.Span);
            return hash.ToHashCode();
        }
    }

    /// <summary>A list.</summary>
    /// <param name="Items">Its items, in order.</param>
    public sealed record List(Many<PickleValue> Items) : PickleValue
    {
        internal static List Empty { get; } = new(Many.Create<PickleValue>([]));
    }

    /// <summary>A tuple.</summary>
    /// <param name="Items">Its items, in order.</param>
    public sealed record Tuple(Many<PickleValue> Items) : PickleValue
    {
        internal static Tuple Empty { get; } = new(Many.Create<PickleValue>([]));
    }

    /// <summary>
    /// A dictionary, in the order written, each key once with its last value: Python's <c>dict</c>, <c>OrderedDict</c>
    /// and <c>defaultdict</c>.
    /// </summary>
    /// <param name="Entries">Its keys and values.</param>
    public sealed record Dict(Many<(PickleValue Key, PickleValue Value)> Entries) : PickleValue
    {
        internal static Dict Empty { get; } = new(Many.Create<(PickleValue, PickleValue)>([]));

        /// <summary>The value of a text key, if the key exists.</summary>
        public Option<PickleValue> Find(string key) =>
            Entries.Find(e => e.Key is Text text && text.Value == key).Map(e => e.Value);
    }

    /// <summary>A set or a frozen set; equal to another with the same items in any order.</summary>
    /// <param name="Items">Its items, each once, in the order written.</param>
    public sealed record Set(Many<PickleValue> Items) : PickleValue
    {
        internal static Set Empty { get; } = new(Many.Create<PickleValue>([]));

        /// <summary>True where both hold the same items.</summary>
        public bool Equals(Set? other) =>
            other is not null
            && Items.Count == other.Items.Count
            && new System.Collections.Generic.HashSet<PickleValue>(Items).SetEquals(other.Items);

        /// <inheritdoc/>
        public override int GetHashCode() =>
            Items.Fold(Items.Count, (sum, item) => unchecked(sum + item.GetHashCode()));
    }

    /// <summary>A Python name as a value, such as a class or a function: never looked up, never called.</summary>
    /// <param name="Name">The name.</param>
    public sealed record Global(PickleName Name) : PickleValue;

    /// <summary>
    /// An object or a call, kept as data: <c>torch._utils _rebuild_tensor_v2 (storage, offset, ...)</c>. Nothing is
    /// called.
    /// </summary>
    /// <param name="Callable">What Python would call, usually a <see cref="Global"/>.</param>
    /// <param name="Arguments">What Python would call it with.</param>
    public sealed record Made(PickleValue Callable, Many<PickleValue> Arguments) : PickleValue
    {
        /// <summary>What Python would append to the result, where it is a kind of list or set.</summary>
        public Many<PickleValue> Items { get; init; }

        /// <summary>What Python would put into the result, where it is a kind of dictionary.</summary>
        public Many<(PickleValue Key, PickleValue Value)> Entries { get; init; }

        /// <summary>
        /// The state that Python would set on the result, usually a dictionary of its attributes; null if none.
        /// </summary>
        public PickleValue? State { get; init; }

        /// <summary>The name of what would be called; none where that is itself the result of a call.</summary>
        public Option<PickleName> Name => Callable is Global global ? global.Name : Option<PickleName>.None;
    }

    /// <summary>An object that is stored outside the pickle, such as the numbers of a tensor.</summary>
    /// <param name="Id">Its id.</param>
    public sealed record Outside(PickleValue Id) : PickleValue;

    /// <summary>In kept data: a container or object that the value is itself a part of.</summary>
    public sealed record Cycle : PickleValue
    {
        /// <summary>The only value.</summary>
        public static Cycle Value { get; } = new();
    }
}
