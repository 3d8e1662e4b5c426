using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Rewriting;

/// <summary>Sums and products as lists of their terms: what the rules of algebra look at.</summary>
internal static class Sums
{
    extension(Node node)
    {
        /// <summary>The terms of a sum, however it is bracketed; the node alone if it is none.</summary>
        public Many<Node> Addends => node.Operation is Add ? node.Operands.Bind(o => o.Addends) : [node];

        /// <summary>The factors of a product, however it is bracketed; the node alone if it is none.</summary>
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

    /// <summary>
    /// Multiply-adds, and numbers computed, of a node and all it is made of, down to nodes that are given.
    /// </summary>
    public static long Work(this Node node, Many<Node> given)
    {
        var seen = new HashSet<Node>(given, ReferenceEqualityComparer.Instance);
        return Count(node);

        long Count(Node at)
        {
            if (!seen.Add(at))
                return 0;
            var own = at.MultiplyAdds() + (at.IsComputed ? at.Shape.Count : 0);
            return at.Operands.Fold(own, (n, o) => n + Count(o));
        }
    }

    private static Many<Node> Group(Many<Node> terms)
    {
        var groups = terms.GroupBy(t => string.Join(',', t.Shape.Axes)).Select(g => g.ToMany()).ToMany();
        var covered = groups.Filter(g => groups.Exists(o => Covers(o, g)));
        if (covered.IsEmpty)
            return groups.Map(g => g.Sum());
        var small = covered.Head;
        var host = groups.Filter(o => Covers(o, small)).OrderBy(o => o[0].Shape.Count).First();
        return Group([.. groups.Filter(g => g != small && g != host).Bind(g => g), (host + small).Sum()]);
    }

    private static bool Covers(Many<Node> larger, Many<Node> smaller) =>
        larger != smaller
        && larger[0].Shape.Axes.Count > smaller[0].Shape.Axes.Count
        && smaller[0].Shape.Axes.ForAll(larger[0].Shape.Has)
        && larger[0].Shape.Clashes(smaller[0].Shape).IsEmpty;
}
