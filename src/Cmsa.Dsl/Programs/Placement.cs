using LanguageExt;
using static LanguageExt.Prelude;
using Names = LanguageExt.HashMap<string, int>;

namespace Cmsa.Dsl.Programs;

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
/// A layer and where it stands. Paths follow from the model alone, before any size is known; a part that is repeated for each level has
/// <c>*</c> in the place of the level's name.
/// </summary>
/// <param name="Layer">The layer.</param>
/// <param name="Path">Its path: segments joined by dots; empty for the model itself.</param>
/// <param name="Parts">Its parts.</param>
public sealed record Placement(Layer Layer, string Path, Many<Placement> Parts)
{
    /// <summary>The name of a level that is not known yet.</summary>
    public const string AnyLevel = "*";

    /// <summary>A model and all its parts, each with its path. Names that stand twice in one place are numbered from the second on: conv, conv_2.</summary>
    public static Placement Of(Layer model) => Place(model, "", Placing.Transparent, Names.Empty).Placed;

    /// <summary>This layer and all below it, outermost first.</summary>
    public Many<Placement> All => [this, .. Parts.Bind(p => p.All)];

    private static (Placement Placed, Names Used) Place(Layer layer, string scope, Placing placing, Names used) => placing switch
    {
        Placing.PerLevel(var level) => Place(layer, Join(scope, level), Placing.Transparent, used),
        Placing.Root(var path) => PlaceAt(layer, path, Names.Empty) is var (placed, _) ? (placed, used) : default,
        Placing.Named(var segment) => PlaceUnder(layer, Join(scope, segment), used),
        _ => layer.Name.Match(segment => PlaceUnder(layer, Join(scope, segment), used), () => PlaceAt(layer, scope, used)),
    };

    private static (Placement Placed, Names Used) PlaceUnder(Layer layer, string path, Names used) =>
        used.Find(path).IfNone(0) + 1 is var count
            ? PlaceAt(layer, count == 1 ? path : $"{path}_{count}", used.AddOrUpdate(path, count))
            : default;

    private static (Placement Placed, Names Used) PlaceAt(Layer layer, string path, Names used) =>
        layer.Parts.Fold((Parts: default(Many<Placement>), Used: used), (at, part) =>
            Place(part, path, layer.PlaceOf(at.Parts.Count), at.Used) is var (placed, after) ? (at.Parts.Add(placed), after) : at) is var (parts, names)
            ? (new(layer, path, parts), names)
            : default;

    /// <summary>Two paths as one.</summary>
    internal static string Join(string scope, string segment) => scope.Length == 0 ? segment : segment.Length == 0 ? scope : $"{scope}.{segment}";
}
