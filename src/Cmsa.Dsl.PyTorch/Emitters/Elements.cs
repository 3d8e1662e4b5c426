using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.PyTorch;

internal static partial class Emitters
{
    private static void RegisterElements()
    {
        Register<Apply>((apply, node, on) => ApplyOf(apply.Function, on[node.Operands[0]]));
        Register<Add>((_, node, on) => AddOf(node, on));
        Register<Multiply>((_, node, on) => Binary("*", node, on));
        Register<Combine>((combine, node, on) => CombineOf(combine.Combination, node, on));
        // A file has one precision, that of its module.
        Register<Cast>((_, node, on) => on[node.Operands[0]]);
        Register<Logic>(
            (logic, node, on) =>
                Binary(
                    logic.Connective switch
                    {
                        Connective.And => "&",
                        Connective.Or => "|",
                        _ => "==",
                    },
                    node,
                    on
                )
        );
        Register<Drop>(
            (drop, node, on) =>
            {
                var (x, probability) = (on[node.Operands[0]], Python.Number(drop.Probability));
                if (!drop.OfSample)
                    return $"F.dropout({x}, {probability}, self.training)";
                var axes = node.Shape.Axes.Map(a => a == Axis.Batch ? ":" : ":1");
                var first = axes.IsEmpty ? x : $"{x}[{string.Join(", ", axes)}]";
                return $"{x} * F.dropout(torch.ones_like({first}), {probability}, self.training)";
            }
        );
    }

    private static string ApplyOf(Function function, string x) =>
        function switch
        {
            Function.Negate => $"-{x}",
            Function.Relu => $"F.relu({x})",
            Function.Sigmoid => $"torch.sigmoid({x})",
            Function.Tanh => $"torch.tanh({x})",
            Function.Exp => $"torch.exp({x})",
            Function.Log => $"torch.log({x})",
            Function.Reciprocal => $"1 / {x}",
            Function.InverseRoot => $"{x}.clamp_min(1e-12).rsqrt()",
            Function.Square => $"{x} * {x}",
            Function.Sqrt => $"torch.sqrt({x})",
            Function.Abs => $"torch.abs({x})",
            Function.Erf => $"torch.erf({x})",
            _ => throw new NotSupportedException($"{function} has no Python."),
        };

    private static string CombineOf(Combination combination, Node node, Frame on)
    {
        var (left, right) = (node.Operands[0], node.Operands[1]);
        var (x, y) = (on.Beside(left, node.Shape), on.Beside(right, node.Shape));
        return combination switch
        {
            Combination.Max => $"torch.maximum({x}, {y})",
            Combination.Min => $"torch.minimum({x}, {y})",
            Combination.Power => $"torch.pow({x}, {y})",
            Combination.Greater => $"({x} > {y}).to({x}.dtype)",
            Combination.Less => $"({x} < {y}).to({x}.dtype)",
            _ => throw new NotSupportedException($"{combination} has no Python."),
        };
    }

    private static string AddOf(Node node, Frame on)
    {
        if (Views.Subtracted(node.Operands) is not { } at || !on.Seen.IsAbsorbed(node.Operands[at]))
            return Binary("+", node, on);
        var (from, negated) = (node.Operands[1 - at], node.Operands[at].Operands[0]);
        return $"{Operand(from, negated, node.Shape, on)} - {Operand(negated, from, node.Shape, on)}";
    }

    private static string Binary(string sign, Node node, Frame on)
    {
        var (left, right) = (node.Operands[0], node.Operands[1]);
        return $"{Operand(left, right, node.Shape, on)} {sign} {Operand(right, left, node.Shape, on)}";
    }

    private static string Operand(Node node, Node other, Shape whole, Frame on) =>
        Layout.Beside(on.NumberOr(node, other), node.Shape, whole);
}
