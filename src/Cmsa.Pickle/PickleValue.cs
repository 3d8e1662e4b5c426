using System.Numerics;
using LanguageExt;

namespace Cmsa.Pickle;

/// <summary>What a Python pickle says, as data: a closed sum of immutable values, equal by value.</summary>
public abstract record PickleValue
{
    private PickleValue() { }

    /// <summary>Python's <c>None</c>.</summary>
    public sealed record None : PickleValue
    {
        /// <summary>The one value there is.</summary>
        public static None Value { get; } = new();
    }

    /// <summary>A truth value.</summary>
    /// <param name="Value">True or false.</param>
    public sealed record Bool(bool Value) : PickleValue;

    /// <summary>An integer of any size: Python's <c>int</c>, and Python 2's <c>long</c>.</summary>
    /// <param name="Value">The number.</param>
    public sealed record Int(BigInteger Value) : PickleValue;

    /// <summary>A 64-bit floating-point number; not-a-number equals itself.</summary>
    /// <param name="Value">The number.</param>
    public sealed record Float(double Value) : PickleValue;

    /// <summary>
    /// Text: Python's <c>str</c>, Python 2's <c>unicode</c>, and Python 2's <c>str</c> where its bytes are UTF-8.
    /// </summary>
    /// <param name="Value">The characters.</param>
    public sealed record Text(string Value) : PickleValue;

    /// <summary>
    /// Bytes: Python's <c>bytes</c> and <c>bytearray</c>, and Python 2's <c>str</c> where it is not UTF-8.
    /// </summary>
    /// <param name="Value">The bytes; they are the value's own.</param>
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
    public sealed record List(Seq<PickleValue> Items) : PickleValue;

    /// <summary>A tuple.</summary>
    /// <param name="Items">Its items, in order.</param>
    public sealed record Tuple(Seq<PickleValue> Items) : PickleValue;

    /// <summary>A dictionary, in the order written, each key once (the last value said for it).</summary>
    /// <param name="Entries">Its keys and values.</param>
    public sealed record Dict(Seq<(PickleValue Key, PickleValue Value)> Entries) : PickleValue
    {
        /// <summary>The value of a text key, if it is there.</summary>
        public Option<PickleValue> Find(string key) =>
            Entries.Find(e => e.Key is Text text && text.Value == key).Map(e => e.Value);
    }

    /// <summary>A set or a frozen set; equal to another of the same items in any order.</summary>
    /// <param name="Items">Its items, each once, in the order written.</param>
    public sealed record Set(Seq<PickleValue> Items) : PickleValue
    {
        /// <summary>True where both hold the same items.</summary>
        public bool Equals(Set? other) =>
            other is not null
            && Items.Count == other.Items.Count
            && new System.Collections.Generic.HashSet<PickleValue>(Items).SetEquals(other.Items);

        /// <inheritdoc/>
        public override int GetHashCode() =>
            Items.Fold(Items.Count, (sum, item) => unchecked(sum + item.GetHashCode()));
    }

    /// <summary>
    /// A Python name that the reader was told to allow, standing for itself: never looked up, never called.
    /// </summary>
    /// <param name="Name">The name.</param>
    public sealed record Global(PickleName Name) : PickleValue;

    /// <summary>
    /// What an allowed constructor was given, kept as data:
    /// <c>torch._utils _rebuild_tensor_v2 (storage, offset, ...)</c>.
    /// </summary>
    /// <param name="Constructor">The name of what would have made it.</param>
    /// <param name="Parts">What it would have been made of.</param>
    public sealed record Made(PickleName Constructor, Seq<PickleValue> Parts) : PickleValue;
}
