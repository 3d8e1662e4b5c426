using Cmsa.Models.Tables;

namespace Cmsa.Cli.Tests;

[Trait("Speed", "Slow")]
public sealed class TableTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmsa").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Ran Table(params string[] options) => Ran.Of(["table", .. options, "--runs", folder]);

    [Fact]
    public void A_row_is_run_once_and_then_shown()
    {
        string[] asked = ["3", "--rows", "none", "--iterations", "2"];
        Assert.Contains("not begun", Table([.. asked, "--no-run"]).Output, StringComparison.Ordinal);
        var first = Table([.. asked, "-o", Path.Combine(folder, "written")]);
        Assert.Equal(Application.Done, first.Code);
        Assert.Contains("run 1 of 1: No attention on scenes/unc, seed 0\n", first.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["index.html", "table.csv", "table.md", "table.tex"],
            Directory.GetFiles(Path.Combine(folder, "written")).Select(Path.GetFileName).Order()
        );
        var again = Table(asked);
        Assert.StartsWith("Table 3: Attention\n", again.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("not finished", again.Output, StringComparison.Ordinal);
        Assert.EndsWith(
            again.Output,
            first.Output[..first.Output.IndexOf(Path.Combine(folder, "written"), StringComparison.Ordinal)],
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("there is no table 4; there are 1, 2, 3", "4")]
    [InlineData("no number of a table", "three")]
    [InlineData("has no row foo", "3", "--rows", "none,foo")]
    [InlineData("without a model", "1", "--rows", "RMI")]
    [InlineData("write such as 20m", "3", "--budget", "5")]
    [InlineData("write such as 20m", "3", "--budget", "0s")]
    [InlineData("give one of them", "3", "--budget", "5m", "--iterations", "7")]
    [InlineData("at least 1", "3", "--iterations", "0")]
    [InlineData("at least 1", "3", "--seeds", "0")]
    [InlineData("small, paper, torchvision and photo", "3", "--scale", "huge")]
    [InlineData("scenes/gref", "3", "--data", "coco")]
    [InlineData("--root", "3", "--data", "refer")]
    [InlineData("no such file", "3", "--root", "nowhere")]
    [InlineData("is given with --root", "3", "--data", "/data/refer")]
    [InlineData("goes with --slurm", "3", "foo")]
    [InlineData("no row is named by \",\"", "3", "--rows", ",")]
    [InlineData("both one task to run and nothing to run", "3", "--no-run", "--task", "-1")]
    [InlineData("there is no task -1", "3", "--iterations", "5", "--task", "-1")]
    [InlineData("there is no task 6", "3", "--iterations", "5", "--task", "6")]
    public void What_cannot_be_used_is_one_line(string said, params string[] line)
    {
        Assert.Contains(said, Table(line).Complaint(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void What_cannot_be_the_folder_of_the_runs_is_one_line()
    {
        var file = Path.Combine(folder, "file");
        File.WriteAllText(file, "");
        Assert.StartsWith(
            "cmsa: --runs names no folder",
            Ran.Of("table", "3", "--no-run", "--runs", "").Complaint(),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            $"cmsa: --runs {file} is a file",
            Ran.Of("table", "3", "--no-run", "--runs", file).Complaint(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Tasks_of_Slurm_start_from_the_same_backbone_and_one_that_does_not_fit_is_not_handed_over()
    {
        if (OperatingSystem.IsWindows())
            return;
        string At(string file) => Path.Combine(folder, file);
        var trained = Ran.Of("train", "--iterations", "1", "--batch", "1", "--validate-on", "1", "--runs", At("first"));
        Assert.Equal(Application.Done, trained.Code);
        File.Move(
            Path.Combine(Assert.Single(Directory.GetDirectories(At("first"))), "last.safetensors"),
            At("w.safetensors")
        );
        File.WriteAllText(At("names"), "^module -> \n");
        File.WriteAllText(At("sbatch"), $"#!/bin/sh\ncat > '{At("script")}'\necho 7\n");
        File.SetUnixFileMode(At("sbatch"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Environment.GetEnvironmentVariable("PATH");
        try
        {
            Environment.SetEnvironmentVariable("PATH", $"{folder}:{path}");
            string[] asked =
            [
                "table",
                "3",
                "--iterations",
                "1",
                "--slurm",
                "--backbone",
                At("w.safetensors"),
                "--mapping",
                At("names"),
                "--runs",
                At("runs"),
            ];
            Assert.Contains(
                "expected [64, 3, 7, 7]",
                Ran.Of([.. asked, "--scale", "paper"]).Complaint(),
                StringComparison.Ordinal
            );
            Assert.False(File.Exists(At("script")) || Directory.Exists(At("runs")));
            Assert.Contains(
                "Slurm has job 7: 6 tasks",
                Ran.Of([.. asked, "--pixels", "centred"]).Output,
                StringComparison.Ordinal
            );
            Assert.Contains(
                $"'--backbone' '{At("w.safetensors")}' '--mapping' '{At("names")}' '--pixels' 'Centred'",
                File.ReadAllText(At("script")),
                StringComparison.Ordinal
            );
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    [Fact]
    public void A_budget_too_small_for_one_row_says_what_is_enough()
    {
        var ran = Table("3", "--rows", "none", "--budget", "0.01s");
        Assert.Equal(Application.Unusable, ran.Code);
        Assert.Matches(
            @"^cmsa: --budget: a budget of 0 s is too small: .*; give at least \d+s, or fewer rows or seeds\n$",
            ran.Error
        );
    }

    [Fact]
    public void A_table_of_one_s_own_is_shown_by_a_program_without_arguments()
    {
        var own = new Cmsa.Models.Tables.Table(
            7,
            "Mine",
            [Cmsa.Models.Tables.Row.Of("Only one", Cmsa.Models.Paper.OnRes5)],
            [Cmsa.Models.Tables.Benchmark.GRef["val"]]
        );
        var ran = Ran.Of(() => Application.Run([], own));
        Assert.Equal(Application.Done, ran.Code);
        Assert.StartsWith("Table 7: Mine\n", ran.Output, StringComparison.Ordinal);
        Assert.Contains("Only one on scenes/gref, seed 0: not begun", ran.Output, StringComparison.Ordinal);
    }
}
