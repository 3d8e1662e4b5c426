using Cmsa.Experiments.Tables;
using Cmsa.Models.Tables;
using LanguageExt;

namespace Cmsa.Experiments.Tests;

public class PlanTests
{
    private static readonly Study study = new Study(
        PaperTables.Three,
        Tiny.Sizes,
        Tiny.Experiment().Training,
        [(Benchmark.Unc, Tiny.Data)],
        Seeds: 2
    )
        .Only(["none", "all"])
        .Right();

    private static readonly Many<(string, double)> paces = [("none", .1), ("all", .4)];

    private static Either<Error, Plan> Made(double seconds) =>
        Plan.Made(study.Jobs().Right(), paces, TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(20, 20), InlineData(99, 99), InlineData(104, 100), InlineData(1017, 1010)]
    public void All_jobs_together_take_the_budget_and_each_has_as_many_steps(double seconds, int steps) =>
        Assert.Equal(steps, Made(seconds).Right().Iterations);

    [Fact]
    public void A_budget_too_small_is_one_error_that_says_what_is_enough()
    {
        var failure = Made(19.9).Left();
        Assert.Contains("too small", failure.What, StringComparison.Ordinal);
        Assert.Contains("at least 20s", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_is_made_once_and_another_question_has_another()
    {
        using var folder = new Folder();
        var budget = TimeSpan.FromMinutes(5);
        var told = new List<StudyProgress>();
        var jobs = study.Jobs().Right();
        var progress = new Relay<StudyProgress>(told.Add);
        var first = Plan.For(study, jobs, budget, folder.Path, progress: progress).Right();
        Assert.Equal(["none", "all"], told.OfType<StudyProgress.Timing>().Select(t => t.Row.Key));
        Assert.All(first.Paces, p => Assert.True(p.Seconds > 0));
        told.Clear();
        Assert.Equal(
            first.Iterations,
            Plan.For(study, jobs, budget, folder.Path, progress: progress).Right().Iterations
        );
        Assert.Empty(told);
        foreach (
            var other in new[]
            {
                (study with { Seeds = 1 }, budget),
                (study, budget * 2),
                (study.Only(["all"]).Right(), budget),
            }
        )
            Assert.True(
                Plan.Kept(other.Item1, other.Item1.Jobs().Right(), other.Item2, folder.Path, "cpu").Right().IsNone
            );
        File.WriteAllText(Assert.Single(Directory.GetFiles(folder.Path)), "{}");
        Assert.Contains("not a plan", Plan.For(study, jobs, budget, folder.Path).Left().What, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_are_opened_once_whatever_a_plan_says()
    {
        var open = study.Jobs().Right();
        var planned = study.For(77).Jobs(open);
        Assert.All(open.Zip(planned), pair => Assert.Same(pair.Item1.Data, pair.Item2.Data));
        var anew = study.For(77).Jobs().Right();
        Assert.Equal(anew.Map(j => $"{j}"), planned.Map(j => $"{j}"));
        Assert.Equal(anew.Map(j => j.Experiment.Hash), planned.Map(j => j.Experiment.Hash));
        Assert.NotEqual(open.Map(j => j.Experiment.Hash), planned.Map(j => j.Experiment.Hash));
    }
}
