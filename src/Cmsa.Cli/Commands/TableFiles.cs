using Cmsa.Experiments.Tables;
using Cmsa.Experiments.Tables.Writing;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>A table in files: <c>index.html</c>, <c>table.md</c>, <c>table.csv</c>, <c>table.tex</c>.</summary>
internal static class TableFiles
{
    /// <summary>Writes them into a folder, made if it is not there.</summary>
    /// <returns>Their paths.</returns>
    public static Either<Error, Many<string>> Write(
        Results results,
        Many<Job> jobs,
        string runs,
        string folder,
        string device
    ) =>
        from comparison in Watching.Share(
            "the same pictures, every row",
            _ => Comparison.Of(results, jobs, runs, device)
        )
        from written in (
            (Many<(string Name, string Text)>)
                [
                    ("index.html", TableHtml.Of(comparison)),
                    ("table.md", TableMarkdown.Of(results)),
                    ("table.csv", TableCsv.Of(results)),
                    ("table.tex", TableLatex.Of(results)),
                ]
        ).Fold(
            Right<Error, Many<string>>([]),
            (so, file) => so.Bind(paths => Asked.Write(Path.Combine(folder, file.Name), file.Text).Map(paths.Add))
        )
        select written;
}
