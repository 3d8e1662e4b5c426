namespace Cmsa.Data;

/// <summary>What kind of expression it is, by the strongest means it uses.</summary>
public enum SceneTopic
{
    /// <summary>Shape, colour and size alone.</summary>
    Attribute,

    /// <summary>A place in the picture.</summary>
    Position,

    /// <summary>A size among others.</summary>
    Comparison,

    /// <summary>Another object.</summary>
    Relation,

    /// <summary>Several objects at once.</summary>
    Group,

    /// <summary>A part of the backdrop.</summary>
    Background,
}

/// <summary>Topics by name.</summary>
public static class SceneTopics
{
    extension(SceneTopic topic)
    {
        /// <summary>Its name, as samples carry it.</summary>
        public string Name =>
            topic switch
            {
                SceneTopic.Attribute => "attribute",
                SceneTopic.Position => "position",
                SceneTopic.Comparison => "comparison",
                SceneTopic.Relation => "relation",
                SceneTopic.Group => "group",
                _ => "background",
            };
    }
}
