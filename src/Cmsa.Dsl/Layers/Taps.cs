using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Layers;

/// <summary>One stage of a backbone.</summary>
/// <param name="Label">The name its parameters stand under.</param>
/// <param name="Body">What it does.</param>
/// <param name="Tap">The name of the level that its result is; empty where only the next stage gets it.</param>
public sealed record Stage(string Label, Layer<FeatureMap, FeatureMap> Body, string Tap = "");

/// <summary>The stages of a backbone one after the other, giving out the results of those that are tapped.</summary>
/// <param name="Stages">The stages.</param>
public sealed record Taps(Many<Stage> Stages) : Layer<FeatureMap, Levels<FeatureMap>>, IStages
{
    private static readonly Error untapped = Error.Misfit(
        "a backbone that taps no stage",
        "at least one level",
        "give a stage a Tap"
    );

    /// <inheritdoc/>
    public override Many<Layer> Parts => Stages.Map(s => (Layer)s.Body);

    /// <inheritdoc/>
    public override Layer With(Many<Layer> parts) =>
        new Taps(Stages.Zip(parts, (s, p) => s with { Body = (Layer<FeatureMap, FeatureMap>)p }));

    internal override Placing PlaceOf(int part) => new Placing.Named(Stages[part].Label);

    /// <inheritdoc/>
    Many<(string Label, string Tap)> IStages.Names => Stages.Map(s => (s.Label, s.Tap));

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope)
    {
        var results = new List<Signal>();
        for (var i = 0; i < Stages.Count; i++)
            results.Add(scope.Run(i, i == 0 ? input : results[^1]));
        var levels = Stages
            .Zip(results.ToMany(), (s, result) => (Name: s.Tap, Signal: result))
            .Filter(l => l.Name.Length > 0);
        return new Signal.Levels(levels.IsEmpty ? [("none", (Signal)input.Node.With(untapped))] : levels);
    }
}

/// <summary>A picture as the feature map that a backbone starts from: <c>[3, row, column]</c>.</summary>
public sealed record PixelMap : Layer<Image, FeatureMap>
{
    /// <inheritdoc/>
    public override Appearance Appearance => Appearance.Hidden;

    /// <inheritdoc/>
    protected internal override Signal Elaborate(Signal input, Scope scope) => input;
}

public static partial class Syntax
{
    /// <inheritdoc cref="Layers.PixelMap"/>
    public static Layer<Image, FeatureMap> Pixels { get; } = new PixelMap();
}
