using Cmsa.Dsl.Layers;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Testing;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;
using Program = Cmsa.Dsl.Graphs.Graph;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// The laws of rewriting: every rule alone and all together keep what a program means, and never make it dearer.
/// </summary>
[Properties(Arbitrary = [typeof(RandomLayers)], MaxTest = 30, QuietOnSuccess = true)]
[Trait("Speed", "Slow")]
public class OptimizerTests
{
    private static readonly Many<Rule> rules = GraphOptimizer.Rules;

    private static Graph At(Layer layer, InputSpec inputs) =>
        layer.At(inputs).Match(p => p, e => throw new InvalidOperationException(string.Join("\n", e)));

    private static Tensor Run(Graph graph, int seed)
    {
        var module = new Compiled(graph, new(Precision: Precision.Float64, Seed: (ulong)seed));
        return module.WithDrawnWeights(seed).Run(module.DrawnArguments(3, seed));
    }

    private static double Distance(Graph a, Graph b, int seed) => Golden.Distance(Run(a, seed), Run(b, seed));

    private static Property AloneKeepsMeaning<A, B>(Example<A, B> e)
    {
        var written = At(e.Layer, e.Extent);
        var worst = rules
            .Map(rule => (Rule: rule, Program: GraphOptimizer.Rewrite(written, [rule]).Graph))
            .Filter(r => r.Program.Nodes.Count != written.Nodes.Count || r.Program.ToString() != written.ToString())
            .Map(r => (r.Rule, Error: Distance(written, r.Program, e.Seed)));
        return Prop.Label(
            worst.ForAll(w => w.Error < 1e-9),
            string.Join("; ", worst.Filter(w => !(w.Error < 1e-9)).Map(w => $"{w.Rule} differs by {w.Error:g3}"))
        );
    }

    [Property]
    public Property Each_rule_alone_keeps_maps(Example<FeatureMap, FeatureMap> e) => AloneKeepsMeaning(e);

    [Property]
    public Property Each_rule_alone_keeps_multimodals(Example<(FeatureMap, Words), FeatureMap> e) =>
        AloneKeepsMeaning(e);

    [Property]
    public Property Each_rule_alone_keeps_fusions(Example<Levels<FeatureMap>, FeatureMap> e) => AloneKeepsMeaning(e);

    private static Property IsIdempotentAndNeverDearer<A, B>(Example<A, B> e)
    {
        var written = At(e.Layer, e.Extent);
        var once = GraphOptimizer.Optimize(written, OptimizationLevel.All, training: false);
        var twice = GraphOptimizer.Optimize(once, OptimizationLevel.All, training: false);
        return (once.ToString() == twice.ToString())
            .Label("idempotent")
            .And((once.Work <= written.Work).Label("never dearer"))
            .And((once.Parameters == written.Parameters).Label("the same parameters"));
    }

    [Property]
    public Property Optimising_maps_ends(Example<FeatureMap, FeatureMap> e) => IsIdempotentAndNeverDearer(e);

    [Property]
    public Property Optimising_multimodals_ends(Example<(FeatureMap, Words), FeatureMap> e) =>
        IsIdempotentAndNeverDearer(e);

    [Property]
    public Property Optimising_fusions_ends(Example<Levels<FeatureMap>, FeatureMap> e) => IsIdempotentAndNeverDearer(e);

    // So small that the whole algebra does not pay: what is left of it must be found at once.
    [Theory, InlineData(1, 1, 1, 2), InlineData(1, 1, 1, 1), InlineData(2, 1, 2, 1), InlineData(2, 2, 3, 2)]
    public void Optimising_what_is_too_small_to_pay_ends(int rows, int columns, int words, int channels) =>
        IsIdempotentAndNeverDearer(
                new Example<(FeatureMap, Words), FeatureMap>(
                    Multimodal >> SelfAttention(4, AttentionScope.Pairs, heads: 2) >> WordMean,
                    InputSpec.FeatureMap(2, rows, columns) & InputSpec.Words(words, channels),
                    0
                )
            )
            .QuickCheckThrowOnFailure();

    /// <summary>A 3x3 convolution of a batch of maps, perhaps of words, with a bias.</summary>
    private sealed record Convolving(int Words, int From, int To, int Rows, int Columns, int Dilation, int Padding)
    {
        public static Arbitrary<Convolving> Any { get; } =
            (
                from words in Gen.Choose(0, 2)
                from channels in Gen.Choose(1, 4).Two()
                from size in Gen.Choose(1, 9).Two()
                from dilation in Gen.Choose(1, 3)
                from padding in Gen.Choose(0, dilation)
                let more = 2 * (dilation - padding)
                select new Convolving(
                    words,
                    channels.Item1,
                    channels.Item2,
                    size.Item1 + more,
                    size.Item2 + more,
                    dilation,
                    padding
                )
            ).ToArbitrary();

