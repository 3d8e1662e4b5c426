using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>Reading files with the failures a person can act on as values.</summary>
internal static class Files
{
    /// <summary>A whole text file.</summary>
    public static Either<Error, string> Text(string path) => Try(path, File.ReadAllText);

    /// <summary>A whole file.</summary>
    public static Either<Error, byte[]> Bytes(string path) => Try(path, File.ReadAllBytes);

    /// <summary>
    /// What a function makes of an existing file; an error that names the file where the system cannot give it.
    /// </summary>
    public static Either<Error, T> Try<T>(string path, Func<string, T> read)
    {
        try
        {
            return File.Exists(path) ? Right<Error, T>(read(path)) : Left(new Error("there is no such file", path));
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            return Left(new Error(wrong.Message, path));
        }
    }
}
