using System.CommandLine;
using System.Globalization;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
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
        var (root, device, asWritten) = (Asked.Root(), Asked.Device(), Asked.AsWritten());
        var command = new Command(
            "eval",
            "Scores a run's model on a split, at the pictures' own size. Example: cmsa eval runs/1f0c4a2b9e-paper-small --split val --baseline"
        )
        {
            run,
            split,
            crf,
            baseline,
            swapped,
            most,
            root,
            device,
            asWritten,
        };
        command.SetAction(line =>
            Asked.Exit(
                from folder in Asked.Find(line.GetRequiredValue(run))
                from data in Asked.Data(folder, line.GetRequiredValue(root))
                let asked = new Question(data, line.GetRequiredValue(split), line.GetValue(most))
                from scores in Scores(
                    folder,
                    asked,
                    new(Device: line.GetRequiredValue(device), Optimise: Asked.Effort(line, asWritten)),
                    line.GetValue(crf),
                    line.GetValue(swapped),
                    line.GetValue(baseline)
                )
                select Told(scores)
            )
        );
        return command;
    }

    private sealed record Question(IDataset Data, string Split, int Most)
    {
        public Either<Error, Evaluation> Of(string what, Answer answer, Asking asking = Asking.Plainly) =>
            Watching.Share(what, progress => Evaluation.Of(Data, Split, answer, asking, Most, progress));
    }

    private static Either<Error, Many<(string Name, Evaluation Scores)>> Scores(
        RunFolder run,
        Question asked,
        Options options,
        bool crf,
        bool swapped,
        bool baseline
    ) =>
        run.Model(options)
            .Bind(module =>
            {
                using (module)
                {
                    var answer = ModelAnswer.Of(module, run.Experiment, run.Vocabulary);
                    return from model in asked.Of("the model", answer)
                        from refined in crf
                            ? asked
                                .Of(
                                    "the model, CRF behind it",
                                    ModelAnswer.Of(module, run.Experiment, run.Vocabulary, new DenseCrf())
                                )
                                .Map(Some)
                            : LanguageExt.Option<Evaluation>.None
                        from other in swapped
                            ? asked.Of("the model, words swapped", answer, Asking.Swapped).Map(Some)
                            : LanguageExt.Option<Evaluation>.None
                        from mean in baseline
                            ? Watching
                                .Share(
                                    "reading training samples",
                                    progress => MeanMask.Of(asked.Data, progress: progress)
                                )
                                .Bind(m => asked.Of("the baseline", m.Answer))
                                .Map(Some)
                            : LanguageExt.Option<Evaluation>.None
                        select (Many<(string, Evaluation)>)
                            [
                                ("the model", model),
                                .. refined.Map(r => ("with the CRF behind it", r)).ToMany(),
                                .. other.Map(o => ("words swapped", o)).ToMany(),
                                .. mean.Map(m => ("mean mask of the words", m)).ToMany(),
                            ];
                }
            });

    private static int Told(Many<(string Name, Evaluation Scores)> all)
    {
        Many<Line> lines =
        [
            new(
                $"{all[0].Scores.Split, -24}{"samples", 9}{"overall IoU", 13}{"mean IoU", 10}{string.Concat(Score.Thresholds.Map(t => $"{$"p@{t.ToString("0.0", CultureInfo.InvariantCulture)}", 8}"))}",
                Look.Heading
            ),
            .. all.Map(a => Row(a.Name, a.Scores.Total)),
            new(""),
            new("by kind of expression", Look.Heading),
            .. all[0].Scores.ByTopic.Select(t => Row($"  {t.Key}", t.Value)),
            new(""),
            new("by number of words", Look.Heading),
            .. all[0].Scores.ByLength.Select(l => Row($"  {l.Key}", l.Value)),
            .. all[0].Scores.Skipped.Select(s => new Line($"skipped: {s}", Look.Removed)),
        ];
        Terminal.Write(lines);
        return Application.Done;
    }

    private static Line Row(string name, Score score) =>
        new(
            $"{name, -24}{score.Count, 9}{Asked.Percent(score.OverallIou), 13}{Asked.Percent(score.MeanIou), 10}{string.Concat(score.Precision.Map(p => $"{Asked.Percent(p), 8}"))}"
        );
}
