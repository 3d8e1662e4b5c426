using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learners;

/// <summary>
/// What a validation measures: counts of each batch, which are added up over the batches, and a number that follows from
/// the sums. So its value does not depend on how samples fall into batches.
/// </summary>
/// <typeparam name="B">The kind of the model's result; a metric of another kind does not compile.</typeparam>
/// <typeparam name="T">The kind of the truth.</typeparam>
/// <param name="Name">Its name in logs, letters, digits and underscores: <c>accuracy</c>.</param>
/// <param name="Count">
/// The counts of a batch, always as many: a float64 tensor of one axis, from the result and the truth in the form of their
/// kinds.
/// </param>
/// <param name="Value">The number, from the sums of the counts; NaN where it has none.</param>
/// <param name="HigherIsBetter">Whether a higher number is a better one.</param>
public sealed record Metric<B, T>(
    string Name,
    Func<Output, Output, Tensor> Count,
    Func<Many<double>, double> Value,
    bool HigherIsBetter = true
)
{
    /// <summary>What keeps a result of some shapes and a truth of some sizes from being compared, if anything.</summary>
    public Func<Signal, InputSpec, Option<Error>> Problem { get; init; } = (_, _) => None;

    /// <summary>The metric of the first of a pair of results.</summary>
    /// <typeparam name="C">The kind of the second.</typeparam>
    public Metric<(B, C), T> OnFirst<C>() =>
        new(Name, (result, truth) => Count(result.First, truth), Value, HigherIsBetter)
        {
            Problem = (result, truth) => Problem(result.First, truth),
        };

    /// <summary>The metric of the second of a pair of results.</summary>
    /// <typeparam name="C">The kind of the first.</typeparam>
    public Metric<(C, B), T> OnSecond<C>() =>
        new(Name, (result, truth) => Count(result.Second, truth), Value, HigherIsBetter)
        {
            Problem = (result, truth) => Problem(result.Second, truth),
        };

    /// <summary>The metric under another name, such as <c>accuracy_of_second</c>.</summary>
    /// <param name="name">The name.</param>
    public Metric<B, T> Named(string name) => this with { Name = name };
}

/// <summary>Metrics.</summary>
public static class Metrics
{
    /// <summary>The share of samples whose highest score is that of their label.</summary>
    /// <param name="ignored">The label of samples that do not count.</param>
    public static Metric<Vector, Label> Accuracy(int ignored = Losses.Ignored) => Share<Vector, Label>("accuracy", ignored);

    /// <summary>The same of scores of another kind, such as <c>Sentence</c>.</summary>
    /// <typeparam name="K">A kind of one vector.</typeparam>
    /// <param name="ignored">The label of samples that do not count.</param>
    public static Metric<K, Label> Accuracy<K>(int ignored = Losses.Ignored)
        where K : IKind => Share<K, Label>("accuracy", ignored);

    /// <summary>The share of pixels whose highest score is that of their class.</summary>
    /// <param name="ignored">The class number of pixels that do not count.</param>
    public static Metric<FeatureMap, ClassMap> PixelAccuracy(int ignored = Losses.Ignored) =>
        Share<FeatureMap, ClassMap>("pixel_accuracy", ignored);

    /// <summary>
    /// The mean over the classes of <c>intersection / union</c>, each summed over all pixels of all samples; classes that
    /// neither the truth nor an answer has are left out.
    /// </summary>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="ignored">The class number of pixels that do not count.</param>
    public static Metric<FeatureMap, ClassMap> MeanIou(int classes, int ignored = Losses.Ignored) =>
        new(
            "mean_iou",
            (scores, truth) =>
            {
                using var scope = NewDisposeScope();
                var counts = truth.Value.ne(ignored);
                var right = truth.Value.masked_select(counts);
                var given = scores.Value.argmax(1).masked_select(counts);
                var both = given.masked_select(given.eq(right));
                var shared = Histogram(both, classes);
                var union = Histogram(given, classes).add(Histogram(right, classes)).sub(shared);
                return cat([shared, union]).MoveToOuterDisposeScope();
            },
            sums =>
            {
                var ious = Many.Range(classes)
                    .Filter(c => sums[classes + c] > 0)
                    .Map(c => sums[c] / sums[classes + c]);
                return ious.IsEmpty ? double.NaN : ious.Average();
            }
        )
        {
            Problem = (scores, truth) =>
                Shapes.Problem("mean_iou", scores, truth, Axis.Channel)
                || (
                    scores.Node.Shape[Axis.Channel] == classes
                        ? None
                        : Some(
                            new Error(
                                $"scores of {scores.Node.Shape[Axis.Channel]} classes",
                                "mean_iou",
                                $"give the metric as many classes as the model has, not {classes}"
                            )
                        )
                ),
        };

    /// <summary>
    /// <c>intersection / union</c> of masks, both summed over all samples; a logit at or above 0 is foreground.
    /// </summary>
    public static Metric<Mask, Mask> OverallIou() =>
        new(
            "overall_iou",
            (logits, truth) =>
            {
                using var scope = NewDisposeScope();
                var (given, right) = (logits.Value.ge(0), truth.Value.ge(0.5));
                return stack([given.logical_and(right).sum(), given.logical_or(right).sum()])
                    .to(ScalarType.Float64)
                    .MoveToOuterDisposeScope();
            },
            Ratio
        )
        {
            Problem = (logits, truth) => Shapes.Problem("overall_iou", logits, truth),
        };

    /// <summary>The mean of the absolute differences; lower is better.</summary>
    /// <typeparam name="K">The kind of the result and of the truth, of one tensor.</typeparam>
    public static Metric<K, K> MeanAbsoluteError<K>()
        where K : IKind =>
        new(
            "mean_absolute_error",
            (result, truth) =>
            {
                using var scope = NewDisposeScope();
                var apart = result.Value.to(ScalarType.Float64).sub(truth.Value.to(ScalarType.Float64)).abs();
                return stack([apart.sum(), tensor((double)apart.NumberOfElements, device: apart.device)])
                    .MoveToOuterDisposeScope();
            },
            Ratio,
            HigherIsBetter: false
        )
        {
            Problem = (result, truth) => Shapes.Problem("mean_absolute_error", result, truth),
        };

    private static Metric<B, T> Share<B, T>(string name, int ignored)
        where B : IKind
        where T : IClassNumbers =>
        new(
            name,
            (scores, truth) =>
            {
                using var scope = NewDisposeScope();
                var counted = truth.Value.ne(ignored);
                // A model can answer with the ignored number where that is one of its classes.
                var right = scores.Value.argmax(1).eq(truth.Value).logical_and(counted);
                return stack([right.sum(), counted.sum()])
                    .to(ScalarType.Float64)
                    .MoveToOuterDisposeScope();
            },
            Ratio
        )
        {
            Problem = (scores, truth) => Shapes.Problem(name, scores, truth, Axis.Channel),
        };

    private static double Ratio(Many<double> sums) => sums[1] > 0 ? sums[0] / sums[1] : double.NaN;

    private static Tensor Histogram(Tensor classes, int count) => bincount(classes, minlength: count).to(ScalarType.Float64);
}
