using System.Text;
using Cmsa.Dsl.Graphs;
using NodeSet = System.Collections.Generic.HashSet<Cmsa.Dsl.Graphs.Node>;

namespace Cmsa.Dsl.PyTorch;

/// <summary>The classes of a file: one for each block of a graph, those alike written once.</summary>
internal sealed class Modules
{
    private readonly Graph graph;
    private readonly bool folds;
    private readonly Views views;
    private readonly Blocks blocks;
    private readonly NodeSet returned;
    private readonly ILookup<Node, Node> users;
    private readonly List<(string Name, List<string> Paths, string Text)> classes = [];
    private readonly HashSet<string> classNames = ["Model", "Part", "F"];

    /// <param name="graph">The graph.</param>
    /// <param name="folds">Whether what depends on weights alone is computed once and kept.</param>
    public Modules(Graph graph, bool folds)
    {
        (this.graph, this.folds, views) = (graph, folds, new Views(graph));
        blocks = new Blocks(views);
        returned = graph.Returned.Bind(views.Seen).ToHashSet<Node>(ReferenceEqualityComparer.Instance);
        users = graph
            .Nodes.Filter(views.IsWritten)
            .Bind(n => views.Operands(n).Map(o => (Operand: o, User: n)))
            .ToLookup(u => u.Operand, u => u.User, (IEqualityComparer<Node>)ReferenceEqualityComparer.Instance);
    }

    /// <summary>The classes below the model, children first.</summary>
    public Many<string> Classes =>
        classes.Select(c => $"class {c.Name}({Base(c.Text)}):\n    \"\"\"{Docs(c.Paths)}\"\"\"\n{c.Text}").ToMany();

    /// <summary>The body of the model's class.</summary>
    /// <param name="docs">Its documentation.</param>
    public string Model(string docs)
    {
        var written = Write([], graph.Nodes.Filter(views.IsWritten), isModel: true);
        return $"class Model({Base(written.Text)}):\n    \"\"\"{docs}\"\"\"\n{written.Text}";
    }

    private static string Base(string text) =>
        text.Contains("def fold(", StringComparison.Ordinal) ? "Folding" : "Part";

    /// <summary>A module as Python.</summary>
    /// <param name="Text">The class below its documentation.</param>
    /// <param name="Given">The values that its forward takes.</param>
    /// <param name="Gives">The values that it returns, with their names inside.</param>
    private sealed record Written(string Text, Many<Node> Given, Many<(Node Node, string Name)> Gives);

