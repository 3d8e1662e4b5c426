using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// The sizes of a model's argument: what turns a model into a program. Built like the argument's kind:
/// <c>InputSpec.Image(320, 320) &amp; InputSpec.Tokens(20)</c>.
/// </summary>
public abstract record InputSpec
{
    private InputSpec() { }

    /// <summary>The sizes of one tensor.</summary>
    /// <param name="Kind">The kind's name.</param>
    /// <param name="Shape">Its shape for one sample, without the batch.</param>
    public sealed record Tensor(string Kind, Shape Shape) : InputSpec;

    /// <summary>The sizes of a pair.</summary>
    public sealed record Both(InputSpec First, InputSpec Second) : InputSpec;

    /// <summary>The sizes of each level.</summary>
    /// <param name="ByName">The levels.</param>
    public sealed record Each(Many<(string Name, InputSpec Inputs)> ByName) : InputSpec;

    /// <summary>
    /// The sizes of a kind of one tensor, in the order of its axes; as many as it has axes, which is checked when a
    /// model is given them.
    /// </summary>
    public static InputSpec Of<K>(params int[] sizes)
        where K : IKind
    {
        // A number too many stands on an axis that no kind has, so that it is refused and not cut off.
        var axes = K.Axes + Many.Range(sizes.Length - K.Axes.Count).Map(i => new Axis($"more {i}"));
        return new Tensor(
            typeof(K).Name,
            new Shape(axes.Zip(sizes.ToMany(), (axis, size) => new Dimension(axis, size)))
        );
    }

    /// <summary>A picture of <c>height x width</c> pixels.</summary>
    public static InputSpec Image(int height, int width) => Of<Image>(3, height, width);

    /// <summary>At most so many words.</summary>
    public static InputSpec Tokens(int words) => Of<Tokens>(words);

    /// <summary>A feature map <c>[channels, rows, columns]</c>.</summary>
    public static InputSpec FeatureMap(int channels, int rows, int columns) => Of<FeatureMap>(channels, rows, columns);

    /// <summary>So many vectors of so many channels.</summary>
    public static InputSpec Words(int words, int channels) => Of<Words>(words, channels);

    /// <summary>The sizes of several levels, by name.</summary>
    public static InputSpec Levels(params Many<(string Name, InputSpec Inputs)> levels) => new Each(levels);

    /// <summary>The sizes of a pair.</summary>
    public static InputSpec operator &(InputSpec first, InputSpec second) => new Both(first, second);

    /// <summary>
    /// The inputs of a program, each under the name of its kind; where a kind stands twice, numbered from the second
    /// on.
    /// </summary>
    internal Signal Symbols() => Symbols(LanguageExt.HashMap<string, int>.Empty, "").Signal;

    private (Signal Signal, LanguageExt.HashMap<string, int> Used) Symbols(
        LanguageExt.HashMap<string, int> used,
        string under
    )
    {
        switch (this)
        {
            case Tensor(var kind, var shape):
                var count = used.Find(kind).IfNone(0) + 1;
                var name = Placement.Join(
                    under,
                    char.ToLowerInvariant(kind[0]) + kind[1..] + (count == 1 ? "" : $"_{count}")
                );
                var isTokens = kind == nameof(Cmsa.Dsl.Tokens);
                var node = new Node(
                    new Input(name, shape.With(Axis.Batch, 1), isTokens ? ElementType.Integer : ElementType.Real)
                );
                var present =
                    !shape.Has(Axis.Word) ? Option<Node>.None
                    : isTokens ? Some(new Node(new IsWord(), node))
                    : Some(
                        new Node(
                            new Input($"{name}.present", shape.Only(Axis.Word).With(Axis.Batch, 1), ElementType.Boolean)
                        )
                    );
                return (new Signal.Tensor(node, present), used.AddOrUpdate(kind, count));
            case Both(var first, var second):
                var (left, afterLeft) = first.Symbols(used, under);
                var (right, afterRight) = second.Symbols(afterLeft, under);
                return (new Signal.Pair(left, right), afterRight);
            case Each(var levels):
                return (
                    new Signal.Levels(
                        levels.Map(l =>
                            (
                                l.Name,
                                l.Inputs.Symbols(
                                    LanguageExt.HashMap<string, int>.Empty,
                                    Placement.Join(under, l.Name)
                                ).Signal
                            )
                        )
                    ),
                    used
                );
            default:
                throw new InvalidOperationException();
        }
    }

    /// <summary>What is wrong with these sizes for an argument of a kind.</summary>
    internal Many<Error> Against(Kind kind) =>
        (this, kind) switch
        {
            (Tensor(var name, var shape), Kind.Tensor expected) when name == expected.Name => shape
                .Dimensions.Filter(d => d.Size < 1)
                .Map(d => Error.Misfit($"{d.Size} {d.Axis}s of {name}", "at least 1", "give positive sizes"))
                + (
                    shape.Axes.Order().SequenceEqual(expected.Axes.Order())
                        ? []
                        :
                        [
                            Error.Misfit(
                                $"sizes {shape} of {name}",
                                $"one for each of {string.Join(", ", expected.Axes)}",
                                "give as many"
                            ),
                        ]
                ),
            (Both(var a, var b), Kind.Pair(var first, var second)) => a.Against(first) + b.Against(second),
            (Each(var levels), Kind.Levels(var each)) => levels.Bind(l => l.Inputs.Against(each)),
            _ =>
            [
                Error.Misfit(
                    $"sizes of {this}",
                    $"sizes of {kind}",
                    "build them like the argument: InputSpec.Image(320, 320) & InputSpec.Tokens(20)"
                ),
            ],
        };

    /// <summary>The sizes as text.</summary>
    public sealed override string ToString() =>
        this switch
        {
            Tensor(var kind, var shape) => $"{kind}{shape}",
            Both(var first, var second) => $"({first}, {second})",
            Each(var levels) => $"Levels({string.Join(", ", levels.Map(l => $"{l.Name}: {l.Inputs}"))})",
            _ => "",
        };
}
