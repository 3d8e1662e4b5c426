using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Scoring;

/// <summary>
/// The baseline that looks at no picture: it answers an expression with the mean of its words' mean masks over the
/// training samples that have the word, cut off where that serves the training samples best. What a model does better
/// than this it has seen.
/// </summary>
public sealed class MeanMask
{
    private const int Side = 48;

    private readonly IReadOnlyDictionary<string, float[]> means;
    private readonly float[] overall;

    // A pixel is answered where its mean reaches the greater of a number and a share of the greatest mean of the
    // expression.
    private readonly (float Absolute, float Relative) cut;

    private MeanMask(IReadOnlyDictionary<string, float[]> means, float[] overall, (float, float) cut) =>
        (this.means, this.overall, this.cut) = (means, overall, cut);

    /// <summary>The baseline of a data set.</summary>
    /// <param name="data">The data set; its split <c>train</c> is read.</param>
    /// <param name="atMost">How many training samples are read, the first ones of an order of its own; 0: all.</param>
    /// <param name="progress">Told the share that is done.</param>
    public static Either<Error, MeanMask> Of(IDataset data, int atMost = 0, IProgress<double>? progress = null)
    {
        var count = atMost > 0 ? Math.Min(atMost, data.Count("train")) : data.Count("train");
        using var feed = DataLoader<(Many<string> Words, float[] Mask)>.Start(
            new Sampler(data.Count("train"), 0),
            Read,
            until: count
        );
        var (sums, counts) = (
            new Dictionary<string, float[]>(StringComparer.Ordinal),
            new Dictionary<string, int>(StringComparer.Ordinal)
        );
        var (all, seen) = (new float[Side * Side], new List<(Many<string> Words, float[] Mask)>());
        foreach (var (words, mask) in feed.Items().Select(f => f.Value))
        {
            foreach (var word in words.Distinct())
            {
                Add(sums.TryGetValue(word, out var sum) ? sum : sums[word] = new float[Side * Side], mask);
                counts[word] = counts.GetValueOrDefault(word) + 1;
            }
            Add(all, mask);
            seen.Add((words, mask));
            progress?.Report((double)seen.Count / count);
        }
        if (seen.Count == 0)
            return new Error("no training sample can be read", data.Name);
        var means = sums.ToDictionary(
            s => s.Key,
            s => System.Array.ConvertAll(s.Value, v => v / counts[s.Key]),
            StringComparer.Ordinal
        );
        var overall = System.Array.ConvertAll(all, v => v / seen.Count);
        var judged = seen.Take(2000)
            .Select(s => (Answer: new MeanMask(means, overall, default).Mean(s.Words), s.Mask))
            .ToArray();
        return new MeanMask(
            means,
            overall,
            (
                from absolute in Steps(0, .5f, .025f)
                from relative in Steps(0, .95f, .05f)
                select (absolute, relative)
            ).MaxBy(cut => Iou(judged, cut))
        );

        Either<Error, (Many<string>, float[])> Read(int index) =>
            data.Read("train", index)
                .Map(sample =>
                    (
                        Known(sample.Tokens, data.Vocabulary),
                        System.Array.ConvertAll(
                            Letterbox.Of(sample.Truth.Height, sample.Truth.Width, Side).Fit(sample.Truth).Pixels,
                            p => (float)p
                        )
                    )
                );
    }

    /// <summary>Answers expressions.</summary>
    public Answer Answer => samples => [.. samples.Select(One)];

    private BinaryMask One(Sample sample)
    {
        var mean = Letterbox.Of(sample.Picture.Height, sample.Picture.Width, Side).Restore(Mean(sample.Tokens));
        var least = Least(mean, cut);
        return new(
            sample.Picture.Height,
            sample.Picture.Width,
            System.Array.ConvertAll(mean, m => (byte)(m >= least ? 1 : 0))
        );
    }

    private float[] Mean(Many<string> words)
    {
        var known = words.Filter(means.ContainsKey).Distinct().ToArray();
        if (known.Length == 0)
            return overall;
        var mean = new float[Side * Side];
        foreach (var word in known)
            Add(mean, means[word]);
        return System.Array.ConvertAll(mean, m => m / known.Length);
    }

    private static Many<string> Known(Many<string> tokens, Vocabulary vocabulary) => tokens.Filter(vocabulary.Knows);

    private static float Least(float[] mean, (float Absolute, float Relative) cut) =>
        Math.Max(1e-6f, Math.Max(cut.Absolute, cut.Relative * mean.Max()));

    private static double Iou(IEnumerable<(float[] Answer, float[] Mask)> samples, (float, float) cut)
    {
        var (both, either) = (0L, 0L);
        foreach (var (answer, mask) in samples)
        {
            var least = Least(answer, cut);
            for (var i = 0; i < mask.Length; i++)
            {
                var (said, there) = (answer[i] >= least, mask[i] > 0);
                both += said && there ? 1 : 0;
                either += said || there ? 1 : 0;
            }
        }
        return either == 0 ? 0 : (double)both / either;
    }

    private static IEnumerable<float> Steps(float from, float to, float by) =>
        Enumerable.Range(0, (int)Math.Round((to - from) / by) + 1).Select(i => from + i * by);

    private static void Add(float[] sum, float[] more)
    {
        for (var i = 0; i < sum.Length; i++)
            sum[i] += more[i];
    }
}
