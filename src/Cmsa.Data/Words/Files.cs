using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>Reading files with the failures a person can act on as values.</summary>
internal static class Files
{
    /// <summary>A whole text file.</summary>
    public static Either<DataError, string> Text(string path) => Try(path, File.ReadAllText);

    /// <summary>A whole file.</summary>
    public static Either<DataError, byte[]> Bytes(string path) => Try(path, File.ReadAllBytes);

    /// <summary>What a function makes of an existing file; an error that names the file where the system cannot give it.</summary>
    public static Either<DataError, T> Try<T>(string path, Func<string, T> read)
    {
        try
        {
            return File.Exists(path) ? Right<DataError, T>(read(path)) : Left(new DataError("there is no such file", path));
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            return Left(new DataError(wrong.Message, path));
        }
    }
}
