using LanguageExt;

namespace Cmsa.Dsl.Graphs;

/// <summary>What a value's elements are.</summary>
public enum ElementType
{
    /// <summary>Numbers, in the precision that the program is compiled for.</summary>
    Real,

    /// <summary>Whole numbers, such as the numbers of words.</summary>
    Integer,

    /// <summary>True or false, such as whether a word is there.</summary>
    Boolean,
}

/// <summary>
/// A shape worked out, with what did not fit on the way. The shape is the best guess where something did not fit, so
/// that checking can go on.
/// </summary>
/// <param name="Shape">The shape of the result.</param>
/// <param name="Errors">What did not fit.</param>
public readonly record struct Inferred(Shape Shape, Many<Error> Errors)
{
    /// <summary>A shape without problems.</summary>
    public static implicit operator Inferred(Shape shape) => new(shape, []);
}

/// <summary>
/// One tensor operation: how the shape of its result follows from those of its operands, and what it costs. It acts on
/// the axes it names and once for every element of the others. Operations know no layers, and no tensors: a target has
/// a kernel for each.
/// </summary>
public abstract record Operation
{
    /// <summary>The result's shape.</summary>
    public abstract Inferred Infer(Many<Shape> operands);

    /// <summary>Multiply-adds per sample, counting those of linear maps and contractions alone, as papers do.</summary>
    public virtual long MultiplyAdds(Many<Shape> operands, Shape result) => 0;

    /// <summary>What the result's elements are.</summary>
    public virtual ElementType Type => ElementType.Real;

    /// <summary>Whether the result shares its operand's memory: nothing is computed.</summary>
    public virtual bool IsView => false;

    /// <summary>
    /// Whether the result always has memory of its own, so that nothing else changes where it is written over. False
    /// where that is not known.
    /// </summary>
    public virtual bool IsFresh => false;

    /// <summary>
    /// Whether the result may be written over an operand of the same shape that nothing needs afterwards.
    /// </summary>
    public virtual bool CanReplace(int operand) => false;

    /// <summary>
    /// How many numbers, beside operands and result, a kernel holds on the way at the worst moment, for one sample;
    /// measured where a library decides it.
    /// </summary>
    /// <param name="at">The value that is computed; its operation is this one.</param>
    public virtual long Scratch(Node at) => 0;

    /// <summary>
    /// The axes along which the operation mixes elements of an operand; along all others it acts on each element by
    /// itself. None where that is not known, so that no rule moves anything past it.
    /// </summary>
    public virtual Many<Axis>? ReducedAxes => null;

    /// <summary>
    /// Whether equal operands give equal results and nothing else happens; otherwise two equal values stay two.
    /// </summary>
    public virtual bool IsPure => true;

    /// <summary>Whether the result is a linear function of an operand while the others are held.</summary>
    public virtual bool IsLinearIn(int operand) => false;

    /// <summary>The operation as C#-like text.</summary>
    public sealed override string ToString() => RecordText.Of(this);
}
