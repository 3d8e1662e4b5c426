using System.Runtime.CompilerServices;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting;

/// <summary>
/// A rule of rewriting, as an equation: what it looks for, when, what takes its place, and examples. Where it is
/// applied, a node is
/// replaced by another that is equal for every input and every parameter, gradients included. A replacement that does
/// not fit together,
/// or is of another shape, is refused; so what shapes must be needs no condition.
/// <code>
/// new Rule("fuse bias", map.On(x, W) + b)
///     .Becomes(map.On(x, W, b))
///     .Example(() => Data("x", C(3)).Linear(Weight("W", 2, 3)) + Own("b", C(2)))
/// </code>
/// </summary>
public sealed record Rule
{
    private Many<Step> steps = [];
    private Func<Match, Node> replacement = _ =>
        throw new InvalidOperationException("The rule says nothing of what takes the node's place.");

    // What follows from a match, one after the other: a variable more, or a condition that must hold.
    private abstract record Step
    {
        public sealed record Binds(Func<Match, Option<Match>> With, Condition? Found) : Step;

        public sealed record Requires(Condition Condition) : Step;
    }

    /// <summary>A rule that looks for something.</summary>
    /// <param name="name">What it is called, in a few words.</param>
    /// <param name="pattern">What it looks for.</param>
    public Rule(string name, Pattern pattern) => (Name, Pattern) = (name, pattern);

    /// <summary>What it is called, in a few words.</summary>
    public string Name { get; private init; }

    /// <summary>What it looks for.</summary>
    public Pattern Pattern { get; }

    /// <summary>Where it holds.</summary>
    public RuleContext Context { get; private init; }

    /// <summary>When it is applied.</summary>
    public Many<Condition> Conditions =>
        steps.Choose(s =>
            s switch
            {
                Step.Requires(var condition) => Some(condition),
                Step.Binds(_, { } found) => Some(found),
                _ => None,
            }
        );

    /// <summary>Nodes at which it is applied; the first is printed as its law.</summary>
    public Many<Func<Node>> Examples { get; private init; } = [];

    /// <summary>
    /// Nodes at which it is not applied, though they look alike: what no condition says, but how the rule looks at a
    /// node.
    /// </summary>
    public Many<Func<Node>> LookAlikes { get; private init; } = [];

    /// <summary>The rule at each of its examples, before and after: equations that a person can check.</summary>
    public Many<Law> Laws =>
        Examples.Map(example =>
        {
            var before = example();
            var after = Apply(before)
                .IfNone(() => throw new InvalidOperationException($"{Name} is not applied at its example."));
            return Notation.Equation(before, after);
        });

    /// <summary>The rule at its first example.</summary>
    public Law Law => Laws[0];

    /// <summary>Without this the rule would be wrong.</summary>
    /// <param name="name">What must hold, in a few words.</param>
    /// <param name="holds">Whether it does.</param>
    /// <param name="refused">
    /// A node that this condition alone keeps the rule from, and at which the rule would be wrong.
    /// </param>
    public Rule When(string name, Func<Match, bool> holds, Func<Node> refused) =>
        Require(new(name, ConditionKind.Soundness, holds, refused));

    /// <summary>Without this the rule would not pay.</summary>
    /// <param name="name">What must hold, in a few words.</param>
    /// <param name="holds">Whether it does.</param>
    /// <param name="refused">
    /// A node that this condition alone keeps the rule from, and at which nothing would be won.
    /// </param>
    public Rule Pays(string name, Func<Match, bool> holds, Func<Node> refused) =>
        Require(new(name, ConditionKind.Profit, holds, refused));

    /// <summary>This belongs to what the rule looks for, where no pattern can say it.</summary>
    public Rule Where(string name, Func<Match, bool> holds) => Require(new(name, ConditionKind.Pattern, holds, null));

    /// <summary>This is found in what was matched; otherwise the rule does not look for it.</summary>
    /// <param name="name">What is found, in a few words.</param>
    /// <param name="variable">What it is called from here on.</param>
    /// <param name="find">What is found.</param>
    public Rule Finds<T>(string name, Variable<T> variable, Func<Match, Option<T>> find)
        where T : notnull
    {
        var found = new Condition(name, ConditionKind.Pattern, at => find(at).IsSome, null);
        return this with
        {
            steps = steps.Add(new Step.Binds(at => find(at).Bind(content => at.Bind(variable, content)), found)),
        };
    }

