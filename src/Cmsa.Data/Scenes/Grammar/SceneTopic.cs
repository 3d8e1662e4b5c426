using Cmsa.Data.Scenes.World;

namespace Cmsa.Data.Scenes.Grammar;

/// <summary>The kind of an expression, by the strongest means that it uses.</summary>
internal enum SceneTopic
{
    /// <summary>Only shape, colour and size.</summary>
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
internal static class SceneTopics
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
