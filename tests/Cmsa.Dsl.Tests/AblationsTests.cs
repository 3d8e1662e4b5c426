using Cmsa.Models.Tables;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>The rows of the paper's tables as models.</summary>
[Trait("Speed", "Slow")]
public class AblationsTests
{
    private static readonly Sizes tiny = new(
        ResNet.Of18 with
        {
            Width = 4,
            OutputStride = 8,
        },
        Image: 32,
        Words: 4,
        Vocabulary: 9,
        WordChannels: 5,
        Attention: 4,
        FusedChannels: 8,
        FixedBackbone: false
    );

    public static IEnumerable<object[]> Rows =>
        from table in PaperTables.All
        from row in table.Models
        select new object[] { table.Number, row.Name };

    private static Layer<(Image, Tokens), Mask> Model(int table, string row, Sizes sizes) =>
        PaperTables
            .Find(table)
            .Bind(t => t.Row(row))
            .Match(r => r.Model, _ => default)
            .Match(m => m(sizes), () => throw new InvalidOperationException(row));

    private static Compiled Compiled(Layer<(Image, Tokens), Mask> model, Options options) =>
        model
            .Compile(tiny.Inputs, options)
            .Match(c => c, errors => throw new InvalidOperationException(string.Join('\n', errors)));

    [Theory, MemberData(nameof(Rows))]
    public void Each_row_fits_together_at_both_scales(int table, string row)
    {
        foreach (var sizes in new[] { Sizes.Paper, Sizes.Small })
            Assert.Empty(
                Model(table, row, sizes).At(sizes.Inputs).Match(_ => [], errors => errors.Select(e => $"{e}"))
            );
    }

    [Theory, MemberData(nameof(Rows))]
    public void Each_row_comes_back_from_json(int table, string row) =>
        Assert.Equal(
            Model(table, row, tiny),
            Json.Read<(Image, Tokens), Mask>(Json.Write(Model(table, row, tiny)))
                .Match(m => m, errors => throw new InvalidOperationException(string.Join('\n', errors)))
        );

