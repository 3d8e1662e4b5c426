using System.Reflection;
using Cmsa.Dsl.Testing;
using Cmsa.Models.Catalogues;
using FsCheck.Fluent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// A composition of wrong kinds does not compile: the kinds of the language are the compiler's types.
/// </summary>
public class SnippetTests
{
    private static readonly MetadataReference[] references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private static CSharpCompilation Compilation(IEnumerable<string> expressions)
    {
        var source = $$"""
            using System;
            using LanguageExt;
            using Cmsa;
            using Cmsa.Dsl;
            using Cmsa.Dsl.Graphs;
            using Cmsa.Dsl.Layers;
            using Cmsa.Dsl.Tests;
            using Cmsa.Models;
            using static Cmsa.Dsl.Layers.Syntax;
            public static class Snippet
            {
                {{string.Concat(
                expressions.Select((expression, i) => $"public static object Value{i} => {expression};\n")
            )}}
            }
            """;
        var tree = CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Preview));
        var library = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary);
        return CSharpCompilation.Create($"snippet{Guid.NewGuid():N}", [tree], references, library);
    }

    /// <summary>The errors of an expression of the language, each with the text at which it is found.</summary>
    private static (string Id, string At)[] Errors(string expression)
    {
        var compilation = Compilation([expression]);
        var source = compilation.SyntaxTrees[0].ToString();
        return
        [
            .. compilation
                .GetDiagnostics()
                .Where(d => d.Severity == DiagnosticSeverity.Error)
                .Select(d => (d.Id, source.Substring(d.Location.SourceSpan.Start, d.Location.SourceSpan.Length))),
        ];
    }

    /// <summary>The values of expressions of the language.</summary>
    private static object[] Values(IReadOnlyList<string> expressions)
    {
        using var assembly = new MemoryStream();
        var emitted = Compilation(expressions).Emit(assembly);
        var errors = emitted.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error);
        Assert.True(emitted.Success, string.Join("\n", errors.Take(3)) + "\n" + string.Join("\n", expressions));
        var snippet = Assembly.Load(assembly.ToArray()).GetType("Snippet")!;
        return [.. expressions.Select((_, i) => snippet.GetProperty($"Value{i}")!.GetValue(null)!)];
    }

    private static void CompileToThemselves(IReadOnlyList<Layer> layers) =>
        Assert.Equal(layers, Values([.. layers.Select(l => l.ToCode())]));

    // The deeper residual networks and the rows at the paper's sizes are made of the same layers.
    [Theory, InlineData("Cmsa.Paper"), InlineData("Cmsa.Released"), InlineData("ResNet-18"), InlineData("ResNet-50")]
    public void The_code_of_a_model_compiles_to_the_model(string name) =>
        CompileToThemselves([CostTests.Model(name).Layer]);

    [Fact]
    public void The_code_of_the_rows_of_tables_compiles_to_them() =>
        CompileToThemselves([.. Catalogue.SmallRows.Map(e => e.Layer)]);

    [Fact]
    public void The_code_of_random_layers_compiles_to_them() =>
        CompileToThemselves([
            .. RandomLayers.LayersOfMaps().Generator.Sample(60, 8),
            .. RandomLayers.LayersOfWords().Generator.Sample(60, 8),
            .. RandomLayers.Multimodals().Generator.Sample(60, 4).Select(e => e.Layer),
            .. RandomLayers.Fusions().Generator.Sample(60, 8).Select(e => e.Layer),
        ]);

    [Fact]
    public void The_code_of_layers_of_your_own_compiles_to_them() =>
        CompileToThemselves([
            Conv(4, 1) >> new Shuffle(2).Named("mix"),
            new JsonTests.Own(
                "a \"b\"\n",
                double.NegativeInfinity,
                2.5,
                [1, -2],
                [("x", Relu >> Conv(1, 1))],
                Short: 0.25f
            ),
        ]);

    [Theory]
    [InlineData("Conv(4, 3) >> Relu >> Conv(1, 1) >> Upsample(32)")]
    [InlineData(
        "DeepLab.ResNet101(\"res5\") * Embedding(10, 4) >> EachLevel(Multimodal >> Residual(SelfAttention(4)) >> WordMean)"
    )]
    [InlineData("Conv(4, 3) * Embedding(10, 4) >> Multimodal >> WordMax >> Sigmoid")]
    [InlineData("(Conv(4, 3) & Conv(4, 1)) >> Join<FeatureMap>() >> (x => x * Sigmoid(x))")]
    [InlineData("(Conv(4, 3) + Conv(4, 1)) >> GlobalAverage >> Linear<Vector>(10)")]
    [InlineData("Define<FeatureMap>(x => x.Sum(i => x[i] * Learnable(\"gain\") / 2))")]
    [InlineData(
        "Define<FeatureMap, FeatureMap, FeatureMap>((x, y) => Sigmoid(x) * y + (1 - Sigmoid(x)) * (x >> Conv(3, 1)))"
    )]
    [InlineData("Embedding(10, 4) >> Lstm<Words>(4) >> LastWord >> AsWord")]
    public void What_fits_compiles(string expression) => Assert.Empty(Errors(expression));

    [Theory]
    [InlineData("Conv(4, 3) >> WordMean", "CS0019", "Conv(4, 3) >> WordMean")]
    [InlineData("Embedding(10, 4) >> Conv(4, 3)", "CS0019", "Embedding(10, 4) >> Conv(4, 3)")]
    [InlineData("Conv(4, 3) >> Relu >> Multimodal", "CS0019", "Conv(4, 3) >> Relu >> Multimodal")]
    [InlineData("Conv(4, 3) + Embedding(10, 4)", "CS0019", "Conv(4, 3) + Embedding(10, 4)")]
    [InlineData("Conv(4, 3) * Conv(4, 3) >> Multimodal", "CS0019", "Conv(4, 3) * Conv(4, 3) >> Multimodal")]
    [InlineData(
        "Multimodal >> SelfAttention(4) >> Upsample(32)",
        "CS0019",
        "Multimodal >> SelfAttention(4) >> Upsample(32)"
    )]
    [InlineData("Conv(4, 3) & Embedding(10, 4)", "CS0019", "Conv(4, 3) & Embedding(10, 4)")]
    [InlineData("Linear<Levels<FeatureMap>>(4)", "CS0315|CS0311", "Linear<Levels<FeatureMap>>")]
    [InlineData("Define<FeatureMap, Mask>(x => x >> Conv(4, 3))", "CS0029|CS1662|CS0266", "x >> Conv(4, 3)")]
    [InlineData("Define<FeatureMap, FeatureMap>(x => x >> WordMean)", "CS0019", "x >> WordMean")]
    public void What_does_not_fit_does_not_compile(string expression, string id, string at)
    {
        var errors = Errors(expression);
        Assert.NotEmpty(errors);
        Assert.Contains(errors, e => id.Split('|').Contains(e.Id) && e.At == at);
    }
}
