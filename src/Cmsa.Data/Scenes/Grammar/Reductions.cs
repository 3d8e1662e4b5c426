using Cmsa.Data.Scenes.World;

namespace Cmsa.Data.Scenes.Grammar;

/// <summary>
/// Expressions without one of their words: an attribute, a superlative or its number, a relation with its landmark, or
/// the noun, which "thing" replaces. The word may be at the top or inside a landmark.
/// </summary>
internal static class Reductions
{
    /// <summary>The expression without one word, for each word.</summary>
    public static IEnumerable<SceneExpression> Of(SceneExpression expression) =>
        expression switch
        {
            SceneExpression.One(var phrase) => Of(phrase).Select(less => new SceneExpression.One(less)),
            SceneExpression.Several(var phrase) => Of(phrase).Select(less => new SceneExpression.Several(less)),
            SceneExpression.Behind({ }) => [new SceneExpression.Behind(null)],
            _ => [],
        };

    /// <summary>The phrase without one word, for each word.</summary>
    public static IEnumerable<Phrase> Of(Phrase phrase) =>
        phrase switch
        {
            Phrase.Noun({ }) => [new Phrase.Noun(null)],
            Phrase.Painted(_, var of) it => [of, .. Of(of).Select(less => it with { Of = less })],
            Phrase.Sized(_, var of) it => [of, .. Of(of).Select(less => it with { Of = less })],
            Phrase.Outstanding(_, var count, var of) it =>
            [
                of,
                .. count > 1 ? [it with { Count = 1 }] : Enumerable.Empty<Phrase>(),
                .. Of(of).Select(less => it with { Of = less }),
            ],
            Phrase.Related(var of, _, var landmark) it =>
            [
                of,
                .. Of(of).Select(less => it with { Of = less }),
                .. Of(landmark).Select(less => it with { Landmark = less }),
            ],
            _ => [],
        };

    /// <summary>Whether the expression names exactly this part of the scene, and every word of it is needed.</summary>
    public static bool IsSharp(Scene scene, SceneExpression expression, SceneParts referent) =>
        Denotation.Of(scene, expression) == referent
        && Of(expression).All(less => Denotation.Of(scene, less) != referent);
}
