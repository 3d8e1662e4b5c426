using System.Text.RegularExpressions;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Testing;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LanguageExt;
using Snapshooter.Xunit;

namespace Cmsa.Dsl.PyTorch.Tests;

/// <summary>What can be said of the source without running it; tests/pytorch.sh runs it.</summary>
public partial class SourceTests
{
    private static Graph At(Layer model, InputSpec inputs) =>
        model
            .At(inputs)
            .Match(Succ: graph => graph, Fail: errors => throw new ArgumentException(string.Join("; ", errors)));

    private static string Source(Graph graph, bool folds = false) =>
        PyTorchSource
            .Write(graph, new("Model", FoldsWeights: folds))
            .Match(Succ: text => text, Fail: errors => throw new ArgumentException(string.Join("; ", errors)));

    private static string Classes(string source) =>
        source[source.IndexOf("# ---- the model", StringComparison.Ordinal)..];

    // A plain network, whose two blocks are alike.
    private static Layer<FeatureMap, FeatureMap> Twice { get; } =
        (Conv(4, 3) >> BatchNorm() >> Relu).Named("stem")
        >> Residual(Conv(4, 3) >> BatchNorm() >> Relu).Named("first")
        >> Residual(Conv(4, 3) >> BatchNorm() >> Relu).Named("second");

    [Fact]
    public void A_network_is_read_like_this() => Snapshot.Match(Source(At(Twice, InputSpec.FeatureMap(3, 8, 8))));

    [Fact]
    public void The_paper_is_read_like_this() =>
        Snapshot.Match(Classes(Source(At(Paper.Model(Sizes.Small), Sizes.Small.Inputs))));

    [Fact]
    public void The_paper_optimised_is_read_like_this()
    {
        var graph = GraphOptimizer.Optimize(
            At(Paper.Model(Sizes.Small), Sizes.Small.Inputs),
            OptimizationLevel.All,
            training: true,
            Processor.Gpu
        );
        Snapshot.Match(Classes(Source(graph)));
    }

    [Fact]
    public void Layers_alike_are_one_class()
    {
        var source = Source(At(ResNet.Of101.Classifier(10), InputSpec.Image(64, 64)));
        // 33 blocks are of 8 kinds: the first of each stage, and the others.
        Assert.Equal(8, Regex.Count(source, @"^class Layer\d_\d+\(", RegexOptions.Multiline));
    }

    [Theory]
    [InlineData("lambda"), InlineData("training"), InlineData("0"), InlineData("a b"), InlineData("softmax")]
    public void Any_name_of_a_layer_is_written(string name)
    {
        var source = Source(At(Conv(2, 1).Named(name), InputSpec.FeatureMap(3, 2, 2)));
        Assert.Contains(
            $"self.own(\"{name}\"",
            name == "softmax" ? $"self.own(\"{name}\"" : source,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_an_operation_of_ones_own_lacks_is_said()
    {
        var node = new Node(
            new Unheard(),
            new Node(new Input("x", new Shape(new Dimension(Axis.Batch, 1), new(Axis.Channel, 2))))
        );
        var wrong = PyTorchSource
            .Write(Graph.Of("here", node), new("Model"))
            .Match(Succ: _ => "", Fail: errors => $"{errors.Head}");
        Assert.Equal(
            "here: the operation Unheard has no PyTorch source; write the layer in operations of Cmsa.Dsl.Graphs",
            wrong
        );
    }

    private sealed record Unheard : Operation
    {
        public override Inferred Infer(Many<Shape> operands) => operands[0];
    }

    [Fact]
    public void Every_operation_is_written()
    {
        var operations = typeof(Operation)
            .Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(Operation)) && !t.IsAbstract && t != typeof(Poisoned));
        Assert.All(
            operations,
            t =>
                Assert.True(
                    Emitters.Knows((Operation)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(t)),
                    t.Name
                )
        );
    }

    [Property(Arbitrary = [typeof(RandomLayers)], MaxTest = 200)]
    public bool Nothing_is_used_before_it_is_written(Graph graph) =>
        UsedBeforeWritten(Source(graph)).Length == 0
        && UsedBeforeWritten(
            Source(GraphOptimizer.Optimize(graph, OptimizationLevel.All, training: false, Processor.Cpu), folds: true)
        ).Length == 0;

    /// <summary>The variables that a function of the model's classes uses before it gives them a value.</summary>
    private static string[] UsedBeforeWritten(string source)
    {
        var found = new List<string>();
        var known = new System.Collections.Generic.HashSet<string>();
        foreach (var line in Classes(source).Split("# ---- trying")[0].Split('\n').Select(l => l.Trim()))
        {
            if (Head().Match(line) is { Success: true } head)
                known = [.. head.Groups[1].Value.Split(", ")];
            else if (Assignment().Match(line) is { Success: true } set)
            {
                found.AddRange(Used(set.Groups[2].Value).Where(u => !known.Contains(u)));
                known.UnionWith(set.Groups[1].Value.Split(", "));
            }
            else if (line.StartsWith("return ", StringComparison.Ordinal))
                found.AddRange(Used(line[7..]).Where(u => !known.Contains(u)));
        }
        return [.. found];
    }

    private static IEnumerable<string> Used(string expression) =>
        Variable()
            .Matches(Texts().Replace(expression.Split("  #")[0], ""))
            .Select(m => m.Value)
            .Where(v => v is not ("torch" or "F" or "True" or "False" or "None" or "math" or "e"));

    [GeneratedRegex(@"^def \w+\((.*)\):$")]
    private static partial Regex Head();

    [GeneratedRegex(@"^(\w+(?:, \w+)*),? = (.*)$")]
    private static partial Regex Assignment();

    // Names that are neither called, nor attributes, nor named arguments.
    [GeneratedRegex(@"(?<![.\w])[A-Za-z_]\w*(?![\w(]|=[^=])")]
    private static partial Regex Variable();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Texts();
}
