using Cmsa.Dsl.Programs;

namespace Cmsa.Dsl.Rewriting;

/// <summary>Sums and products as lists of their terms: what the rules of algebra look at.</summary>
internal static class Sums
{
    extension(Value value)
    {
        /// <summary>The terms of a sum, however it is bracketed; the value alone if it is none.</summary>
        public Many<Value> Addends => value.Operation is Add ? value.Operands.Bind(o => o.Addends) : [value];

        /// <summary>The factors of a product, however it is bracketed; the value alone if it is none.</summary>
        public Many<Value> Factors => value.Operation is Multiply ? value.Operands.Bind(o => o.Factors) : [value];

        /// <summary>The terms of a sum, those put together whose axes another term has anyway: each group is computed once for its own axes alone.</summary>
        public Many<Value> Groups => Group(value.Addends);
    }

    /// <summary>The sum of some terms.</summary>
    public static Value Sum(this Many<Value> terms) => terms.Tail.Fold(terms.Head, (a, b) => a + b);

    /// <summary>The product of some factors.</summary>
    public static Value Product(this Many<Value> factors) => factors.Tail.Fold(factors.Head, (a, b) => a * b);

    /// <summary>Multiply-adds of a value and all it is made of, down to values that are given.</summary>
    public static long Work(this Value value, Many<Value> given)
    {
        var seen = new HashSet<Value>(given, ReferenceEqualityComparer.Instance);
        return Count(value);

        long Count(Value at) => seen.Add(at) ? at.MultiplyAdds() + (at.IsComputed ? at.Shape.Count : 0) + at.Operands.Fold(0L, (n, o) => n + Count(o)) : 0;
    }

    private static Many<Value> Group(Many<Value> terms)
    {
        var groups = terms.GroupBy(t => string.Join(',', t.Shape.Axes)).Select(g => g.ToMany()).ToMany();
        return groups.Find(g => groups.Exists(o => Covers(o, g))).Match(
            Some: small => groups.Filter(o => Covers(o, small)).OrderBy(o => o[0].Shape.Count).First() is var host
                ? Group([.. groups.Filter(g => g != small && g != host).Bind(g => g), (host + small).Sum()])
                : terms,
            None: () => groups.Map(g => g.Sum()));
    }

    private static bool Covers(Many<Value> larger, Many<Value> smaller) =>
        larger != smaller && larger[0].Shape.Axes.Count > smaller[0].Shape.Axes.Count && smaller[0].Shape.Axes.ForAll(larger[0].Shape.Has)
        && larger[0].Shape.Clashes(smaller[0].Shape).IsEmpty;
}
