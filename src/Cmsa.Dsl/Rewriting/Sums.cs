using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Rewriting;

/// <summary>Sums and products as lists of their terms: what the rules of algebra look at.</summary>
internal static class Sums
{
    extension(Node node)
    {
        /// <summary>The terms of a sum, however it is bracketed; the value alone if it is none.</summary>
        public Many<Node> Addends => node.Operation is Add ? node.Operands.Bind(o => o.Addends) : [node];

        /// <summary>The factors of a product, however it is bracketed; the value alone if it is none.</summary>
        public Many<Node> Factors => node.Operation is Multiply ? node.Operands.Bind(o => o.Factors) : [node];

        /// <summary>
        /// The terms of a sum, those put together whose axes another term has anyway: each group is computed once for
        /// its own axes alone.
        /// </summary>
        public Many<Node> Groups => Group(node.Addends);
    }

    /// <summary>The sum of some terms.</summary>
    public static Node Sum(this Many<Node> terms) => terms.Tail.Fold(terms.Head, (a, b) => a + b);

    /// <summary>The product of some factors.</summary>
    public static Node Product(this Many<Node> factors) => factors.Tail.Fold(factors.Head, (a, b) => a * b);

    /// <summary>Multiply-adds of a value and all it is made of, down to values that are given.</summary>
    public static long Work(this Node node, Many<Node> given)
    {
        var seen = new HashSet<Node>(given, ReferenceEqualityComparer.Instance);
        return Count(node);

        long Count(Node at) =>
            seen.Add(at)
                ? at.MultiplyAdds()
                    + (at.IsComputed ? at.Shape.Count : 0)
                    + at.Operands.Fold(0L, (n, o) => n + Count(o))
                : 0;
    }

    private static Many<Node> Group(Many<Node> terms)
    {
        var groups = terms.GroupBy(t => string.Join(',', t.Shape.Axes)).Select(g => g.ToMany()).ToMany();
        return groups
            .Find(g => groups.Exists(o => Covers(o, g)))
            .Match(
                Some: small =>
                    groups.Filter(o => Covers(o, small)).OrderBy(o => o[0].Shape.Count).First() is var host
                        ? Group([.. groups.Filter(g => g != small && g != host).Bind(g => g), (host + small).Sum()])
                        : terms,
                None: () => groups.Map(g => g.Sum())
            );
    }

    private static bool Covers(Many<Node> larger, Many<Node> smaller) =>
        larger != smaller
        && larger[0].Shape.Axes.Count > smaller[0].Shape.Axes.Count
        && smaller[0].Shape.Axes.ForAll(larger[0].Shape.Has)
        && larger[0].Shape.Clashes(smaller[0].Shape).IsEmpty;
}
