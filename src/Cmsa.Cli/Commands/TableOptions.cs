using System.CommandLine;
using Cmsa.Experiments.Specs;
using Cmsa.Experiments.Tables;
using Cmsa.Models;
using Cmsa.Models.Tables;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>What was asked of a table.</summary>
/// <param name="Study">The study, with the steps of its recipe.</param>
/// <param name="Budget">Training time of all its jobs together, if it was said.</param>
/// <param name="Runs">The folder of the runs.</param>
/// <param name="Device">Where models run.</param>
/// <param name="Words">The options of a command line that asks for the same jobs.</param>
/// <param name="RunsNothing">Whether only what is there is shown.</param>
/// <param name="Task">The one job that is to be run, if only one.</param>
/// <param name="Sbatch">Options for sbatch, where Slurm is to run the jobs.</param>
/// <param name="Output">The folder that files are written to, if any.</param>
/// <param name="Start">What every backbone starts from.</param>
internal sealed record TableQuestion(
    Study Study,
    LanguageExt.Option<TimeSpan> Budget,
    string Runs,
    string Device,
    Many<string> Words,
    bool RunsNothing,
    LanguageExt.Option<int> Task,
    LanguageExt.Option<Many<string>> Sbatch,
    LanguageExt.Option<string> Output,
    BackboneStart Start
)
{
    /// <summary>
    /// The study with the steps that the budget allows, and its jobs; where nothing is to be run, with the steps that
    /// were found out before, or an error.
    /// </summary>
    public Either<Error, (Study Study, Many<Job> Jobs)> Planned(
        IProgress<StudyProgress> progress,
        CancellationToken stop
    ) =>
        from open in Study.Jobs()
        from planned in Budget.Match(
            budget => PlanFor(open, budget, progress, stop).Map(plan => Study.For(plan.Iterations)),
            () => Study
        )
        select (planned, planned.Jobs(open));

    private Either<Error, Plan> PlanFor(
        Many<Job> jobs,
        TimeSpan budget,
        IProgress<StudyProgress> progress,
        CancellationToken stop
    ) =>
        RunsNothing
            ? Plan.Kept(Study, jobs, budget, Runs, Device)
                .Bind(kept =>
                    kept.ToEither(
                        new Error(
                            "no plan was made for this budget yet, so the steps of its runs are not known",
                            "--no-run",
                            "leave it out to run, or give the runs' steps with --iterations"
                        )
                    )
                )
            : Plan.For(Study, jobs, budget, Runs, Device, progress, stop);
}

/// <summary>The options of <c>cmsa table</c>.</summary>
internal sealed class TableOptions
{
    private readonly System.CommandLine.Option<string> dataset = new("--data", "--dataset")
    {
        Description =
            "Which data: scenes, refer, or one data set, such as UNC+, scenes/gref, refcoco/unc. Scenes unless --root is given.",
        HelpName = "DATASET",
        DefaultValueFactory = _ => "",
    };
    private readonly System.CommandLine.Option<string> root = Asked.Root();
    private readonly System.CommandLine.Option<string> scale = new("--scale")
    {
        Description =
            "small: thin models that learn from nothing in minutes; paper: the paper's sizes and training; "
            + "torchvision: the same on a backbone built as torchvision's, for its weights; "
            + "photo: on a ResNet-18, for --backbone imagenet-resnet18.",
        HelpName = "SCALE",
        DefaultValueFactory = _ => "small",
    };
    private readonly System.CommandLine.Option<string> rows = new("--rows")
    {
        Description = "Only these rows, by name, separated by commas.",
        HelpName = "ROWS",
        DefaultValueFactory = _ => "",
    };
    private readonly System.CommandLine.Option<int> seeds = new("--seeds")
    {
        Description = "How many seeds each row is trained from.",
        HelpName = "K",
        DefaultValueFactory = _ => 1,
    };
    private readonly System.CommandLine.Option<string?> budget = new("--budget")
    {
        Description =
            "Training time of all rows and seeds together, such as 20m. Every row gets as many steps; how "
            + "many is measured once and kept beside the runs.",
        HelpName = "TIME",
    };
    private readonly System.CommandLine.Option<int?> iterations = new("--iterations")
    {
        Description = "How many steps each row is trained for, instead of a budget.",
        HelpName = "N",
    };
    private readonly System.CommandLine.Option<string?> protocol = Asked.Protocol();
    private readonly System.CommandLine.Option<int?> expressions = Asked.Expressions();
    private readonly System.CommandLine.Option<bool> features = Asked.Features();
    private readonly System.CommandLine.Option<bool> crf = Asked.Crf("Also score with");
    private readonly System.CommandLine.Option<bool> noRun = new("--no-run")
    {
        Description = "Run nothing; show the results so far.",
    };
    private readonly System.CommandLine.Option<int?> task = new("--task")
    {
        Description = "Run only this combination of row, data set and seed, numbered from 0, and print no table.",
        HelpName = "N",
    };
    private readonly System.CommandLine.Option<bool> slurm = new("--slurm")
    {
        Description =
            "Submit what has not run yet to Slurm as job arrays, one task for each row and seed. Options for sbatch follow --.",
    };
    private readonly Argument<string[]> sbatch = new("SBATCH")
    {
        Description = "After --: options for sbatch, such as --partition=long --gres=gpu:1.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly System.CommandLine.Option<string?> output = new("--output", "-o")
    {
        Description = "A folder for the table as Markdown, CSV, LaTeX and an HTML report.",
        HelpName = "FOLDER",
    };
    private readonly BackboneOptions backbone = new();
    private readonly System.CommandLine.Option<string> runs = Asked.Runs(),
        device = Asked.Device();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (
            var option in (System.CommandLine.Option[])
                [
                    dataset,
                    root,
                    scale,
                    rows,
                    seeds,
                    budget,
                    iterations,
                    protocol,
                    expressions,
                    features,
                    crf,
                    noRun,
                    task,
                    slurm,
                    output,
                    runs,
                    device,
                ]
        )
            command.Options.Add(option);
        backbone.AddTo(command);
        command.Arguments.Add(sbatch);
    }

