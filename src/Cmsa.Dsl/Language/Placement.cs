using LanguageExt;
using Used = System.Collections.Immutable.ImmutableHashSet<string>;

namespace Cmsa.Dsl;

/// <summary>How the name of a part comes about.</summary>
public abstract record Placing
{
    private Placing() { }

    /// <summary>The part stands where the whole stands.</summary>
    public static Placing Transparent { get; } = new Within();

    /// <summary>The part stands where the whole stands.</summary>
    public sealed record Within : Placing;

    /// <summary>The part stands under a name.</summary>
    public sealed record Named(string Segment) : Placing;

    /// <summary>The part stands under the name of its level, known when a backbone has said which there are.</summary>
    public sealed record PerLevel(string Pattern) : Placing;

    /// <summary>The part stands at the root, wherever the whole stands: all parts under this name are one.</summary>
    public sealed record Root(string Path) : Placing;
}

/// <summary>
/// A layer and where it stands. Paths follow from the model alone, before any size is known; a part that is repeated
/// for each level has <c>*</c> in the place of the level's name.
/// </summary>
/// <param name="Layer">The layer.</param>
/// <param name="Path">Its path: segments joined by dots; empty for the model itself.</param>
/// <param name="Parts">Its parts.</param>
public sealed record Placement(Layer Layer, string Path, Many<Placement> Parts)
{
    /// <summary>The name of a level that is not known yet.</summary>
    public const string AnyLevel = "*";

    /// <summary>
    /// A model and all its parts, each with its path. A name that an author gave stands as it is; the names that layers
    /// have of themselves are numbered from the second on where they would stand twice in one place: conv, conv_2.
    /// </summary>
    public static Placement Of(Layer model) => Place(model, new("", ""), Placing.Transparent, Used.Empty).Placed;

    /// <summary>This layer and all below it, outermost first.</summary>
    public Many<Placement> All => [this, .. Parts.Bind(p => p.All)];

    /// <summary>
    /// A path, and the same with * for every level: what one level has in the place of another's layer is numbered as
    /// that would be.
    /// </summary>
    private readonly record struct Standing(string Path, string Key)
    {
        public Standing Below(string segment) => new(Join(Path, segment), Join(Key, segment));
    }

    private static (Placement Placed, Used Used) Place(Layer layer, Standing scope, Placing placing, Used used)
    {
        switch (placing)
        {
            case Placing.PerLevel(var level):
                var place = new Standing(Join(scope.Path, level), Join(scope.Key, AnyLevel));
                return Place(layer, place, Placing.Transparent, used);
            case Placing.Root(var path):
                var (placed, _) = PlaceAt(layer, new(path, path), Used.Empty);
                return (placed, used);
            case Placing.Named(var segment):
                return PlaceNamed(layer, scope.Below(segment), used);
            default:
                return layer.Name.Match(
                    name => PlaceUnder(layer, scope, name, used),
                    () => PlaceAt(layer, scope, used)
                );
        }
    }

    // Below a name that is given again the same names are free as were the first time: equal layers get equal paths.
    private static (Placement Placed, Used Used) PlaceNamed(Layer layer, Standing place, Used used)
    {
        var free = used.Contains(place.Key)
            ? used.Except(used.Where(key => key.StartsWith(place.Key + ".", StringComparison.Ordinal)))
            : used;
        var (placed, after) = PlaceAt(layer, place, free.Add(place.Key));
        return (placed, used.Union(after));
    }

    private static (Placement Placed, Used Used) PlaceUnder(Layer layer, Standing scope, string segment, Used used)
    {
        var place = Enumerable
            .Range(1, int.MaxValue - 1)
            .Select(n => scope.Below(n == 1 ? segment : $"{segment}_{n}"))
            .First(free => !used.Contains(free.Key));
        return PlaceAt(layer, place, used.Add(place.Key));
    }

    private static (Placement Placed, Used Used) PlaceAt(Layer layer, Standing place, Used used)
    {
        Many<Placement> parts = [];
        var names = used;
        foreach (var part in layer.Parts)
        {
            var placing = layer.PlaceOf(parts.Count);
            // The layers of several levels are one another's alternatives: each is named as if the others were not
            // there.
            var (placed, after) = Place(part, place, placing, placing is Placing.PerLevel ? used : names);
            names = placing is Placing.PerLevel ? names.Union(after) : after;
            parts = parts.Add(placed);
        }
        return (new(layer, place.Path, parts), names);
    }

    /// <summary>A path with the name of a level in the first place where it has <see cref="AnyLevel"/>.</summary>
    internal static string InLevel(string path, string level)
    {
        var at = path.IndexOf(AnyLevel, StringComparison.Ordinal);
        return at < 0 ? path : path[..at] + level + path[(at + 1)..];
    }

    /// <summary>Two paths as one.</summary>
    internal static string Join(string scope, string segment) =>
        scope.Length == 0 ? segment
        : segment.Length == 0 ? scope
        : $"{scope}.{segment}";
}
