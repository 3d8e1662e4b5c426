using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>Where a layer stands while it is elaborated: makes its parameters and runs its parts.</summary>
public sealed record Scope
{
    private readonly Placement placement;
    private readonly Surroundings around;
    private readonly Origin origin;
    private readonly string suffix;
    private readonly List<Trace> ran;

    private Scope(Placement placement, Surroundings around, Origin origin, string suffix, List<Trace> ran) =>
        (this.placement, this.around, this.origin, this.suffix, this.ran) = (placement, around, origin, suffix, ran);

    /// <summary>The scope of a whole model.</summary>
    internal static Scope Of(Placement model) =>
        new(model, Surroundings.None, new Origin(Option<string>.None, "", model.Layer, []), "", []);

    /// <summary>The path of the layer, with the names of its levels.</summary>
    public string Path => Placement.Join(Located(placement.Path, around.Levels), suffix);

    /// <summary>
    /// Whether training leaves the layer as it is: a layer with running statistics uses them and leaves them alone.
    /// </summary>
    public bool IsFrozen => around.IsFrozen;

    /// <summary>A scope below this one, for a layer that has several groups of parameters.</summary>
    public Scope Below(string segment) => new(placement, around, origin, Placement.Join(suffix, segment), ran);

    /// <summary>The same scope with all parameters fixed.</summary>
    internal Scope Frozen() => Within(around with { IsFrozen = true });

    /// <summary>The same scope with another initial value of all weights, unless a part says otherwise.</summary>
    internal Scope InitializedBy(Initializer initializer) => Within(around with { Initializer = initializer });

    /// <summary>The same scope with parameters kept in float32 where the model's precision is lower.</summary>
    internal Scope InFloat32() => Within(around with { InFloat32 = true });

    private Scope Within(Surroundings other) => new(placement, other, origin, suffix, ran);

    /// <summary>What the layer that stands here did.</summary>
    internal Trace Trace(Signal input, Signal output) => new(placement.Layer, Path, input, output, [.. ran]);

    /// <summary>
    /// A parameter of the layer. Each has a name of its own in its layer; a name used twice is an error, since both
    /// would be one tensor.
    /// </summary>
    /// <param name="name">Its own name, the last segment of its path.</param>
    /// <param name="start">
    /// Its value before training; that of <c>InitializedBy</c> around the layer goes before it, for weights.
    /// </param>
    /// <param name="role">What training does with it.</param>
    /// <param name="dimensions">Its shape.</param>
    public Node Parameter(string name, Initializer start, Role role, params Dimension[] dimensions)
    {
        var path = Placement.Join(Path, name);
        var isWeight = role is Role.Weight or Role.Embedding;
        var initial = isWeight ? around.Initializer.IfNone(start) : start;
        var trained = around.IsFrozen && role != Role.Statistic ? Role.Frozen : role;
        var node = new Node(
            new Parameter(path, new Shape(dimensions), initial, trained) { InFloat32 = around.InFloat32 }
        );
        var problem = Names.Problem(name) || around.Ledger.Claim(path, placement.Layer, origin, ran);
        return problem.Match(error => node.With(error), () => node);
    }

    /// <summary>
    /// A linear map of the channels with a bias: parameters <c>weight [out, in]</c> and <c>bias [channel]</c>.
    /// </summary>
    /// <param name="x">What is mapped.</param>
    /// <param name="channels">How many channels it is mapped to.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="start">The weight's initial value; <see cref="Initializer.Xavier"/> if absent.</param>
    public Node Linear(Node x, int channels, bool bias = true, Initializer? start = null)
    {
        var weight = Parameter(
            "weight",
            start ?? new Initializer.Xavier(),
            Role.Weight,
            new(Axis.Out, channels),
            new(Axis.In, x.Shape[Axis.Channel])
        );
        var mapped = x.Linear(weight);
        return bias
            ? mapped + Parameter("bias", new Initializer.Fill(0), Role.Bias, new Dimension(Axis.Channel, channels))
            : mapped;
    }

    /// <summary>
    /// A value that the compiled module can hand out as <c>path.label</c>. Where one layer is run several times, the
    /// later runs are numbered from 2 on; two layers that give one name are an error.
    /// </summary>
    /// <param name="value">The value.</param>
    /// <param name="label">The last segment of the probe's name.</param>
    public Node Probed(Node value, string label)
    {
        if (Names.Problem(label).Case is Error wrong)
            return value.With(wrong);
        return around
            .Ledger.Show(Placement.Join(Path, label), placement.Layer, origin)
            .Match(Left: problem => value.With(problem), Right: name => value.Probed(name));
    }

    /// <summary>
    /// Runs a part of the layer. Run several times, it is the same part each time, with the same weights.
    /// </summary>
    /// <param name="part">Which one of <see cref="Layer.Parts"/>.</param>
    /// <param name="input">Its argument.</param>
    public Signal Run(int part, Signal input) => Run(part, input, around.Levels);

    /// <summary>Runs a part of the layer for one level of a backbone.</summary>
    public Signal RunLevel(int part, string level, Signal input) => Run(part, input, around.Levels.Add(level));

    private Signal Run(int part, Signal input, Many<string> levels)
    {
        input.Locate(Path);
        var placed = placement.Parts[part];
        var from = placement.Layer.PlaceOf(part) switch
        {
            Placing.Named => new Origin(origin.Root, Located(placed.Path, levels), placed.Layer, []),
            Placing.Root(var path) => new Origin(path, path, placed.Layer, []),
            _ => origin with { Route = origin.Route.Add(part) },
        };
        var scope = new Scope(placed, around with { Levels = levels }, from, "", []);
        var output = scope.Elaborate(input);
        ran.Add(scope.Trace(input, output));
        return output;
    }

    /// <summary>
    /// What the layer of this scope makes of its argument; a result that is not of the layer's kind is noted on it.
    /// </summary>
    /// <exception cref="ElaborationException">
    /// The layer's <c>Elaborate</c> threw; it carries the layer's path, and what was thrown.
    /// </exception>
    internal Signal Elaborate(Signal input)
    {
        var output = KindCheck.Of(Made(input), placement.Layer.Out, KindCheck.Carried(input, placement.Layer.In));
        output.Locate(Path);
        return output;
    }

    private Signal Made(Signal input)
    {
        try
        {
            return placement.Layer.Elaborate(input, this);
        }
        catch (Exception thrown) when (thrown is not ElaborationException)
        {
            throw new ElaborationException(placement.Layer, Path, thrown);
        }
    }

    private static string Located(string path, Many<string> levels)
    {
        foreach (var level in levels)
        {
            var at = path.IndexOf(Placement.AnyLevel, StringComparison.Ordinal);
            if (at >= 0)
                path = path[..at] + level + path[(at + 1)..];
        }
        return path;
    }
}
