using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>Reads files; what the system refuses becomes an error that names the file.</summary>
internal static class FileReader
{
    /// <summary>A whole text file in UTF-8.</summary>
    public static Either<Error, string> Text(string path) => Try(path, File.ReadAllText);

    /// <summary>A whole file.</summary>
    public static Either<Error, byte[]> Bytes(string path) => Try(path, File.ReadAllBytes);

    /// <summary>
    /// The result of reading an existing file; an error that names the file where it is missing or cannot be read.
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
