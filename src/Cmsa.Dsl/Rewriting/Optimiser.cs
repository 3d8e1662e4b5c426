using Cmsa.Dsl.Programs;
using Cmsa.Dsl.Rewriting.Rules;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting;

/// <summary>Applies rules until nothing changes.</summary>
public static class Optimiser
{
    /// <summary>The rules of a level, in the order in which they are tried.</summary>
    public static Many<Rule> Rules(Effort effort, bool training) => effort switch
    {
        Effort.AsWritten => [],
        Effort.Fused => [FuseAttention.Rule],
        _ => [FuseAttention.Rule, FuseBias.Rule],
    };

    /// <summary>The program rewritten with all rules of a level.</summary>
    /// <param name="program">The program; it stays as it is.</param>
    /// <param name="effort">Which rules.</param>
    /// <param name="training">Whether it is to be trained, so that what holds at inference alone is left out.</param>
    public static Program Optimise(Program program, Effort effort, bool training) => Optimise(program, Rules(effort, training));

    /// <summary>The program rewritten with some rules until none matches.</summary>
    public static Program Optimise(Program program, Many<Rule> rules) => rules.IsEmpty ? program : program.Rewrite(value => Step(value, rules));

    private static Value Step(Value value, Many<Rule> rules) =>
        rules.Choose(rule => rule.Apply(value)).HeadOrNone().Match(better => Step(better.Replacing(value), rules), () => value);
}
