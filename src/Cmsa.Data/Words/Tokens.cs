using System.Text.RegularExpressions;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>How an expression becomes words.</summary>
/// <remarks>
/// The rule of the paper's released code: split at runs of non-word characters, keep both sides and the runs themselves
/// where they are more than blanks ("man's" is "man", "'", "s"), in lower case, without a final ".". Runs are trimmed,
/// as the lines of a vocabulary file are, and hold no line breaks.
/// </remarks>
public static partial class Tokens
{
    /// <summary>
    /// The words of an expression, in order, in lower case: not cut, not padded; none where it says nothing.
    /// </summary>
    public static Seq<string> Of(string expression)
    {
        var words = toSeq(
            Runs()
                .Split(expression)
                .Select(part => Blanks().Replace(part.Trim(), " ").ToLowerInvariant())
                .Where(part => part.Length > 0)
                .ToArray()
        );
        return words.LastOrNone() == "." ? words.Init : words;
    }

    [GeneratedRegex(@"(\W+)", RegexOptions.CultureInvariant)]
    private static partial Regex Runs();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blanks();
}
