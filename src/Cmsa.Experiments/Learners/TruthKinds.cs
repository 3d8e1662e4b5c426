using Cmsa.Dsl;

namespace Cmsa.Experiments.Learners;

/// <summary>
/// A kind of truths that are numbers of classes, from 0: integers. A truth of another kind is real numbers.
/// </summary>
public interface IClassNumbers : IKind;

/// <summary>The number of one class for a whole sample: a single integer.</summary>
public sealed class Label : IClassNumbers
{
    private Label() { }

    /// <inheritdoc/>
    public static Many<Axis> Axes => [];
}

/// <summary>The number of a class for each pixel: integers <c>[row, column]</c>.</summary>
public sealed class ClassMap : IClassNumbers
{
    private ClassMap() { }

    /// <inheritdoc/>
    public static Many<Axis> Axes => [Axis.Row, Axis.Column];
}
