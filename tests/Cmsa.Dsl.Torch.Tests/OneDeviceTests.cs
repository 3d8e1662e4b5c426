using Cmsa.Models.Catalogues;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch.Tests;

/// <summary>
/// What a GPU would find out, without one: on libtorch's meta device, which has shapes and no numbers, a kernel that
/// mixes devices is refused, and so is one that reads a number back to the host.
/// </summary>
public class OneDeviceTests
{
    static OneDeviceTests()
    {
        Kernels.RegisterAll(OrStandIn);
    }

    public static TheoryData<string, Precision, bool, OptimizationLevel> Cases
    {
        get
        {
            var cases = new TheoryData<string, Precision, bool, OptimizationLevel>();
            foreach (var entry in Catalogue.All)
                foreach (var training in new[] { false, true })
                {
                    cases.Add(entry.Name, Precision.BFloat16, training, OptimizationLevel.All);
                    if (entry.Name.EndsWith("Small", StringComparison.Ordinal))
                        cases.Add(entry.Name, Precision.Float32, training, OptimizationLevel.AsWritten);
                }
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases)), Trait("Speed", "Slow")]
    public void A_model_stays_on_its_device(string name, Precision precision, bool training, OptimizationLevel effort)
    {
        using var scope = NewDisposeScope();
        var entry = Catalogue.Find(name).Match(Right: e => e, Left: e => throw new InvalidOperationException($"{e}"));
        var graph = entry
            .Layer.At(entry.Inputs)
            .Match(Succ: g => g, Fail: e => throw new InvalidOperationException($"{e}"));
        var optimised = Rewriting.GraphOptimizer.Optimize(graph, effort, training, Processor.Gpu);
        using var module = new Compiled(optimised, new("meta", precision, training));
        Tensor[] arguments = [.. optimised.Inputs.Map(input => Argument(input, module.Options.Real))];
        var whole = module.RunAll(arguments);
        Assert.All(whole.Values, value => Assert.Equal(DeviceType.META, value.device_type));
        if (training)
            BackTo(module, whole);
        else if (arguments.Length > 1)
        {
            using var bound = module.Bind(arguments[0]);
            Assert.All(bound.RunAll(arguments[1..]).Values, value => Assert.Equal(DeviceType.META, value.device_type));
        }
    }

    private static void BackTo(Compiled module, Output whole)
    {
        whole.Values.Map(v => v.to(ScalarType.Float32).sum()).Reduce((a, b) => a + b).backward();
        Assert.All(
            module.parameters().Where(p => p.grad is not null),
            p => Assert.Equal(DeviceType.META, p.grad!.device_type)
        );
        Assert.Contains(module.parameters(), p => p.grad is not null);
    }

    private static Tensor Argument(Input input, ScalarType real)
    {
        long[] sizes = [2, .. input.Of.Dimensions.Tail.Map(d => (long)d.Size)];
        var type = input.Element switch
        {
            ElementType.Integer => ScalarType.Int64,
            ElementType.Boolean => ScalarType.Bool,
            _ => real,
        };
        return zeros(sizes, type, device("meta"));
    }

    private static Func<Node, Kernels.DeviceContext, Kernel> OrStandIn(
        Func<Node, Kernels.DeviceContext, Kernel> usual
    ) =>
        (node, on) =>
            on.Device.type == DeviceType.META && HasNoShapes(node.Operation)
                ? (x, _) => StandIn(node, x, on.Real)
                : usual(node, on);

    // Operations that libtorch cannot do on the meta device, forward or backward. A recurrence reads which words there
    // are: what it computes depends on it.
    private static bool HasNoShapes(Operation operation) =>
        operation
            is Convolve
                or ConvolveTransposed
                or NormaliseBatch
                or LookUp
                or PoolBins
                or PoolBlocks
                or FusedAttention
                or Recur
                or Apply { Function: Function.Relu or Function.InverseRoot };

    // The shape that is expected, of all operands, which must be on one device; a number alone may come from another.
    private static Tensor StandIn(Node node, ReadOnlySpan<Tensor> operands, ScalarType real)
    {
        var all = operands.ToArray();
        var batch = node
            .Operands.Zip(
                all.ToMany(),
                (o, t) => o.Shape.Has(Axis.Batch) ? t.shape[o.Shape.Axes.IndexOf(Axis.Batch)] : 1
            )
            .Fold(1L, Math.Max);
        var sizes = node.Shape.Dimensions.Map(d => d.Axis == Axis.Batch ? batch : d.Size);
        return all.Select(t => t.to(real).sum().reshape(1)).Aggregate((a, b) => a + b).expand([.. sizes]).clone();
    }
}
