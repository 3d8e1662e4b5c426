using Cmsa.Models;

namespace Cmsa.Cli.Tests;

/// <summary>The commands that learn, one after the other, as a person would type them.</summary>
public sealed class LearningTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmsa").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string file) => Path.Combine(folder, file);

    [Fact]
    public void What_was_trained_is_evaluated_asked_and_reported()
    {
        var trained = Ran.Of("train", "--iterations", "2", "--batch", "2", "--validate-every", "0", "--runs", folder);
        Assert.Equal((Application.Done, ""), (trained.Code, trained.Error));
        Assert.Contains("done after 2 steps", trained.Output, StringComparison.Ordinal);
        var run = Assert.Single(Directory.GetDirectories(folder));

        var evaluated = Ran.Of("eval", run, "--most", "4", "--swapped");
        Assert.Equal((Application.Done, ""), (evaluated.Code, evaluated.Error));
        Assert.Contains("words swapped", evaluated.Output, StringComparison.Ordinal);

        Assert.Equal(Application.Done, Ran.Of("data", "scenes/unc", "--sheet", At("sheet.png"), "--samples", "2").Code);
        var asked = Ran.Of("predict", At("sheet.png"), "the red circle", "--weights", run, "-o", At("mask.png"));
        Assert.Equal((Application.Done, ""), (asked.Code, asked.Error));
        string[] pictures = ["mask.1-the.png", "mask.2-red.png", "mask.3-circle.png", "mask.overlay.png", "mask.png", "sheet.png"];
        Assert.Equal(pictures, Directory.GetFiles(folder, "*.png").Select(Path.GetFileName).Order(StringComparer.Ordinal));

        var reported = Ran.Of("report", run, "-o", At("report.html"), "--most", "4");
        Assert.Equal((Application.Done, ""), (reported.Code, reported.Error));
        Assert.DoesNotContain("src=\"http", File.ReadAllText(At("report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_of_ones_own_trains_its_own_model()
    {
        var sizes = new Sizes(new ResNet([1, 1, 1, 1], false, Width: 4, OutputStride: 8), Image: 32, Words: 8, Vocabulary: 64, Word: 8, Attention: 8, Fused: 8, FixedBackbone: false);
        var ran = Ran.Of(() => Application.Run(["train", "--iterations", "1", "--batch", "2", "--runs", folder, "--validate-every", "0"], ("mine", Paper.Model(sizes), sizes)));
        Assert.Equal((Application.Done, ""), (ran.Code, ran.Error));
        Assert.EndsWith("-mine", Assert.Single(Directory.GetDirectories(folder)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_of_one_is_one_part() => Assert.Equal(Application.Done, Ran.Of("train", "--iterations", "1", "--batch", "1", "--validate-every", "0", "--runs", folder).Code);

    [Theory]
    [InlineData("train", "--batch", "4", "--shards", "3")]
    [InlineData("train", "--model", "nothing")]
    [InlineData("train", "--data", "scenes/none")]
    [InlineData("train", "--data", "refcoco/unc")]
    [InlineData("train", "--rate", "-1")]
    [InlineData("eval", "nowhere")]
    [InlineData("report", "nowhere")]
    [InlineData("predict", "nowhere.png", "red", "--weights", "nowhere", "-o", "mask.png")]
    [InlineData("data", "street/unc", "--root", "nowhere")]
    public void What_cannot_be_used_is_one_line_on_the_error_stream(params string[] line) => Assert.StartsWith("cmsa: ", Ran.Of(line).Complaint(), StringComparison.Ordinal);
}
