using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;

namespace Cmsa.Dsl.Testing.Generators;

/// <summary>
/// Random graphs that look like what a rule looks for: one of its examples, a step or two away from it, with more
/// computed before and after. What random graphs meet once in a thousand, these meet often.
/// </summary>
internal static class NearRules
{
    /// <summary>Graphs near the examples of a rule.</summary>
    public static Gen<Graph> Of(Rule rule) =>
        from example in Gen.Elements(rule.Examples.ToArray())
        from steps in Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Constant(1)), (1, Gen.Constant(2)))
        from near in Walked(example(), steps)
        from before in Grown(near)
        from after in Wrapped(before)
        select Graph.Of("program", after);

    private static Gen<Node> Walked(Node node, int steps)
    {
        if (steps == 0)
            return Gen.Constant(node);
        var near = NearMisses.OneStep(node);
        if (near.IsEmpty)
            return Gen.Constant(node);
        return Gen.Elements(near.ToArray()).SelectMany(n => Walked(n, steps - 1));
    }

    // A leaf is the result of something.
    private static Gen<Node> Grown(Node node)
    {
        var leaves = node.All().Filter(n => n.Operation is Input { Element: ElementType.Real });
        if (leaves.IsEmpty)
            return Gen.Constant(node);
        return from leaf in Gen.Elements(leaves.ToArray())
               from how in Gen.Choose(0, 3)
               let other = new Node(new Input("other", leaf.Shape))
               select how switch
               {
                   0 => node,
                   1 => node.Replacing(leaf, leaf.Map(Function.Tanh)),
                   2 => node.Replacing(leaf, leaf + other),
                   _ => node.Replacing(leaf, leaf * other),
               };
    }

    // The node is what something else is computed from.
    private static Gen<Node> Wrapped(Node node)
    {
        var axes = node.Shape.Axes.Filter(a => a != Axis.Batch);
        return from how in Gen.Choose(0, axes.IsEmpty ? 2 : 3)
               from axis in axes.IsEmpty ? Gen.Constant(Axis.Batch) : Gen.Elements(axes.ToArray())
               select how switch
               {
                   0 => node,
                   1 => node.Map(Function.Sigmoid),
                   2 => node + new Node(new Input("beside", node.Shape.With(Axis.Batch, 1))),
                   _ => node.Reduce(Reduction.Mean, [axis]),
               };
    }
}
