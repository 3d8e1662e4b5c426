using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Rewriting;

/// <summary>
/// A rule of rewriting: where it matches, a value is replaced by another that is equal for every input and every
/// parameter, gradients included.
/// </summary>
/// <param name="Name">What it is called, in a few words.</param>
/// <param name="Law">The equation that makes it true, as a person would check it.</param>
/// <param name="Apply">The replacement, of the same shape; none where the rule does not match.</param>
public sealed record Rule(string Name, string Law, Func<Node, Option<Node>> Apply)
{
    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
