using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Testing;

public static partial class Laws
{
    /// <summary>The same words after more padding compute the same; so does other content of what is padding.</summary>
    public static Verdict PaddingChangesNothing<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "padding changes nothing",
            () =>
            {
                var trial = Trial.Of(layer, inputs, seed);
                var plain = trial.Run();
                var other = trial.Run(Padded(trial, trial, 0));
                var wider = Trial.Of(layer, Longer(inputs, 2), seed);
                var padded = wider
                    .Run(Padded(trial, wider, 2))
                    .Zip(plain, (more, less) => more.HasWords ? more.With(t => Last(t, less.Value.shape[1])) : more);
                return Difference.Between("with other content in the padding ", other, plain, Rounding)
                    + Difference.Between("with two words of padding more ", padded, plain, Rounding);
            }
        );

    private static Tensor Last(Tensor words, long count) => words.narrow(1, words.shape[1] - count, count);

    /// <summary>
    /// The order of the words does not matter to what comes out after the words are pooled. True of layers without
    /// memories, positions of words and blocks of words.
    /// </summary>
    public static Verdict WordOrderDoesNotMatter<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "the order of the words does not matter",
            () =>
            {
                var trial = Trial.Of(layer, inputs, seed);
                if (HasWords(Kind.Of<B>()))
                    return [$"the result still has words: {Kind.Of<B>()}"];
                return Difference.Between(
                    "with the words in reverse ",
                    trial.Run(Reversed(trial)),
                    trial.Run(),
                    Rounding
                );
            }
        );

    private static bool HasWords(Kind kind) =>
        kind switch
        {
            Kind.Tensor tensor => tensor.HasWords,
            Kind.Pair(var first, var second) => HasWords(first) || HasWords(second),
            Kind.Levels(var each) => HasWords(each),
            _ => false,
        };

    private static InputSpec Longer(InputSpec inputs, int by) =>
        inputs switch
        {
            InputSpec.Tensor(var kind, var shape) when shape.Has(Axis.Word) => new InputSpec.Tensor(
                kind,
                shape.With(Axis.Word, shape[Axis.Word] + by)
            ),
            InputSpec.Both(var first, var second) => Longer(first, by) & Longer(second, by),
            InputSpec.Each(var levels) => new InputSpec.Each(levels.Map(l => (l.Name, Longer(l.Inputs, by)))),
            _ => inputs,
        };

    /// <summary>
    /// The arguments of one module for another that takes longer expressions: each word where it was from the end, and
    /// something else in all padding.
    /// </summary>
    private static Tensor[] Padded(Trial from, Trial to, int by)
    {
        var padded = Each(
            from,
            (input, argument, present) =>
            {
                var padding = Drawn.Uniform(
                    $"padding {input.Name}",
                    [argument.shape[0], by, .. argument.shape[2..]],
                    1,
                    u => u * 4 - 2
                );
                return input.Element switch
                {
                    ElementType.Boolean => torch.cat(
                        [torch.zeros([argument.shape[0], by], ScalarType.Bool), argument],
                        1
                    ),
                    ElementType.Integer => torch.cat(
                        [torch.zeros([argument.shape[0], by], ScalarType.Int64), argument],
                        1
                    ),
                    _ => torch.cat(
                        [
                            padding,
                            torch.where(
                                Trial.Along(present, input.Of, Axis.Word),
                                argument,
                                argument.mul(Scalars.Of(3L)).add(Scalars.Of(1L), Scalars.One)
                            ),
                        ],
                        1
                    ),
                };
            }
        );
        return to.Arguments.Length == padded.Length ? padded : [];
    }

    /// <summary>The words of each sample that are there in reverse order, at the places where they were.</summary>
    private static Tensor[] Reversed(Trial trial) =>
        Each(
            trial,
            (input, argument, present) =>
            {
                if (input.Element == ElementType.Boolean)
                    return argument;
                return torch.stack([
                    .. Enumerable
                        .Range(0, (int)argument.shape[0])
                        .Select(b =>
                        {
                            var (words, length) = (
                                argument.shape[1],
                                present[b].to(ScalarType.Int64).sum().item<long>()
                            );
                            return torch.cat(
                                [
                                    argument[b].narrow(0, 0, words - length),
                                    argument[b].narrow(0, words - length, length).flip(0),
                                ],
                                0
                            );
                        }),
                ]);
            }
        );

    /// <summary>Every argument that has words changed, given which of them are there.</summary>
    private static Tensor[] Each(Trial trial, Func<Input, Tensor, Tensor, Tensor> change)
    {
        var inputs = trial.Module.Graph.Inputs;
        return
        [
            .. inputs.Zip(
                [.. trial.Arguments],
                (input, argument) =>
                    !input.Of.Has(Axis.Word) ? argument : change(input, argument, Present(input, argument))
            ),
        ];

        Tensor Present(Input input, Tensor argument) =>
            input.Element switch
            {
                ElementType.Boolean => argument,
                ElementType.Integer => argument.ne(Scalars.Of(0L)),
                _ => trial.Arguments[inputs.IndexOf(inputs.Find(i => i.Name == $"{input.Name}.present").IfNone(input))],
            };
    }
}
