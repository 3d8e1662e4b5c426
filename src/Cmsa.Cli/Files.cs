using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli;

/// <summary>Files, where what can go wrong is a sentence.</summary>
public static class Files
{
    /// <summary>The text of a file.</summary>
    public static Either<string, string> Read(string path) => Try(path, "read", () => File.ReadAllText(path));

    /// <summary>Writes a text to a file, in place of what was there.</summary>
    /// <returns>The path.</returns>
    public static Either<string, string> Write(string path, string text) => Try(path, "written", () => { File.WriteAllText(path, text); return path; });

    private static Either<string, string> Try(string path, string verb, Func<string> act)
    {
        try { return Right<string, string>(act()); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { return Left<string, string>($"There is no {(e is FileNotFoundException ? "file" : "folder for")} {path}."); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException) { return Left<string, string>($"{path} cannot be {verb}: {e.Message}"); }
    }
}
