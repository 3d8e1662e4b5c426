using System.Globalization;
using System.Text.Json.Nodes;
using Cmsa.Data;
using Cmsa.Dsl;
using Cmsa.Dsl.Programs;
using Cmsa.Dsl.Torch;
using LanguageExt;
using static LanguageExt.Prelude;
using Mask = Cmsa.Data.Mask;

namespace Cmsa.Experiments;

/// <summary>One picture of a report's gallery.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="Answer">What the model answered.</param>
/// <param name="Heat">Where its words looked.</param>
public sealed record Exhibit(Sample Sample, Mask Answer, Many<HeatMap> Heat)
{
    /// <summary>The answer's IoU.</summary>
    public double Iou => Score.Of(Answer, Sample.Truth).OverallIou;
}

/// <summary>What is known of a run, as one HTML file that needs nothing else: its model, how it learnt, how well it does beside the baselines, and what it sees.</summary>
/// <param name="Run">The run.</param>
/// <param name="Model">The model on a held-out split.</param>
/// <param name="Swapped">The same weights given other expressions, where the data can name something else.</param>
/// <param name="Baseline">The mean masks of the words.</param>
/// <param name="Gallery">Some samples, not picked.</param>
public sealed record Report(RunFolder Run, Evaluation Model, LanguageExt.Option<Evaluation> Swapped, Evaluation Baseline, Many<Exhibit> Gallery)
{
    private const int PerTopic = 3;

    /// <summary>Evaluates a run for a report.</summary>
    /// <param name="run">The run.</param>
    /// <param name="data">Its data.</param>
    /// <param name="split">The held-out split.</param>
    /// <param name="atMost">How many samples are asked for; 0: all.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="options">How its model is compiled; on the CPU if not given.</param>
    public static Either<Failure, Report> Of(RunFolder run, IDataset data, string split = "val", int atMost = 0, IProgress<double>? progress = null, Options? options = null) =>
        run.Model(options).Bind(module =>
        {
            using (module)
                return
                    from model in Evaluation.Of(data, split, ModelAnswer.Of(module, run.Experiment, run.Vocabulary), Asking.Plainly, atMost, Part(progress, 0, .4))
                    from swapped in data is IHasCounterparts
                        ? Evaluation.Of(data, split, ModelAnswer.Of(module, run.Experiment, run.Vocabulary), Asking.Swapped, atMost, Part(progress, .4, .7)).Map(Some)
                        : LanguageExt.Option<Evaluation>.None
                    from mean in MeanMask.Of(data, 4000, Part(progress, .7, .9))
                    from baseline in Evaluation.Of(data, split, mean.Answer, Asking.Plainly, atMost, Part(progress, .9, 1))
                    from gallery in Exhibits(run, data, split, options)
                    select new Report(run, model, swapped, baseline, gallery);
        });

    // The first few samples of each topic.
    private static Either<Failure, Many<Exhibit>> Exhibits(RunFolder run, IDataset data, string split, Options? options) => run.Model((options ?? new()) with { Probes = HeatMaps.Probes(run.Experiment) }).Map(module =>
    {
        using (module)
            return Enumerable.Range(0, Math.Min(200, data.Count(split)))
                .SelectMany(i => data.Read(split, i).ToSeq())
                .GroupBy(s => s.Topic).OrderBy(g => g.Key, StringComparer.Ordinal).Take(5)
                .SelectMany(g => g.Take(PerTopic))
                .Select(s => new Exhibit(s, ModelAnswer.Of(module, run.Experiment, run.Vocabulary)([s])[0], HeatMaps.Of(module, run.Experiment, run.Vocabulary, s)))
                .ToArray().ToMany();
    });

    private static Share? Part(IProgress<double>? progress, double from, double to) => progress is null ? null : new Share(progress, from, to);

    private sealed class Share(IProgress<double> whole, double from, double to) : IProgress<double>
    {
        public void Report(double value) => whole.Report(from + value * (to - from));
    }

