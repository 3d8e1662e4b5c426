using System.Globalization;
using System.Text.Json.Nodes;
using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learners;
using Cmsa.Experiments.Runs;
using LanguageExt;
using TorchSharp;
using static Cmsa.Experiments.Reports.Page;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Reports;

/// <summary>A sample as a report shows it: pictures side by side, with a caption.</summary>
/// <param name="Caption">What is above them.</param>
/// <param name="Pictures">The pictures, each with its name.</param>
public sealed record Shown(string Caption, Many<(string Name, Picture Picture)> Pictures);

/// <summary>
/// What is known of a learner's run, as one HTML file that needs nothing else: its scores, its curves, some samples with
/// what the model makes of them, the model, and all settings.
/// </summary>
/// <param name="Run">The run.</param>
/// <param name="Scores">What it was measured at, split by split.</param>
/// <param name="Gallery">Some samples, not picked.</param>
public sealed record LearnerReport<A, B, T>(LearnerRun<A, B, T> Run, Many<Scores> Scores, Many<Shown> Gallery)
{
    private const int Smooth = 60;

    /// <summary>Measures a run on every split but that which it was trained on.</summary>
    /// <param name="run">The run.</param>
    /// <param name="show">
    /// Shows a sample of the validation's split: its index, and the model's result for it alone, of a batch of one; none: no
    /// gallery.
    /// </param>
    /// <param name="gallery">How many samples are shown, the first ones.</param>
    /// <param name="atMost">How many samples of each split are measured, the first ones; 0: all.</param>
    /// <param name="device">Where: <c>cpu</c>, <c>cuda</c>.</param>
    public static Either<Error, LearnerReport<A, B, T>> Of(
        LearnerRun<A, B, T> run,
        Func<int, Output, Shown>? show = null,
        int gallery = 12,
        int atMost = 0,
        string device = "cpu"
    ) =>
        run.Model(new(Device: device))
            .Bind(module =>
            {
                using (module)
                    return from scores in Measured(run, module, atMost)
                           select new LearnerReport<A, B, T>(run, scores, show is null ? [] : Exhibits(run, module, show, gallery));
            });

    private static Either<Error, Many<Scores>> Measured(LearnerRun<A, B, T> run, Compiled module, int atMost)
    {
        var splits = run.Learner.Data.Splits;
        return (splits.Count > 1 ? splits.Tail : splits).Fold(
            Right<Error, Many<Scores>>([]),
            (so, split) =>
                from before in so
                from scores in LearnerScoring.Of(run.Learner, module, split.Name, atMost, null, default)
                select before.Add(scores)
        );
    }

    private static Many<Shown> Exhibits(
        LearnerRun<A, B, T> run,
        Compiled module,
        Func<int, Output, Shown> show,
        int count
    )
    {
        var split = run.Learner.Data.Validation;
        var samples = new LearnerSamples<A, B, T>(run.Learner, module);
        return Many.Range(Math.Min(count, split.Count))
            .Choose(index => samples.Read(split.Name, index).ToOption().Map(One(index)));

        Func<Example, Shown> One(int index) =>
            example =>
            {
                using var off = no_grad();
                using var scope = NewDisposeScope();
                return show(index, module.RunAll(samples.Inputs([example])));
            };
    }

    /// <summary>The report as HTML.</summary>
    public string ToHtml()
    {
        var learner = Run.Learner;
        return Page.Of(
            $"{learner.Name} on {learner.Data.Name}",
            "A trained model",
            $"{Text(learner.Name)} <span>on {Text(learner.Data.Name)}</span>",
            $"{Text(Lead)}",
            $"""
            <section class="cards">{Cards}</section>
            {Shots}
            <section><h2>How well it does</h2>{Table}</section>
            <section><h2>How it learned</h2><div class="two">{Curves}</div></section>
            <section><h2>The model</h2><div class="diagram">{Diagram}</div><p class="note">As it is written:</p><pre>{Text(
                $"{learner.Model}"
            )}</pre></section>
            <section><h2>Settings</h2>
            <p class="note">Hash {learner.Hash}. Data, loss and metrics are code and stand here by their names.</p><pre>{Text(
                Described
            )}</pre></section>
            """
        );
    }

