using Cmsa.Dsl.Display;
using Snapshooter.Xunit;

namespace Cmsa.Dsl.Tests;

public class LayerTableTests
{
    private static LayerTable Of(Layer layer, InputSpec inputs) =>
        LayerTable
            .Of(layer, inputs)
            .Match(Succ: t => t, Fail: errors => throw new InvalidOperationException(string.Join("\n", errors)));

    private static LayerTable Of(string name)
    {
        var model = CostTests.Model(name);
        return Of(model.Layer, model.Inputs);
    }

    [Fact]
    public void The_papers_model_is_read_like_this() =>
        Snapshot.Match(string.Join('\n', Of("Cmsa.Paper").Lines(2, 180)));

    [Fact]
    public void A_narrow_terminal_gets_less_of_each_row() =>
        Snapshot.Match(string.Join('\n', Of("Cmsa.Released").Lines(2, 120)));

    [Theory, InlineData("Cmsa.Paper.Small"), InlineData("Cmsa.Released.Small"), InlineData("ResNet-18")]
    public void A_row_costs_at_least_what_stands_below_it_and_the_model_what_its_program_costs(string name)
    {
        var (model, table) = (CostTests.Model(name), Of(name));
        Assert.Equal(Cost.Of(CostTests.Elaborated(model.Layer, model.Inputs)), table.Model.Cost);
        foreach (var (row, _) in table.Model.Down(int.MaxValue))
            Assert.True(
                row.Rows.Sum(r => r.Cost.Bytes) <= row.Cost.Bytes
                    && row.Rows.Sum(r => r.Cost.MultiplyAdds) <= row.Cost.MultiplyAdds
            );
    }

    [Theory, InlineData("Cmsa.Paper.Small"), InlineData("Cmsa.Released.Small"), InlineData("ResNet-18")]
    public void Leaves_and_what_equations_add_have_all_parameters(string name)
    {
        var rows = Of(name).Model.Down(int.MaxValue).Map(r => r.Row);
        Assert.Equal(
            rows.Head.Cost.Parameters,
            rows.Sum(r => r.Cost.Parameters - r.Rows.Sum(below => below.Cost.Parameters))
        );
        Assert.All(rows.Filter(r => r.Rows.IsEmpty), r => Assert.True(r.Cost.Parameters >= 0));
        Assert.Equal(rows.Head.Cost.MultiplyAdds, rows.Filter(r => r.Rows.IsEmpty).Sum(r => r.Cost.MultiplyAdds));
    }

    [Fact]
    public void Every_level_has_its_rows_and_no_path_is_cut()
    {
        var lines = Of("Cmsa.Paper").Lines(2, 120);
        foreach (var level in new[] { "res3", "res4", "res5" })
            Assert.Contains(lines, l => l.StartsWith($"{level}.attention ", StringComparison.Ordinal));
        Assert.All(lines, l => Assert.True(l.Length <= 120));
    }

    [Fact]
    public void What_does_not_fit_is_an_error() =>
        Assert.True(LayerTable.Of(Conv(4, 3) + Conv(5, 3), InputSpec.FeatureMap(2, 5, 6)).IsFail);

    [
        Theory,
        InlineData(0, "0 B"),
        InlineData(1023, "1023 B"),
        InlineData(1024, "1.00 KiB"),
        InlineData(1536 * 1024, "1.50 MiB"),
        InlineData(1L << 40, "1.00 TiB")
    ]
    public void Memory_is_read_in_powers_of_1024(long bytes, string text) => Assert.Equal(text, Amounts.Memory(bytes));

    [
        Theory,
        InlineData(0, "0"),
        InlineData(999, "999"),
        InlineData(1500, "1.50 k"),
        InlineData(17_900_000_000, "17.9 G"),
        InlineData(241_000_000, "241 M")
    ]
    public void Counts_are_read_in_powers_of_1000(long count, string text) =>
        Assert.Equal(text, Amounts.Rounded(count));
}
