using Cmsa.Dsl.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cmsa.Benchmarks.ByHand;

/// <summary>
/// A residual network in DeepLab's manner as one writes it in TorchSharp without the language: modules, in-place relu,
/// stride 8 by dilation; bottlenecks in Caffe's manner, other blocks in torchvision's. A picture to Res3, Res4 and
/// Res5. Fields are named as torchvision's, so that weights are found by name.
/// </summary>
public sealed class EagerResNet : Module<Tensor, (Tensor Res3, Tensor Res4, Tensor Res5)>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential layer1,
        layer2,
        layer3,
        layer4;

    /// <summary>The network.</summary>
    /// <param name="blocks">Residual blocks of each of the four stages.</param>
    /// <param name="bottleneck">
    /// Whether a block is 1x1, 3x3, 1x1 with four times the channels at its end; otherwise two 3x3.
    /// </param>
    /// <param name="width">Channels inside the blocks of the first stage.</param>
    public EagerResNet(IReadOnlyList<int> blocks, bool bottleneck, int width)
        : base("backbone")
    {
        var times = bottleneck ? 4 : 1;
        conv1 = Conv2d(3, width, 7, stride: 2, padding: 3, bias: false);
        bn1 = BatchNorm2d(width);
        layer1 = Stage(width, 1, 1, 1, 1, blocks[0]);
        layer2 = Stage(width * times, 2, 2, 1, 1, blocks[1]);
        layer3 = Stage(2 * width * times, 4, 1, bottleneck ? 2 : 1, 2, blocks[2]);
        layer4 = Stage(4 * width * times, 8, 1, bottleneck ? 4 : 2, 4, blocks[3]);
        RegisterComponents();

        Sequential Stage(int from, int factor, int stride, int first, int dilation, int count) =>
            Sequential(
                Enumerable
                    .Range(0, count)
                    .Select(i =>
                        bottleneck
                            ? (Module<Tensor, Tensor>)
                                new Bottleneck(
                                    i == 0 ? from : factor * width * times,
                                    factor * width,
                                    i == 0 ? stride : 1,
                                    i == 0 ? first : dilation
                                )
                            : new Basic(
                                i == 0 ? from : factor * width,
                                factor * width,
                                i == 0 ? stride : 1,
                                i == 0 ? first : dilation
                            )
                    )
            );
    }

    /// <inheritdoc/>
    public override (Tensor Res3, Tensor Res4, Tensor Res5) forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var stem = functional.max_pool2d(bn1.forward(conv1.forward(x)).relu_(), 3, 2, 1);
        var low = layer2.forward(layer1.forward(stem));
        var mid = layer3.forward(low);
        return (
            low.MoveToOuterDisposeScope(),
            mid.MoveToOuterDisposeScope(),
            layer4.forward(mid).MoveToOuterDisposeScope()
        );
    }

    private static Sequential? Shortcut(int from, int to, int stride) =>
        from == to && stride == 1
            ? null
            : Sequential(Conv2d(from, to, 1, stride: stride, bias: false), BatchNorm2d(to));

    private sealed class Basic : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1,
            conv2;
        private readonly BatchNorm2d bn1,
            bn2;
        private readonly Sequential? downsample;

        public Basic(int from, int to, int stride, int dilation)
            : base("block")
        {
            conv1 = Conv2d(from, to, 3, stride: stride, padding: dilation, dilation: dilation, bias: false);
            bn1 = BatchNorm2d(to);
            conv2 = Conv2d(to, to, 3, padding: dilation, dilation: dilation, bias: false);
            bn2 = BatchNorm2d(to);
            downsample = Shortcut(from, to, stride);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            return bn2.forward(conv2.forward(bn1.forward(conv1.forward(x)).relu_()))
                .add_(downsample is null ? x : downsample.forward(x), Scalars.One)
                .relu_()
                .MoveToOuterDisposeScope();
        }
    }

    private sealed class Bottleneck : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1,
            conv2,
            conv3;
        private readonly BatchNorm2d bn1,
            bn2,
            bn3;
        private readonly Sequential? downsample;

        public Bottleneck(int from, int width, int stride, int dilation)
            : base("block")
        {
            conv1 = Conv2d(from, width, 1, stride: stride, bias: false);
            bn1 = BatchNorm2d(width);
            conv2 = Conv2d(width, width, 3, padding: dilation, dilation: dilation, bias: false);
            bn2 = BatchNorm2d(width);
            conv3 = Conv2d(width, 4 * width, 1, bias: false);
            bn3 = BatchNorm2d(4 * width);
            downsample = Shortcut(from, 4 * width, stride);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var inner = bn2.forward(conv2.forward(bn1.forward(conv1.forward(x)).relu_())).relu_();
            return bn3.forward(conv3.forward(inner))
                .add_(downsample is null ? x : downsample.forward(x), Scalars.One)
                .relu_()
                .MoveToOuterDisposeScope();
        }
    }
}
