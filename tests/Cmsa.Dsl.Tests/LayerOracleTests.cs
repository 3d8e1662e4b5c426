using Cmsa.Dsl.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>The layers of transformers, norms and paddings beside what PyTorch computes.</summary>
public partial class TorchOracleTests
{
    private static readonly InputSpec map = InputSpec.FeatureMap(4, 3, 5);

    private static Tensor Absent() =>
        torch.tensor(
            new[,]
            {
                { false, false, true, true },
                { true, true, true, true },
            }
        );

    [Fact]
    public void Norms_are_PyTorchs()
    {
        using var scope = NewDisposeScope();
        var expected = Read("layers.json")["norms"]!;
        var x = Signed("groups", 2, 4, 3, 5);
        Agree(Filled(Module(GroupNorm(2), map), Last).Run(x), expected["group"]!);
        Agree(Module(InstanceNorm(), map).Run(x), expected["instance"]!);
        var words = Signed("words", 2, 3, 6);
        var present = torch.ones(2, 3, ScalarType.Bool);
        Agree(Filled(Module(LayerNorm<Words>(), InputSpec.Words(3, 6)), Last).Run(words, present), expected["layer"]!);
    }

    [Theory, InlineData(Graphs.OptimizationLevel.AsWritten), InlineData(Graphs.OptimizationLevel.All)]
    public void Attention_is_PyTorchs_over_the_words_that_are_there(Graphs.OptimizationLevel effort)
    {
        using var scope = NewDisposeScope();
        var expected = Read("layers.json")["attention"]!;
        var (words, memory, options) = (
            Signed("words", 2, 4, 6),
            Signed("memory", 2, 5, 6),
            new Options(Optimise: effort)
        );
        var (w, m) = (InputSpec.Words(4, 6), InputSpec.Of<Patches>(5, 6));

        var own = Filled(Module(MultiHeadAttention<Words>(6, 2), w, options), path => path);
        Agree(own.Run(words, Absent()), expected["self"]!);
        var crossed = Filled(Module(MultiHeadAttention<Patches, Words>(6, 2), m & w, options), path => path);
        Agree(crossed.Run(memory, words, Absent()), expected["cross"]!);
        var encoder = Filled(Module(TransformerEncoder<Patches>(6, 2, 8), m, options), path => path);
        Agree(encoder.Run(memory), expected["encoder"]!);
        var decoder = Filled(Module(TransformerDecoder<Patches, Words>(6, 2, 8), m & w, options), path => path);
        Agree(decoder.Run(memory, words, Absent()), expected["decoder"]!);
    }

    [Fact]
    public void Weights_of_an_attention_are_PyTorchs()
    {
        using var scope = NewDisposeScope();
        var attention = MultiHeadAttention<Words>(6, 2).Named("a");
        var options = new Options(Probes: ["a.attend.weights"]);
        var module = Filled(Module(attention, InputSpec.Words(4, 6), options), path => path["a.".Length..]);
        var shown = module.RunShowing(Signed("words", 2, 4, 6), Absent()).Probes["a.attend.weights"];
        Agree(shown, Read("layers.json")["attention"]!["weights"]!);
    }

    [Fact]
    public void Each_map_of_an_attention_is_replaced_by_its_path()
    {
        var attention = MultiHeadAttention<Words>(6, 2).Named("a");
        var replaced = attention.Replace("a.value", Identity<Words>());
        var paths = replaced.At(InputSpec.Words(4, 6)).Fits().Parameters.Map(p => p.Path);
        Assert.DoesNotContain("a.value.weight", paths);
        Assert.Equal(6, paths.Count);
    }

    [Fact]
    public void Rearrangements_are_PyTorchs()
    {
        using var scope = NewDisposeScope();
        var expected = Read("layers.json")["rearranged"]!;
        var blocks = Module(PixelShuffle(2), InputSpec.FeatureMap(8, 2, 3));
        Agree(blocks.Run(Signed("blocks", 2, 8, 2, 3)), expected["shuffled"]!);
        var patches = Filled(Module(PatchEmbedding(5, 2), InputSpec.FeatureMap(3, 4, 6)), Last);
        Agree(patches.Run(Signed("picture", 2, 3, 4, 6)), expected["patches"]!);
        var back = Filled(Module(PatchEmbedding(5, 2) >> Unflatten(3) >> Flatten, InputSpec.FeatureMap(3, 4, 6)), Last);
        Agree(back.Run(Signed("picture", 2, 3, 4, 6)), expected["patches"]!);
    }

    [Fact]
    public void Squeeze_and_excitation_is_what_PyTorch_computes()
    {
        using var scope = NewDisposeScope();
        var module = Filled(Module(SqueezeExcite(4, reduction: 2), map), path => path);
        Agree(module.Run(Signed("map", 2, 4, 3, 5)), Read("layers.json")["excited"]!);
    }

