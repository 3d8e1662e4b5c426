using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private const double SmallestSquare = 1e-12;

    private static void RegisterElements()
    {
        Register<Apply>(
            (apply, _, _) =>
                apply.Function switch
                {
                    Function.Negate => (x, _) => x[0].neg(),
                    Function.Relu => (x, _) => x[0].relu(),
                    Function.Sigmoid => (x, _) => x[0].sigmoid(),
                    Function.Tanh => (x, _) => x[0].tanh(),
                    Function.Exp => (x, _) => x[0].exp(),
                    Function.Log => (x, _) => x[0].log(),
                    Function.Reciprocal => (x, _) => x[0].reciprocal(),
                    Function.InverseRoot => (x, _) => x[0].clamp_min(Scalars.Of(SmallestSquare)).rsqrt(),
                    Function.Square => (x, _) => x[0].mul(x[0]),
                    Function.Sqrt => (x, _) => x[0].sqrt(),
                    Function.Abs => (x, _) => x[0].abs(),
                    Function.Erf => (x, _) => x[0].erf(),
                    _ => throw new NotSupportedException($"No kernel for {apply.Function}."),
                }
        );
        Register<Add>(
            (_, node, _) =>
                node.Operands.ForAll(o => IsViewOfLeaf(o, []))
                    ? Binary(node, (a, b) => a.add(Apart(b), Scalars.One))
                    : Binary(node, (a, b) => a.add(b, Scalars.One))
        );
        Register<Multiply>((_, node, _) => Binary(node, (a, b) => a.mul(b)));
        Register<Logic>(
            (logic, node, _) =>
                logic.Connective switch
                {
                    Connective.And => Binary(node, (a, b) => a.logical_and(b)),
                    Connective.Or => Binary(node, (a, b) => a.logical_or(b)),
                    _ => Binary(node, (a, b) => a.eq(b)),
                }
        );
    }

    /// <summary>
    /// The same numbers with a gradient of their own. A sum hands one gradient to both of its operands; where both are
    /// views of leaves, PyTorch makes it the gradient of both leaves in the same memory, and what a second backward
    /// pass adds to one is added to the other too.
    /// </summary>
    private static Tensor Apart(Tensor x) => torch.is_grad_enabled() && x.requires_grad ? x.mul(Scalars.One) : x;

    /// <summary>
    /// Whether the gradient of a value may reach a parameter or an input without being computed anew.
    /// </summary>
    private static bool IsViewOfLeaf(Node node, System.Collections.Generic.HashSet<Node> seen) =>
        node.Operation switch
        {
            Parameter or Input => true,
            Add
            or Rename
            or Split
            or Merge
            or Repeat
            or Widen
            or Concat
            or Cast
            or Drop
            or Graphs.Reduce
            or ChannelsInnermost => seen.Add(node) && node.Operands.Exists(o => IsViewOfLeaf(o, seen)),
            _ => false,
        };

    private static Kernel OverItself(Function function) =>
        function switch
        {
            Function.Negate => (x, _) => x[0].neg_().alias(),
            Function.Relu => (x, _) => x[0].relu_().alias(),
            Function.Sigmoid => (x, _) => x[0].sigmoid_().alias(),
            Function.Tanh => (x, _) => x[0].tanh_().alias(),
            Function.Exp => (x, _) => x[0].exp_().alias(),
            Function.Log => (x, _) => x[0].log_().alias(),
            Function.Reciprocal => (x, _) => x[0].reciprocal_().alias(),
            Function.InverseRoot => (x, _) => x[0].clamp_min_(Scalars.Of(SmallestSquare)).rsqrt_().alias(),
            Function.Square => (x, _) => x[0].mul_(x[0]).alias(),
            Function.Sqrt => (x, _) => x[0].sqrt_().alias(),
            Function.Abs => (x, _) => x[0].abs_().alias(),
            Function.Erf => (x, _) => x[0].erf_().alias(),
            _ => throw new NotSupportedException($"No kernel for {function}."),
        };

    private static Kernel Binary(Node node, Func<Tensor, Tensor, Tensor> combine)
    {
        var (left, right) = (Align(node.Operands[0].Shape, node.Shape), Align(node.Operands[1].Shape, node.Shape));
        return (x, _) => combine(left(x[0]), right(x[1]));
    }
}
