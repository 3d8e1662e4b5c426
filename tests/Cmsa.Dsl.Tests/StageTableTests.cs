using Cmsa.Dsl.Display;
using Cmsa.Models.Catalogues;

namespace Cmsa.Dsl.Tests;

/// <summary>What belongs to which stage of a model whose inputs are bound in turn.</summary>
public class StageTableTests
{
    public static TheoryData<string> OfTwoInputs =>
        [.. Catalogue.All.Filter(e => e.Name.EndsWith("Small", StringComparison.Ordinal)).Map(e => e.Name)];

    private static Graph GraphOf(string name) =>
        Catalogue
            .Find(name)
            .Match(Right: e => e.Layer.At(e.Inputs).Fits(), Left: e => throw new InvalidOperationException($"{e}"));

    [Theory, MemberData(nameof(OfTwoInputs))]
    public void Stages_add_up_to_the_model_whatever_is_bound(string name)
    {
        var graph = GraphOf(name);
        foreach (var training in new[] { false, true })
        {
            using var module = graph.Compile(new(Training: training)).Fits();
            var whole = module.Graph.MultiplyAdds;
            foreach (Many<string> bound in new Many<string>[] { ["image"], ["tokens"], ["tokens", "image"] })
            {
                var table = StageTable
                    .Of(graph, bound, training)
                    .Match(Right: t => t, Left: e => throw new InvalidOperationException($"{e}"));
                Assert.Equal(whole, table.Plan.Stages.Total(s => s.MultiplyAdds));
            }
        }
    }

    [Fact]
    public void Of_several_inputs_the_first_is_bound()
    {
        var graph = GraphOf("Cmsa.Paper");
        var text =
            $"{StageTable.Of(graph).Match(Right: t => t, Left: e => throw new InvalidOperationException($"{e}"))}";
        Assert.Equal(
            """
            stage            multiply-adds        kept     at most
            weights                 3.47 G     287 MiB     288 MiB
                res5 46 %, res4 31 %, res3 23 %
            image                   65.7 G    66.4 MiB     372 MiB
                backbone 76 %, res5 12 %, res4 7 %, res3 5 %
            run                     4.44 G           -     389 MiB
                res3 33 %, res4 33 %, res5 33 %, fusion 1.0 % and 1 more
            """,
            text
        );
    }

    [Theory]
    [InlineData("imag", "did you mean image?")]
    [InlineData("x", "name one of these")]
    public void An_input_that_is_not_there_is_refused(string name, string advice) =>
        Assert.EndsWith(
            advice,
            $"{StageTable.Of(GraphOf("Cmsa.Paper.Small"), [name]).LeftToSeq().Head}",
            StringComparison.Ordinal
        );

    [Fact]
    public void An_input_is_bound_once() =>
        Assert.Contains(
            "bound twice",
            $"{StageTable.Of(GraphOf("Cmsa.Paper.Small"), ["image", "image"]).LeftToSeq().Head}",
            StringComparison.Ordinal
        );
}
