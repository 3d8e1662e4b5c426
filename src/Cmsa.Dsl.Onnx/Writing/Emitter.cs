using System.Runtime.InteropServices;
using global::Onnx;

namespace Cmsa.Dsl.Onnx.Writing;

/// <summary>
/// Builds an ONNX graph, or the body of a loop or branch inside one: each method adds an operator and gives its result.
/// Constants go to the outermost
/// graph, where every body sees them, each once.
/// </summary>
internal sealed partial class Emitter
{
    private readonly GraphProto graph;
    private readonly Scope scope;

    private Emitter(GraphProto graph, Scope scope) => (this.graph, this.scope) = (graph, scope);

    /// <summary>What the graph and its bodies share.</summary>
    private sealed class Scope(GraphProto outermost, DataType real)
    {
        public GraphProto Outermost => outermost;

        public DataType Real => real;

        public Dictionary<string, Value> Constants { get; } = [];

        public System.Collections.Generic.HashSet<string> Names { get; } = [];

        public Value? Batch { get; set; }

        public string Path { get; set; } = "";
    }

    /// <summary>An emitter of a whole graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="real">The type of its real numbers.</param>
    /// <param name="reserved">Names that inputs, outputs and parameters have.</param>
    public static Emitter Of(GraphProto graph, DataType real, IEnumerable<string> reserved)
    {
        var scope = new Scope(graph, real);
        scope.Names.UnionWith(reserved);
        return new(graph, scope);
    }

    /// <summary>The type of real numbers.</summary>
    public DataType Real => scope.Real;

    /// <summary>
    /// The type in which sums of exponentials and counts are computed: float32 where numbers are float16.
    /// </summary>
    public DataType Exact => scope.Real == DataType.Float16 ? DataType.Float : scope.Real;

    /// <summary>The path of the layer whose operators follow: their names begin with it.</summary>
    public void EnterLayer(string path) => scope.Path = path;

    /// <summary>Notes an input that has a batch, from which the batch's size is taken where it is needed.</summary>
    public void BatchOf(Value input) => scope.Batch ??= input;

    /// <summary>An operator with one result.</summary>
    public Value Emit(
        string op,
        Many<Value> inputs,
        Many<Dimension> dimensions,
        DataType type,
        params Many<AttributeProto> attributes
    )
    {
        var name = Fresh(op);
        Add(op, name, inputs, [name], attributes);
        var value = new Value(name, dimensions, type);
        // Shapes are part of the file: viewers show them, and runtimes check them.
        if (ReferenceEquals(graph, scope.Outermost))
            graph.ValueInfo.Add(Info(value));
        return value;
    }

    /// <summary>An operator with several results, which have the names given.</summary>
    public void Add(string op, string name, Many<Value> inputs, Many<string> outputs, Many<AttributeProto> attributes)
    {
        var node = new NodeProto { OpType = op, Name = name };
        node.Input.AddRange(inputs.Map(i => i.Name));
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes);
        graph.Node.Add(node);
    }

    /// <summary>A name that nothing has yet.</summary>
    public string Fresh(string what)
    {
        var stem = scope.Path.Length == 0 ? what : $"{scope.Path}/{what}";
        for (var n = 1; ; n++)
        {
            var name = n == 1 ? stem : $"{stem}_{n}";
            if (scope.Names.Add(name))
                return name;
        }
    }

    /// <summary>A real number as a constant of a type.</summary>
    public Value Number(double number, DataType type)
    {
        var bytes = type switch
        {
            DataType.Double => BitConverter.GetBytes(number),
            DataType.Float16 => BitConverter.GetBytes((Half)number),
            _ => BitConverter.GetBytes((float)number),
        };
        return Constant($"{number:r}", type, [], bytes);
    }

    /// <summary>A real number as a constant in the model's precision.</summary>
    public Value Number(double number) => Number(number, Real);

    /// <summary>Real numbers as a constant in the model's precision.</summary>
    public Value Numbers(string what, Many<Dimension> dimensions, double[] numbers, DataType type)
    {
        var bytes = Elements.Bytes(numbers, type).IfLeft([]);
        return Constant(what, type, dimensions, bytes);
    }

    /// <summary>Whole numbers as a constant list.</summary>
    public Value Integers(params Many<long> numbers) => Integers([new(new Axis("index"), numbers.Count)], numbers);

    /// <summary>Whole numbers as a constant.</summary>
    public Value Integers(Many<Dimension> dimensions, Many<long> numbers)
    {
        var array = numbers.ToArray();
        var what = array.Length <= 8 ? $"integers {string.Join(' ', array)}" : $"integers {array[0]} to {array[^1]}";
        return Constant(what, DataType.Int64, dimensions, MemoryMarshal.AsBytes(array.AsSpan()).ToArray());
    }

    /// <summary>A whole number as a constant.</summary>
    public Value Integer(long number) => Integers([], [number]);

    /// <summary>A boolean as a constant.</summary>
    public Value Boolean(Many<Dimension> dimensions, bool value) =>
        Constant($"{value}", DataType.Bool, dimensions, [value ? (byte)1 : (byte)0]);

    private Value Constant(string what, DataType type, Many<Dimension> dimensions, byte[] bytes)
    {
        var sizes = dimensions.Map(d => (long)d.Size);
        var key = $"{type} {sizes} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes))}";
        if (scope.Constants.TryGetValue(key, out var known))
            return known with { Dimensions = dimensions };
        var name = Unique($"constant/{what}");
        scope.Outermost.Initializer.Add(Elements.Tensor(name, type, sizes, bytes));
        return scope.Constants[key] = new(name, dimensions, type);
    }

    private string Unique(string stem)
    {
        for (var n = 1; ; n++)
        {
            var name = n == 1 ? stem : $"{stem} ({n})";
            if (scope.Names.Add(name))
                return name;
        }
    }

    /// <summary>The size of the batch at run time, as a list of one whole number.</summary>
    public Value BatchSize()
    {
        var input =
            scope.Batch
            ?? throw new InvalidOperationException("A graph without an input that has a batch has no batch.");
        return Emit(
            "Shape",
            [input],
            [new(new Axis("index"), 1)],
            DataType.Int64,
            Attributes.Of("start", 0L),
            Attributes.Of("end", 1L)
        );
    }
}
