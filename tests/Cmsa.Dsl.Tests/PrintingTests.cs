using Cmsa.Dsl.Display;
using Cmsa.Dsl.Testing;
using Cmsa.Models.Catalogues;
using FsCheck.Xunit;
using Snapshooter.Xunit;

namespace Cmsa.Dsl.Tests;

/// <summary>Models as text: short ones on a line, long ones over lines as a person writes them.</summary>
public class PrintingTests
{
    private const int Deep = 40;

    private static readonly InputSpec map = InputSpec.FeatureMap(2, 4, 4);

    private static Layer<FeatureMap, FeatureMap> Nested(int depth) =>
        Many.Range(depth).Fold((Layer<FeatureMap, FeatureMap>)Conv(2, 1), (inner, _) => Residual(Conv(2, 1) >> inner));

    [Fact]
    public void Deeply_nested_layers_are_printed_shown_drawn_and_compared()
    {
        var model = Nested(Deep);
        Assert.Equal(Deep, $"{model}".Split("Residual").Length - 1);
        Assert.Equal(Deep + 1, $"{model}".Split("Conv").Length - 1);
        Assert.Equal(2, LayerTable.Of(model, map).Fits().Model.Rows.Count);
        Assert.StartsWith("<svg", Drawing.Svg(model, map).Fits(), StringComparison.Ordinal);
        Assert.Single(Difference.Between(model, model.Replace($"conv_{Deep + 1}", Conv(2, 3))));
    }

    [Fact]
    public void A_formula_is_as_long_as_what_was_written()
    {
        var doubled = Define<FeatureMap, FeatureMap>(x => Many.Range(Deep).Fold(x, (t, _) => Tanh(t) * Tanh(t) + 1));
        Assert.True($"{doubled}".Length < 100 * Deep);
    }

    [Fact]
    public void No_line_of_a_model_takes_more_than_a_hundred_columns() =>
        Assert.All(
            Catalogue.All + Catalogue.SmallRows,
            e => Assert.All($"{e.Layer}".Split('\n'), line => Assert.True(line.Length <= 100, line))
        );

    [Fact]
    public void The_papers_model_is_printed_like_this() => Snapshot.Match($"{Paper.Model(Sizes.Small)}");

    [Fact]
    public void Operands_of_the_same_operator_on_the_right_are_in_parentheses() =>
        Assert.Equal(
            "Define(x => x - (x + x) * (x * x) / (x / x))",
            $"{Define<FeatureMap, FeatureMap>(x => x - (x + x) * (x * x) / (x / x))}"
        );

    [Property(Arbitrary = [typeof(RandomLayers)], MaxTest = 200, QuietOnSuccess = true)]
    public bool Line_breaks_are_the_only_difference_between_long_and_short_text(Layer<FeatureMap, FeatureMap> layer)
    {
        var wrapped = new Holder(layer);
        return Blank($"{layer}") == Blank($"{wrapped}"["Holder(".Length..^1]);

        static string Blank(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
    }

    private sealed record Holder(Layer<FeatureMap, FeatureMap> Body) : Layer<FeatureMap, FeatureMap>
    {
        protected override Signal Elaborate(Signal input, Scope scope) => input;
    }
}
