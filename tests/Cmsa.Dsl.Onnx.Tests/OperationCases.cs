using LanguageExt;

namespace Cmsa.Dsl.Onnx.Tests;

/// <summary>Every operation as a graph of one node, at ordinary sizes and with every axis of length 1.</summary>
internal static class OperationCases
{
    private static readonly Axis head = Axis.Head,
        word = Axis.Word,
        channel = Axis.Channel,
        row = Axis.Row,
        column = Axis.Column;

    /// <summary>The cases by name.</summary>
    public static IReadOnlyDictionary<string, Node> All { get; } =
        new[] { false, true }
            .SelectMany(flat =>
                new Sizes(flat).Cases().Select(c => (Name: flat ? $"{c.Name}, length 1" : c.Name, c.Node))
            )
            .ToDictionary(c => c.Name, c => c.Node);

    private sealed record Sizes(bool Flat)
    {
        private Dimension Of(Axis axis) =>
            new(
                axis,
                Flat
                    ? 1
                    : (axis.IsPrimed ? axis.Prime.Name : axis.Name) switch
                    {
                        "head" => 2,
                        "word" => 5,
                        "channel" => 4,
                        "row" => 6,
                        "column" => 3,
                        "out" => 7,
                        "in" => 4,
                        _ => 3,
                    }
            );

        private Shape Shape(params Many<Axis> axes) => new(axes.Map(Of));

        private Node Given(string name, params Many<Axis> axes) =>
            new(new Input(name, Shape(axes).With(Axis.Batch, 1)));

        private Node Mask(string name, params Many<Axis> axes) =>
            new(new Input(name, Shape(axes).With(Axis.Batch, 1), ElementType.Boolean));

        private static Node Owned(string path, params Many<Dimension> dimensions) =>
            new(new Parameter(path, new Shape(dimensions), new Initializer.Normal(1), Role.Weight));

        private static Node Weight(int outputs, int inputs) =>
            Owned("weight", new(Axis.Out, outputs), new(Axis.In, inputs));

        private static Node Bias(int channels) => Owned("bias", new Dimension(channel, channels));

        private static Node Kernel(int outputs, int inputs, int rows, int columns) =>
            Owned(
                "weight",
                new(Axis.Out, outputs),
                new(Axis.In, inputs),
                new(Axis.KernelRow, rows),
                new(Axis.KernelColumn, columns)
            );

        private static Node Node(Operation operation, params Many<Node> operands) => new(operation, operands);

        private static Node Owned(string path, Shape shape) => Owned(path, shape.Dimensions);

        public IEnumerable<(string Name, Node Node)> Cases()
        {
            Many<IEnumerable<(string, Node)>> groups =
            [
                Leaves(),
                Elements(),
                Arrangement(),
                Products(),
                Reductions(),
                Distributions(),
                Factored(),
                Attention(),
                Spatial(),
                Words(),
            ];
            return groups.SelectMany(g => g);
        }

        private IEnumerable<(string, Node)> Leaves()
        {
            var map = Given("x", channel, row, column);
            yield return ("constant", Node(new Multiply(), map, Cmsa.Dsl.Graphs.Node.Constant(2.5)));
            yield return (
                "coordinates",
                Node(new Concat(channel), map, Node(new Coordinates(Of(row).Size, Of(column).Size)))
            );
            yield return (
                "coordinates alone",
                Node(new Add(), Given("y", row), Node(new Coordinates(Of(row).Size, Of(column).Size)))
            );
            yield return (
                "not equal",
                Node(
                    new Softmax([row.Prime, column.Prime]),
                    Given("x", row, row.Prime, column, column.Prime),
                    Node(new NotEqual(Shape(row, column)))
                )
            );
            yield return (
                "always",
                Node(new Reduce(Reduction.Mean, [word]), Given("x", word, channel), Node(new Always(word)))
            );
            yield return ("a parameter alone", Owned("alone", Shape(channel, row)));
        }

