using Cmsa.Models;
using Cmsa.Tests;

namespace Cmsa.Cli.Tests;

/// <summary>
/// A run's model, asked several expressions of several pictures, and expressions that are too long for it.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class AskingTests : IDisposable
{
    private const string Long = "the red one of those on the left side behind it";
    private readonly string folder = Directory.CreateTempSubdirectory("cmsa").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(params string[] file) => Path.Combine([folder, .. file]);

    private string Trained(params string[] more)
    {
        var sizes = TinySizes.Sizes;
        string[] briefly =
        [
            "train",
            "--iterations",
            "2",
            "--batch",
            "2",
            "--validate-every",
            "0",
            "--runs",
            At("runs"),
        ];
        var ran = Ran.Of(() => Application.Run([.. briefly, .. more], ("mine", Paper.Model(sizes), sizes)));
        Assert.Equal((Application.Done, ""), (ran.Code, ran.Error));
        output = ran.Output;
        return Assert.Single(Directory.GetDirectories(At("runs")));
    }

    private string output = "";

    private static string[] Names(string path) =>
        [.. Directory.GetFiles(path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Several_expressions_of_several_pictures_get_the_masks_that_they_get_one_by_one()
    {
        var run = Trained();
        Directory.CreateDirectory(At("photos"));
        foreach (var (name, width) in (Many<(string, int)>)[("a.jpg", 40), ("a.jpeg", 24), ("b.JPG", 32)])
            File.WriteAllBytes(At("photos", name), Phone.Photograph(width, 30));
        File.WriteAllText(At("photos", "notes.txt"), "no picture");
        File.WriteAllText(At("more.txt"), "blue square\n\n  large \n");
        Many<string> expressions = ["the red circle", "blue square", "large"];

        var asked = (string[])["--weights", run, "-o", At("masks")];
        var ran = Ran.Of(["predict", At("photos"), "the red circle", "--file", At("more.txt"), .. asked]);
        Assert.Equal((Application.Done, ""), (ran.Code, ran.Error));
        Assert.Equal(9, ran.Output.TrimEnd('\n').Split('\n').Length);
        Assert.Contains("\"blue square\": ", ran.Output, StringComparison.Ordinal);
        Assert.Equal(
            from name in (string[])["a.jpeg", "a.jpg", "b"]
            from number in (string[])["1", "2", "3"]
            from ending in (string[])["overlay.png", "png"]
            select $"{name}-{number}.{ending}",
            Names(At("masks"))
        );

        foreach (var (photo, name) in (Many<(string, string)>)[("a.jpg", "a.jpg"), ("b.JPG", "b")])
            for (var i = 0; i < 3; i++)
            {
                Ran.Of("predict", At("photos", photo), expressions[i], "--weights", run, "-o", At("one.png"));
                Assert.Equal(File.ReadAllBytes(At("one.png")), File.ReadAllBytes(At("masks", $"{name}-{i + 1}.png")));
            }

        // A picture that cannot be read costs its own answers.
        File.WriteAllText(At("photos", "b.JPG"), "no picture");
        var partly = Ran.Of("predict", At("photos"), "red", "--weights", run, "-o", At("fewer"));
        Assert.Equal(Commands.PredictCommand.Partly, partly.Code);
        Assert.StartsWith($"skipped: {At("photos", "b.JPG")}: ", partly.Error, StringComparison.Ordinal);
        Assert.Equal(
            ["a.jpeg-1.overlay.png", "a.jpeg-1.png", "a.jpg-1.overlay.png", "a.jpg-1.png"],
            Names(At("fewer"))
        );

        foreach (
            var (said, line) in (Many<(string, string[])>)
                [
                    ("several masks go into a folder", ["red", "blue", "-o", At("m.png")]),
                    ("no expression is given", ["-o", At("m.png")]),
                    ("knows none of its words", ["red", "quux", "-o", At("none")]),
                    ("no expression is in the file", ["--file", At("empty.txt"), "-o", At("none")]),
                ]
        )
        {
            File.WriteAllText(At("empty.txt"), "\n");
            var wrong = Ran.Of(["predict", At("photos", "a.jpg"), "--weights", run, .. line]);
            Assert.Contains(said, wrong.Complaint(), StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(At("none")));
    }

    [Fact]
    public void Words_beyond_those_that_the_model_takes_are_said_to_be_cut()
    {
        foreach (var name in new[] { "a.jpg", "b.jpg" })
            File.WriteAllBytes(At(name), Phone.Photograph(40, 30));
        string Line(string name, string expression) =>
            $$"""{"picture": "{{name}}", "expression": "{{expression}}", "mask": [[0, 0, 15, 0, 15, 40, 0, 40]]}""";
        File.WriteAllText(At("train.jsonl"), Line("a.jpg", Long) + "\n" + Line("b.jpg", "the left half of it all"));
        File.WriteAllText(At("val.jsonl"), Line("a.jpg", Long) + "\n" + Line("b.jpg", "the left half of it all"));
        var run = Trained("--data", folder);
        Assert.Contains(
            "2 expressions had more words than the 8 that the model takes; their last words were cut\n",
            output,
            StringComparison.Ordinal
        );

        // What cannot be scored is said, and the rest is printed.
        var scored = Ran.Of("eval", run, "--swapped");
        Assert.Equal((Application.Done, ""), (scored.Code, scored.Error));
        Assert.Contains("cut: 1 expressions have more words than the 8", scored.Output, StringComparison.Ordinal);
        Assert.Matches(@"\nwords swapped +not scored: .*swap words on scenes\n", scored.Output);
        Assert.Contains("\nby number of words\n", scored.Output, StringComparison.Ordinal);

        var asked = Ran.Of("predict", At("a.jpg"), Long, "--weights", run, "-o", At("m.png"));
        Assert.Contains(
            "the model takes 8 words; the last 3 were cut: side behind it\n",
            asked.Output,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "cut",
            Ran.Of("predict", At("a.jpg"), "the left half", "--weights", run, "-o", At("m.png")).Output,
            StringComparison.Ordinal
        );
    }
}
