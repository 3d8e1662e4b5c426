namespace Cmsa;

/// <summary>
/// Why something cannot be done, in words that a person can act on: what is wrong, where, and what to do.
/// </summary>
/// <param name="What">What is wrong.</param>
/// <param name="Where">The file, the layer's path or the option it is wrong in; empty where that is plain.</param>
/// <param name="Hint">What to do about it; empty where nothing is known to help.</param>
public sealed record Error(string What, string Where = "", string Hint = "")
{
    /// <summary>Something that does not fit, with what would have fitted.</summary>
    /// <param name="found">What was found, with its shapes.</param>
    /// <param name="expected">What would have fitted.</param>
    /// <param name="hint">What to write instead.</param>
    public static Error Misfit(string found, string expected, string hint) =>
        new($"{found}; expected {expected}", "", hint);

    /// <summary>The same error, found at another place.</summary>
    public Error At(string where) => this with { Where = where };

    /// <summary>One line: where, what, and what to do.</summary>
    public override string ToString()
    {
        var where = Where.Length == 0 ? "" : $"{Where}: ";
        var hint = Hint.Length == 0 ? "" : $"; {Hint}";
        return $"{where}{What}{hint}";
    }
}
