using System.Text;
using Cmsa.Dsl.Graphs;
using NodeSet = System.Collections.Generic.HashSet<Cmsa.Dsl.Graphs.Node>;

namespace Cmsa.Dsl.PyTorch;

/// <summary>A module as Python.</summary>
/// <param name="Text">Its class, below the documentation.</param>
/// <param name="Given">The values that its forward takes.</param>
/// <param name="Gives">The values that it returns, with their names inside.</param>
internal sealed record WrittenModule(string Text, Many<Node> Given, Many<(Node Node, string Name)> Gives);

/// <summary>Writes one module: its constructor, what it folds, and its forward pass.</summary>
internal sealed class ModuleWriter
{
    private readonly Modules all;
    private readonly Many<string> path;
    private readonly bool isModel;
    private readonly Frame frame;
    private readonly Names names = new();
    private readonly Owned owned = new();
    private readonly Many<Block> steps;
    private readonly int folded;
    private readonly Many<Node> given;
    private readonly Many<Node> gives;
    private readonly Many<Node> kept;
    private readonly Dictionary<object, int> last = [];

    /// <param name="all">All modules of the file.</param>
    /// <param name="path">The module's path; that of the model is empty.</param>
    /// <param name="nodes">Its values.</param>
    public ModuleWriter(Modules all, Many<string> path, Many<Node> nodes)
    {
        (this.all, this.path, isModel, frame) = (all, path, path.IsEmpty, new Frame(all.Views));
        var ordered = all.Blocks.Of(path, nodes);
        (steps, folded) = all.Folds ? FixedFirst(ordered) : (ordered, 0);
        given = isModel ? all.Graph.Inputs.Map(i => new Node(i)) : Given(nodes);
        gives = isModel ? all.Graph.Returned : all.UsedOutside(nodes);

        foreach (var (step, block) in steps.Index())
            foreach (var used in Uses(block))
                last[Views.Key(used)] = step;
        foreach (var result in gives.Bind(all.Views.Seen))
            last[Views.Key(result)] = int.MaxValue;
        kept = steps.Take(folded).Bind(b => b.Nodes).Filter(n => last.GetValueOrDefault(n, -1) >= folded);
        foreach (var node in kept)
            last[node] = int.MaxValue;
    }

    /// <summary>The module.</summary>
    public WrittenModule Write()
    {
        var own = all.ParametersBelow(path);
        foreach (var parameter in own)
            frame.Name(new Node(parameter), Owned.Reference(Below(parameter), parameter));
        foreach (var node in given)
            frame.Name(node, names.Give(-1, last.GetValueOrDefault(Views.Key(node), 0), Argument(node)));
        var arguments = given.Map(n => frame[n]);

        var lines = steps.Index().Select(s => s.Item.IsModule ? Call(s.Item, s.Index) : Line(s.Item, s.Index)).ToMany();
        // Parts have taken theirs.
        foreach (var parameter in all.Claim(own))
            owned.Add(Below(parameter), parameter);

        var text = new StringBuilder();
        Constructor(text, own);
        const string said = "\"\"\"What depends on the weights alone.\"\"\"";
        if (!kept.IsEmpty)
            Method(text, "fold", [], [said, .. lines.Take(folded), $"return {List(kept)}"]);
        Many<string> checks = isModel ? all.Graph.Inputs.Map(Check) : [];
        Many<string> unfold = kept.IsEmpty ? [] : [$"{List(kept)} = self.folded()"];
        Method(text, "forward", arguments, checks + unfold + Returning(lines.Skip(folded).ToMany()));
        return new WrittenModule($"{text}".TrimEnd('\n'), given, gives.Map(n => (n, frame[n])));
    }

    private void Constructor(StringBuilder text, Many<Parameter> own)
    {
        var order = own.Map(p => Below(p)[0]);
        var made = owned.Lines(name => order.IndexOf(name) is var at and >= 0 ? at : int.MaxValue);
        var buffers = frame.Buffers.Select(b => $"self.register_buffer(\"{b.Name}\", {b.Value}, persistent=False)");
        Many<string> moved = isModel ? ["self.to(device=device, dtype=dtype)"] : [];
        Many<string> arguments = isModel ? ["dtype=torch.float32", "device=None"] : [];
        Method(text, "__init__", arguments, ["super().__init__()", .. made, .. buffers, .. moved]);
    }

    private static void Method(StringBuilder text, string name, Many<string> arguments, Many<string> lines)
    {
        text.Append($"\n    def {name}(self{string.Concat(arguments.Map(a => $", {a}"))}):\n");
        foreach (var line in lines)
            text.Append($"        {line}\n");
    }

    private Many<string> Returning(Many<string> lines)
    {
        var result = string.Join(", ", gives.Map(n => isModel ? Result(n) : frame[n]));
        // What is returned at once needs no name.
        return !lines.IsEmpty && lines[^1].StartsWith($"{result} = ", StringComparison.Ordinal)
            ? [.. lines.SkipLast(1), $"return {lines[^1][(result.Length + 3)..]}"]
            : lines.Add($"return {result}");
    }

    private string Check(Input input)
    {
        var name = frame[new Node(input)];
        return $"expect({Python.Text(name)}, {name}{string.Concat(input.Of.Dimensions.Tail.Map(d => $", {d.Size}"))})";
    }

