using LanguageExt;

namespace Cmsa.Dsl.Graphs;

/// <summary>A tensor that the caller gives.</summary>
/// <param name="Name">Under which name.</param>
/// <param name="Of">Its shape for one sample, batch included.</param>
/// <param name="Element">What its elements are.</param>
public sealed record Input(string Name, Shape Of, ElementType Element = ElementType.Real) : Operation
{
    /// <inheritdoc/>
    public override ElementType Type => Element;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => Of;
}

/// <summary>A tensor that the model owns.</summary>
/// <param name="Path">Its name: the path of its layer, and its own.</param>
/// <param name="Of">Its shape.</param>
/// <param name="Initializer">Its value before training.</param>
/// <param name="Role">Whether training changes it, and how.</param>
public sealed record Parameter(string Path, Shape Of, Initializer Initializer, Role Role) : Operation
{
    /// <summary>Whether it is kept in float32 where the module's precision is lower.</summary>
    public bool InFloat32 { get; init; }

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => Of;
}

/// <summary>What a parameter is to training.</summary>
public enum Role
{
    /// <summary>Learnt; decays where the training says that weights decay.</summary>
    Weight,

    /// <summary>Learnt; added to a result, so it may have a rate of its own and does not decay.</summary>
    Bias,

    /// <summary>Learnt; scales a result (of a batch norm, a gate), and does not decay.</summary>
    Gain,

    /// <summary>Learnt; the vectors of a vocabulary, which do not decay.</summary>
    Embedding,

    /// <summary>Not learnt, as it belongs to a part that is fixed; saved with the weights.</summary>
    Frozen,

    /// <summary>
    /// Not learnt by gradient: a statistic kept on the way; saved with the weights, and not counted as a parameter.
    /// </summary>
    Statistic,
}

/// <summary>A number, the same for all elements.</summary>
public sealed record Constant(double Number) : Operation
{
    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => Shape.Scalar;
}

/// <summary>
/// The 8-D position s_p of each cell: x_min, y_min, x_max, y_max, x_centre, y_centre in [-1, 1], 1/W, 1/H (CVPR 2019,
/// section 3.1).
/// </summary>
/// <param name="Rows">H.</param>
/// <param name="Columns">W.</param>
public sealed record Coordinates(int Rows, int Columns) : Operation
{
    /// <summary>How many numbers say where a cell is.</summary>
    public const int Channels = 8;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        new Shape(new Dimension(Axis.Channel, Channels), new(Axis.Row, Rows), new(Axis.Column, Columns));
}

/// <summary>
/// Where two places differ: <c>[axes, axes']</c>, true where the indices along the axes are not all the same.
/// </summary>
/// <param name="Of">The axes with their lengths, unprimed.</param>
public sealed record NotEqual(Shape Of) : Operation
{
    /// <inheritdoc/>
    public override ElementType Type => ElementType.Boolean;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        new Shape([.. Of.Dimensions, .. Of.Rename(a => a.Prime).Dimensions]);
}

/// <summary>Its first operand, on which a problem is noted: a program that has one is not made.</summary>
/// <param name="Element">What its elements are.</param>
public sealed record Poisoned(ElementType Element) : Operation
{
    /// <inheritdoc/>
    public override ElementType Type => Element;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => operands[0];
}

/// <summary>True, along an axis of length 1: the presence of what is always there.</summary>
public sealed record Always(Axis Axis) : Operation
{
    /// <inheritdoc/>
    public override ElementType Type => ElementType.Boolean;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => new Shape(new Dimension(Axis, 1));
}