    [Theory, MemberData(nameof(Rows))]
    public void Each_row_runs_forward_and_backward(int table, string row)
    {
        using var compiled = Compiled(
            Model(table, row, tiny),
            new(Training: true, Optimise: Graphs.OptimizationLevel.AsWritten)
        );
        torch.manual_seed(1);
        using var image = torch.randn(2, 3, 32, 32);
        using var words = torch.tensor([0, 0, 3, 7, 5, 1, 8, 2], [2, 4]);
        using var logits = compiled.Run(image, words);
        Assert.Equal([2L, 32, 32], logits.shape);
        logits.square().sum().backward();
        foreach (var (parameter, tensor) in compiled.Tensors.Where(t => t.Parameter.Role != Role.Statistic))
            Assert.True(
                tensor.grad is { } gradient && gradient.isfinite().all().item<bool>(),
                $"{parameter.Path} has no finite gradient"
            );
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void The_rows_of_a_table_start_alike_in_what_they_share(int table)
    {
        var found = new Dictionary<(string, string), (string Row, Tensor Start)>();
        var shared = new System.Collections.Generic.HashSet<string>();
        foreach (var row in PaperTables.Find(table).Match(t => t.Models, _ => default))
        {
            using var compiled = Compiled(Model(table, row.Name, tiny), new(Seed: 3));
            foreach (var (parameter, tensor) in compiled.Tensors)
                if (
                    !found.TryAdd((parameter.Path, $"{parameter.Of}"), (row.Name, tensor.clone()))
                    && found[(parameter.Path, $"{parameter.Of}")] is var (other, start)
                )
                {
                    shared.Add(parameter.Path);
                    Assert.True(
                        start.Equals(tensor),
                        $"{parameter.Path} starts otherwise in {row.Name} than in {other}"
                    );
                }
        }
        if (table != 1)
            Assert.All(
                ["mask.weight", "mask.bias", "embedding.weight", "backbone.conv1.weight", "res5.conv.bias"],
                path => Assert.Contains(path, shared)
            );
    }

    /// <summary>The paths of the smallest parts in which two models differ.</summary>
    private static IEnumerable<string> Differences(Placement a, Placement b) =>
        a.Layer.Equals(b.Layer) ? []
        : a.Layer.GetType() == b.Layer.GetType()
        && a.Parts.Count == b.Parts.Count
        && a.Path == b.Path
        && a.Layer.With(b.Layer.Parts).Equals(b.Layer)
        && a.Parts.Zip(b.Parts, (x, y) => x.Layer.In == y.Layer.In && x.Layer.Out == y.Layer.Out).ForAll(same => same)
            ? a.Parts.Zip(b.Parts, Differences).SelectMany(d => d)
        : [a.Path];

    [Theory]
    [InlineData(3, "No attention", "*.attention")]
    [InlineData(3, "Word attention", "*.attention")]
    [InlineData(3, "Pixel attention", "*.attention")]
    [InlineData(3, "Word-pixel pair attention", "*.attention")]
    [InlineData(3, "Word-pixel pair attention (cross terms)", "*.attention")]
    [InlineData(2, "CMSA-S", "embedding")]
    [InlineData(2, "RRN-CNN", "embedding", "*")]
    [InlineData(2, "RMI-LSTM", "embedding", "*")]
    [InlineData(2, "RMI-LSTM (as cited)", "embedding", "*", "mask")]
    [InlineData(2, "RRN-CNN (as cited)", "embedding", "*")]
    public void A_row_on_res5_differs_from_the_papers_in_what_its_name_says(
        int table,
        string row,
        params string[] where
    ) => Assert.Equal(where, Differences(Placement.Of(Paper.OnRes5(tiny)), Placement.Of(Model(table, row, tiny))));

    [
        Theory,
        InlineData("CMSA-W"),
        InlineData("CMSA+PPM"),
        InlineData("CMSA+PPM (as cited)"),
        InlineData("CMSA+ConvLSTM (as cited)"),
        InlineData("CMSA+Deconv"),
        InlineData("CMSA+ConvLSTM"),
        InlineData("CMSA+Gated")
    ]
    public void A_row_of_fusion_differs_from_the_papers_in_its_fusion(string row) =>
        Assert.Equal(["fusion"], Differences(Placement.Of(Paper.Model(tiny)), Placement.Of(Model(2, row, tiny))));

    [Fact]
    public void The_last_rows_are_the_papers_model()
    {
        Assert.Equal(Paper.Model(tiny), Model(1, "CMSA", tiny));
        Assert.Equal(Paper.Model(tiny), Model(2, "CMSA+GF", tiny));
        Assert.Equal(Paper.OnRes5(tiny), Model(3, "Cross-modal self-attention", tiny));
        Assert.Equal(Model(2, "CMSA-W", tiny), Model(3, "Cross-modal self-attention", tiny));
    }

    [Fact]
    public void No_two_rows_of_a_table_are_the_same_model()
    {
        foreach (var table in PaperTables.All)
            Assert.Equal(
                table.Models.Count,
                table.Models.Select(r => (Layer)Model(table.Number, r.Name, tiny)).Distinct().Count()
            );
    }

    [Fact]
    public void On_res5_alone_nothing_of_the_other_levels_is_there() =>
        Assert.DoesNotContain(
            Paper.OnRes5(tiny).At(tiny.Inputs).Match(p => p, _ => throw new InvalidOperationException()).Parameters,
            p =>
                p.Path.StartsWith("res3", StringComparison.Ordinal)
                || p.Path.StartsWith("res4", StringComparison.Ordinal)
                || p.Path.StartsWith("fusion", StringComparison.Ordinal)
        );

    [Fact]
    public void Every_published_number_has_a_column_and_a_source()
    {
        foreach (var table in PaperTables.All)
            foreach (var number in table.Rows.SelectMany(r => r.Numbers))
            {
                Assert.Contains(number.Column, table.Columns);
                Assert.NotEmpty(number.Source);
                Assert.Equal(!number.Confirmed, number.ToString().EndsWith('*'));
            }
    }

    [Fact]
    public void Unknown_tables_and_rows_are_one_sentence()
    {
        Assert.Equal(
            "there is no table 4; there are 1, 2, 3",
            PaperTables.Find(4).Match(_ => "", problem => $"{problem}")
        );
        Assert.StartsWith(
            "table 3 has no row GF; it has No attention (none), ",
            PaperTables.Three.Row("GF").Match(_ => "", problem => $"{problem}"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Cross_terms_say_what_does_not_fit() =>
        Assert.Contains(
            "give Word as the embedding's channels",
            (Multimodal >> CrossTermAttention(4, 50) >> WordMean)
                .At(InputSpec.FeatureMap(3, 2, 2) & InputSpec.Words(2, 5))
                .Match(_ => "", errors => string.Join('\n', errors)),
            StringComparison.Ordinal
        );

    [Fact]
    public void Cross_terms_factor_into_attention_over_words_and_over_places()
    {
        var written = (Multimodal >> CrossTermAttention(512, 1000) >> WordMean)
            .At(InputSpec.FeatureMap(2048, 40, 40) & InputSpec.Words(20, 1000))
            .Match(p => p, _ => throw new InvalidOperationException());
        Assert.InRange(
            Rewriting.GraphOptimizer.Optimize(written, Graphs.OptimizationLevel.All, training: true).MultiplyAdds,
            1,
            written.MultiplyAdds / 50
        );
    }
}
