using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tables;

/// <summary>
/// How a budget of training time becomes a number of steps, the same for every job of a study: each row's speed is
/// measured once, by a few steps, and what came of it is kept beside the runs as <c>table-3-1f0c4a2b9e.json</c>, so
/// that the same question finds the same runs later.
/// </summary>
/// <param name="Iterations">Steps of each job.</param>
/// <param name="Paces">Seconds that a step of each row takes.</param>
public sealed record Plan(int Iterations, Many<(string Row, double Seconds)> Paces)
{
    /// <summary>The fewest steps that are worth training for.</summary>
    public const int Fewest = 20;

    /// <summary>The plan for a study, read where it is kept, made and kept otherwise.</summary>
    /// <param name="study">The study.</param>
    /// <param name="jobs">Its jobs, whatever their steps.</param>
    /// <param name="budget">Training time of all its jobs together.</param>
    /// <param name="runs">The folder of the runs.</param>
    /// <param name="device">Where the jobs are to run.</param>
    /// <param name="progress">Told what happens.</param>
    /// <param name="stop">Cancelled to give up.</param>
    public static Either<Error, Plan> For(
        Study study,
        Many<Job> jobs,
        TimeSpan budget,
        string runs,
        string device = "cpu",
        IProgress<StudyProgress>? progress = null,
        CancellationToken stop = default
    ) =>
        from kept in Kept(study, jobs, budget, runs, device)
        from plan in kept.Match(
            Right<Error, Plan>,
            () =>
                from paces in Measured(jobs, device, progress, stop)
                from made in Made(jobs, paces, budget)
                from written in made.Write(study, jobs, budget, runs, device)
                select made
        )
        select plan;

    /// <summary>The plan that is kept for a study; none where none was made yet.</summary>
    public static Either<Error, Option<Plan>> Kept(
        Study study,
        Many<Job> jobs,
        TimeSpan budget,
        string runs,
        string device
    )
    {
        var path = PathOf(study, jobs, budget, runs, device);
        if (!File.Exists(path))
            return Option<Plan>.None;
        return Failures
            .Try(path, () => File.ReadAllText(path))
            .Bind(text => Read(text).Map(Some).ToEither(new Error("not a plan", path, "remove it to plan again")));
    }

    /// <summary>
    /// The plan for jobs whose rows take so many seconds a step; an error where the budget is too small for them.
    /// </summary>
    public static Either<Error, Plan> Made(Many<Job> jobs, Many<(string Row, double Seconds)> paces, TimeSpan budget)
    {
        var seconds = jobs.Map(j => paces.Find(p => p.Row == j.Row.Key).Map(p => p.Seconds).IfNone(0)).Sum();
        var steps = (int)Math.Min(int.MaxValue / 2, budget.TotalSeconds / Math.Max(seconds, 1e-9));
        return steps < Fewest
            ? new Error(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a budget of {budget.TotalSeconds:0.#} s is too small: each of {jobs.Count} runs gets {steps} steps"
                ),
                "--budget",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"give at least {Math.Ceiling(Fewest * seconds)}s, or fewer rows or seeds"
                )
            )
            : new Plan(steps < 100 ? steps : steps / 10 * 10, paces);
    }

    // Speed follows from the model, not from what it has learnt: a sitting warms up, another is timed.
    private static Either<Error, Many<(string Row, double Seconds)>> Measured(
        Many<Job> jobs,
        string device,
        IProgress<StudyProgress>? progress,
        CancellationToken stop
    )
    {
        var rows = jobs.Map(j => j.Row).Distinct();
        return rows.Fold(
            Right<Error, Many<(string, double)>>([]),
            (so, row) =>
                so.Bind(paces =>
                {
                    progress?.Report(new StudyProgress.Timing(row, paces.Count + 1, rows.Count));
                    return stop.IsCancellationRequested
                        ? Failures.Interrupted
                        : jobs.Find(j => j.Row == row)
                            .ToEither(Failures.Interrupted)
                            .Bind(job => Timed(job, device, stop))
                            .Map(seconds => paces.Add((row.Key, seconds)));
                })
        );
    }

    private static Either<Error, double> Timed(Job job, string device, CancellationToken stop)
    {
        var experiment = job.Experiment with
        {
            Training = job.Experiment.Training with
            {
                Iterations = 1_000_000,
                ValidateEvery = 0,
                SaveEvery = 1_000_000,
            },
        };
        var folder = Directory.CreateTempSubdirectory("cmsa");
        try
        {
            return from fits in experiment.Problem.Match(problem => Left<Error, Unit>(problem), () => unit)
                   from run in RunFolder.Create(folder.FullName, experiment, job.Data.Vocabulary)
                   from warm in Trainer.Run(run, job.Data, device, steps: 2, stop: stop)
                   from timed in Trainer.Run(
                       run,
                       job.Data,
                       device,
                       steps: (int)Math.Clamp(3 / Math.Max(warm.At.Seconds / 2, 1e-3), 2, 100),
                       stop: stop
                   )
                   from whole in stop.IsCancellationRequested ? Left<Error, Unit>(Failures.Interrupted) : unit
                   select (timed.At.Seconds - warm.At.Seconds) / (timed.At.Step - warm.At.Step);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private Either<Error, Unit> Write(Study study, Many<Job> jobs, TimeSpan budget, string runs, string device) =>
        from made in Failures.Try(runs, () => Directory.CreateDirectory(runs))
        from written in RunFiles.Replace(
            PathOf(study, jobs, budget, runs, device),
            new JsonObject
            {
                ["table"] = study.Table.Number,
                ["rows"] = new JsonArray([.. study.Table.Models.Map(r => (JsonNode)r.Key)]),
                ["data"] = new JsonArray([.. study.Sources.Map(s => (JsonNode)s.Data.Name)]),
                ["seeds"] = study.Seeds,
                ["device"] = device,
                ["budgetSeconds"] = budget.TotalSeconds,
                ["secondsPerStep"] = new JsonObject(
                    Paces.Map(p => KeyValuePair.Create(p.Row, (JsonNode?)Math.Round(p.Seconds, 5)))
                ),
                ["iterations"] = Iterations,
            }
                .ToJsonString(new() { WriteIndented = true })
                .ReplaceLineEndings("\n") + "\n"
        )
        select written;

    private static Option<Plan> Read(string json)
    {
        try
        {
            var root = JsonNode.Parse(json)!;
            var iterations = root["iterations"]!.GetValue<int>();
            var paces = root["secondsPerStep"]!.AsObject().Select(p => (p.Key, p.Value!.GetValue<double>()));
            return iterations > 0 ? new Plan(iterations, [.. paces]) : None;
        }
        catch (Exception wrong)
            when (wrong is JsonException or NullReferenceException or InvalidOperationException or FormatException)
        {
            return None;
        }
    }

    // What was asked, whatever the answer: the jobs before they know how many steps they take.
    private static string PathOf(Study study, Many<Job> jobs, TimeSpan budget, string runs, string device)
    {
        var hashes = string.Join(' ', jobs.Map(j => j.Experiment.Hash));
        var asked = string.Create(CultureInfo.InvariantCulture, $"{hashes} {budget.TotalSeconds:R} {device}");
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(asked)))[..10];
        return Path.Combine(runs, $"table-{study.Table.Number}-{digest}.json");
    }
}
