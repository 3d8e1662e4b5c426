using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Cmsa.Architecture.Tests;

/// <summary>Every C# block of README and docs compiles, with the usings below, and runs.</summary>
[Trait("Speed", "Slow")]
public sealed partial class DocumentTests
{
    private const string Usings = """
        using System;
        using System.IO;
        using System.Linq;
        using Cmsa;
        using Cmsa.Dsl;
        using Cmsa.Dsl.Graphs;
        using Cmsa.Dsl.Layers;
        using Cmsa.Dsl.Rewriting;
        using Cmsa.Dsl.Torch;
        using Cmsa.Dsl.Onnx;
        using Cmsa.Models;
        using LanguageExt;
        using TorchSharp;
        using static Cmsa.Dsl.Layers.Syntax;
        using static Cmsa.Models.DeepLab;
        using static Cmsa.Models.Paper;

        """;

    private static readonly MetadataReference[] references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    [GeneratedRegex("^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block { get; }

    public static TheoryData<string, string> Blocks
    {
        get
        {
            var blocks = new TheoryData<string, string>();
            string[] pages =
            [
                Path.Combine(Repository.Root, "README.md"),
                .. Directory
                    .GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
                    .Order(StringComparer.Ordinal),
            ];
            foreach (var page in pages)
            {
                var text = File.ReadAllText(page).ReplaceLineEndings("\n");
                foreach (Match block in Block.Matches(text))
                {
                    var line = text[..block.Index].Count(c => c == '\n') + 1;
                    blocks.Add($"{Path.GetRelativePath(Repository.Root, page)}:{line}", block.Groups[1].Value);
                }
            }
            return blocks;
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Code_in_documents_runs(string place, string code)
    {
        // Members of a class stand in a class; statements are a program.
        var isMembers = code.StartsWith("public static ", StringComparison.Ordinal);
        var text = isMembers ? $"{Usings}public static class Document\n{{\n{code}}}\n" : Usings + code;
        var tree = CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview));
        var isProgram = tree.GetRoot().ChildNodes().OfType<GlobalStatementSyntax>().Any();
        var kind = isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
        var compilation = CSharpCompilation.Create("document", [tree], references, new CSharpCompilationOptions(kind));
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        var errors = emitted.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString());
        Assert.True(emitted.Success, $"{place}: {string.Join("\n", errors)}");
        if (isProgram)
            Assembly.Load(image.ToArray()).EntryPoint!.Invoke(null, [Array.Empty<string>()]);
    }

    public static TheoryData<string> Examples =>
        [
            .. Directory
                .GetFiles(Path.Combine(Repository.Root, "examples"), "*.cs")
                .Select(f => Path.GetFileName(f))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Examples_compile(string file)
    {
        // The lines for dotnet run are not C#.
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "examples", file))
            .Where(line => !line.StartsWith('#'));
        const string implied = "using System; using System.IO; using System.Linq; using System.Collections.Generic;\n";
        var tree = CSharpSyntaxTree.ParseText(
            implied + string.Join('\n', lines),
            new CSharpParseOptions(LanguageVersion.Preview)
        );
        var compilation = CSharpCompilation.Create(
            "example",
            [tree],
            references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication)
        );
        Assert.Empty(
            compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString())
        );
    }
}
