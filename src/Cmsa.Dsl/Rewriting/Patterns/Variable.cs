namespace Cmsa.Dsl.Rewriting;

/// <summary>A name in a rule. What it is bound to is known once a pattern has matched.</summary>
public abstract class Variable
{
    private protected Variable(string name) => Name = name;

    /// <summary>How the pattern is printed with it.</summary>
    public string Name { get; }

    /// <summary>The name.</summary>
    public sealed override string ToString() => Name;
}

/// <summary>A name in a rule for a node, a list of nodes, an operation or whatever else a pattern finds.</summary>
/// <typeparam name="T">What it is bound to.</typeparam>
/// <param name="name">How the pattern is printed with it.</param>
public sealed class Variable<T>(string name) : Variable(name)
    where T : notnull
{
    /// <summary>What the variable is bound to in a match.</summary>
    /// <exception cref="InvalidOperationException">The rule's pattern does not bind it.</exception>
    public T In(Match match) =>
        match.Find(this) is T found ? found : throw new InvalidOperationException($"The pattern binds no {Name}.");
}