    private Written Write(Many<string> prefix, Many<Node> nodes, bool isModel)
    {
        var inside = nodes.ToHashSet<Node>(ReferenceEqualityComparer.Instance);
        var ordered = blocks.Of(prefix, nodes);
        var count = 0;
        if (folds)
            (ordered, count) = FixedFirst(prefix, ordered);
        var given = isModel ? InputNodes() : Given(inside, nodes);
        var gives = isModel
            ? graph.Returned
            : nodes.Filter(n => returned.Contains(n) || users[n].Any(u => !inside.Contains(u)));

        var frame = new Frame(views);
        var owned = new Owned();
        var own = OwnParameters(prefix);
        foreach (var parameter in own)
            frame.Name(new Node(parameter), Owned.Reference(Below(prefix, parameter.Path), parameter));

        // The steps at which values are used last.
        var last = new Dictionary<object, int>();
        foreach (var (step, block) in ordered.Index())
        foreach (var used in block.Nodes.Bind(views.Operands))
            last[Views.Key(used)] = step;
        foreach (var kept in gives.Bind(views.Seen))
            last[Views.Key(kept)] = int.MaxValue;

        var names = new Names();
        foreach (var node in given)
            frame.Name(node, names.Give(-1, last.GetValueOrDefault(Views.Key(node), 0), Argument(node, given.Count)));
        var arguments = given.Map(n => frame[n]);

        var (folded, lines) = (new List<string>(), new List<string>());
        var keeps = ordered
            .Take(count)
            .Bind(b => b.Nodes)
            .Filter(n =>
                gives.Exists(g => ReferenceEquals(g, n))
                || ordered
                    .Skip(count)
                    .Any(b => b.Nodes.Bind(views.Operands).Contains(n, ReferenceEqualityComparer.Instance))
            );
        foreach (var kept in keeps)
            last[kept] = int.MaxValue;

        foreach (var (step, block) in ordered.Index())
        {
            var into = step < count ? folded : lines;
            if (block.IsModule)
                into.Add(Call(block, step));
            else
                into.Add(Line(block, step));
        }
        foreach (var parameter in own.Filter(p => !claimed.Contains(p.Path)))
            owned.Add(Below(prefix, parameter.Path), parameter);
        foreach (var parameter in own)
            claimed.Add(parameter.Path);

        var text = new StringBuilder();
        var order = own.Map(p => Below(prefix, p.Path)[0]);
        var made = owned.Lines(name => order.IndexOf(name) is var at and >= 0 ? at : int.MaxValue).ToArray();
        text.Append(
            isModel ? "\n    def __init__(self, dtype=torch.float32, device=None):\n" : "\n    def __init__(self):\n"
        );
        text.Append("        super().__init__()\n");
        foreach (var line in made)
            text.Append($"        {line}\n");
        foreach (var (name, value) in frame.Buffers)
            text.Append($"        self.register_buffer(\"{name}\", {value}, persistent=False)\n");
        if (isModel)
            text.Append("        self.to(device=device, dtype=dtype)\n");

        if (keeps.Count > 0)
        {
            text.Append("\n    def fold(self):\n        \"\"\"What depends on the weights alone.\"\"\"\n");
            foreach (var line in folded)
                text.Append($"        {line}\n");
            text.Append(
                $"        return {string.Join(", ", keeps.Map(k => frame[k]))}{(keeps.Count == 1 ? "," : "")}\n"
            );
            lines.Insert(
                0,
                $"{string.Join(", ", keeps.Map(k => frame[k]))}{(keeps.Count == 1 ? "," : "")} = self.folded()"
            );
        }
        text.Append($"\n    def forward(self{string.Concat(arguments.Map(a => $", {a}"))}):\n");
        if (isModel)
            foreach (var input in graph.Inputs)
                text.Append(
                    $"        expect({Python.Text(frame[new Node(input)])}, {frame[new Node(input)]}{string.Concat(input.Of.Dimensions.Tail.Map(d => $", {d.Size}"))})\n"
                );
        var result = string.Join(", ", gives.Map(n => isModel ? Result(n, frame) : frame[n]));
        // What is returned at once needs no name.
        var isLast = lines.Count > 0 && lines[^1].StartsWith($"{result} = ", StringComparison.Ordinal);
        foreach (var line in isLast ? lines.SkipLast(1) : lines)
            text.Append($"        {line}\n");
        text.Append(isLast ? $"        return {lines[^1][(result.Length + 3)..]}\n" : $"        return {result}\n");
        return new Written($"{text}".TrimEnd('\n'), given, gives.Map(n => (n, frame[n])));

        // A number says nothing without what it counts.
        string Called(Many<string> path) =>
            string.Join('_', path is [[>= '0' and <= '9', ..], ..] && !prefix.IsEmpty ? [prefix[^1], .. path] : path);

        string Line(Block block, int step)
        {
            var node = block.Nodes[0];
            var expression = Emitters.Of(node, frame);
            var path = Called(block.Path);
            var weight = Names.Weight(node);
            var named = string.Join('_', new[] { path, weight }.Where(s => s.Length > 0));
            var first = views.Operands(node).Find(o => !Views.IsLeaf(o) || o.Operation is Input);
            var continued =
                named.Length == 0 && Names.Continues(node)
                    ? first.Map(o => frame[o]).Filter(n => n.All(c => char.IsLetterOrDigit(c) || c == '_')).IfNone("")
                    : "";
            var word = Names.Word(node.Operation);
            var name = names.Give(
                step,
                last.GetValueOrDefault(node, step),
                named,
                continued,
                path.Length > 0 ? $"{path}_{word}" : word
            );
            frame.Name(node, name);
            var at = block.Path.IsEmpty ? "" : $"{string.Join('.', block.Path)} ";
            return $"{name} = {expression}  # {at}[{string.Join(", ", node.Shape.Dimensions)}]";
        }

        string Call(Block block, int step)
        {
            var child = Write(prefix + block.Path, block.Nodes, isModel: false);
            var (className, isNew) = Class(prefix + block.Path, child.Text);
            owned.Add(block.Path, className);
            var taken = string.Join(", ", child.Given.Map(n => frame[n]));
            var path = Called(block.Path);
            foreach (var (node, name) in child.Gives)
                frame.Name(
                    node,
                    names.Give(
                        step,
                        last.GetValueOrDefault(node, step),
                        child.Gives.Count == 1 ? path : $"{path}_{name}"
                    )
                );
            var shapes = string.Join(", ", child.Gives.Map(g => $"[{string.Join(", ", g.Node.Shape.Dimensions)}]"));
            return $"{string.Join(", ", child.Gives.Map(g => frame[g.Node]))} = {Owned.Reference(block.Path, "_modules")}({taken})  # {shapes}";
        }
    }

