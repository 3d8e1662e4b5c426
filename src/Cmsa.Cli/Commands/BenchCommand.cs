using System.CommandLine;
using System.Globalization;
using Cmsa.Benchmarks;
using Cmsa.Dsl;
using Cmsa.Dsl.Display;
using Cmsa.Dsl.Programs;
using Cmsa.Dsl.Torch;
using Cmsa.Models;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa bench [MODEL]</c>: as written, fused, optimised and by hand, side by side in one run.</summary>
public static class BenchCommand
{
    private static readonly Many<string> parts = ["attention", "model", "backbone", "growth"];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A name that 'cmsa list' shows, or a JSON file.", DefaultValueFactory = _ => "Cmsa.Paper" };
        var only = new System.CommandLine.Option<string[]>("--only") { Description = $"Some parts alone: {string.Join(", ", parts)}.", HelpName = "PART", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. parts] };
        only.AcceptOnlyFromAmong([.. parts]);
        var places = new System.CommandLine.Option<string>("--places") { Description = "Height and width of the attention's map.", HelpName = "HxW", DefaultValueFactory = _ => "40x40" };
        var width = Number("--width", "d, the width of the attention.", 512);
        var channels = Number("--channels", "Channels of the attention's map.", 2048);
        var runs = Number("--runs", "How many runs are timed at most.", 20);
        var limit = Number("--limit", "Seconds that one run may take; what would take longer is not tried.", 120);
        var output = new System.CommandLine.Option<string?>("--output", "-o") { Description = "One HTML file with all figures, and growth as plots.", HelpName = "FILE.html" };
        var precision = new System.CommandLine.Option<Precision>("--precision") { Description = "Float32, BFloat16, Float64.", HelpName = "PRECISION" };
        var device = Asked.Device();
        var command = new Command("bench",
            "Measures a model as written, with fused attention, optimised and by hand: time, memory, growth. Example: cmsa bench Cmsa.Paper --only attention -o bench.html")
        { model, only, places, width, channels, runs, limit, output, precision, device };
        var sizing = new Sizing(command);
        command.SetAction(line => Application.Exit(
            from entry in ModelArgument.Find(line.GetRequiredValue(model))
            from extent in sizing.Of(line, entry)
            from map in Sizing.Places("--places", line.GetRequiredValue(places))
            let options = new Options(line.GetRequiredValue(device), line.GetValue(precision))
            from usable in Compilation.Ready(options.Device).Match(Some: problem => Left<string, Unit>($"{problem}"), None: () => Right<string, Unit>(unit))
            let sizes = new AttentionSizes(map.Rows, map.Columns, sizing.Words(line).IfNone(20), line.GetValue(width), line.GetValue(channels))
            let spent = new Spending(line.GetValue(runs), TimeSpan.FromSeconds(line.GetValue(limit)))
            from done in Run([.. line.GetRequiredValue(only)], new Entry(entry.Name, entry.Description, entry.Layer, extent), sizes, options, spent, Optional(line.GetValue(output)))
            select done));
        return command;
    }

    private sealed record Spending(int Runs, TimeSpan Time);

    private static Either<string, int> Run(Many<string> asked, Entry model, AttentionSizes sizes, Options options, Spending spent, LanguageExt.Option<string> output)
    {
        var place = new Kernels.Place(torch.device(options.Device), options.Real);
        var rate = Product.Rate(place, TimeSpan.FromSeconds(5));
        var machine = $"{Machine.Described}, {options.Device}, {options.Precision}";
        Terminal.Write([new(machine), new($"a plain product of matrices: {Amounts.Rounded((long)rate)} multiply-adds/s", Look.Quiet), new(Rows.Text(Rows.Headings), Look.Heading)]);
        Many<Comparison> comparisons =
        [
            .. asked.Contains("attention") ? Bench.Attention(sizes, options, Limits()) : [],
            .. asked.Contains("backbone") ? Bench.Backbone(Subject.Backbone(Sizes.Paper.Backbone, Pictures(model.Extent).IfNone(Extent.Image(320, 320)))) : [],
            .. asked.Contains("model") ? Bench.Whole(Of(model)) : [],
        ];
        var tried = comparisons.Map(c => Shown(c, options, Limits, rate));
        var growths = asked.Contains("growth")
            ? ((Many<Func<Growth>>)[() => Growth.Words(sizes, options, Limits), () => Growth.Places(sizes, options, Limits)]).Map(grow => Shown(grow()))
            : [];
        return output.Match(
            Some: path => Files.Write(path, new Page(machine, rate, tried, growths).ToHtml()).Map(_ => Application.Done),
            None: () => Application.Done);

        Limits Limits() => new(spent.Runs, spent.Time, (long)(0.85 * Resident.Available), rate);
    }

    private static Many<Tried> Shown(Comparison comparison, Options options, Func<Limits> limits, double rate)
    {
        Terminal.Write([new(comparison.Subject.Name, Look.Heading)]);
        var tried = new List<Tried>();
        foreach (var one in comparison.Run(options, limits))
        {
            tried.Add(one);
            Terminal.Write([new(Rows.Text(Rows.Cells(one, tried[0].Median, rate)), one.Outcome.IsLeft ? Look.Quiet : Look.Plain)]);
        }
        Many<Tried> all = [.. tried];
        Terminal.Write([.. (Rows.Sentence(all).ToSeq() + Rows.Parts(all).ToSeq()).Map(text => new Line(text, Look.Quiet))]);
        return all;
    }

    private static Growth Shown(Growth growth)
    {
        Terminal.Write([new($"growth with the number of {growth.Of}", Look.Heading), .. Rows.Lines(growth).Map(text => new Line(text))]);
        return growth;
    }

    // The paper's model is the one that somebody has written by hand.
    private static Subject Of(Entry model) => model.Layer.Equals(Paper.Model(Sizes.Paper)) && model.Extent == Sizes.Paper.Extent
        ? Subject.Paper(Sizes.Paper)
        : new Subject($"{model.Name}, {model.Extent}", model.Layer, model.Extent);

    private static LanguageExt.Option<Extent> Pictures(Extent extent) => extent switch
    {
        Extent.Tensor(nameof(Image), _) => Some(extent),
        Extent.Both(var first, var second) => Pictures(first) || Pictures(second),
        _ => None,
    };

    private static System.CommandLine.Option<int> Number(string name, string description, int otherwise) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise };
}
