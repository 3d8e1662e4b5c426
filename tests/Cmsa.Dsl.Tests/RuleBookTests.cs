using Cmsa.Dsl.Display;

namespace Cmsa.Dsl.Tests;

/// <summary>The rules as people read them: docs/rules.md, and why a rule was not applied.</summary>
public class RuleBookTests
{
    private static string Document([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "rules.md");

    [Fact]
    public void The_document_of_the_rules_is_up_to_date()
    {
        if (Environment.GetEnvironmentVariable("CMSA_UPDATE_DOCS") == "1")
            File.WriteAllText(Document(), RuleBook.Markdown());
        var written = File.Exists(Document()) ? File.ReadAllText(Document()) : "";
        Assert.True(
            written == RuleBook.Markdown(),
            "docs/rules.md is out of date; write it with CMSA_UPDATE_DOCS=1 dotnet test --filter RuleBookTests"
        );
    }

    private static string Why(Layer layer, InputSpec inputs, string rule, string? path = null, bool training = false) =>
        Refusals
            .Of(layer.At(inputs).Fits(), rule, path is null ? LanguageExt.Option<string>.None : path, training)
            .Match(Left: error => $"{error}", Right: refusals => $"{refusals}");

    private static readonly InputSpec map = InputSpec.FeatureMap(4, 8, 8);

    [Fact]
    public void Why_counts_the_conditions_that_do_not_hold()
    {
        var maps = Linear<FeatureMap>(2).Named("narrow") >> Linear<FeatureMap>(8).Named("wide");
        var said = Why(maps, map, "map of map");
        Assert.Contains("applied nowhere", said, StringComparison.Ordinal);
        Assert.Contains(
            "1 time not, since \"it spares work\" does not hold, e.g. wide",
            said,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Why_says_where_a_rule_was_applied_and_looks_at_one_layer()
    {
        var maps = Conv(4, 3).Named("first") >> Relu >> Conv(4, 3).Named("second");
        Assert.Contains("applied 2 times, at first, second", Why(maps, map, "fuse bias"), StringComparison.Ordinal);
        Assert.Contains("applied 1 time, at second", Why(maps, map, "Fuse-Bias", "second"), StringComparison.Ordinal);
        Assert.Contains("nothing else looks like", Why(maps, map, "fuse bias"), StringComparison.Ordinal);
    }

    [Fact]
    public void Why_says_that_a_rule_holds_at_inference_alone() =>
        Assert.Contains(
            "never in training",
            Why(Conv(4, 3) >> BatchNorm(), map, "fold batch norm", training: true),
            StringComparison.Ordinal
        );

    [Fact]
    public void Why_names_the_nearest_rule_and_layer()
    {
        Assert.Equal("There is no rule fuse bais; did you mean fuse bias?", Why(Conv(4, 3), map, "fuse bais"));
        Assert.Contains(
            "No layer is at secund; did you mean second?",
            Why(Conv(4, 3).Named("second"), map, "fuse bias", "secund"),
            StringComparison.Ordinal
        );
    }
}
