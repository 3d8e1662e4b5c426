using System.CommandLine;
using System.Globalization;
using Cmsa.Dsl;
using Cmsa.Experiments;
using Cmsa.Models;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa table N</c>: trains and evaluates the rows of a table that have not been yet, and prints it.</summary>
public static class TableCommand
{
    /// <summary>The command.</summary>
    /// <param name="tables">The tables that there are.</param>
    public static Command Create(Many<Table> tables)
    {
        var table = new Argument<string>("TABLE") { Description = $"Which: {string.Join(", ", tables.Map(t => $"{t.Number} ({t.Title})"))}." };
        var options = new TableOptions();
        var command = new Command("table",
            "Reproduces a table of the paper: runs what has not run yet, goes on with what was interrupted, prints it. Example: cmsa table 3 --seeds 3 --budget 20m -o report/table3")
        { table };
        options.AddTo(command);
        command.SetAction(line =>
        {
            using var stop = new Interruption();
            return Asked.Exit((
                from number in int.TryParse(line.GetRequiredValue(table), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : Left<Failure, int>(new("no number of a table", line.GetRequiredValue(table), $"there are {string.Join(", ", tables.Map(t => t.Number))}"))
                from found in tables.Find(t => t.Number == number).ToEither(new Failure($"there is no table {number}", Hint: $"there are {string.Join(", ", tables.Map(t => t.Number))}"))
                from asked in options.Read(line, found)
                from done in Watching.Study(progress => Run(asked, progress, stop.Token))
                from told in Told(asked, done.Study, done.Jobs)
                select told).BindLeft(failure => failure == Failure.Interrupted ? Right<Failure, int>(Interrupted()) : failure));
        });
        return command;
    }

    private static Either<Failure, (Study Study, Many<Job> Jobs)> Run(TableQuestion asked, IProgress<StudyProgress> progress, CancellationToken stop) =>
        from study in asked.Planned(progress, stop)
        from jobs in study.Jobs()
        from run in asked.RunsNothing ? Right<Failure, Unit>(unit) : new StudyRunner(asked.Runs, study.Crf, asked.Device, progress, stop).Run(jobs, asked.Task)
        select (study, jobs);

    private static Either<Failure, int> Told(TableQuestion asked, Study study, Many<Job> jobs) =>
        asked.Task.IsSome ? Application.Done
        : from results in Results.Of(study, jobs, asked.Runs)
          from written in asked.Output.Match(folder => TableFiles.Write(results, jobs, asked.Runs, folder, asked.Device), () => Right<Failure, Many<string>>([]))
          select Printed(results, written);

    private static int Printed(Results results, Many<string> written)
    {
        Terminal.Write([
            .. TableText.Of(results).Map(l => new Line(l.Text, l.IsHeading ? Look.Heading : Look.Plain)),
            .. written.Map(path => new Line(path, Look.Quiet))]);
        return Application.Done;
    }

    private static int Interrupted()
    {
        Console.Out.WriteLine("interrupted; run the same command again to go on");
        return 130;
    }
}