        private IEnumerable<(string, Node)> Elements()
        {
            var x = Given("x", word, channel);
            foreach (var function in Enum.GetValues<Function>())
            {
                var positive = function is Function.Log or Function.InverseRoot or Function.Reciprocal or Function.Sqrt;
                yield return ($"{function}", (positive ? x.Map(Function.Square) + 0.1 : x).Map(function));
            }
            foreach (var combination in Enum.GetValues<Combination>())
                yield return (
                    $"combine, {combination}",
                    Node(new Combine(combination), x.Map(Function.Square) + 0.1, Given("y", channel, row))
                );
            yield return ("float32 and back", Node(new Cast(false), Node(new Cast(true), x) * 2) + 1);
            var step = new LoopStep(
                Graph.Of("step", (Given("state", word, channel) * Owned("scale")).Map(Function.Tanh))
            );
            yield return ("loop, own numbers", Node(new Loop(3, step, false), x, Owned("a"), Owned("b"), Owned("c")));
            yield return ("loop, one number", Node(new Loop(3, step, true), x, Owned("a")));
            yield return ("inverse root of nothing", (x * 0).Map(Function.InverseRoot) * (x * 0) + 1);
            yield return (
                "add, an axis repeated",
                Node(new Add(), Given("x", channel, column), Given("y", word, column))
            );
            yield return (
                "add, one without a batch",
                Node(new Add(), Owned("w", Shape(channel, row)), Given("y", row, column))
            );
            yield return ("multiply", Node(new Multiply(), Given("x", head, channel), Given("y", row)));
            foreach (var connective in Enum.GetValues<Connective>())
                yield return (
                    $"{connective}",
                    Node(
                        new Reduce(Reduction.Sum, [row]),
                        Given("x", row, column),
                        Node(new Logic(connective), Mask("a", row), Mask("b", row, column))
                    )
                );
            yield return ("drop", Node(new Drop(0.5), x));
        }

        private IEnumerable<(string, Node)> Arrangement()
        {
            var x = Given("x", word, channel, row);
            yield return (
                "concat",
                Node(new Concat(channel), x, Given("y", channel, row, column), Owned("w", Shape(row)))
            );
            yield return ("concat along the outermost axis", Node(new Concat(word), x, Given("y", channel)));
            yield return ("slice", Node(new Slice(channel, Flat ? 0 : 1, Flat ? 1 : 2), x));
            yield return ("reverse", Node(new Reverse(channel), x));
            yield return ("rename", Node(new Rename([(word, word.Prime)]), x));
            yield return ("rename, two exchanged", Node(new Rename([(channel, row), (row, channel)]), x));
            yield return ("split", Node(new Split(channel, head, Flat ? 1 : 2), x));
            yield return ("merge", Node(new Merge(head, channel), Given("x", head, word, channel)));
            yield return ("widen", Node(new Widen(channel), Given("x", word, row)));
            yield return ("repeat", Node(new Repeat(Shape(column, head)), x));
            yield return (
                "repeat along the batch",
                Node(new Repeat(Shape(head).With(Axis.Batch, 1)), Owned("w", Shape(channel))) + Given("y", channel)
            );
        }

