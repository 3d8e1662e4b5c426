using Cmsa.Experiments.Specs;
using Cmsa.Models;
using Cmsa.Models.Tables;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tables;

/// <summary>
/// A table with all that decides its numbers: at which sizes, on which data, how trained, from how many seeds. Every
/// row is trained alike: the same samples in the same order, as many steps, and from the same start values wherever
/// rows share a parameter.
/// </summary>
/// <param name="Table">
/// The table: its models are trained, and evaluated on those of its columns for which there is data.
/// </param>
/// <param name="Sizes">Of the models.</param>
/// <param name="Training">How all of them are trained.</param>
/// <param name="Sources">The data of each benchmark; a model is trained on each anew.</param>
/// <param name="Seeds">How many seeds, from 0.</param>
/// <param name="Crf">Whether answers are also scored with the paper's CRF behind them.</param>
/// <param name="Backbone">The weights that every row's backbone starts from, if any.</param>
/// <param name="Pixels">
/// How pixels become numbers; as the backbone's weights take them, or the models, if absent.
/// </param>
public sealed record Study(
    Table Table,
    Sizes Sizes,
    Training Training,
    Many<(Benchmark Benchmark, DataSpec Data)> Sources,
    int Seeds = 1,
    bool Crf = false,
    Option<Pretrained> Backbone = default,
    Option<PixelNormalization> Pixels = default
)
{
    // Validations take time that the paper's tables do not need: so many on the way draw a curve.
    private const int Validations = 8;

    /// <summary>A table at some sizes, trained as models of these sizes are.</summary>
    public static Study Of(
        Table table,
        Sizes sizes,
        Many<(Benchmark Benchmark, DataSpec Data)> sources,
        int seeds = 1,
        bool crf = false
    ) => new(table, sizes, Preset.For(sizes), sources, seeds, crf);

    /// <summary>The study with so many steps for each of its jobs, validated rarely.</summary>
    public Study For(int iterations) =>
        this with
        {
            Training = Training with
            {
                Iterations = iterations,
                ValidateEvery = Math.Max(1, (iterations + Validations - 1) / Validations),
            },
        };

    /// <summary>
    /// The study of some of the rows, by their names; all where none is given. Rows without a model stay.
    /// </summary>
    /// <returns>The study, or an error with the names that there are.</returns>
    public Either<Error, Study> Only(Many<string> rows) =>
        rows.Map(name => Table.Row(name))
            .Fold(Right<Error, Many<Row>>([]), (so, next) => so.Bind(found => next.Map(found.Add)))
            .Bind(found =>
                found
                    .Find(r => r.Model.IsNone)
                    .Match(
                        reference =>
                            Left<Error, Study>(
                                new(
                                    $"row {reference.Name} is a published one without a model",
                                    Hint: $"those to train are {string.Join(", ", Table.Models.Map(r => r.Key))}"
                                )
                            ),
                        () =>
                            this with
                            {
                                Table = rows.IsEmpty
                                    ? Table
                                    : Table with
                                    {
                                        Rows = Table.Rows.Filter(r => r.Model.IsNone || found.Contains(r)),
                                    },
                            }
                    )
            );

    /// <summary>The columns for which there is data.</summary>
    public Many<Column> Columns => Table.Columns.Filter(c => Sources.Exists(s => s.Benchmark == c.Benchmark));

    /// <summary>The data that stand for a benchmark, by name: <c>scenes/unc</c>.</summary>
    public string NameOf(Benchmark benchmark) =>
        Sources.Find(s => s.Benchmark == benchmark).Map(s => s.Data.Name).IfNone(benchmark.Name);

    /// <summary>
    /// All that has to be trained, each benchmark's data opened once: seed by seed, so that what stands early can be
    /// compared. The same study gives the same jobs in the same order, so that their numbers are names.
    /// </summary>
    public Either<Error, Many<Job>> Jobs() =>
        Seeds < 1 ? new Error($"{Seeds} seeds", Hint: "at least 1")
        : Columns.IsEmpty
            ? new Error(
                "none of its columns has data",
                $"table {Table.Number}",
                $"its benchmarks are {string.Join(", ", Table.Columns.Map(c => c.Benchmark.Name).Distinct())}"
            )
        : Table.Models.IsEmpty ? new Error("it has no row with a model", $"table {Table.Number}")
        : Opened.Map(On);

    /// <summary>
    /// All that has to be trained, on the data that the jobs of a study of the same sources have open: a plan changes
    /// how long is trained, and opens nothing again.
    /// </summary>
    /// <param name="open">The jobs of that study.</param>
    public Many<Job> Jobs(Many<Job> open) =>
        On(open.Map(job => (job.Benchmark, job.Experiment.Data, job.Data)).Distinct());

    private Many<Job> On(Many<(Benchmark Benchmark, DataSpec Spec, IDataset Data)> opened) =>
        (
            from seed in Enumerable.Range(0, Seeds)
            from source in opened
            from row in Table.Models
            from model in row.Model.ToSeq()
            select new Job(
                row,
                source.Benchmark,
                Preset
                    .Of(row.Key, row.Name, model, Sizes)
                    .On(source.Data.Vocabulary.Count, source.Spec, Training, (ulong)seed)
                    .From(Backbone, Pixels),
                source.Data,
                Columns.Filter(c => c.Benchmark == source.Benchmark).Map(c => c.Split)
            )
        ).ToMany();

    /// <summary>Whether a row sees through a backbone of random numbers that training leaves as they are.</summary>
    public bool HasRandomBackbone =>
        Backbone.IsNone
        && Table.Models.Exists(row =>
            row.Model.Exists(model =>
                Preset
                    .Of(row.Key, row.Name, model, Sizes)
                    .On(Sizes.Vocabulary, new DataSpec(""), Training)
                    .HasRandomBackbone
            )
        );

    private Either<Error, Many<(Benchmark Benchmark, DataSpec Spec, IDataset Data)>> Opened =>
        Sources
            .Filter(s => Columns.Exists(c => c.Benchmark == s.Benchmark))
            .Fold(
                Right<Error, Many<(Benchmark, DataSpec, IDataset)>>([]),
                (so, source) =>
                    so.Bind(opened => source.Data.Open().Map(data => opened.Add((source.Benchmark, source.Data, data))))
            );
}

/// <summary>One training of a study, evaluated on the splits of its benchmark.</summary>
/// <param name="Row">The method.</param>
/// <param name="Benchmark">Whose columns it fills.</param>
/// <param name="Experiment">What is trained.</param>
/// <param name="Data">Its data, open.</param>
/// <param name="Splits">What it is evaluated on.</param>
public sealed record Job(Row Row, Benchmark Benchmark, Experiment Experiment, IDataset Data, Many<string> Splits)
{
    /// <summary>Such as <c>Word attention on scenes/unc, seed 1</c>.</summary>
    public override string ToString() => $"{Row.Name} on {Experiment.Data.Name}, seed {Experiment.Seed}";
}
