using Cmsa.Dsl.Display;
using Cmsa.Dsl.Layers;
using Cmsa.Models.Catalogues;
using Cmsa.Models.Tables;
using LanguageExt;
using Snapshooter.Xunit;

namespace Cmsa.Dsl.Tests;

[Trait("Speed", "Slow")]
public class DifferenceTests
{
    private static readonly Layer<(Image, Tokens), Mask> paper = Paper.Model(Sizes.Paper);

    private static string Text(Layer a, Layer b) => string.Join('\n', Difference.Between(a, b));

    [Fact]
    public void A_model_does_not_differ_from_itself() =>
        Assert.All(Catalogue.All, e => Assert.True(Difference.Between(e.Layer, e.Layer).IsEmpty));

    [Fact]
    public void Models_that_differ_have_a_difference() =>
        Assert.All(
            Catalogue.All.Bind(a => Catalogue.All.Filter(b => !a.Layer.Equals(b.Layer)).Map(b => (a, b))),
            pair => Assert.False(Difference.Between(pair.a.Layer, pair.b.Layer).IsEmpty)
        );

    [Fact]
    public void A_changed_argument_is_one_change() =>
        Assert.Equal(
            "res5.attention: SelfAttention(512) -> SelfAttention(512, over: Pixels)",
            Text(paper, paper.Replace("res5.attention", new SelfAttention(512, AttentionScope.Pixels)))
        );

    [Fact]
    public void What_all_levels_have_is_one_change() =>
        Assert.Equal(
            "*.attention: SelfAttention(512) -> SelfAttention(512, over: Pixels)",
            Text(paper, paper.Replace<SelfAttention>(a => a with { Over = AttentionScope.Pixels }))
        );

    [Fact]
    public void Steps_that_were_added_or_taken_away_are_found() =>
        Assert.Equal(
            "norm: + BatchNorm\nmodel: + Tanh",
            Text(Conv(3, 1) >> Relu >> Conv(4, 1), Conv(3, 1) >> BatchNorm() >> Relu >> Conv(4, 1) >> Tanh)
        );

    [Fact]
    public void The_other_way_round_what_was_added_was_taken_away()
    {
        var (a, b) = (Conv(3, 1) >> Relu >> Conv(4, 1), Conv(3, 1) >> BatchNorm() >> Relu >> Conv(4, 1));
        Assert.Equal(
            Difference.Between(a, b).Map(c => (c.Path, c.Before, c.After)),
            Difference.Between(b, a).Map(c => (c.Path, c.After, c.Before))
        );
    }

    [Fact]
    public void A_deeper_network_has_more_blocks() =>
        Assert.Equal(
            17,
            Difference
                .Between(ResNet.Of50.Classifier(10), ResNet.Of101.Classifier(10))
                .Filter(c => c.Before.IsEmpty && c.Path == "layer3")
                .Sum(c => c.After.Count)
        );

    [Fact]
    public void Notes_alone_are_one_change()
    {
        Assert.Equal(
            "a: Conv(3, 1).Named(\"a\").Frozen() -> Conv(3, 1).Named(\"a\")",
            Text(Conv(3, 1).Named("a").Frozen() >> Relu, Conv(3, 1).Named("a") >> Relu)
        );
        Assert.Equal(
            "a: Conv(3, 1).Named(\"a\") -> Conv(3, 1).Named(\"b\")",
            Text(Conv(3, 1).Named("a") >> Relu, Conv(3, 1).Named("b") >> Relu)
        );
    }

    // As many places as a row says: the words, what is made of a level, the fusion.
    [Fact]
    public void Two_rows_of_a_table_differ_in_no_more_places_than_their_names_say()
    {
        foreach (var table in new[] { PaperTables.Two, PaperTables.Three })
            foreach (var (a, b) in from a in table.Models from b in table.Models where a != b select (a, b))
            {
                var changes = Difference.Between(Model(a), Model(b));
                // The code of a cited paper differs in more details than its idea.
                var isCited = new[] { a, b }.Any(row => row.Name.EndsWith("(as cited)", StringComparison.Ordinal));
                Assert.InRange(changes.Count, 1, isCited ? 8 : table.Number == 3 ? 1 : 3);
                Assert.All(changes, c => Assert.DoesNotContain('\n', $"{c}"));
                // Its code also differs at both ends of one sequence: those are two changes of one path.
                var told = isCited ? changes.Map(c => $"{c}") : changes.Map(c => c.Path);
                Assert.Equal(told, told.Distinct());
            }

        static Layer Model(Cmsa.Models.Tables.Row row) =>
            row.Model.Match(m => m(Sizes.Paper), () => throw new InvalidOperationException());
    }

    [Theory]
    [InlineData("table3/none", "table3/all", "*.attention: SelfAttention(512, over: None) -> SelfAttention(512)")]
    [InlineData("table2/cmsa-s", "table2/cmsa-w", "model: - Lstm<Words>(1000) >> LastOfWords >> SentenceAsWord")]
    [InlineData("table2/rrn-cnn", "table2/cmsa-s", "*: + Residual(SelfAttention(512))")]
    [InlineData(
        "table2/ppm",
        "table2/gated",
        "fusion: FanOut >> Join >> FanOut >> Join >> Conv >> Relu -> Define(x => x.Sum(i => x.Each(Conv(1, 3) >> "
            + "Sigmoid, \"memory\")[i] * x[i]))"
    )]
    public void A_row_is_found_by_its_table_and_short_name(string before, string after, string change) =>
        Assert.Equal(change, Text(CostTests.Model(before).Layer, CostTests.Model(after).Layer));

    [Fact]
    public void Neighbouring_steps_in_the_place_of_others_are_one_change() =>
        Assert.Equal(
            "model: Conv(4, 1) -> BatchNorm >> Tanh",
            Text(Conv(3, 1) >> Conv(4, 1) >> Conv(5, 1), Conv(3, 1) >> BatchNorm() >> Tanh >> Conv(5, 1))
        );

    [Fact]
    public void The_papers_model_and_the_released_one_are_read_like_this() =>
        Snapshot.Match(Text(paper, Released.Model(Sizes.Paper)));
}
