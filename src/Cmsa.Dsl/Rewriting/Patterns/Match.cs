using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting;

/// <summary>What the variables of a pattern are bound to.</summary>
public sealed class Match
{
    private readonly Match? rest;
    private readonly Variable? variable;
    private readonly object? content;

    private Match(Match? rest, Variable? variable, object? content) =>
        (this.rest, this.variable, this.content) = (rest, variable, content);

    /// <summary>No variable is bound.</summary>
    internal static Match Empty { get; } = new(null, null, null);

    /// <summary>The match with one variable more; none where the variable is bound to something else.</summary>
    internal Option<Match> Bind<T>(Variable<T> variable, T content)
        where T : notnull
    {
        if (Find(variable) is not { } known)
            return new Match(this, variable, content);
        var same = known is Node ? ReferenceEquals(known, content) : known.Equals(content);
        return same ? Some(this) : None;
    }

    /// <summary>What a variable is bound to; null where it is not.</summary>
    internal object? Find(Variable sought)
    {
        for (var at = this; at is not null; at = at.rest)
            if (ReferenceEquals(at.variable, sought))
                return at.content;
        return null;
    }
}
