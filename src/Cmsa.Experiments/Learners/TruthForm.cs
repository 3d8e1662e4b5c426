using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using LanguageExt;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learners;

/// <summary>A tensor of a sample, as its numbers must be.</summary>
/// <param name="Name">What it is called in errors.</param>
/// <param name="Sizes">Its sizes, without the batch.</param>
/// <param name="Type">The type of its numbers.</param>
/// <param name="Limit">Which class numbers it may hold, where it holds some.</param>
internal sealed record ExampleTensor(string Name, Many<int> Sizes, ScalarType Type, ClassLimit Limit)
{
    private long Count => Sizes.Fold(1L, (product, size) => product * size);

    private string Shape => Sizes.IsEmpty ? "1" : string.Join("x", Sizes);

    /// <summary>What is wrong with some numbers for it, if anything.</summary>
    public Option<Error> Problem(Numbers given) =>
        given.Count != Count
            ? new Error($"{Name} has {given.Count} numbers", "", $"give {Shape} = {Count}, in the order of its axes")
        : given is Numbers.Reals && Type is not (ScalarType.Float32 or ScalarType.BFloat16 or ScalarType.Float64)
            ? new Error($"{Name} has real numbers", "", "give integers")
        : given is Numbers.Integers(var numbers) ? Limit.Problem(Name, numbers)
        : given is Numbers.Reals(var reals) ? Limit.Problem(Name, reals)
        : Option<Error>.None;

    /// <summary>The numbers of some samples as one tensor on the host, batch first.</summary>
    public Tensor Of(IReadOnlyList<Numbers> samples)
    {
        long[] sizes = [samples.Count, .. Sizes.Map(s => (long)s)];
        using var made = samples.All(s => s is Numbers.Integers)
            ? tensor(Joined(samples.Select(s => ((Numbers.Integers)s).Of)), sizes)
            : tensor(Joined(samples.Select(Reals)), sizes);
        return made.to(Type, copy: true);
    }

    private static float[] Reals(Numbers numbers) =>
        numbers switch
        {
            Numbers.Reals(var reals) => reals,
            Numbers.Integers(var integers) => System.Array.ConvertAll(integers, i => (float)i),
            _ => [],
        };

    private N[] Joined<N>(IEnumerable<N[]> parts)
    {
        var each = parts.ToArray();
        var all = GC.AllocateUninitializedArray<N>(each.Sum(part => part.Length));
        for (var i = 0; i < each.Length; i++)
            each[i].CopyTo(all, i * Count);
        return all;
    }
}

/// <summary>Which class numbers a truth may hold.</summary>
/// <param name="Classes">How many classes there are; none where it holds no class numbers.</param>
/// <param name="Ignored">The number that stands for no class, where there is one.</param>
internal sealed record ClassLimit(Option<int> Classes, Option<int> Ignored)
{
    /// <summary>No limit.</summary>
    public static ClassLimit None { get; } = new(Option<int>.None, Option<int>.None);

    /// <summary>Both limits of one truth that two losses compare with.</summary>
    public ClassLimit And(ClassLimit other) =>
        new(
            Classes.Match(
                a => Some(other.Classes.Match(b => Math.Min(a, b), () => a)),
                () => other.Classes
            ),
            Ignored || other.Ignored
        );

    /// <summary>What is wrong with some shares of the last class, such as the pixels of a mask, if anything.</summary>
    public Option<Error> Problem(string name, float[] shares) =>
        Classes.Bind(count =>
        {
            var wrong = shares.Where(share => !(share >= 0 && share <= count - 1)).Take(1).ToArray();
            return wrong.Length == 0
                ? Option<Error>.None
                : new Error(FormattableString.Invariant($"{name} has {wrong[0]}"), "", $"give numbers from 0 to {count - 1}");
        });

