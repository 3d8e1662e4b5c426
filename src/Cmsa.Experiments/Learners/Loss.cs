using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using LanguageExt;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learners;

/// <summary>What training minimizes: a number for a batch, from the model's result and the truth.</summary>
/// <typeparam name="B">The kind of the model's result; a loss of another kind does not compile.</typeparam>
/// <typeparam name="T">The kind of the truth.</typeparam>
public sealed record Loss<B, T>
{
    internal Loss(
        string name,
        Func<Output, Output, Tensor> of,
        Func<Signal, InputSpec, Option<Error>> problem,
        Func<Signal, Many<ClassLimit>> limits
    ) => (Name, Of, Problem, Limits) = (name, of, problem, limits);

    /// <summary>Its name with its settings: a part of a run's hash.</summary>
    public string Name { get; }

    /// <summary>
    /// The mean loss of a batch: a number, from the result and the truth in the form of their kinds. It is differentiable in
    /// the result, and the caller's to dispose.
    /// </summary>
    public Func<Output, Output, Tensor> Of { get; }

    /// <summary>What keeps a result of some shapes and a truth of some sizes from being compared, if anything.</summary>
    internal Func<Signal, InputSpec, Option<Error>> Problem { get; }

    /// <summary>The class numbers that each tensor of the truth may hold, for a result of some shapes.</summary>
    internal Func<Signal, Many<ClassLimit>> Limits { get; }

    /// <summary>The loss of the first of a pair of results; the second is not looked at.</summary>
    /// <typeparam name="C">The kind of the second.</typeparam>
    public Loss<(B, C), T> OnFirst<C>() =>
        new(Name, (result, truth) => Of(result.First, truth), (r, t) => Problem(r.First, t), r => Limits(r.First));

    /// <summary>The loss of the second of a pair of results; the first is not looked at.</summary>
    /// <typeparam name="C">The kind of the first.</typeparam>
    public Loss<(C, B), T> OnSecond<C>() =>
        new(Name, (result, truth) => Of(result.Second, truth), (r, t) => Problem(r.Second, t), r => Limits(r.Second));

    /// <summary>The loss times a factor.</summary>
    /// <param name="factor">The factor, a finite number.</param>
    /// <param name="loss">The loss.</param>
    public static Loss<B, T> operator *(double factor, Loss<B, T> loss)
    {
        var times = Scalars.Of(factor);
        return new(
            FormattableString.Invariant($"{factor} * {loss.Name}"),
            (result, truth) =>
            {
                using var scope = NewDisposeScope();
                return loss.Of(result, truth).mul(times).MoveToOuterDisposeScope();
            },
            (result, truth) =>
                double.IsFinite(factor)
                    ? loss.Problem(result, truth)
                    : new Error($"the factor {factor}", $"the loss {loss.Name}", "give a finite number"),
            loss.Limits
        );
    }

    /// <summary>The sum of two losses of one result and one truth: <c>first.OnFirst() + 0.4 * second.OnSecond()</c>.</summary>
    public static Loss<B, T> operator +(Loss<B, T> left, Loss<B, T> right) =>
        new(
            $"({left.Name} + {right.Name})",
            (result, truth) =>
            {
                using var scope = NewDisposeScope();
                return left.Of(result, truth).add(right.Of(result, truth), Scalars.One).MoveToOuterDisposeScope();
            },
            (result, truth) => left.Problem(result, truth) || right.Problem(result, truth),
            result => left.Limits(result).Zip(right.Limits(result), (a, b) => a.And(b))
        );
}
