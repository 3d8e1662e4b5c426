using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Experiments.Optimizers;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Learners;

/// <summary>
/// A model of any kinds with all that it is trained by: its data, its loss, its metrics, its optimizer and the settings of
/// its training. Data, loss and metrics are typed to the model's kinds: those that do not meet do not compile. What types
/// do not say, such as sizes, <see cref="Problem"/> checks before anything is trained.
/// </summary>
/// <remarks>
/// The hash that names its run's folder is of the model's JSON, the sizes of its inputs and truth, the settings, the
/// optimizer, the seed, and of the names of the data set with its splits, of the loss and of the metrics. Data, losses and
/// metrics are code, which has no JSON: give another name where the code changes what it computes, or a run that is there
/// goes on under it.
/// </remarks>
/// <typeparam name="A">The kind of the model's argument.</typeparam>
/// <typeparam name="B">The kind of its result.</typeparam>
/// <typeparam name="T">The kind of the truth.</typeparam>
/// <param name="Name">What people call it: letters, digits and dashes. It is not a part of the hash.</param>
/// <param name="Model">The model.</param>
/// <param name="Inputs">The sizes of its argument.</param>
/// <param name="Data">What it learns from.</param>
/// <param name="Loss">What training minimizes.</param>
/// <param name="Training">
/// How it learns: <see cref="Training.Of"/> has usual settings. <c>Expressions</c>, <c>CacheFeatures</c> and
/// <c>Protocol</c> are of referring segmentation alone. Patience counts validations without a better value of <see cref="Decider"/>.
/// </param>
/// <param name="Metrics">
/// What a validation measures beside the loss. The first decides which weights are the best; without any, the loss does.
/// </param>
/// <param name="Optimizer">How a step follows from the gradients.</param>
/// <param name="Seed">Of the initial values, of the order of the samples and of dropout.</param>
public sealed record Learner<A, B, T>(
    string Name,
    Layer<A, B> Model,
    InputSpec Inputs,
    Dataset<A, T> Data,
    Loss<B, T> Loss,
    Training Training,
    Many<Metric<B, T>> Metrics,
    Optimizer Optimizer,
    ulong Seed = 0
)
{
    /// <summary>The version of the form of <see cref="Json"/>.</summary>
    private const int Version = 1;

    private const string LossName = "validation_loss",
        Ema = "ema_";

    /// <summary>Ten hexadecimal digits of SHA-256 over all but the name.</summary>
    public string Hash =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text("", Dsl.Json.WriteOriginal(Model)))))[..10];

    /// <summary>The name of the run's folder: <c>1f0c4a2b9e-u-net</c>.</summary>
    public string Folder => $"{Hash}-{Name}";

    /// <summary>All that the run's numbers depend on, as JSON; code stands in it by its name.</summary>
    public string Json => Text(Name, Dsl.Json.Write(Model));

    /// <summary>
    /// The name of what decides which weights are the best: the first metric, or <c>validation_loss</c> where there is none.
    /// </summary>
    public string Decider => Metrics.Map(m => m.Name).HeadOrNone().IfNone(LossName);

    /// <summary>Whether a higher value of <see cref="Decider"/> is better.</summary>
    internal bool HigherIsBetter => !Metrics.IsEmpty && Metrics[0].HigherIsBetter;

    /// <summary>The numbers of its log: the mean loss of a validation marks its line.</summary>
    internal LogColumns Columns
    {
        get
        {
            var names = Metrics.Map(m => m.Name).Filter(name => name != LossName);
            return new([LossName, .. names, Ema + LossName, .. names.Map(name => Ema + name)]);
        }
    }

    /// <summary>The numbers of some scores with their names in the log.</summary>
    internal static Many<(string Name, object Value)> Line(Scores scores, bool averaged)
    {
        var prefix = averaged ? Ema : "";
        return
        [
            .. new[] { (LossName, scores.Loss) }
                .Concat(scores.Metrics)
                // JSON has no number for these.
                .Where(m => double.IsFinite(m.Item2))
                .Select(m => (prefix + m.Item1, (object)m.Item2)),
        ];
    }

    /// <summary>The value of what decides.</summary>
    internal double DecidingOf(Scores scores) => Metrics.IsEmpty ? scores.Loss : scores.Metrics[0].Value;

    /// <summary>What keeps it from being trained, if anything; nothing of the data is read.</summary>
    public Option<Error> Problem =>
        Training.Problem
        || Unfit(Training)
        || Optimizer.Problem
        || NameProblem
        || DataProblem
        || MetricProblem
        || TruthForm.Problem(Data.Truth, typeof(T))
        || Model
            .At(Inputs)
            .Match(
                Succ: graph =>
                    Loss.Problem(graph.Output, Data.Truth)
                    || Metrics.Choose(m => m.Problem(graph.Output, Data.Truth)).HeadOrNone(),
                Fail: errors => Some(Failures.Of(errors))
            );

    private static Option<Error> Unfit(Training training) =>
        training.Expressions > 0 || training.CacheFeatures || training.Protocol != default
            ? new Error(
                "expressions of a picture together, features of a frozen backbone kept, or a protocol",
                "training",
                "leave Expressions, CacheFeatures and Protocol out: they are of referring segmentation alone"
            )
            : Option<Error>.None;

    private Option<Error> NameProblem =>
        Name.Length == 0 || Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or '+'))
            ? new Error($"\"{Name}\" as a name", "the learner", "use letters, digits and dashes")
            : Option<Error>.None;

    private Option<Error> DataProblem =>
        Data.Name.Length == 0 ? new Error("a data set without a name", "the data set", "give it a name")
        : Data.Splits.IsEmpty ? new Error("a data set without splits", Data.Name, "give it a split to train on")
        : Data.Splits.Map(s => s.Name).Distinct().Count < Data.Splits.Count
            ? new Error("two splits of one name", Data.Name, "give each a name of its own")
        : Data.Splits.Find(s => s.Count < 1).Case is ValueTuple<string, int> empty
            ? new Error($"no samples in {empty.Item1}", Data.Name, "give the split a sample, or leave it out")
        : Option<Error>.None;

    private Option<Error> MetricProblem
    {
        get
        {
            var names = Metrics.Map(m => m.Name);
            Many<string> taken = ["step", "skipped", LossName, .. LogColumns.Training];
            var bad = names.Find(name =>
                name.Length == 0
                || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_')
                || name.StartsWith(Ema, StringComparison.Ordinal)
                || taken.Contains(name)
            );
            return bad.Map(name => new Error(
                    $"\"{name}\" as a metric's name",
                    "the metrics",
                    $"use letters, digits and underscores, and none of {string.Join(", ", taken)} or ema_..."
                ))
                || (
                    names.Distinct().Count < names.Count
                        ? new Error("two metrics of one name", "the metrics", "rename one with Named")
                        : Option<Error>.None
                );
        }
    }

    private string Text(string name, string model)
    {
        var splits = Data.Splits.Map(s => KeyValuePair.Create(s.Name, (JsonNode?)s.Count));
        JsonObject text = new([
            new("version", Version),
            new("name", name),
            new("inputs", $"{Inputs}"),
            new("data", Data.Name),
            new("splits", new JsonObject(splits)),
            new("truth", $"{Data.Truth}"),
            new("loss", Loss.Name),
            new("metrics", new JsonArray([.. Metrics.Map(m => (JsonNode?)m.Name)])),
            new("optimizer", $"{Optimizer}"),
            new("training", JsonSerializer.SerializeToNode(Training, Experiment.Records)),
            new("seed", Seed),
            new("model", JsonNode.Parse(model)),
        ]);
        return text.ToJsonString(Experiment.Records).ReplaceLineEndings("\n");
    }
}

/// <summary>Makes learners, so that their kinds need not be written.</summary>
public static class Learner
{
    /// <summary>A learner.</summary>
    /// <inheritdoc cref="Learner{A, B, T}"/>
    /// <param name="name">What people call it: letters, digits and dashes.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputs">The sizes of its argument.</param>
    /// <param name="data">What it learns from.</param>
    /// <param name="loss">What training minimizes.</param>
    /// <param name="training">How it learns.</param>
    /// <param name="metrics">What a validation measures beside the loss; the first decides.</param>
    /// <param name="optimizer">How a step follows from the gradients; Adam if not given.</param>
    /// <param name="seed">Of the initial values, of the order of the samples and of dropout.</param>
    public static Learner<A, B, T> Of<A, B, T>(
        string name,
        Layer<A, B> model,
        InputSpec inputs,
        Dataset<A, T> data,
        Loss<B, T> loss,
        Training training,
        Many<Metric<B, T>> metrics = default,
        Optimizer? optimizer = null,
        ulong seed = 0
    ) => new(name, model, inputs, data, loss, training, metrics, optimizer ?? Optimizer.Adam, seed);
}
