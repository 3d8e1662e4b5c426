using Cmsa.Benchmarks.Measuring;
using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Benchmarks;

/// <summary>Two ways to the same result, run in turns in one process.</summary>
/// <param name="What">What is compared.</param>
/// <param name="Apart">Everything computed each time.</param>
/// <param name="Together">What does not change computed once.</param>
public sealed record Shared(string What, Times Apart, Times Together)
{
    /// <summary>The multiply-adds of the shared way, where it is one stage; otherwise none.</summary>
    public Option<long> Work { get; init; }

    /// <summary>The shortest time of the shared way as a part of the other's.</summary>
    public double Ratio => Together.Least / Apart.Least;
}

/// <summary>
/// A model of a picture and words on several expressions of one picture: what it saves that the picture is seen once.
/// </summary>
public static class Sharing
{
    /// <summary>How many expressions a picture has: about as many as REFER's data sets.</summary>
    public const int Expressions = 7;

    /// <summary>How many samples a batch has.</summary>
    public const int Samples = 8;

    /// <summary>Measures a model of two inputs with drawn weights: inference first, then training.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">The sizes of its inputs, the picture's first.</param>
    /// <param name="options">Device and precision.</param>
    /// <param name="turns">How many times each way is run; those of training a third of it, at least 2.</param>
    /// <returns>Each comparison as soon as it is measured; an error where the model does not compile.</returns>
    public static IEnumerable<Either<Error, Shared>> Of(Layer model, InputSpec inputs, Options options, int turns)
    {
        return Ready(model, inputs, options)
            .Match(
                Right: module =>
                    Inference(module, turns).Concat(Training(model, inputs, options, Math.Max(2, turns / 3))),
                Left: error => [error]
            );
    }

    private static Either<Error, Compiled> Ready(Layer model, InputSpec inputs, Options options) =>
        model.Compile(inputs, options).ToEither().MapLeft(errors => errors.Head).Map(m => m.WithDrawnWeights());

    private static IEnumerable<Either<Error, Shared>> Inference(Compiled module, int turns)
    {
        using (module)
        {
            var (picture, words) = Arguments(module, Samples);
            using var first = picture.narrow(0, 0, 1);
            Tensor[] one = [.. Enumerable.Range(0, Samples).Select(i => words.narrow(0, i, 1))];
            using (var photo = module.Bind(first))
                yield return InTurns(
                    "a further expression of a bound picture",
                    turns,
                    () => module.Run(first, one[1]).Dispose(),
                    () => photo.Run(one[1]).Dispose(),
                    module
                ) with
                {
                    Work = photo.Plan.Run.MultiplyAdds,
                };
            yield return InTurns(
                $"{Expressions} expressions of a picture, with binding it",
                turns,
                () =>
                {
                    foreach (var expression in one[..Expressions])
                        module.Run(first, expression).Dispose();
                },
                () =>
                {
                    using var photo = module.Bind(first);
                    foreach (var expression in one[..Expressions])
                        photo.Run(expression).Dispose();
                },
                module
            );
            yield return InTurns(
                $"a batch of {Samples} pictures, against one by one",
                turns,
                () =>
                {
                    for (var i = 0; i < Samples; i++)
                        module.Run(picture.narrow(0, i, 1), one[i]).Dispose();
                },
                () => module.Run(picture, words).Dispose(),
                module
            );
        }
    }

    private static IEnumerable<Either<Error, Shared>> Training(
        Layer model,
        InputSpec inputs,
        Options options,
        int turns
    )
    {
        if (Ready(model, inputs, options with { Training = true }).Case is not Compiled module)
            yield break;
        using (module)
        {
            var (picture, words) = Arguments(module, Expressions);
            using var first = picture.narrow(0, 0, 1);
            Tensor[] one = [.. Enumerable.Range(0, Expressions).Select(i => words.narrow(0, i, 1))];
            yield return InTurns(
                $"training steps of {Expressions} expressions of a picture",
                turns,
                Apart,
                () =>
                {
                    using var photo = module.Bind(first);
                    Back(photo.Run(words));
                },
                module
            );
            using var features = module.FeaturesOf(first);
            yield return InTurns(
                "the same with the frozen backbone's results kept",
                turns,
                Apart,
                () =>
                {
                    using var photo = module.Bind(features);
                    Back(photo.Run(words));
                },
                module
            );

            void Apart()
            {
                foreach (var expression in one)
                    Back(module.Run(first, expression));
            }

            void Back(Tensor answer)
            {
                using (answer)
                using (var loss = answer.mean())
                    loss.backward();
                module.zero_grad();
            }
        }
    }

    private static (Tensor Picture, Tensor Words) Arguments(Compiled module, int samples) =>
        module.DrawnArguments(samples) is [var picture, var words]
            ? (picture, words)
            : throw new InvalidOperationException("The model takes a picture and words.");

    private static Shared InTurns(string what, int turns, Action apart, Action shared, Compiled module)
    {
        var (first, second) = (new List<TimeSpan>(), new List<TimeSpan>());
        // Once each without a clock: memory and what follows from the weights.
        Once(apart);
        Once(shared);
        for (var turn = 0; turn < turns; turn++)
        {
            first.Add(Once(apart));
            second.Add(Once(shared));
        }
        return new(what, new([.. first.Order()]), new([.. second.Order()]));

        TimeSpan Once(Action act) =>
            Times.Once(() =>
            {
                using (NewDisposeScope())
                    act();
                module.Context.Wait();
            });
    }
}