    /// <summary>What a command line asks of a table.</summary>
    public Either<Error, TableQuestion> Read(ParseResult line, Table table) =>
        from sizes in line.GetRequiredValue(scale).ToLowerInvariant() switch
        {
            "small" => Right<Error, Sizes>(Sizes.Small),
            "paper" => Sizes.Paper,
            "torchvision" => Sizes.Torchvision,
            "photo" => Sizes.Photo,
            var other => new Error(
                $"no scale is called {other}",
                "--scale",
                "there are small, paper, torchvision and photo"
            ),
        }
        from sources in Sources.Of(table, line.GetRequiredValue(dataset), line.GetRequiredValue(root), sizes)
        from start in backbone.Read(line, line.GetRequiredValue(runs))
        from fits in start.Fits(sizes.Backbone, "--scale photo")
        let named = line.GetRequiredValue(rows)
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .ToMany()
        from some in named.IsEmpty && line.GetRequiredValue(rows).Length > 0
            ? new Error(
                $"no row is named by \"{line.GetRequiredValue(rows)}\"",
                "--rows",
                $"those to train are {string.Join(", ", table.Models.Map(r => r.Key))}"
            )
            : Right<Error, Unit>(unit)
        from one in line.GetValue(noRun) && line.GetValue(task) is not null
            ? new Error("both one task to run and nothing to run", "--task and --no-run", "give one of them")
            : Right<Error, Unit>(unit)
        from study in (
            Study.Of(sources.Table, sizes, sources.Sources, line.GetValue(seeds), line.GetValue(crf)) with
            {
                Backbone = start.Backbone,
                Pixels = start.Pixels,
                Training = TrainingOf(line, sizes),
            }
        ).Only(named)
        from time in line.GetValue(budget) is { } text
            ? Duration.Read(text, "--budget").Map(Some)
            : Right<Error, LanguageExt.Option<TimeSpan>>(None)
        from steps in (line.GetValue(iterations), time.IsSome) switch
        {
            ({ }, true) => new Error(
                "both a number of steps and a budget",
                "--iterations and --budget",
                "give one of them"
            ),
            ( < 1, _) => new Error("fewer steps than one", "--iterations", "give at least 1"),
            var (given, _) => Right<Error, int>(given ?? study.Training.Iterations),
        }
        from passed in (line.GetValue(sbatch) ?? [], line.GetValue(slurm)) switch
        {
            ([var word, ..], false) => new Error(
                "not known here",
                word,
                "what stands after -- is for sbatch, and goes with --slurm"
            ),
            var (words, handed) => Right<Error, LanguageExt.Option<Many<string>>>(handed ? Some(words.ToMany()) : None),
        }
        let rooted = line.GetRequiredValue(root) is { Length: > 0 } folder ? Path.GetFullPath(folder) : ""
        select new TableQuestion(
            study.For(steps),
            time,
            line.GetRequiredValue(runs),
            line.GetRequiredValue(device),
            [
                "--scale",
                line.GetRequiredValue(scale),
                .. Given("--data", line.GetRequiredValue(dataset)),
                .. Given("--root", rooted),
                .. Given("--rows", line.GetRequiredValue(rows)),
                "--seeds",
                $"{study.Seeds}",
                .. Given("--protocol", line.GetValue(protocol) ?? ""),
                .. Given("--expressions-per-picture", $"{line.GetValue(expressions)}"),
                .. line.GetValue(features) ? (Many<string>)["--cache-features"] : [],
                .. study.Crf ? (Many<string>)["--crf"] : [],
                .. start.Words,
                "--runs",
                Path.GetFullPath(line.GetRequiredValue(runs)),
                "--device",
                line.GetRequiredValue(device),
            ],
            line.GetValue(noRun),
            Optional(line.GetValue(task)),
            passed,
            Optional(line.GetValue(output)),
            start
        );

    // As models of these sizes are trained, but for what is said.
    private Training TrainingOf(ParseResult line, Sizes sizes)
    {
        var usual = Preset.For(sizes);
        return usual with
        {
            Protocol = Asked.ProtocolIn(line, protocol).IfNone(usual.Protocol),
            Expressions = line.GetValue(expressions) ?? usual.Expressions,
            CacheFeatures = line.GetValue(features) || usual.CacheFeatures,
        };
    }

    private static Many<string> Given(string option, string value) => value.Length == 0 ? [] : [option, value];
}