        private IEnumerable<(string, Node)> Products()
        {
            var (inputs, outputs) = (Of(channel).Size, Of(Axis.Out).Size);
            yield return (
                "linear, channels innermost",
                Node(new Linear(), Given("x", word, channel), Weight(outputs, inputs), Bias(outputs))
            );
            yield return (
                "linear, channels before others",
                Node(new Linear(), Given("x", word, channel, row, column), Weight(outputs, inputs), Bias(outputs))
            );
            yield return (
                "linear, channels alone",
                Node(new Linear(), Owned("v", Shape(channel)), Weight(outputs, inputs)) + Given("y")
            );
            yield return ("linear of a sentence", Node(new Linear(), Given("x", channel), Weight(outputs, inputs)));
            yield return (
                "contract",
                Node(new Contract([channel]), Given("x", channel, row), Given("y", word, channel))
            );
            yield return (
                "contract two axes",
                Node(new Contract([row, column]), Given("x", channel, row, column), Given("y", word, row, column))
            );
            yield return (
                "contract, far side",
                Node(new Contract([row.Prime]), Given("x", channel, row, row.Prime), Given("y", channel, row.Prime))
            );
            yield return (
                "contract, one without a batch",
                Node(new Contract([channel]), Owned("w", Shape(channel, word)), Given("y", channel, row))
            );
            yield return (
                "contract what one alone has",
                Node(new Contract([channel, column]), Given("x", channel, row), Given("y", word, column, channel))
            );
            yield return (
                "contract what one repeats",
                Node(new Contract([channel]), Given("x", channel, row), Owned("w", new Dimension(channel, 1), Of(word)))
            );
            yield return ("contract nothing", Node(new Contract([]), Given("x", channel, row), Given("y", row, word)));
            yield return (
                "contract to a number",
                Node(new Contract([channel]), Given("x", channel), Given("y", channel))
            );
        }

        private IEnumerable<(string, Node)> Reductions()
        {
            foreach (var reduction in Enum.GetValues<Reduction>())
            {
                var x = Given("x", word, channel, row);
                yield return ($"{reduction}", x.Reduce(reduction, [channel]));
                yield return ($"{reduction} of all", x.Reduce(reduction, [word, channel, row]));
                yield return ($"{reduction}, no axis", x.Reduce(reduction, []));
                yield return ($"{reduction}, masked", x.Reduce(reduction, [row], Mask("mask", row)));
                yield return (
                    $"{reduction}, masked over two axes",
                    x.Reduce(reduction, [row, channel], Mask("mask", row))
                );
                yield return (
                    $"{reduction}, the mask has an axis more",
                    x.Reduce(reduction, [row], Mask("mask", row, column))
                );
                yield return ($"{reduction}, masked along no axis", x.Reduce(reduction, [], Mask("mask", row)));
                yield return ($"{reduction} over words", x.Reduce(reduction, [word], Mask("present", word)));
            }
        }

        private IEnumerable<(string, Node)> Distributions()
        {
            var x = Given("x", word, channel, row, column);
            yield return ("softmax, innermost", x.Softmax([column]));
            yield return ("softmax, not innermost", x.Softmax([channel]));
            yield return ("softmax, two together", x.Softmax([row, column]));
            yield return ("softmax, two apart", x.Softmax([word, row]));
            yield return ("softmax, masked", x.Softmax([row], Mask("mask", row)));
            yield return (
                "softmax, the mask has an axis more",
                Given("x", word, row).Softmax([row], Mask("mask", row, column))
            );
            yield return ("log-sum-exp", x.LogSumExp([channel, column]));
            yield return ("log-sum-exp, no axis", x.LogSumExp([]));
            yield return ("log-sum-exp, masked", x.LogSumExp([row], Mask("mask", row)).Map(Function.Exp));
        }

