namespace Cmsa.Data;

/// <summary>What phrases and expressions mean in a scene.</summary>
public static class Denotation
{
    /// <summary>
    /// The part of the scene that the expression names; no part where it names nothing, or leaves open which.
    /// </summary>
    public static Regions Of(Scene scene, SceneExpression expression) =>
        expression switch
        {
            SceneExpression.One(var phrase) => Of(scene, phrase) is { Count: 1 } one ? one : Regions.None,
            SceneExpression.Many(var phrase) => Of(scene, phrase) is { Count: > 1 } many ? many : Regions.None,
            SceneExpression.Behind(var ground) => Bands(scene, ground) is { Count: 1 } one ? one : Regions.None,
            _ => Regions.None,
        };

    /// <summary>
    /// The things that the phrase describes. A relation to a landmark that is not exactly one thing describes nothing.
    /// </summary>
    public static Regions Of(Scene scene, Phrase phrase) =>
        phrase switch
        {
            Phrase.Noun(null) => Regions.Things(scene.Things.Count),
            Phrase.Noun(var outline) => Those(scene, outline, static (thing, o) => thing.Kind.Outline == o),
            Phrase.Painted(var paint, var of) => Of(scene, of)
                & Those(scene, paint, static (thing, p) => thing.Kind.Paint == p),
            Phrase.Sized(var bulk, var of) => Of(scene, of)
                & Those(scene, bulk, static (thing, b) => thing.Kind.Bulk == b),
            Phrase.Outstanding(var extreme, var count, var of) => Outstanding(scene, Of(scene, of), extreme, count),
            Phrase.Related(var of, var relation, var landmark) => Of(scene, landmark) is { Count: 1 } mark
                ? (Of(scene, of) - mark)
                    & Those(
                        scene,
                        (relation, mark: scene.Things[mark.First]),
                        static (thing, to) => to.relation.Holds(thing, to.mark)
                    )
                : Regions.None,
            _ => Regions.None,
        };

    private static Regions Outstanding(Scene scene, Regions among, Extreme extreme, int count) =>
        Those(
            scene,
            (scene, among, extreme, count),
            static (thing, at) =>
                Those(at.scene, (thing, at.extreme), static (other, here) => here.extreme.Beyond(other, here.thing))
                    is var beyond
                && (beyond & at.among).Count < at.count
        ) & among;

    private static Regions Bands(Scene scene, Ground? ground) =>
        scene
            .Backdrop.Select((band, i) => ground is null || band.Ground == ground ? Regions.Band(i) : Regions.None)
            .Aggregate(Regions.None, (all, one) => all | one);

    private static Regions Those<T>(Scene scene, T given, Func<Thing, T, bool> are)
    {
        var bits = 0u;
        for (var i = 0; i < scene.Things.Count; i++)
            bits |= are(scene.Things[i], given) ? 1u << i : 0;
        return new(bits);
    }
}