    /// <summary>This follows from what was matched.</summary>
    public Rule Let<T>(Variable<T> variable, Func<Match, T> of)
        where T : notnull => this with { steps = steps.Add(new Step.Binds(at => at.Bind(variable, of(at)), null)) };

    /// <summary>The rule by another name, to be narrowed.</summary>
    public Rule Named(string name) => this with { Name = name };

    /// <summary>The rule holds here alone.</summary>
    public Rule Needs(RuleContext context) => this with { Context = Context | context };

    /// <summary>What takes the node's place; it is repeated along axes that it lacks.</summary>
    public Rule Becomes(Func<Match, Node> of) => this with { replacement = of };

    /// <summary>What takes the node's place, of the same variables; it is repeated along axes that it lacks.</summary>
    public Rule Becomes(Pattern pattern) => this with { replacement = pattern.Build };

    /// <summary>A node at which the rule is applied.</summary>
    public Rule Example(Func<Node> node) => this with { Examples = Examples.Add(node) };

    /// <summary>A node that only looks like what the rule looks for, and at which it would be wrong.</summary>
    public Rule NotAt(Func<Node> node) => this with { LookAlikes = LookAlikes.Add(node) };

    /// <summary>The rule without one of its conditions: for showing what the condition is for.</summary>
    public Rule Without(Condition condition) =>
        this with
        {
            steps = steps.Filter(s => s is not Step.Requires(var c) || c != condition),
        };

    /// <summary>The replacement of a node, of the same shape; none where the rule is not applied.</summary>
    public Option<Node> Apply(Node node)
    {
        foreach (var found in Pattern.In(node, Match.Empty))
            if (Follow(found) is (var match, null) && Replace(node, match).Case is Node better)
                return better;
        return None;
    }

    /// <summary>
    /// What keeps the rule from a node that looks as it should: of the ways to match it, the one that came furthest.
    /// None where the node looks otherwise or the rule is applied to it.
    /// </summary>
    public Option<Condition> Blocking(Node node)
    {
        var blocked = Option<Condition>.None;
        var furthest = -1;
        foreach (var found in Pattern.In(node, Match.Empty))
        {
            var (match, failed) = Follow(found);
            if (failed is null && Replace(node, match).IsSome)
                return None;
            var reached = failed is null ? steps.Count : Conditions.IndexOf(failed);
            if (reached <= furthest)
                continue;
            (blocked, furthest) = (failed ?? Condition.Fits, reached);
        }
        return blocked;
    }

    private Rule Require(Condition condition) => this with { steps = steps.Add(new Step.Requires(condition)) };

    private (Match Match, Condition? Failed) Follow(Match match)
    {
        foreach (var step in steps)
            switch (step)
            {
                case Step.Requires(var condition):
                    if (!condition.Holds(match))
                        return (match, condition);
                    break;
                case Step.Binds(var with, var found):
                    if (with(match).Case is not Match more)
                        return (match, found ?? Condition.Fits);
                    match = more;
                    break;
            }
        return (match, null);
    }

    private Option<Node> Replace(Node node, Match match)
    {
        var better = replacement(match).As(node.Shape);
        return better.Shape == node.Shape && Fits(better) ? Some(better) : None;
    }

    // What stood in the graph has a path and fits; what is new does not have one yet.
    private static bool Fits(Node better)
    {
        var seen = new System.Collections.Generic.HashSet<Node>(ReferenceEqualityComparer.Instance);
        var open = new Stack<Node>([better]);
        while (open.TryPop(out var node))
        {
            if (node.Path is not null || !seen.Add(node))
                continue;
            if (!node.Errors.IsEmpty)
                return false;
            foreach (var operand in node.Operands)
                open.Push(operand);
        }
        return true;
    }

    /// <summary>A rule is itself alone.</summary>
    public bool Equals(Rule? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