        private IEnumerable<(string, Node)> Factored()
        {
            Node x = Given("x", row, row.Prime),
                y = Given("y", word, row.Prime);
            Many<Axis> far = [row.Prime];
            // So far apart that factors underflow: computed one after the other.
            Node apart = x * 400,
                other = y * 400;
            yield return ("factored log-sum-exp", Node(new FactoredLogSumExp(far, false), x, y));
            yield return ("factored log-sum-exp, far apart", Node(new FactoredLogSumExp(far, false), apart, other));
            yield return (
                "factored log-sum-exp, two axes",
                Node(
                    new FactoredLogSumExp([row.Prime, column.Prime], false),
                    Given("x", row, column, row.Prime, column.Prime),
                    Given("y", word, row.Prime, column.Prime)
                )
            );
            yield return (
                "factored log-sum-exp, masked",
                Node(new FactoredLogSumExp(far, true), x, y, Mask("mask", row.Prime)).Map(Function.Exp)
            );
            yield return (
                "factored log-sum-exp, masked for each row",
                Node(new FactoredLogSumExp(far, true), x, y, Node(new NotEqual(Shape(row)))).Map(Function.Exp)
            );
            yield return ("average softmax", Node(new AverageSoftmax(far, [word], false, false, false), x, y));
            yield return (
                "average softmax, far apart",
                Node(new AverageSoftmax(far, [word], false, false, false), apart, other)
            );
            yield return (
                "average softmax, y without a batch",
                Node(new AverageSoftmax(far, [word], false, false, false), x, Owned("y", Shape(word, row.Prime)))
            );
            yield return (
                "average softmax, counted",
                Node(new AverageSoftmax(far, [word], false, true, false), x, y, Mask("present", word))
            );
            yield return (
                "average softmax, masked",
                Node(new AverageSoftmax(far, [word], false, false, true), x, y, Mask("mask", row.Prime))
            );
            yield return (
                "average softmax, masked for each row",
                Node(new AverageSoftmax(far, [word], false, false, true), x, y, Node(new NotEqual(Shape(row))))
            );
            yield return (
                "average softmax, with everything",
                Node(
                    new AverageSoftmax(far, [word], true, true, true),
                    x,
                    y,
                    Given("g", word, row),
                    Mask("present", word),
                    Mask("mask", row.Prime)
                )
            );
            yield return (
                "average softmax, with everything, far apart",
                Node(
                    new AverageSoftmax(far, [word], true, true, true),
                    apart,
                    other,
                    Given("g", word, row),
                    Mask("present", word),
                    Mask("mask", row.Prime)
                )
            );
        }

        private IEnumerable<(string, Node)> Attention()
        {
            Many<Axis> far = [row.Prime, column.Prime];
            Node values = Given("v", channel, row.Prime, column.Prime),
                keys = Given("k", channel, row.Prime, column.Prime);
            var queries = Given("q", channel, row, column);
            yield return ("fused attention", Node(new FusedAttention(far), values, keys, queries));
            yield return (
                "fused attention, masked far side",
                Node(new FusedAttention(far), values, keys, queries, Mask("mask", row.Prime))
            );
            yield return (
                "fused attention, masked on both sides",
                Node(new FusedAttention(far), values, keys, queries, Node(new NotEqual(Shape(row, column))))
            );
            yield return (
                "fused attention of heads",
                Node(
                    new FusedAttention([row.Prime]),
                    Given("v", head, channel, row.Prime),
                    Given("k", head, channel, row.Prime),
                    Given("q", head, channel, row)
                )
            );
        }

