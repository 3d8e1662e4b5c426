using System.Diagnostics;
using Cmsa.Experiments.Tables;

namespace Cmsa.Experiments.Tests;

/// <summary>What is handed to Slurm; that Slurm takes it is tested by <c>tests/slurm.sh</c>.</summary>
public class SlurmTests
{
    [Fact]
    public void The_user_s_options_stand_last() =>
        Assert.Equal(
            [
                "--parsable",
                "--job-name=table3",
                "--array=0-2,5",
                "--requeue",
                "--open-mode=append",
                "--signal=B:TERM@120",
                "--output=/runs/slurm-%A_%a.log",
                "--partition=long",
                "--no-requeue",
            ],
            Slurm.Options("table3", [0, 1, 2, 5], "/runs", ["--partition=long", "--no-requeue"])
        );

    [Theory]
    [InlineData("4", 4), InlineData("0-3", 0, 1, 2, 3), InlineData("0,2,4-5,9", 0, 2, 4, 5, 9)]
    public void Numbers_are_written_as_ranges(string text, params int[] numbers) =>
        Assert.Equal(text, Slurm.Ranges([.. numbers]));

    [Fact]
    public void Tasks_beyond_the_longest_array_go_into_further_ones()
    {
        var arrays = Slurm.Arrays([0, 4, 5, 6, 9, 21], 5);
        Assert.Equal([0, 5, 20], arrays.Map(a => a.First));
        Assert.Equal(["0,4", "0-1,4", "1"], arrays.Map(a => Slurm.Ranges(a.Indices)));
        var many = Slurm.Arrays([.. Enumerable.Range(0, 2500)], 1001);
        Assert.Equal(["0-1000", "0-1000", "0-497"], many.Map(a => Slurm.Ranges(a.Indices)));
        Assert.Equal(Enumerable.Range(0, 2500), many.Bind(a => a.Indices.Map(index => a.First + index)));
    }

    [Theory]
    [InlineData("MaxAge = 5\nMaxArraySize            = 4001\nMaxJobs = 7\n", 4001)]
    [InlineData("MaxJobs = 7\n", 0), InlineData("MaxArraySize = many", 0), InlineData("MaxArraySize = 0", 0)]
    public void The_longest_array_is_read_from_the_configuration(string text, int size) =>
        Assert.Equal(size, Slurm.MaxArraySize(text).IfNone(0));

    [Theory, InlineData("plain"), InlineData("a folder/with 'quotes' and $HOME"), InlineData("")]
    public void The_script_becomes_the_program_with_its_words_as_they_are(string word)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var shell = Process.Start(
            new ProcessStartInfo("sh", ["-s"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                Environment = { ["SLURM_ARRAY_TASK_ID"] = "7" },
            }
        )!;
        shell.StandardInput.Write(Slurm.Script(["printf", "[%s]", word], first: 1001));
        shell.StandardInput.Close();
        Assert.Equal($"[{word}][--task][1008]", shell.StandardOutput.ReadToEnd());
    }
}
