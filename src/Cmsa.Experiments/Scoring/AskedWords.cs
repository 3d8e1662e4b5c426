using Cmsa.Experiments.Specs;
using LanguageExt;

namespace Cmsa.Experiments.Scoring;

/// <summary>An expression as a model takes it: which of its words count.</summary>
/// <param name="Tokens">All words of the expression.</param>
/// <param name="Unknown">Those that the model takes and does not know.</param>
/// <param name="Cut">Those at the end that it has no place for.</param>
public sealed record AskedWords(Many<string> Tokens, Many<string> Unknown, Many<string> Cut)
{
    /// <summary>
    /// The words of an expression; an error where it has none, or where the model knows none of those that it takes.
    /// </summary>
    /// <param name="expression">The expression.</param>
    /// <param name="vocabulary">The words that the model knows.</param>
    /// <param name="most">How many words it takes.</param>
    /// <param name="wordsFile">Where its words stand, for the error.</param>
    /// <param name="protocol">How an expression becomes words.</param>
    public static Either<Error, AskedWords> Of(
        string expression,
        Vocabulary vocabulary,
        int most,
        string wordsFile,
        Protocol protocol = default
    )
    {
        var tokens = protocol.WordsOf(expression);
        var taken = tokens.Take(most);
        return taken.Exists(vocabulary.Knows)
            ? new AskedWords(tokens, taken.Filter(t => !vocabulary.Knows(t)), tokens.Skip(most).ToMany())
            : new Error(
                tokens.IsEmpty ? "the expression says nothing" : "the model knows none of its words",
                $"\"{expression}\"",
                $"its words are in {wordsFile}"
            );
    }
}