        public Node Value
        {
            get
            {
                Many<Dimension> word = Words == 0 ? [] : [new(Axis.Word, Words)];
                Node x = new(
                    new Input(
                        "x",
                        new([
                            new(Axis.Batch, 1),
                            .. word,
                            new(Axis.Channel, From),
                            new(Axis.Row, Rows),
                            new(Axis.Column, Columns),
                        ])
                    )
                );
                Node weight = new(
                    new Cmsa.Dsl.Graphs.Parameter(
                        "weight",
                        new(
                            new Dimension(Axis.Out, To),
                            new(Axis.In, From),
                            new(Axis.KernelRow, 3),
                            new(Axis.KernelColumn, 3)
                        ),
                        new Initializer.Xavier(),
                        Role.Weight
                    )
                );
                Node bias = new(
                    new Cmsa.Dsl.Graphs.Parameter(
                        "bias",
                        new(new Dimension(Axis.Channel, To)),
                        new Initializer.Fill(0),
                        Role.Bias
                    )
                );
                return new(new Convolve(1, Padding, Dilation, 1), x, weight, bias);
            }
        }
    }

    [Fact]
    public void Tiles_of_a_convolution_are_the_convolution() =>
        Prop.ForAll(
                Convolving.Any,
                convolving =>
                {
                    var written = Graph.Of("written", convolving.Value);
                    var tiled = Graph.Of(
                        "tiled",
                        Rewriting
                            .Rules.Winograd.Tiles.Apply(convolving.Value)
                            .IfNone(() => throw new InvalidOperationException($"{convolving} is not tiled"))
                    );
                    return Prop.Label(
                        Distance(written, tiled, seed: 1) < 1e-11,
                        $"{convolving} differs by {Distance(written, tiled, seed: 1):g3}"
                    );
                }
            )
            .QuickCheckThrowOnFailure();

    [Theory, InlineData(1), InlineData(2)]
    public void A_wide_convolution_is_tiled_where_weights_stay(int dilation)
    {
        var wide = At(Conv(128, 3, dilation: dilation) >> Relu, InputSpec.FeatureMap(128, 40, 40));
        Graph Optimised(bool training, Processor on = Processor.Cpu) =>
            GraphOptimizer.Optimize(wide, OptimizationLevel.All, training, on);
        Assert.Equal(wide.MultiplyAdds * 16 / 36, Optimised(training: false).MultiplyAdds);
        Assert.Equal(wide.MultiplyAdds, Optimised(training: true).MultiplyAdds);
        Assert.Equal(wide.MultiplyAdds, Optimised(training: false, Processor.Gpu).MultiplyAdds);
    }

    [Fact]
    public void What_widens_and_narrows_again_is_one_map()
    {
        var there = Linear<FeatureMap>(64).Named("there");
        var back = Conv(3, 1).Named("back");
        foreach (
            var layer in new[]
            {
                there >> back,
                there >> Conv(64, 1).Named("again") >> back,
                Residual(Linear<FeatureMap>(4).Named("in") >> Conv(32, 1).Named("out")) >> back,
            }
        )
        {
            var (inputs, written) = (InputSpec.FeatureMap(32, 9, 9), At(layer, InputSpec.FeatureMap(32, 9, 9)));
            Assert.InRange(
                GraphOptimizer.Optimize(written, OptimizationLevel.All, training: true).Work,
                0,
                written.Work / 2
            );
            Laws.OptimisedIsAsWritten(layer, inputs).Check();
        }
    }

    [Fact]
    public void What_something_else_needs_is_not_composed()
    {
        var twice = Define<FeatureMap, FeatureMap>(y => (y >> Conv(8, 1).Named("one")) + Relu(y));
        var shared = Define<FeatureMap, FeatureMap>(x => x >> Conv(8, 1).Named("there") >> twice);
        var written = At(shared, InputSpec.FeatureMap(8, 9, 9));
        Assert.Equal(
            written.MultiplyAdds,
            GraphOptimizer.Optimize(written, OptimizationLevel.All, training: false).MultiplyAdds
        );
    }

    [Fact]
    public void Two_dropouts_of_one_value_stay_two()
    {
        var twice = At(Dropout<FeatureMap>(0.5) + Dropout<FeatureMap>(0.5), InputSpec.FeatureMap(2, 3, 3));
        Assert.Equal(
            2,
            GraphOptimizer.Optimize(twice, OptimizationLevel.All, training: true).Nodes.Count(v => v.Operation is Drop)
        );
    }

    [Fact]
    public void A_norm_that_learns_does_so_as_often_as_it_is_written()
    {
        var norm = BatchNorm().Shared("norm");
        var twice = At(norm + norm, InputSpec.FeatureMap(2, 3, 3));
        var optimized = GraphOptimizer.Optimize(twice, OptimizationLevel.All, training: true);
        Assert.Equal(2, optimized.Nodes.Count(v => v.Operation is NormaliseBatch));
    }

