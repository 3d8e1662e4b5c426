using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.PyTorch;

/// <summary>What an operation is written in: the names that its operands have in one Python function.</summary>
internal sealed class Frame(Views views)
{
    private readonly Dictionary<string, string> constants = [];
    private readonly Dictionary<object, string> names = [];
    private readonly List<(string Name, string Value)> buffers = [];

    /// <summary>
    /// The constant tensors that the function's module holds, by name, with the Python that makes them.
    /// </summary>
    public IReadOnlyList<(string Name, string Value)> Buffers => buffers;

    /// <summary>Which values are written as others seen otherwise.</summary>
    public Views Seen => views;

    /// <summary>Says under what name a value is known.</summary>
    public void Name(Node node, string name) => names[Views.Key(node)] = name;

    /// <summary>A tensor, as an expression that can be indexed.</summary>
    public string this[Node node] =>
        node switch
        {
            _ when names.TryGetValue(Views.Key(node), out var name) => name,
            { Operation: Rename, Operands: [var operand] } when Views.IsAlias(node) => this[operand],
            { Operation: Constant(var number) } => Buffer("constant", $"constant({Python.Number(number)})"),
            { Operation: Coordinates(var rows, var columns) } => Buffer(
                "coordinates",
                $"coordinates({rows}, {columns})"
            ),
            { Operation: NotEqual(var of) } => Buffer(
                "not_equal",
                $"not_equal({string.Join(", ", of.Dimensions.Map(d => d.Size))})"
            ),
            { Operation: Always } => Buffer("always", "torch.ones(1, dtype=torch.bool)"),
            _ => throw new InvalidOperationException($"{node} at {node.Path} is used before it is written."),
        };

    /// <summary>An operand of a sum or product: a number as it is, beside a tensor.</summary>
    public string NumberOr(Node node, Node other) =>
        node.Operation is Constant(var number) && other.Operation is not Constant
            ? number < 0
                ? $"({Python.Number(number)})"
                : Python.Number(number)
            : this[node];

    /// <summary>An operand beside values of a larger shape.</summary>
    public string Beside(Node node, Shape shape, bool whole = false) =>
        Layout.Beside(this[node], node.Shape, shape, whole);

    /// <summary>An operand with its axes in some order; those that it lacks are of length 1.</summary>
    public string Arranged(Node node, Many<Axis> axes) => Layout.Arranged(this[node], node.Shape.Axes, axes);

    private string Buffer(string hint, string value)
    {
        if (constants.TryGetValue(value, out var known))
            return known;
        var count = buffers.Count(b =>
            b.Value.StartsWith(value[..value.IndexOf('(', StringComparison.Ordinal)], StringComparison.Ordinal)
        );
        var name = count == 0 ? $"_{hint}" : $"_{hint}_{count + 1}";
        buffers.Add((name, value));
        return constants[value] = $"self.{name}";
    }
}
