using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Scoring;

/// <summary>
/// Something that answers an expression with a mask at its picture's size: a model, a baseline, an oracle.
/// </summary>
/// <param name="samples">Some samples; whatever answers must not look at their truth.</param>
/// <returns>A mask for each.</returns>
public delegate IReadOnlyList<BinaryMask> Answer(IReadOnlyList<Sample> samples);

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
public sealed record Evaluation(
    string Split,
    Score Total,
    IReadOnlyDictionary<int, Score> ByLength,
    IReadOnlyDictionary<string, Score> ByTopic,
    Many<Error> Skipped
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
    )
    {
        var count = atMost > 0 ? Math.Min(atMost, data.Count(split)) : data.Count(split);
        if (count == 0)
            return new Error($"no split {split}", data.Name, $"it has {string.Join(", ", data.Splits)}");
        if (asking == Asking.Swapped && data is not IHasDistractors)
            return new Error("it cannot name something else in a picture", data.Name, "swap words on scenes");
        using var feed = DataLoader<(Sample Asked, BinaryMask Truth)>.Start(new Sampler(count), Read, until: count);
        var result = new Evaluation(
            split,
            Score.None,
            new SortedDictionary<int, Score>(),
            new SortedDictionary<string, Score>(StringComparer.Ordinal),
            []
        );
        var done = 0;
        foreach (var chunk in Chunks(feed.Items().Select(item => item.Value)))
        {
            if (stop.IsCancellationRequested)
                return Failures.Interrupted;
            result = chunk
                .Zip(answer([.. chunk.Select(c => c.Asked)]), (c, a) => (Asked: c, Answer: a))
                .Aggregate(result, (so, next) => so.With(next.Asked, next.Answer));
            progress?.Report((double)(done += chunk.Count) / count);
        }
        return result with { Skipped = feed.Report.Bad };

        Either<Error, (Sample, BinaryMask)> Read(int index) =>
            asking == Asking.Plainly
                ? data.Read(split, index).Map(sample => (sample, sample.Truth))
                : from sample in data.Read(split, index)
                  from other in ((IHasDistractors)data)
                      .Distractor(split, index)
                      .ToEither(new Error("nothing else in the picture can be named", sample.Id))
                  select (other, sample.Truth);
    }

    // The expressions of one picture are not torn apart.
    private static IEnumerable<List<(Sample Asked, BinaryMask Truth)>> Chunks(
        IEnumerable<(Sample Asked, BinaryMask Truth)> samples
    )
    {
        List<(Sample Asked, BinaryMask Truth)> chunk = [];
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

    private Evaluation With((Sample Asked, BinaryMask Truth) sample, BinaryMask answer)
    {
        var score = Score.Of(answer, sample.Truth);
        return this with
        {
            Total = Total + score,
            ByLength = Added(ByLength, sample.Asked.Tokens.Count, score, new SortedDictionary<int, Score>()),
            ByTopic = Added(
                ByTopic,
                sample.Asked.Topic,
                score,
                new SortedDictionary<string, Score>(StringComparer.Ordinal)
            ),
        };
    }

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
