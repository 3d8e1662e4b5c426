using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Layers;
using Cmsa.Dsl.Testing;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>Gated recurrent units beside libtorch's own, and memories with peepholes beside the paper's equations.</summary>
public class GruTests
{
    private const int Most = 6;
    private static readonly int[] lengths = [6, 3, 1];

    private static Tensor Words { get; } =
        Drawn.Uniform("words", [3, Most, 5], 2, u => u * 2 - 1).to(ScalarType.Float64).DetachFromDisposeScope();

    private static Tensor Present() =>
        torch.stack([.. lengths.Select(n => torch.arange(Most, ScalarType.Int64).ge(Most - n))]);

    private static Compiled Exact(Layer<Words, Words> layer) =>
        layer
            .Compile(InputSpec.Words(Most, 5), new Options(Precision: Precision.Float64))
            .Fits()
            .WithDrawnWeights();

    private static Tensor Weight(Compiled module, string name) =>
        module.Tensors.Single(t => t.Parameter.Path.EndsWith(name, StringComparison.Ordinal)).Tensor.detach();

    private static void Agree(Tensor found, Tensor expected)
    {
        Assert.Equal(expected.shape, found.shape);
        Assert.InRange((found - expected).abs().max().item<double>(), 0, 1e-12);
    }

    private static nn.Module<Tensor, Tensor?, (Tensor, Tensor)> Libtorchs(Compiled module, string path, string ending = "")
    {
        var gru = nn.GRU(5, 4, batchFirst: true, bidirectional: ending.Length > 0, dtype: ScalarType.Float64);
        Copy(gru, module, path, "");
        return gru;
    }

    private static void Copy(nn.Module gru, Compiled module, string path, string ending)
    {
        using var none = torch.no_grad();
        foreach (var name in new[] { "weight_ih", "weight_hh", "bias_ih", "bias_hh" })
            gru.named_parameters()
                .Single(p => p.name == $"{name}_l0{ending}")
                .parameter.copy_(Weight(module, $"{path}{name}"));
    }

    [Fact]
    public void A_unit_over_padded_words_is_libtorchs_over_the_words()
    {
        using var scope = NewDisposeScope();
        using var module = Exact(Gru<Words>(4));
        using var gru = Libtorchs(module, "");
        var states = module.Run(Words, Present()).detach();
        foreach (var (b, length) in lengths.Index())
        {
            var words = Words[b].narrow(0, Most - length, length);
            Agree(states[b].narrow(0, Most - length, length), gru.call(words.unsqueeze(0), null).Item1[0].detach());
        }
    }

