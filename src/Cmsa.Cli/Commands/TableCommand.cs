using System.CommandLine;
using System.Globalization;
using Cmsa.Experiments;
using Cmsa.Experiments.Tables;
using Cmsa.Experiments.Tables.Writing;
using Cmsa.Models.Tables;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>
/// <c>cmsa table N</c>: trains and evaluates the rows of a table that have not been yet, and prints it.
/// </summary>
public static class TableCommand
{
    /// <summary>The command.</summary>
    /// <param name="tables">The tables that there are.</param>
    /// <param name="words">
    /// What stands before a table's number on this program's command lines; none where the program is about one table
    /// alone.
    /// </param>
    public static Command Create(Many<Table> tables, LanguageExt.Option<string> words)
    {
        var table = new Argument<string>("TABLE")
        {
            Description = $"Which: {string.Join(", ", tables.Map(t => $"{t.Number} ({t.Title})"))}.",
        };
        var options = new TableOptions();
        var command = new Command(
            "table",
            "Reproduces a table of the paper: runs what has not run yet, resumes what was interrupted, prints "
                + "the table. Example: cmsa table 3 --seeds 3 --budget 20m -o report/table3"
        )
        {
            table,
        };
        options.AddTo(command);
        Listing.AddTo(command);
        command.SetAction(line =>
        {
            using var stop = new Interruption();
            return Application.Exit(
                (
                    from number in int.TryParse(
                        line.GetRequiredValue(table),
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out var n
                    )
                        ? n
                        : Left<Error, int>(
                            new(
                                "no number of a table",
                                line.GetRequiredValue(table),
                                $"there are {string.Join(", ", tables.Map(t => t.Number))}"
                            )
                        )
                    from found in tables
                        .Find(t => t.Number == number)
                        .ToEither(
                            new Error(
                                $"there is no table {number}",
                                Hint: $"there are {string.Join(", ", tables.Map(t => t.Number))}"
                            )
                        )
                    from asked in options.Read(line, found).Map(Warned)
                    let program = words.Match(word => (Many<string>)[.. Self, word, $"{number}"], () => Self)
                    from done in Watching.Study(progress => Run(asked, progress, stop.Token))
                    from told in asked.Sbatch.Match(
                        passed => Handed(line, asked, done.Study, done.Jobs, program, passed),
                        () => Told(line, asked, done.Study, done.Jobs)
                    )
                    select told
                ).BindLeft(failure => failure == Failures.Interrupted ? Right<Error, int>(Interrupted()) : failure)
            );
        });
        return command;
    }

    private static TableQuestion Warned(TableQuestion asked)
    {
        if (asked.RunsNothing)
            return asked;
        if (asked.Study.HasRandomBackbone)
            BackboneOptions.Warn();
        asked.Start.Warn(asked.Study.Sizes.Backbone.Variant, "--scale torchvision");
        return asked;
    }

    private static Either<Error, (Study Study, Many<Job> Jobs)> Run(
        TableQuestion asked,
        IProgress<StudyProgress> progress,
        CancellationToken stop
    ) =>
        from planned in asked.Planned(progress, stop)
        let runner = new StudyRunner(asked.Runs, planned.Study.Crf, asked.Device, progress, stop)
        from run in asked.RunsNothing ? Right<Error, Unit>(unit)
        : asked.Sbatch.IsSome ? runner.Ready(planned.Jobs)
        : runner.Run(planned.Jobs, asked.Task)
        select planned;

    private static Either<Error, int> Told(ParseResult line, TableQuestion asked, Study study, Many<Job> jobs) =>
        asked.Task.IsSome
            ? Application.Done
            : from results in Results.Of(study, jobs, asked.Runs)
              from written in asked.Output.Match(
                  folder => TableFiles.Write(results, jobs, asked.Runs, folder, asked.Device),
                  () => Right<Error, Many<string>>([])
              )
              select Listing.Print(line, new Listing(() => Lines(results, written), () => Json(results, written)));

    private static Many<Line> Lines(Results results, Many<string> written) =>
        [
            .. TableText.Of(results).Map(l => new Line(l.Text, l.IsHeading ? Look.Heading : Look.Plain)),
            .. written.Map(path => new Line(path, Look.Quiet)),
        ];

