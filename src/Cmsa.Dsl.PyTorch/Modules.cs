using Cmsa.Dsl.Graphs;
using NodeSet = System.Collections.Generic.HashSet<Cmsa.Dsl.Graphs.Node>;

namespace Cmsa.Dsl.PyTorch;

/// <summary>The classes of a file: one for each block of a graph, those alike written once.</summary>
internal sealed class Modules
{
    private readonly NodeSet returned;
    private readonly ILookup<Node, Node> users;
    private readonly List<(string Name, List<string> Paths, string Text)> classes = [];
    private readonly HashSet<string> classNames = ["Model", "Part", "Folding", "F"];
    private readonly HashSet<string> claimed = [];

    /// <param name="graph">The graph.</param>
    /// <param name="folds">Whether what depends on weights alone is computed once and kept.</param>
    public Modules(Graph graph, bool folds)
    {
        (Graph, Folds, Views) = (graph, folds, new Views(graph));
        Blocks = new Blocks(Views);
        returned = graph.Returned.Bind(Views.Seen).ToHashSet<Node>(ReferenceEqualityComparer.Instance);
        users = graph
            .Nodes.Filter(Views.IsWritten)
            .Bind(n => Views.Operands(n).Map(o => (Operand: o, User: n)))
            .ToLookup(u => u.Operand, u => u.User, (IEqualityComparer<Node>)ReferenceEqualityComparer.Instance);
    }

    /// <summary>The graph.</summary>
    public Graph Graph { get; }

    /// <summary>Whether what depends on weights alone is computed once and kept.</summary>
    public bool Folds { get; }

    /// <summary>Which values have no line of their own.</summary>
    public Views Views { get; }

    /// <summary>How values are grouped.</summary>
    public Blocks Blocks { get; }

    /// <summary>The classes of the file, children first, the model's last.</summary>
    public Many<string> Classes()
    {
        var model = new ModuleWriter(this, [], Graph.Nodes.Filter(Views.IsWritten)).Write();
        var parts = classes.Select(c => Class(c.Name, Said(c.Paths), c.Text));
        return [.. parts, Class("Model", "The model: see the top of this file.", model.Text)];
    }

    /// <summary>A block as a class.</summary>
    /// <param name="path">The block's path.</param>
    /// <param name="nodes">Its values.</param>
    /// <returns>The class's name, and what the module takes and gives.</returns>
    public (string Class, WrittenModule Module) Written(Many<string> path, Many<Node> nodes)
    {
        var module = new ModuleWriter(this, path, nodes).Write();
        return (Named(path, module.Text), module);
    }

    /// <summary>The parameters at and below a path.</summary>
    public Many<Parameter> ParametersBelow(Many<string> path)
    {
        var prefix = path.IsEmpty ? "" : $"{string.Join('.', path)}.";
        return Graph.Parameters.Filter(p => p.Path.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>Those of some parameters that no part has yet.</summary>
    public Many<Parameter> Claim(Many<Parameter> parameters) => parameters.Filter(p => claimed.Add(p.Path));

    /// <summary>The values of a block that others use or the model returns.</summary>
    public Many<Node> UsedOutside(Many<Node> nodes)
    {
        var inside = nodes.ToHashSet<Node>(ReferenceEqualityComparer.Instance);
        return nodes.Filter(n => returned.Contains(n) || users[n].Any(user => !inside.Contains(user)));
    }

    private string Named(Many<string> path, string text)
    {
        var at = string.Join('.', path);
        if (classes.Find(c => c.Text == text) is { Name: { } known, Paths: var paths })
        {
            paths.Add(at);
            return known;
        }
        var joined = string.Concat(path.Map(Capital));
        var name = char.IsLetter(joined[0]) ? joined : $"Part{joined}";
        while (Library.Defines(name) || !classNames.Add(name))
            name += "_";
        classes.Add((name, [at], text));
        return name;
    }

    private static string Capital(string segment)
    {
        var plain = Python.Variable(segment).Trim('_');
        return plain.Length == 0 ? "_"
            : char.IsDigit(plain[0]) ? $"_{plain}"
            : $"{char.ToUpperInvariant(plain[0])}{plain[1..]}";
    }

    private static string Class(string name, string said, string text)
    {
        var above = text.Contains("def fold(", StringComparison.Ordinal) ? "Folding" : "Part";
        return $"class {name}({above}):\n    \"\"\"{said}\"\"\"\n{text}";
    }

    private static string Said(List<string> paths) =>
        paths.Count < 4 ? string.Join(", ", paths) : $"{paths[0]}, {paths[1]}, ... {paths[^1]}";
}
