using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Onnx.Tests.Conformance;

/// <summary>What our kernels answer to a case: its outputs, in the operator's order.</summary>
internal delegate Many<Tensor> Answer();

/// <summary>Operators of ONNX said in the operations of the language.</summary>
internal static partial class Meaning
{
    private static readonly Dictionary<string, Func<OnnxCase, Either<string, Answer>>> known = new()
    {
        ["Abs"] = Each(x => x[0].Map(Function.Abs)),
        ["Neg"] = Each(x => -x[0]),
        ["Relu"] = Each(x => Relu(x[0])),
        ["Sigmoid"] = Each(x => x[0].Map(Function.Sigmoid)),
        ["Tanh"] = Each(x => x[0].Map(Function.Tanh)),
        ["Exp"] = Each(x => Exp(x[0])),
        ["Log"] = Each(x => x[0].Map(Function.Log)),
        ["Reciprocal"] = Each(x => Over(x[0])),
        ["Sqrt"] = Each(x => x[0].Map(Function.Sqrt)),
        ["Erf"] = Each(x => x[0].Map(Function.Erf)),
        ["Add"] = Each(x => x[0] + x[1]),
        ["Sub"] = Each(x => x[0] - x[1]),
        ["Mul"] = Each(x => x[0] * x[1]),
        ["Div"] = Each(x => x[0] * Over(x[1])),
        ["Sum"] = Each(x => x.Tail.Fold(x.Head, (a, b) => a + b)),
        ["Mean"] = Each(x => x.Tail.Fold(x.Head, (a, b) => a + b) * (1.0 / x.Count)),
        ["Max"] = Each(x => x.Tail.Fold(x.Head, (a, b) => a + Relu(b - a))),
        ["Min"] = Each(x => x.Tail.Fold(x.Head, (a, b) => a - Relu(a - b))),
        ["PRelu"] = Each(x => Relu(x[0]) - x[1] * Relu(-x[0])),
        ["Softplus"] = Each(x => (1 + Exp(x[0])).Map(Function.Log)),
        ["Softsign"] = Each(x => x[0] * Over(1 + x[0].Map(Function.Abs))),
        ["HardSwish"] = Each(x => x[0] * Clamped(x[0] * (1.0 / 6) + 0.5)),
        ["LeakyRelu"] = Each((c, x) => Relu(x[0]) - c.Real("alpha", 0.01) * Relu(-x[0])),
        ["HardSigmoid"] = Each((c, x) => Clamped(c.Real("alpha", 0.2) * x[0] + c.Real("beta", 0.5))),
        ["Elu"] = Each((c, x) => Relu(x[0]) + c.Real("alpha", 1) * (Exp(-Relu(-x[0])) - 1)),
        ["Celu"] = Each((c, x) => Celu(x[0], c.Real("alpha", 1))),
        ["Selu"] = Each(
            (c, x) =>
                c.Real("gamma", 1.0507009873554805)
                * (Relu(x[0]) + c.Real("alpha", 1.6732632423543772) * (Exp(-Relu(-x[0])) - 1))
        ),
        ["Clip"] = Clip,
        ["And"] = Joined(Connective.And),
        ["Or"] = Joined(Connective.Or),
        ["Dropout"] = Dropped,
        ["Softmax"] = c => Along(c, (x, axes) => x.Softmax(axes)),
        ["LogSoftmax"] = c => Along(c, (x, axes) => x - x.LogSumExp(axes)),
        ["ReduceSum"] = Reduced((x, axes) => x.Reduce(Reduction.Sum, axes)),
        ["ReduceMean"] = Reduced((x, axes) => x.Reduce(Reduction.Mean, axes)),
        ["ReduceMax"] = Reduced((x, axes) => x.Reduce(Reduction.Max, axes)),
        ["ReduceMin"] = Reduced((x, axes) => -(-x).Reduce(Reduction.Max, axes)),
        ["ReduceL1"] = Reduced((x, axes) => x.Map(Function.Abs).Reduce(Reduction.Sum, axes)),
        ["ReduceL2"] = Reduced((x, axes) => x.Map(Function.Square).Reduce(Reduction.Sum, axes).Map(Function.Sqrt)),
        ["ReduceSumSquare"] = Reduced((x, axes) => x.Map(Function.Square).Reduce(Reduction.Sum, axes)),
        ["ReduceLogSum"] = Reduced((x, axes) => x.Reduce(Reduction.Sum, axes).Map(Function.Log)),
        ["ReduceLogSumExp"] = Reduced((x, axes) => x.LogSumExp(axes)),
        ["LayerNormalization"] = LayerNormalised,
        ["InstanceNormalization"] = InstanceNormalised,
        ["BatchNormalization"] = BatchNormalised,
        ["MatMul"] = Product,
        ["Gemm"] = Gemm,
        ["Concat"] = Concat,
        ["Slice"] = Slice,
        ["Split"] = Split,
        ["Transpose"] = Transpose,
        ["Unsqueeze"] = Unsqueeze,
        ["Squeeze"] = Squeeze,
        ["Flatten"] = Flatten,
        ["Expand"] = Expand,
        ["Gather"] = Gather,
        ["Pad"] = Padded,
        ["Conv"] = Convolved,
        ["ConvTranspose"] = Transposed,
        ["MaxPool"] = c => Pooled(c, Reduction.Max),
        ["AveragePool"] = c => Pooled(c, Reduction.Mean),
        ["GlobalMaxPool"] = c => OfMap(c, x => new Node(new PoolBins(Reduction.Max, 1, 1), x)),
        ["GlobalAveragePool"] = c => OfMap(c, x => new Node(new PoolBins(Reduction.Mean, 1, 1), x)),
        ["Resize"] = Resized,
        ["DepthToSpace"] = DepthToSpace,
        ["SpaceToDepth"] = SpaceToDepth,
        ["LSTM"] = Lstm,
        ["GRU"] = Gru,
    };