        private IEnumerable<(string, Node)> Spatial()
        {
            var (c, o) = (Of(channel).Size, Of(Axis.Out).Size);
            Node x = Given("x", channel, row, column),
                words = Given("x", word, channel, row, column);
            yield return ("convolve", Node(new Convolve(1, 1, 1, 1), x, Kernel(o, c, 3, 3), Bias(o)));
            yield return ("convolve, stride and dilation", Node(new Convolve(2, 2, 2, 1), x, Kernel(o, c, 3, 3)));
            if (!Flat)
            {
                yield return (
                    "convolve, rectangular",
                    Node(new Convolve((2, 1), (1, 3), (1, 2), 1), x, Kernel(o, c, 2, 3), Bias(o))
                );
                yield return (
                    "convolve transposed, rectangular",
                    Node(new ConvolveTransposed((1, 3), (0, 1)), x, Kernel(c, o, 1, 4))
                );
                foreach (var up in (Many<bool>)[false, true])
                {
                    foreach (var reduction in (Many<Reduction>)[Reduction.Max, Reduction.Mean])
                        yield return (
                            $"{reduction} of rectangular windows{(up ? ", up" : "")}",
                            Node(new PoolWindows(reduction, (1, 3), (2, 1), (0, 1), up), x)
                        );
                    yield return (
                        $"Max of dilated windows{(up ? ", up" : "")}",
                        Node(new PoolWindows(Reduction.Max, (2, 2), (2, 1), (0, 1), up, (1, 2)), x)
                    );
                }
            }
            yield return ("convolve, words", Node(new Convolve(1, 1, 1, 1), words, Kernel(o, c, 3, 1)));
            yield return (
                "convolve, no batch",
                Node(new Convolve(1, 0, 1, 1), Owned("w", Shape(channel, row, column)), Kernel(o, c, 1, 1))
                    + Given("y", row)
            );
            yield return (
                "convolve, channels innermost",
                Node(new Convolve(1, 1, 1, 1), x, Node(new ChannelsInnermost(), Kernel(o, c, 3, 3)))
            );
            yield return ("convolve, groups", Node(new Convolve(1, 1, 1, c), x, Kernel(2 * c, 1, 3, 3)));
            yield return ("convolve transposed", Node(new ConvolveTransposed(2, 1), x, Kernel(c, o, 4, 4)));
            yield return ("convolve transposed, words", Node(new ConvolveTransposed(2, 0), words, Kernel(c, o, 2, 2)));
            yield return (
                "tiled convolve",
                Node(new TiledConvolve(1, 1), x, Node(new TransformKernel(), Kernel(o, c, 3, 3)), Bias(o))
            );
            yield return (
                "tiled convolve, dilated",
                Node(new TiledConvolve(2, 2), x, Node(new TransformKernel(), Kernel(o, c, 3, 3)))
            );
            foreach (var reduction in (Many<Reduction>)[Reduction.Max, Reduction.Mean])
            {
                foreach (var ceiling in (Many<bool>)[false, true])
                    foreach (
                        var (kernel, stride, padding) in (Many<(int, int, int)>)
                            [(3, 2, 1), (2, 2, 0), (3, 3, 1), (2, 3, 1), (2, 1, 1)]
                    )
                        if (!Flat || kernel <= 1 + 2 * padding)
                            yield return (
                                $"{reduction} of windows {kernel}, {stride}, {padding}{(ceiling ? ", up" : "")}",
                                Node(new PoolWindows(reduction, kernel, stride, padding, ceiling), x)
                            );
                foreach (var (rows, columns) in (Many<(int, int)>)[(1, 1), (2, 3), (4, 2), (7, 5)])
                    yield return (
                        $"{reduction} of {rows}x{columns} bins",
                        Node(new PoolBins(reduction, rows, columns), x)
                    );
            }
            yield return ("windows of words", Node(new PoolWindows(Reduction.Max, 3, 1, 1, false), words));
            yield return ("pad", Node(new Pad(1, 2, 0, 3), x));
            yield return ("pad, words", Node(new Pad(0, 1, 2, 0), words));
            yield return ("interpolate, larger", Node(new Interpolate(15, 7), x));
            yield return ("interpolate, smaller", Node(new Interpolate(2, 2), x));
            yield return ("interpolate, words", Node(new Interpolate(9, 3), words));
            foreach (var alignment in new[] { Alignment.AlignCorners, Alignment.Asymmetric })
            {
                yield return ($"interpolate, larger, {alignment}", Node(new Interpolate(15, 7, alignment), x));
                yield return ($"interpolate, smaller, {alignment}", Node(new Interpolate(2, 1, alignment), x));
                yield return ($"interpolate, words, {alignment}", Node(new Interpolate(9, 3, alignment), words));
            }
            yield return (
                "pad by nothing for a maximum",
                Node(new PoolWindows(Reduction.Max, 2, 1, 0, false), Node(new Pad(0, 1, 1, 0, double.NegativeInfinity), x))
            );
            yield return ("pad by a number", Node(new Pad(1, 0, 0, 2, 0.5), x));
            yield return ("interpolate, the same", Node(new Interpolate(Of(row).Size, Of(column).Size), x));
            yield return ("normalise batch", Normalised(x, c));
            yield return ("normalise batch, words", Normalised(words, c));
        }

        private static Node Normalised(Node x, int channels)
        {
            Node Of(string name) => Owned(name, new Dimension(channel, channels));
            return Node(
                new NormaliseBatch(1e-5, 0.1, true),
                x,
                Of("weight"),
                Of("bias"),
                Of("running_mean"),
                Of("running_var")
            );
        }

