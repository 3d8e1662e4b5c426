using System.Runtime.CompilerServices;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Layers;
using LanguageExt;

namespace Cmsa.Dsl.Tests;

/// <summary>What happens if: mistakes with what one is told, as the table docs/what-happens-if.md.</summary>
[Trait("Speed", "Slow")]
public class MistakeTests
{
    private static readonly InputSpec map = InputSpec.FeatureMap(4, 8, 8);
    private static readonly InputSpec levels = InputSpec.Levels(("res4", map), ("res5", map));

    /// <summary>A mistake: what is wrong, what is written, what one is told.</summary>
    private sealed record Mistake(string About, string Written, string Told);

    private static Many<Mistake> All =>
        [
            // Names and sharing.
            Of(
                "a name and a shared path that are one",
                () => (Conv(4, 1).Named("s") >> Conv(4, 1).Shared("s")).At(map)
            ),
            Of("one name for two unlike layers", () => (Conv(4, 1).Named("s") >> Conv(4, 3).Named("s")).At(map)),
            Of("two linear maps in one layer of your own", () => new TwoInOne().At(map)),
            Of("a layer of your own without a name, twice", () => (new Nameless() >> new Nameless()).At(map)),
            Of(
                "weights shared in two shapes",
                () => (Conv(2, 1).Shared("w") >> Conv(3, 1) >> Conv(2, 1).Shared("w")).At(map)
            ),
            Of("shared here, frozen there", () => (Conv(4, 1).Shared("w") >> Conv(4, 1).Shared("w").Frozen()).At(map)),
            Of("a name with an empty segment", () => Conv(4, 1).Named("a.").At(map)),
            Of("a name with a blank", () => Conv(4, 1).Named("my layer").At(map)),
            Of(
                "two probes of one name",
                () => (Conv(4, 1).Probed("seen") >> Relu >> Conv(4, 1).Probed("seen")).At(map)
            ),
            // Layers of your own.
            Of("Parts without With", () => new Shut(Conv(4, 1)).At(map)),
            Of("state beside the constructor", () => new Forgetful { Times = 2 }.At(map)),
            Of("a list that is compared by reference", () => new Listing(new List<int>()).At(map)),
            Of("a result of another kind", () => new Liar().At(map)),
            Of("a layer that throws", () => new Broken().Named("mine").At(map)),
            // Levels and sizes.
            Of("a layer for a level that is not there", () => EachLevel(Conv(4, 1), ("res6", Conv(4, 3))).At(levels)),
            Of(
                "a replacement on such a level",
                () => EachLevel(Conv(4, 1)).Replace("res6.conv", Conv(4, 3)).At(levels)
            ),
            Of("a replacement where nothing stands", () => Conv(4, 1).Named("a").Replace("b", Conv(4, 3)).At(map)),
            Of("a size too many", () => Conv(4, 1).At(InputSpec.Of<FeatureMap>(3, 4, 5, 6))),
            Of(
                "a kind combined with one of more axes",
                () => Define<FeatureMap, Vector, Vector>((x, v) => v * x).At(map)
            ),
            Of("scalar functions added", () => (Conv(4, 1) >> (Relu + Tanh)).At(map)),
            // Kinds that do not meet: the compiler's word.
            .. SnippetTests.Mistakes.Select(m => Compiled((string)m[0])),
        ];

    private static Mistake Of<T>(
        string about,
        Func<Validation<Error, T>> make,
        [CallerArgumentExpression(nameof(make))] string written = ""
    ) => new(about, written["() => ".Length..], Told(make));

    private static string Told<T>(Func<Validation<Error, T>> make)
    {
        try
        {
            return make().Errors() is [var first, ..] ? first : "nothing";
        }
        catch (ArgumentException refused)
        {
            return $"ArgumentException: {refused.Message.Split(" (Parameter")[0]}";
        }
        catch (ElaborationException thrown)
        {
            return $"ElaborationException: {thrown.Message}";
        }
    }

    private static Mistake Compiled(string expression) =>
        new(
            "kinds that do not meet",
            expression,
            SnippetTests.Errors(expression) is [var first, ..] ? $"{first.Id}: {Sentence(first.Message)}" : "nothing"
        );

    private static string Sentence(string message)
    {
        const string before = "obsolete: '";
        return message[(message.IndexOf(before, StringComparison.Ordinal) + before.Length)..^1];
    }

    [Fact]
    public void Every_mistake_is_told_and_says_what_to_do()
    {
        Assert.All(All, m => Assert.NotEqual("nothing", m.Told));
        Assert.Equal(All.Count, All.Map(m => m.Written).Distinct().Count);
    }

    [Fact]
    public void The_table_is_made_of_them()
    {
        var file = Path.Combine(Root(), "docs", "what-happens-if.md");
        if (Environment.GetEnvironmentVariable("CMSA_UPDATE_DOCS") == "1")
            File.WriteAllText(file, Table());
        Assert.Equal(Table(), File.ReadAllText(file).ReplaceLineEndings("\n"));
    }

    private static string Table()
    {
        var rows = All.Select((m, i) => $"| {i + 1} | {m.About} | `{Cell(m.Written)}` | {Cell(m.Told)} |");
        return $"""
            # What happens if

            Mistakes, what is written and the first thing that one is told. The layers `TwoInOne`, `Nameless`, `Shut`,
            `Forgetful`, `Listing`, `Liar` and `Broken` stand in `tests/Cmsa.Dsl.Tests/OwnLayerTests.cs`; `map` is a
            feature map of 4 channels, `levels` two of them. CS0619 is an error of the compiler; all others are values,
            with the layer's path, or exceptions where they are so named. The table is written by
            `CMSA_UPDATE_DOCS=1 dotnet test tests/Cmsa.Dsl.Tests --filter MistakeTests`.

            | | mistake | written | told |
            | --- | --- | --- | --- |
            {string.Join('\n', rows)}

            """.ReplaceLineEndings("\n");
    }

    private static string Cell(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Replace("|", "\\|", StringComparison.Ordinal);

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
