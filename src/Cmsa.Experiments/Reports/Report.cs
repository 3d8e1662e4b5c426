using System.Globalization;
using System.Text.Json.Nodes;
using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using LanguageExt;
using static Cmsa.Experiments.Reports.Page;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Reports;

/// <summary>One picture of a report's gallery.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="Answer">What the model answered.</param>
/// <param name="Refined">What it answered with the CRF behind it, where that was asked for.</param>
/// <param name="Heat">Where its words looked.</param>
public sealed record Exhibit(
    Sample Sample,
    BinaryMask Answer,
    LanguageExt.Option<BinaryMask> Refined,
    Many<HeatMap> Heat
);

/// <summary>
/// What is known of a run, as one HTML file that needs nothing else: its model, how it learnt, how well it does beside
/// the baselines, and what it sees.
/// </summary>
/// <param name="Run">The run.</param>
/// <param name="Model">The model on a held-out split.</param>
/// <param name="Refined">The model with the paper's CRF behind it, where that was asked for.</param>
/// <param name="Swapped">The same weights given other expressions, where the data can name something else.</param>
/// <param name="Baseline">The mean masks of the words.</param>
/// <param name="Gallery">Some samples, not picked.</param>
public sealed record Report(
    RunFolder Run,
    Evaluation Model,
    LanguageExt.Option<Evaluation> Refined,
    LanguageExt.Option<Evaluation> Swapped,
    Evaluation Baseline,
    Many<Exhibit> Gallery
)
{
    private const int PerTopic = 3;

    /// <summary>Evaluates a run for a report.</summary>
    /// <param name="run">The run.</param>
    /// <param name="data">Its data.</param>
    /// <param name="split">The held-out split.</param>
    /// <param name="atMost">How many samples are asked for; 0: all.</param>
    /// <param name="crf">Whether the answers with the paper's CRF behind the model are shown too.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="options">How its model is compiled; on the CPU if not given.</param>
    public static Either<Error, Report> Of(
        RunFolder run,
        IDataset data,
        string split = "val",
        int atMost = 0,
        bool crf = false,
        IProgress<double>? progress = null,
        Options? options = null
    ) =>
        run.Model(options)
            .Bind(module =>
            {
                using (module)
                    return from model in Evaluation.Of(
                            data,
                            split,
                            ModelAnswer.Of(module, run.Experiment, run.Vocabulary),
                            Asking.Plainly,
                            atMost,
                            Part(progress, 0, .3)
                        )
                           from refined in crf
                               ? Evaluation
                                   .Of(
                                       data,
                                       split,
                                       ModelAnswer.Of(module, run.Experiment, run.Vocabulary, new DenseCrf()),
                                       Asking.Plainly,
                                       atMost,
                                       Part(progress, .3, .5)
                                   )
                                   .Map(Some)
                               : LanguageExt.Option<Evaluation>.None
                           from swapped in data is IHasDistractors
                               ? Evaluation
                                   .Of(
                                       data,
                                       split,
                                       ModelAnswer.Of(module, run.Experiment, run.Vocabulary),
                                       Asking.Swapped,
                                       atMost,
                                       Part(progress, .5, .7)
                                   )
                                   .Map(Some)
                               : LanguageExt.Option<Evaluation>.None
                           from mean in MeanMask.Of(data, 4000, Part(progress, .7, .9))
                           from baseline in Evaluation.Of(
                               data,
                               split,
                               mean.Answer,
                               Asking.Plainly,
                               atMost,
                               Part(progress, .9, 1)
                           )
                           from gallery in Exhibits(run, data, split, module, crf)
                           select new Report(run, model, refined, swapped, baseline, gallery);
            });

    /// <summary>The first few samples of each topic of a split: none are picked.</summary>
    internal static IEnumerable<Sample> Samples(IDataset data, string split, int perTopic) =>
        Enumerable
            .Range(0, Math.Min(200, data.Count(split)))
            .SelectMany(i => data.Read(split, i).ToSeq())
            .GroupBy(s => s.Topic)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Take(5)
            .SelectMany(g => g.Take(perTopic));

    // A module that hands out attention is slower: it is compiled where there is some to see, and shows that alone.
    private static Either<Error, Many<Exhibit>> Exhibits(
        RunFolder run,
        IDataset data,
        string split,
        Compiled module,
        bool crf
    )
    {
        var probes = HeatMaps.Probes(run.Experiment);
        return probes.IsEmpty
            ? Shown(_ => [])
            : run.Model(module.Options with { Probes = probes })
                .Bind(seeing =>
                {
                    using (seeing)
                        return Shown(sample => HeatMaps.Of(seeing, run.Experiment, run.Vocabulary, sample));
                });

        Either<Error, Many<Exhibit>> Shown(Func<Sample, Many<HeatMap>> heat) =>
            Samples(data, split, PerTopic)
                .Select(s => new Exhibit(s, Answered(s, None), crf ? Some(Answered(s, new DenseCrf())) : None, heat(s)))
                .ToMany();

        BinaryMask Answered(Sample sample, LanguageExt.Option<DenseCrf> field) =>
            ModelAnswer.Of(module, run.Experiment, run.Vocabulary, field)([sample])[0];
    }

    private static Relay<double>? Part(IProgress<double>? progress, double from, double to) =>
        progress is null ? null : new(value => progress.Report(from + value * (to - from)));

    /// <summary>The report as HTML.</summary>
    public string ToHtml() =>
        Page.Of(
            $"{Run.Experiment.Name} on {Run.Experiment.Data.Name}",
            "Referring image segmentation · Cross-Modal Self-Attention",
            $"{Text(Run.Experiment.Name)} <span>on {Text(Run.Experiment.Data.Name)}</span>",
            Lead,
            $"""
            <section class="cards">{Cards}</section>
            <section><h2>What it sees</h2><p class="note">The first held-out samples of each kind of expression; none
            were picked. Under each word, where that word looks: the attention
            of equation 3, averaged over the places that ask and over the three levels.</p><div class="gallery">{string.Concat(
                Gallery.Map(Exhibited)
            )}</div></section>
            <section><h2>How well it does</h2>{Metrics}<div class="two">{Parts(
                "By kind of expression",
                Model.ByTopic.Select(t => (t.Key, t.Value, Other(Swapped, t.Key), Other(Some(Baseline), t.Key)))
            )}{Parts(
                "By length",
                Model.ByLength.Select(l =>
                    (
                        $"{l.Key} word{(l.Key == 1 ? "" : "s")}",
                        l.Value,
                        LanguageExt.Option<Score>.None,
                        Baseline.ByLength.TryGetValue(l.Key, out var b) ? Some(b) : None
                    )
                )
            )}</div></section>
            <section><h2>How it learnt</h2><div class="two">{Curves}</div></section>
            <section><h2>The model</h2><div class="diagram">{Diagram}</div><p class="note">As it is written:</p><pre>{Text(
                $"{Run.Experiment.Model}"
            )}</pre></section>
            <section><h2>The experiment</h2>
            <p class="note">Hash {Run.Experiment.Hash}. Everything that these numbers depend on, except the machine:</p><pre>{Text(
                Described
            )}</pre></section>
            """
        );

    private string Lead =>
        Swapped.Match(
            s =>
                "A picture and an expression in, the mask of what it names out. Right on "
                + $"<b>{Percent(Model.Total.OverallIou)}</b> of the pixels that either the truth or the answer takes; "
                + $"given an expression for something else in the same picture, "
                + $"on <b>{Percent(s.Total.OverallIou)}</b>.",
            () =>
                "A picture and an expression in, the mask of what it names out. Right on "
                + $"<b>{Percent(Model.Total.OverallIou)}</b> of the pixels that either the truth or the answer takes; the "
                + $"mean mask of its words, on <b>{Percent(Baseline.Total.OverallIou)}</b>."
        );

    private string Cards =>
        string.Concat(
            Card("overall IoU", Percent(Model.Total.OverallIou), $"{Model.Split}, {Model.Total.Count:#,0} expressions"),
            Refined
                .Map(s =>
                    Card(
                        "with the CRF",
                        Percent(s.Total.OverallIou),
                        "same answers, sharpened by the paper's dense CRF"
                    )
                )
                .IfNone(""),
            Swapped
                .Map(s =>
                    Card("with swapped words", Percent(s.Total.OverallIou), "same weights, another object's words")
                )
                .IfNone(""),
            Card("mean mask of the words", Percent(Baseline.Total.OverallIou), "the baseline that sees no picture"),
            Card(
                "trained for",
                Duration,
                $"{Checkpointed.Step:#,0} steps, "
                    + $"{Checkpointed.Step * (long)Run.Experiment.Training.Batch * Run.Experiment.Training.Accumulate:#,0} samples"
            ),
            Card(
                "parameters",
                Parameters,
                Run.Experiment.Backbone.Match(
                    b => $"the backbone's from {System.IO.Path.GetFileName(b.File)}",
                    () =>
                        Run.Experiment.HasRandomBackbone
                            ? "those of the backbone random and fixed"
                            : "all of them trained from nothing"
                )
            )
        );

    private string Metrics =>
        $"""
            <table><thead><tr><th></th><th>overall IoU</th><th>mean IoU</th>{string.Concat(
                Score.Thresholds.Map(t => $"<th>precision@{t.ToString("0.0", CultureInfo.InvariantCulture)}</th>")
            )}</tr></thead><tbody>
            {Row("<b>the model</b>", Model.Total)}{Refined.Map(s =>
                Row("the model, dense CRF behind it", s.Total)
            ).IfNone("")}{Swapped.Map(s => Row("the model, words swapped", s.Total)).IfNone("")}{Row(
                "mean mask of the words",
                Baseline.Total
            )}</tbody></table>
            """;

    private static string Row(string name, Score score) =>
        $"<tr><td>{name}</td><td>{Percent(score.OverallIou)}</td><td>{Percent(score.MeanIou)}</td>"
        + $"{string.Concat(score.Precision.Map(p => $"<td>{Percent(p)}</td>"))}</tr>";

    private static string Parts(
        string title,
        IEnumerable<(
            string Name,
            Score Score,
            LanguageExt.Option<Score> Swapped,
            LanguageExt.Option<Score> Baseline
        )> parts
    ) =>
        $"""
            <div><h3>{title}</h3><table class="bars"><thead><tr><th></th><th>samples</th>
            <th colspan="2">overall IoU</th><th>baseline</th></tr></thead><tbody>
            {string.Concat(parts.Select(p => Bar(p.Name, p.Score, p.Baseline)))}</tbody></table></div>
            """;

    private static string Bar(string name, Score score, LanguageExt.Option<Score> baseline)
    {
        var width = (score.OverallIou * 100).ToString("0.#", CultureInfo.InvariantCulture);
        var beside = baseline.Map(b => Percent(b.OverallIou)).IfNone("");
        return $"""
            <tr><td>{Text(name)}</td><td>{score.Count:#,0}</td><td class="bar"><i style="width:{width}%"></i></td>
            <td>{Percent(score.OverallIou)}</td><td class="quiet">{beside}</td></tr>
            """;
    }

    private static LanguageExt.Option<Score> Other(LanguageExt.Option<Evaluation> evaluation, string topic) =>
        evaluation.Bind(e => e.ByTopic.TryGetValue(topic, out var score) ? Some(score) : None);

    private string Curves =>
        "<div>"
        + Chart.Svg(
            "Loss per pixel (training)",
            [new Curve("loss", "#d64545", Smoothed(Log.Series(Run.LogFile, "loss")))]
        )
        + "</div><div>"
        + Chart.Svg(
            "IoU on held-out samples",
            [
                new Curve("overall IoU", "#2563b0", Log.Series(Run.LogFile, "overall_iou")),
                new Curve("mean IoU", "#57ae5b", Log.Series(Run.LogFile, "mean_iou")),
            ],
            [("mean mask of the words", Baseline.Total.OverallIou)]
        )
        + "</div>";

    private static IReadOnlyList<(double, double)> Smoothed(IReadOnlyList<(double X, double Y)> points)
    {
        var window = Math.Max(1, points.Count / 60);
        return
        [
            .. points.Select(
                (p, i) =>
                    (p.X, points.Skip(Math.Max(0, i - window + 1)).Take(Math.Min(i + 1, window)).Average(q => q.Y))
            ),
        ];
    }

    private string Diagram =>
        Cmsa
            .Dsl.Display.Drawing.Svg(Run.Experiment.Model, Run.Experiment.Inputs)
            .Match(Succ: svg => svg, Fail: _ => "");

    private Checkpoint Checkpointed => Run.At.IfNone(Checkpoint.Start);

    private string Duration
    {
        get
        {
            var time = TimeSpan.FromSeconds(Checkpointed.Seconds);
            return time.TotalMinutes < 60
                ? $"{(int)time.TotalMinutes}:{time.Seconds:00} min"
                : $"{(int)time.TotalHours}:{time.Minutes:00} h";
        }
    }

    private string Parameters =>
        Run
            .Experiment.Model.At(Run.Experiment.Inputs)
            .Match(
                Succ: p =>
                    p.ParameterCount >= 1_000_000
                        ? $"{(p.ParameterCount / 1e6).ToString("0.0", CultureInfo.InvariantCulture)} M"
                        : $"{p.ParameterCount / 1000} k",
                Fail: _ => ""
            );

    private string Described
    {
        get
        {
            var json = JsonNode.Parse(Run.Experiment.Json)!.AsObject();
            json.Remove("model");
            json["data"]!.AsObject().Remove("root");
            (json["backbone"] as JsonObject)?.Remove("file");
            return json.ToJsonString(new() { WriteIndented = true });
        }
    }

    private static string Exhibited(Exhibit e) =>
        $"""
            <article><h3>“{Text(e.Sample.Expression)}”</h3><p class="topic">{Text(e.Sample.Topic)} · IoU {Iou(
                e.Sample,
                e.Answer
            )}{e.Refined.Map(r => $", with the CRF {Iou(e.Sample, r)}").IfNone("")}</p>
            <div class="shots">{Shot("picture", e.Sample.Picture)}{Shot(
                "truth",
                Painting.Overlay(e.Sample.Picture, e.Sample.Truth)
            )}{Shot("answer", Painting.Overlay(e.Sample.Picture, e.Answer))}{e.Refined.Map(r =>
                Shot("with the CRF", Painting.Overlay(e.Sample.Picture, r))
            ).IfNone("")}</div>
            <div class="words">{string.Concat(
                e.Heat.Map(h => Shot(h.Word, Painting.Heat(e.Sample.Picture, h.Values)))
            )}</div></article>
            """;

    private static string Iou(Sample sample, BinaryMask answer) => Percent(Score.Of(answer, sample.Truth).OverallIou);
}
