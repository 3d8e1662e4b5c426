using System.Reflection;
using System.Runtime.CompilerServices;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// What a signal is: the axes it has, and whether its words may be padding. Kinds are the types of the language: a
/// layer goes from one kind to another, and two layers compose where the kinds meet. As C# types
/// (<see cref="FeatureMap"/>, <c>(Image, Tokens)</c>, <see cref="Levels{A}"/>) they are checked by the compiler; as
/// values of this type, by the reader of JSON files.
/// </summary>
public abstract record Kind
{
    private Kind() { }

    /// <summary>One tensor.</summary>
    /// <param name="Name">The kind's name, that of its C# type.</param>
    /// <param name="Axes">Its axes without the batch, outermost first.</param>
    public sealed record Tensor(string Name, Many<Axis> Axes) : Kind
    {
        /// <summary>Whether the kind has words, some of which may be padding.</summary>
        public bool HasWords => Axes.Contains(Axis.Word);

        /// <inheritdoc/>
        public override string ToString() => Name;
    }

    /// <summary>Two signals side by side.</summary>
    public sealed record Pair(Kind First, Kind Second) : Kind
    {
        /// <inheritdoc/>
        public override string ToString() => $"({First}, {Second})";
    }

    /// <summary>One signal for each level of a backbone, by name.</summary>
    public sealed record Levels(Kind Each) : Kind
    {
        /// <inheritdoc/>
        public override string ToString() => $"Levels<{Each}>";
    }

    private static readonly ConditionalWeakTable<Type, Kind> known = [];

    /// <summary>The kind that a C# type stands for.</summary>
    /// <exception cref="ArgumentException">The type is not a kind.</exception>
    public static Kind Of<A>() => Of(typeof(A));

    /// <inheritdoc cref="Of{A}"/>
    public static Kind Of(Type type) => known.GetValue(type, Make);

    /// <summary>Whether a C# type stands for a kind.</summary>
    internal static bool Is(Type type) =>
        type.IsGenericType
        && (
            type.GetGenericTypeDefinition() == typeof(ValueTuple<,>)
            || type.GetGenericTypeDefinition() == typeof(Levels<>)
        )
            ? type.GenericTypeArguments.All(Is)
            : type.IsAssignableTo(typeof(IKind));

    private static Kind Make(Type type) =>
        type switch
        {
            { IsGenericType: true } pair when pair.GetGenericTypeDefinition() == typeof(ValueTuple<,>) => new Pair(
                Of(pair.GenericTypeArguments[0]),
                Of(pair.GenericTypeArguments[1])
            ),
            { IsGenericType: true } levels when levels.GetGenericTypeDefinition() == typeof(Levels<>) => new Levels(
                Of(levels.GenericTypeArguments[0])
            ),
            _ when type.IsAssignableTo(typeof(IKind)) => new Tensor(
                type.Name,
                (Many<Axis>)type.GetInterfaceMap(typeof(IKind)).TargetMethods[0].Invoke(null, null)!
            ),
            _ => throw new ArgumentException(
                $"{type} is not a kind: a kind is a type that implements IKind, a pair of kinds, or Levels of one.",
                nameof(type)
            ),
        };
}

/// <summary>
/// A kind of one tensor. To add a kind, declare a type that implements this; it is never instantiated.
/// </summary>
public interface IKind
{
    /// <summary>The kind's axes without the batch, outermost first.</summary>
    static abstract Many<Axis> Axes { get; }
}

/// <summary>A picture: <c>[channel = 3, row, column]</c>, scaled as its backbone expects.</summary>
public sealed class Image : IKind
{
    private Image() { }

    /// <inheritdoc/>
    public static Many<Axis> Axes => [Axis.Channel, Axis.Row, Axis.Column];
}

/// <summary>What a convolutional network knows of each place: <c>[channel, row, column]</c>.</summary>
public sealed class FeatureMap : IKind
{
    private FeatureMap() { }

    /// <inheritdoc/>
    public static Many<Axis> Axes => [Axis.Channel, Axis.Row, Axis.Column];
}

/// <summary>The logits of a mask, one a pixel: <c>[row, column]</c>; at or above 0 is foreground.</summary>
public sealed class Mask : IKind
{
    private Mask() { }

    /// <inheritdoc/>
    public static Many<Axis> Axes => [Axis.Row, Axis.Column];
}

/// <summary>
/// The words of an expression as numbers of a vocabulary: <c>[word]</c>, right-aligned, 0 is padding.
/// </summary>
public sealed class Tokens : IKind
{
    private Tokens() { }

    /// <inheritdoc/>
    public static Many<Axis> Axes => [Axis.Word];
}

/// <summary>A vector a word: <c>[word, channel]</c>.</summary>
public sealed class Words : IKind
{
    private Words() { }

    /// <inheritdoc/>
    public static Many<Axis> Axes => [Axis.Word, Axis.Channel];
}

/// <summary>A feature map a word, such as the multimodal feature f_pn: <c>[word, channel, row, column]</c>.</summary>
public sealed class WordMaps : IKind
{
    private WordMaps() { }

    /// <inheritdoc/>
    public static Many<Axis> Axes => [Axis.Word, Axis.Channel, Axis.Row, Axis.Column];
}

/// <summary>A vector a patch of a picture, row by row: <c>[patch, channel]</c>.</summary>
public sealed class Patches : IKind
{
    private Patches() { }

    /// <summary>The patches of a picture, row by row.</summary>
    public static Axis Patch { get; } = new("patch", after: Axis.Word);

    /// <inheritdoc/>
    public static Many<Axis> Axes => [Patch, Axis.Channel];
}

/// <summary>One vector for a whole expression: <c>[channel]</c>.</summary>
public sealed class Sentence : IKind
{
    private Sentence() { }

    /// <inheritdoc/>
    public static Many<Axis> Axes => [Axis.Channel];
}

/// <summary>One vector for a whole picture, such as the scores of its classes: <c>[channel]</c>.</summary>
public sealed class Vector : IKind
{
    private Vector() { }

    /// <inheritdoc/>
    public static Many<Axis> Axes => [Axis.Channel];
}

/// <summary>One signal for each level of a backbone (Res3, Res4, Res5), by name and in order.</summary>
/// <typeparam name="A">The kind of each.</typeparam>
public sealed class Levels<A>
{
    private Levels() { }
}
