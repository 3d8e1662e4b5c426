using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// Which layer a parameter belongs to: the nearest named layer around it, and the way from there to the layer. Two uses
/// of a layer are one layer, and share their weights, where both are equal.
/// </summary>
/// <param name="Root">The path of the <see cref="Shared{A, B}"/> layer around it, if there is one.</param>
/// <param name="Path">Where the nearest named layer stands; empty for the model itself.</param>
/// <param name="Named">The layer that has that name.</param>
/// <param name="Route">The numbers of the parts from there on, outermost first.</param>
internal sealed record Origin(Option<string> Root, string Path, Layer Named, Many<int> Route);

/// <summary>
/// The names given in one elaboration, so that no two layers get one path by accident. Used by one elaboration alone.
/// </summary>
internal sealed class Ledger
{
    private readonly Dictionary<string, Origin> names = [];
    private readonly Dictionary<string, (Layer Layer, Origin Origin, object Run)> parameters = [];
    private readonly Dictionary<string, (Layer Layer, Origin Origin, int Count)> probes = [];

    /// <summary>Takes a path for a parameter.</summary>
    /// <param name="path">The path.</param>
    /// <param name="layer">The layer that makes the parameter.</param>
    /// <param name="origin">Where that layer comes from.</param>
    /// <param name="run">One run of the layer.</param>
    /// <returns>What is wrong with it, if anything.</returns>
    public Option<Error> Claim(string path, Layer layer, Origin origin, object run) =>
        Named(origin) || Parameter(path, layer, origin, run);

    /// <summary>The name of a probe: as it is, or numbered where its layer is run again.</summary>
    public Either<Error, string> Show(string name, Layer layer, Origin origin)
    {
        var isKnown = probes.TryGetValue(name, out var known);
        if (isKnown && !IsOne(known.Origin, origin))
            return Error.Misfit(
                $"two probes {name}, of {Short(known.Layer)} and of {Short(layer)}",
                "one name for each probe",
                "give one of them another label"
            );
        var count = isKnown ? known.Count + 1 : 1;
        probes[name] = (layer, origin, count);
        return count == 1 ? name : $"{name}_{count}";
    }

    private Option<Error> Named(Origin origin)
    {
        if (origin.Path.Length == 0)
            return None;
        if (names.TryAdd(origin.Path, origin))
            return None;
        var known = names[origin.Path];
        if (known.Root != origin.Root)
            return Error.Misfit(
                $"a Named and a Shared layer {origin.Path}",
                "Shared for both, or two names",
                $"write .Shared(\"{origin.Path}\") for both if they share their weights, and another name otherwise"
            );
        return known.Named.Equals(origin.Named)
            ? None
            : Error.Misfit(
                $"two layers named {origin.Path}, {Short(known.Named)} and {Short(origin.Named)}, which are not equal",
                "another name for one of them, or equal layers, which then share their weights",
                "name one of them otherwise"
            );
    }

    private Option<Error> Parameter(string path, Layer layer, Origin origin, object run)
    {
        if (parameters.TryAdd(path, (layer, origin, run)))
            return None;
        var known = parameters[path];
        if (ReferenceEquals(known.Run, run))
            return Error.Misfit(
                $"two parameters {path} in one {Short(layer)}",
                "a name for each",
                "make one of them in another scope: scope.Below(\"second\").Linear(...)"
            );
        if (IsOne(known.Origin, origin))
            return None;
        return Error.Misfit(
            $"a parameter {path} of {Short(known.Layer)} and another of {Short(layer)}",
            "a path for each parameter",
            "write .Named(...) with two names, or .Shared(...) with one path to share the weights"
        );
    }

    private static bool IsOne(Origin left, Origin right) =>
        left.Root == right.Root
        && left.Path == right.Path
        && left.Route == right.Route
        && left.Named.Equals(right.Named);

    private const int LongestText = 40;

    private static string Short(Layer layer) =>
        $"{layer}" is { Length: <= LongestText } text ? text : layer.GetType().Name.Split('`')[0];
}