    private string List(Many<Node> nodes) =>
        $"{string.Join(", ", nodes.Map(n => frame[n]))}{(nodes.Count == 1 ? "," : "")}";

    private string Line(Block block, int step)
    {
        var node = block.Nodes[0];
        var expression = Emitters.Of(node, frame);
        var at = Called(block.Path);
        var named = string.Join('_', new[] { at, Names.Weight(node) }.Where(s => s.Length > 0));
        var word = Names.Word(node.Operation);
        var continued = named.Length == 0 ? Continued(node) : "";
        var name = names.Give(step, LastUse(node, step), named, continued, at.Length > 0 ? $"{at}_{word}" : word);
        frame.Name(node, name);
        var layer = block.Path.IsEmpty ? "" : $"{string.Join('.', block.Path)} ";
        return $"{name} = {expression}  # {layer}{Sizes(node)}";
    }

    // The variable that a value takes a step further.
    private string Continued(Node node)
    {
        if (!Names.Continues(node))
            return "";
        var first = all.Views.Operands(node).Find(o => !Views.IsLeaf(o) || o.Operation is Input);
        return first.Map(o => frame[o]).Filter(Python.IsIdentifier).IfNone("");
    }

    private string Call(Block block, int step)
    {
        var (className, child) = all.Written(path + block.Path, block.Nodes);
        owned.Add(block.Path, className);
        var arguments = string.Join(", ", child.Given.Map(n => frame[n]));
        var at = Called(block.Path);
        foreach (var (node, name) in child.Gives)
            frame.Name(node, names.Give(step, LastUse(node, step), child.Gives.Count == 1 ? at : $"{at}_{name}"));
        var results = string.Join(", ", child.Gives.Map(g => frame[g.Node]));
        var sizes = string.Join(", ", child.Gives.Map(g => Sizes(g.Node)));
        return $"{results} = {Owned.Reference(block.Path, "_modules")}({arguments})  # {sizes}";
    }

    private int LastUse(Node node, int step) => last.GetValueOrDefault(node, step);

    // A number says nothing without what it counts.
    private string Called(Many<string> below) =>
        string.Join('_', below is [[>= '0' and <= '9', ..], ..] && !path.IsEmpty ? [path[^1], .. below] : below);

    private static string Sizes(Node node) => $"[{string.Join(", ", node.Shape.Dimensions)}]";

    private Many<string> Below(Parameter parameter) => [.. parameter.Path.Split('.').Skip(path.Count)];

    private Many<Node> Uses(Block block) => block.Nodes.Bind(all.Views.Operands);

    private Many<Node> Given(Many<Node> nodes)
    {
        var inside = nodes.ToHashSet<Node>(ReferenceEqualityComparer.Instance);
        var seen = new HashSet<object>();
        return nodes
            .Bind(all.Views.Operands)
            .Filter(o => o.Operation is Input || (!Views.IsLeaf(o) && !inside.Contains(o)))
            .Filter(o => seen.Add(Views.Key(o)));
    }

    private string Argument(Node node) =>
        node.Operation is Input input ? input.Name.Replace('.', '_')
        : given.Count == 1 ? "x"
        : Blocks.PathOf(node) is { IsEmpty: false } layer ? string.Join('_', layer)
        : Names.Word(node.Operation);

    // What is the same for all samples has been computed once.
    private string Result(Node node)
    {
        if (!node.Shape.Has(Axis.Batch) || DependsOnInputs(node) || all.Graph.Inputs.IsEmpty)
            return frame[node];
        var first = frame[new Node(all.Graph.Inputs.Head)];
        return $"{frame[node]}.expand(len({first}){string.Concat(Enumerable.Repeat(", -1", node.Shape.Axes.Count - 1))})";
    }

    private static bool DependsOnInputs(Node result)
    {
        var seen = new NodeSet(ReferenceEqualityComparer.Instance);
        var open = new Stack<Node>([result]);
        while (open.TryPop(out var node))
        {
            if (node.Operation is Input)
                return true;
            if (!seen.Add(node))
                continue;
            foreach (var operand in node.Operands)
                open.Push(operand);
        }
        return false;
    }

    /// <summary>
    /// The steps that depend on the module's own weights alone, then the others, and how many the first are.
    /// </summary>
    private (Many<Block> Steps, int Folded) FixedFirst(Many<Block> ordered)
    {
        var own = all.ParametersBelow(path).Map(p => p.Path).ToHashSet();
        var settled = new NodeSet(ReferenceEqualityComparer.Instance);
        foreach (var block in ordered)
            if (!block.IsModule && block.Nodes[0].Operation.IsPure && Uses(block).ForAll(IsSettled))
                settled.Add(block.Nodes[0]);
        return (ordered.Filter(IsFixed) + ordered.Filter(b => !IsFixed(b)), settled.Count);

        bool IsFixed(Block block) => !block.IsModule && settled.Contains(block.Nodes[0]);

        bool IsSettled(Node node) =>
            node.Operation switch
            {
                Parameter parameter => own.Contains(parameter.Path),
                Input => false,
                _ => settled.Contains(node) || Views.IsLeaf(node),
            };
    }
}