    [Fact]
    public void Paddings_are_TensorFlows()
    {
        using var scope = NewDisposeScope();
        foreach (var c in Read("layers.json")["padded"]!.AsArray())
        {
            var padding = Enum.Parse<AutoPad>(c!["padding"]!.GetValue<string>());
            var conv = Conv(2, Int(c, "kernel"), Int(c, "stride"), Int(c, "dilation"), padding: padding);
            var module = Filled(Module(conv, InputSpec.FeatureMap(4, 7, 8)), Last);
            Agree(module.Run(Signed("even map", 2, 4, 7, 8)), c["result"]!);
        }
    }

    [Fact]
    public void A_convolution_that_pads_nowhere_has_the_same_sum_everywhere_on_ones()
    {
        using var scope = NewDisposeScope();
        var conv = Conv(1, 4, 4, bias: false, padding: AutoPad.Valid).InitializedBy(new Graphs.Initializer.Fill(1));
        var result = Module(conv, InputSpec.FeatureMap(1, 8, 8)).Run(torch.ones(1, 1, 8, 8, ScalarType.Float64));
        Assert.Equal([16, 16, 16, 16], result.data<double>().ToArray());
    }

    [Fact]
    public void An_even_kernel_has_no_middle() =>
        Assert.Equal(
            [
                "conv: Conv(1, 4, stride: 4); expected an odd kernel, which has a middle; use an odd kernel, "
                    + "AutoPad.SameUpper as TensorFlow pads, or AutoPad.Valid",
            ],
            Conv(1, 4, 4).At(InputSpec.FeatureMap(1, 8, 8)).Errors()
        );

    [Fact]
    public void Sinusoids_are_those_of_the_formula_and_are_not_counted()
    {
        using var scope = NewDisposeScope();
        var inputs = InputSpec.Of<Patches>(5, 8);
        var module = Module(SinusoidalPositions<Patches>(), inputs);
        var table = module.Run(torch.zeros(1, 5, 8, ScalarType.Float64))[0];
        var difference = (table - Numbers(Read("layers.json")["positions"]!)).abs().max().item<double>();
        Assert.InRange(difference, 0, 1e-7);
        Assert.Equal(0, SinusoidalPositions<Patches>().At(inputs).Fits().ParameterCount);

        // On maps the first half of the channels says the row, the second the column.
        var maps = Module(SinusoidalPositions<FeatureMap>(), InputSpec.FeatureMap(16, 5, 5));
        var places = maps.Run(torch.zeros(1, 16, 5, 5, ScalarType.Float64))[0];
        var (rows, columns) = (places.narrow(0, 0, 8).select(2, 3), places.narrow(0, 8, 8).select(1, 2));
        Assert.InRange((rows - table.t()).abs().max().item<double>(), 0, 1e-7);
        Assert.InRange((columns - table.t()).abs().max().item<double>(), 0, 1e-7);
    }

    [Fact]
    public void A_dropped_path_drops_whole_samples_in_training_alone()
    {
        using var scope = NewDisposeScope();
        var ones = torch.ones(64, 2, 3, 3, ScalarType.Float64);
        var inputs = InputSpec.FeatureMap(2, 3, 3);
        Agreed(Module(DropPath<FeatureMap>(0.5), inputs).Run(ones), ones);
        var trained = Module(DropPath<FeatureMap>(0.5), inputs, new Options(Training: true)).Run(ones);
        var samples = trained.flatten(1);
        Agreed(samples, samples.narrow(1, 0, 1).expand(64, 18));
        Assert.Equal([0.0, 2.0], samples.data<double>().ToArray().Distinct().Order());

        static void Agreed(Tensor x, Tensor y) => Assert.Equal(0, (x - y).abs().max().item<double>());
    }

    private static Tensor Sixes(int[] lengths) =>
        torch.stack([.. lengths.Select(n => torch.arange(6, ScalarType.Int64).ge(6 - n))]);

    [Fact]
    public void A_memory_in_both_directions_is_PyTorchs_over_the_words()
    {
        using var scope = NewDisposeScope();
        int[] lengths = [6, 3, 1];
        var module = Filled(
            Module(Bidirectional(Lstm<Words>(4)), InputSpec.Words(6, 5)),
            path => path.Replace("ward.", "ward.lstm.", StringComparison.Ordinal)
        );
        var states = module.Run(Signed("words", 3, 6, 5), Sixes(lengths));
        foreach (var (b, length) in lengths.Index())
            Agree(states[b].narrow(0, 6 - length, length), Read("layers.json")["both_ways"]![b]!);
    }

    [Fact]
    public void A_forget_bias_is_added_to_the_forget_gate()
    {
        using var scope = NewDisposeScope();
        var module = Filled(
            Module(Lstm<Words>(4, forgetBias: 1), InputSpec.Words(6, 5)),
            path => path.Replace("lstm.", "", StringComparison.Ordinal) + "_l0"
        );
        Agree(module.Run(Signed("words", 3, 6, 5), Sixes([6, 3, 1]))[0], Read("layers.json")["forgetting"]!);
    }
}
