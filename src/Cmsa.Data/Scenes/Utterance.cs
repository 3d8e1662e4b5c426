using Cmsa.Data.Scenes.Grammar;
using Cmsa.Data.Scenes.World;

namespace Cmsa.Data.Scenes;

/// <summary>A sample before it is rendered and put into words.</summary>
/// <param name="Scene">What the picture shows.</param>
/// <param name="Expression">The expression's meaning.</param>
/// <param name="Voice">How it is worded.</param>
/// <param name="Referent">The part of the scene that the expression names.</param>
internal sealed record Utterance(Scene Scene, SceneExpression Expression, Voice Voice, SceneParts Referent)
{
    /// <summary>The expression in English.</summary>
    public string Text => English.Say(Expression, Voice);

    /// <summary>The name of the expression's topic.</summary>
    public string Topic => Expression.Topic.Name;
}
