using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Cli.Tests;

/// <summary>
/// Nothing that is given on a command line or stands in a file is taken for something else in silence.
/// </summary>
public sealed class TrustTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmsa").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string file) => Path.Combine(folder, file);

    private string Written(string file, string text)
    {
        File.WriteAllText(At(file), text);
        return At(file);
    }

    [Theory]
    [InlineData("train", "--rate", "2,5")]
    [InlineData("train", "--rate", "0,00025")]
    [InlineData("train", "--clip", "1 000")]
    [InlineData("train", "--weight-decay", "1'000")]
    [InlineData("train", "--iterations", "1,000")]
    [InlineData("train", "--iterations", "1.5")]
    [InlineData("train", "--seed", "99999999999999999999")]
    [InlineData("train", "--rate", "NaN")]
    [InlineData("eval", "--most", "1,5", "nowhere")]
    [InlineData("report", "--most", "1,5", "nowhere")]
    [InlineData("data", "--samples", "1,5", "scenes/unc")]
    [InlineData("table", "--seeds", "1,5", "3")]
    [InlineData("table", "--iterations", "2,000", "3")]
    [InlineData("bench", "--width", "5,12")]
    [InlineData("show", "--depth", "1,5", "paper")]
    public void A_number_with_a_comma_or_no_number_is_refused(params string[] line)
    {
        var said = Ran.Of([.. line, .. line[0] is "train" or "table" ? ["--runs", folder] : Array.Empty<string>()])
            .Complaint();
        Assert.StartsWith($"cmsa: {line[1]}: {line[2]} is not a ", said, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void Every_option_of_a_number_or_a_name_is_checked()
    {
        var options = Application
            .Commands.SelectMany(command => command.Options.Select(option => (Command: command, Option: option)))
            .Where(o => Nullable.GetUnderlyingType(o.Option.ValueType) is { } || o.Option.ValueType.IsValueType)
            .Where(o => o.Option.ValueType != typeof(bool))
            .ToArray();
        Assert.True(options.Length > 20);
        foreach (var (command, option) in options)
        {
            string[] required = [.. command.Options.Where(o => o.Required).SelectMany(o => (string[])[o.Name, "x"])];
            var said = Ran.Of([command.Name, option.Name, "1,5", .. required]).Complaint();
            Assert.StartsWith($"cmsa: {option.Name}: ", said, StringComparison.Ordinal);
            Assert.DoesNotContain("System.", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_name_that_an_option_does_not_know_is_answered_with_those_it_knows()
    {
        Assert.StartsWith(
            "cmsa: --precision: there is no Float23; did you mean Float32?",
            Ran.Of("train", "--precision", "Float23", "--runs", folder).Complaint(),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "cmsa: --precision: there is no half of it; choose one of Float32, ",
            Ran.Of("train", "--precision", "half of it", "--runs", folder).Complaint(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_begins_with_an_at_sign_is_no_file_of_arguments()
    {
        var photo = Written("@photo.png", "no picture");
        Written("home", "--help");
        Assert.Equal(
            "cmsa: nowhere: there is no such run; give the folder that cmsa train has written",
            Ran.Of("predict", photo, "@home jersey", "--weights", "nowhere", "-o", At("m.png")).Complaint()
        );
        Assert.Contains("@home", Ran.Of("show", "@home").Complaint(), StringComparison.Ordinal);
    }

    [Fact]
    public void Control_characters_of_a_file_are_written_out()
    {
        var name = "x\e[31m\u202Ey";
        var model = Written(
            "model.json",
            Json.Write(Conv(4, 3) + Conv(5, 3).Named("plain")).Replace("plain", "x\\u001b[31m\\u202Ey")
        );
        foreach (
            var line in (string[][])
                [
                    ["check", model],
                    ["show", model],
                    ["show", name],
                    [name],
                ]
        )
        {
            var ran = Ran.Of(line);
            Assert.NotEqual(Application.Done, ran.Code);
            Assert.Contains("\\u001B[31m\\u202E", ran.Output + ran.Error, StringComparison.Ordinal);
            Assert.DoesNotContain('\e', ran.Output + ran.Error);
            Assert.DoesNotContain('\u202E', ran.Output + ran.Error);
        }
    }

    [Theory, InlineData("list"), InlineData("show", "paper"), InlineData("--help"), InlineData("show", "--help")]
    public void Output_that_cannot_be_written_ends_in_one_line(params string[] line)
    {
        var ran = Ran.Of(() =>
        {
            using var full = new Full();
            Console.SetOut(full);
            return Application.Run(line);
        });
        Assert.Equal(
            "cmsa: standard output cannot be written: no space left; free the disk it goes to, or send it elsewhere",
            ran.Complaint()
        );
    }

    [Fact]
    public void No_change_is_shortened_in_a_pipe()
    {
        var output =
            Ran.Of("diff", "Cmsa.Paper", "table2/rmi-lstm").Output + Ran.Of("diff", "ResNet-18", "paper").Output;
        Assert.DoesNotContain('…', output);
        Assert.DoesNotMatch(@"\d+ steps", output);
    }

    [Fact]
    public void An_exported_model_has_its_sizes()
    {
        var file = At("model.json");
        Assert.Equal(Application.Done, Ran.Of("export", "Cmsa.Paper.Small", "-o", file).Code);
        Assert.StartsWith("{\n  \"version\": 2,\n  \"inputs\": [", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Equal(Ran.Of("show", "Cmsa.Paper.Small").Output, Ran.Of("show", file).Output);
        var checkedAs = Ran.Of("check", file);
        Assert.Equal(Application.Done, checkedAs.Code);
        Assert.Contains("Image[3, 96, 96]", checkedAs.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_sizes_is_read_and_a_mask_of_another_size_does_not_fit_its_picture()
    {
        var small = Cmsa.Models.Catalogues.Catalogue.Find("Cmsa.Paper.Small").Match(entry => entry.Layer, _ => null!);
        var file = Written("old.json", Json.Write(small));
        var ran = Ran.Of("check", file);
        Assert.Equal(Commands.CheckCommand.Wrong, ran.Code);
        Assert.Equal(
            "a mask of 96x96 pixels; expected 320x320, as the picture; end the model with Upsample(320), or give "
                + "the size it was made for with --size\n",
            ran.Output
        );
        Assert.Equal(Application.Done, Ran.Of("check", file, "--size", "96x96").Code);
    }

    [Theory]
    [InlineData("\"version\": 2", "\"version\": 3", "later program")]
    [InlineData("\"version\": 2", "\"version\": \"2\"", "later program")]
    [InlineData("\"inputs\"", "\"input\"", "did you mean inputs?")]
    [InlineData("\"Tokens\": [12]", "\"Words\": [12]", "no size of Tokens")]
    [InlineData("[3, 96, 96]", "[3, 96]", "no size of Image")]
    [InlineData("[3, 96, 96]", "[3, 96, 0]", "no size of Image")]
    public void A_damaged_file_of_a_model_is_one_line(string found, string instead, string said)
    {
        var file = At("model.json");
        Ran.Of("export", "Cmsa.Paper.Small", "-o", file);
        var text = File.ReadAllText(file);
        Assert.Contains(found, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(found, instead, StringComparison.Ordinal));
        Assert.Contains(said, Ran.Of("show", file).Complaint(), StringComparison.Ordinal);
        Assert.Contains(said, Ran.Of("check", file).Complaint(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_without_a_plan_says_so() =>
        Assert.Contains(
            "no plan was made for this budget yet",
            Ran.Of("table", "3", "--budget", "5m", "--no-run", "--runs", folder).Complaint(),
            StringComparison.Ordinal
        );

    [Fact]
    public void Data_root_and_runs_mean_one_thing_in_every_command()
    {
        foreach (var name in (string[])["--data", "--root", "--runs"])
        {
            var meanings = Application
                .Commands.SelectMany(c => c.Options)
                .Where(o => o.Name == name || o.Aliases.Contains(name))
                .Select(o => (o.Name, o.HelpName, o.ValueType))
                .Distinct();
            Assert.Single(meanings);
        }
    }

    /// <summary>A disk without space.</summary>
    private sealed class Full : StringWriter
    {
        public override void Write(char value) => throw new IOException("no space left");

        public override void Write(string? value) => throw new IOException("no space left");

        public override void Write(char[] buffer, int index, int count) => throw new IOException("no space left");

        public override void WriteLine(string? value) => throw new IOException("no space left");
    }
}
