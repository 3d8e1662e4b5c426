using System.CommandLine;
using System.Globalization;
using Cmsa.Dsl;
using Cmsa.Models.Catalogues;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli;

/// <summary>
/// The sizes of a model's argument as a user gives them: the options <c>--size HxW</c> and <c>--words N</c>.
/// </summary>
public sealed class Sizing
{
    private static readonly Many<(string Name, int Channels)> levels = [("res3", 512), ("res4", 1024), ("res5", 2048)];
    private readonly System.CommandLine.Option<string?> size = new("--size")
    {
        Description = "Height and width of the picture, or of the map where there is no picture.",
        HelpName = "HxW",
    };
    private readonly System.CommandLine.Option<string?> words = new("--words")
    {
        Description = "How many words an expression has at most.",
        HelpName = "N",
    };

    /// <summary>The options added to a command.</summary>
    public Sizing(Command command)
    {
        command.Options.Add(size);
        command.Options.Add(words);
    }

    /// <summary>The sizes that the command line gives a model; the model's own where it says nothing.</summary>
    public Either<Error, InputSpec> Of(ParseResult line, Entry model) =>
        from places in Given(line.GetValue(size), text => Places("--size", text))
        from count in Given(line.GetValue(words), Count)
        from sized in places.Match(
            p => Changed(model, "--size", Resize(p.Rows, p.Columns, Pictures(model.Inputs))),
            () => Right<Error, Entry>(model)
        )
        from counted in count.Match(
            n => Changed(sized, "--words", (_, d) => d.Axis == Axis.Word ? n : d.Size),
            () => Right<Error, Entry>(sized)
        )
        select counted.Inputs;

    /// <summary>The number of words that the command line gives, if it gives one that can be used.</summary>
    public LanguageExt.Option<int> Words(ParseResult line) => Given(line.GetValue(words), Count).ToOption().Flatten();

    /// <summary>
    /// Sizes for a kind of argument of which nothing is known: 320x320 pixels, 20 words, 40x40 places, 64 channels, the
    /// levels of a ResNet-101.
    /// </summary>
    public static InputSpec Default(Kind kind) => Default(kind, 64);

    private static InputSpec Default(Kind kind, int channels) =>
        kind switch
        {
            Kind.Pair(var first, var second) => Default(first, channels) & Default(second, channels),
            Kind.Levels(var each) => new InputSpec.Each(levels.Map(l => (l.Name, Default(each, l.Channels)))),
            Kind.Tensor(var name, var axes) => new InputSpec.Tensor(
                name,
                new Shape(
                    axes.Map(axis => new Dimension(
                        axis,
                        (name, axis) switch
                        {
                            (nameof(Image), _) => axis == Axis.Channel ? 3 : 320,
                            (nameof(Mask), _) => 320,
                            _ => axis == Axis.Word ? 20
                            : axis == Axis.Channel ? channels
                            : 40,
                        }
                    ))
                )
            ),
            _ => throw new InvalidOperationException($"{kind} is a kind that nothing is known of."),
        };

    /// <summary>The shape of the picture among some inputs, if there is one.</summary>
    public static LanguageExt.Option<Shape> Picture(InputSpec inputs) =>
        inputs switch
        {
            InputSpec.Tensor(nameof(Image), var shape) => Some(shape),
            InputSpec.Both(var first, var second) => Picture(first) || Picture(second),
            _ => None,
        };

    private static Func<string, Dimension, int> Resize(int rows, int columns, bool pictures) =>
        (kind, d) =>
            pictures && kind != nameof(Image) ? d.Size
            : d.Axis == Axis.Row ? rows
            : d.Axis == Axis.Column ? columns
            : d.Size;

    private static bool Pictures(InputSpec inputs) =>
        inputs switch
        {
            InputSpec.Tensor(var kind, _) => kind == nameof(Image),
            InputSpec.Both(var first, var second) => Pictures(first) || Pictures(second),
            InputSpec.Each(var each) => each.Exists(l => Pictures(l.Inputs)),
            _ => false,
        };

    private static Either<Error, Entry> Changed(Entry model, string option, Func<string, Dimension, int> change) =>
        Has(model.Inputs, option == "--words" ? Axis.Word : Axis.Row)
            ? Right<Error, Entry>(model with { Inputs = Change(model.Inputs, change) })
            : new Error($"{model.Name} has no such size: it takes {model.Inputs}", option, "leave it out");

    private static InputSpec Change(InputSpec inputs, Func<string, Dimension, int> change) =>
        inputs switch
        {
            InputSpec.Tensor(var kind, var shape) => new InputSpec.Tensor(
                kind,
                new Shape(shape.Dimensions.Map(d => d with { Size = change(kind, d) }))
            ),
            InputSpec.Both(var first, var second) => Change(first, change) & Change(second, change),
            InputSpec.Each(var each) => new InputSpec.Each(each.Map(l => (l.Name, Change(l.Inputs, change)))),
            _ => inputs,
        };

    private static bool Has(InputSpec inputs, Axis axis) =>
        inputs switch
        {
            InputSpec.Tensor(_, var shape) => shape.Has(axis),
            InputSpec.Both(var first, var second) => Has(first, axis) || Has(second, axis),
            InputSpec.Each(var each) => each.Exists(l => Has(l.Inputs, axis)),
            _ => false,
        };

    private static Either<Error, LanguageExt.Option<T>> Given<T>(string? text, Func<string, Either<Error, T>> read) =>
        text is null ? Right<Error, LanguageExt.Option<T>>(None) : read(text).Map(Some);

    /// <summary>Height and width, as a user gives them.</summary>
    public static Either<Error, (int Rows, int Columns)> Places(string option, string text) =>
        text.ToLowerInvariant().Split('x') is [var rows, var columns]
        && Positive(rows) is { } height
        && Positive(columns) is { } width
            ? Right<Error, (int, int)>((height, width))
            : new Error($"{text} is no size", option, "write height and width, such as 320x320");

    private static Either<Error, int> Count(string text) =>
        Positive(text) is { } count
            ? Right<Error, int>(count)
            : new Error($"{text} is no number of words", "--words", "write such as 20");

    private static int? Positive(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : null;
}
