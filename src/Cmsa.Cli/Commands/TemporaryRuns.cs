using Cmsa.Experiments;
using LanguageExt;

namespace Cmsa.Cli.Commands;

/// <summary>A folder among the runs that is removed again.</summary>
internal static class TemporaryRuns
{
    /// <summary>Uses such a folder.</summary>
    /// <param name="runs">The folder of the runs; one that is not there is not there afterwards.</param>
    /// <param name="name">What the folder's name begins with.</param>
    /// <param name="use">What it is used for.</param>
    public static Either<Error, T> In<T>(string runs, string name, Func<string, Either<Error, T>> use)
    {
        var isNew = !Directory.Exists(runs);
        var folder = Path.Combine(runs, $"{name}-{Guid.NewGuid().ToString("N")[..8]}");
        try
        {
            return Failures.Try(folder, () => Directory.CreateDirectory(folder)).Bind(_ => use(folder));
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            if (isNew && Directory.Exists(runs) && !Directory.EnumerateFileSystemEntries(runs).Any())
                Directory.Delete(runs);
        }
    }
}
