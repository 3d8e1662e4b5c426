using Cmsa.Models;
using Cmsa.Tests;

namespace Cmsa.Cli.Tests;

/// <summary>The commands that learn, one after the other, as a person would type them.</summary>
[Trait("Speed", "Slow")]
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
        string[] pictures =
        [
            "mask.1-the.png",
            "mask.2-red.png",
            "mask.3-circle.png",
            "mask.overlay.png",
            "mask.png",
            "sheet.png",
        ];
        Assert.Equal(
            pictures,
            Directory.GetFiles(folder, "*.png").Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );

        // A phone's photograph: 40 x 30 pixels as stored, and a tag that turns it.
        File.WriteAllBytes(At("phone.jpg"), Phone.Photograph(40, 30));
        var phone = Ran.Of("predict", At("phone.jpg"), "the red circle", "--weights", run, "-o", At("phone.png"));
        Assert.Equal((Application.Done, ""), (phone.Code, phone.Error));
        var mask = PictureFile
            .Read(At("phone.png"))
            .Match(picture => (picture.Height, picture.Width), wrong => default);
        Assert.Equal((40, 30), mask);

        // The same mask from ONNX Runtime: from the run, and from the file alone.
        var exported = Ran.Of("export", "--weights", run, "-o", At("model.onnx"));
        Assert.Equal((Application.Done, ""), (exported.Code, exported.Error));
        foreach (var weights in (string[])[run, At("model.onnx")])
        {
            var other = At("onnx.png");
            var asking = (string[])["predict", At("sheet.png"), "the red circle", "--weights", weights, "-o", other];
            var same = Ran.Of([.. asking, "--engine", "onnx"]);
            Assert.Equal((Application.Done, ""), (same.Code, same.Error));
            Assert.Equal(File.ReadAllBytes(At("mask.png")), File.ReadAllBytes(other));
        }
        Assert.Contains(
            "give --engine onnx",
            Ran.Of("predict", At("sheet.png"), "red", "--weights", At("model.onnx"), "-o", At("m.png")).Error,
            StringComparison.Ordinal
        );

        var reported = Ran.Of("report", run, "-o", At("report.html"), "--most", "4");
        Assert.Equal((Application.Done, ""), (reported.Code, reported.Error));
        Assert.DoesNotContain("src=\"http", File.ReadAllText(At("report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dry_run_checks_everything_and_leaves_nothing()
    {
        var runs = At("all runs");
        var ran = Ran.Of("train", "--iterations", "7", "--dry-run", "--batch", "2", "--runs", runs);
        Assert.Equal((Application.Done, ""), (ran.Code, ran.Error));
        Assert.Equal(
            ["compile", "train", "validate", "save", "report", "checked", "next:"],
            ran.Output.TrimEnd('\n').Split('\n').Select(line => line.Split(' ')[0])
        );
        Assert.EndsWith(
            $"next: cmsa train --iterations 7 --batch 2 --runs '{runs}'\n",
            ran.Output,
            StringComparison.Ordinal
        );
        Assert.Empty(Directory.GetFileSystemEntries(folder));

        Directory.CreateDirectory(runs);
        Assert.Equal(Application.Done, Ran.Of("train", "--dry-run", "--batch", "2", "--runs", runs).Code);
        Assert.Empty(Directory.GetFileSystemEntries(runs));
    }

    [Fact]
    public void Options_settings_and_a_file_are_the_same_experiment()
    {
        string Run(params string[] more)
        {
            var ran = Ran.Of(["train", "--dry-run", "--runs", At("runs"), .. more]);
            Assert.Equal((Application.Done, ""), (ran.Code, ran.Error));
            return ran.Output.Split('\n')[0][..60];
        }

        File.WriteAllText(
            At("e.yaml"),
            "version: 1\npreset: paper-small\nseed: 3\ntraining: { iterations: 9, batch: 3, learningRate: 2e-3 }\n"
        );
        var options = Run("--seed", "3", "--iterations", "9", "--batch", "3", "--rate", "2e-3");
        string[] set = ["seed=3", "training.iterations=9", "training.batch=3", "training.learningRate=0.002"];
        Assert.Equal(options, Run([.. set.SelectMany(s => (string[])["--set", s])]));
        Assert.Equal(options, Run("--config", At("e.yaml")));
        Assert.Equal(options, Run("--config", At("e.yaml"), "--set", "seed=3", "--batch", "3"));
        var other = Run("--config", At("e.yaml"), "--set", "model.attention.width=16");
        Assert.NotEqual(options, other);
        File.AppendAllText(At("e.yaml"), "model:\n  attention:\n    width: 16\n");
        Assert.Equal(other, Run("--config", At("e.yaml")));
    }

    [Theory]
    [InlineData("there is no training.bacth in an experiment; did you mean training.batch", "--set", "training.bacth=1")]
    [InlineData("--batch says the same", "--set", "training.batch=1", "--batch", "2")]
    [InlineData("seed is set twice", "--set", "seed=1", "--set", "seed=2")]
    [InlineData("there is no such file", "--config", "nowhere.yaml")]
    [InlineData("seed: x where a whole number should stand", "--set", "seed=x")]
    [InlineData("did you mean", "--set", "model.attention.widht=3")]
    public void A_setting_that_cannot_be_used_is_one_line(string said, params string[] options) =>
        Assert.Contains(
            said,
            Ran.Of(["train", .. options, "--runs", At("runs")]).Complaint(),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_dry_run_names_the_run_that_it_checks()
    {
        string[] line = ["train", "--iterations", "1", "--batch", "2", "--validate-on", "1", "--runs", folder];
        var dry = Ran.Of([.. line, "--dry-run"]);
        Assert.Equal(Application.Done, Ran.Of(line).Code);
        var run = Path.GetFileName(Assert.Single(Directory.GetDirectories(folder)));
        Assert.Contains($"run {run.Split('-')[0]} ", dry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void All_models_are_checked_and_not_trained() =>
        Assert.Equal(
            "cmsa: --model all: one model is trained at a time; name one, or add --dry-run to check them all",
            Ran.Of("train", "--model", "all", "--runs", folder).Complaint()
        );

    [Fact]
    public void A_dry_run_of_what_cannot_be_trained_fails_and_leaves_nothing()
    {
        var complaint = Ran.Of("train", "--dry-run", "--rate", "1e30", "--clip", "-1", "--runs", At("runs")).Complaint();
        Assert.Contains("clip", complaint, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_program_of_ones_own_trains_its_own_model()
    {
        var sizes = TinySizes.Sizes;
        var ran = Ran.Of(() =>
            Application.Run(
                ["train", "--iterations", "1", "--batch", "2", "--runs", folder, "--validate-every", "0"],
                ("mine", Paper.Model(sizes), sizes)
            )
        );
        Assert.Equal((Application.Done, ""), (ran.Code, ran.Error));
        Assert.EndsWith("-mine", Assert.Single(Directory.GetDirectories(folder)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_goes_on_from_another_s_backbone_and_then_without_it()
    {
        var small = TinySizes.Sizes;
        var still = small with { FixedBackbone = true };
        Ran Train(params string[] more) =>
            Ran.Of(() =>
                Application.Run(
                    ["train", "--iterations", "1", "--batch", "2", "--validate-on", "2", .. more],
                    ("mine", Paper.Model(small), small),
                    ("still", Paper.Model(still), still)
                )
            );

        Assert.Equal(Application.Done, Train("--runs", At("first")).Code);
        File.Move(
            Path.Combine(Assert.Single(Directory.GetDirectories(At("first"))), "last.safetensors"),
            At("w.safetensors")
        );

        Assert.Matches(
            "^warning: the backbone is random and fixed.*--backbone FILE.*\n$",
            Train("--model", "still", "--runs", At("random")).Error
        );
        string[] line = ["--model", "still", "--backbone", At("w.safetensors"), "--runs", At("runs")];
        var trained = Train(line);
        Assert.Equal((Application.Done, ""), (trained.Code, trained.Error));
        Assert.Matches(
            @"
backbone: (\d+) of \1 tensors from w.safetensors \(SHA-256 [0-9a-f]{10}\); left out: .* and \d+ more; pixels as ImageNet
",
            trained.Output
        );
        var run = Assert.Single(Directory.GetDirectories(At("runs")));
        Assert.Contains("left out:", File.ReadAllText(Path.Combine(run, "backbone.txt")), StringComparison.Ordinal);

        File.Delete(At("w.safetensors"));
        Assert.Equal(Application.Done, Train(line).Code);
        Assert.Equal(run, Assert.Single(Directory.GetDirectories(At("runs"))));
        Assert.Contains(
            "no such file",
            Train([.. line, "--pixels", "caffe", "--mapping", At("w.map")]).Complaint(),
            StringComparison.Ordinal
        );
        Assert.Equal(Application.Done, Ran.Of("report", run, "-o", At("report.html"), "--most", "2").Code);
        Assert.Contains(
            "the backbone's from w.safetensors",
            File.ReadAllText(At("report.html")),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(folder, File.ReadAllText(At("report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_no_run_is_said_to_be_none() =>
        Assert.Equal(
            $"cmsa: {folder}: the folder is no run: there is no experiment.json in it; give the folder that cmsa train has written",
            Ran.Of("eval", folder).Complaint()
        );

    [Fact]
    public void Weights_that_fit_by_name_alone_are_warned_of()
    {
        var small = new Sizes(
            new ResNet([1, 1, 1, 1], true, Width: 4, OutputStride: 8),
            Image: 32,
            Words: 8,
            Vocabulary: 64,
            WordChannels: 8,
            Attention: 8,
            FusedChannels: 8
        );
        var caffe = small with { Backbone = small.Backbone with { Variant = ResNetVariant.Caffe } };
        Ran Train(string model, params string[] more) =>
            Ran.Of(() =>
                Application.Run(
                    [
                        "train",
                        "--model",
                        model,
                        "--iterations",
                        "1",
                        "--validate-on",
                        "1",
                        "--runs",
                        At(model),
                        .. more,
                    ],
                    ("plain", Paper.Model(small), small),
                    ("caffe", Paper.Model(caffe), caffe)
                )
            );

        Train("plain");
        File.Move(
            Path.Combine(Assert.Single(Directory.GetDirectories(At("plain"))), "last.safetensors"),
            At("w.safetensors")
        );
        File.WriteAllText(At("names"), "^nothing -> \n");
        Assert.Empty(Train("plain", "--backbone", At("w.safetensors")).Error);
        Assert.Empty(Train("caffe", "--backbone", At("w.safetensors"), "--mapping", At("names")).Error);
        Assert.Matches(
            "^warning: .*by name alone; give --model paper-torchvision, or DeepLab's weights with --mapping MAPFILE\n$",
            Train("caffe", "--backbone", At("w.safetensors")).Error
        );
        Assert.StartsWith(
            "warning: without --mapping",
            Ran.Of(
                "table",
                "3",
                "--rows",
                "none",
                "--scale",
                "paper",
                "--iterations",
                "1",
                "--backbone",
                At("w.safetensors"),
                "--runs",
                At("paper")
            ).Error,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("no such file", "--backbone", "nowhere.pth")]
    [InlineData("give the weights with --backbone", "--mapping", "nowhere.map")]
    [InlineData("give the weights with --backbone", "--key", "ema")]
    [InlineData("centred, imagenet and caffe", "--pixels", "rgb")]
    [InlineData("no file", "--backbone", "")]
    public void A_backbone_that_cannot_be_used_is_one_line_and_nothing_is_made(string said, params string[] options)
    {
        Assert.Contains(
            said,
            Ran.Of(["train", .. options, "--runs", At("runs")]).Complaint(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            said,
            Ran.Of(["table", "3", .. options, "--iterations", "1", "--runs", At("runs")]).Complaint(),
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(At("runs")));
    }

    [Fact]
    public void A_batch_of_one_is_one_part() =>
        Assert.Equal(
            Application.Done,
            Ran.Of("train", "--iterations", "1", "--batch", "1", "--validate-every", "0", "--runs", folder).Code
        );

    [Fact]
    public void A_folder_of_your_own_is_data()
    {
        foreach (var name in new[] { "a.jpg", "b.jpg" })
            File.WriteAllBytes(At(name), Phone.Photograph(40, 30));
        File.WriteAllText(
            At("train.jsonl"),
            """
            {"picture": "a.jpg", "expression": "the left half", "mask": [[0, 0, 15, 0, 15, 40, 0, 40]]}
            {"picture": "c.jpg", "expression": "the left half", "mask": [[0, 0, 15, 0, 15, 40, 0, 40]]}
            {"picture": "b.jpg", "expression": "the right half", "mask": [[15, 0, 30, 0, 30, 40, 15, 40]]}
            """
        );
        var counted = Ran.Of("data", folder, "--sheet", At("sheet.png"));
        Assert.Equal((Application.Done, ""), (counted.Code, counted.Error));
        Assert.Contains("skipped: " + At("train.jsonl") + ", line 2: ", counted.Output, StringComparison.Ordinal);

        string[] briefly = ["--iterations", "1", "--batch", "2", "--validate-every", "0", "--runs", At("runs")];
        var trained = Ran.Of(["train", "--data", folder, .. briefly]);
        Assert.Equal(Application.Done, trained.Code);
        Assert.Contains("line 2", trained.Output + trained.Error, StringComparison.Ordinal);
        var run = Assert.Single(Directory.GetDirectories(At("runs")));
        Assert.Equal(Application.Done, Ran.Of("eval", run, "--split", "train").Code);
    }

    [Fact]
    public void A_mask_is_a_png_file() =>
        Assert.Equal(
            "cmsa: mask.jpg: the name of a PNG file ends in .png; write mask.png: JPEG would change the values of a mask",
            Ran.Of("predict", "nowhere.png", "red", "--weights", "nowhere", "-o", "mask.jpg").Complaint()
        );

    [Theory]
    [InlineData("train", "--batch", "4", "--shards", "3")]
    [InlineData("train", "--model", "nothing")]
    [InlineData("train", "--data", "scenes/none")]
    [InlineData("train", "--data", "refcoco/unc")]
    [InlineData("train", "--rate", "-1")]
    [InlineData("train", "--find-rate", "rates.png")]
    [InlineData("train", "--find-rate", "rates.svg", "--dry-run")]
    [InlineData("train", "--ema", "1")]
    [InlineData("train", "--patience", "2", "--validate-every", "0")]
    [InlineData("train", "--clip", "NaN")]
    [InlineData("train", "--weight-decay", "NaN")]
    [InlineData("train", "--rate", "Infinity")]
    [InlineData("train", "--runs", "")]
    [InlineData("data", "scenes/unc", "--sheet", "")]
    [InlineData("eval", "")]
    [InlineData("eval", "nowhere/at/all")]
    [InlineData("eval", "nowhere")]
    [InlineData("report", "nowhere")]
    [InlineData("predict", "nowhere.png", "red", "--weights", "nowhere.onnx", "--engine", "onnx", "-o", "mask.png")]
    [InlineData(
        "predict",
        "a.png",
        "red",
        "--weights",
        "a.onnx",
        "--engine",
        "onnx",
        "--device",
        "cuda",
        "-o",
        "m.png"
    )]
    [InlineData("export", "--weights", "nowhere", "-o", "model.onnx")]
    [InlineData("predict", "nowhere.png", "red", "--weights", "nowhere", "-o", "mask.png")]
    [InlineData("data", "street/unc", "--root", "nowhere")]
    [InlineData("data", "scenes/unc", "--sheet", "samples.jpg")]
    public void What_cannot_be_used_is_one_line_on_the_error_stream(params string[] line) =>
        Assert.StartsWith("cmsa: ", Ran.Of(line).Complaint(), StringComparison.Ordinal);
}
