using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// Computes one value from its operands. It must not keep or dispose an operand, and gives a tensor that the caller
/// owns; what it makes on the way is freed for it.
/// </summary>
/// <param name="operands">The operands' tensors, in order.</param>
/// <param name="training">Whether the module is being trained.</param>
public delegate Tensor Kernel(ReadOnlySpan<Tensor> operands, bool training);

/// <summary>
/// The kernels of the TorchSharp target: how each operation is computed. A layer of your own that needs an operation of
/// its own registers its kernel here, once: <c>Kernels.Register&lt;MyOperation&gt;((value, on) =&gt; (x, training)
/// =&gt; ...)</c>.
/// </summary>
public static partial class Kernels
{
    private static readonly Dictionary<Type, Func<Node, DeviceContext, Kernel>> known = [];

    static Kernels()
    {
        RegisterLeaves();
        RegisterElements();
        RegisterCombinations();
        RegisterLoops();
        RegisterArrangement();
        RegisterAlgebra();
        RegisterSpatial();
        RegisterTiles();
        RegisterWords();
    }

    /// <summary>Where and in which precision a program runs.</summary>
    /// <param name="Device">The device.</param>
    /// <param name="Real">The type of its real numbers.</param>
    public sealed record DeviceContext(Device Device, ScalarType Real)
    {
        /// <summary>
        /// A tensor of the host on the device; from memory that cannot be paged out, so that nothing waits for the
        /// GPU.
        /// </summary>
        /// <param name="host">On the CPU; it stays the caller's, and is given back where the device is the CPU.</param>
        public Tensor Take(Tensor host)
        {
            if (Device.type != DeviceType.CUDA)
                return host.to(Device);
            using var pinned = host.pin_memory();
            return pinned.to(Device, non_blocking: true);
        }

        /// <summary>The type of a parameter's numbers.</summary>
        internal ScalarType Of(Parameter parameter) =>
            parameter.InFloat32 && Real is (ScalarType.BFloat16 or ScalarType.Float16) ? ScalarType.Float32 : Real;
    }

    /// <summary>Says how an operation is computed; the last registration counts.</summary>
    /// <param name="make">
    /// Given the value, its shapes and its place, the kernel: what depends on these alone is worked out once.
    /// </param>
    public static void Register<T>(Func<Node, DeviceContext, Kernel> make)
        where T : Operation => known[typeof(T)] = make;

    /// <summary>Says of every operation how it is computed, given how it was until now.</summary>
    internal static void RegisterAll(Func<Func<Node, DeviceContext, Kernel>, Func<Node, DeviceContext, Kernel>> change)
    {
        foreach (var (operation, make) in known.ToArray())
            known[operation] = change(make);
    }

    /// <summary>The kernel of a value.</summary>
    /// <exception cref="NotSupportedException">No kernel is registered for its operation.</exception>
    internal static Kernel Of(Node node, DeviceContext on) =>
        known.TryGetValue(node.Operation.GetType(), out var make)
            ? make(node, on)
            : throw new NotSupportedException(
                $"The TorchSharp target has no kernel for {node.Operation.GetType().Name}; register one with Kernels.Register."
            );

    /// <summary>
    /// A kernel that writes its result over one of its operands, which is of the result's shape and needed by nothing
    /// else.
    /// </summary>
    internal static Kernel Over(Node node, int operand)
    {
        if (node.Operation is Apply(var function))
            return OverItself(function);
        var other = node
            .Operands.Find(o => !ReferenceEquals(o, node.Operands[operand]))
            .Map(o => Align(o.Shape, node.Shape));
        return (node.Operation, other.Case) switch
        {
            (Add, Func<Tensor, Tensor> align) => (x, _) => x[operand].add_(align(x[1 - operand]), Scalars.One).alias(),
            (Multiply, Func<Tensor, Tensor> align) => (x, _) => x[operand].mul_(align(x[1 - operand])).alias(),
            _ => throw new NotSupportedException(
                $"The TorchSharp target cannot write {node.Operation} over an operand."
            ),
        };
    }

    private static void Register<T>(Func<T, Node, DeviceContext, Kernel> make)
        where T : Operation => Register<T>((node, on) => make((T)node.Operation, node, on));

    /// <summary>
    /// Tensors of one shape beside tensors of a shape with more axes: with axes of length 1, or where they are numbers
    /// as they are.
    /// </summary>
    private static Func<Tensor, Tensor> Align(Shape from, Shape to) =>
        from.Axes.IsEmpty ? x => x.alias() : Lay(from, to);

    /// <summary>Tensors of one shape as tensors of a shape with more axes, of length 1.</summary>
    private static Func<Tensor, Tensor> Lay(Shape from, Shape to)
    {
        var target = to.Axes.ToArray();
        var source = from.Axes.ToArray();
        if (source.SequenceEqual(target))
            return x => x.alias();
        var positions = target.Select(a => Array.IndexOf(source, a)).ToArray();
        return x => x.reshape([.. positions.Select(p => p < 0 ? 1 : x.shape[p])]);
    }

    /// <summary>Where an axis stands in a tensor of a shape.</summary>
    private static int At(Shape shape, Axis axis) => Array.IndexOf(shape.Axes.ToArray(), axis);

    /// <summary>Tensors of some axes in another order of them; axes that they lack become of length 1.</summary>
    private static Func<Tensor, Tensor> Arrange(IEnumerable<Axis> from, IEnumerable<Axis> to)
    {
        var (source, target) = (from.ToList(), to.ToList());
        var permutation = target.Where(source.Contains).Select(a => (long)source.IndexOf(a)).ToArray();
        var missing = target
            .Select((a, i) => (a, i))
            .Where(t => !source.Contains(t.a))
            .Select(t => (long)t.i)
            .ToArray();
        return x => missing.Aggregate(x.permute(permutation), (y, at) => y.unsqueeze(at));
    }
}
