using System.Globalization;
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
[Trait("Speed", "Slow")]
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
            using Cmsa.Models.Ablations;
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
    internal static (string Id, string At, string Message)[] Errors(string expression) =>
        Errors(Compilation([expression]));

    private static (string Id, string At, string Message)[] Errors(CSharpCompilation compilation)
    {
        var source = compilation.SyntaxTrees[0].ToString();
        return
        [
            .. compilation
                .GetDiagnostics()
                .Where(d => d.Severity == DiagnosticSeverity.Error)
                .Select(d =>
                    (
                        d.Id,
                        source.Substring(d.Location.SourceSpan.Start, d.Location.SourceSpan.Length),
                        d.GetMessage(CultureInfo.InvariantCulture)
                    )
                ),
        ];
    }

    /// <summary>The errors of a program.</summary>
    private static (string Id, string At, string Message)[] OfProgram(string source) =>
        Errors(
            CSharpCompilation.Create(
                "program",
                [CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Preview))],
                references,
                new CSharpCompilationOptions(OutputKind.ConsoleApplication)
            )
        );

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
    [InlineData("Conv(4, 3) >> Dropout(0.5) >> Relu")]
    [
        InlineData("Conv(4, 3) >> (Relu >> Dropout(0.5) >> Dropout(0.1) >> Tanh)"),
        InlineData("Conv(4, 3) + Dropout(0.5)")
    ]
    [InlineData("EachLevel(Conv(4, 3)) >> EachLevel(Relu) >> EachLevel(Dropout(0.5))")]
    [
        InlineData("Relu & Conv(4, 3)"),
        InlineData("Conv(4, 3) & Relu"),
        InlineData("Conv(4, 3) + Relu"),
        InlineData("Dropout(0.1) >> Conv(4, 3)")
    ]
    [InlineData("Define<FeatureMap, Vector, FeatureMap>((x, v) => x * v + x / v - v)")]
    [InlineData("Define<FeatureMap, Words, WordMaps>((v, w) => (v, w) >> Multimodal)")]
    [InlineData(
        "Define<FeatureMap, FeatureMap>(x => Max(x, 0) * Gelu(x) + Power(Abs(x), 0.5) * Greater(x, 1) >> Conv(4, 1))"
    )]
    [InlineData("Define<FeatureMap>(x => x >> Pick(\"res5\"))")]
    [InlineData("Repeat(5, Residual(Conv(4, 3) >> Silu)).InitializedBy(new Initializer.He()).InFloat32()")]
    public void So_does_what_needs_no_kind_of_its_own(string expression) => Assert.Empty(Errors(expression));

    [Fact]
    public void A_model_may_grow_in_a_variable() =>
        Assert.Empty(
            OfProgram(
                """
                using Cmsa.Dsl;
                using static Cmsa.Dsl.Layers.Syntax;
                var f = Conv(64, 3);
                f = f >> Relu;
                for (var i = 0; i < 3; i++) f >>= Conv(64, 3) >> Relu;
                """
            )
        );

    [Fact]
    public void Names_do_not_collide_with_TorchSharp_nor_with_a_program() =>
        Assert.Empty(
            OfProgram(
                """
                using System;
                using Cmsa;
                using Cmsa.Dsl;
                using Cmsa.Dsl.Graphs;
                using Cmsa.Dsl.Layers;
                using Cmsa.Dsl.Torch;
                using TorchSharp;
                using static TorchSharp.torch;
                using static Cmsa.Dsl.Layers.Syntax;
                Scalar two = 2.0;
                Pointwise swish = x => x * Sigmoid(x);
                var model = Conv(4, 3) >> swish;
                Console.WriteLine($"{model} {two} {typeof(Program)}");
                """
            )
        );

    public static TheoryData<string, string> Mistakes { get; } =
        new()
        {
            {
                "Conv(4, 3) >> WordMean",
                "The kinds do not meet: the first layer gives another kind than the second takes."
            },
            { "Embedding(10, 4) >> Conv(4, 3)", "The kinds do not meet" },
            { "Conv(4, 3) >> Relu >> Multimodal", "The kinds do not meet" },
            { "Conv(4, 3) * Conv(4, 3) >> Multimodal", "The kinds do not meet" },
            { "Multimodal >> SelfAttention(4) >> Upsample(32)", "The kinds do not meet" },
            { "Conv(4, 3) + Embedding(10, 4)", "f + g adds what both make of one argument" },
            { "Multimodal + Relu", "f + g adds what both make of one argument" },
            { "Conv(4, 3) & Embedding(10, 4)", "Write f * g for two layers side by side on a pair." },
            { "Relu & Relu", "Begin with a layer: Identity<FeatureMap>() & Relu." },
            { "Conv(4, 3) * Relu", "Write Elementwise<FeatureMap>.Of(Relu)" },
            { "Relu * Conv(4, 3)", "Write Elementwise<FeatureMap>.Of(Relu)" },
            { "Conv(4, 3) * Dropout(0.5)", "such as Dropout<Words>(0.5)" },
            { "Multimodal + Dropout(0.5)", "f + g adds what both make of one argument" },
            { "0.5 * Conv(4, 3)", "Scale what it gives" },
            { "Conv(4, 3) - Conv(4, 1)", "Write it as an equation" },
            { "Residual(Embedding(10, 4))", "f must give the kind that it takes" },
            { "Repeat(3, Embedding(10, 4))", "f must give the kind that it takes" },
            {
                "Define<FeatureMap, FeatureMap>(x => x >> WordMean)",
                "The layer does not take what the symbol stands for."
            },
            {
                "Define<FeatureMap, Words, WordMaps>((v, w) => (w, v) >> Multimodal)",
                "The layer does not take what the symbol stands for."
            },
            { "Define<FeatureMap, FeatureMap>(x => x * Conv(4, 1))", "apply it to a symbol with >>" },
            { "Define<FeatureMap, FeatureMap>(x => Conv(4, 1) + x)", "apply it to a symbol with >>" },
            { "Define<FeatureMap>(x => x >> Conv(4, 1))", "Apply it to one level, x[i] >> f" },
        };

    [Theory, MemberData(nameof(Mistakes))]
    public void What_does_not_fit_is_said_by_the_compiler(string expression, string sentence) =>
        Assert.Contains(
            Errors(expression),
            e => e.Id == "CS0619" && e.Message.Contains(sentence, StringComparison.Ordinal)
        );

    [Fact]
    public void The_compiler_says_the_kinds_too() =>
        Assert.Contains(
            "Layer<Tokens, Words>",
            Assert.Single(Errors("Embedding(10, 4) >> Conv(4, 3)")).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("Linear<Levels<FeatureMap>>(4)", "CS0315|CS0311", "Linear<Levels<FeatureMap>>")]
    [InlineData("Define<FeatureMap, Mask>(x => x >> Conv(4, 3))", "CS0029|CS1662|CS0266", "x >> Conv(4, 3)")]
    public void What_does_not_fit_does_not_compile(string expression, string id, string at)
    {
        var errors = Errors(expression);
        Assert.NotEmpty(errors);
        Assert.Contains(errors, e => id.Split('|').Contains(e.Id) && e.At == at);
    }
}
