using LanguageExt;

namespace Cmsa.Dsl.Programs;

/// <summary>Something in a model that does not fit, found while its shapes were worked out.</summary>
/// <param name="Found">What was found, with its shapes.</param>
/// <param name="Expected">What would have fitted.</param>
/// <param name="Hint">What to write instead.</param>
public sealed record Problem(string Found, string Expected, string Hint)
{
    /// <summary>One sentence.</summary>
    public override string ToString() => $"{Found}; expected {Expected}; {Hint}";
}

/// <summary>A problem and the layer in which it was found.</summary>
/// <param name="Path">The path of the layer; empty for the model as a whole.</param>
/// <param name="Problem">What does not fit.</param>
public sealed record ShapeError(string Path, Problem Problem)
{
    /// <summary>One line: path, found, expected, hint.</summary>
    public override string ToString() => $"{(Path.Length == 0 ? "model" : Path)}: {Problem}";
}
