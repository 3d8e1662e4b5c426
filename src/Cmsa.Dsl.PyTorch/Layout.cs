namespace Cmsa.Dsl.PyTorch;

/// <summary>
/// How tensors of some named axes are brought beside others, as Python that stands behind a tensor's name.
/// </summary>
internal static class Layout
{
    /// <summary>Where an axis stands in a tensor of a shape, or -1.</summary>
    public static int At(Shape shape, Axis axis) => shape.Axes.IndexOf(axis);

    /// <summary>
    /// A tensor beside tensors of a shape with more axes: by index, leading axes left to broadcasting. Numbers stay as
    /// they are.
    /// </summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="from">Its shape.</param>
    /// <param name="to">The shape that it stands beside; it has all its axes.</param>
    /// <param name="whole">
    /// Whether leading axes are written too, so that the tensor has as many axes as the others.
    /// </param>
    public static string Beside(string tensor, Shape from, Shape to, bool whole = false)
    {
        if (from.Axes.IsEmpty && !whole)
            return tensor;
        var places = to.Axes.Map(from.Has);
        var kept = whole ? places : places.SkipWhile(has => !has).ToMany();
        if (kept.ForAll(has => has))
            return tensor;
        var trailing = kept.Reverse().TakeWhile(has => !has).Count();
        var leading = kept.Take(kept.Count - trailing);
        // Past the last axis that a tensor has, dots say that all before stay.
        if (trailing > 0 && leading.ForAll(has => has))
            return $"{tensor}[..., {Nones(trailing)}]";
        var last = trailing > 0 ? kept.Count : kept.Count - kept.Reverse().TakeWhile(has => has).Count();
        return $"{tensor}[{string.Join(", ", kept.Take(last).Map(has => has ? ":" : "None"))}]";
    }

    /// <summary>A tensor with its axes in another order; axes that it lacks become of length 1.</summary>
    public static string Arranged(string tensor, Many<Axis> from, Many<Axis> to)
    {
        var order = to.Filter(a => from.Contains(a)).Map(from.IndexOf);
        var moved = order == Many.Range(order.Count) ? tensor : $"{tensor}.permute({string.Join(", ", order)})";
        var missing = to.Map(a => !from.Contains(a));
        if (!missing.Contains(true))
            return moved;
        var last = missing.Count - missing.Reverse().TakeWhile(lacks => !lacks).Count();
        return $"{moved}[{string.Join(", ", missing.Take(last).Map(lacks => lacks ? "None" : ":"))}]";
    }

    /// <summary>Whether putting axes in another order changes nothing.</summary>
    public static bool Stays(Many<Axis> from, Many<Axis> to) => from == to;

    /// <summary>A size in Python: that of the batch is known when the model runs.</summary>
    public static string Size(Dimension of) => of.Axis == Axis.Batch ? "-1" : $"{of.Size}";

    private static string Nones(int count) => string.Join(", ", Enumerable.Repeat("None", count));
}