    [Fact]
    public void Units_in_both_directions_are_libtorchs_over_the_words()
    {
        using var scope = NewDisposeScope();
        using var module = Exact(Bidirectional(Gru<Words>(4)));
        using var gru = Libtorchs(module, "forward.", "_reverse");
        Copy(gru, module, "backward.", "_reverse");
        var states = module.Run(Words, Present()).detach();
        foreach (var (b, length) in lengths.Index())
        {
            var words = Words[b].narrow(0, Most - length, length);
            Agree(states[b].narrow(0, Most - length, length), gru.call(words.unsqueeze(0), null).Item1[0].detach());
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_unit_at_every_place_is_one_over_the_words_of_that_place(bool resetAfter)
    {
        using var scope = NewDisposeScope();
        using var maps = (Multimodal >> Gru<WordMaps>(3, resetAfter))
            .Compile(InputSpec.FeatureMap(2, 2, 3) & InputSpec.Words(4, 2), new Options(Precision: Precision.Float64))
            .Fits()
            .WithDrawnWeights();
        using var words = Gru<Words>(3, resetAfter)
            .Compile(InputSpec.Words(4, 12), new Options(Precision: Precision.Float64))
            .Fits();
        using (torch.no_grad())
            foreach (var name in new[] { "weight_ih", "weight_hh", "bias_ih", "bias_hh" })
                words.Tensors.Single(t => t.Parameter.Path.EndsWith(name, StringComparison.Ordinal)).Tensor.copy_(Weight(maps, name));
        var v = Drawn.Uniform("v", [2, 2, 2, 3], 1).to(ScalarType.Float64);
        var e = Drawn.Uniform("e", [2, 4, 2], 1).to(ScalarType.Float64);
        var present = torch.stack([torch.arange(4).ge(1), torch.arange(4).ge(2)]);
        var feature = Multimodal
            .Compile(InputSpec.FeatureMap(2, 2, 3) & InputSpec.Words(4, 2), new Options(Precision: Precision.Float64))
            .Fits()
            .Run(v, e, present);
        var states = maps.Run(v, e, present).detach();
        for (var row = 0; row < 2; row++)
            for (var column = 0; column < 3; column++)
                Agree(
                    states[.., .., .., row, column],
                    words.Run(feature[.., .., .., row, column].contiguous(), present).detach()
                );
    }

    /// <summary>Gers and Schmidhuber's equations, word by word.</summary>
    [Fact]
    public void A_memory_with_peepholes_is_its_equations()
    {
        using var scope = NewDisposeScope();
        using var module = Exact(Lstm<Words>(4, peepholes: true));
        Tensor W(string name) => Weight(module, name);
        var states = module.Run(Words, Present()).detach();
        var (h, c) = (torch.zeros(4, ScalarType.Float64), torch.zeros(4, ScalarType.Float64));
        for (var n = 0; n < Most; n++)
        {
            var gates = (W("weight_ih").mv(Words[0, n]) + W("bias_ih") + W("weight_hh").mv(h) + W("bias_hh")).chunk(4);
            var input = (gates[0] + W("weight_ci") * c).sigmoid();
            var forget = (gates[1] + W("weight_cf") * c).sigmoid();
            c = forget * c + input * gates[2].tanh();
            h = (gates[3] + W("weight_co") * c).sigmoid() * c.tanh();
            Agree(states[0, n], h);
        }
    }

    [Fact]
    public void Peepholes_of_zero_are_none()
    {
        using var scope = NewDisposeScope();
        using var peeping = Exact(Lstm<Words>(4, peepholes: true));
        using var plain = Exact(Lstm<Words>(4));
        using (torch.no_grad())
            foreach (var (parameter, tensor) in peeping.Tensors)
                if (parameter.Path.Contains("weight_c", StringComparison.Ordinal))
                    tensor.zero_();
                else
                    tensor.copy_(Weight(plain, parameter.Path));
        Agree(peeping.Run(Words, Present()).detach(), plain.Run(Words, Present()).detach());
    }

    public static TheoryData<Layer<Words, Words>, string> Written =>
        new()
        {
            { Lstm<Words>(4), """{ "layer": "Lstm", "kinds": ["Words"], "hidden": 4 }""" },
            { Lstm<Words>(4, peepholes: true), """{ "layer": "Lstm", "kinds": ["Words"], "hidden": 4, "peepholes": true }""" },
            { Gru<Words>(4), """{ "layer": "Gru", "kinds": ["Words"], "hidden": 4 }""" },
            { Gru<Words>(4, resetAfter: false), """{ "layer": "Gru", "kinds": ["Words"], "hidden": 4, "resetAfter": false }""" },
        };

    [Theory, MemberData(nameof(Written))]
    public void A_memory_is_written_and_read_back(Layer<Words, Words> layer, string json)
    {
        Assert.Equal(json, Json.Write(layer).Trim());
        Assert.Equal(layer, Json.Read<Words, Words>(json).Match(Succ: read => read, Fail: _ => Identity<Words>()));
    }

    public static TheoryData<Layer<Words, Words>> Units =>
        [
            Gru<Words>(3),
            Gru<Words>(3, resetAfter: false),
            Lstm<Words>(3, peepholes: true),
            Bidirectional(Gru<Words>(2)),
        ];

    [Theory, MemberData(nameof(Units))]
    public void Padding_changes_nothing(Layer<Words, Words> layer) =>
        Laws.PaddingChangesNothing(layer, InputSpec.Words(4, 2), 3).Check();

    [Fact]
    public void A_unit_without_words_says_what_to_do() =>
        Assert.Contains(
            "use it on Words or WordMaps",
            Gru<FeatureMap>(3)
                .At(InputSpec.FeatureMap(3, 2, 2))
                .Match(Succ: _ => "fits", Fail: errors => $"{errors.Head}"),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_cell_without_its_vector_does_not_fit() =>
        Assert.Contains(
            "a vector",
            $"{new Node(
                new Recur(2, Cell: RecurrentCell.Gru),
                new Node(new Input("x", new(new(Axis.Batch, 1), new(Axis.Word, 3), new(Axis.Channel, 6)))),
                new Node(new Always(Axis.Word)),
                new Node(new Parameter("w", new(new(Axis.Out, 6), new(Axis.In, 2)), new Initializer.Fill(0), Role.Weight))
            ).Errors}",
            StringComparison.Ordinal
        );
}
