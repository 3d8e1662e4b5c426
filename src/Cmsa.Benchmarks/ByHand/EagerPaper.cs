using Cmsa.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cmsa.Benchmarks.ByHand;

/// <summary>
/// The model of the paper as one writes it in TorchSharp without the language: modules, views, the library's fused
/// attention. Fields are named as the paths are.
/// </summary>
public sealed class EagerPaper : Module<Tensor, Tensor, Tensor>
{
    private readonly EagerResNet backbone;
    private readonly TorchSharp.Modules.Embedding embedding;
    private readonly Level res3,
        res4,
        res5;
    private readonly Fusion fusion;
    private readonly Conv2d mask;
    private readonly int image;

    /// <summary>The model at some sizes; the stride of its backbone is 8.</summary>
    public EagerPaper(Sizes sizes)
        : base("model")
    {
        var (width, vocabulary, word, attention, fused) = (
            sizes.Backbone.Width,
            sizes.Vocabulary,
            sizes.WordChannels,
            sizes.Attention,
            sizes.FusedChannels
        );
        image = sizes.Image;
        backbone = new EagerResNet([.. sizes.Backbone.Blocks], sizes.Backbone.Bottleneck, width);
        embedding = Embedding(vocabulary, word);
        var cells = image / 8;
        (res3, res4, res5) = (Made(2), Made(4), Made(8));
        fusion = new Fusion(fused);
        mask = Conv2d(fused, 1, 3, padding: 1);
        RegisterComponents();

        Level Made(int times) =>
            new(times * width * (sizes.Backbone.Bottleneck ? 4 : 1), word, attention, fused, cells);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor picture, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var present = tokens.ne(0);
        var words = embedding.forward(tokens);
        var (low, mid, high) = backbone.forward(picture);
        var fusedLevels = fusion.forward([
            res3.forward(low, words, present),
            res4.forward(mid, words, present),
            res5.forward(high, words, present),
        ]);
        var logits = functional.interpolate(
            mask.forward(fusedLevels),
            [image, image],
            mode: InterpolationMode.Bilinear,
            align_corners: false
        );
        return logits.squeeze(1).MoveToOuterDisposeScope();
    }

    private sealed class Attention : Module<Tensor, Tensor, Tensor>
    {
        private readonly Linear query,
            key,
            value,
            output;
        private readonly double root;

        public Attention(int channels, int width)
            : base("attention")
        {
            (query, key, value, output) = (
                Linear(channels, width),
                Linear(channels, width),
                Linear(channels, width),
                Linear(width, channels)
            );
            root = Math.Sqrt(width);
            RegisterComponents();
        }

        // The paper asks with k and answers with q, and does not divide by the root of the width.
        public override Tensor forward(Tensor f, Tensor present) =>
            output.forward(
                functional
                    .scaled_dot_product_attention(
                        (key.forward(f) * root).unsqueeze(1),
                        query.forward(f).unsqueeze(1),
                        value.forward(f).unsqueeze(1),
                        present
                    )
                    .squeeze(1)
            );
    }

    private sealed class Level : Module<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly Attention attention;
        private readonly Conv2d conv;
        private readonly Tensor position;

        public Level(int channels, int word, int width, int fused, int cells)
            : base("level")
        {
            attention = new Attention(channels + word + 8, width);
            conv = Conv2d(channels + word + 8, fused, 1);
            Tensor Along(double shift) => (arange(cells) + shift) * (2.0 / cells) - 1;
            Tensor Across(double shift) => Along(shift).reshape(1, cells).expand(cells, cells);
            Tensor Down(double shift) => Along(shift).reshape(cells, 1).expand(cells, cells);
            position = stack([
                Across(0),
                Down(0),
                Across(1),
                Down(1),
                Across(0.5),
                Down(0.5),
                full(cells, cells, 1.0f / cells),
                full(cells, cells, 1.0f / cells),
            ]);
            RegisterComponents();
        }

