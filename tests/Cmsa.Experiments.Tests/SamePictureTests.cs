using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Scoring;

namespace Cmsa.Experiments.Tests;

public class SamePictureTests
{
    private static readonly IDataset Scenes = Tiny.Data.Open().Right();

    [Theory]
    [InlineData("", ""), InlineData("a", "a"), InlineData("abc", "abc")]
    [InlineData("aab", "AA b"), InlineData("abbcdee", "a BB cd EE"), InlineData("aabba", "AA BB a")]
    public void Samples_of_one_picture_go_together_in_their_order(string pictures, string groups) =>
        Assert.Equal(
            groups,
            string.Join(
                ' ',
                SamePicture
                    .Groups(pictures.Select(Of))
                    .Select(g => string.Concat(g.Samples.Select(s => g.IsOnePicture ? s.Id.ToUpperInvariant() : s.Id)))
            )
        );

    [Fact]
    public void Expressions_of_one_picture_get_the_masks_that_they_get_one_by_one()
    {
        using var module = Module();
        var answer = ModelAnswer.Of(module, Tiny.Experiment(), Scenes.Vocabulary);
        var samples = Enumerable.Range(0, 9).Select(i => Several.Sample(i)).ToArray();
        Assert.Equal(
            [(1, false), (4, true), (4, true)],
            SamePicture.Groups(samples).Select(g => (g.Samples.Count, g.IsOnePicture))
        );
        var (together, apart) = (answer(samples), samples.Select(s => answer([s])[0]).ToArray());
        Assert.Equal(apart.Select(m => m.Pixels), together.Select(m => m.Pixels));
        // The expressions matter: otherwise one mask for all would do.
        Assert.True(together.Skip(1).Take(4).Select(m => m.Area).Distinct().Count() > 1);
    }

    [Fact]
    public void A_split_scores_as_one_by_one()
    {
        using var module = Module();
        var answer = ModelAnswer.Of(module, Tiny.Experiment(), Scenes.Vocabulary);
        var sizes = new List<int>();
        Answer together = samples =>
        {
            sizes.Add(samples.Count);
            return answer(samples);
        };
        Answer apart = samples => [.. samples.Select(s => answer([s])[0])];
        var (a, b) = (Scores(together), Scores(apart));
        Assert.Equal(b.Total, a.Total with { Hits = b.Total.Hits });
        Assert.Equal(b.Total.Hits, a.Total.Hits);
        // 1, then 4 a picture: 17 is the first number from 16 on where a picture ends.
        Assert.Equal([17, 16, 7], sizes);

        Evaluation Scores(Answer asked) => Evaluation.Of(new Several(), "val", asked).Right();
    }

    private static Sample Of(char picture) =>
        new($"{picture}", new Picture(1, 1, [(byte)picture, 0, 0]), new(1, 1, [0]), "", [], "");

    private static Compiled Module()
    {
        var tiny = Tiny.Experiment();
        return tiny
            .Model.Compile(tiny.Inputs, new(Seed: 3, Precision: Precision.Float64))
            .Match(Succ: m => m, Fail: e => throw new InvalidOperationException($"{e}"));
    }

    /// <summary>Pictures with four expressions each, one after the other; the first has one.</summary>
    private sealed class Several : IDataset
    {
        private static readonly Many<string> expressions = ["red", "the left circle", "blue square", "large"];

        public string Name => "several";

        public Many<string> Splits => ["val"];

        public Vocabulary Vocabulary => Scenes.Vocabulary;

        public int Count(string split) => 40;

        public LanguageExt.Either<Error, Sample> Read(string split, int index) => Sample(index);

        public static Sample Sample(int index)
        {
            var scene = Scenes.Read("train", (index + 3) / 4).Right();
            var expression = expressions[index % 4];
            // Read anew each time: the same pixels in another array.
            var picture = scene.Picture with
            {
                Rgb = [.. scene.Picture.Rgb],
            };
            return scene with { Picture = picture, Expression = expression, Tokens = Tokenizer.Split(expression) };
        }
    }
}
