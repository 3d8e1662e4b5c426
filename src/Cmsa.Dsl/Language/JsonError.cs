namespace Cmsa.Dsl;

/// <summary>Why some JSON is no layer.</summary>
/// <param name="Where">The place, as a path from the root: <c>$.steps[2].channels</c>; of a mistake in the syntax, the line: <c>line 12</c>.</param>
/// <param name="What">What is wrong there.</param>
/// <param name="Hint">What to write instead; empty where nothing is known to help.</param>
public sealed record JsonError(string Where, string What, string Hint = "")
{
    /// <summary>One line: where, what, hint.</summary>
    public override string ToString() => Hint.Length == 0 ? $"{Where}: {What}" : $"{Where}: {What}; {Hint}";
}
