using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>The first of a pair.</summary>
public sealed record First<A, B> : Layer<(A, B), A>
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Hidden;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => input.First;
}

/// <summary>The second of a pair.</summary>
public sealed record Second<A, B> : Layer<(A, B), B>
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Hidden;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => input.Second;
}

/// <summary>
/// Gives one signal to every level beside its own: <c>(Levels(x), y)</c> becomes <c>Levels((x, y))</c>.
/// </summary>
public sealed record Distribute<A, B> : Layer<(Levels<A>, B), Levels<(A, B)>>, IDistribute
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Hidden;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        new Signal.Levels(input.First.Named.Map(l => (l.Name, (Signal)new Signal.Pair(l.Signal, input.Second))));
}

/// <summary>A <see cref="Distribute{A, B}"/> of any kinds.</summary>
internal interface IDistribute;

/// <summary>One level of a backbone, by name.</summary>
/// <param name="Level">Its name, such as <c>res5</c>.</param>
public sealed record Pick<A>(string Level) : Layer<Levels<A>, A>
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Wire;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        input
            .Named.Find(l => l.Name == Level)
            .Map(l => l.Signal)
            .IfNone(() => input.Named.Head.Signal.Map(v => v.With(Unknown(input))));

    private Error Unknown(Signal input) =>
        Error.Misfit(
            $"level {Level} of {string.Join(", ", input.Named.Map(l => l.Name))}",
            "a level that the backbone gives",
            "tap it in the backbone, or pick another"
        );
}

/// <summary>
/// A layer on every level, with parameters of its own for each, under the level's name. Written <c>EachLevel(f)</c>.
/// </summary>
/// <param name="Body">What every level gets that is not named below.</param>
/// <param name="Specials">What some levels get in its place, by name.</param>
public sealed record EachLevel<A, B>(Layer<A, B> Body, Many<Special<A, B>> Specials)
    : Layer<Levels<A>, Levels<B>>,
        ILevels
{
    /// <inheritdoc/>
    Layer? ILevels.Specialise(string level) =>
        Specials.Exists(s => s.Level == level) ? null : new EachLevel<A, B>(Body, Specials.Add(new(level, Body)));

    /// <inheritdoc/>
    public override Many<Layer> Parts => [Body, .. Specials.Map(e => e.Body)];

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) =>
        new EachLevel<A, B>(
            (Layer<A, B>)parts[0],
            Specials.Zip(parts.Tail, (e, p) => e with { Body = (Layer<A, B>)p })
        );

    internal override Placing PlaceOf(int part) =>
        new Placing.PerLevel(part == 0 ? Placement.AnyLevel : Specials[part - 1].Level);

    /// <inheritdoc/>
    Layer ILevels.Body => Body;

    /// <inheritdoc/>
    bool ILevels.IsUniform => Specials.IsEmpty;

    // The function EachLevel of a layer of pairs gives one signal to every level; the bare layer of pairs is written
    // with its kinds.
    internal override Written Write(Text text) =>
        Written(Body.In is Kind.Pair ? Text.Kinds(Body.In, Body.Out) : "", text);

    /// <inheritdoc/>
    Written ILevels.WriteDistributed(Text text) => Written("", text);

    private Written Written(string kinds, Text text) =>
        Text.Call(
            $"EachLevel{kinds}",
            [Body.Write(text).Document, .. Specials.Map(s => text.Value((s.Level, s.Body)))]
        );

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var output = new Signal.Levels(input.Named.Map(l => (l.Name, Run(l.Name, l.Signal, scope))));
        return Unmet(input.Named.Map(l => l.Name)).Match(error => output.Map(v => v.With(error)), () => output);
    }

    private Option<Error> Unmet(Many<string> names) =>
        Specials
            .Find(s => !names.Contains(s.Level))
            .Map(special =>
                Error.Misfit(
                    $"a layer for level {special.Level} of {string.Join(", ", names)}",
                    "a level that is there",
                    Nearest.To(special.Level, names).Map(name => $"did you mean {name}?").IfNone("name one of these")
                )
            );

    private Signal Run(string level, Signal input, Scope scope)
    {
        var part = PartFor(level);
        return part == 0 ? scope.RunLevel(0, level, input) : scope.Run(part, input);
    }

    private int PartFor(string level) =>
        Specials.Map((i, e) => (Index: i + 1, e.Level)).Find(e => e.Level == level).Map(e => e.Index).IfNone(0);
}

/// <summary>What one level gets in the place of the others' layer.</summary>
/// <param name="Level">The level's name.</param>
/// <param name="Body">Its layer.</param>
public sealed record Special<A, B>(string Level, Layer<A, B> Body);

/// <summary>
/// Runs a layer for feature maps on the feature map of every word, with the same weights. Written <c>EachWord(f)</c>.
/// </summary>
/// <param name="Body">The layer.</param>
public sealed record EachWord(Layer<FeatureMap, FeatureMap> Body) : Layer<WordMaps, WordMaps>
{
    /// <inheritdoc/>
    public override Many<Layer> Parts => [Body];

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) => new EachWord((Layer<FeatureMap, FeatureMap>)parts[0]);

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) =>
        new Signal.Tensor(scope.Run(0, input.Node).Node, input.Present);
}

/// <summary>A layer whose parts are the stages of a backbone.</summary>
internal interface IStages
{
    /// <summary>The name of each stage, and that of the level that its result is; empty for none.</summary>
    Many<(string Label, string Tap)> Names { get; }
}
