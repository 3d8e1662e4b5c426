namespace Cmsa.Dsl.Testing;

/// <summary>
/// Whether a law holds for a layer, and if not, what differed where. It is an FsCheck property too: a test can return
/// it.
/// </summary>
/// <param name="Law">The law, as a sentence.</param>
/// <param name="Broken">Every place where it does not hold, as a sentence.</param>
public sealed record Verdict(string Law, Many<string> Broken)
{
    /// <summary>Whether the law holds.</summary>
    public bool Holds => Broken.IsEmpty;

    /// <summary>Does nothing where the law holds.</summary>
    /// <exception cref="LawBrokenException">The law does not hold.</exception>
    public void Check()
    {
        if (!Holds)
            throw new LawBrokenException($"{this}");
    }

    /// <summary>Both laws.</summary>
    public static Verdict operator &(Verdict left, Verdict right) =>
        new($"{left.Law}; {right.Law}", left.Broken + right.Broken);

    /// <summary>The verdict as a property, labelled with what differed.</summary>
    public Property ToProperty() => Prop.Label(Holds, $"{this}");

    /// <inheritdoc cref="ToProperty"/>
    public static implicit operator Property(Verdict verdict) => verdict.ToProperty();

    /// <summary>The law, and what breaks it.</summary>
    public override string ToString() => Holds ? $"holds: {Law}" : $"broken: {Law}\n  {string.Join("\n  ", Broken)}";
}

/// <summary>A law does not hold.</summary>
public sealed class LawBrokenException : Exception
{
    /// <summary>A law does not hold.</summary>
    public LawBrokenException() { }

    /// <summary>A law does not hold.</summary>
    /// <param name="message">Which, and what differed.</param>
    public LawBrokenException(string message)
        : base(message) { }

    /// <summary>A law does not hold.</summary>
    /// <param name="message">Which, and what differed.</param>
    /// <param name="inner">The cause.</param>
    public LawBrokenException(string message, Exception inner)
        : base(message, inner) { }
}
