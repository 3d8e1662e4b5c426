using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Onnx.Tests.Conformance;

/// <summary>Operators that move elements.</summary>
internal static partial class Meaning
{
    private static long[] Numbers(Tensor whole) => whole.data<long>().ToArray();

    private static Either<string, Answer> Concat(OnnxCase c)
    {
        var rank = (int)c.Input(0).Dimensions;
        var axis = Statement.Axes(rank)[At(c.Long("axis", 0), rank)];
        return Sampled(s => Node.Concat(axis, Many.Range(c.Inputs.Count).Map(i => s.Sample(c.Input(i), rank))));
    }

    private static Either<string, Answer> Slice(OnnxCase c)
    {
        var x = c.Input(0);
        var rank = (int)x.Dimensions;
        if (c.Inputs.Count < 3)
            return Left("bounds as attributes");
        var (starts, ends) = (Numbers(c.Input(1)), Numbers(c.Input(2)));
        var axes = c.Maybe(3).Map(Numbers).IfNone([.. Enumerable.Range(0, starts.Length).Select(i => (long)i)]);
        if (c.Maybe(4).Exists(steps => Numbers(steps).Any(n => n != 1)))
            return Left("steps other than 1");
        var cuts = axes.Select((axis, i) => (Axis: At(axis, rank), From: starts[i], To: ends[i]))
            .Select(cut => (cut.Axis, From: Inside(cut.From, cut.Axis), To: Inside(cut.To, cut.Axis)))
            .ToMany();
        if (cuts.Exists(cut => cut.To <= cut.From))
            return Left("no elements");
        return Sampled(s =>
            cuts.Fold(
                s.Sample(x, rank),
                (node, cut) => node.Slice(Statement.Axes(rank)[cut.Axis], cut.From, cut.To - cut.From)
            )
        );

        int Inside(long at, int axis) => (int)Math.Clamp(at < 0 ? at + x.shape[axis] : at, 0, x.shape[axis]);
    }

    private static Either<string, Answer> Split(OnnxCase c)
    {
        var x = c.Input(0);
        var rank = (int)x.Dimensions;
        var at = At(c.Long("axis", 0), rank);
        var equal = Enumerable.Repeat((int)(x.shape[at] / c.Outputs.Count), c.Outputs.Count).ToMany();
        var given = c.Maybe(1).Map(t => Numbers(t).Select(n => (int)n).ToMany()).IfNone(c.Ints("split"));
        var lengths = given.IsEmpty ? equal : given;
        if (lengths.Exists(n => n == 0) || lengths.Sum() != x.shape[at])
            return Left("parts without elements, or of unequal lengths");
        return Right(() =>
            Many.Range(lengths.Count)
                .Map(i =>
                {
                    var s = new Statement();
                    var part = s.Sample(x, rank).Slice(Statement.Axes(rank)[at], lengths.Take(i).Sum(), lengths[i]);
                    return s.Run(part).squeeze(0);
                })
        );
    }

    private static Axis Renamed(int i) => new($"e{i}");

    private static Either<string, Answer> Transpose(OnnxCase c)
    {
        var rank = (int)c.Input(0).Dimensions;
        var axes = Statement.Axes(rank);
        var order = c.Has("perm") ? c.Ints("perm") : Many.Range(rank).Map(i => rank - 1 - i);
        return Sampled(s => s.Sample(c.Input(0), rank).Rename(Many.Range(rank).Map(to => (axes[order[to]], Renamed(to)))));
    }

    private static Either<string, Answer> Unsqueeze(OnnxCase c)
    {
        var own = (int)c.Input(0).Dimensions;
        var added = c.Maybe(1).Map(Numbers).IfNone([.. c.Ints("axes").Map(i => (long)i)]);
        var rank = own + added.Length;
        var all = Statement.Axes(rank);
        var fresh = added.Select(i => all[At(i, rank)]).ToMany();
        Many<Axis> there = all.Filter(a => !fresh.Contains(a));
        return Sampled(s => fresh.Fold(s.Sample(c.Input(0), there), (node, axis) => new Node(new Widen(axis), node)));
    }

    private static Either<string, Answer> Squeeze(OnnxCase c)
    {
        var x = c.Input(0);
        var rank = (int)x.Dimensions;
        var named = c.Maybe(1).Map(Numbers).IfNone([.. c.Ints("axes").Map(i => (long)i)]);
        var gone = named.Select(n => Statement.Axes(rank)[At(n, rank)]).ToMany();
        return gone.IsEmpty ? Left("no axes") : Sampled(s => s.Sample(x, rank).Reduce(Reduction.Sum, gone));
    }

    private static Either<string, Answer> Flatten(OnnxCase c)
    {
        var rank = (int)c.Input(0).Dimensions;
        var at = At(c.Long("axis", 1), rank);
        return Sampled(s =>
        {
            var axes = Statement.Axes(rank);
            var node = Merged(Merged(s.Sample(c.Input(0), rank), axes.Take(at).ToMany()), axes.Skip(at).ToMany());
            return at == 0 ? new Node(new Widen(new Axis("c")), node)
                : at == rank ? new Node(new Widen(Renamed(0)), node)
                : node;
        });
    }

