using FsCheck.Xunit;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Tests;

public class WordsTests
{
    private static readonly Vocabulary Few = Vocabulary
        .Of(["<pad>", "<go>", "<eos>", "<unk>", "the", "man", "'", "s"])
        .Value();

    [Theory]
    [InlineData("The man in red on the LEFT", "the|man|in|red|on|the|left")]
    [InlineData("  the man.  ", "the|man")]
    [InlineData("the man's hat, red", "the|man|'|s|hat|,|red")]
    [InlineData("left. right.", "left|.|right")]
    [InlineData("guy...", "guy|...")]
    [InlineData("a ,\n 'b", "a|, '|b")]
    [InlineData("under_score 2nd", "under_score|2nd")]
    [InlineData(".", "")]
    [InlineData(" \t\n", "")]
    [InlineData("", "")]
    public void The_token_rule(string expression, string words) =>
        Assert.Equal(toSeq(words.Split('|', StringSplitOptions.RemoveEmptyEntries)), Tokenizer.Split(expression));

    [Property]
    public bool Tokens_are_lower_case_and_not_blank(string? expression) =>
        Tokenizer
            .Split(expression ?? "")
            .ForAll(token =>
                token.Length > 0
                && token == token.Trim()
                && string.Equals(token, token.ToLowerInvariant(), StringComparison.Ordinal)
            );

    [Fact]
    public void Words_have_the_numbers_of_their_lines()
    {
        Assert.Equal((8, 4, 7, 3, 3), (Few.Count, Few.Id("the"), Few.Id("s"), Few.Id("hat"), Few.Id("<unk>")));
        Assert.True(Few.Knows("man"));
        Assert.False(Few.Knows("<pad>") || Few.Knows("hat"));
    }

    [Theory]
    [InlineData("the man", "0 0 0 4 5")]
    [InlineData("the man's hat", "4 5 6 7 3")]
    [InlineData("man the man's hat", "5 4 5 6 7")]
    [InlineData("", "0 0 0 0 0")]
    public void Encoding_cuts_at_the_end_and_pads_on_the_left(string expression, string ids) =>
        Assert.Equal(ids, string.Join(' ', Few.Encode(Tokenizer.Split(expression), 5)));

    [Theory]
    [InlineData("<pad>\n<go>\n<eos>\n", "begins with")]
    [InlineData("the\n<pad>\n<go>\n<eos>\n<unk>\n", "begins with \"the\"")]
    [InlineData("<pad>\n<go>\n<eos>\n<unk>\nthe\nman\nthe\n", "line 7: \"the\" is on line 5")]
    public void A_file_that_is_no_vocabulary_is_an_error_that_names_the_line(string text, string says)
    {
        using var folder = new Folder();
        var wrong = Vocabulary.Read(folder.Write("vocabulary.txt", text)).Error();
        Assert.Contains(says, wrong.ToString(), StringComparison.Ordinal);
        Assert.StartsWith(folder.Path, wrong.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_line_is_an_id_that_no_word_has()
    {
        using var folder = new Folder();
        var read = Vocabulary
            .Read(folder.Write("vocabulary.txt", "<pad>\n<go>\n<eos>\n<unk>\nthe\n \n\nman\n\n"))
            .Value();
        Assert.Equal((8, 4, 7), (read.Count, read.Id("the"), read.Id("man")));
        Assert.Equal((3, false), (read.Id(""), read.Knows("")));
        Assert.Equal(read, Vocabulary.Read(folder.Write("again.txt", read.ToString())).Value());
    }

    [Fact]
    public void The_full_stop_alone_may_be_there_twice_and_the_later_line_counts() =>
        Assert.Equal(6, Vocabulary.Of(["<pad>", "<go>", "<eos>", "<unk>", ".", "the", "."]).Value().Id("."));

    [Fact]
    public void A_missing_file_is_an_error_that_names_it()
    {
        using var folder = new Folder();
        Assert.Equal(folder.At("none.txt"), Vocabulary.Read(folder.At("none.txt")).Error().Where);
    }

    [Property]
    public bool A_vocabulary_is_read_as_written_and_does_not_depend_on_the_order_of_the_corpus(string[] expressions)
    {
        var corpus = expressions.Select(e => Tokenizer.Split(e ?? "")).ToArray();
        var built = Vocabulary.Build(corpus);
        using var folder = new Folder();
        return Vocabulary.Read(folder.Write("vocabulary.txt", built.ToString())).Value().Equals(built)
            && Vocabulary.Build(corpus.Reverse()).Equals(built)
            && corpus.All(tokens => tokens.ForAll(built.Knows));
    }

    [Fact]
    public void Frequent_words_come_first_and_rare_ones_can_be_left_out()
    {
        var corpus = new Many<string>[] { ["b", "a", "c"], ["c", "a"], ["c"] };
        Assert.Equal(Seq("c", "a", "b"), Vocabulary.Build(corpus).Words.Skip(4));
        Assert.Equal(Seq("c", "a"), Vocabulary.Build(corpus, atLeast: 2).Words.Skip(4));
    }
}