    private Checkpoint At => Run.Files.Reached.IfNone(Checkpoint.Start);

    private Scores Headline => Scores[0];

    private string Lead
    {
        get
        {
            var value = Run.Learner.DecidingOf(Headline);
            return $"{Run.Learner.Decider.Replace('_', ' ')} {Number(value)} on {Headline.Samples} samples of {Headline.Split}.";
        }
    }

    private string Cards
    {
        get
        {
            var time = TimeSpan.FromSeconds(At.Seconds);
            var size = Run
                .Learner.Model.At(Run.Learner.Inputs)
                .Match(Succ: graph => graph.ParameterCount.ToString("#,0", CultureInfo.InvariantCulture), Fail: _ => "");
            return Card(
                    Text(Run.Learner.Decider.Replace('_', ' ')),
                    Number(Run.Learner.DecidingOf(Headline)),
                    $"on {Headline.Samples} samples of {Text(Headline.Split)}"
                )
                + Card("training", $"{(int)time.TotalMinutes}:{time.Seconds:00} min", $"{At.Step} steps; best at {At.BestStep}")
                + Card("parameters", size, Text($"{Run.Learner.Optimizer}"));
        }
    }

    private string Shots =>
        Gallery.IsEmpty
            ? ""
            : """<section><h2>What it makes of samples</h2><p class="note">The first held-out samples; none were picked.</p>"""
                + $"""<div class="gallery">{string.Concat(Gallery.Map(Exhibited))}</div></section>""";

    private static string Exhibited(Shown shown) =>
        $"""<article><h3>{Text(shown.Caption)}</h3><div class="shots">"""
        + string.Concat(shown.Pictures.Map(p => Shot(p.Name, p.Picture)))
        + "</div></article>";

    private string Table
    {
        get
        {
            Many<string> names = ["split", "samples", "loss", .. Headline.Metrics.Map(m => m.Name.Replace('_', ' '))];
            var heads = string.Concat(names.Map(n => $"<th>{Text(n)}</th>"));
            var rows = string.Concat(Scores.Map(Row));
            return $"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>";
        }
    }

    private static string Row(Scores scores)
    {
        Many<string> cells =
        [
            Text(scores.Split),
            $"{scores.Samples}",
            Number(scores.Loss),
            .. scores.Metrics.Map(m => Number(m.Value)),
        ];
        return $"<tr>{string.Concat(cells.Map(c => $"<td>{c}</td>"))}</tr>";
    }

    private string Curves
    {
        get
        {
            Curve[] losses =
            [
                new("training", Chart.Colours[1], Smoothed(Log.Series(Run.LogFile, "loss"))),
                new("held out", Chart.Colours[0], Log.Series(Run.LogFile, "validation_loss")),
            ];
            var metrics = Run
                .Learner.Metrics.Zip(
                    Chart.Colours.ToMany(),
                    (m, colour) => new Curve(m.Name.Replace('_', ' '), colour, Log.Series(Run.LogFile, m.Name))
                )
                .ToArray();
            var second = metrics.Length == 0 ? "" : $"<div>{Chart.Svg("Metrics on held-out samples", metrics)}</div>";
            return $"<div>{Chart.Svg("Mean loss", losses)}</div>{second}";
        }
    }

    private static IReadOnlyList<(double, double)> Smoothed(IReadOnlyList<(double X, double Y)> points)
    {
        var window = Math.Max(1, points.Count / Smooth);
        return
        [
            .. points.Select(
                (p, i) => (p.X, points.Skip(Math.Max(0, i - window + 1)).Take(Math.Min(i + 1, window)).Average(q => q.Y))
            ),
        ];
    }

    private string Diagram =>
        Dsl.Display.Drawing.Svg(Run.Learner.Model, Run.Learner.Inputs).Match(Succ: svg => svg, Fail: _ => "");

    private string Described
    {
        get
        {
            var json = JsonNode.Parse(Run.Learner.Json)!.AsObject();
            json.Remove("model");
            return json.ToJsonString(new() { WriteIndented = true });
        }
    }

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
