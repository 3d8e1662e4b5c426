using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Onnx.Tests.Conformance;

/// <summary>Operators over maps.</summary>
internal static partial class Meaning
{
    /// <summary>A tensor with rows and columns: one axis of places is a row.</summary>
    private static Option<Tensor> Map(Tensor tensor) =>
        tensor.Dimensions switch
        {
            4 => Some(tensor),
            3 => Some(tensor.unsqueeze(2)),
            _ => Option<Tensor>.None,
        };

    private static Option<Tensor> Some(Tensor tensor) => Option<Tensor>.Some(tensor);

    private static Either<string, Answer> OfMap(OnnxCase c, Func<Node, Node> say) => OfMap(c, (_, x) => say(x));

    private static Either<string, Answer> OfMap(OnnxCase c, Func<Statement, Node, Node> say)
    {
        if (!IsReal(c.Inputs[0]))
            return Left("numbers that are not real");
        if (Map(c.Input(0)).Case is not Tensor map)
            return Left("maps of three axes");
        var isRow = c.Input(0).Dimensions == 3;
        return Right(() =>
        {
            var s = new Statement();
            var result = s.Run(say(s, s.Batch(map, Axis.Channel, Axis.Row, Axis.Column)));
            return [isRow ? result.squeeze(2) : result];
        });
    }

    /// <summary>How a window slides.</summary>
    private sealed record Window(Extent2 Kernel, Extent2 Stride, Extent2 Dilation, int Top, int Left, int Bottom, int Right)
    {
        private bool IsAlike => Top == Bottom && Left == Right;

        /// <summary>Whether no cell is added.</summary>
        public bool IsBare => (Top, Left, Bottom, Right) == (0, 0, 0, 0);

        /// <summary>A padding that the operation itself adds, where it is as much on both sides.</summary>
        public Option<Extent2> Own(bool halfAtMost) =>
            IsAlike && (!halfAtMost || (2 * Top <= Kernel.Rows && 2 * Left <= Kernel.Columns))
                ? new Extent2(Top, Left)
                : Option<Extent2>.None;

        /// <summary>A map with a number around it.</summary>
        public Node Around(Node x, double number) =>
            IsBare ? x : new Node(new Pad(Top, Bottom, Left, Right, number), x);

        public static Window Of(OnnxCase c, Extent2 kernel)
        {
            var (stride, dilation) = (Sides(c, "strides"), Sides(c, "dilations"));
            var sizes = c.Input(0).shape.Skip(2).ToArray();
            var (high, wide) = sizes.Length == 1 ? (1, (int)sizes[0]) : ((int)sizes[0], (int)sizes[1]);
            var pads = c.Ints("pads");
            var ((top, bottom), (left, right)) = c.Text("auto_pad", "NOTSET") switch
            {
                "VALID" => ((0, 0), (0, 0)),
                "NOTSET" => pads.Count switch
                {
                    4 => ((pads[0], pads[2]), (pads[1], pads[3])),
                    2 => ((0, 0), (pads[0], pads[1])),
                    _ => ((0, 0), (0, 0)),
                },
                var same => (
                    Same(high, stride.Rows, dilation.Rows * (kernel.Rows - 1) + 1, same == "SAME_UPPER"),
                    Same(wide, stride.Columns, dilation.Columns * (kernel.Columns - 1) + 1, same == "SAME_UPPER")
                ),
            };
            return new(kernel, stride, dilation, top, left, bottom, right);
        }

        private static (int Before, int After) Same(int size, int stride, int reach, bool isUpper)
        {
            var all = Math.Max(0, ((size + stride - 1) / stride - 1) * stride + reach - size);
            return isUpper ? (all / 2, all - all / 2) : (all - all / 2, all / 2);
        }
    }

    private static Extent2 Sides(OnnxCase c, string name) =>
        c.Ints(name) switch
        {
            [var rows, var columns] => (rows, columns),
            [var columns] => (1, columns),
            _ => 1,
        };

    private static Either<string, Answer> Convolved(OnnxCase c) =>
        Map(c.Input(1)).Case is not Tensor weight
            ? Left("maps of three axes")
            : OfMap(
                c,
                (s, x) =>
                {
                    var window = Window.Of(c, new Extent2((int)weight.shape[2], (int)weight.shape[3]));
                    var (map, padding) = window
                        .Own(halfAtMost: false)
                        .Map(own => (x, own))
                        .IfNone(() => (window.Around(x, 0), new Extent2(0, 0)));
                    var convolve = new Convolve(window.Stride, padding, window.Dilation, (int)c.Long("group", 1));
                    Many<Node> bias = c.Maybe(2).Map(b => s.Owned(b, Axis.Channel)).ToMany();
                    return new Node(convolve, [map, OfKernel(s, weight), .. bias]);
                }
            );

    private static Node OfKernel(Statement s, Tensor weight) =>
        s.Owned(weight, Axis.Out, Axis.In, Axis.KernelRow, Axis.KernelColumn);

