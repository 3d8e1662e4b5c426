namespace Cmsa.Cli;

/// <summary>Command lines as a person pastes them into a shell.</summary>
internal static class Shell
{
    /// <summary>
    /// A word for a POSIX shell: as it is where no letter has a meaning there, otherwise in single quotes.
    /// </summary>
    public static string Quoted(string word) =>
        word.Length > 0 && word.All(IsPlain) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>Words as one command line.</summary>
    public static string Line(params IEnumerable<string> words) => string.Join(' ', words.Select(Quoted));

    private static bool IsPlain(char letter) =>
        char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/' or ':' or '=' or '+' or ',' or '@' or '%';
}
