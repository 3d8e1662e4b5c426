using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Graphs;

/// <summary>
/// A symbolic tensor: an operation on other values, with its shape known from the moment it is made. A model elaborates
/// to a graph of these. Making one never fails; what does not fit stands in <see cref="Errors"/>.
/// </summary>
public sealed class Node
{
    /// <summary>The result of an operation on some operands.</summary>
    public Node(Operation operation, params Many<Node> operands)
    {
        (Operation, Operands) = (operation, operands);
        (Shape, Errors) = operation.Infer(Operands.Map(o => o.Shape));
    }

    /// <summary>How the value is computed.</summary>
    public Operation Operation { get; private init; }

    /// <summary>From what.</summary>
    public Many<Node> Operands { get; private init; }

    /// <summary>Its axes and their lengths.</summary>
    public Shape Shape { get; private init; }

    /// <summary>What did not fit where the value was made.</summary>
    public Many<Error> Errors { get; private init; }

    /// <summary>The names under which a compiled module can hand the value out.</summary>
    public Many<string> Probes { get; private set; } = [];

    /// <summary>What its elements are.</summary>
    public ElementType Type => Operation.Type;

    /// <summary>
    /// The path of the layer that the value was made by; written once, when that layer has been elaborated.
    /// </summary>
    public string? Path { get; internal set; }

    /// <summary>
    /// The same value with a problem noted on it, found in the layer that is being elaborated. It is never computed.
    /// </summary>
    /// <param name="problem">The problem.</param>
    /// <param name="others">The other values that it is about.</param>
    public Node With(Error problem, params Many<Node> others) =>
        new(new Poisoned(Type), [this, .. others]) { Errors = [problem] };

    /// <summary>
    /// The value itself, to be handed out by the compiled module under this name when asked for. It stays one value: a
    /// probe computes nothing twice.
    /// </summary>
    public Node Probed(string name)
    {
        Probes = Probes.Add(name).Distinct();
        return this;
    }

    /// <summary>The same operation on other operands, of the same shapes: what rewriting makes.</summary>
    internal Node On(Many<Node> operands) =>
        new(Operation, operands)
        {
            Probes = Probes,
            Path = Path,
            Errors = Errors,
        };

    /// <summary>A number, the same for all elements.</summary>
    public static Node Constant(double value) => new(new Constant(value));

    /// <summary>Sum, element by element; an axis that one lacks, or has of length 1, is repeated.</summary>
    public static Node operator +(Node left, Node right) => new(new Add(), left, right);

    /// <summary>Difference.</summary>
    public static Node operator -(Node left, Node right) => left + -right;

    /// <summary>Negation.</summary>
    public static Node operator -(Node x) => x.Map(Function.Negate);

    /// <summary>Product, element by element; an axis that one lacks, or has of length 1, is repeated.</summary>
    public static Node operator *(Node left, Node right) => new(new Multiply(), left, right);

    /// <summary>A number is a value.</summary>
    public static implicit operator Node(double value) => Constant(value);

    /// <summary>A scalar function of every element.</summary>
    public Node Map(Function function) => new(new Apply(function), this);

    /// <summary>
    /// The sum, mean or greatest along some axes; where <paramref name="present"/> is given, of the elements at which
    /// it is true alone (0 if there are none).
    /// </summary>
    public Node Reduce(Reduction reduction, Many<Axis> axes, Option<Node> present = default) =>
        new(new Reduce(reduction, axes), [this, .. present.ToMany()]);

    /// <summary>
    /// A distribution along some axes: e^x over its sum; 0 where <paramref name="present"/> is given and false.
    /// </summary>
    public Node Softmax(Many<Axis> axes, Option<Node> present = default) =>
        new(new Softmax(axes), [this, .. present.ToMany()]);

    /// <summary>
    /// log sum e^x along some axes, of the elements at which <paramref name="present"/> is true alone if it is given.
    /// </summary>
    public Node LogSumExp(Many<Axis> axes, Option<Node> present = default) =>
        new(new LogSumExp(axes), [this, .. present.ToMany()]);

    /// <summary>Both true.</summary>
    public Node And(Node other) => new(new Logic(Connective.And), this, other);

    /// <summary>
    /// The sum of products along some axes; axes that both have and that are not summed over are matched.
    /// </summary>
    public Node Contract(Node other, Many<Axis> over) => new(new Contract(over), this, other);

    /// <summary>The channels mapped by a weight <c>[out, in]</c>.</summary>
    public Node Linear(Node weight) => new(new Linear(), this, weight);

    /// <summary>The same elements under other names of axes.</summary>
    public Node Rename(params Many<(Axis From, Axis To)> names) => new(new Rename(names), this);

    /// <summary>The same elements with some axes put on the far side of an attention.</summary>
    public Node Prime(Many<Axis> axes) => Rename(axes.Filter(Shape.Has).Map(a => (a, a.Prime)));

    /// <summary>Several values one after the other along an axis; an axis that one lacks is repeated.</summary>
    public static Node Concat(Axis axis, params Many<Node> parts) => new(new Concat(axis), parts);

    /// <summary>A stretch of an axis.</summary>
    public Node Slice(Axis axis, int start, int length) => new(new Slice(axis, start, length), this);

    /// <summary>
    /// The value repeated along the axes that it lacks of a shape, or has of length 1 alone; the value itself if there
    /// are none.
    /// </summary>
    public Node As(Shape shape) =>
        new Shape(shape.Dimensions.Filter(d => Shape.SizeOf(d.Axis) != d.Size)) is { Dimensions.IsEmpty: false } along
            ? new(new Repeat(along), this)
            : this;

    /// <summary>Multiply-adds of one sample.</summary>
    public long MultiplyAdds() => Operation.MultiplyAdds(Operands.Map(o => o.Shape), Shape);

    /// <summary>Whether the node is computed when the graph runs, rather than given to it.</summary>
    public bool IsComputed => Operation is not (Input or Parameter or Graphs.Constant) && !Operation.IsView;

    /// <summary>The value as text: its operation and shape.</summary>
    public override string ToString() => $"{Operation} {Shape}";
}
