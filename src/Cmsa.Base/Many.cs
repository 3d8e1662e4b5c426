using System.Collections;
using System.Runtime.CompilerServices;
using LanguageExt;

namespace Cmsa;

/// <summary>
/// An immutable list, equal by its elements: <c>Many&lt;int&gt; blocks = [3, 4, 6, 3];</c>. (A collection expression
/// for LanguageExt's <c>Seq</c> compiles and is always empty, so the language has a list of its own.)
/// </summary>
/// <typeparam name="T">What it lists.</typeparam>
[CollectionBuilder(typeof(Many), nameof(Many.Create))]
public readonly struct Many<T> : IReadOnlyList<T>, IEquatable<Many<T>>
{
    private readonly T[]? items;

    internal Many(T[] items) => this.items = items;

    private T[] Items => items ?? [];

    /// <summary>How many elements there are.</summary>
    public int Count => Items.Length;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Items.Length == 0;

    /// <summary>The element at a position, from 0.</summary>
    public T this[int index] => Items[index];

    /// <summary>The first element.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Head => IsEmpty ? throw new InvalidOperationException("The list is empty.") : Items[0];

    /// <summary>All but the first.</summary>
    public Many<T> Tail => [.. Items.Skip(1)];

    /// <summary>The list with one element more at its end.</summary>
    public Many<T> Add(T item) => [.. Items, item];

    /// <summary>Every element changed.</summary>
    public Many<B> Map<B>(Func<T, B> change) => new(Array.ConvertAll(Items, x => change(x)));

    /// <summary>Every element made a list, all lists joined.</summary>
    public Many<B> Bind<B>(Func<T, Many<B>> change) => [.. Items.SelectMany(x => change(x))];

    /// <summary>The elements for which something holds.</summary>
    public Many<T> Filter(Func<T, bool> holds) => [.. Items.Where(holds)];

    /// <summary>What some function gives for the elements for which it gives something.</summary>
    public Many<B> Choose<B>(Func<T, Option<B>> choose) => [.. Items.SelectMany(x => choose(x).ToSeq())];

    /// <summary>The elements, each once, in the order in which they first stand.</summary>
    public Many<T> Distinct() => [.. Items.Distinct()];

    /// <summary>The first elements, at most so many.</summary>
    public Many<T> Take(int count) => [.. Items.Take(count)];

    /// <summary>A stretch of the list, as patterns such as <c>[var first, .. var rest]</c> take it.</summary>
    public Many<T> Slice(int start, int length) => new(Items[start..(start + length)]);

    /// <summary>All elements combined, from the first to the last.</summary>
    public S Fold<S>(S start, Func<S, T, S> combine) => Items.Aggregate(start, combine);

    /// <summary>Whether something holds for an element.</summary>
    public bool Exists(Func<T, bool> holds) => Items.Any(holds);

    /// <summary>Whether something holds for every element.</summary>
    public bool ForAll(Func<T, bool> holds) => Items.All(holds);

    /// <summary>The first element for which something holds.</summary>
    public Option<T> Find(Func<T, bool> holds) => Items.Where(holds).Select(Option<T>.Some).FirstOrDefault();

    /// <summary>Where an element stands, or -1.</summary>
    public int IndexOf(T item) => Array.IndexOf(Items, item);

    /// <summary>The elements side by side with those of another list, as far as both go.</summary>
    public Many<C> Zip<B, C>(Many<B> other, Func<T, B, C> combine) => [.. Items.Zip(other, combine)];

    /// <summary>One list after the other.</summary>
    public static Many<T> operator +(Many<T> left, Many<T> right) => [.. left.Items, .. right.Items];

    /// <summary>Whether both have equal elements in the same order.</summary>
    public static bool operator ==(Many<T> left, Many<T> right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(Many<T> left, Many<T> right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Many<T> other) => ReferenceEquals(items, other.items) || Items.SequenceEqual(other.Items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Many<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        Items
            .Aggregate(
                new HashCode(),
                (hash, item) =>
                {
                    hash.Add(item);
                    return hash;
                }
            )
            .ToHashCode();

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)Items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The elements in brackets.</summary>
    public override string ToString() => $"[{string.Join(", ", Items)}]";
}

/// <summary>Makes <see cref="Many{T}"/>.</summary>
public static class Many
{
    /// <summary>What a collection expression calls.</summary>
    public static Many<T> Create<T>(ReadOnlySpan<T> items) => new(items.ToArray());

    /// <summary>0, 1, ... up to a count.</summary>
    public static Many<int> Range(int count) => [.. Enumerable.Range(0, Math.Max(0, count))];

    extension<T>(IEnumerable<T> items)
    {
        /// <summary>The elements as an immutable list.</summary>
        public Many<T> ToMany() => [.. items];
    }

    extension<T>(Option<T> option)
    {
        /// <summary>The element if there is one.</summary>
        public Many<T> ToMany() => option.Match(x => new Many<T>([x]), () => []);
    }
}