    /// <summary>How a case is said in the language; why not where it is not.</summary>
    public static Either<string, Answer> Of(OnnxCase c) =>
        !known.TryGetValue(c.Operator.OpType, out var say) ? $"no operator {c.Operator.OpType}"
        : c.Inputs.Exists(i => i.Exists(t => t.numel() == 0)) ? "no elements"
        : say(c);

    private static Node Relu(Node x) => x.Map(Function.Relu);

    private static Node Exp(Node x) => x.Map(Function.Exp);

    private static Node Over(Node x) => x.Map(Function.Reciprocal);

    private static Node Clamped(Node x) => Relu(x) - Relu(x - 1);

    private static Node Celu(Node x, double alpha) => Relu(x) + alpha * (Exp((1 / alpha) * -Relu(-x)) - 1);

    private static bool IsReal(Option<Tensor> tensor) => tensor.Exists(t => t.dtype == ScalarType.Float64);

    private static Either<string, Answer> Right(Func<Many<Tensor>> answer) => new Answer(answer);

    private static Either<string, Answer> Left(string why) => why;

    // The answer of one sample, as the case has it.
    private static Either<string, Answer> Sampled(Func<Statement, Node> say) =>
        Right(() =>
        {
            var statement = new Statement();
            return [statement.Run(say(statement)).squeeze(0)];
        });

    private static Func<OnnxCase, Either<string, Answer>> Each(Func<Many<Node>, Node> say) => Each((_, x) => say(x));

    private static Func<OnnxCase, Either<string, Answer>> Each(Func<OnnxCase, Many<Node>, Node> say) =>
        c =>
        {
            if (!c.Inputs.ForAll(IsReal))
                return Left("numbers that are not real");
            if (c.Opset < 7 && c.Inputs.Map(i => i.Map(t => t.Dimensions)).Distinct().Count > 1)
                return Left("broadcasting as before opset 7");
            var rank = c.Inputs.Map(i => i.Map(t => (int)t.Dimensions).IfNone(0)).Max();
            return Sampled(s => say(c, Many.Range(c.Inputs.Count).Map(i => s.Sample(c.Input(i), rank))));
        };