    // What parts have taken already.
    private readonly HashSet<string> claimed = [];

    private (string Name, bool IsNew) Class(Many<string> path, string text)
    {
        if (classes.Find(c => c.Text == text) is { Name: { } known } same)
        {
            same.Paths.Add(string.Join('.', path));
            return (known, false);
        }
        var name = string.Concat(path.Map(Capital));
        name = name.Length == 0 || !char.IsLetter(name[0]) ? $"Part{name}" : name;
        while (!classNames.Add(name) || Library.Defines(name))
            name += "_";
        classes.Add((name, [string.Join('.', path)], text));
        return (name, true);
    }

    private static string Capital(string segment)
    {
        var plain = Python.Variable(segment).Trim('_');
        return plain.Length == 0 ? "_"
            : char.IsDigit(plain[0]) ? $"_{plain}"
            : $"{char.ToUpperInvariant(plain[0])}{plain[1..]}";
    }

    private static string Docs(List<string> paths) =>
        paths.Count < 4 ? string.Join(", ", paths) : $"{paths[0]}, {paths[1]}, ... {paths[^1]}";

    private Many<Node> InputNodes() => graph.Inputs.Map(i => new Node(i));

    private Many<Node> Given(NodeSet inside, Many<Node> nodes)
    {
        var seen = new HashSet<object>();
        return nodes
            .Bind(views.Operands)
            .Filter(o => (o.Operation is Input || (!Views.IsLeaf(o) && !inside.Contains(o))) && seen.Add(Views.Key(o)));
    }

    private static string Argument(Node node, int count) =>
        node.Operation is Input input ? input.Name.Replace('.', '_')
        : count == 1 ? "x"
        : string.Join('_', Blocks.PathOf(node)) is { Length: > 0 } path ? path
        : Names.Word(node.Operation);

    private Many<Parameter> OwnParameters(Many<string> prefix)
    {
        var path = prefix.IsEmpty ? "" : $"{string.Join('.', prefix)}.";
        return graph.Parameters.Filter(p => p.Path.StartsWith(path, StringComparison.Ordinal));
    }

    private static Many<string> Below(Many<string> prefix, string path) => [.. path.Split('.').Skip(prefix.Count)];

    // The same for all samples may have been computed once.
    private string Result(Node node, Frame frame)
    {
        var batched = node.Shape.Has(Axis.Batch) && !DependsOnInputs(node) && !graph.Inputs.IsEmpty;
        return batched
            ? $"{frame[node]}.expand(len({frame[new Node(graph.Inputs.Head)]}){string.Concat(Enumerable.Repeat(", -1", node.Shape.Axes.Count - 1))})"
            : frame[node];
    }

    private static bool DependsOnInputs(Node node) => node.Operation is Input || node.Operands.Exists(DependsOnInputs);

    /// <summary>The steps that depend on the module's weights alone, then the others.</summary>
    private (Many<Block> Blocks, int Fixed) FixedFirst(Many<string> prefix, Many<Block> ordered)
    {
        var own = prefix.IsEmpty ? "" : $"{string.Join('.', prefix)}.";
        var settled = new NodeSet(ReferenceEqualityComparer.Instance);
        foreach (var block in ordered)
            if (!block.IsModule && block.Nodes[0].Operation.IsPure && views.Operands(block.Nodes[0]).ForAll(IsSettled))
                settled.Add(block.Nodes[0]);
        return (ordered.Filter(IsFixed) + ordered.Filter(b => !IsFixed(b)), settled.Count);

        bool IsFixed(Block block) => !block.IsModule && settled.Contains(block.Nodes[0]);

        bool IsSettled(Node node) =>
            settled.Contains(node)
            || (
                node.Operation is Parameter p
                    ? p.Path.StartsWith(own, StringComparison.Ordinal)
                    : Views.IsLeaf(node) && node.Operation is not Input
            );
    }
}
