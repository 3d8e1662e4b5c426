using Cmsa.Data.Scenes.World;

namespace Cmsa.Data.Scenes.Grammar;

/// <summary>What an expression should be like, decided before there is a scene for it.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Voice">Its voice.</param>
/// <param name="Least">How many meaningful words it must have, at least.</param>
/// <param name="Things">Whether "thing" may replace a noun.</param>
internal sealed record Wish(SceneTopic Topic, Voice Voice, int Least, bool Things)
{
    private const int Thingly = 50;

    /// <summary>A random wish in the shares of a dialect.</summary>
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

    /// <summary>Whether the expression is long enough.</summary>
    public bool IsMetBy(SceneExpression expression) => expression.Weight >= Least;

    /// <summary>Whether it can be met without knowing where things are.</summary>
    public bool IsOfLooks(Dialect dialect) =>
        Topic is SceneTopic.Attribute or SceneTopic.Comparison
        || (Topic is SceneTopic.Relation && !dialect.Relations.Exists(one => one.IsPlace));

    // The lengths to choose from: without them, long expressions would be rare.
    private static Many<int> Lengths(SceneTopic topic) =>
        topic switch
        {
            SceneTopic.Attribute => [1, 1, 1, 1, 2, 2, 3],
            SceneTopic.Position => [1, 1, 1, 2, 2, 3],
            SceneTopic.Comparison => [1, 1, 1, 2, 2, 3],
            SceneTopic.Relation => [1, 2, 2, 3, 3, 4],
            SceneTopic.Group => [1, 2, 2, 3],
            _ => [1],
        };
}
