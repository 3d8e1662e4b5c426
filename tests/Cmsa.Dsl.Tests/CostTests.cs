using Cmsa.Models.Catalogues;
using LanguageExt;

namespace Cmsa.Dsl.Tests;

public class CostTests
{
    public static TheoryData<string> Small =>
        ["Cmsa.Paper.Small", "Cmsa.Released.Small", "ResNet-18", "DeepLab-ResNet-101"];

    internal static Entry Model(string name) =>
        Catalogue
            .Find(name)
            .Match(Left: error => throw new InvalidOperationException($"{error}"), Right: entry => entry);

    internal static Cmsa.Dsl.Graphs.Graph Elaborated(Layer layer, InputSpec inputs) =>
        layer
            .At(inputs)
            .Match(
                Succ: graph => graph,
                Fail: errors => throw new InvalidOperationException(string.Join("\n", errors))
            );

    [Theory, MemberData(nameof(Small))]
    public void Costs_by_path_add_up_to_the_whole(string name)
    {
        var graph = Elaborated(Model(name).Layer, Model(name).Inputs);
        foreach (
            var version in new[]
            {
                graph,
                Rewriting.GraphOptimizer.Optimize(graph, Graphs.OptimizationLevel.All, training: false),
            }
        )
            Assert.Equal(Cost.Of(version), Cost.ByPath(version).Fold(Cost.None, (sum, at) => sum + at.Cost));
    }

    [Theory, InlineData("Cmsa.Paper.Small"), InlineData("Cmsa.Released.Small")]
    public void Parameters_are_those_of_the_module(string name)
    {
        var model = Model(name);
        using var module = model
            .Layer.Compile(model.Inputs)
            .Match(Succ: m => m, Fail: errors => throw new InvalidOperationException(string.Join("\n", errors)));
        Assert.Equal(
            module.parameters().Sum(p => p.numel()),
            Cost.Of(Elaborated(model.Layer, model.Inputs)).Parameters
        );
    }

    [Fact]
    public void A_convolution_costs_what_a_person_works_out()
    {
        var cost = Cost.Of(Elaborated(Conv(4, 3) >> Relu, InputSpec.FeatureMap(2, 5, 6)));
        // The convolution, its bias added and the relu are 4 x 5 x 6 numbers each.
        Assert.Equal(new Cost(4 * 2 * 9 + 4, 4 * 30 * 2 * 9, 3 * 4 * 30 * 4), cost);
    }

    [Fact]
    public void The_peak_is_what_is_alive_at_once()
    {
        var map = InputSpec.FeatureMap(1, 4, 4);
        const long value = 16 * 4;
        // Functions are written over what they are computed from; a residual keeps its beginning until the end, and
        // what looks at neighbours is not written over anything, and notes where the greatest were.
        Assert.Equal(1 * value, Peak(Identity<FeatureMap>() >> Relu >> Tanh >> Sigmoid >> Relu));
        Assert.Equal(
            2 * value,
            Peak(Identity<FeatureMap>() >> Relu >> Residual(Identity<FeatureMap>() >> Tanh >> Sigmoid))
        );
        Assert.Equal(
            (3 + 2) * value,
            Peak(Identity<FeatureMap>() >> Relu >> Residual(MaxPool(3, 1, 1) >> MaxPool(3, 1, 1) >> Relu))
        );

        long Peak(Layer<FeatureMap, FeatureMap> layer) => ExecutionPlan.Of(Elaborated(layer, map)).Peak;
    }

    [Theory, MemberData(nameof(Small))]
    public void The_peak_is_no_more_than_all_values(string name)
    {
        var graph = Elaborated(Model(name).Layer, Model(name).Inputs);
        Assert.InRange(
            ExecutionPlan.Of(graph).Peak,
            graph.Nodes.Max(v => v.IsComputed ? v.Shape.Count : 0),
            Cost.Of(graph).Bytes
        );
    }

    [Fact]
    public void What_layers_share_counts_once()
    {
        var shared = Conv(3, 1).Shared("encoder");
        Assert.Equal(12, Cost.Of(Elaborated(shared >> shared, InputSpec.FeatureMap(3, 4, 4))).Parameters);
    }

    [Fact]
    public void Gates_of_an_equation_are_computed_once_for_each_level()
    {
        var graph = Elaborated(
            Paper.GatedFusion,
            InputSpec.Levels([
                ("a", InputSpec.FeatureMap(2, 3, 3)),
                ("b", InputSpec.FeatureMap(2, 3, 3)),
                ("c", InputSpec.FeatureMap(2, 3, 3)),
            ])
        );
        Assert.Equal(6, graph.Nodes.Count(v => v.Operation is Convolve));
    }
}
