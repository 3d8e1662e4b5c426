using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.PyTorch;

/// <summary>A value as Python: an expression in the names that its operands have.</summary>
internal delegate string Emitter(Node node, Frame on);

/// <summary>How each operation is written in Python: one emitter an operation.</summary>
internal static partial class Emitters
{
    private static readonly Dictionary<Type, Emitter> known = [];

    static Emitters()
    {
        RegisterElements();
        RegisterAlgebra();
        RegisterArrangement();
        RegisterSpatial();
        RegisterWords();
    }

    /// <summary>Whether an operation can be written.</summary>
    public static bool Knows(Operation operation) =>
        known.ContainsKey(operation.GetType())
        || operation is Parameter or Input or Constant or Coordinates or NotEqual or Always or Loop;

    /// <summary>A value as Python.</summary>
    public static string Of(Node node, Frame on) => known[node.Operation.GetType()](node, on);

    private static void Register<T>(Func<T, Node, Frame, string> write)
        where T : Operation => known[typeof(T)] = (node, on) => write((T)node.Operation, node, on);

    /// <summary>Dimensions of a shape along some axes, those that it has.</summary>
    private static Many<int> Dims(Shape shape, Many<Axis> axes) =>
        axes.Map(a => Layout.At(shape, a)).Filter(at => at >= 0);

    /// <summary>Arguments of a Python function, those left out that are empty.</summary>
    private static string Call(string function, params Many<string> arguments) =>
        $"{function}({string.Join(", ", arguments.Filter(a => a.Length > 0))})";
}
