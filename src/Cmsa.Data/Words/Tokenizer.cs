using System.Text.RegularExpressions;

namespace Cmsa.Data.Words;

/// <summary>Splits an expression into words.</summary>
/// <remarks>
/// The rule of the paper's released code: split at runs of non-word characters; keep the words, and the runs that are
/// more than blanks ("man's" becomes "man", "'", "s"); lower case; drop a final ".". A run is trimmed, as the lines of
/// a vocabulary file are, and its line breaks become blanks.
/// </remarks>
public static partial class Tokenizer
{
    /// <summary>
    /// The words of an expression, in order and in lower case: not cut, not padded; none where it has no words.
    /// </summary>
    public static Many<string> Split(string expression)
    {
        Many<string> words =
        [
            .. Runs()
                .Split(expression)
                .Select(part => Blanks().Replace(part.Trim(), " ").ToLowerInvariant())
                .Where(part => part.Length > 0),
        ];
        return words is [.., "."] ? words.Take(words.Count - 1) : words;
    }

    /// <summary>
    /// The words as the released code's split leaves them: a run of other characters keeps the blanks in it (" , "), only
    /// a last word that is exactly "." is dropped. What a vocabulary has without blanks is then an unknown word.
    /// </summary>
    public static Many<string> Untrimmed(string expression)
    {
        Many<string> words =
        [
            .. Runs()
                .Split(expression.Trim())
                .Where(part => part.Trim().Length > 0)
                .Select(part => part.ToLowerInvariant()),
        ];
        return words is [.., "."] ? words.Take(words.Count - 1) : words;
    }

    [GeneratedRegex(@"(\W+)", RegexOptions.CultureInvariant)]
    private static partial Regex Runs();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blanks();
}