    // Percent, as the paper's numbers.
    private static object Json(Results results, Many<string> written) =>
        new
        {
            results.Study.Table.Number,
            results.Study.Table.Title,
            Steps = results.Study.Training.Iterations,
            Rows = results.Rows.Select(row => new
            {
                row.Row.Key,
                row.Row.Name,
                Parameters = row.Expense.Map(e => (long?)e.Parameters).IfNoneUnsafe((long?)null),
                MultiplyAdds = row.Expense.Map(e => (long?)e.MultiplyAdds).IfNoneUnsafe((long?)null),
                TrainingSeconds = row.Training.Map(t => (double?)t.TotalSeconds).IfNoneUnsafe((double?)null),
                Cells = row.Cells.Select(cell => new
                {
                    Data = results.Study.NameOf(cell.Column.Benchmark),
                    cell.Column.Split,
                    Iou = (IEnumerable<double>)cell.Plain.Seeds,
                    CrfIou = (IEnumerable<double>)cell.Refined.Seeds,
                    OtherAnswersIou = (IEnumerable<double>)cell.Other.Seeds,
                    Published = row
                        .Row[cell.Column]
                        .Map(p => (object)new { p.Iou, p.Confirmed, p.Source })
                        .IfNoneUnsafe((object?)null),
                }),
            }),
            Differences = results
                .Study.Columns.Bind(results.Differences)
                .Select(d => new
                {
                    d.Row.Key,
                    Above = d.Above.Key,
                    Data = results.Study.NameOf(d.Column.Benchmark),
                    d.Column.Split,
                    d.Difference.Points,
                    d.Difference.Low,
                    d.Difference.High,
                    d.Difference.IsReal,
                }),
            Unfinished = results.Unfinished.Select(u => new
            {
                u.Job.Row.Key,
                Data = u.Job.Experiment.Data.Name,
                u.Job.Experiment.Seed,
                u.State,
            }),
            Written = (IEnumerable<string>)written,
        };

    // What has been finished is not handed over again.
    private static Either<Error, int> Handed(
        ParseResult line,
        TableQuestion asked,
        Study study,
        Many<Job> jobs,
        Many<string> program,
        Many<string> passed
    )
    {
        var steps = study.Training.Iterations;
        var command = program + asked.Words.Add("--iterations").Add($"{steps}");
        return Results
            .Of(study, jobs, asked.Runs)
            .Bind(results =>
                results.Unfinished.Map(u => jobs.IndexOf(u.Job)).Order().ToMany() is { IsEmpty: false } tasks
                    ? from made in Failures.Try(asked.Runs, () => Directory.CreateDirectory(asked.Runs))
                      from submitted in Slurm
                          .Arrays(tasks, Slurm.MaxArraySize())
                          .Fold(Right<Error, int>(0), (so, array) => so.Bind(_ => Submit(array.First, array.Indices)))
                      select Submitted()
                    : Told(line, asked, study, jobs)
            );

        Either<Error, int> Submit(int first, Many<int> indices) =>
            Slurm
                .Submit(
                    Slurm.Options($"table{study.Table.Number}", indices, Path.GetFullPath(asked.Runs), passed),
                    Slurm.Script(command, first)
                )
                .Map(job =>
                {
                    var logs = Path.Combine(asked.Runs, $"slurm-{job}_*.log");
                    var tasks = $"{indices.Count} task{(indices.Count == 1 ? "" : "s")} of {steps} steps each";
                    Terminal.Write($"Slurm has job {job}: {tasks}; logs in {logs}");
                    return Application.Done;
                });
    }

    private static int Submitted()
    {
        Terminal.Remark("the same command with --no-run in place of --slurm shows what is done");
        return Application.Done;
    }

    // How this program is started: its own file, or the .NET host and the program's.
    private static Many<string> Self =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) != "dotnet"
            ? [path]
            : [Environment.ProcessPath ?? "dotnet", Path.GetFullPath(Environment.GetCommandLineArgs()[0])];

    private static int Interrupted()
    {
        Terminal.Write("interrupted; run the same command again to go on");
        return 130;
    }
}
