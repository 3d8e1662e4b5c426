namespace Cmsa.Data;

/// <summary>What a sample is before it is drawn and worded.</summary>
/// <param name="Scene">What the picture shows.</param>
/// <param name="Expression">What is meant.</param>
/// <param name="Voice">How it is said.</param>
/// <param name="Referent">The part of the scene that the expression names.</param>
public sealed record Utterance(Scene Scene, SceneExpression Expression, Voice Voice, Regions Referent)
{
    /// <summary>The expression in English.</summary>
    public string Text => English.Say(Expression, Voice);

    /// <summary>The name of the expression's topic.</summary>
    public string Topic => Expression.Topic.Name;
}
