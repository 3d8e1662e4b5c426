using System.Text.Json.Nodes;

namespace Cmsa.Cli.Tests;

/// <summary>What commands print for programs, and for people who want less.</summary>
[Collection(nameof(JsonTests))]
public sealed class JsonTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmsa").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("list", "models")]
    [InlineData("show Cmsa.Paper.Small", "model inputs layers total optimized stages")]
    [InlineData("diff Cmsa.Paper Cmsa.Released", "before after changes")]
    [InlineData("explain Cmsa.Paper.Small", "model training written optimized rules stages")]
    [InlineData("explain Cmsa.Paper.Small --why", "model rule law at refused")]
    [InlineData("check Cmsa.Paper", "model inputs fits output errors")]
    [InlineData("data scenes/unc", "name words splits skipped sheet")]
    [InlineData("table 3 --no-run", "number title steps rows differences unfinished written")]
    public void A_schema_is_what_it_was(string line, string members)
    {
        string[] rule = line.EndsWith("--why", StringComparison.Ordinal) ? ["fuse bias"] : [];
        var json = Json([.. line.Split(' '), .. rule, "--json"]);
        Assert.Equal($"cmsa.{line.Split(' ')[0]}", $"{json["schema"]}");
        Assert.Equal(1, json["version"]!.GetValue<int>());
        Assert.Equal(["schema", "version", .. members.Split(' ')], json.Select(member => member.Key));
    }

    [Fact]
    public void The_numbers_are_those_of_the_text()
    {
        var total = Json("show", "Cmsa.Paper.Small", "--json")["total"]!["parameters"]!.GetValue<long>();
        Assert.Contains(
            $"parameters: {total.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture)}",
            Ran.Of("show", "Cmsa.Paper.Small").Output,
            StringComparison.Ordinal
        );
        var listed = Json("list", "--json")["models"]!.AsArray().Select(m => $"{m!["name"]}");
        Assert.Superset(Models.Catalogues.Catalogue.All.Select(e => e.Name).ToHashSet(), listed.ToHashSet());
    }

    [Fact]
    public void What_does_not_fit_is_a_list_of_errors()
    {
        File.WriteAllText(
            Path.Combine(folder, "m.json"),
            Dsl.Json.Write(Dsl.Layers.Syntax.Conv(8, 3) >> Dsl.Layers.Syntax.Upsample(7))
        );
        var ran = Ran.Of("check", Path.Combine(folder, "m.json"), "--json", "--size", "16x16");
        var json = JsonNode.Parse(ran.Output)!.AsObject();
        Assert.Equal(ran.Code == Application.Done, json["fits"]!.GetValue<bool>());
        Assert.Equal(ran.Code == Application.Done, json["errors"]!.AsArray().Count == 0);
    }

    [Fact]
    public void An_error_is_one_line_with_json_too() => Ran.Of("show", "nothing", "--json").Complaint();

    [Fact]
    [Trait("Speed", "Slow")]
    public void Runs_are_listed_and_quiet_is_quiet()
    {
        var runs = Path.Combine(folder, "all runs");
        string[] line = ["train", "--iterations", "1", "--batch", "2", "--validate-on", "2", "--runs", runs];
        var quiet = Ran.Of([.. line, "--quiet"]);
        Assert.Equal((Application.Done, ""), (quiet.Code, quiet.Error));
        Assert.StartsWith("done after 1 steps", Assert.Single(quiet.Output.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);

        var run = Assert.Single(Directory.GetDirectories(runs));
        Assert.Contains($"next: cmsa eval '{run}'\n", Ran.Of(line).Output, StringComparison.Ordinal);
        var listed = Assert.Single(Json("runs", "--runs", runs, "--json")["runs"]!.AsArray())!;
        Assert.Equal((run, 1, 1), ($"{listed["path"]}", (int)listed["step"]!, (int)listed["iterations"]!));
        Assert.Contains(Path.GetFileName(run), Ran.Of("runs", "--runs", runs).Output, StringComparison.Ordinal);

        var scores = Json("eval", run, "--most", "2", "--json");
        Assert.Equal(2, (int)scores["scores"]![0]!["samples"]!);
        Assert.Equal("cmsa.eval", $"{scores["schema"]}");
    }

    [Fact]
    public void Runs_of_no_folder_are_an_error() =>
        Assert.Contains("no such folder", Ran.Of("runs", "--runs", Path.Combine(folder, "x")).Complaint(), StringComparison.Ordinal);

    [Fact]
    public void Lines_follow_the_columns()
    {
        var before = Environment.GetEnvironmentVariable("COLUMNS");
        try
        {
            Environment.SetEnvironmentVariable("COLUMNS", "110");
            Assert.All(Ran.Of("list").Output.Split('\n')[1..20], line => Assert.InRange(line.Length, 0, 110));
            Assert.All(Ran.Of("diff", "Cmsa.Paper", "Cmsa.Released").Output.Split('\n'), line => Assert.InRange(line.Length, 0, 110));
        }
        finally
        {
            Environment.SetEnvironmentVariable("COLUMNS", before);
        }
    }

    private static JsonObject Json(params string[] line)
    {
        var ran = Ran.Of(line);
        Assert.Equal((Application.Done, ""), (ran.Code, ran.Error));
        return JsonNode.Parse(ran.Output)!.AsObject();
    }
}
