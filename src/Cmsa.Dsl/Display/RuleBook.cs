using Cmsa.Dsl.Rewriting;

namespace Cmsa.Dsl.Display;

/// <summary>Rules as a document: what each looks for, its laws from its examples, and its conditions.</summary>
public static class RuleBook
{
    /// <summary>The rules of the optimiser as Markdown.</summary>
    public static string Markdown() =>
        string.Join(
            '\n',
            [
                "# Rules",
                "",
                "This page is made from the rules themselves (`src/Cmsa.Dsl/Rewriting/Rules`); a test fails where "
                    + "it is out of date. Write it",
                "again with `CMSA_UPDATE_DOCS=1 dotnet test tests/Cmsa.Dsl.Tests --filter RuleBookTests`.",
                "",
                "Each rule replaces a node by another that is equal for every input and every parameter, "
                    + "gradients included. The equations are",
                "the rule's examples, before and after. `x_i` has the axis i; axes without a letter go along. "
                    + "`softmax_i(x | m)` is over the",
                "places where the mask m is true, and `x . y` sums over channels.",
                "",
                "A condition of **soundness** keeps the rule from being wrong, one of **profit** from costing "
                    + "more or never ending. The tests",
                "show for each what happens without it. A replacement that does not fit together is refused for every rule.",
                "",
                .. Section("Algebra", "Applied first, until nothing changes.", GraphOptimizer.Algebra),
                .. Section(
                    "Composition",
                    "Two operations become one, where that costs less.",
                    GraphOptimizer.Composition
                ),
                .. Section("Kernels", "Applied last: better kernels for what is left.", GraphOptimizer.Kernels),
            ]
        ) + "\n";

    private static Many<string> Section(string title, string text, Many<Rule> rules) =>
        [$"## {title}", "", text, "", .. rules.Bind(Entry)];

    private static Many<string> Entry(Rule rule) =>
        [
            $"### {rule.Name}",
            "",
            $"Looks for `{rule.Pattern}`{Context(rule.Context)}.",
            "",
            "```",
            .. rule.Laws.Map(law => string.Join('\n', law.Lines)),
            "```",
            "",
            .. rule.Conditions.Map(Condition),
            .. rule.Conditions.IsEmpty ? [] : (string[])[""],
        ];

    private static string Context(RuleContext context) =>
        context switch
        {
            RuleContext.Inference => ", at inference alone",
            RuleContext.Anywhere => "",
            _ => ", at inference on a CPU alone",
        };

    private static string Condition(Condition condition) =>
        condition.Kind switch
        {
            ConditionKind.Soundness => $"- soundness: {condition}",
            ConditionKind.Profit => $"- profit: {condition}",
            _ => $"- with {condition}",
        };
}