    private static readonly InputSpec head = InputSpec.FeatureMap(64, 12, 12) & InputSpec.Words(8, 32);

    private static Layer<(FeatureMap, Words), FeatureMap> Head(AttentionScope over, int heads = 1) =>
        Multimodal >> Residual(SelfAttention(16, over, heads)) >> WordMean;

    [
        Theory,
        InlineData(AttentionScope.None, 1),
        InlineData(AttentionScope.Words, 1),
        InlineData(AttentionScope.Pixels, 1),
        InlineData(AttentionScope.Pairs, 1),
        InlineData(AttentionScope.All, 1),
        InlineData(AttentionScope.All, 4)
    ]
    public void Attention_with_word_pooling_never_holds_a_matrix_over_words_and_places(AttentionScope over, int heads)
    {
        var optimised = GraphOptimizer.Optimize(At(Head(over, heads), head), OptimizationLevel.All, training: true);
        var largest = optimised.Nodes.Max(v => v.Shape.Count);
        Assert.True(
            largest <= Math.Max(heads * 144 * 144, 16 * 8 * 144),
            $"{optimised.Nodes.First(v => v.Shape.Count == largest)}"
        );
    }

    [Fact]
    public void What_cannot_be_factored_is_left_to_the_fused_kernel()
    {
        var released = At(Multimodal >> Residual(PooledAttention(16)) >> WordMean, head);
        var optimized = GraphOptimizer.Optimize(released, OptimizationLevel.All, training: false);
        Assert.Contains(optimized.Nodes, v => v.Operation is FusedAttention);
    }

    [Theory, InlineData(Precision.Float64, 1e-10, 1e-8), InlineData(Precision.Float32, 1e-5, 1e-4)]
    public void Optimised_agrees_with_as_written(Precision precision, double values, double gradients)
    {
        foreach (var over in Enum.GetValues<AttentionScope>())
        {
            var (y, g) = Both(over, OptimizationLevel.AsWritten, precision);
            var (z, h) = Both(over, OptimizationLevel.All, precision);
            Assert.InRange(Golden.Distance(y, z), 0, values);
            Assert.InRange(
                g.Zip(h, (a, b) => Golden.Distance(a, b) / Math.Max(1, a.abs().max().item<double>())).Max(),
                0,
                gradients
            );
        }
    }

    private static (Tensor Value, Many<Tensor> Gradients) Both(
        AttentionScope over,
        OptimizationLevel effort,
        Precision precision
    )
    {
        var module = Head(over)
            .Compile(head, new Options(Precision: precision, Training: true, Optimise: effort))
            .Match(m => m, e => throw new InvalidOperationException($"{e}"));
        module.WithDrawnWeights(3);
        var y = module.Run(module.DrawnArguments(2, 5));
        y.square().mean().backward();
        return (
            y.detach().to(ScalarType.Float64),
            [.. module.Tensors.Select(t => (t.Tensor.grad ?? torch.zeros_like(t.Tensor)).to(ScalarType.Float64))]
        );
    }

    private static Tensor MeanOfSoftmax(Tensor x, Tensor y, Tensor counted, OptimizationLevel effort)
    {
        // x and y enter as the two terms of a score, through features that are already q and k.
        var (places, words) = ((int)x.shape[^1], (int)y.shape[0]);
        Node rows = new(
            new Input(
                "x",
                new Shape(new Dimension(Axis.Batch, 1), new(Axis.Row, (int)x.shape[0]), new(Axis.Row.Prime, places))
            )
        );
        Node columns = new(
            new Input("y", new Shape(new Dimension(Axis.Batch, 1), new(Axis.Word, words), new(Axis.Row.Prime, places)))
        );
        Node present = new(
            new Input("p", new Shape(new Dimension(Axis.Batch, 1), new(Axis.Word, words)), ElementType.Boolean)
        );
        var mean = (rows + columns).Softmax([Axis.Row.Prime]).Reduce(Reduction.Mean, [Axis.Word], present);
        var graph = Graph.Of("mean", mean);
        var precision = x.dtype switch
        {
            ScalarType.Float64 => Precision.Float64,
            ScalarType.BFloat16 => Precision.BFloat16,
            _ => Precision.Float32,
        };
        using var module = new Compiled(
            GraphOptimizer.Optimize(graph, effort, training: true),
            new(Precision: precision, Training: true)
        );
        return module.Run(x.unsqueeze(0), y.unsqueeze(0), counted.unsqueeze(0));
    }

    public static TheoryData<string> Adversaries =>
        ["large", "peaks that disagree", "one word", "one place", "all padding but one", "plain"];

