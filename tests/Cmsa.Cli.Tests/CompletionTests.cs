using System.Diagnostics;

namespace Cmsa.Cli.Tests;

/// <summary>What a shell offers after the Tab key.</summary>
public class CompletionTests
{
    [Theory]
    [InlineData("cmsa tr", "train")]
    [InlineData("cmsa show pho", "Cmsa.Photo")]
    [InlineData("cmsa diff Cmsa.Paper table3/cross", "table3/cross-terms", "table3/cross-terms.small")]
    [InlineData("cmsa train --model lav", "lavt", "lavt-small")]
    [InlineData("cmsa train --model=lav", "lavt", "lavt-small")]
    [InlineData("cmsa train --data scenes/unc", "scenes/unc", "scenes/unc+")]
    [InlineData("cmsa data scenes/g", "scenes/gref")]
    [InlineData("cmsa explain Cmsa.Paper --why fuse", "fuse attention", "fuse bias")]
    [InlineData("cmsa table 3 --scale tor", "torchvision")]
    [InlineData("cmsa train --precision b", "BFloat16")]
    [InlineData("cmsa completion z", "zsh")]
    public void Names_are_completed(string line, params string[] words) => Assert.Equal(words, Offered(line));

    [Fact]
    public void Every_preset_is_offered() =>
        Assert.Superset(
            Experiments.Specs.Preset.All.Select(p => p.Name).ToHashSet(),
            Offered("cmsa train --model ").ToHashSet()
        );

    [Fact]
    public void What_is_behind_the_cursor_does_not_count()
    {
        var ran = Ran.Of("[suggest:7]", "cmsa tr --model x");
        Assert.Equal((Application.Done, "train\n", ""), (ran.Code, ran.Output, ran.Error));
    }

    [Theory]
    [InlineData("")]
    [InlineData("cmsa nothing ")]
    [InlineData("cmsa train --nothing ")]
    [InlineData("cmsa show \"")]
    [InlineData("cmsa train --iterations=x")]
    public void A_line_that_cannot_be_completed_is_no_error(string line) =>
        Assert.Equal((Application.Done, ""), (Ran.Of("[suggest]", line).Code, Ran.Of("[suggest]", line).Error));

    [Fact]
    public void A_shell_that_is_not_known_is_one_line() =>
        Assert.Contains("there are bash, zsh, fish", Ran.Of("completion", "sh").Complaint(), StringComparison.Ordinal);

    [ShellFact("bash")]
    public void The_script_for_bash_is_one() => AssertScript("bash", "-n");

    [ShellFact("zsh")]
    public void The_script_for_zsh_is_one() => AssertScript("zsh", "-n");

    [ShellFact("fish")]
    public void The_script_for_fish_is_one() => AssertScript("fish", "--no-execute");

    private static void AssertScript(string shell, string check)
    {
        var script = Ran.Of("completion", shell);
        Assert.Equal((Application.Done, ""), (script.Code, script.Error));
        Assert.DoesNotContain("NAME", script.Output, StringComparison.Ordinal);
        var file = Path.GetTempFileName();
        File.WriteAllText(file, script.Output);
        using var process = Process.Start(new ProcessStartInfo(shell, [check, file]) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        File.Delete(file);
        Assert.Equal((0, ""), (process.ExitCode, said));
    }

    private static string[] Offered(string line) =>
        Ran.Of("[suggest]", line).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A test that needs a shell.</summary>
internal sealed class ShellFactAttribute : FactAttribute
{
    /// <summary>A test that needs a shell of this name.</summary>
    public ShellFactAttribute(string shell) =>
        Skip = File.Exists($"/usr/bin/{shell}") || File.Exists($"/bin/{shell}") ? null! : $"there is no {shell} here";
}
