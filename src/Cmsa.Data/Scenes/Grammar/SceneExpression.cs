using Cmsa.Data.Scenes.World;

namespace Cmsa.Data.Scenes.Grammar;

/// <summary>A description of things of a scene, independent of its wording.</summary>
internal abstract record Phrase
{
    private Phrase() { }

    /// <summary>
    /// How many meaningful words it has: outlines, paints, bulks, superlatives and their numbers, relations.
    /// </summary>
    public int Weight =>
        this switch
        {
            Noun({ }) => 1,
            Painted(_, var of) => 1 + of.Weight,
            Sized(_, var of) => 1 + of.Weight,
            Outstanding(_, var count, var of) => (count > 1 ? 2 : 1) + of.Weight,
            Related(var of, _, var landmark) => 1 + of.Weight + landmark.Weight,
            _ => 0,
        };

    /// <summary>Things of one outline; all things where it has none.</summary>
    public sealed record Noun(Outline? Outline) : Phrase;

    /// <summary>Those of one paint.</summary>
    public sealed record Painted(Paint Paint, Phrase Of) : Phrase;

    /// <summary>Those of one bulk.</summary>
    public sealed record Sized(Bulk Bulk, Phrase Of) : Phrase;

    /// <summary>The <paramref name="Count"/> most extreme ones, and those that tie with the last of them.</summary>
    public sealed record Outstanding(Extreme Extreme, int Count, Phrase Of) : Phrase;

    /// <summary>Those in a relation to the one thing that <paramref name="Landmark"/> describes.</summary>
    public sealed record Related(Phrase Of, Relation Relation, Phrase Landmark) : Phrase;
}

/// <summary>A referring expression about a scene, independent of its wording.</summary>
internal abstract record SceneExpression
{
    private SceneExpression() { }

    /// <summary>How many meaningful words it has.</summary>
    public int Weight =>
        this switch
        {
            One(var phrase) => phrase.Weight,
            Several(var phrase) => phrase.Weight,
            Behind({ }) => 1,
            _ => 0,
        };

    /// <summary>What kind of expression it is.</summary>
    public SceneTopic Topic =>
        this switch
        {
            One(Phrase.Related) => SceneTopic.Relation,
            One(Phrase.Outstanding(var extreme, _, _)) => extreme.IsPlace ? SceneTopic.Position : SceneTopic.Comparison,
            Several => SceneTopic.Group,
            Behind => SceneTopic.Background,
            _ => SceneTopic.Attribute,
        };

    /// <summary>The one thing that the phrase describes.</summary>
    public sealed record One(Phrase Phrase) : SceneExpression;

    /// <summary>All the things that the phrase describes, at least two.</summary>
    public sealed record Several(Phrase Phrase) : SceneExpression;

    /// <summary>The one band of the backdrop with this ground; the only band where it has no ground.</summary>
    public sealed record Behind(Ground? Ground) : SceneExpression;
}
