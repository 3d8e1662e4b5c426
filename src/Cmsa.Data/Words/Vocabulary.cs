using System.Collections.Frozen;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Words;

/// <summary>
/// The words that a model knows, each with its id. Ids 0 to 3 are no words: padding, start, end, and any unknown word.
/// Two vocabularies with the same words in the same order are equal.
/// </summary>
/// <remarks>
/// The format of the released code's <c>vocabulary_Gref.txt</c>: one word a line, and the line's number (from 0) is its
/// id. An empty line is an id that no word has; the authors' file has five of them. It also has "." on two lines; as in
/// their code, the later line is its id. No other word may be there twice.
/// </remarks>
public sealed class Vocabulary : IEquatable<Vocabulary>
{
    private const string FullStop = ".";

    private static readonly Many<string> Reserved = ["<pad>", "<go>", "<eos>", "<unk>"];

    private readonly FrozenDictionary<string, int> ids;

    private Vocabulary(Many<string> words)
    {
        Words = words;
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < words.Count; id++)
        {
            if (words[id].Length > 0)
                last[words[id]] = id;
        }
        ids = last.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The id of padding: 0.</summary>
    public const int Pad = 0;

    /// <summary>The id of the start of a sentence: 1.</summary>
    public const int Go = 1;

    /// <summary>The id of the end of a sentence: 2.</summary>
    public const int End = 2;

    /// <summary>The id of every unknown word: 3.</summary>
    public const int Unknown = 3;

    /// <summary>The words in the order of their ids; an empty text for an id that no word has.</summary>
    public Many<string> Words { get; }

    /// <summary>How many ids there are, the reserved ones included: the rows of an embedding.</summary>
    public int Count => Words.Count;

    /// <summary>
    /// The vocabulary of these words; an error where the reserved ones do not come first, or a word occurs twice.
    /// </summary>
    /// <param name="words">The words in the order of their ids; an empty text is an id that no word has.</param>
    /// <param name="where">The place the words come from, for the error.</param>
    public static Either<Error, Vocabulary> Of(Many<string> words, string where = "vocabulary")
    {
        if (words.Take(Reserved.Count) != Reserved)
        {
            var first = string.Join(", ", words.Take(Reserved.Count).Map(word => $"\"{word}\""));
            return new Error(
                $"begins with {first}",
                where,
                $"the first four lines of a vocabulary are {string.Join(", ", Reserved)}"
            );
        }
        return Repeated(words, where).Match(Left<Error, Vocabulary>, () => new Vocabulary(words));
    }

    /// <summary>
    /// The vocabulary in a file: one word a line, without the blanks around it. An empty line is an id that no word
    /// has, except at the end of the file, where it is nothing.
    /// </summary>
    public static Either<Error, Vocabulary> Read(string path) =>
        FileReader.Text(path).Bind(text => Of(Lines(text), path));

    /// <summary>
    /// The vocabulary of a corpus: every word that occurs at least <paramref name="atLeast"/> times, the most frequent
    /// first, equally frequent ones in the order of their letters. The order of the corpus does not matter.
    /// </summary>
    public static Vocabulary Build(IEnumerable<Many<string>> expressions, int atLeast = 1)
    {
        var words = expressions
            .SelectMany(tokens => tokens)
            .CountBy(word => word)
            .Where(word => word.Value >= atLeast && !Reserved.Contains(word.Key))
            .OrderByDescending(word => word.Value)
            .ThenBy(word => word.Key, StringComparer.Ordinal)
            .Select(word => word.Key);
        return new([.. Reserved, .. words]);
    }

    /// <summary>The id of a word; <see cref="Unknown"/> where it has none.</summary>
    public int Id(string word) => ids.GetValueOrDefault(word, Unknown);

    /// <summary>Whether the word has an id of its own.</summary>
    public bool Knows(string word) => Id(word) > Unknown;

    /// <summary>
    /// The ids of an expression's words, exactly <paramref name="length"/> of them: the first ones where there are
    /// more, padded on the left with <see cref="Pad"/> where there are fewer (the paper's N is 20).
    /// </summary>
    public Many<int> Encode(Many<string> tokens, int length)
    {
        var kept = tokens.Take(length).Map(Id);
        return [.. Enumerable.Repeat(Pad, length - kept.Count), .. kept];
    }

    /// <summary>The text of a vocabulary file.</summary>
    public override string ToString() => string.Concat(Words.Map(word => word + "\n"));

    /// <summary>Whether both have the same words in the same order.</summary>
    public bool Equals(Vocabulary? other) => other is not null && Words == other.Words;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Vocabulary);

    /// <inheritdoc/>
    public override int GetHashCode() => Words.GetHashCode();

    private static Many<string> Lines(string text) => [.. text.TrimEnd().Split('\n').Select(line => line.Trim())];

    private static Option<Error> Repeated(Many<string> words, string where)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var line = 0; line < words.Count; line++)
        {
            var word = words[line];
            if (word.Length > 0 && word != FullStop && !first.TryAdd(word, line))
                return new Error(
                    $"\"{word}\" is on line {first[word] + 1} already",
                    $"{where}, line {line + 1}",
                    "give each word one line: the number of its line is its id"
                );
        }
        return None;
    }
}
