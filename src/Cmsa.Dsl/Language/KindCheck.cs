using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl;

/// <summary>
/// Whether a layer gives what its kinds promise. What does not fit is noted on the result, which then has the promised
/// form, so that checking can go on.
/// </summary>
internal static class KindCheck
{
    /// <summary>
    /// The axes that an argument has beyond its kind, which a layer carries along: the words, where EachWord runs a
    /// layer for feature maps.
    /// </summary>
    public static Many<Axis> Carried(Signal input, Kind kind) =>
        (input, kind) switch
        {
            (Signal.Tensor(var node, _), Kind.Tensor(_, var axes)) => node
                .Shape.Axes.Filter(a => !axes.Contains(a))
                .Add(Axis.Batch)
                .Distinct(),
            (Signal.Pair(var first, var second), Kind.Pair(var left, var right)) => (
                Carried(first, left) + Carried(second, right)
            ).Distinct(),
            (Signal.Levels(var each), Kind.Levels(var of)) => each.Bind(l => Carried(l.Signal, of)).Distinct(),
            _ => [Axis.Batch],
        };

    /// <summary>The result of a layer, as a signal of its kind.</summary>
    public static Signal Of(Signal made, Kind promised, Many<Axis> carried) =>
        (made, promised) switch
        {
            (Signal.Tensor(var node, var present), Kind.Tensor(var kind, var axes)) => new Signal.Tensor(
                Checked(node, kind, axes, carried),
                present
            ),
            (Signal.Pair(var first, var second), Kind.Pair(var left, var right)) => new Signal.Pair(
                Of(first, left, carried),
                Of(second, right, carried)
            ),
            (Signal.Levels(var each), Kind.Levels(var of)) => Named(each.Map(l => (l.Name, Of(l.Signal, of, carried)))),
            _ => Instead(
                made.Nodes.IsEmpty ? Node.Constant(0) : made.Nodes.Head,
                promised,
                Error.Misfit(
                    $"a result that is {Form(made)}",
                    $"{promised}, which is {Form(promised)}",
                    "let Elaborate give what the layer's second kind says"
                )
            ),
        };

    private static Signal.Levels Named(Many<(string Name, Signal Signal)> levels)
    {
        var twice = levels.GroupBy(l => l.Name).Where(g => g.Count() > 1).Select(g => g.Key).ToMany();
        if (twice.IsEmpty)
            return new Signal.Levels(levels);
        var problem = Error.Misfit(
            $"two levels named {string.Join(" and ", twice)}",
            "one name for each level",
            "name one of them otherwise"
        );
        return new Signal.Levels(levels.Map(l => (l.Name, l.Signal.Map(v => v.With(problem)))));
    }

    private static Node Checked(Node node, string kind, Many<Axis> axes, Many<Axis> carried)
    {
        if (node.Shape.Without(carried).Axes == axes)
            return node;
        return node.With(
            Error.Misfit(
                $"a result {node.Shape} of axes {node.Shape.Without(Axis.Batch).Axes}",
                $"a {kind}, of axes {axes}",
                "let every result be made of the layer's argument"
            )
        );
    }

    private static Signal Instead(Node node, Kind kind, Error problem) =>
        kind switch
        {
            Kind.Pair(var first, var second) => new Signal.Pair(
                Instead(node, first, problem),
                Instead(node, second, problem)
            ),
            Kind.Levels(var each) => new Signal.Levels([("level", Instead(node, each, problem))]),
            _ => node.With(problem),
        };

    private static string Form(Signal signal) =>
        signal switch
        {
            Signal.Tensor(var node, _) => $"one tensor {node.Shape}",
            Signal.Pair => "a pair",
            Signal.Levels(var each) => $"levels {string.Join(", ", each.Map(l => l.Name))}",
            _ => "something else",
        };

    private static string Form(Kind kind) =>
        kind switch
        {
            Kind.Tensor => "one tensor",
            Kind.Pair => "a pair",
            _ => "levels",
        };
}