    private static Either<string, Answer> Transposed(OnnxCase c)
    {
        if (Map(c.Input(1)).Case is not Tensor weight)
            return Left("maps of three axes");
        if (c.Long("group", 1) != 1 || c.Ints("dilations").Exists(d => d != 1))
            return Left("transposed convolutions that are dilated or of groups");
        var isRow = c.Input(0).Dimensions == 3;
        var stride = Sides(c, "strides");
        return OfMap(
            c,
            (s, x) =>
            {
                // The whole result, cut before and cut or filled after.
                var whole = new Node(new ConvolveTransposed(stride, 0), x, OfKernel(s, weight));
                var (rows, columns) = isRow
                    ? ((0, 0), Cut(0, whole.Shape[Axis.Column]))
                    : (Cut(0, whole.Shape[Axis.Row]), Cut(1, whole.Shape[Axis.Column]));
                var cut = Along(Along(whole, Axis.Row, rows), Axis.Column, columns);
                return c.Maybe(2).Map(b => cut + s.Owned(b, Axis.Channel)).IfNone(cut);
            }
        );

        // Cells cut before and after; fewer than none are filled.
        (int Before, int After) Cut(int axis, int length)
        {
            var (count, pads) = (isRow ? 1 : 2, c.Ints("pads"));
            var more = c.Ints("output_padding") is { IsEmpty: false } filled ? filled[axis] : 0;
            var step = axis == 0 && !isRow ? stride.Rows : stride.Columns;
            var size = (int)c.Input(0).shape[axis + 2];
            var wanted =
                c.Ints("output_shape") is { IsEmpty: false } shape ? shape[shape.Count - count + axis]
                : c.Text("auto_pad", "NOTSET").StartsWith("SAME", StringComparison.Ordinal) ? size * step
                : -1;
            if (wanted < 0)
                return pads.IsEmpty ? (0, -more) : (pads[axis], pads[axis + count] - more);
            var all = Math.Max(0, length + more - wanted);
            var before = c.Text("auto_pad", "NOTSET") == "SAME_UPPER" ? all / 2 : all - all / 2;
            return (before, length - wanted - before);
        }

        static Node Along(Node x, Axis axis, (int Before, int After) cut)
        {
            var length = x.Shape[axis] - cut.Before - Math.Max(0, cut.After);
            var inside = x.Slice(axis, cut.Before, length);
            var fill = Math.Max(0, -cut.After);
            return fill == 0 ? inside
                : axis == Axis.Row ? new Node(new Pad(0, fill, 0, 0), inside)
                : new Node(new Pad(0, 0, 0, fill), inside);
        }
    }

    private static Either<string, Answer> Pooled(OnnxCase c, Reduction reduction)
    {
        if (c.Outputs.Count > 1)
            return Left("the places of the greatest");
        var window = Window.Of(c, Sides(c, "kernel_shape"));
        var up = c.Long("ceil_mode", 0) != 0;
        var own = window.Own(halfAtMost: true);
        if (reduction == Reduction.Mean && window.Dilation != 1)
            return Left("means of dilated windows");
        PoolWindows Bare(bool ceiling) =>
            new(reduction, window.Kernel, window.Stride, 0, ceiling, window.Dilation);
        var countsPadding = c.Long("count_include_pad", 0) != 0 || window.IsBare;
        if (own.Case is Extent2 padding && (reduction == Reduction.Max || countsPadding))
            return OfMap(c, x => new Node(Bare(up) with { Padding = padding }, x));
        if (up)
            return Left("rounding up beside padding of one side");
        if (reduction == Reduction.Max)
            return OfMap(c, x => new Node(Bare(false), window.Around(x, double.NegativeInfinity)));
        return OfMap(
            c,
            x =>
            {
                var mean = new Node(Bare(false), window.Around(x, 0));
                if (countsPadding)
                    return mean;
                var ones = new Node(new Repeat(x.Shape.Only(Axis.Channel, Axis.Row, Axis.Column)), Node.Constant(1));
                return mean * new Node(Bare(false), window.Around(ones, 0)).Map(Function.Reciprocal);
            }
        );
    }

    private static Either<string, Answer> Resized(OnnxCase c)
    {
        if (c.Text("mode", "nearest") != "linear" || c.Input(0).Dimensions != 4)
            return Left($"resampling by {c.Text("mode", "nearest")}");
        var x = c.Input(0);
        var exact = c.Maybe(2).Map(t => t.data<double>().ToArray()).Map(scales =>
            (Rows: x.shape[2] * scales[2], Columns: x.shape[3] * scales[3])
        );
        var sizes = c.Maybe(3).Map(Numbers).Map(n => (Rows: (double)n[2], Columns: (double)n[3]));
        var (rows, columns) = (exact || sizes).IfNone((0, 0));
        var mode = c.Text("coordinate_transformation_mode", "half_pixel");
        if (mode is "half_pixel" or "align_corners" && (rows != Math.Floor(rows) || columns != Math.Floor(columns)))
            return Left("a scale that is not the ratio of the sizes");
        if (mode == "pytorch_half_pixel" && (rows < 2 || columns < 2))
            return Left("a single cell that stands for the first");
        Option<Alignment> alignment = mode switch
        {
            "half_pixel" or "pytorch_half_pixel" => Alignment.HalfPixel,
            "align_corners" => Alignment.AlignCorners,
            "asymmetric" => Alignment.Asymmetric,
            _ => Option<Alignment>.None,
        };
        return alignment.Case is Alignment found
            ? OfMap(c, map => new Node(new Interpolate((int)rows, (int)columns, found), map))
            : Left($"coordinates by {mode}");
    }
}
