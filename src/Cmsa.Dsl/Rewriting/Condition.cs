using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Rewriting;

/// <summary>Where rules hold that do not hold everywhere.</summary>
[Flags]
public enum RuleContext
{
    /// <summary>In training and at inference, on any processor.</summary>
    Anywhere = 0,

    /// <summary>At inference alone: dropout is off, and statistics and weights stay as they are.</summary>
    Inference = 1,

    /// <summary>On a CPU alone.</summary>
    Cpu = 2,
}

/// <summary>Why a rule has a condition.</summary>
public enum ConditionKind
{
    /// <summary>Without it the rule would be wrong: another value or another gradient.</summary>
    Soundness,

    /// <summary>
    /// Without it the rule would be right and would not pay: more work, more memory, or it would never end.
    /// </summary>
    Profit,

    /// <summary>It belongs to what the rule looks for, where no pattern can say it.</summary>
    Pattern,
}

/// <summary>A condition of a rule.</summary>
/// <param name="Name">What must hold, in a few words.</param>
/// <param name="Kind">Why.</param>
/// <param name="Holds">Whether it holds for a match.</param>
/// <param name="Refused">
/// A node that this condition alone keeps the rule from; none for a condition of the pattern.
/// </param>
public sealed record Condition(string Name, ConditionKind Kind, Func<Match, bool> Holds, Func<Node>? Refused)
{
    /// <summary>
    /// What every rule requires without saying so: what takes a node's place fits together and has the node's shape.
    /// </summary>
    internal static Condition Fits { get; } = new("the replacement fits", ConditionKind.Soundness, _ => false, null);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
