using System.CommandLine;
using System.Globalization;
using Cmsa.Experiments.Runs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa runs</c>: the runs of a folder, and how far each has come.</summary>
public static class RunsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var runs = Asked.Runs();
        var command = new Command(
            "runs",
            "Lists the runs of a folder: model, data, seed, how far each has come and its best validation. Example: cmsa runs"
        )
        {
            runs,
        };
        Listing.AddTo(command);
        command.SetAction(line =>
            Listing.Print(
                line,
                Of(line.GetRequiredValue(runs)).Map(all => new Listing(() => Lines(all), () => Json(all)))
            )
        );
        return command;
    }

    private sealed record Found(string Folder, Either<Error, RunFolder> Run, Checkpoint At);

    // A folder without an experiment is no run, and none of this command's business.
    private static Either<Error, Many<Found>> Of(string runs) =>
        Directory.Exists(runs)
            ? Directory
                .GetDirectories(runs)
                .Where(folder => File.Exists(Path.Combine(folder, "experiment.json")))
                .Order(StringComparer.Ordinal)
                .Select(folder =>
                {
                    var run = RunFolder.Open(folder);
                    return new Found(folder, run, run.ToOption().Bind(r => r.Reached).IfNone(Checkpoint.Start));
                })
                .ToMany()
            : new Error("there is no such folder", runs, "give the folder of all runs with --runs");

    private static Many<Line> Lines(Many<Found> all)
    {
        var width = all.Map(f => Path.GetFileName(f.Folder).Length).Append(3).Max();
        return
        [
            new(
                $"{"run".PadRight(width)}  {"data",-16}{"seed",5}{"steps",16}{"best IoU",10}{"at step",9}{"seconds",9}",
                Look.Heading
            ),
            .. all.Map(f => f.Run.Match(run => Row(f, run), wrong => new Line($"{wrong}", Look.Removed))),
        ];

        Line Row(Found found, RunFolder run) =>
            new(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Path.GetFileName(found.Folder).PadRight(width)}  {run.Experiment.Data.Name,-16}"
                        + $"{run.Experiment.Seed,5}{$"{found.At.Step}/{run.Experiment.Training.Iterations}",16}"
                        + $"{(found.At.Best < 0 ? "" : Asked.Percent(found.At.Best)),10}"
                        + $"{(found.At.Best < 0 ? "" : $"{found.At.BestStep}"),9}{found.At.Seconds,9:0}"
                )
            );
    }

    private static object Json(Many<Found> all) =>
        new
        {
            Runs = all.Choose(f =>
                f.Run.ToOption()
                    .Map(run => new
                    {
                        Path = f.Folder,
                        run.Experiment.Hash,
                        run.Experiment.Name,
                        Data = run.Experiment.Data.Name,
                        run.Experiment.Seed,
                        f.At.Step,
                        run.Experiment.Training.Iterations,
                        BestIou = f.At.Best < 0 ? (double?)null : f.At.Best,
                        BestStep = f.At.Best < 0 ? (int?)null : f.At.BestStep,
                        f.At.Seconds,
                    })
            ),
            Unreadable = all.Choose(f => f.Run.Swap().ToOption().Map(Listing.Of)),
        };
}
