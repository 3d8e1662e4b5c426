using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learners;

/// <summary>
/// Losses. All are means over the batch and over whatever else they compare, in float32 where the model has less.
/// </summary>
public static class Losses
{
    /// <summary>The number that stands for no class where nothing else is given: as in PyTorch.</summary>
    public const int Ignored = -100;

    /// <summary>
    /// Cross-entropy of scores of classes: <c>-log softmax(scores)[label]</c>, the mean over the samples of a batch that
    /// count; 0 where none does.
    /// </summary>
    /// <param name="ignored">The label of samples that do not count.</param>
    public static Loss<Vector, Label> CrossEntropy(int ignored = Ignored) => OverClasses<Vector, Label>(ignored);

    /// <summary>The same of scores of another kind, such as <c>Sentence</c>.</summary>
    /// <typeparam name="K">A kind of one vector.</typeparam>
    /// <param name="ignored">The label of samples that do not count.</param>
    public static Loss<K, Label> CrossEntropy<K>(int ignored = Ignored)
        where K : IKind => OverClasses<K, Label>(ignored);

    /// <summary>
    /// Cross-entropy of scores of classes at each pixel <c>[class, row, column]</c>: the mean over the pixels that count; 0
    /// where none does.
    /// </summary>
    /// <param name="ignored">The class number of pixels that do not count.</param>
    public static Loss<FeatureMap, ClassMap> PixelCrossEntropy(int ignored = Ignored) =>
        OverClasses<FeatureMap, ClassMap>(ignored);

    /// <summary>
    /// Binary cross-entropy of the logits of a mask with a truth from 0 to 1: the mean over the pixels. A sample whose truth
    /// has another number is refused.
    /// </summary>
    public static Loss<Mask, Mask> BinaryCrossEntropy() =>
        Elementwise<Mask>(
            "binary cross-entropy",
            (logits, truth) => nn.functional.binary_cross_entropy_with_logits(logits, truth),
            new(2, None)
        );

    /// <summary>The mean of the squared differences.</summary>
    /// <typeparam name="K">The kind of the result and of the truth, of one tensor.</typeparam>
    public static Loss<K, K> MeanSquaredError<K>()
        where K : IKind => Elementwise<K>("mean squared error", (result, truth) => nn.functional.mse_loss(result, truth), ClassLimit.None);

    /// <summary>
    /// A loss of each of two results against the same truth, as deep supervision has it: their sum, the second times a
    /// weight.
    /// </summary>
    /// <param name="first">The loss of the first result.</param>
    /// <param name="second">The loss of the second result.</param>
    /// <param name="weight">The weight of the second.</param>
    public static Loss<(B, C), T> Both<B, C, T>(Loss<B, T> first, Loss<C, T> second, double weight = 1) =>
        first.OnFirst<C>() + weight * second.OnSecond<B>();

    /// <summary>A loss of each of two results against its own truth: their sum, the second times a weight.</summary>
    /// <param name="first">The loss of the first result against the first truth.</param>
    /// <param name="second">The loss of the second result against the second truth.</param>
    /// <param name="weight">The weight of the second.</param>
    public static Loss<(B, C), (T, U)> Each<B, C, T, U>(Loss<B, T> first, Loss<C, U> second, double weight = 1)
    {
        var weighted = weight * second;
        return new(
            $"[{first.Name} + {weighted.Name}]",
            (result, truth) =>
            {
                using var scope = NewDisposeScope();
                return first
                    .Of(result.First, truth.First)
                    .add(weighted.Of(result.Second, truth.Second), Scalars.One)
                    .MoveToOuterDisposeScope();
            },
            (result, truth) =>
                truth is InputSpec.Both(var one, var two)
                    ? first.Problem(result.First, one) || weighted.Problem(result.Second, two)
                    : None,
            result => first.Limits(result.First) + weighted.Limits(result.Second)
        );
    }

    /// <summary>One loss of every level against the same truth: their mean.</summary>
    /// <param name="loss">The loss of one level.</param>
    public static Loss<Levels<B>, T> OfLevels<B, T>(Loss<B, T> loss) =>
        new(
            $"levels of {loss.Name}",
            (result, truth) =>
            {
                using var scope = NewDisposeScope();
                var each = ((Output.Levels)result).Each.Map(l => loss.Of(l.Output, truth));
                return stack(each).mean().MoveToOuterDisposeScope();
            },
            (result, truth) => result.Named.Choose(l => loss.Problem(l.Signal, truth)).HeadOrNone(),
            result => result.Named.Map(l => loss.Limits(l.Signal)).Aggregate((a, b) => a.Zip(b, (x, y) => x.And(y)))
        );

    /// <summary>A loss of your own.</summary>
    /// <param name="name">
    /// Its name, which is a part of a run's hash in the place of its code: give another name where the code changes.
    /// </param>
    /// <param name="of">
    /// The mean loss of a batch: one number, from the result and the truth in the form of their kinds.
    /// </param>
    /// <param name="problem">
    /// What keeps a result of some shapes and a truth of some sizes from being compared, if anything; checked before
    /// training.
    /// </param>
    public static Loss<B, T> Of<B, T>(
        string name,
        Func<Output, Output, Tensor> of,
        Func<Signal, InputSpec, Option<Error>>? problem = null
    ) => new(name, of, problem ?? ((_, _) => None), _ => Unlimited(typeof(T)));

    private static Many<ClassLimit> Unlimited(Type truth) =>
        truth.IsGenericType ? truth.GenericTypeArguments.ToMany().Bind(Unlimited) : [ClassLimit.None];

    private static Loss<B, T> OverClasses<B, T>(int ignored)
        where B : IKind
        where T : IClassNumbers
    {
        var name = ignored == Ignored ? "cross-entropy" : $"cross-entropy without {ignored}";
        return new(
            name,
            (scores, truth) =>
            {
                using var scope = NewDisposeScope();
                // The mean over those that count: 0, not NaN, where none of a batch does.
                var total = nn.functional.cross_entropy(
                    Full(scores.Value),
                    truth.Value,
                    ignore_index: ignored,
                    reduction: nn.Reduction.Sum
                );
                return total
                    .div(truth.Value.ne(ignored).sum().clamp_min(Scalars.One))
                    .MoveToOuterDisposeScope();
            },
            (scores, truth) => Shapes.Problem(name, scores, truth, Axis.Channel),
            scores => [new(scores.Node.Shape[Axis.Channel], ignored)]
        );
    }

    private static Loss<K, K> Elementwise<K>(string name, Func<Tensor, Tensor, Tensor> of, ClassLimit limit)
        where K : IKind =>
        new(
            name,
            (result, truth) =>
            {
                using var scope = NewDisposeScope();
                return of(Full(result.Value), Full(truth.Value)).MoveToOuterDisposeScope();
            },
            (result, truth) => Shapes.Problem(name, result, truth),
            _ => [limit]
        );

    // Sums of many small numbers need more than bfloat16.
    private static Tensor Full(Tensor values) =>
        values.dtype == ScalarType.BFloat16 ? values.to(ScalarType.Float32) : values;
}
