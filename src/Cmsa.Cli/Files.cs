using LanguageExt;

namespace Cmsa.Cli;

/// <summary>Files, where what can go wrong is an error.</summary>
public static class Files
{
    /// <summary>The text of a file.</summary>
    public static Either<Error, string> Read(string path) => Try(path, "read", () => File.ReadAllText(path));

    /// <summary>Writes a text to a file, in place of what was there; its folder is made if it is not there.</summary>
    /// <returns>The full path.</returns>
    public static Either<Error, string> Write(string path, string text) =>
        Write(path, full => File.WriteAllText(full, text));

    /// <summary>Writes bytes to a file, in place of what was there; its folder is made if it is not there.</summary>
    /// <returns>The full path.</returns>
    public static Either<Error, string> Write(string path, byte[] bytes) =>
        Write(path, full => File.WriteAllBytes(full, bytes));

    private static Either<Error, string> Write(string path, Action<string> write) =>
        Try(
            path,
            "written",
            () =>
            {
                var full = Path.GetFullPath(path);
                if (Path.GetDirectoryName(full) is { } folder)
                    Directory.CreateDirectory(folder);
                write(full);
                return full;
            }
        );

    private static Either<Error, string> Try(string path, string verb, Func<string> act)
    {
        if (path.Length == 0)
            return new Error($"no file is named that could be {verb}", Hint: "give the path of one");
        try
        {
            return act();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Error(e is FileNotFoundException ? "there is no such file" : "there is no such folder", path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new Error($"it cannot be {verb}: {e.Message.TrimEnd('.')}", path);
        }
    }
}
