using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>Whether what a layer gives is of the kind that it declares.</summary>
internal static class Kinds
{
    /// <summary>The result of a layer, with a problem noted on it where it is not of the layer's kind.</summary>
    /// <param name="output">The result.</param>
    /// <param name="input">The layer's argument; axes that it has beyond its kind are carried along.</param>
    /// <param name="layer">The layer.</param>
    public static Signal Checked(Signal output, Signal input, Layer layer)
    {
        // The words, for example, where EachWord runs a layer for feature maps.
        var carried = (input, layer.In) is (Signal.Tensor(var given, _), Kind.Tensor(_, var expected))
            ? given.Shape.Axes.Filter(a => !expected.Contains(a))
            : [];
        return Checked(output, input, layer.Out, carried);
    }

    private static Signal Checked(Signal output, Signal input, Kind kind, Many<Axis> carried)
    {
        switch (output, kind)
        {
            case (Signal.Tensor(var node, var present), Kind.Tensor(var name, var axes)):
                if (node.Shape.Without(carried.Add(Axis.Batch)).Axes == axes) return output;
                var misfit = Error.Misfit(
                    $"a result {node.Shape} of axes {node.Shape.Without(Axis.Batch).Axes}",
                    $"a {name}, of axes {axes}",
                    "let every result be made of the layer's argument");
                return new Signal.Tensor(node.With(misfit), present);
            case (Signal.Pair(var first, var second), Kind.Pair(var one, var other)):
                return new Signal.Pair(Checked(first, input, one, carried), Checked(second, input, other, carried));
            case (Signal.Levels(var levels), Kind.Levels(var each)):
                var twice = levels.GroupBy(l => l.Name).Where(g => g.Count() > 1).Select(g => g.Key).ToMany();
                var named = levels.Map(l => (l.Name, Checked(l.Signal, input, each, carried)));
                return new Signal.Levels(twice.IsEmpty ? named : named.Map(l => (l.Name, l.Item2.Map(v => v.With(Twice(twice))))));
            default:
                var wrong = Error.Misfit($"a result of {Structure(output)}", $"{kind}", "give what the layer's type says");
                return Standing(kind, (input.Nodes + output.Nodes).Head.With(wrong, output.Nodes));
        }
    }

    private static Error Twice(Many<string> names) => Error.Misfit(
        $"two levels named {string.Join(" and ", names)}", "one name for each level", "name one of them otherwise");

    private static string Structure(Signal signal) => signal switch
    {
        Signal.Tensor(var node, _) => $"{node.Shape}",
        Signal.Pair(var first, var second) => $"({Structure(first)}, {Structure(second)})",
        Signal.Levels(var levels) => $"{levels.Count} levels",
        _ => "nothing",
    };

    /// <summary>A signal of a kind that stands for one that could not be made, so that checking can go on.</summary>
    private static Signal Standing(Kind kind, Node node) => kind switch
    {
        Kind.Pair(var first, var second) => new Signal.Pair(Standing(first, node), Standing(second, node)),
        Kind.Levels(var each) => new Signal.Levels([("none", Standing(each, node))]),
        Kind.Tensor { HasWords: true } => new Signal.Tensor(node, new Node(new Always(Axis.Word))),
        _ => node,
    };
}