        private IEnumerable<(string, Node)> Words()
        {
            var tokens = new Node(new Input("tokens", Shape(word).With(Axis.Batch, 1), ElementType.Integer));
            var table = new Node(
                new Parameter(
                    "table",
                    new Shape(new Dimension(Axis.In, 9), Of(channel)),
                    new Initializer.Normal(1),
                    Role.Embedding
                )
            );
            var present = Mask("present", word);
            // No word of some samples is in both.
            var few = present.And(Mask("also", word));
            Node Gates(string name, params Many<Axis> axes) =>
                new(new Input(name, Shape(axes).With(channel, 8).With(Axis.Batch, 1)));
            var state = Owned("state", new Dimension(Axis.Out, 8), new(Axis.In, 2));

            yield return (
                "is word",
                Given("x", word, channel).Reduce(Reduction.Sum, [word], Node(new IsWord(), tokens))
            );
            yield return ("look up", Node(new LookUp(), tokens, table));
            yield return ("last one", Node(new LastOne(), Given("x", word, channel)));
            foreach (var last in (Many<bool>)[false, true])
            {
                var ending = last ? ", last" : "";
                yield return ($"recur{ending}", Node(new Recur(2, last), Gates("g", word), present, state));
                yield return ($"recur, few words{ending}", Node(new Recur(2, last), Gates("g", word), few, state));
                yield return (
                    $"recur, places{ending}",
                    Node(
                        new Recur(2, last),
                        Gates("g", word, row, column),
                        present,
                        state,
                        Gates("h", row, column),
                        Gates("w", word)
                    )
                );
                var one = new Node(new Input("g", new Shape(new(Axis.Batch, 1), new(word, 1), new(channel, 8))));
                yield return ($"recur, always{ending}", Node(new Recur(2, last), one, Node(new Always(word)), state));
                yield return (
                    $"recur, terms of some places{ending}",
                    Node(new Recur(2, last), Gates("g", word, row), few, state, Gates("b", column))
                );
            }
            foreach (var cell in (Many<RecurrentCell>)[RecurrentCell.LstmWithPeepholes, RecurrentCell.Gru, RecurrentCell.GruResetFirst])
                foreach (var last in (Many<bool>)[false, true])
                {
                    var recur = new Recur(2, last, cell);
                    Many<Node> vector = recur.HasVector ? [Owned("vector", new Dimension(channel, 6))] : [];
                    Node Told(string name, params Many<Axis> axes) =>
                        new(new Input(name, Shape(axes).With(channel, 2 * recur.Gates).With(Axis.Batch, 1)));
                    var weight = Owned("state", new Dimension(Axis.Out, 2 * recur.Gates), new(Axis.In, 2));
                    var ending = last ? ", last" : "";
                    yield return ($"{cell}{ending}", new Node(recur, [Told("g", word), present, weight, .. vector]));
                    yield return (
                        $"{cell}, places{ending}",
                        new Node(
                            recur,
                            [Told("g", word, row, column), few, weight, .. vector, Told("h", row, column), Told("w", word)]
                        )
                    );
                }
            yield return ("pool blocks", Node(new PoolBlocks(), Given("x", word, channel, row, column)));
            yield return (
                "pool blocks, masked",
                Node(new PoolBlocks(), Given("x", word, channel, row, column), present)
            );
            yield return (
                "pool blocks, few words",
                Node(new PoolBlocks(), Given("x", word, channel, row, column), few)
            );
            var blocks = Flat ? 1 : 3;
            var pooled = new Node(
                new Input("x", new Shape(new Dimension(Axis.Batch, 1), new(word, blocks), new(channel, 2)))
            );
            yield return ("pool presence", pooled.Reduce(Reduction.Sum, [word], Node(new PoolPresence(), present)));
            yield return (
                "pool presence, few words",
                pooled.Reduce(Reduction.Sum, [word], Node(new PoolPresence(), few))
            );
        }
    }
}