    private static Either<string, Answer> Clip(OnnxCase c)
    {
        if (!c.Inputs.Filter(i => i.IsSome).ForAll(IsReal))
            return Left("numbers that are not real");
        Option<double> Bound(string name, int input) =>
            c.Has(name) ? c.Real(name, 0) : c.Maybe(input).Map(t => t.item<double>());
        return Sampled(s =>
        {
            var x = s.Sample(c.Input(0), (int)c.Input(0).Dimensions);
            var above = Bound("min", 1).Map(least => least + Relu(x - least)).IfNone(x);
            return Bound("max", 2).Map(most => most - Relu(most - above)).IfNone(above);
        });
    }

    private static Func<OnnxCase, Either<string, Answer>> Joined(Connective connective) =>
        c =>
        {
            var rank = (int)Math.Max(c.Input(0).Dimensions, c.Input(1).Dimensions);
            return Sampled(s => new Node(new Logic(connective), s.Sample(c.Input(0), rank), s.Sample(c.Input(1), rank)));
        };

    private static Either<string, Answer> Dropped(OnnxCase c) =>
        c.Outputs.Count > 1 || c.Maybe(2).Exists(t => t.item<bool>())
            ? Left("a mask of what is dropped")
            : Sampled(s => new Node(new Drop(0.5, false), s.Sample(c.Input(0), (int)c.Input(0).Dimensions)));

    private static int At(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);

    // Before opset 13 all axes from one on are one.
    private static Either<string, Answer> Along(OnnxCase c, Func<Node, Many<Axis>, Node> say)
    {
        var rank = (int)c.Input(0).Dimensions;
        var axes = Statement.Axes(rank);
        var axis = At(c.Long("axis", c.Opset < 13 ? 1 : -1), rank);
        return Sampled(s =>
            say(s.Sample(c.Input(0), rank), c.Opset < 13 ? axes.Skip(axis).ToMany() : [axes[axis]])
        );
    }

    private static Func<OnnxCase, Either<string, Answer>> Reduced(Func<Node, Many<Axis>, Node> say) =>
        c =>
        {
            if (!IsReal(c.Inputs[0]))
                return Left("numbers that are not real");
            var rank = (int)c.Input(0).Dimensions;
            Many<int> chosen = c.Maybe(1)
                .Map(t => t.data<long>().ToArray().Select(i => At(i, rank)).ToMany())
                .IfNone(c.Ints("axes").Map(i => At(i, rank)));
            if (chosen.IsEmpty && c.Long("noop_with_empty_axes", 0) != 0)
                return Left("no axes");
            var axes = Statement.Axes(rank);
            var over = chosen.IsEmpty ? axes : chosen.Map(i => axes[i]);
            var sizes = c.Input(0).shape.Select((size, i) => over.Contains(axes[i]) ? 1 : size).ToArray();
            var kept = c.Long("keepdims", 1) != 0;
            return Right(() =>
            {
                var statement = new Statement();
                var result = statement.Run(say(statement.Sample(c.Input(0), rank), over)).squeeze(0);
                return [kept ? result.reshape(sizes) : result];
            });
        };

