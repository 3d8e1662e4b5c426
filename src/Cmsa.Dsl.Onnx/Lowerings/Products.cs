using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Linear maps and contractions, as products of matrices.</summary>
internal static class Products
{
    private static readonly Axis rows = new("rows"),
        columns = new("columns"),
        summed = new("summed");

    public static Value Linear(Linear linear, Node node, Many<Value> x, Emitter emit)
    {
        var at = x[0].At(Axis.Channel);
        var mapped =
            at > 0 && at == x[0].Rank - 1
                ? emit.MatMul(x[0], emit.Transposed(x[1]))
                : FromTheLeft(x[0], x[1], at, emit);
        var result = mapped with
        {
            Dimensions = x[0].Dimensions.Map(d => d.Axis == Axis.Channel ? d with { Size = x[1][Axis.Out] } : d),
        };
        return x.Count > 2 ? emit.Each("Add", result, x[2], node.Shape.Axes) : result;
    }

    /// <summary>Channels before other axes: the weight multiplies from the left and nothing is moved.</summary>
    private static Value FromTheLeft(Value x, Value weight, int at, Emitter emit)
    {
        var after = x.Axes.Skip(at + 1).ToMany();
        var product = emit.MatMul(weight, emit.Merge(x, after, columns, at + 1));
        Many<Dimension> dimensions =
        [
            .. x.Dimensions.Take(at),
            new(Axis.Channel, weight[Axis.Out]),
            .. x.Dimensions.Skip(at + 1),
        ];
        return emit.Reshape(product, dimensions);
    }

    public static Value Contract(Contract contract, Node node, Many<Value> x, Emitter emit)
    {
        var (left, right) = (Alone(x[0], x[1], contract.Over, emit), Alone(x[1], x[0], contract.Over, emit));
        var over = left.Axes.Filter(a => contract.Over.Contains(a) && right.Has(a));
        var order = node.Shape.Axes;
        if (over.IsEmpty)
            return emit.Each("Mul", left, right, order);

        var shared = order.Filter(a => left.Has(a) && right.Has(a));
        var own = order.Filter(a => !shared.Contains(a));
        // The factor whose own axes are outermost in the result goes to the left, so that the product need not be
        // moved.
        var (first, second) = own.IsEmpty || left.Has(own.Head) ? (left, right) : (right, left);
        var (ofFirst, ofSecond) = (own.Filter(first.Has), own.Filter(second.Has));
        var product = emit.MatMul(
            Matrix(first, shared, ofFirst, over, rows, summed, emit),
            Matrix(second, shared, over, ofSecond, summed, columns, emit)
        );

        var dimensions =
            Sizes.Broadcast(shared, left, right)
            + ofFirst.Map(a => new Dimension(a, first[a]))
            + ofSecond.Map(a => new Dimension(a, second[a]));
        return emit.Arrange(emit.Reshape(product, dimensions), order);
    }

    /// <summary>A factor summed over what the other lacks or repeats, and without what it repeats itself.</summary>
    private static Value Alone(Value x, Value other, Many<Axis> over, Emitter emit)
    {
        var unlike = x.Axes.Filter(a => over.Contains(a) && (!other.Has(a) || other[a] != x[a]));
        return emit.Reduce("ReduceSum", x, unlike);
    }

    /// <summary>
    /// A value as matrices: the outer axes, then those of the rows as one, then those of the columns as one.
    /// </summary>
    private static Value Matrix(
        Value x,
        Many<Axis> outer,
        Many<Axis> down,
        Many<Axis> across,
        Axis rows,
        Axis columns,
        Emitter emit
    )
    {
        // Where the columns are outermost, the matrix is transposed as a whole: the runtime multiplies by it as it is.
        var turned = outer + across + down == x.Axes && !across.IsEmpty && !down.IsEmpty;
        var (first, second) = turned ? (across, down) : (down, across);
        var arranged = emit.Arrange(x, outer + first + second);
        var merged = emit.Merge(arranged, first, turned ? columns : rows, outer.Count);
        var matrix = emit.Merge(merged, second, turned ? rows : columns, outer.Count + 1);
        return turned ? emit.Transposed(matrix) : matrix;
    }
}
