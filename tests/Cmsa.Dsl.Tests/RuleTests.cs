using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit.Abstractions;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// Every rule by itself: it keeps its examples and what is near them, each condition is needed, and it is applied often
/// enough to random graphs to be tried at all.
/// </summary>
[Collection(nameof(Alone))]
[Trait("Speed", "Slow")]
public class RuleTests(ITestOutputHelper output)
{
    private static readonly Many<Rule> rules = GraphOptimizer.Rules;

    public static TheoryData<string> Names => [.. rules.Map(r => r.Name)];

    public static TheoryData<string, string> Sound => Conditions(ConditionKind.Soundness);

    public static TheoryData<string, string> Profitable => Conditions(ConditionKind.Profit);

    private static TheoryData<string, string> Conditions(ConditionKind kind)
    {
        var data = new TheoryData<string, string>();
        foreach (var rule in rules)
            foreach (var condition in rule.Conditions.Filter(c => c.Kind == kind))
                data.Add(rule.Name, condition.Name);
        return data;
    }

    private static Rule Rule(string name) => rules.Single(r => r.Name == name);

    private static Condition Condition(string rule, string name) => Rule(rule).Conditions.Single(c => c.Name == name);

    [Fact]
    public void There_are_32_rules_and_each_has_a_name_of_its_own() =>
        Assert.Equal(32, rules.Select(r => r.Name).Distinct().Count());

    [Theory, MemberData(nameof(Names))]
    public void A_rule_is_applied_to_its_examples_and_keeps_them(string name)
    {
        Assert.NotEmpty(Rule(name).Examples);
        RuleLaws.KeepsItsExamples(Rule(name)).Check();
    }

    [Theory, MemberData(nameof(Names))]
    public void What_is_near_an_example_is_kept(string name)
    {
        var verdict = RuleLaws.KeepsNearMisses(Rule(name), out var applied);
        output.WriteLine($"{name}: applied to {applied} near misses");
        verdict.Check();
    }

    [Theory, MemberData(nameof(Names))]
    public void A_rule_leaves_what_only_looks_alike(string name) => RuleLaws.LeavesLookAlikes(Rule(name)).Check();

    [Theory, MemberData(nameof(Sound))]
    public void Without_a_condition_of_soundness_a_rule_is_wrong(string rule, string condition) =>
        RuleLaws.IsNecessary(Rule(rule), Condition(rule, condition)).Check();

    [Theory, MemberData(nameof(Profitable))]
    public void Without_a_condition_of_profit_a_rule_is_dearer_or_endless(string rule, string condition) =>
        RuleLaws.Pays(Rule(rule), Condition(rule, condition)).Check();

    private static string Kept(Graph written, Graph rewritten, bool training) =>
        string.Join("; ", GraphComparison.Differences(written, rewritten, training));

    [Theory, MemberData(nameof(Names))]
    public void A_rule_is_applied_to_graphs_that_look_alike_20_times_at_least(string name)
    {
        var (rule, applied, together) = (Rule(name), 0, 0);
        var atInference = rule.Context.HasFlag(RuleContext.Inference);
        Seeded.Check(
            RandomLayers.ProgramsNear(rule),
            80,
            written =>
            {
                var alone = GraphOptimizer.Rewrite(written, [rule]);
                applied += alone.Applications.Count;
                var all = GraphOptimizer.Explain(written, GraphOptimizer.Stages(OptimizationLevel.All, !atInference));
                together += all.Applications.Count(a => a.Rule == rule);
                var said =
                    (alone.Applications.IsEmpty ? "" : Kept(written, alone.Graph, !atInference))
                    + Kept(written, all.Graph, !atInference);
                return Prop.Label(said.Length == 0, $"{said}\n{written}");
            }
        );
        output.WriteLine($"{name}: applied {applied} times alone, {together} times with all others");
        Assert.InRange(applied, 20, int.MaxValue);
    }

    [Fact]
    public void Each_rule_alone_keeps_any_graph()
    {
        var applied = new Dictionary<string, int>();
        Seeded.Check(
            RandomLayers.Programs(),
            200,
            written =>
            {
                var broken = rules.Bind(rule =>
                {
                    var after = GraphOptimizer.Rewrite(written, [rule]);
                    if (after.Applications.IsEmpty)
                        return [];
                    applied[rule.Name] = applied.GetValueOrDefault(rule.Name) + after.Applications.Count;
                    var said = Kept(written, after.Graph, training: !rule.Context.HasFlag(RuleContext.Inference));
                    return said.Length == 0 ? [] : (Many<string>)[$"{rule}: {said}"];
                });
                return Prop.Label(broken.IsEmpty, $"{string.Join("\n", broken)}\n{written}");
            }
        );
        foreach (var rule in rules)
            output.WriteLine($"{rule}: {applied.GetValueOrDefault(rule.Name)} times");
    }

    [Theory]
    [
        InlineData(OptimizationLevel.Fused, true),
        InlineData(OptimizationLevel.All, true),
        InlineData(OptimizationLevel.All, false)
    ]
    public void All_rules_together_keep_any_graph(OptimizationLevel level, bool training)
    {
        var applied = new Dictionary<string, int>();
        Seeded.Check(
            RandomLayers.Programs(),
            200,
            written =>
            {
                var after = GraphOptimizer.Explain(written, GraphOptimizer.Stages(level, training));
                foreach (var application in after.Applications)
                    applied[application.Rule.Name] = applied.GetValueOrDefault(application.Rule.Name) + 1;
                var said = Kept(written, after.Graph, training);
                return Prop.Label(said.Length == 0, $"{said}\n{written}");
            }
        );
        foreach (var (rule, times) in applied.OrderByDescending(a => a.Value))
            output.WriteLine($"{rule}: {times} times");
    }
}
