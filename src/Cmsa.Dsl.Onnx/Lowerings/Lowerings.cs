using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>
/// The lowering of each operation. Inputs and parameters are not among them: they are given, not computed.
/// </summary>
internal static class Lowerings
{
    private static readonly Dictionary<Type, Lowering> known = [];

    static Lowerings()
    {
        Register<Constant>(Leaves.Constant);
        Register<Coordinates>(Leaves.Coordinates);
        Register<NotEqual>(Leaves.NotEqual);
        Register<Always>(Leaves.Always);

        Register<Apply>(Elementwise.Apply);
        Register<Add>((_, node, x, emit) => emit.Each("Add", x[0], x[1], node.Shape.Axes));
        Register<Multiply>((_, node, x, emit) => emit.Each("Mul", x[0], x[1], node.Shape.Axes));
        Register<Logic>(Elementwise.Logic);
        Register<Combine>(Elementwise.Combine);
        // A file has one precision; one of float16 is refused before.
        Register<Cast>((_, _, x, _) => x[0]);
        Register<Loop>(Loops.Loop);
        Register<Drop>((_, _, x, _) => x[0]);

        Register<Graphs.Concat>(Arrangement.Concat);
        Register<Slice>((slice, _, x, emit) => emit.Slice(x[0], slice.Axis, slice.Start, slice.Length));
        Register<Reverse>((reverse, _, x, emit) => emit.Reverse(x[0], reverse.Axis));
        Register<Rename>(Arrangement.Rename);
        Register<Split>(Arrangement.Split);
        Register<Merge>(Arrangement.Merge);
        Register<Widen>((_, node, x, emit) => emit.Arrange(x[0], node.Shape.Axes));
        Register<Repeat>(Arrangement.Repeat);
        Register<ChannelsInnermost>((_, _, x, _) => x[0]);

        Register<Linear>(Products.Linear);
        Register<Contract>(Products.Contract);

        Register<Graphs.Reduce>(Reductions.Reduce);
        Register<Softmax>(Distributions.Softmax);
        Register<LogSumExp>(Distributions.LogSumExp);
        Register<FactoredLogSumExp>(Factored.LogSumExp);
        Register<AverageSoftmax>(Factored.AverageSoftmax);
        Register<FusedAttention>(Attention.Fused);

        Register<Convolve>(Convolutions.Convolve);
        Register<ConvolveTransposed>(Convolutions.Transposed);
        Register<TiledConvolve>(Convolutions.Tiled);
        Register<TransformKernel>(Convolutions.TransformKernel);
        Register<PoolWindows>(Pools.Windows);
        Register<PoolBins>(Pools.Bins);
        Register<Pad>(Padding.Pad);
        Register<Interpolate>(Resampling.Interpolate);
        Register<NormaliseBatch>(Norms.NormaliseBatch);

        Register<IsWord>(Words.IsWord);
        Register<LookUp>(Words.LookUp);
        Register<LastOne>(Words.LastOne);
        Register<Recur>(Recurrences.Recur);
        Register<PoolBlocks>(WordPools.Blocks);
        Register<PoolPresence>(WordPools.Presence);
    }

    /// <summary>The operations that can be exported, beside inputs and parameters.</summary>
    public static IEnumerable<Type> Operations => known.Keys;

    /// <summary>How an operation is written, if it is known.</summary>
    public static Option<Lowering> Of(Operation operation) =>
        known.TryGetValue(operation.GetType(), out var lowering) ? lowering : Option<Lowering>.None;

    private delegate Writing.Value Typed<T>(T operation, Node node, Many<Writing.Value> x, Writing.Emitter emit);

    private static void Register<T>(Typed<T> lower)
        where T : Operation => known[typeof(T)] = (node, x, emit) => lower((T)node.Operation, node, x, emit);
}
