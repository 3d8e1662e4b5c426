using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Runs;

/// <summary>
/// What a finished run scores on a split, kept in the run's folder as <c>evaluation-val.json</c> (or
/// <c>evaluation-val-crf.json</c>), so that nothing is evaluated twice. It counts as long as the run's weights are
/// those that it was measured with.
/// </summary>
/// <param name="Scores">The scores.</param>
/// <param name="Step">After how many steps the run was finished.</param>
/// <param name="Seconds">For how long it had trained.</param>
public sealed record Evaluated(Evaluation Scores, int Step, double Seconds)
{
    private static readonly JsonSerializerOptions indented = new() { WriteIndented = true };

    /// <summary>What is kept of a run on a split; none where it has not been evaluated since it was trained.</summary>
    /// <param name="run">The run.</param>
    /// <param name="split">The split.</param>
    /// <param name="crf">The field behind the answers, if any.</param>
    /// <param name="answers">How logits become masks; as the run's own protocol says if absent.</param>
    public static Option<Evaluated> Read(RunFolder run, string split, Option<DenseCrf> crf, Option<AnswerRule> answers = default)
    {
        try
        {
            return
                System.IO.File.Exists(PathOf(run, split, crf, answers))
                && JsonNode.Parse(System.IO.File.ReadAllText(PathOf(run, split, crf, answers))) is JsonObject json
                && json["weights"]?.GetValue<string>() == Weights(run)
                && json["crf"]?.ToJsonString() == Of(crf)?.ToJsonString()
                ? new Evaluated(
                    new Evaluation(
                        split,
                        ScoreOf(json["total"]!),
                        Parts(json["byLength"]!, int.Parse),
                        Parts(json["byTopic"]!, t => t),
                        [],
                        EachOf(json["samples"])
                    ),
                    json["step"]!.GetValue<int>(),
                    json["seconds"]!.GetValue<double>()
                )
                : None;
        }
        catch (Exception wrong)
            when (wrong
                    is JsonException
                        or InvalidOperationException
                        or NullReferenceException
                        or FormatException
                        or IndexOutOfRangeException
                        or OverflowException
                        or IOException
            )
        {
            return None;
        }
    }

    /// <summary>Keeps it in a run's folder.</summary>
    /// <param name="run">The run, finished.</param>
    /// <param name="crf">The field behind the answers, if any.</param>
    /// <param name="answers">How logits became masks; as the run's own protocol says if absent.</param>
    public Either<Error, Evaluated> Write(RunFolder run, Option<DenseCrf> crf, Option<AnswerRule> answers = default) =>
        RunFiles
            .Replace(
                PathOf(run, Scores.Split, crf, answers),
                new JsonObject
                {
                    ["split"] = Scores.Split,
                    ["crf"] = Of(crf),
                    ["weights"] = Weights(run),
                    ["step"] = Step,
                    ["seconds"] = Seconds,
                    ["total"] = Of(Scores.Total),
                    ["byLength"] = new JsonObject(
                        Scores.ByLength.Select(s => KeyValuePair.Create($"{s.Key}", (JsonNode?)Of(s.Value)))
                    ),
                    ["byTopic"] = new JsonObject(
                        Scores.ByTopic.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)Of(s.Value)))
                    ),
                    ["samples"] = string.Join(
                        ' ',
                        Scores.Each.Map(s => $"{s.Index}:{s.Intersection}/{s.Union}")
                    ),
                }
                    .ToJsonString(indented)
                    .ReplaceLineEndings("\n") + "\n"
            )
            .Map(_ => this);

    private static string PathOf(RunFolder run, string split, Option<DenseCrf> crf, Option<AnswerRule> answers)
    {
        var other = answers.Filter(rule => rule != run.Experiment.Training.Protocol.Answers);
        var way = other.Map(rule => rule == AnswerRule.ResizedMask ? "-resized-mask" : "-resized-logits").IfNone("");
        return Path.Combine(run.Path, $"evaluation-{split}{(crf.IsSome ? "-crf" : "")}{way}.json");
    }

    // Evaluations of before kept no samples.
    private static Many<SampleScore> EachOf(JsonNode? samples) =>
        samples is null
            ? []
            :
            [
                .. samples
                    .GetValue<string>()
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(one => one.Split(':', '/'))
                    .Select(part => new SampleScore(
                        int.Parse(part[0], CultureInfo.InvariantCulture),
                        long.Parse(part[1], CultureInfo.InvariantCulture),
                        long.Parse(part[2], CultureInfo.InvariantCulture)
                    )),
            ];

    private static string? Weights(RunFolder run) =>
        TensorFile
            .Texts(run.WeightsFile)
            .Bind(t => t.TryGetValue(TensorFile.Digest, out var digest) ? Some(digest) : None)
            .IfNoneUnsafe((string?)null);

    private static JsonNode? Of(Option<DenseCrf> crf) =>
        crf.Map(c => JsonSerializer.SerializeToNode(c, Experiment.Records)).IfNoneUnsafe((JsonNode?)null);

    private static JsonObject Of(Score score) =>
        new()
        {
            ["count"] = score.Count,
            ["intersection"] = score.Intersection,
            ["union"] = score.Union,
            ["iouSum"] = score.IouSum,
            ["hits"] = new JsonArray([.. score.Hits.Select(h => (JsonNode)h)]),
        };

    private static Score ScoreOf(JsonNode json) =>
        new(
            json["count"]!.GetValue<long>(),
            json["intersection"]!.GetValue<long>(),
            json["union"]!.GetValue<long>(),
            json["iouSum"]!.GetValue<double>(),
            [.. json["hits"]!.AsArray().Select(h => h!.GetValue<long>())]
        );

    private static SortedDictionary<K, Score> Parts<K>(JsonNode json, Func<string, K> key)
        where K : notnull => new(json.AsObject().ToDictionary(p => key(p.Key), p => ScoreOf(p.Value!)));
}
