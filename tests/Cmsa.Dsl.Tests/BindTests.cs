using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>Inputs that are bound: what depends on them alone is computed once, and nothing is left behind.</summary>
[Collection(nameof(Alone))]
public class BindTests
{
    private static readonly Sizes tiny = TinyPaper.Sizes;

    private static long Live => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private static Compiled Module(bool training = false) =>
        Paper
            .Model(tiny)
            .Compile(tiny.Inputs, new Options(Precision: Precision.Float64, Training: training))
            .Fits()
            .WithDrawnWeights();

    [Fact]
    public void A_bound_picture_gives_each_expression_its_mask()
    {
        using var scope = NewDisposeScope();
        using var module = Module();
        var picture = module.DrawnArguments(1)[0];
        using var photo = module.Bind(picture);
        for (var seed = 0; seed < 5; seed++)
        {
            var words = module.DrawnArguments(1, seed)[1];
            Assert.True(photo.Run(words).allclose(module.Run(picture, words), 1e-10, 1e-10));
        }
        Assert.Equal(["tokens"], photo.Inputs.Map(i => i.Name));
    }

    [Fact]
    public void Words_may_be_bound_and_the_picture_given_and_both_in_turn()
    {
        using var scope = NewDisposeScope();
        using var module = Module();
        var arguments = module.DrawnArguments(2);
        var expected = module.Run(arguments);
        using var expression = module.Bind("tokens", arguments[1]);
        Assert.True(expression.Run(arguments[0]).allclose(expected, 1e-10, 1e-10));
        using var both = expression.Bind(arguments[0]);
        expression.Dispose();
        Assert.True(both.Run().allclose(expected, 1e-10, 1e-10));
        Assert.Empty(both.Inputs);
    }

    [Fact]
    public void One_picture_goes_with_a_batch_of_expressions()
    {
        using var scope = NewDisposeScope();
        using var module = Module();
        var arguments = module.DrawnArguments(4);
        var picture = arguments[0].narrow(0, 0, 1);
        using var photo = module.Bind(picture);
        var together = photo.Run(arguments[1]);
        Assert.Equal(4, together.shape[0]);
        for (var i = 0; i < 4; i++)
        {
            var one = module.Run(picture, arguments[1].narrow(0, i, 1));
            Assert.True(together.narrow(0, i, 1).allclose(one, 1e-10, 1e-10));
        }
    }

    [Fact]
    public void Several_expressions_in_training_go_back_through_the_picture_once()
    {
        using var scope = NewDisposeScope();
        using var module = Module(training: true);
        module.eval();
        var arguments = module.DrawnArguments(3);
        var picture = arguments[0].narrow(0, 0, 1);
        var expected = Gradients(() =>
            Enumerable
                .Range(0, 3)
                .Select(i => module.Run(picture, Words(i)).square().mean())
                .Aggregate((a, b) => a.add(b, Scalars.One))
        );
        var found = Gradients(() =>
        {
            using var photo = module.Bind(picture);
            return Enumerable
                .Range(0, 3)
                .Select(i => photo.Run(Words(i)).square().mean())
                .Aggregate((a, b) => a.add(b, Scalars.One));
        });
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, e => Assert.True(e.Value.allclose(found[e.Key], 1e-8, 1e-8), e.Key));

        Tensor Words(int i) => arguments[1].narrow(0, i, 1);

        Dictionary<string, Tensor> Gradients(Func<Tensor> loss)
        {
            module.zero_grad();
            loss().backward();
            return module
                .named_parameters()
                .Where(p => p.parameter.grad is not null)
                .ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        }
    }

    [Fact]
    public void What_is_bound_follows_the_weights()
    {
        using var scope = NewDisposeScope();
        using var module = Module();
        var arguments = module.DrawnArguments(1);
        using var photo = module.Bind(arguments[0]);
        photo.Run(arguments[1]);
        module.WithDrawnWeights(seed: 5);
        Assert.True(photo.Run(arguments[1]).allclose(module.Run(arguments), 1e-10, 1e-10));
    }

    [Fact]
    public async Task Threads_may_share_a_bound_picture()
    {
        using var module = Module();
        var arguments = module.DrawnArguments(1);
        using var photo = module.Bind(arguments[0]);
        var expected = Once();
        var threads = Enumerable
            .Range(0, 4)
            .Select(_ =>
                Task.Factory.StartNew(
                    () => Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal(expected, Once())),
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )
            );
        await Task.WhenAll(threads);

        byte[] Once()
        {
            using var mask = photo.Run(arguments[1]);
            return mask.bytes.ToArray();
        }
    }

    [Fact]
    public void Ten_thousand_bound_pictures_leave_nothing()
    {
        var model = Conv(4, 3) >> Relu >> Conv(2, 3);
        using var module = (model * Identity<FeatureMap>() >> new Added())
            .Compile(InputSpec.FeatureMap(2, 6, 6) & InputSpec.FeatureMap(2, 6, 6))
            .Fits();
        var arguments = module.DrawnArguments(1);
        Once();
        var before = Live;
        for (var i = 0; i < 10_000; i++)
            Once();
        Assert.Equal(before, Live);

        void Once()
        {
            using var bound = module.Bind(arguments[0]);
            bound.Run(arguments[1]).Dispose();
        }
    }

    [Fact]
    public void The_paper_s_picture_is_most_of_its_work()
    {
        var graph = CostTests.Elaborated(Paper.Model(Sizes.Paper), Sizes.Paper.Inputs);
        var optimized = Rewriting.GraphOptimizer.Optimize(graph, OptimizationLevel.All, training: false);
        var plan = ExecutionPlan.Of(
            optimized,
            bindings:
            [
                ["image"],
            ]
        );
        Assert.Equal(["constants", "weights", "image", "run"], plan.Stages.Map(s => s.Name));
        var (picture, rest) = (plan.Bindings[0].MultiplyAdds, plan.Run.MultiplyAdds);
        Assert.Equal(optimized.MultiplyAdds, plan.Stages.Total(s => s.MultiplyAdds));
        Assert.InRange((double)rest / (rest + picture), 0.01, 0.1);
        Assert.InRange(plan.Bindings[0].Kept, 1, plan.Bindings[0].Peak);
    }

    [Fact]
    public void What_cannot_be_bound_is_refused()
    {
        using var scope = NewDisposeScope();
        using var module = Module();
        var arguments = module.DrawnArguments(2);
        Refused("There is no input imge left to bind; there is image", () => module.Bind("imge", arguments[0]));
        Refused("Did you mean image?", () => module.Bind("imge", arguments[0]));
        Refused("Bind takes the first inputs, 1 to 2", () => module.Bind());
        using var photo = module.Bind(arguments[0]);
        Refused("There is no input image left", () => photo.Bind("image", arguments[0]));
        Refused(
            "Input tokens is a batch of 1; the model takes a batch of 2",
            () => photo.Run(arguments[1].narrow(0, 0, 1))
        );
        Refused("takes 1 tensors (tokens", () => photo.Run(arguments));
        photo.Dispose();
        Refused("bind them anew", () => photo.Run(arguments[1]));
    }

    private static void Refused(string part, Action act) =>
        Assert.Contains(part, Assert.Throws<ArgumentException>(act).Message, StringComparison.Ordinal);

    private sealed record Added : Layer<(FeatureMap, FeatureMap), FeatureMap>
    {
        protected override Signal Elaborate(Signal input, Scope scope) => input.First.Node + input.Second.Node;
    }
}