    [Theory, MemberData(nameof(Adversaries))]
    public void The_factored_softmax_is_right_for_any_finite_logits(string adversary)
    {
        // Half precision is rounded, but not lost: it is compared with what is right for the same rounded logits.
        foreach (
            var (type, close, slope) in new[]
            {
                (ScalarType.Float32, 1e-5, 1e-4),
                (ScalarType.Float64, 1e-10, 1e-9),
                (ScalarType.BFloat16, 1e-2, 1e-2),
            }
        )
        {
            var (places, words) = (adversary == "one place" ? 1 : 7, adversary == "one word" ? 1 : 4);
            var x = (Drawn.Uniform("x", [5, places]) - 0.5).to(type) * (adversary == "large" ? 2e4 : 4);
            var y = (Drawn.Uniform("y", [words, places]) - 0.5).to(type) * (adversary == "large" ? 2e4 : 4);
            if (adversary == "peaks that disagree")
            {
                x = x + torch.tensor(new[] { 200.0, 0, 0, 0, 0, 0, 0 }).to(type);
                y = y + torch.tensor(new[] { 0.0, 0, 0, 0, 0, 0, 200 }).to(type);
            }
            var counted =
                adversary == "all padding but one"
                    ? torch.arange(words).eq(words - 1)
                    : torch.ones(words, ScalarType.Bool);

            var right = type == ScalarType.BFloat16 ? ScalarType.Float64 : type;
            var (u, v) = (x.detach().requires_grad_(), y.detach().requires_grad_());
            var (p, q) = (x.detach().to(right).requires_grad_(), y.detach().to(right).requires_grad_());
            var fast = MeanOfSoftmax(u, v, counted, OptimizationLevel.All);
            var slow = MeanOfSoftmax(p, q, counted, OptimizationLevel.AsWritten);
            var cotangent = Drawn.Uniform("c", [1, 5, places]).to(type);
            (fast * cotangent).sum().backward();
            (slow * cotangent.to(right)).sum().backward();

            Assert.InRange(Golden.Distance(fast.to(ScalarType.Float64), slow.to(ScalarType.Float64)), 0, close);
            Assert.InRange(Golden.Distance(u.grad!.to(ScalarType.Float64), p.grad!.to(ScalarType.Float64)), 0, slope);
            Assert.InRange(Golden.Distance(v.grad!.to(ScalarType.Float64), q.grad!.to(ScalarType.Float64)), 0, slope);
        }
    }

    [Fact]
    public void A_distribution_in_which_no_word_takes_part_sums_to_nothing()
    {
        var axes = new Shape(new Dimension(Axis.Batch, 1), new(Axis.Word, 4));
        Node one = new(new Input("one", axes, ElementType.Boolean)),
            other = new(new Input("other", axes, ElementType.Boolean));
        foreach (var none in new[] { one.And(other), new Node(new PoolPresence(), one.And(other)) })
        {
            Node x = new(new Input("x", none.Shape));
            var graph = Graph.Of("sum", x.Softmax([Axis.Word], Some(none)).Reduce(Reduction.Sum, [Axis.Word]));
            foreach (var effort in Enum.GetValues<OptimizationLevel>())
            {
                using var scope = NewDisposeScope();
                using var module = new Compiled(GraphOptimizer.Optimize(graph, effort, training: false), new());
                Tensor[] given =
                [
                    .. module.Graph.Inputs.Map(i =>
                        i.Name switch
                        {
                            "one" => torch.tensor(new[] { true, true, false, false }).unsqueeze(0),
                            "other" => torch.tensor(new[] { false, false, true, true }).unsqueeze(0),
                            _ => torch.ones(1, i.Of[Axis.Word]),
                        }
                    ),
                ];
                Assert.Equal(0, module.Run(given).item<float>());
            }
        }
    }

    [Fact]
    public void An_expression_of_padding_alone_is_refused()
    {
        foreach (var effort in Enum.GetValues<OptimizationLevel>())
        {
            using var module = Head(AttentionScope.All)
                .Compile(head, new Options(Optimise: effort))
                .Match(m => m, e => throw new InvalidOperationException($"{e}"));
            var arguments = module.DrawnArguments(2);
            arguments[^1] = torch.tensor(new[] { true, false }).unsqueeze(1).expand(2, 8);
            Assert.Contains(
                "padding alone in sample 1",
                Assert.Throws<ArgumentException>(() => module.Run(arguments)).Message,
                StringComparison.Ordinal
            );
            arguments[^1] = torch.arange(8).eq(7).expand(2, 8);
            module.Run(arguments).Dispose();
        }
    }

    [Fact]
    public void Falling_back_is_counted()
    {
        var before = Kernels.FallBacks;
        The_factored_softmax_is_right_for_any_finite_logits("peaks that disagree");
        Assert.True(Kernels.FallBacks > before);
    }
}
