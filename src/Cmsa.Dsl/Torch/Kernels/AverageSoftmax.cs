using Cmsa.Dsl.Programs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static long fallBacks;

    /// <summary>How often the factored softmax met logits so far apart that its factors could underflow, and took the stable way, since the program started.</summary>
    public static long FallBacks => Interlocked.Read(ref fallBacks);

    /// <summary>
    /// With E = e^(x - max x) and D = e^(y - max y), the sum over j of E_ij D_nj is one matrix product Z, and the mean over n another one: E (D' W / Z). Where x and y peak
    /// at different j, Z is small; below the limit the distributions are computed one by one.
    /// </summary>
    private static Kernel AverageSoftmaxOf(AverageSoftmax average, Value value)
    {
        var (first, second) = (value.Operands[0].Shape, value.Operands[1].Shape);
        Many<Axis> axes = average.Axes, averaged = average.Averaged;
        var shared = first.Axes.Filter(a => !axes.Contains(a) && second.Has(a));
        var asking = first.Axes.Filter(a => !axes.Contains(a) && !second.Has(a));
        var onlySecond = second.Axes.Filter(a => !axes.Contains(a) && !averaged.Contains(a) && !first.Has(a));
        var outer = (shared + onlySecond).Order().ToMany();
        var (arrangeX, arrangeY) = (Arrange(first.Axes, outer + asking + axes), Arrange(second.Axes, outer + averaged + axes));
        var arrangeCounted = average.Counted ? Arrange(value.Operands[2].Shape.Axes, outer + averaged) : null;
        var arrangeMask = average.Masked ? Arrange(value.Operands[average.Counted ? 3 : 2].Shape.Axes, outer + axes) : null;
        var back = Arrange(outer + asking + axes, value.Shape.Axes);

        return (operands, _) =>
        {
            Tensor x = arrangeX(operands[0]), y = arrangeY(operands[1]);
            var type = x.dtype;
            if (type == ScalarType.BFloat16) (x, y) = (x.to(ScalarType.Float32), y.to(ScalarType.Float32));
            var outerSizes = y.shape[..outer.Count];
            var result = (long[])[.. outerSizes, .. x.shape[outer.Count..]];
            var rows = Flat(x.expand(result), outer.Count, asking.Count);
            var columns = Flat(y, outer.Count, averaged.Count);

            Tensor weights;
            if (arrangeCounted is not null)
            {
                var counted = arrangeCounted(operands[2]).expand([.. outerSizes, .. y.shape[outer.Count..(outer.Count + averaged.Count)]]).reshape(rows.shape[0], 1, columns.shape[1]).to(rows.dtype);
                weights = counted.div(counted.sum(-1, keepdim: true).clamp_min(1));
            }
            else weights = torch.full([1, 1, columns.shape[1]], 1.0 / columns.shape[1], rows.dtype, rows.device);

            if (arrangeMask is not null)
            {
                var absent = arrangeMask(operands[average.Counted ? 3 : 2]).expand([.. outerSizes, .. x.shape[(outer.Count + asking.Count)..]]).reshape(rows.shape[0], 1, -1).logical_not();
                (rows, columns) = (rows.masked_fill(absent, float.NegativeInfinity), columns.masked_fill(absent, float.NegativeInfinity));
            }
            return back(Mean(rows, columns, weights).reshape(result)).to(type);
        };

        static Tensor Flat(Tensor x, int outer, int rest) =>
            x.reshape(x.shape[..outer].Aggregate(1L, (a, b) => a * b), x.shape[outer..(outer + rest)].Aggregate(1L, (a, b) => a * b), -1);
    }

    private static Tensor Mean(Tensor rows, Tensor columns, Tensor weights)
    {
        var limit = rows.dtype == ScalarType.Float64 ? 1e-100 : 1e-12;
        var e = rows.sub(Peak(rows)).exp_();
        var d = columns.sub(Peak(columns)).exp_();
        var z = e.matmul(d.transpose(1, 2));
        using (var least = z.detach().min())
            if (least.to(ScalarType.Float64).item<double>() >= limit)
                return e.mul(weights.div(z).matmul(d));

        Interlocked.Increment(ref fallBacks);
        Tensor? mean = null;
        for (var n = 0; n < columns.shape[1]; n++)
        {
            var one = rows.add(columns.narrow(1, n, 1)).softmax(-1).mul(weights.narrow(2, n, 1));
            mean = mean is null ? one : mean.add(one);
        }
        return mean!;
    }

    /// <summary>The greatest of each row, as a number that takes no part in gradients; 0 for a row of nothing.</summary>
    private static Tensor Peak(Tensor x) => x.detach().amax([-1], keepdim: true).clamp_min(float.MinValue);
}
