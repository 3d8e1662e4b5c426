using Cmsa.Models;
using Cmsa.Tests;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Cmsa.Cli.Tests;

/// <summary>Models of a user's own program, and layers of a user's own assembly.</summary>
[Trait("Speed", "Slow")]
public sealed class OwnModelTests : IDisposable
{
    private static readonly Sizes tiny = TinySizes.Sizes;

    private readonly string folder = Directory.CreateTempSubdirectory("cmsa").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string file) => Path.Combine(folder, file);

    private static Ran Own(params string[] line) =>
        Ran.Of(() => Application.Run(line, ("mine", Paper.OnRes5(tiny), tiny)));

    [Fact]
    public void Every_command_takes_a_model_of_the_program()
    {
        string[][] lines =
        [
            ["show", "mine"],
            ["diff", "mine", "Cmsa.Paper.Small"],
            ["draw", "mine", "-o", At("mine.svg")],
            ["check", "mine"],
            ["export", "mine", "-o", At("mine.json")],
            ["explain", "mine"],
        ];
        Assert.All(
            lines,
            line =>
            {
                var ran = Own(line);
                Assert.Equal((Application.Done, ""), (ran.Code, ran.Error));
                Assert.NotEmpty(ran.Output);
            }
        );
        Assert.Contains("32×32", Own("show", "mine").Output, StringComparison.Ordinal);
        Assert.Contains("a model of this program", Own("list").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_program_there_is_no_such_model() =>
        Assert.Contains("no model is called mine", Ran.Of("show", "mine").Complaint(), StringComparison.Ordinal);

    [Fact]
    public void A_layer_of_an_assembly_is_found_where_the_assembly_is_given()
    {
        var (library, model) = (
            Compiled(
                """
                using Cmsa.Dsl;
                using Cmsa.Dsl.Graphs;
                namespace Mine;
                public sealed record Doubled(int Times) : Layer<FeatureMap, FeatureMap>
                {
                    protected override Signal Elaborate(Signal input, Scope scope) =>
                        Times > 0 ? input.Node * 2 : throw new System.ArgumentException("no times");
                }
                """
            ),
            At("own.json")
        );

        File.WriteAllText(model, """{ "layer": "Doubled", "times": 3 }""");
        Assert.Contains("there is no layer Doubled", Ran.Of("check", model).Complaint(), StringComparison.Ordinal);
        Assert.Contains("fits", Ran.Of("check", model, "--assembly", library).Output, StringComparison.Ordinal);
        Assert.Equal(Application.Done, Ran.Of("show", model, "--assembly", library).Code);

        File.WriteAllText(model, """{ "layer": "Doubled", "times": 0 }""");
        Assert.Contains(
            "model: Doubled.Elaborate threw ArgumentException: no times",
            Ran.Of("check", model, "--assembly", library).Complaint(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_assembly_that_cannot_be_loaded_is_said()
    {
        File.WriteAllText(At("text.dll"), "no assembly");
        Assert.Contains(
            "there is no such file",
            Ran.Of("check", "paper", "--assembly", At("none.dll")).Complaint(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "cannot be loaded",
            Ran.Of("check", "paper", "--assembly", At("text.dll")).Complaint(),
            StringComparison.Ordinal
        );
    }

    private string Compiled(string source)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "Mine",
            [CSharpSyntaxTree.ParseText(source)],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)
        );
        var path = At("Mine.dll");
        var emitted = compilation.Emit(path);
        Assert.True(emitted.Success, string.Join("\n", emitted.Diagnostics));
        return path;
    }
}
