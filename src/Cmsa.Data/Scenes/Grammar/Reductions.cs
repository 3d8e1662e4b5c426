namespace Cmsa.Data;

/// <summary>
/// What is left of an expression when one of its words is taken away: an attribute, a superlative or its number, a
/// relation with its landmark, or the noun, for which "thing" remains; at the top or inside a landmark.
/// </summary>
public static class Reductions
{
    /// <summary>Every expression with one word less.</summary>
    public static IEnumerable<SceneExpression> Of(SceneExpression expression) =>
        expression switch
        {
            SceneExpression.One(var phrase) => Of(phrase).Select(less => new SceneExpression.One(less)),
            SceneExpression.Many(var phrase) => Of(phrase).Select(less => new SceneExpression.Many(less)),
            SceneExpression.Behind({ }) => [new SceneExpression.Behind(null)],
            _ => [],
        };

    /// <summary>Every phrase with one word less.</summary>
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

    /// <summary>
    /// Whether the expression names exactly this part of the scene, and none of its words could be left out.
    /// </summary>
    public static bool IsSharp(Scene scene, SceneExpression expression, Regions referent) =>
        Denotation.Of(scene, expression) == referent
        && Of(expression).All(less => Denotation.Of(scene, less) != referent);
}
