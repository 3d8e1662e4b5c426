using System.CommandLine;
using System.Globalization;
using Cmsa.Benchmarks;
using Cmsa.Benchmarks.Figures;
using Cmsa.Benchmarks.Measuring;
using Cmsa.Dsl;
using Cmsa.Dsl.Display;
using Cmsa.Dsl.Torch;
using Cmsa.Models.Catalogues;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa bench [MODEL]</c>: as written, fused, optimised and by hand, side by side in one run.</summary>
public static class BenchCommand
{
    private static readonly Many<string> parts = ["attention", "backbone", "model", "growth"];
    private const string InOnnx = "onnx",
        InStages = "stages";
    private static readonly Many<string> alone = [InOnnx, InStages];

    /// <summary>The command.</summary>
    /// <param name="own">The models of this program, beside those of the catalogue.</param>
    public static Command Create(Many<Entry> own = default)
    {
        var model = new Argument<string>("MODEL")
        {
            Description =
                "What the part 'model' measures: a name that 'cmsa list' shows, or a JSON file. The part "
                + "'backbone' is always the paper's, at MODEL's picture size, and 'attention' and 'growth' have the "
                + "paper's widths unless --width and --channels say others.",
            DefaultValueFactory = _ => "Cmsa.Paper",
        };
        var only = new System.CommandLine.Option<string[]>("--only")
        {
            Description =
                $"Some parts alone: {string.Join(", ", parts)}; or {InOnnx}: MODEL, optimised, in TorchSharp and "
                + $"in ONNX Runtime, in turns; or {InStages}: what MODEL, of a picture and words, saves on several "
                + "expressions of a picture.",
            HelpName = "PART",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. parts],
        };
        var places = new System.CommandLine.Option<string>("--places")
        {
            Description = "Height and width of the attention's map.",
            HelpName = "HxW",
            DefaultValueFactory = _ => "40x40",
        };
        var width = Number("--width", "d, the width of the attention.", 512);
        var channels = Number("--channels", "Channels of the attention's map.", 2048);
        var runs = Number("--repeat", "How many times each way is run and timed at most.", 20);
        var limit = new System.CommandLine.Option<string>("--limit")
        {
            Description = "How long one run may take; what would take longer is not tried.",
            HelpName = "TIME",
            DefaultValueFactory = _ => "2m",
        };
        var output = new System.CommandLine.Option<string?>("--output", "-o")
        {
            Description = "One HTML file with all figures, and growth as plots.",
            HelpName = "FILE.html",
        };
        var precision = new System.CommandLine.Option<Precision>("--precision")
        {
            Description = "Float32, BFloat16, Float64.",
            HelpName = "PRECISION",
        };
        var device = Asked.Device();
        // What this program calls itself with: one trial, its figures as JSON.
        var one = new System.CommandLine.Option<string?>("--one") { Hidden = true };
        var command = new Command(
            "bench",
            "Measures a model as written, with fused attention, optimised and by hand: time, memory, growth. "
                + "Example: cmsa bench Cmsa.Paper --only attention -o bench.html"
        )
        {
            model,
            only,
            places,
            width,
            channels,
            runs,
            limit,
            output,
            precision,
            device,
            one,
        };
        var sizing = new Sizing(command);
        command.SetAction(line =>
            Application.Exit(
                from entry in ModelArgument.Find(own, line.GetRequiredValue(model))
                from extent in sizing.Of(line, entry)
                from asked in Known([.. line.GetRequiredValue(only)])
                from map in Sizing.Places("--places", line.GetRequiredValue(places))
                from time in Duration.Read(line.GetRequiredValue(limit), "--limit")
                let options = new Options(line.GetRequiredValue(device), line.GetValue(precision))
                from usable in Devices
                    .Problem(options.Device)
                    .Match(Some: problem => Left<Error, Unit>(problem), None: () => Right<Error, Unit>(unit))
                let plan = new Measuring(
                    new Entry(entry.Name, entry.Description, entry.Layer, extent),
                    new AttentionSizes(
                        map.Rows,
                        map.Columns,
                        sizing.Words(line).IfNone(20),
                        line.GetValue(width),
                        line.GetValue(channels)
                    ),
                    options,
                    line.GetValue(runs),
                    time,
                    line.Tokens.Select(t => t.Value).ToMany()
                )
                from done in Optional(line.GetValue(one))
                    .Match(Some: plan.One, None: () => Run(plan, asked, Optional(line.GetValue(output))))
                select done
            )
        );
        return command;
    }

    private static Either<Error, Many<string>> Known(Many<string> asked) =>
        asked
            .Find(part => !(parts + alone).Contains(part))
            .Match(
                Some: part =>
                    Left<Error, Many<string>>(
                        new($"{part} is no part", "--only", $"there are {string.Join(", ", parts + alone)}")
                    ),
                None: () => Right<Error, Many<string>>(asked)
            );

    private static Either<Error, int> Run(Measuring plan, Many<string> asked, LanguageExt.Option<string> output)
    {
        if (asked.Find(alone.Contains).Case is string single)
            return asked.Count > 1
                    ? new Error(
                        $"{single} stands alone",
                        "--only",
                        $"measure {string.Join(", ", asked.Filter(p => p != single))} in another run"
                    )
                : single == InOnnx ? Onnx(plan.Entry, plan.Runs)
                : Stages(plan);
        var rate = Product.Rate(plan.Place, TimeSpan.FromSeconds(5));
        var machine = $"{Machine.Described}, {plan.Options.Device}, {plan.Options.Precision}";
        Terminal.Write([
            new(machine),
            new($"a plain product of matrices: {Amounts.Rounded((long)rate)} multiply-adds/s", Look.Quiet),
            new(Rows.Text(Rows.Headings), Look.Heading),
        ]);
        var limits = plan.Limits(rate);
        Many<Comparison> comparisons =
        [
            .. asked.Contains("attention") ? Bench.Attention(plan.Attention, plan.Options, limits()) : [],
            .. asked.Contains("backbone") ? Bench.Backbone(plan.Backbone) : [],
            .. asked.Contains("model") ? Bench.Whole(plan.Model) : [],
        ];
        var tried = comparisons.Map(c => Shown(c, plan.Options, plan.Apart(limits), rate));
        var growths = asked.Contains("growth")
            ? ((Many<Func<AttentionSizes, Options, Measure, Growth>>)[Growth.Words, Growth.Places]).Map(grow =>
                Shown(grow(plan.Attention, plan.Options, plan.Apart(limits)))
            )
            : [];
        return output.Match(
            Some: path =>
                Files.Write(path, new Page(machine, rate, tried, growths).ToHtml()).Map(_ => Application.Done),
            None: () => Application.Done
        );
    }

    private static Either<Error, int> Stages(Measuring plan)
    {
        if (plan.Entry.Inputs is not InputSpec.Both(InputSpec.Tensor, InputSpec.Tensor))
            return new Error(
                $"{plan.Entry.Name} is no model of a picture and words",
                "MODEL",
                "name one, such as Cmsa.Paper"
            );
        var rate = Product.Rate(plan.Place, TimeSpan.FromSeconds(5));
        Terminal.Write([
            new($"{Machine.Described}, {plan.Options.Device}, {plan.Options.Precision}"),
            new($"a plain product of matrices: {Amounts.Rounded((long)rate)} multiply-adds/s", Look.Quiet),
            new($"{plan.Entry.Name}, {plan.Entry.Inputs}; the shortest of {plan.Runs} runs in turns", Look.Quiet),
            new($"{"", -54}{"apart", 10}{"shared", 10}{"shared / apart", 16}", Look.Heading),
        ]);
        return Sharing
            .Of(plan.Entry.Layer, plan.Entry.Inputs, plan.Options, plan.Runs)
            .Select(measured => measured.Map(one => Shown(one, rate)))
            .Aggregate(
                Right<Error, int>(Application.Done),
                (sofar, one) => from before in sofar from shown in one select before
            );
    }

    private static Unit Shown(Shared one, double rate)
    {
        Terminal.Write([
            new(Rows.Text(one)),
            .. Rows.AtRate(one, rate).Map(text => new Line(text, Look.Quiet)).ToMany(),
        ]);
        return unit;
    }

    private static Either<Error, int> Onnx(Entry entry, int runs) =>
        OnnxComparison
            .Of(entry.Layer, entry.Inputs, runs)
            .Map(compared =>
            {
                Terminal.Write([
                    new(
                        $"{Machine.Described}, {torch.get_num_threads()} threads, float32, the shortest of {runs} runs in turns",
                        Look.Quiet
                    ),
                    new(
                        $"{"model", -28}{"ONNX MB", 9}{"difference", 12}{"ours ms", 10}{"ONNX Runtime ms", 17}{"ratio", 7}",
                        Look.Heading
                    ),
                    new(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{entry.Name, -28}{compared.Bytes / 1e6, 9:0.0}{compared.Difference, 12:0.0e+0}"
                                + $"{compared.Ours.Least.TotalMilliseconds, 10:0.0}"
                                + $"{compared.Theirs.Least.TotalMilliseconds, 17:0.0}{compared.Ratio, 7:0.00}"
                        )
                    ),
                ]);
                return Application.Done;
            });

    private static Many<Tried> Shown(Comparison comparison, Options options, Measure measure, double rate)
    {
        Terminal.Write([new(comparison.Subject.Name, Look.Heading)]);
        var tried = new List<Tried>();
        foreach (var one in comparison.Run(options, measure))
        {
            tried.Add(one);
            Terminal.Write([
                new(Rows.Text(Rows.Cells(one, tried[0].Median, rate)), one.Outcome.IsLeft ? Look.Quiet : Look.Plain),
            ]);
        }
        Many<Tried> all = [.. tried];
        Terminal.Write([
            .. (Rows.Sentence(all).ToSeq() + Rows.Parts(all).ToSeq() + Rows.FallBacks(all).ToSeq()).Map(
                text => new Line(text, Look.Quiet)
            ),
        ]);
        return all;
    }

    private static Growth Shown(Growth growth)
    {
        Terminal.Write([
            new($"growth with the number of {growth.Of}", Look.Heading),
            .. Rows.Lines(growth).Map(text => new Line(text)),
        ]);
        return growth;
    }

    private static System.CommandLine.Option<int> Number(string name, string description, int otherwise) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => otherwise,
        };
}
