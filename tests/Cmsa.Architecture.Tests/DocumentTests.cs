using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Cmsa.Architecture.Tests;

/// <summary>Every C# block of README and docs compiles, with the usings below, and runs.</summary>
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
    public async Task Code_in_documents_runs(string place, string code)
    {
        var options = CSharpParseOptions
            .Default.WithKind(SourceCodeKind.Script)
            .WithLanguageVersion(LanguageVersion.Preview);
        var compilation = CSharpCompilation.CreateScriptCompilation(
            "document",
            CSharpSyntaxTree.ParseText(Usings + code, options),
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)
        );
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        var errors = emitted.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString());
        Assert.True(emitted.Success, $"{place}: {string.Join("\n", errors)}");

        var script = Assembly.Load(image.ToArray()).GetType("Script")!;
        var run = script.GetMethod("<Factory>", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;
        await (Task)run.Invoke(null, [new object[2]])!;
    }
}