    /// <summary>What is wrong with some class numbers, if anything.</summary>
    public Option<Error> Problem(string name, long[] numbers) =>
        Classes.Bind(count =>
        {
            var wrong = numbers.Where(n => (n < 0 || n >= count) && !Ignored.Exists(i => i == n)).Take(1).ToArray();
            var ignored = Ignored.Match(i => $", or {i} for none", () => "");
            return wrong.Length == 0
                ? Option<Error>.None
                : new Error($"{name} has class {wrong[0]}", "", $"give classes from 0 to {count - 1}{ignored}");
        });
}

/// <summary>The form of a truth: its tensors, and how they make up one value.</summary>
internal static class TruthForm
{
    /// <summary>What is wrong with the sizes of a truth for its kind, if anything.</summary>
    public static Option<Error> Problem(InputSpec sizes, Type kind) =>
        (sizes, Kind.Of(kind)) switch
        {
            (InputSpec.Tensor(var name, var shape), Kind.Tensor expected) => name != expected.Name
                ? Unlike(sizes, expected)
            : !shape.Axes.Order().SequenceEqual(expected.Axes.Order()) || shape.Dimensions.Exists(d => d.Size < 1)
                ? Unlike(sizes, expected)
            : Option<Error>.None,
            (InputSpec.Both(var first, var second), Kind.Pair) => Problem(first, kind.GenericTypeArguments[0])
                || Problem(second, kind.GenericTypeArguments[1]),
            (InputSpec.Each(var levels), Kind.Levels) => levels
                .Choose(l => Problem(l.Inputs, kind.GenericTypeArguments[0]))
                .HeadOrNone(),
            (_, var other) => Unlike(sizes, other),
        };

    /// <summary>The tensors of a truth, from left to right.</summary>
    /// <param name="sizes">Its sizes.</param>
    /// <param name="kind">The C# type of its kind.</param>
    /// <param name="real">The type of real numbers.</param>
    public static Many<ExampleTensor> Tensors(InputSpec sizes, Type kind, ScalarType real) =>
        sizes switch
        {
            InputSpec.Tensor(var name, var shape) =>
            [
                new(
                    $"truth {name}",
                    shape.Dimensions.Map(d => d.Size),
                    kind.IsAssignableTo(typeof(IClassNumbers)) ? ScalarType.Int64 : real,
                    ClassLimit.None
                ),
            ],
            InputSpec.Both(var first, var second) => Tensors(first, kind.GenericTypeArguments[0], real)
                + Tensors(second, kind.GenericTypeArguments[1], real),
            InputSpec.Each(var levels) => levels.Bind(l =>
                Tensors(l.Inputs, kind.GenericTypeArguments[0], real).Map(t => t with { Name = $"{t.Name} of {l.Name}" })
            ),
            _ => [],
        };

    /// <summary>Tensors in the form of the truth's kind.</summary>
    public static Output Of(InputSpec sizes, Many<Tensor> tensors) => Taken(sizes, tensors).Output;

    private static (Output Output, Many<Tensor> Left) Taken(InputSpec sizes, Many<Tensor> tensors)
    {
        switch (sizes)
        {
            case InputSpec.Both(var first, var second):
                var (left, afterLeft) = Taken(first, tensors);
                var (right, afterRight) = Taken(second, afterLeft);
                return (new Output.Pair(left, right), afterRight);
            case InputSpec.Each(var levels):
                return levels.Fold(
                    (Output: (Output)new Output.Levels([]), Left: tensors),
                    (so, level) =>
                    {
                        var (output, rest) = Taken(level.Inputs, so.Left);
                        return (new Output.Levels(((Output.Levels)so.Output).Each.Add((level.Name, output))), rest);
                    }
                );
            default:
                return (new Output.One(tensors[0]), tensors.Tail);
        }
    }

    private static Error Unlike(InputSpec sizes, Kind kind) =>
        new($"a truth of {sizes}", "the data set", $"give sizes of {kind}, such as InputSpec.Of<Label>()");
}
