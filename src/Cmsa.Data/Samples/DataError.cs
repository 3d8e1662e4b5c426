namespace Cmsa.Data;

/// <summary>Why a sample or a data set cannot be read, in words that a person can act on.</summary>
/// <param name="What">What is wrong.</param>
/// <param name="Where">The file, and the id inside it where there is one.</param>
/// <param name="Hint">What to do about it; empty where nothing can be.</param>
public sealed record DataError(string What, string Where, string Hint = "")
{
    /// <summary>One line: where, what, and what to do.</summary>
    public override string ToString() => Hint.Length == 0 ? $"{Where}: {What}" : $"{Where}: {What}; {Hint}";
}
