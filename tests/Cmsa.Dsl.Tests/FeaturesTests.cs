using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>What frozen weights make of an input, computed once, kept, and bound in the place of the input.</summary>
[Collection(nameof(Alone))]
public class FeaturesTests
{
    private static Sizes Tiny(bool isFixed) => TinyPaper.Sizes with { FixedBackbone = isFixed };

    private static Compiled Module(bool isFixed = true, bool optimise = true, bool training = true)
    {
        var sizes = Tiny(isFixed);
        var effort = optimise ? OptimizationLevel.All : OptimizationLevel.AsWritten;
        return Paper
            .Model(sizes)
            .Compile(sizes.Inputs, new Options(Precision: Precision.Float64, Training: training, Optimise: effort))
            .Fits()
            .WithDrawnWeights();
    }

    private static Dictionary<string, Tensor> Gradients(Compiled module, Func<Tensor> run)
    {
        module.zero_grad();
        run().square().mean().backward();
        return module
            .named_parameters()
            .Where(p => p.parameter.grad is not null)
            .ToDictionary(p => p.name, p => p.parameter.grad!.clone());
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Features_stand_for_the_picture_in_values_and_gradients(bool isFixed, bool optimise)
    {
        using var scope = NewDisposeScope();
        using var module = Module(isFixed, optimise);
        module.eval();
        var arguments = module.DrawnArguments(2);
        using var features = module.FeaturesOf(arguments[0]);
        Assert.Equal(["image"], features.Inputs);
        var expected = Gradients(module, () => module.Run(arguments));
        var found = Gradients(
            module,
            () =>
            {
                using var photo = module.Bind(features);
                Assert.Equal(["tokens"], photo.Inputs.Map(i => i.Name));
                var mask = photo.Run(arguments[1]);
                Assert.True(mask.allclose(module.Run(arguments), 1e-10, 1e-10));
                return mask;
            }
        );
        Assert.Equal(expected.Keys.Order(), found.Keys.Order());
        Assert.All(expected, e => Assert.True(e.Value.allclose(found[e.Key], 1e-8, 1e-8), e.Key));
    }

    [Fact]
    public void A_frozen_backbone_gives_its_levels_and_a_learning_one_the_picture_itself()
    {
        using var scope = NewDisposeScope();
        using var frozen = Module();
        using var features = frozen.FeaturesOf(frozen.DrawnArguments(1)[0]);
        Assert.Equal(["res3", "res4", "res5"], features.Parts.Select(p => p.Path));
        Assert.All(features.Parts, p => Assert.False(p.Tensor.requires_grad));
        using var learning = Module(isFixed: false);
        using var itself = learning.FeaturesOf(learning.DrawnArguments(1)[0]);
        Assert.Equal(["image"], itself.Parts.Select(p => p.Path));
    }

    [Fact]
    public void Features_of_single_pictures_go_together_as_a_batch()
    {
        using var scope = NewDisposeScope();
        using var module = Module();
        module.eval();
        var arguments = module.DrawnArguments(3);
        var each = Enumerable.Range(0, 3).Select(i => module.FeaturesOf(arguments[0].narrow(0, i, 1))).ToMany();
        using var together = Features.Together(each);
        foreach (var one in each)
            one.Dispose();
        Assert.Equal(3, together.Batch);
        using var photo = module.Bind(together);
        Assert.True(photo.Run(arguments[1]).allclose(module.Run(arguments), 1e-10, 1e-10));
    }

    [Fact]
    public void Features_are_kept_as_tensors_and_taken_by_another_module_of_the_same_model()
    {
        using var scope = NewDisposeScope();
        using var first = Module();
        using var second = Module();
        second.eval();
        var arguments = first.DrawnArguments(1);
        using var features = first.FeaturesOf(arguments[0]);
        var kept = features.Parts.Map(p => p.Tensor.to(ScalarType.Float32));
        using var again = second.FeaturesFrom(1, kept);
        Assert.Equal(features.Parts.Map(p => p.Path), again.Parts.Map(p => p.Path));
        using var photo = second.Bind(again);
        Assert.True(photo.Run(arguments[1]).allclose(second.Run(arguments), 1e-4, 1e-4));
    }

    [Fact]
    public void Features_follow_weights_that_learn()
    {
        using var scope = NewDisposeScope();
        using var module = Module();
        module.eval();
        var arguments = module.DrawnArguments(1);
        using var features = module.FeaturesOf(arguments[0]);
        using var photo = module.Bind(features);
        photo.Run(arguments[1]);
        using (no_grad())
            foreach (var (parameter, tensor) in module.Tensors)
                if (parameter.Role is not (Role.Frozen or Role.Statistic))
                    tensor.mul_(1.1);
        Assert.True(photo.Run(arguments[1]).allclose(module.Run(arguments), 1e-10, 1e-10));
    }

    [Fact]
    public void Features_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        using var module = Module();
        using var learning = Module(isFixed: false);
        using var features = module.FeaturesOf(module.DrawnArguments(1)[0]);
        Refused("of another model", () => learning.Bind(features));
        Refused("1 parts, not 2", () => learning.FeaturesFrom(1, [zeros(1), zeros(1)]));
        Refused("has the shape [batch, 3, 16, 16], not [1, 2]", () => learning.FeaturesFrom(1, [zeros(1, 2)]));
        Refused("no features", () => Features.Together());
        Refused("1 to 2", () => module.FeaturesOf());

        static void Refused(string part, Action act) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(act).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bound_picture_that_wants_its_gradient_gets_it_through_frozen_weights()
    {
        using var scope = NewDisposeScope();
        using var module = Module();
        module.eval();
        var arguments = module.DrawnArguments(1);
        var expected = GradientOf(picture => module.Run(picture, arguments[1]));
        var found = GradientOf(picture =>
        {
            using var photo = module.Bind(picture);
            return photo.Run(arguments[1]);
        });
        Assert.True(expected.abs().max().item<double>() > 0);
        Assert.True(found.allclose(expected, 1e-10, 1e-10));

        Tensor GradientOf(Func<Tensor, Tensor> run)
        {
            var picture = arguments[0].clone().requires_grad_(true);
            run(picture).square().mean().backward();
            return picture.grad!;
        }
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using var module = Module();
        var arguments = module.DrawnArguments(1);
        Once();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 5; i++)
            Once();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Once()
        {
            using var features = module.FeaturesOf(arguments[0]);
            using var together = Features.Together(features, features);
            using var photo = module.Bind(together);
            using var words = cat([arguments[1], arguments[1]]);
            using var mask = photo.Run(words);
        }
    }

    [Fact]
    public void In_training_the_frozen_part_of_a_binding_is_a_stage_of_its_own()
    {
        var sizes = Tiny(isFixed: true);
        var graph = Paper.Model(sizes).At(sizes.Inputs).Fits();
        var plan = ExecutionPlan.Of(graph, training: true, [["image"]]);
        Assert.Equal(["constants", "weights", "image, fixed", "image", "run"], plan.Stages.Map(s => s.Name));
        Assert.Equal([false, true], plan.Of(0).Map(s => s.NeedsGradients));
        Assert.All(plan.Of(0)[0].Steps, s => Assert.DoesNotContain("attention", s.Node.Path, StringComparison.Ordinal));
        Assert.Equal(
            graph.MultiplyAdds,
            plan.Stages.Sum(s => s.MultiplyAdds)
        );
    }
}
