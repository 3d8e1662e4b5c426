using System.CommandLine;
using System.Globalization;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa eval RUN</c>: how well a run's model does.</summary>
public static class EvalCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = Asked.Run();
        var split = new System.CommandLine.Option<string>("--split")
        {
            Description = "Which split: val, testA, ...",
            HelpName = "SPLIT",
            DefaultValueFactory = _ => "val",
        };
        var baseline = new System.CommandLine.Option<bool>("--baseline")
        {
            Description = "Also score the mean masks of the words, which see no picture.",
        };
        var swapped = new System.CommandLine.Option<bool>("--swapped")
        {
            Description = "Also give the model another object's expression of the same picture.",
        };
        var crf = Asked.Crf("Also score with");
        var most = new System.CommandLine.Option<int>("--most")
        {
            Description = "How many samples, the first ones; 0: all.",
            HelpName = "N",
            DefaultValueFactory = _ => 0,
        };
        var protocol = Asked.Protocol(
            "Score by this protocol, clean or released (words and answers as in the authors' code), and say how far the "
                + "run's own differs."
        );
        var (root, device, asWritten) = (Asked.Root(), Asked.Device(), Asked.AsWritten());
        var command = new Command(
            "eval",
            "Scores a run's model on a split, at the pictures' own size. Example: cmsa eval "
                + "runs/1f0c4a2b9e-paper-small --split val --baseline"
        )
        {
            run,
            split,
            crf,
            baseline,
            swapped,
            most,
            protocol,
            root,
            device,
            asWritten,
        };
        Listing.AddTo(command);
        command.SetAction(line =>
            Listing.Print(
                line,
                from folder in Asked.Find(line.GetRequiredValue(run))
                from data in Asked.Data(folder, line.GetRequiredValue(root))
                let asked = new Question(data, line.GetRequiredValue(split), line.GetValue(most))
                from scores in Scores(
                    folder,
                    asked,
                    new(Device: line.GetRequiredValue(device), Optimise: Asked.Effort(line, asWritten)),
                    Asked.ProtocolIn(line, protocol),
                    line.GetValue(crf),
                    line.GetValue(swapped),
                    line.GetValue(baseline)
                )
                select new Listing(() => Lines(scores, folder.Experiment.Words), () => Json(folder, scores))
            )
        );
        return command;
    }

    private sealed record Question(IDataset Data, string Split, int Most)
    {
        public Either<Error, Evaluation> Of(string what, Answer answer, Asking asking = Asking.Plainly) =>
            Watching.Share(what, progress => Evaluation.Of(Data, Split, answer, asking, Most, progress));
    }

    /// <summary>A row of the output: scores, or why there are none.</summary>
    private sealed record Scored(string Name, Either<Error, Evaluation> Scores);

    private static Either<Error, (Evaluation Model, Many<Scored> Others)> Scores(
        RunFolder run,
        Question asked,
        Options options,
        LanguageExt.Option<Protocol> protocol,
        bool crf,
        bool swapped,
        bool baseline
    ) =>
        run.Model(options)
            .Bind(module =>
            {
                using (module)
                {
                    var experiment = protocol.Match(run.Experiment.By, () => run.Experiment);
                    var answer = ModelAnswer.Of(module, experiment, run.Vocabulary);
                    return from model in asked.Of("the model", answer)
                           select (
                               model,
                               Own(module, run, asked, experiment)
                                   + Others(module, run, experiment, asked, answer, crf, swapped, baseline)
                           );
                }
            });

    // The same model by the run's own protocol, where another one was asked for.
    private static Many<Scored> Own(Compiled module, RunFolder run, Question asked, Experiment experiment)
    {
        var own = run.Experiment.Training.Protocol;
        return own == experiment.Training.Protocol
            ? []
            :
            [
                new(
                    $"by the run's own, {own}",
                    asked.Of($"the model, {own}", ModelAnswer.Of(module, run.Experiment, run.Vocabulary))
                ),
            ];
    }

    // What one of them cannot be scored for is said in its row, and keeps none of the others.
    private static Many<Scored> Others(
        Compiled module,
        RunFolder run,
        Experiment experiment,
        Question asked,
        Answer answer,
        bool crf,
        bool swapped,
        bool baseline
    )
    {
        Many<Scored> others = [];
        if (crf)
        {
            var refined = ModelAnswer.Of(module, experiment, run.Vocabulary, new DenseCrf());
            others = others.Add(new("with the CRF behind it", asked.Of("the model, CRF behind it", refined)));
        }
        if (swapped)
            others = others.Add(new("words swapped", asked.Of("the model, words swapped", answer, Asking.Swapped)));
        if (baseline)
            others = others.Add(new("mean mask of the words", Baseline(asked)));
        return others;
    }

    private static Either<Error, Evaluation> Baseline(Question asked) =>
        Watching
            .Share("reading training samples", progress => MeanMask.Of(asked.Data, progress: progress))
            .Bind(mean => asked.Of("the baseline", mean.Answer));

    private static object Json(RunFolder run, (Evaluation Model, Many<Scored> Others) all)
    {
        var (model, others) = all;
        return new
        {
            Run = run.Path,
            model.Split,
            Scores = others
                .Choose(o => o.Scores.ToOption().Map(scores => ScoreOf(o.Name, scores.Total)))
                .Prepend(ScoreOf("the model", model.Total)),
            NotScored = others.Choose(o => o.Scores.Swap().ToOption().Map(e => new { o.Name, Error = Listing.Of(e) })),
            ByTopic = model.ByTopic.Select(t => ScoreOf(t.Key, t.Value)),
            ByLength = model.ByLength.Select(l => ScoreOf($"{l.Key}", l.Value)),
            Cut = Cut(model, run.Experiment.Words),
            Skipped = model.Skipped.Select(Listing.Of),
        };
    }

    // Shares, from 0 to 1.
    private static object ScoreOf(string name, Score score) =>
        new
        {
            Name = name,
            Samples = score.Count,
            score.OverallIou,
            score.MeanIou,
            Precision = Score
                .Thresholds.Zip(score.Precision, (t, p) => (t, p))
                .ToDictionary(p => p.t.ToString("0.0", CultureInfo.InvariantCulture), p => p.p),
        };

    private static long Cut(Evaluation model, int words) =>
        model.ByLength.Where(l => l.Key > words).Sum(l => l.Value.Count);

    private static Many<Line> Lines((Evaluation Model, Many<Scored> Others) all, int words)
    {
        var (model, others) = all;
        var cut = Cut(model, words);
        return
        [
            new(
                $"{model.Split, -24}{"samples", 9}{"overall IoU", 13}{"mean IoU", 10}"
                    + $"{string.Concat(Score.Thresholds.Map(t => $"{$"p@{t.ToString("0.0", CultureInfo.InvariantCulture)}", 8}"))}",
                Look.Heading
            ),
            Row("the model", model.Total),
            .. others.Map(o => o.Scores.Match(scores => Row(o.Name, scores.Total), error => NoRow(o.Name, error))),
            new(""),
            new("by kind of expression", Look.Heading),
            .. model.ByTopic.Select(t => Row($"  {t.Key}", t.Value)),
            new(""),
            new("by number of words", Look.Heading),
            .. model.ByLength.Select(l => Row($"  {l.Key}", l.Value)),
            .. cut > 0
                ? (Many<Line>)
                    [new($"cut: {cut} expressions have more words than the {words} that the model takes", Look.Removed)]
                : [],
            .. model.Skipped.Select(s => new Line($"skipped: {s}", Look.Removed)),
        ];
    }

    private static Line NoRow(string name, Error error) => new($"{name,-24}not scored: {error}", Look.Removed);

    private static Line Row(string name, Score score) =>
        new(
            $"{name,-24}{score.Count,9}{Asked.Percent(score.OverallIou),13}{Asked.Percent(score.MeanIou),10}"
                + $"{string.Concat(score.Precision.Map(p => $"{Asked.Percent(p),8}"))}"
        );
}