    /// <summary>The report as HTML.</summary>
    public string ToHtml() => $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Html.Text(Run.Experiment.Name)} on {Html.Text(Run.Experiment.Data.Name)}</title>
        <style>{Style}</style></head><body><main>
        <header><p class="kind">Referring image segmentation · Cross-Modal Self-Attention</p>
        <h1>{Html.Text(Run.Experiment.Name)} <span>on {Html.Text(Run.Experiment.Data.Name)}</span></h1>
        <p class="lead">{Lead}</p></header>
        <section class="cards">{Cards}</section>
        <section><h2>What it sees</h2><p class="note">The first held-out samples of each kind of expression; none were picked. Under each word, where that word looks: the attention
        of equation 3, averaged over the places that ask and over the three levels.</p><div class="gallery">{string.Concat(Gallery.Map(Exhibited))}</div></section>
        <section><h2>How well it does</h2>{Metrics}<div class="two">{Parts("By kind of expression", Model.ByTopic.Select(t => (t.Key, t.Value, Other(Swapped, t.Key), Other(Some(Baseline), t.Key))))}{Parts("By length", Model.ByLength.Select(l => ($"{l.Key} word{(l.Key == 1 ? "" : "s")}", l.Value, LanguageExt.Option<Score>.None, Baseline.ByLength.TryGetValue(l.Key, out var b) ? Some(b) : None)))}</div></section>
        <section><h2>How it learnt</h2><div class="two">{Curves}</div></section>
        <section><h2>The model</h2><div class="diagram">{Diagram}</div><p class="note">As it is written:</p><pre>{Html.Text($"{Run.Experiment.Model}")}</pre></section>
        <section><h2>The experiment</h2><p class="note">Hash {Run.Experiment.Hash}. Everything that these numbers depend on, except the machine:</p><pre>{Html.Text(Described)}</pre></section>
        </main></body></html>

        """;

    private string Lead => Swapped.Match(
        s => $"A picture and an expression in, the mask of what it names out. Right on <b>{Percent(Model.Total.OverallIou)}</b> of the pixels that either the truth or the answer takes; given an expression for something else in the same picture, on <b>{Percent(s.Total.OverallIou)}</b>: the words do the work.",
        () => $"A picture and an expression in, the mask of what it names out. Right on <b>{Percent(Model.Total.OverallIou)}</b> of the pixels that either the truth or the answer takes; the mean mask of its words, on <b>{Percent(Baseline.Total.OverallIou)}</b>.");

    private string Cards => string.Concat(
        Card("overall IoU", Percent(Model.Total.OverallIou), $"{Model.Split}, {Model.Total.Count:#,0} expressions"),
        Swapped.Map(s => Card("with swapped words", Percent(s.Total.OverallIou), "same weights, another object's words")).IfNone(""),
        Card("mean mask of the words", Percent(Baseline.Total.OverallIou), "the baseline that sees no picture"),
        Card("trained for", Duration, $"{Checkpointed.Step:#,0} steps, {Checkpointed.Step * (long)Run.Experiment.Training.Batch * Run.Experiment.Training.Accumulate:#,0} samples"),
        Card("parameters", Parameters, "all of them trained from nothing"));

    private static string Card(string name, string value, string note) =>
        $"""<div class="card"><p>{name}</p><b>{value}</b><small>{note}</small></div>""";

    private string Metrics => $"""
        <table><thead><tr><th></th><th>overall IoU</th><th>mean IoU</th>{string.Concat(Score.Thresholds.Map(t => $"<th>precision@{t.ToString("0.0", CultureInfo.InvariantCulture)}</th>"))}</tr></thead><tbody>
        {Row("<b>the model</b>", Model.Total)}{Swapped.Map(s => Row("the model, words swapped", s.Total)).IfNone("")}{Row("mean mask of the words", Baseline.Total)}</tbody></table>
        """;

    private static string Row(string name, Score score) =>
        $"<tr><td>{name}</td><td>{Percent(score.OverallIou)}</td><td>{Percent(score.MeanIou)}</td>{string.Concat(score.Precision.Map(p => $"<td>{Percent(p)}</td>"))}</tr>";

    private static string Parts(string title, IEnumerable<(string Name, Score Score, LanguageExt.Option<Score> Swapped, LanguageExt.Option<Score> Baseline)> parts) => $"""
        <div><h3>{title}</h3><table class="bars"><thead><tr><th></th><th>samples</th><th colspan="2">overall IoU</th><th>baseline</th></tr></thead><tbody>{string.Concat(parts.Select(p =>
            $"""<tr><td>{Html.Text(p.Name)}</td><td>{p.Score.Count:#,0}</td><td class="bar"><i style="width:{(p.Score.OverallIou * 100).ToString("0.#", CultureInfo.InvariantCulture)}%"></i></td><td>{Percent(p.Score.OverallIou)}</td><td class="quiet">{p.Baseline.Map(b => Percent(b.OverallIou)).IfNone("")}</td></tr>"""))}</tbody></table></div>
        """;

    private static LanguageExt.Option<Score> Other(LanguageExt.Option<Evaluation> evaluation, string topic) =>
        evaluation.Bind(e => e.ByTopic.TryGetValue(topic, out var score) ? Some(score) : None);

    private string Curves
    {
        get
        {
            var log = Log.Read(Run.LogFile);
            IReadOnlyList<(double, double)> Of(string key) => [.. log.SelectMany(l => Number(l.Values, key).Map(v => ((double)l.Step, v)).ToSeq())];
            return "<div>" + Chart.Svg("Loss per pixel (training)", [new Curve("loss", "#d64545", Smoothed(Of("loss")))]) + "</div><div>"
                + Chart.Svg("IoU on held-out samples", [new Curve("overall IoU", "#2563b0", Of("overall_iou")), new Curve("mean IoU", "#57ae5b", Of("mean_iou"))],
                    [("mean mask of the words", Baseline.Total.OverallIou)]) + "</div>";
        }
    }

    private static LanguageExt.Option<double> Number(JsonObject values, string key) => values[key] is JsonValue v && v.TryGetValue<double>(out var number) ? number : None;

    private static IReadOnlyList<(double, double)> Smoothed(IReadOnlyList<(double X, double Y)> points)
    {
        var window = Math.Max(1, points.Count / 60);
        return [.. points.Select((p, i) => (p.X, points.Skip(Math.Max(0, i - window + 1)).Take(Math.Min(i + 1, window)).Average(q => q.Y)))];
    }

    private string Diagram => Cmsa.Dsl.Display.Drawing.Svg(Run.Experiment.Model, Run.Experiment.Extent).Match(Succ: svg => svg, Fail: _ => "");

    private Checkpoint Checkpointed => Run.At.IfNone(Checkpoint.Start);

    private string Duration => TimeSpan.FromSeconds(Checkpointed.Seconds) is var t && t.TotalMinutes < 60
        ? $"{(int)t.TotalMinutes}:{t.Seconds:00} min" : $"{(int)t.TotalHours}:{t.Minutes:00} h";

    private string Parameters => Run.Experiment.Model.At(Run.Experiment.Extent).Match(
        Succ: p => p.ParameterCount >= 1_000_000 ? $"{(p.ParameterCount / 1e6).ToString("0.0", CultureInfo.InvariantCulture)} M" : $"{p.ParameterCount / 1000} k", Fail: _ => "");

    private string Described
    {
        get
        {
            var json = JsonNode.Parse(Run.Experiment.Json)!.AsObject();
            json.Remove("model");
            json["data"]!.AsObject().Remove("root");
            return json.ToJsonString(new() { WriteIndented = true });
        }
    }

    private static string Exhibited(Exhibit e) => $"""
        <article><h3>“{Html.Text(e.Sample.Expression)}”</h3><p class="topic">{Html.Text(e.Sample.Topic)} · IoU {Percent(e.Iou)}</p>
        <div class="shots">{Shot("picture", e.Sample.Picture)}{Shot("truth", Painting.Overlay(e.Sample.Picture, e.Sample.Truth))}{Shot("answer", Painting.Overlay(e.Sample.Picture, e.Answer))}</div>
        <div class="words">{string.Concat(e.Heat.Map(h => Shot(h.Word, Painting.Heat(e.Sample.Picture, h.Values))))}</div></article>
        """;

    private static string Shot(string name, Picture picture) =>
        $"""<figure><img alt="{Html.Text(name)}" src="data:image/png;base64,{Convert.ToBase64String(Pictures.Png(picture))}"><figcaption>{Html.Text(name)}</figcaption></figure>""";

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private const string Style = """
        :root{--ink:#1f2933;--quiet:#616e7c;--line:#e4e7eb;--blue:#2563b0}
        body{margin:0;background:#f5f7fa;color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif}
        main{max-width:1180px;margin:0 auto;padding:36px 24px 60px}
        header{margin-bottom:22px}.kind{color:var(--blue);font-weight:600;margin:0;letter-spacing:.02em}h1{font-size:34px;line-height:1.2;margin:4px 0 8px}h1 span{color:var(--quiet);font-weight:400}
        .lead{font-size:17px;max-width:80ch;margin:0}section{background:#fff;border:1px solid var(--line);border-radius:12px;padding:20px 24px;margin:18px 0}
        h2{margin:0 0 6px;font-size:20px}h3{font-size:15px;margin:14px 0 4px}.note{color:var(--quiet);margin:0 0 12px;max-width:95ch}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:14px;background:none;border:0;padding:0}
        .card{background:#fff;border:1px solid var(--line);border-radius:12px;padding:14px 18px}.card p{margin:0;color:var(--quiet)}.card b{display:block;font-size:28px;line-height:1.3}.card small{color:var(--quiet)}
        .card:first-child{background:var(--blue);border-color:var(--blue)}.card:first-child *{color:#fff}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th{font-weight:600;color:var(--quiet);text-align:right;padding:6px 10px;border-bottom:1px solid var(--line)}
        td{text-align:right;padding:6px 10px;border-bottom:1px solid var(--line)}th:first-child,td:first-child{text-align:left;padding-left:0}.quiet{color:var(--quiet)}
        .bar{width:34%}.bar i{display:block;height:9px;border-radius:5px;background:var(--blue)}
        .two{display:grid;grid-template-columns:1fr 1fr;gap:28px}.chart{width:100%;height:auto}.chart text{font-size:11px;fill:#616e7c}.chart .title{font-size:13px;font-weight:600;fill:#1f2933}
        .gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:16px}article{border:1px solid var(--line);border-radius:10px;padding:12px 14px}
        article h3{margin:0;font-size:16px}.topic{margin:0 0 8px;color:var(--quiet);font-size:13px}.shots{display:grid;grid-template-columns:repeat(3,1fr);gap:8px}.words{display:grid;grid-template-columns:repeat(6,1fr);gap:6px;margin-top:8px}
        figure{margin:0}img{width:100%;display:block;border-radius:5px;image-rendering:auto}figcaption{font-size:12px;color:var(--quiet);text-align:center;overflow:hidden;text-overflow:ellipsis}
        .diagram{overflow-x:auto}.diagram svg{max-width:100%;height:auto}pre{background:#f5f7fa;border-radius:8px;padding:12px 14px;font-size:12.5px;white-space:pre-wrap;word-break:break-word;margin:0}
        @media(max-width:800px){.two{grid-template-columns:1fr}}
        """;
}