        public override Tensor forward(Tensor v, Tensor e, Tensor present)
        {
            using var scope = NewDisposeScope();
            long batch = v.shape[0],
                words = e.shape[1],
                rows = v.shape[2],
                columns = v.shape[3];
            var f = cat(
                    [
                        functional.normalize(v, dim: 1).unsqueeze(1).expand(batch, words, -1, rows, columns),
                        functional
                            .normalize(e, dim: 2)
                            .unsqueeze(-1)
                            .unsqueeze(-1)
                            .expand(batch, words, -1, rows, columns),
                        position.to(v.device).to(v.dtype).expand(batch, words, -1, rows, columns),
                    ],
                    2
                )
                .permute(0, 1, 3, 4, 2)
                .reshape(batch, words * rows * columns, -1);
            var keys = present.unsqueeze(-1).expand(batch, words, rows * columns).reshape(batch, 1, 1, -1);
            var attended = (f + attention.forward(f, keys)).reshape(batch, words, rows * columns, -1);
            var count = present.to(v.dtype).sum(1).reshape(batch, 1, 1);
            var mean = attended.masked_fill(present.logical_not().reshape(batch, words, 1, 1), 0).sum(1) / count;
            return conv.forward(mean.transpose(1, 2).reshape(batch, -1, rows, columns))
                .relu_()
                .MoveToOuterDisposeScope();
        }
    }

    private sealed class Gate : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv;

        public Gate(int channels)
            : base("gate")
        {
            conv = Conv2d(channels, 1, 3, padding: 1);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => conv.forward(x).sigmoid_();
    }

    private sealed class Gates : Module<Tensor[], Tensor[]>
    {
        private readonly Gate res3,
            res4,
            res5;

        public Gates(int channels)
            : base("gates")
        {
            (res3, res4, res5) = (new Gate(channels), new Gate(channels), new Gate(channels));
            RegisterComponents();
        }

        public override Tensor[] forward(Tensor[] x) => [res3.forward(x[0]), res4.forward(x[1]), res5.forward(x[2])];
    }

    private sealed class Gammas : Module
    {
        public Gammas()
            : base("gamma")
        {
            foreach (var (i, j) in Pairs)
            {
                if (!named_children().Any(c => c.name == Names[i]))
                    register_module(Names[i], new Row());
                ((Row)named_children().First(c => c.name == Names[i]).module).register_parameter(
                    Names[j],
                    new Parameter(ones([]))
                );
            }
        }

        public static readonly string[] Names = ["res3", "res4", "res5"];

        public static IEnumerable<(int, int)> Pairs =>
            from i in Enumerable.Range(0, 3)
            from j in Enumerable.Range(0, 3)
            where i != j
            select (i, j);

        public Tensor[,] All()
        {
            var all = new Tensor[3, 3];
            foreach (var (i, j) in Pairs)
                all[i, j] = get_parameter($"{Names[i]}.{Names[j]}")!;
            return all;
        }

        private sealed class Row() : Module("row");
    }

    private sealed class Fusion : Module<Tensor[], Tensor>
    {
        private readonly Gates memory,
            reset;
        private readonly Gammas gamma;

        public Fusion(int channels)
            : base("fusion")
        {
            (memory, reset, gamma) = (new Gates(channels), new Gates(channels), new Gammas());
            RegisterComponents();
        }

        public override Tensor forward(Tensor[] x)
        {
            using var scope = NewDisposeScope();
            // A module that is moved has other tensors afterwards.
            var (m, r, weights) = (memory.forward(x), reset.forward(x), gamma.All());
            var sum = Of(0);
            for (var i = 1; i < 3; i++)
                sum = sum + Of(i);
            return sum.MoveToOuterDisposeScope();

            Tensor Of(int i)
            {
                var g = (1 - m[i]) * x[i];
                for (var j = 0; j < 3; j++)
                    if (j != i)
                        g = g + weights[i, j] * m[j] * x[j];
                return r[i] * g.tanh() + (1 - r[i]) * x[i];
            }
        }
    }
}
