using Cmsa.Dsl.Elaboration;
using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>Where a layer stands while it is elaborated: names its parameters and runs its parts.</summary>
public sealed record Scope
{
    private readonly Placement placement;
    private readonly Many<string> levels;
    private readonly bool frozen;
    private readonly string suffix;
    private readonly List<Trace> ran;

    internal Scope(Placement placement, Many<string> levels, bool frozen)
        : this(placement, levels, frozen, "", []) { }

    private Scope(Placement placement, Many<string> levels, bool frozen, string suffix, List<Trace> ran) =>
        (this.placement, this.levels, this.frozen, this.suffix, this.ran) = (placement, levels, frozen, suffix, ran);

    /// <summary>The path of the layer, with the names of its levels.</summary>
    public string Path =>
        Placement.Join(
            levels.Fold(
                placement.Path,
                (path, level) =>
                    path.IndexOf(Placement.AnyLevel, StringComparison.Ordinal) is var at and >= 0
                        ? path[..at] + level + path[(at + 1)..]
                        : path
            ),
            suffix
        );

    /// <summary>The names of the levels that this layer stands in, outermost first.</summary>
    public Many<string> InLevels => levels;

    /// <summary>A scope below this one, for a layer that has several groups of parameters.</summary>
    public Scope Below(string segment) => new(placement, levels, frozen, Placement.Join(suffix, segment), ran);

    /// <summary>The same scope with all parameters fixed.</summary>
    internal Scope Frozen() => new(placement, levels, true, suffix, ran);

    /// <summary>What the layer that stands here did.</summary>
    internal Trace Trace(Signal input, Signal output) => new(placement.Layer, Path, input, output, [.. ran]);

    /// <summary>A parameter of the layer.</summary>
    /// <param name="name">Its own name, the last segment of its path.</param>
    /// <param name="start">Its value before training.</param>
    /// <param name="role">What training does with it.</param>
    /// <param name="dimensions">Its shape.</param>
    public Node Parameter(string name, Initializer start, Role role, params Dimension[] dimensions) =>
        new(
            new Parameter(
                Placement.Join(Path, name),
                new Shape(dimensions),
                start,
                frozen && role != Role.Statistic ? Role.Frozen : role
            )
        );

    /// <summary>
    /// A linear map of the channels with a bias: parameters <c>weight [out, in]</c> and <c>bias [channel]</c>.
    /// </summary>
    /// <param name="x">What is mapped.</param>
    /// <param name="channels">How many channels it is mapped to.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="start">What the weight starts as; <see cref="Initializer.Xavier"/> if absent.</param>
    public Node Linear(Node x, int channels, bool bias = true, Initializer? start = null)
    {
        var mapped = x.Linear(
            Parameter(
                "weight",
                start ?? new Initializer.Xavier(),
                Role.Weight,
                new(Axis.Out, channels),
                new(Axis.In, x.Shape[Axis.Channel])
            )
        );
        return bias
            ? mapped + Parameter("bias", new Initializer.Fill(0), Role.Bias, new Dimension(Axis.Channel, channels))
            : mapped;
    }

    /// <summary>Runs a part of the layer.</summary>
    /// <param name="part">Which one of <see cref="Layer.Parts"/>.</param>
    /// <param name="input">Its argument.</param>
    public Signal Run(int part, Signal input) => Run(part, input, levels);

    /// <summary>Runs a part of the layer for one level of a backbone.</summary>
    public Signal RunLevel(int part, string level, Signal input) => Run(part, input, levels.Add(level));

    private Signal Run(int part, Signal input, Many<string> inside)
    {
        input.Locate(Path);
        var scope = new Scope(placement.Parts[part], inside, frozen);
        var output = scope.Elaborate(input);
        ran.Add(scope.Trace(input, output));
        return output;
    }

    /// <summary>
    /// What the layer of this scope makes of its argument; a result that is not of the layer's kind is noted on it.
    /// </summary>
    internal Signal Elaborate(Signal input)
    {
        var made = placement.Layer.Elaborate(input, this);
        var output = KindCheck.Of(made, placement.Layer.Out, KindCheck.Carried(input, placement.Layer.In));
        output.Locate(Path);
        return output;
    }
}
