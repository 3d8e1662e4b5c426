using Cmsa.Data.Scenes.World;

namespace Cmsa.Data.Scenes.Grammar;

/// <summary>The meaning of phrases and expressions: which parts of a scene they name.</summary>
internal static class Denotation
{
    /// <summary>
    /// The part of the scene that the expression names; none where it names nothing, or is ambiguous.
    /// </summary>
    public static SceneParts Of(Scene scene, SceneExpression expression) =>
        expression switch
        {
            SceneExpression.One(var phrase) => Of(scene, phrase) is { Count: 1 } one ? one : SceneParts.None,
            SceneExpression.Several(var phrase) => Of(scene, phrase) is { Count: > 1 } many ? many : SceneParts.None,
            SceneExpression.Behind(var ground) => Bands(scene, ground) is { Count: 1 } one ? one : SceneParts.None,
            _ => SceneParts.None,
        };

    /// <summary>
    /// The things that the phrase describes. Where a landmark is not exactly one thing, the phrase describes nothing.
    /// </summary>
    public static SceneParts Of(Scene scene, Phrase phrase) =>
        phrase switch
        {
            Phrase.Noun(null) => SceneParts.Things(scene.Things.Count),
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
                : SceneParts.None,
            _ => SceneParts.None,
        };

    private static SceneParts Outstanding(Scene scene, SceneParts among, Extreme extreme, int count) =>
        Those(
            scene,
            (scene, among, extreme, count),
            static (thing, at) =>
            {
                var beyond = Those(
                    at.scene,
                    (thing, at.extreme),
                    static (other, to) => to.extreme.Beyond(other, to.thing)
                );
                return (beyond & at.among).Count < at.count;
            }
        ) & among;

    private static SceneParts Bands(Scene scene, Ground? ground) =>
        scene
            .Backdrop.Select(
                (band, i) => ground is null || band.Ground == ground ? SceneParts.Band(i) : SceneParts.None
            )
            .Aggregate(SceneParts.None, (all, one) => all | one);

    private static SceneParts Those<T>(Scene scene, T given, Func<Thing, T, bool> are)
    {
        var bits = 0u;
        for (var i = 0; i < scene.Things.Count; i++)
            bits |= are(scene.Things[i], given) ? 1u << i : 0;
        return new(bits);
    }
}
