using Cmsa.Dsl.Programs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>Terms of a sum that have the same axes are added first, so that little is added for many.</summary>
public static class RegroupSum
{
    /// <summary>The rule.</summary>
    public static Rule Rule { get; } = new(
        "regroup sum",
        "(x + y) + z = (x + z) + y",
        value => value is { Operation: Add } && value.Addends is { Count: > 2 } addends
                && value.Groups.Sum() is var better && better.Shape == value.Shape && better.Work(addends) < value.Work(addends)
            ? Some(better)
            : None);
}
