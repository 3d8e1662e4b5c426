using Snapshooter.Xunit;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Cli.Tests;

public sealed class CommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmsa").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string file) => Path.Combine(folder, file);

    private string Written(string file, string text)
    {
        File.WriteAllText(At(file), text);
        return At(file);
    }

    [Fact]
    public void List_is_read_like_this() => Snapshot.Match(Ran.Of("list").Output);

    [Fact]
    public void Show_is_read_like_this() => Snapshot.Match(Ran.Of("show", "paper", "--depth", "1").Output);

    [Fact]
    public void Show_takes_sizes() =>
        Assert.Contains(
            "Image 3×64×96, Tokens 5",
            Ran.Of("show", "Cmsa.Paper.Small", "--size", "64x96", "--words", "5").Output
        );

    [Fact]
    public void Diff_is_read_like_this() => Snapshot.Match(Ran.Of("diff", "Cmsa.Paper", "Cmsa.Released").Output);

    [Fact]
    public void A_model_does_not_differ_from_itself() =>
        Assert.Equal("no difference\n", Ran.Of("diff", "paper", "Cmsa.Paper").Output);

    [Theory]
    [
        InlineData("table2/rmi-lstm", "table2/GF"),
        InlineData("table3/pixels", "table3/cross-terms"),
        InlineData("table2/RMI-LSTM.small", "table3/all.small")
    ]
    public void Two_rows_differ_on_one_line(string before, string after) =>
        Assert.Single(Ran.Of("diff", before, after).Output.TrimEnd('\n').Split('\n'));

    [Fact]
    public void A_row_that_is_not_there_is_answered_with_the_nearest() =>
        Assert.Contains(
            "did you mean table3/pixels",
            Ran.Of("show", "table3/pixel").Complaint() + Ran.Of("show", "table3/pixxels").Complaint(),
            StringComparison.Ordinal
        );

    [Fact]
    public void Nothing_is_coloured_or_wrapped_in_a_pipe()
    {
        var output = Ran.Of("show", "ResNet-152", "--depth", "9").Output;
        Assert.DoesNotContain('\e', output);
        Assert.Contains("\nlayer3.35.conv3 ", output);
    }

    [Fact]
    public void Draw_writes_the_picture()
    {
        Assert.Equal(Application.Done, Ran.Of("draw", "Cmsa.Paper.Small", "-o", At("model.svg")).Code);
        Assert.StartsWith("<svg", File.ReadAllText(At("model.svg")));
    }

    [Fact]
    public void What_is_exported_is_read_back()
    {
        Assert.Equal(Application.Done, Ran.Of("export", "Cmsa.Released.Small", "-o", At("model.json")).Code);
        Assert.Equal("no difference\n", Ran.Of("diff", At("model.json"), "Cmsa.Released.Small").Output);
        Assert.Equal(Application.Done, Ran.Of("check", At("model.json"), "--words", "12").Code);
    }

    [Fact]
    public void A_model_is_exported_to_PyTorch_as_written_and_not()
    {
        foreach (var way in new[] { "--as-written", "--inference" })
        {
            var ran = Ran.Of("export", "table3/words.small", "--format", "pytorch", way, "-o", At("model.py"));
            Assert.Equal($"table3/words.small written to {At("model.py")}\n", ran.Output);
            Assert.Equal(
                way == "--inference",
                File.ReadAllText(At("model.py")).Contains("def fold(self)", StringComparison.Ordinal)
            );
        }
    }

    [Theory]
    [InlineData("cmsa: --format: there is no format keras; there are json, onnx, pytorch", "--format", "keras")]
    [InlineData(
        "cmsa: model.txt: the name of a Python file ends in .py; write such as -o model.py",
        "--format",
        "pytorch"
    )]
    [InlineData(
        "cmsa: --as-written: json files have no use for it; leave it out, or choose another --format",
        "--as-written"
    )]
    [InlineData(
        "cmsa: --as-written and --inference: batch norms are folded by rewriting; give one of them",
        "--format",
        "pytorch",
        "--as-written",
        "--inference"
    )]
    public void What_cannot_be_exported_is_said(string complaint, params string[] options) =>
        Assert.Equal(complaint, Ran.Of(["export", "Cmsa.Paper.Small", "-o", "model.txt", .. options]).Complaint());

    [Fact]
    public void Check_lists_all_that_does_not_fit()
    {
        var ran = Ran.Of(
            "check",
            Written(
                "model.json",
                Json.Write((Conv(4, 3) + Conv(5, 3)).Named("a") >> (Conv(6, 3) + Conv(7, 3)).Named("b"))
            )
        );
        Assert.Equal(Commands.CheckCommand.Wrong, ran.Code);
        Assert.Equal(2, ran.Output.TrimEnd('\n').Split('\n').Length);
        Snapshot.Match(ran.Output);
    }

    [Fact]
    public void An_unknown_model_is_answered_with_the_nearest() =>
        Assert.Equal(
            "cmsa: no model is called Cmsa.Papre; did you mean Cmsa.Paper or Cmsa.Photo or Cmsa.Paper.Small?",
            Ran.Of("show", "Cmsa.Papre").Complaint()
        );

    [Fact]
    public void Sheets_of_one_name_are_refused_before_any_is_written() =>
        Assert.Contains(
            "a/x.jpg and b/x.png would both be written there",
            Ran.Of("features", "a/x.jpg", "b/x.png", "-o", "nowhere").Complaint(),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Equal("cmsa: nowhere.json: there is no such file", Ran.Of("show", "nowhere.json").Complaint());

    [Fact]
    public void A_file_that_is_cut_off_is_one_sentence() =>
        Assert.Contains(
            "is no model: line",
            Ran.Of("show", Written("cut.json", Json.Write(Conv(4, 3))[..20])).Complaint(),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("show", "paper", "--size", "3x")]
    [InlineData("show", "paper", "--words", "-1")]
    [InlineData("show", "paper", "--depth", "deep")]
    [InlineData("show", "resnet50", "--words", "3")]
    [InlineData("show")]
    [InlineData("draw", "paper")]
    [InlineData("paint")]
    [InlineData("show", "paper", "--colour")]
    [InlineData("draw", "paper", "-o", "/dev/null/all.svg")]
    [InlineData("draw", "paper", "-o", "")]
    [InlineData("export", "paper", "-o", "", "--format", "onnx")]
    [InlineData("export", "paper", "-o", "model", "--format", "keras")]
    [InlineData("export", "-o", "model.onnx")]
    [InlineData("export", "paper", "-o", "model.json", "--as-written")]
    [InlineData("bench", "paper", "--only", "onnx", "model")]
    [InlineData("bench", "Cmsa.Paper.Small", "--only", "stages", "onnx")]
    [InlineData("bench", "ResNet-18", "--only", "stages")]
    [InlineData("show", "Cmsa.Paper.Small", "--bind", "words")]
    [InlineData("explain", "Cmsa.Paper.Small", "--bind", "image", "image")]
    [InlineData("export", "paper", "-o", "")]
    [InlineData("show", "Cmsa.Paper", "--words", "2000000000")]
    [InlineData("show", "Cmsa.Paper", "--size", "20000x20000")]
    [InlineData("show", "Cmsa.Paper", "--size", "2147483647x2147483647")]
    [InlineData("explain", "Cmsa.Paper", "--size", "20000x20000")]
    [InlineData("bench", "nothing")]
    [InlineData("bench", "--places", "40")]
    [InlineData("bench", "--only", "lunch")]
    [InlineData("bench", "--device", "abacus")]
    public void What_cannot_be_used_is_one_line_on_the_error_stream(params string[] line) =>
        Assert.StartsWith("cmsa: ", Ran.Of(line).Complaint());

    [Fact]
    public void Sizes_that_do_not_fit_are_one_line() =>
        Assert.Contains(
            "does not fit",
            Ran.Of("show", Written("model.json", Json.Write(Conv(4, 3) + Conv(5, 3)))).Complaint(),
            StringComparison.Ordinal
        );

    [Fact]
    public void One_trial_is_measured_and_told_as_json()
    {
        var ran = Ran.Of(
            "bench",
            "--width",
            "4",
            "--channels",
            "8",
            "--repeat",
            "3",
            "--one",
            "attention/4/5/3:Forward:Optimised"
        );
        Assert.Equal((Application.Done, ""), (ran.Code, ran.Error));
        Assert.Matches(
            """^\{"Seconds":\[[0-9.e-]+,[0-9.e-]+,[0-9.e-]+\],"Peak":""",
            ran.Output.Replace("E-", "e-", StringComparison.Ordinal)
        );
        Assert.StartsWith("cmsa: ", Ran.Of("bench", "--one", "lunch:Forward:Optimised").Complaint());
    }

    [Fact]
    public void Every_command_says_how_it_is_used()
    {
        foreach (var command in Application.Commands)
        {
            var help = Ran.Of(command.Name, "--help");
            Assert.Equal(Application.Done, help.Code);
            Assert.Contains($"Example: cmsa {command.Name}", help.Output);
        }
    }

    [Theory, InlineData("paper"), InlineData("CMSA.PAPER"), InlineData("cmsa-paper"), InlineData("Cmsa Paper")]
    public void Names_are_forgiving(string name) =>
        Assert.Equal(
            "Cmsa.Paper",
            Cmsa.Models.Catalogues.Catalogue.Find(name).Match(Left: error => $"{error}", Right: entry => entry.Name)
        );
}