    private static Either<string, Answer> LayerNormalised(OnnxCase c)
    {
        var rank = (int)c.Input(0).Dimensions;
        Many<Axis> axes = Statement.Axes(rank).Skip(At(c.Long("axis", -1), rank)).ToMany();
        var epsilon = c.Real("epsilon", 1e-5);
        long[] sizes = [.. c.Input(0).shape.Take(rank - axes.Count), .. axes.Map(_ => 1L)];
        Node Mean(Statement s) => s.Sample(c.Input(0), rank).Reduce(Reduction.Mean, axes);
        Node InverseDeviation(Node x, Node mean) =>
            ((x - mean).Map(Function.Square).Reduce(Reduction.Mean, axes) + epsilon).Map(Function.InverseRoot);
        return Right(() =>
        {
            var (whole, means, deviations) = (new Statement(), new Statement(), new Statement());
            var x = whole.Sample(c.Input(0), rank);
            var mean = x.Reduce(Reduction.Mean, axes);
            var scaled = (x - mean) * InverseDeviation(x, mean) * whole.Sample(c.Input(1), rank);
            var given = deviations.Sample(c.Input(0), rank);
            return
            [
                whole.Run(scaled + whole.Sample(c.Input(2), rank)).squeeze(0),
                means.Run(Mean(means)).reshape(sizes),
                deviations.Run(InverseDeviation(given, given.Reduce(Reduction.Mean, axes))).reshape(sizes),
            ];
        });
    }

    private static Either<string, Answer> InstanceNormalised(OnnxCase c)
    {
        var rank = (int)c.Input(0).Dimensions;
        Many<Axis> axes = Statement.Axes(rank).Skip(2).ToMany();
        return Sampled(s =>
        {
            Node OfChannel(int i) => s.Sample(c.Input(i), Statement.Axes(rank)[1]);
            var x = s.Sample(c.Input(0), rank);
            var apart = x - x.Reduce(Reduction.Mean, axes);
            var variance = apart.Map(Function.Square).Reduce(Reduction.Mean, axes);
            var inverse = (variance + c.Real("epsilon", 1e-5)).Map(Function.InverseRoot);
            return apart * inverse * OfChannel(1) + OfChannel(2);
        });
    }

    private static Either<string, Answer> BatchNormalised(OnnxCase c)
    {
        if (c.Long("training_mode", 0) != 0 || c.Outputs.Count > 1)
            return Left("running statistics as results");
        var x = c.Input(0);
        // Places are all alike to it.
        var map = x.reshape(x.shape[0], x.shape[1], 1, -1);
        return Right(() =>
        {
            var s = new Statement();
            Node Of(int i) => s.Owned(c.Input(i), Axis.Channel);
            var norm = new NormaliseBatch(c.Real("epsilon", 1e-5), 0.1, true);
            var node = new Node(norm, s.Batch(map, Axis.Channel, Axis.Row, Axis.Column), Of(1), Of(2), Of(3), Of(4));
            return [s.Run(node).reshape(x.shape)];
        });
    }

    private static readonly Axis left = new("k0"),
        middle = new("k1"),
        right = new("k2");

    private static Either<string, Answer> Product(OnnxCase c)
    {
        var (x, y) = (c.Input(0), c.Input(1));
        if (x.Dimensions < 2 || y.Dimensions < 2 || !IsReal(x) || !IsReal(y))
            return Left("products of vectors");
        var outer = Statement.Axes((int)Math.Max(x.Dimensions, y.Dimensions) - 2);
        Many<Axis> Of(Tensor tensor) => outer.Skip(outer.Count - ((int)tensor.Dimensions - 2)).ToMany();
        return Sampled(s =>
            s.Sample(x, [.. Of(x), left, middle]).Contract(s.Sample(y, [.. Of(y), middle, right]), [middle])
        );
    }

    private static Either<string, Answer> Gemm(OnnxCase c)
    {
        Tensor Turned(int i, string name) => c.Long(name, 0) != 0 ? c.Input(i).t().contiguous() : c.Input(i);
        return Sampled(s =>
        {
            var x = s.Sample(Turned(0, "transA"), left, middle);
            var product = c.Real("alpha", 1) * x.Contract(s.Sample(Turned(1, "transB"), middle, right), [middle]);
            Many<Axis> both = [left, right];
            return c.Maybe(2)
                .Map(bias => product + c.Real("beta", 1) * s.Sample(bias, both.Skip(2 - (int)bias.Dimensions).ToMany()))
                .IfNone(product);
        });
    }
}
