using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Scoring;

/// <summary>
/// Something that answers an expression with a mask at its picture's size: a model, a baseline, an oracle.
/// </summary>
/// <param name="samples">Some samples; whatever answers must not look at their truth.</param>
/// <returns>A mask for each.</returns>
public delegate IReadOnlyList<BinaryMask> Answer(IReadOnlyList<Sample> samples);

/// <summary>Something that answers each expression in several ways.</summary>
/// <param name="samples">Some samples.</param>
/// <returns>For each sample, a mask for each way.</returns>
internal delegate IReadOnlyList<IReadOnlyList<BinaryMask>> AnswerEachWay(IReadOnlyList<Sample> samples);

/// <summary>What was found of one sample.</summary>
/// <param name="Index">Its number in the split.</param>
/// <param name="Intersection">Pixels in both the answer and the truth.</param>
/// <param name="Union">Pixels in either.</param>
public readonly record struct SampleScore(int Index, long Intersection, long Union);

/// <summary>What a data set is asked.</summary>
public enum Asking
{
    /// <summary>Each sample's own expression.</summary>
    Plainly,

    /// <summary>
    /// An expression that names something else in the same picture, scored against the first one's truth: a model that
    /// listens must lose.
    /// </summary>
    Swapped,
}

/// <summary>Scores of a split, as a whole and in parts.</summary>
/// <param name="Split">The split.</param>
/// <param name="Total">Of all its samples.</param>
/// <param name="ByLength">By how many words the expression has.</param>
/// <param name="ByTopic">By what kind of expression it is.</param>
/// <param name="Skipped">Samples that could not be read, and why.</param>
/// <param name="Each">What was found of each sample, in the split's order; empty where it was not kept.</param>
public sealed record Evaluation(
    string Split,
    Score Total,
    IReadOnlyDictionary<int, Score> ByLength,
    IReadOnlyDictionary<string, Score> ByTopic,
    Many<Error> Skipped,
    Many<SampleScore> Each = default
)
{
    // As many samples go together, and more where the last ones are about one picture.
    private const int Together = 16,
        AtMost = 64;

    /// <summary>
    /// Asks for every sample of a split and scores the answers at the original size. Samples are read ahead on threads
    /// of their own.
    /// </summary>
    /// <param name="data">The data set.</param>
    /// <param name="split">The split.</param>
    /// <param name="answer">Who answers.</param>
    /// <param name="asking">What is asked.</param>
    /// <param name="atMost">How many samples are asked for, the first ones; 0: all.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="stop">Cancelled to give up.</param>
    public static Either<Error, Evaluation> Of(
        IDataset data,
        string split,
        Answer answer,
        Asking asking = Asking.Plainly,
        int atMost = 0,
        IProgress<double>? progress = null,
        CancellationToken stop = default
    ) =>
        OfEach(data, split, 1, samples => [.. answer(samples).Select(a => (BinaryMask[])[a])], asking, atMost, progress, stop)
            .Map(all => all[0]);

    /// <summary>Asks as <see cref="Of"/> does, and scores each of several ways in which the same model answers.</summary>
    internal static Either<Error, Many<Evaluation>> OfEach(
        IDataset data,
        string split,
        int ways,
        AnswerEachWay answer,
        Asking asking = Asking.Plainly,
        int atMost = 0,
        IProgress<double>? progress = null,
        CancellationToken stop = default
    )
    {
        var count = atMost > 0 ? Math.Min(atMost, data.Count(split)) : data.Count(split);
        if (count == 0)
            return new Error($"no split {split}", data.Name, $"it has {string.Join(", ", data.Splits)}");
        if (asking == Asking.Swapped && data is not IHasDistractors)
            return new Error("it cannot name something else in a picture", data.Name, "swap words on scenes");
        using var feed = DataLoader<Question>.Start(new Sampler(count), Read, until: count);
        var results = Enumerable.Range(0, ways).Select(_ => None(split)).ToArray();
        var each = Enumerable.Range(0, ways).Select(_ => new List<SampleScore>(count)).ToArray();
        var done = 0;
        foreach (var chunk in Chunks(feed.Items().Select(item => item.Value)))
        {
            if (stop.IsCancellationRequested)
                return Failures.Interrupted;
            foreach (var (question, answers) in chunk.Zip(answer([.. chunk.Select(c => c.Asked)])))
            {
                for (var way = 0; way < ways; way++)
                {
                    var score = Score.Of(answers[way], question.Truth);
                    results[way] = results[way].With(question.Asked, score);
                    each[way].Add(new(question.Index, score.Intersection, score.Union));
                }
            }
            progress?.Report((double)(done += chunk.Count) / count);
        }
        return results.Zip(each, (r, e) => r with { Skipped = feed.Report.Bad, Each = [.. e] }).ToMany();

        Either<Error, Question> Read(int index) =>
            asking == Asking.Plainly
                ? data.Read(split, index).Map(sample => new Question(index, sample, sample.Truth))
                : from sample in data.Read(split, index)
                  from other in ((IHasDistractors)data)
                      .Distractor(split, index)
                      .ToEither(new Error("nothing else in the picture can be named", sample.Id))
                  select new Question(index, other, sample.Truth);
    }

    // A sample that is asked: what is asked about its picture, and what the answer is compared with.
    private sealed record Question(int Index, Sample Asked, BinaryMask Truth);

    private static Evaluation None(string split) =>
        new(
            split,
            Score.None,
            new SortedDictionary<int, Score>(),
            new SortedDictionary<string, Score>(StringComparer.Ordinal),
            []
        );

    // The expressions of one picture are not torn apart.
    private static IEnumerable<List<Question>> Chunks(IEnumerable<Question> samples)
    {
        List<Question> chunk = [];
        foreach (var sample in samples)
        {
            var isFull = chunk.Count >= Together && !SamePicture.Of(chunk[^1].Asked, sample.Asked);
            if (isFull || chunk.Count == AtMost)
            {
                yield return chunk;
                chunk = [];
            }
            chunk.Add(sample);
        }
        if (chunk.Count > 0)
            yield return chunk;
    }

    private Evaluation With(Sample asked, Score score) =>
        this with
        {
            Total = Total + score,
            ByLength = Added(ByLength, asked.Tokens.Count, score, new SortedDictionary<int, Score>()),
            ByTopic = Added(ByTopic, asked.Topic, score, new SortedDictionary<string, Score>(StringComparer.Ordinal)),
        };

    private static SortedDictionary<K, Score> Added<K>(
        IReadOnlyDictionary<K, Score> scores,
        K key,
        Score score,
        SortedDictionary<K, Score> result
    )
        where K : notnull
    {
        foreach (var (k, s) in scores)
            result[k] = s;
        result[key] = (scores.TryGetValue(key, out var old) ? old : Score.None) + score;
        return result;
    }
}
