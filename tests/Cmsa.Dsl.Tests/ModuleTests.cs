using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>A compiled model is a TorchSharp module like any other.</summary>
public class ModuleTests
{
    private static readonly Layer<FeatureMap, FeatureMap> net = Conv(4, 3) >> BatchNorm() >> Relu >> Conv(2, 1);

    private static Compiled Net(bool training = false, ulong seed = 0) =>
        net.Compile(InputSpec.FeatureMap(3, 5, 5), new Options(Training: training, Seed: seed)).Fits();

    private static readonly Sizes tiny = TinyPaper.Sizes;

    [Fact]
    public void It_is_a_module_of_as_many_tensors_as_it_takes()
    {
        using var scope = NewDisposeScope();
        using var module = Net();
        var x = module.DrawnArguments()[0];
        nn.Module<Tensor, Tensor> one = module;
        Assert.True(one.call(x).allclose(module.Run(x), 0, 0));
        Assert.Equal(module.named_parameters().Select(p => p.name), one.named_parameters().Select(p => p.name));
        Assert.Equal(module.state_dict().Keys, one.state_dict().Keys);
        var message = Assert.Throws<InvalidOperationException>(() => module.AsBinary()).Message;
        Assert.Equal("The model takes 1 tensors (featureMap), and a module of 2 was asked for.", message);
    }

    [Fact]
    public void It_stands_in_a_sequence_and_is_loaded_moved_and_saved_with_it()
    {
        using var scope = NewDisposeScope();
        var (module, other) = (Net(seed: 1), Net(seed: 2));
        using var outer = nn.Sequential(("body", module), ("head", nn.Conv2d(2, 1, 1)));
        using var another = nn.Sequential(("body", other), ("head", nn.Conv2d(2, 1, 1)));
        outer.eval();
        another.eval();
        Assert.Contains("body.conv.weight", outer.state_dict().Keys);
        var x = module.DrawnArguments()[0];
        var before = outer.call(x);
        var expected = another.call(x);
        // The batch norm is folded into the convolution: what was computed from the weights must follow them.
        outer.load_state_dict(another.state_dict());
        Assert.False(before.allclose(expected));
        Assert.True(outer.call(x).allclose(expected, 1e-5, 1e-6));
        outer.to(float64);
        Assert.True(outer.call(x.to(float64)).allclose(expected.to(float64), 1e-4, 1e-5));
        Assert.Equal(Precision.Float64, module.Options.Precision);
    }

    [Fact]
    public void A_module_made_of_two_inputs_stands_in_a_module_of_yours()
    {
        using var scope = NewDisposeScope();
        using var inner = Paper.Model(tiny).Compile(tiny.Inputs, new Options(Training: true)).Fits();
        using var outer = new Doubled(inner);
        Assert.Equal(
            inner.named_parameters().Select(p => $"inner.{p.name}"),
            outer.named_parameters().Select(p => p.name)
        );
        outer.eval();
        Assert.False(inner.training);
        var arguments = inner.DrawnArguments();
        Assert.True(
            outer.call(arguments[0], arguments[1]).allclose(inner.Run(arguments).mul(Scalars.Of(2L)), 1e-5, 1e-6)
        );
    }

    [Fact]
    public void Loading_a_state_dictionary_reaches_what_was_prepared()
    {
        using var scope = NewDisposeScope();
        using var module = Net(seed: 1);
        using var other = Net(seed: 2);
        var x = module.DrawnArguments()[0];
        var (first, expected) = (module.Run(x), other.Run(x));
        module.load_state_dict(other.state_dict());
        Assert.False(first.allclose(expected));
        Assert.True(module.Run(x).allclose(expected, 1e-6, 1e-6));
    }

    [Fact]
    public void Writes_from_outside_reach_what_was_prepared()
    {
        using var scope = NewDisposeScope();
        using var module = Net();
        var x = module.DrawnArguments()[0];
        var before = module.Run(x);
        using (no_grad())
            foreach (var p in module.parameters())
                p.mul_(Scalars.Of(2L));
        var after = module.Run(x);
        module.Refresh();
        Assert.True(after.allclose(module.Run(x), 1e-6, 1e-6));
        Assert.False(after.allclose(before));
    }

    [Fact]
    public void Moving_to_another_precision_moves_all()
    {
        using var scope = NewDisposeScope();
        using var module = Net();
        var x = module.DrawnArguments()[0];
        var expected = module.Run(x);
        module.to(float64);
        Assert.All(module.Tensors, t => Assert.Equal(float64, t.Tensor.dtype));
        var found = module.Run(x.to(float64));
        Assert.Equal(float64, found.dtype);
        Assert.True(found.to(float32).allclose(expected, 1e-4, 1e-5));
        Assert.Contains(
            "not in float16",
            Assert.Throws<ArgumentException>(() => module.half()).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Input featureMap is float32 [2, 3, 5, 5] on cpu; the model takes float64",
            Assert.Throws<ArgumentException>(() => module.Run(x)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Evaluation_of_a_module_for_training_is_inference_that_keeps_gradients()
    {
        using var scope = NewDisposeScope();
        var model = net >> Dropout<FeatureMap>(0.5);
        var inputs = InputSpec.FeatureMap(3, 5, 5);
        using var training = model.Compile(inputs, new Options(Training: true)).Fits().WithDrawnWeights();
        using var inference = model.Compile(inputs).Fits().WithDrawnWeights();
        var x = training.DrawnArguments()[0];
        Assert.True(training.training);
        var statistics = training.named_buffers().ToDictionary(b => b.name, b => b.buffer.clone());
        training.eval();
        var evaluated = training.Run(x);
        Assert.True(evaluated.allclose(inference.Run(x), 1e-5, 1e-5));
        Assert.True(evaluated.requires_grad);
        Assert.All(training.named_buffers(), b => Assert.True(b.buffer.allclose(statistics[b.name], 0, 0)));
        training.train();
        training.Run(x);
        Assert.Contains(training.named_buffers(), b => !b.buffer.allclose(statistics[b.name], 0, 0));
    }

    [Fact]
    public void A_module_for_inference_refuses_to_train()
    {
        using var module = Net();
        Assert.False(module.training);
        Assert.Contains(
            "Options(Training: true)",
            Assert.Throws<InvalidOperationException>(() => module.train()).Message,
            StringComparison.Ordinal
        );
        module.eval();
    }

    [
        Theory,
        InlineData("cuda:x"),
        InlineData("cuda:-1"),
        InlineData("cuda:"),
        InlineData("gpu"),
        InlineData("cuda:99"),
        InlineData("CPU")
    ]
    public void A_device_that_is_not_there_is_one_error(string device)
    {
        var error = Assert.Single(net.Compile(InputSpec.FeatureMap(3, 5, 5), new Options(device)).FailToSeq());
        Assert.Contains($"device {device}", error.What, StringComparison.Ordinal);
    }

    private sealed class Doubled : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor, Tensor> inner;

        public Doubled(nn.Module<Tensor, Tensor, Tensor> inner)
            : base("doubled")
        {
            this.inner = inner;
            RegisterComponents();
        }

        public override Tensor forward(Tensor first, Tensor second) => inner.call(first, second).mul(Scalars.Of(2L));
    }
}
