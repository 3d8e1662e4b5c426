using Cmsa.Dsl;
using Cmsa.Experiments.Learners;
using Cmsa.Experiments.Specs;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Cli.Tests;

/// <summary>A program that trains a model of its own kinds: train, eval, report.</summary>
[Trait("Speed", "Slow")]
public sealed class LearnerCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmsa").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static Learner<Image, Vector, Label> Bright(int size = 4) =>
        Learner.Of(
            "bright",
            Pixels >> GlobalAverage >> Linear<Vector>(2).Named("fc"),
            InputSpec.Image(4, 4),
            new Dataset<Image, Label>(
                "one brightness",
                [("train", 16), ("val", 8)],
                InputSpec.Of<Label>(),
                (split, index) => new Example([Enumerable.Repeat((float)(index % 2), 3 * size * size).ToArray()], [index % 2])
            ),
            Losses.CrossEntropy(),
            Training.Of(40, 4, 0.1),
            [Metrics.Accuracy()]
        );

    private Ran Run(params string[] line) => Ran.Of(() => Application.Run([.. line, "--runs", folder], Bright()));

    [Fact]
    public void A_program_trains_measures_and_reports()
    {
        var trained = Run("train");
        Assert.Equal((Application.Done, ""), (trained.Code, trained.Error));
        Assert.Contains("done after 40 steps", trained.Output, StringComparison.Ordinal);
        Assert.Contains("best accuracy 1.0000", trained.Output, StringComparison.Ordinal);
        Assert.Contains("val, 8 samples: accuracy 1.0000, loss ", Run("eval").Output, StringComparison.Ordinal);
        var page = Path.Combine(folder, "bright.html");
        Assert.Equal(Application.Done, Run("report", "-o", page).Code);
        var html = File.ReadAllText(page);
        Assert.Contains("Metrics on held-out samples", html, StringComparison.Ordinal);
        Assert.Contains("<td>val</td><td>8</td>", html, StringComparison.Ordinal);
        Assert.Contains("<polyline", html, StringComparison.Ordinal);
        // What is done is left as it is.
        Assert.Contains("done after 40 steps", Run("train").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_trained_is_one_line()
    {
        var ran = Ran.Of(() => Application.Run(["train", "--runs", folder], Bright(size: 5)));
        Assert.Equal(Application.Unusable, ran.Code);
        Assert.Contains(
            "one brightness/train/0: input image has 75 numbers; give 3x4x4 = 48",
            ran.Complaint(),
            StringComparison.Ordinal
        );
        Assert.Contains("no split test", Trained(Run("train"), () => Run("eval", "--split", "test")).Complaint(), StringComparison.Ordinal);
        Assert.Contains("-bright with a checkpoint", Fresh("eval").Complaint(), StringComparison.Ordinal);
    }

    private static Ran Trained(Ran train, Func<Ran> then)
    {
        Assert.Equal(Application.Done, train.Code);
        return then();
    }

    private Ran Fresh(string command) =>
        Ran.Of(() => Application.Run([command, "--runs", Path.Combine(folder, "fresh")], Bright()));
}
