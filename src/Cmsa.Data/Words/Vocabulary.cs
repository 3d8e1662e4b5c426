using System.Collections.Frozen;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>
/// The words a model knows, each with its number. The first four stand for no word: padding, start, end, and any word
/// that is not known. Equal to another of the same words in the same order.
/// </summary>
/// <remarks>
/// As the released code's <c>vocabulary_Gref.txt</c>: one word a line, the line's number (from 0) is the word's.
/// </remarks>
public sealed class Vocabulary : IEquatable<Vocabulary>
{
    private static readonly string[] Reserved = ["<pad>", "<go>", "<eos>", "<unk>"];

    private readonly FrozenDictionary<string, int> ids;

    private Vocabulary(Seq<string> words)
    {
        Words = words;
        ids = words.Map((id, word) => KeyValuePair.Create(word, id)).ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The number of padding: 0.</summary>
    public const int Pad = 0;

    /// <summary>The number of the start of a sentence: 1.</summary>
    public const int Go = 1;

    /// <summary>The number of the end of a sentence: 2.</summary>
    public const int End = 2;

    /// <summary>The number of every word that is not known: 3.</summary>
    public const int Unknown = 3;

    /// <summary>The words, each at its number.</summary>
    public Seq<string> Words { get; }

    /// <summary>How many there are, with the four reserved ones: the rows of an embedding.</summary>
    public int Count => Words.Count;

    /// <summary>
    /// The vocabulary of these words, the four reserved ones first; an error where they are not, or a word is empty or
    /// there twice.
    /// </summary>
    /// <param name="words">The words, each at its number.</param>
    /// <param name="where">What the words were read from, for the error.</param>
    public static Either<Error, Vocabulary> Of(Seq<string> words, string where = "vocabulary") =>
        !words.Take(4).SequenceEqual(Reserved)
            ? Left(
                new Error(
                    $"begins with {string.Join(", ", words.Take(4).Map(w => $"\"{w}\""))}",
                    where,
                    $"the first four lines of a vocabulary are {string.Join(", ", Reserved)}"
                )
            )
        : Odd(words).Case is (int line, string wrong)
            ? Left(new Error(wrong, $"{where}, line {line + 1}", "each line is one word, once"))
        : Right<Error, Vocabulary>(new Vocabulary(words));

    /// <summary>
    /// The vocabulary in a file: one word a line, blanks around it dropped, and empty lines at the end.
    /// </summary>
    public static Either<Error, Vocabulary> Read(string path) => Files.Text(path).Bind(text => Of(Lines(text), path));

    /// <summary>
    /// The vocabulary of a corpus: every word that occurs at least <paramref name="atLeast"/> times, the most frequent
    /// first, equally frequent ones by their letters; so equal corpora, in whatever order, give equal vocabularies.
    /// </summary>
    public static Vocabulary Build(IEnumerable<Seq<string>> expressions, int atLeast = 1) =>
        new(
            toSeq(
                Reserved
                    .Concat(
                        expressions
                            .SelectMany(tokens => tokens)
                            .CountBy(word => word)
                            .Where(word => word.Value >= atLeast && !Reserved.Contains(word.Key))
                            .OrderByDescending(word => word.Value)
                            .ThenBy(word => word.Key, StringComparer.Ordinal)
                            .Select(word => word.Key)
                    )
                    .ToArray()
            )
        );

    /// <summary>The number of a word; <see cref="Unknown"/> where it is not known.</summary>
    public int Id(string word) => ids.GetValueOrDefault(word, Unknown);

    /// <summary>True where the word has a number of its own.</summary>
    public bool Knows(string word) => Id(word) > Unknown;

    /// <summary>
    /// The numbers of an expression's words, exactly <paramref name="length"/> of them: the first ones where there are
    /// more, padded on the left with <see cref="Pad"/> where there are fewer (the paper's N is 20).
    /// </summary>
    public Arr<int> Encode(Seq<string> tokens, int length)
    {
        var kept = tokens.Take(length).Map(Id);
        return toArray(Enumerable.Repeat(Pad, length - kept.Count).Concat(kept).ToArray());
    }

    /// <summary>The text of a vocabulary file.</summary>
    public override string ToString() => string.Concat(Words.Map(word => word + "\n"));

    /// <summary>True where both have the same words in the same order.</summary>
    public bool Equals(Vocabulary? other) => other is not null && Words == other.Words;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Vocabulary);

    /// <inheritdoc/>
    public override int GetHashCode() => Words.GetHashCode();

    private static Seq<string> Lines(string text) =>
        toSeq(text.TrimEnd().Split('\n').Select(line => line.Trim()).ToArray());

    private static Option<(int Line, string Wrong)> Odd(Seq<string> words)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        return words
            .Map(
                (line, word) =>
                    word.Length == 0 ? Some((line, "no word"))
                    : first.TryAdd(word, line) ? Option<(int, string)>.None
                    : Some((line, $"\"{word}\" is on line {first[word] + 1} already"))
            )
            .Somes()
            .HeadOrNone();
    }
}