    private static Node Merged(Node node, Many<Axis> axes) =>
        axes.IsEmpty ? node : axes.Tail.Zip(axes, (inner, outer) => (inner, outer)).Fold(
            node,
            (merged, pair) => new Node(new Merge(pair.outer, pair.inner), merged)
        );

    private static Either<string, Answer> Expand(OnnxCase c)
    {
        var x = c.Input(0);
        var sizes = Numbers(c.Input(1));
        var rank = (int)Math.Max(x.Dimensions, sizes.Length);
        var axes = Statement.Axes(rank).Skip(rank - sizes.Length).ToMany();
        return Sampled(s =>
        {
            var node = s.Sample(x, rank);
            var longer = Many.Range(axes.Count)
                .Map(i => new Dimension(axes[i], (int)sizes[i]))
                .Filter(d => d.Size != 1 && (!node.Shape.Has(d.Axis) || node.Shape[d.Axis] == 1));
            return longer.IsEmpty ? node : new Node(new Repeat(new Shape(longer)), node);
        });
    }

    private static Either<string, Answer> Gather(OnnxCase c)
    {
        var (data, indices) = (c.Input(0), c.Input(1));
        if (c.Long("axis", 0) != 0 || !IsReal(c.Inputs[0]) || indices.Dimensions is 0 or > 2)
            return Left("choosing along an inner axis");
        if (Numbers(indices).Any(i => i < 0))
            return Left("counting from the end");
        var table = data.Dimensions == 1 ? data.unsqueeze(1) : data.flatten(1);
        return Right(() =>
        {
            var s = new Statement();
            var words = indices.Dimensions == 1 ? s.Sample(indices, Axis.Word) : s.Batch(indices, Axis.Word);
            var rows = s.Run(new Node(new LookUp(), words, s.Owned(table, Axis.In, Axis.Channel)));
            return [rows.reshape([.. indices.shape, .. data.shape.Skip(1)])];
        });
    }

    private static Either<string, Answer> Padded(OnnxCase c)
    {
        var x = c.Input(0);
        var rank = (int)x.Dimensions;
        var pads = c.Maybe(1).Map(t => Numbers(t).Select(n => (int)n).ToMany()).IfNone(c.Ints("pads"));
        if (c.Text("mode", "constant") != "constant")
            return Left("padding by what is there");
        if (rank != 4 || pads.Exists(n => n < 0) || pads[0] + pads[1] + pads[rank] + pads[rank + 1] != 0)
            return Left("padding of other axes than rows and columns");
        var number = c.Maybe(2).Map(t => t.item<double>()).IfNone(c.Real("value", 0));
        return OfMap(c, map => new Node(new Pad(pads[2], pads[6], pads[3], pads[7], number), map));
    }

    private static Either<string, Answer> DepthToSpace(OnnxCase c)
    {
        var block = (int)c.Long("blocksize", 1);
        var (p, q) = (new Axis("p", after: Axis.Batch), new Axis("q", after: Axis.Batch));
        var channels = new Axis("c", after: Axis.Batch);
        return OfMap(
            c,
            x =>
            {
                var isColumnFirst = c.Text("mode", "DCR") == "CRD";
                var depth = x.Shape[Axis.Channel] / (block * block);
                // CRD: channel, row in the block, column in the block; DCR: row, column, channel.
                var apart = isColumnFirst
                    ? x.Then(new Split(Axis.Channel, channels, depth))
                        .Then(new Split(Axis.Channel, p, block))
                        .Rename((Axis.Channel, q))
                        .Rename((channels, Axis.Channel))
                    : x.Then(new Split(Axis.Channel, p, block)).Then(new Split(Axis.Channel, q, block));
                return apart
                    .Then(new Merge(Axis.Row, p))
                    .Then(new Merge(Axis.Column, q))
                    .Rename((p, Axis.Row), (q, Axis.Column));
            }
        );
    }

    private static Either<string, Answer> SpaceToDepth(OnnxCase c)
    {
        var block = (int)c.Long("blocksize", 1);
        var (high, wide) = (new Axis("h", after: Axis.Batch), new Axis("w", after: Axis.Batch));
        return OfMap(
            c,
            x =>
                x.Then(new Split(Axis.Row, high, x.Shape[Axis.Row] / block))
                    .Then(new Split(Axis.Column, wide, x.Shape[Axis.Column] / block))
                    .Then(new Merge(Axis.Column, Axis.Channel))
                    .Then(new Merge(Axis.Row, Axis.Channel))
                    .Rename((high, Axis.Row), (wide, Axis.Column))
        );
    }

    private static Node Then(this Node x, Operation operation) => new(operation, x);
}
