using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>What an expression shall be like, before there is a scene for it.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Voice">Its voice.</param>
/// <param name="Least">How many words must carry meaning, at least.</param>
/// <param name="Things">Whether "thing" may stand for a noun.</param>
internal sealed record Wish(SceneTopic Topic, Voice Voice, int Least, bool Things)
{
    private const int Thingly = 50;

    /// <summary>A wish that the dialect could have.</summary>
    public static Wish Of(Dialect dialect, SplitMix random)
    {
        var topic = dialect.Topic(random[0]);
        return new(
            topic,
            random[1].Pick(dialect.Voices),
            random[2].Pick(Lengths(topic)),
            random[3].Below(100) < Thingly
        );
    }

    /// <summary>Whether the expression is as long as wished.</summary>
    public bool IsMetBy(SceneExpression expression) => expression.Weight >= Least;

    /// <summary>Whether it can be met without looking where things are.</summary>
    public bool IsOfLooks(Dialect dialect) =>
        Topic is SceneTopic.Attribute or SceneTopic.Comparison
        || (Topic is SceneTopic.Relation && !dialect.Relations.Exists(one => one.IsPlace));

    // A short expression is common and a long one rare unless it is asked for.
    private static Arr<int> Lengths(SceneTopic topic) =>
        topic switch
        {
            SceneTopic.Attribute => Array(1, 1, 1, 1, 2, 2, 3),
            SceneTopic.Position => Array(1, 1, 1, 2, 2, 3),
            SceneTopic.Comparison => Array(1, 1, 1, 2, 2, 3),
            SceneTopic.Relation => Array(1, 2, 2, 3, 3, 4),
            SceneTopic.Group => Array(1, 2, 2, 3),
            _ => Array(1),
        };
}
