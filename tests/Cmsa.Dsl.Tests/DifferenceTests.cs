using Cmsa.Dsl.Display;
using LanguageExt;
using Snapshooter.Xunit;

namespace Cmsa.Dsl.Tests;

public class DifferenceTests
{
    private static readonly Layer<(Image, Tokens), Mask> paper = Paper.Model(Sizes.Paper);

    private static string Text(Layer a, Layer b) => string.Join('\n', Difference.Between(a, b));

    [Fact]
    public void A_model_does_not_differ_from_itself() =>
        Assert.All(Catalogue.All, e => Assert.True(Difference.Between(e.Layer, e.Layer).IsEmpty));

    [Fact]
    public void Models_that_differ_have_a_difference() =>
        Assert.All(Catalogue.All.Bind(a => Catalogue.All.Filter(b => !a.Layer.Equals(b.Layer)).Map(b => (a, b))), pair => Assert.False(Difference.Between(pair.a.Layer, pair.b.Layer).IsEmpty));

    [Fact]
    public void A_changed_argument_is_one_change() => Assert.Equal(
        "res5.attention: SelfAttention(512) -> SelfAttention(512, over: Pixels)", Text(paper, paper.Replace("res5.attention", new SelfAttention(512, Over.Pixels))));

    [Fact]
    public void What_all_levels_have_is_one_change() => Assert.Equal(
        "*.attention: SelfAttention(512) -> SelfAttention(512, over: Pixels)", Text(paper, paper.Replace<SelfAttention>(a => a with { Over = Over.Pixels })));

    [Fact]
    public void Steps_that_were_added_or_taken_away_are_found() => Assert.Equal(
        "norm: + BatchNorm\nmodel: + Tanh",
        Text(Conv(3, 1) >> Relu >> Conv(4, 1), Conv(3, 1) >> BatchNorm() >> Relu >> Conv(4, 1) >> Tanh));

    [Fact]
    public void The_other_way_round_what_was_added_was_taken_away()
    {
        var (a, b) = (Conv(3, 1) >> Relu >> Conv(4, 1), Conv(3, 1) >> BatchNorm() >> Relu >> Conv(4, 1));
        Assert.Equal(Difference.Between(a, b).Map(c => (c.Path, c.Before, c.After)), Difference.Between(b, a).Map(c => (c.Path, c.After, c.Before)));
    }

    [Fact]
    public void A_deeper_network_has_more_blocks() =>
        Assert.Equal(17, Difference.Between(ResNet.Of50.Classifier(10), ResNet.Of101.Classifier(10)).Count(c => c.Before.IsNone && c.Path.StartsWith("layer3.", StringComparison.Ordinal)));

    [Fact]
    public void Notes_alone_are_one_change()
    {
        Assert.Equal("a: Conv(3, 1).Named(\"a\").Frozen() -> Conv(3, 1).Named(\"a\")", Text(Conv(3, 1).Named("a").Frozen() >> Relu, Conv(3, 1).Named("a") >> Relu));
        Assert.Equal("a: Conv(3, 1).Named(\"a\") -> Conv(3, 1).Named(\"b\")", Text(Conv(3, 1).Named("a") >> Relu, Conv(3, 1).Named("b") >> Relu));
    }

    [Fact]
    public void The_papers_model_and_the_released_one_are_read_like_this() => Snapshot.Match(Text(paper, Released.Model(Sizes.Paper)));
}
