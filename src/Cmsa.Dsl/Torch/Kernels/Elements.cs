using Cmsa.Dsl.Programs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private const double SmallestSquare = 1e-12;

    private static void RegisterElements()
    {
        Register<Apply>((apply, _, _) => apply.Function switch
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
            _ => throw new NotSupportedException($"No kernel for {apply.Function}."),
        });
        Register<Add>((_, value, _) => Binary(value, (a, b) => a.add(b, Scalars.One)));
        Register<Multiply>((_, value, _) => Binary(value, (a, b) => a.mul(b)));
        Register<Logic>((logic, value, _) => logic.Connective switch
        {
            Connective.And => Binary(value, (a, b) => a.logical_and(b)),
            Connective.Or => Binary(value, (a, b) => a.logical_or(b)),
            _ => Binary(value, (a, b) => a.eq(b)),
        });
    }

    private static Kernel OverItself(Function function) => function switch
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
        _ => throw new NotSupportedException($"No kernel for {function}."),
    };

    private static Kernel Binary(Value value, Func<Tensor, Tensor, Tensor> combine)
    {
        var (left, right) = (Align(value.Operands[0].Shape, value.Shape), Align(value.Operands[1].Shape, value.Shape));
        return (x, _) => combine(left(x[0]), right(x[1]));
    }
}
